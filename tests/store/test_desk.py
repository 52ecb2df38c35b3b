"""The notification desk's numbers and pages, on both databases, against a plain reading of all messages."""

from __future__ import annotations

import random
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from engine.store.database import reading, writing
from engine.store.messages.desk import DeskFilter, DeskState, counts, desk, desk_state, recipients
from engine.store.messages.desk_pages import page_of
from engine.store.messages.resending import Overtaken, Resending, mark_received, outlook, resend
from engine.store.tables import DeliveryRow, MessageRow

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]

NOW = datetime(2023, 6, 15, 3, 7, tzinfo=UTC)
TODAY = date(2023, 6, 15)
STATES = ("queued", "sending", "sent", "failed", "no_channel", "replaced")


def row(id: str, day: date = TODAY, state: str = "sent", **more: Any) -> dict[str, Any]:
    values = {
        "id": id,
        "channel": "email",
        "address": f"{id}@thu.test",
        "recipient": "huyen.mot",
        "day": day,
        "subject": "1 việc",
        "text": "Kính gửi",
        "html": "",
        "created_at": NOW - timedelta(hours=2),
        "state": state,
        "not_before": NOW - timedelta(hours=2),
        "attempts": 1,
        "failures": 6,
        "in_doubt": False,
        "sent_at": NOW - timedelta(hours=2) if state == "sent" else None,
    }
    return values | more


def add(store: Engine, *rows: dict[str, Any]) -> None:
    with writing(store) as connection:
        connection.execute(insert(_MESSAGE), list(rows))


def test_counts_and_pages_agree_with_a_plain_reading(store: Engine) -> None:
    dice = random.Random(8)
    units = [f"huyen.x{n}" for n in range(12)]
    made = [
        row(
            f"2023{n:05}",
            TODAY - timedelta(days=dice.randrange(6)),
            dice.choice(STATES),
            recipient="; ".join(sorted(dice.sample(units, dice.choice((1, 1, 2))))),
            in_doubt=dice.random() < 0.3,
        )
        for n in range(400)
    ]
    add(store, *made)
    made.sort(key=lambda r: (-r["day"].toordinal(), r["recipient"], r["id"]))
    some = [m["recipient"] for m in made if "huyen.x3" in m["recipient"].split("; ")]
    filters = [
        DeskFilter(),
        DeskFilter(first=TODAY - timedelta(days=2)),
        DeskFilter(last=TODAY - timedelta(days=3)),
        DeskFilter(recipients=some),
        DeskFilter(recipients=()),
        DeskFilter(recipients=some, first=TODAY - timedelta(days=4), last=TODAY - timedelta(days=1)),
        DeskFilter(address="202300007@thu.test"),
        DeskFilter(id="2023001"),
    ]
    with reading(store) as connection:
        assert sorted(recipients(connection, None, None)) == sorted({m["recipient"] for m in made})
        for wanted in filters:
            by_state = counts(connection, wanted)
            for state in (None, *DeskState):
                asked = DeskFilter(
                    wanted.first, wanted.last, state, wanted.recipients, wanted.address, wanted.id
                )
                expected = [m["id"] for m in made if _fits(m, asked)]
                total = by_state[state] if state else sum(by_state.values())
                assert total == len(expected)
                assert _walk(connection, asked) == expected


def _fits(m: dict[str, Any], f: DeskFilter) -> bool:
    return (
        (f.first is None or m["day"] >= f.first)
        and (f.last is None or m["day"] <= f.last)
        and (f.recipients is None or m["recipient"] in f.recipients)
        and (f.address is None or m["address"] == f.address)
        and (f.id is None or m["id"].startswith(f.id))
        and (f.state is None or desk_state(m["state"], m["in_doubt"]) is f.state)
    )


def _walk(connection: Any, asked: DeskFilter) -> list[str]:
    """All pages forwards; each step back must lead to the page that one came from."""
    found: list[str] = []
    page = page_of(connection, asked, 70)
    while True:
        found += [r.id for r in page.rows]
        if not page.older:
            return found
        before, page = page, page_of(connection, asked, 70, after=page.rows[-1].id)
        back = page_of(connection, asked, 70, before=page.rows[0].id)
        assert back.rows == before.rows


def test_the_desk_counts_each_message_once(store: Engine) -> None:
    add(
        store,
        row("a", state="failed"),
        row("b", state="failed", in_doubt=True),
        row("c", state="queued", in_doubt=True),
        row("d", state="sent", in_doubt=True),
        row("e", state="no_channel"),
    )
    with reading(store) as connection:
        found = desk(connection)
    assert (found.failed, found.in_doubt, found.no_channel) == (1, 2, 1)


