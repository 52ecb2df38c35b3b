"""A real mail server that misbehaves on command, behind a real pass: what the ledger says, what arrives."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from engine.store.database import reading
from engine.store.messages import channel_states, refusals
from engine.store.messages.channel_states import OPEN, RESTING
from engine.tick import TickResult, tick
from notifiers import open_channel
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, at, plan, task
from tests.notifiers.smtp_server import (
    CERTIFICATES,
    Action,
    Drip,
    Drop,
    Hang,
    Say,
    SayThenReset,
    SmtpSink,
    smtp_server,
)
from tests.store.databases import opened
from tests.tick.desk import Desk, address, desk_with

MONDAY = date(2023, 4, 3)
UNITS = (*COMMUNES, HOME_AFFAIRS, CULTURE)
SHORT = "slots=1&connect_timeout=0.8&read_timeout=0.8&timeout=1.5"  # seconds, where the server hangs
PATIENT = "slots=1&connect_timeout=10&read_timeout=10&timeout=20"  # where it must not fail on a busy machine


@dataclass(frozen=True)
class Row:
    """How the server misbehaves, and what the ledger says after the first pass.

    ``deliveries`` counts outcomes with their codes, ``states`` the messages; ``channel`` is its state and
    the number of failures in a row, ``refused`` how many addresses are. ``named`` of the messages may arrive
    twice, ``lost`` of them never.
    """

    step: str
    actions: Sequence[Action]
    deliveries: dict[tuple[str, int | None], int]
    states: dict[str, int]
    channel: tuple[str, int]
    refused: int = 0
    named: int = 0
    lost: int = 0


ROWS = {
    "accepts then hangs": Row(
        "BODY",
        [Hang()],
        {("unknown", None): 1, ("sent", 250): 4},
        {"queued": 1, "sent": 4},
        (OPEN, 0),
        named=1,
    ),
    "drops after the content": Row(
        "BODY",
        [Drop()],
        {("unknown", None): 1, ("sent", 250): 4},
        {"queued": 1, "sent": 4},
        (OPEN, 0),
        named=1,
    ),
    "takes no connection": Row(
        "CONNECT", [Hang()] * 3, {("temporary", None): 3}, {"queued": 5}, (RESTING, 3)
    ),
    "is busy": Row(
        "MAIL",
        [Say("421 4.3.2 Service shutting down")] * 6,
        {("temporary", 421): 3},
        {"queued": 5},
        (RESTING, 3),
    ),
    "4xx for the content": Row(
        "DATA",
        [Say("451 4.3.0 Try again later")] * 2,
        {("temporary", 451): 2, ("sent", 250): 3},
        {"queued": 2, "sent": 3},
        (OPEN, 0),
    ),
    "5xx for one of many recipients": Row(
        "RCPT",
        [Say("550 5.1.1 User unknown")],
        {("permanent", 550): 1, ("sent", 250): 4},
        {"failed": 1, "sent": 4},
        (OPEN, 0),
        refused=1,
        lost=1,
    ),
    "greylisting": Row(
        "RCPT",
        [Say("451 4.7.1 Greylisted, please try again in 5 minutes")] * 5,
        {("temporary", 451): 5},
        {"queued": 5},
        (OPEN, 0),
    ),
    "slow drip": Row(
        "MAIL",
        [Drip("250 OK", 0.4)] * 2,
        {("temporary", None): 2, ("sent", 250): 3},
        {"queued": 2, "sent": 3},
        (OPEN, 0),
    ),
    "250 then reset": Row(
        "BODY",
        [SayThenReset("250 2.0.0 Ok: queued")] * 5,
        {("sent", 250): 5},
        {"sent": 5},
        (OPEN, 0),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_the_ledger_says_of_a_server_that_misbehaves(name: str, ledger: Engine) -> None:
    row = ROWS[name]
    desk = desk_with(ledger, [plan(task(leads=UNITS))])
    slow = any(isinstance(action, Hang | Drip) for action in row.actions)
    with smtp_server() as server:
        url = f"smtp://127.0.0.1:{server.port}?{SHORT if slow else PATIENT}"
        server.will(row.step, *row.actions)
        first = pass_at(desk, url, at(MONDAY))
        assert deliveries(desk) == row.deliveries
        assert states(desk) == row.states
        assert channel(desk) == row.channel
        assert refused(desk) == row.refused
        assert first.unknown == row.named
        server.script.clear()
        calm(desk, f"smtp://127.0.0.1:{server.port}?{PATIENT}")
        # Who was refused and has no other way to be told is a line on the office's desk.
        lost = {"failed": row.lost, "no_channel": row.lost} if row.lost else {}
        assert states(desk) == {"sent": len(UNITS) - row.lost, **lost}
        assert_arrived(server, desk, row)


def test_a_server_that_is_not_who_it_says_gets_nothing(ledger: Engine) -> None:
    desk = desk_with(ledger, [plan(task(leads=UNITS))])
    trusted = CERTIFICATES / "localhost.pem"
    with smtp_server(tls="starttls", certificate="other") as wrong:
        url = f"smtp://localhost:{wrong.port}?starttls=yes&ca={trusted}&{PATIENT}"
        pass_at(desk, url, at(MONDAY))
        assert wrong.received == []
    assert deliveries(desk) == {("temporary", None): 3}
    assert (states(desk), channel(desk), refused(desk)) == ({"queued": 5}, (RESTING, 3), 0)
    with smtp_server(tls="starttls") as right:
        calm(desk, f"smtp://localhost:{right.port}?starttls=yes&ca={trusted}&{PATIENT}")
        assert_arrived(right, desk, ROWS["is busy"])


def pass_at(desk: Desk, url: str, now: datetime) -> TickResult:
    """One pass with a connection of its own, as cron would start it."""
    with closing(open_channel(url)) as mail:
        return tick(desk.store, desk.files, now, {mail.name: mail}, desk.worker, lambda: now)


def calm(desk: Desk, url: str) -> None:
    """Passes until nothing waits any more, now that the server behaves."""
    for minutes in (2, 6, 12, 20, 40):
        pass_at(desk, url, at(MONDAY) + timedelta(minutes=minutes))


def deliveries(desk: Desk) -> dict[tuple[object, object], int]:
    return dict(Counter((row[0], row[1]) for row in desk.rows("SELECT outcome, code FROM delivery")))


def states(desk: Desk) -> dict[object, int]:
    return dict(Counter(state for (state,) in desk.rows("SELECT state FROM message")))


def channel(desk: Desk) -> tuple[str, int]:
    with reading(desk.store) as connection:
        state = channel_states.everything(connection)["email"]
    return state.state, state.failures


def refused(desk: Desk) -> int:
    with reading(desk.store) as connection:
        return len(refusals.everything(connection))


def assert_arrived(server: SmtpSink, desk: Desk, row: Row) -> None:
    """Every message exactly once, but for what is named unknown and what was refused."""
    times = Counter(mail.recipients[0] for mail in server.received)
    twice = {to for to, n in times.items() if n > 1}
    unknown = {
        str(to)
        for (to,) in desk.rows(
            "SELECT address FROM message JOIN delivery ON message = message.id WHERE outcome = 'unknown'"
        )
    }
    assert twice <= unknown
    assert len(unknown) == row.named
    assert set(times) <= set(map(address, UNITS))
    assert len(times) == len(UNITS) - row.lost


@pytest.fixture
def ledger(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """A database of its own; what the other kind of database does is the business of test_channels."""
    shutil.copyfile(migrated_sqlite, tmp_path / "dondoc.db")
    with opened(f"sqlite:///{tmp_path / 'dondoc.db'}") as engine:
        yield engine
