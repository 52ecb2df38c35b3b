"""Several slots side by side: one that hangs, breaks or is told to stop costs nobody else anything."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, event, text

from engine.notices.wording import LINK_TO_COME
from engine.sending.terms import Onlooker
from engine.store.database import DatabaseUnavailable, writing
from engine.tick import TickResult, tick
from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome, Status
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, TOWN, at, plan, task
from tests.tick.desk import SENT, Desk, FarEnd, address, desk_with

MONDAY = date(2023, 4, 3)
UNITS = (*COMMUNES, TOWN, HOME_AFFAIRS, CULTURE)
PATIENCE = 20  # seconds, on a machine that is busy; nothing waits as long


def office(store: Engine, slots: int, units: tuple[str, ...] = UNITS) -> Desk:
    desk = desk_with(store, [plan(task(leads=units))])
    desk.far_end.slots = slots
    desk.tick(MONDAY, silent=True)
    return desk


def pass_with(desk: Desk, *channels: FarEnd, onlooker: Onlooker = Onlooker()) -> TickResult:  # noqa: B008
    now = at(MONDAY, 9, 1)
    by_name = {channel.name: channel for channel in channels}
    return tick(desk.store, desk.files, now, by_name, desk.worker, lambda: now, onlooker=onlooker)


def test_slots_share_the_work_and_send_everything_once(store: Engine) -> None:
    desk = office(store, 4)
    heard: list[int] = []
    onlooker = Onlooker(progress=lambda _words, percent: heard.append(percent))
    result = pass_with(desk, desk.far_end, onlooker=onlooker)
    assert (result.sent, result.deferred) == (len(UNITS), 0)
    assert desk.far_end.recipients() == sorted(map(address, UNITS))
    assert desk.deliveries() == [(1, "sent")] * len(UNITS)
    assert heard == sorted(heard)
    assert heard[0] == 0
    assert result.by_channel["email"].sent == len(UNITS)


def test_one_that_hangs_costs_one_slot(store: Engine) -> None:
    desk = office(store, 2)
    everybody_else = threading.Event()

    def hang(message: OutgoingMessage) -> None:
        if message.recipient.value == address(UNITS[0]):
            assert everybody_else.wait(PATIENCE)
        elif len(desk.far_end.tried) == len(UNITS) - 2:  # this one is the last of the others
            everybody_else.set()

    desk.far_end.meanwhile = hang
    assert pass_with(desk, desk.far_end).sent == len(UNITS)
    assert everybody_else.is_set()


def test_a_channel_that_hangs_delays_no_other(store: Engine) -> None:
    desk = office(store, 1)
    with writing(store) as connection:
        moved = f"UPDATE message SET channel = 'zalo' WHERE address = '{address(UNITS[0])}'"
        connection.execute(text(moved))
    chat = FarEnd()
    chat.name = "zalo"
    mails_are_out = threading.Event()
    chat.meanwhile = lambda _: assert_true(mails_are_out.wait(PATIENCE))
    arrived = desk.far_end.arrived
    desk.far_end.meanwhile = lambda _: mails_are_out.set() if len(arrived) == len(UNITS) - 2 else None
    result = pass_with(desk, chat, desk.far_end)
    assert {name: tally.sent for name, tally in result.by_channel.items()} == {
        "zalo": 1,
        "email": len(UNITS) - 1,
    }


def assert_true(holds: bool) -> None:
    assert holds


def test_a_channel_that_breaks_its_word_costs_one_message(store: Engine) -> None:
    desk = office(store, 3)

    def break_down(message: OutgoingMessage) -> None:
        if message.recipient.value == address(UNITS[0]):
            raise RuntimeError("không ai biết")

    desk.far_end.meanwhile = break_down
    result = pass_with(desk, desk.far_end)
    assert (result.sent, result.unknown) == (len(UNITS) - 1, 1)
    [(detail,)] = desk.rows("SELECT detail FROM delivery WHERE outcome = 'unknown'")
    assert detail == "Kênh gửi gặp lỗi ngoài dự kiến (RuntimeError)"


@pytest.mark.parametrize("slots", [1, 3])
def test_what_is_not_sent_when_told_to_stop_stays_untried(store: Engine, slots: int) -> None:
    desk = office(store, slots)
    stop = threading.Event()
    desk.far_end.meanwhile = lambda _: stop.set()
    result = pass_with(desk, desk.far_end, onlooker=Onlooker(goes_on=lambda: not stop.is_set()))
    sent = len(desk.far_end.arrived)
    assert 1 <= sent <= slots
    assert (result.sent, result.deferred) == (sent, len(UNITS) - sent)
    assert desk.deliveries() == [(1, "sent")] * sent
    assert desk.rows("SELECT DISTINCT attempts FROM message WHERE state = 'queued'") == [(0,)]
    stop.clear()
    desk.far_end.meanwhile = None
    assert pass_with(desk, desk.far_end).sent == len(UNITS) - sent


def test_what_the_far_end_said_is_kept_when_the_next_claim_fails(store: Engine) -> None:
    desk = office(store, 1)

    def refuse(*call: object) -> None:
        if desk.far_end.arrived and str(call[2]).startswith("INSERT INTO delivery"):
            raise DatabaseUnavailable("Đĩa đầy")

    event.listen(store, "before_cursor_execute", refuse)
    with pytest.raises(DatabaseUnavailable, match="Đĩa đầy"):
        pass_with(desk, desk.far_end)
    event.remove(store, "before_cursor_execute", refuse)
    assert desk.deliveries() == [(1, "sent")]
    assert pass_with(desk, desk.far_end).sent == len(UNITS) - 1
    assert len(desk.far_end.arrived) == len(UNITS)


# --- what goes out ---------------------------------------------------------------------------------------


def test_a_message_that_is_only_for_information_can_be_unsubscribed_from(store: Engine) -> None:
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE)))])
    desk.files = replace(desk.files, base_url="https://don-doc.test")
    desk.tick(MONDAY, silent=True)
    with writing(store) as connection:
        copy = f"UPDATE message SET copies = true WHERE address = '{address(CULTURE)}'"
        connection.execute(text(copy))
    pass_with(desk, desk.far_end)
    [mail] = desk.far_end.to(CULTURE)
    [token] = set(re.findall(r"/u/([A-Za-z0-9_-]{43})", mail.text))
    assert dict(mail.headers) == {
        "List-Unsubscribe": f"<https://don-doc.test/u/{token}/tin-de-biet>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    [owed] = desk.far_end.to(HOME_AFFAIRS)
    assert dict(owed.headers) == {}, "what a unit owes cannot be unsubscribed from"


def test_a_template_gets_the_bare_token_and_a_letter_its_files(store: Engine) -> None:
    desk = office(store, 1, (HOME_AFFAIRS,))
    with writing(store) as connection:
        facts = f'{{"so_viec": "5", "lien_ket": "{LINK_TO_COME}"}}'
        connection.execute(text("UPDATE message SET facts = :facts"), {"facts": facts})
        file = "INSERT INTO attachment SELECT id, 'bang.csv', 'text/csv', :content FROM message"
        connection.execute(text(file), {"content": b"a,b"})
    pass_with(desk, desk.far_end)
    [message] = desk.far_end.arrived
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", message.facts["lien_ket"])
    assert message.facts["so_viec"] == "5"
    assert [(a.name, a.media_type, a.content) for a in message.attachments] == [
        ("bang.csv", "text/csv", b"a,b")
    ]


@pytest.mark.parametrize("outcome", [SENT, Outcome(Status.UNKNOWN)])
def test_a_code_that_fits_no_column_stops_nobody(store: Engine, outcome: Outcome) -> None:
    desk = office(store, 1)
    desk.far_end.will(UNITS[0], replace(outcome, code=10**15))
    result = pass_with(desk, desk.far_end)
    assert result.sent + result.unknown == len(UNITS)