# --- sending again ---------------------------------------------------------------------------------------

SLOT_END = datetime(2023, 6, 15, 3, 15, tzinfo=UTC)
TOMORROW = datetime(2023, 6, 15, 17, tzinfo=UTC)  # midnight in Viet Nam
YESTERDAY = TODAY - timedelta(days=1)

OUTLOOKS = [
    (row("m", state="failed"), None, (Resending.REWORDED, SLOT_END, False)),
    (row("m", YESTERDAY, "failed"), None, (Resending.REWORDED, SLOT_END, False)),
    (row("m", YESTERDAY, "failed"), row("o", address="m@thu.test"), (Resending.REWORDED, TOMORROW, True)),
    (
        row("m", YESTERDAY, "failed"),
        row("o", address="m@thu.test", state="replaced", sent_at=None),
        (Resending.REWORDED, SLOT_END, False),
    ),
    (
        row("m", YESTERDAY, "failed"),
        row("o", TODAY - timedelta(days=2), address="m@thu.test", sent_at=NOW - timedelta(days=1)),
        (Resending.REWORDED, SLOT_END, False),
    ),
    (row("m", state="queued", in_doubt=True), None, (Resending.VERBATIM, NOW, False)),
    (
        row("m", YESTERDAY, "failed", in_doubt=True),
        row("o", address="m@thu.test"),
        (Resending.VERBATIM, TOMORROW, True),
    ),
]


@pytest.mark.parametrize(("own", "other", "expected"), OUTLOOKS)
def test_a_resend_keeps_one_message_a_day(
    store: Engine,
    own: dict[str, Any],
    other: dict[str, Any] | None,
    expected: tuple[Resending, datetime, bool],
) -> None:
    add(store, own, *([other] if other else []))
    with reading(store) as connection:
        told = outlook(connection, "m", NOW, 15)
    with writing(store) as connection:
        done = resend(connection, "m", 1, NOW, 15)
        state, not_before, failures = connection.execute(
            select(_MESSAGE.c.state, _MESSAGE.c.not_before, _MESSAGE.c.failures).where(_MESSAGE.c.id == "m")
        ).one()
    assert told == done
    assert (done.kind, done.not_before, done.taken) == expected
    assert (state, not_before, failures) == ("queued", expected[1], 0)


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "no_channel", "replaced"])
def test_nothing_else_is_sent_again(store: Engine, state: str) -> None:
    add(store, row("m", state=state))
    with reading(store) as connection:
        assert outlook(connection, "m", NOW, 15) is None
    with writing(store) as connection, pytest.raises(Overtaken):
        resend(connection, "m", 1, NOW, 15)
    with writing(store) as connection, pytest.raises(Overtaken):
        mark_received(connection, "m", 1, NOW)


def test_what_arrived_counts_from_when_it_was_tried(store: Engine) -> None:
    add(store, row("m", YESTERDAY, "queued", in_doubt=True, attempts=2))
    tried = NOW - timedelta(hours=20)
    with writing(store) as connection:
        attempts = [
            {"message": "m", "attempt": 1, "started_at": tried, "outcome": "unknown", "detail": ""},
            {"message": "m", "attempt": 2, "started_at": NOW, "outcome": "temporary", "detail": ""},
        ]
        connection.execute(insert(_DELIVERY), attempts)
        assert mark_received(connection, "m", 2, NOW) == tried
    with reading(store) as connection:
        [found] = page_of(connection, DeskFilter(), 10).rows
    assert (found.state, found.sent_at) == (DeskState.SENT, tried)


def test_two_people_deciding_at_once_one_wins(store: Engine) -> None:
    add(store, row("m", YESTERDAY, "failed", in_doubt=True))
    gate = threading.Barrier(4)
    ends: list[str] = []

    def decide(what: str) -> None:
        gate.wait()
        try:
            with writing(store) as connection:
                if what == "resend":
                    resend(connection, "m", 1, NOW, 15)
                else:
                    mark_received(connection, "m", 1, NOW)
            ends.append(what)
        except Overtaken:
            ends.append("overtaken")

    threads = [
        threading.Thread(target=decide, args=(w,)) for w in ("received", "resend", "received", "resend")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store) as connection:
        [found] = page_of(connection, DeskFilter(), 10).rows
    assert ends.count("received") == 1
    assert found.state is DeskState.SENT
