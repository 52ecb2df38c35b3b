"""The whole way with real channels: a mail server, Zalo's bot and ZNS on this machine, one office."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from engine.store.access.vault import DatabaseVault, plant
from engine.store.database import reading, writing
from engine.store.messages import channel_states, refusals
from engine.store.people.contacts import HEAD, Contact
from engine.tick import TickResult, tick
from engine.worker import is_dead, this_worker
from notifiers import open_channel
from notifiers.channel import Channel
from notifiers.registry import kind_of, open_kind
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, OFFICE, at, in_force, plan, said, task
from tests.far_end.zalo import Zalo, zalo
from tests.notifiers.smtp_server import SmtpSink, smtp_server
from tests.tick.desk import Desk, desk_with

MONDAY, TUESDAY = date(2023, 4, 3), date(2023, 4, 4)
CHAT, PHONE, OTHER = "991", "84900000001", "84900000002"
KEY = "mot-khoa-bi-mat-dai-hon-ba-muoi-hai-ky-tu"
WORK = {
    HOME_AFFAIRS: f"an-2023:pl1-1:{HOME_AFFAIRS}",
    CULTURE: f"an-2023:pl1-2:{CULTURE}",
    COMMUNES[0]: f"an-2023:pl1-3:{COMMUNES[0]}",
}


@pytest.fixture
def far_end() -> Iterator[Zalo]:
    with zalo() as running:
        yield running


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def channels(store: Engine, far_end: Zalo, sink: SmtpSink) -> Iterator[dict[str, Channel]]:
    with writing(store) as connection:
        plant(connection, "zns", "refresh-0", KEY, at(MONDAY))
    vault = DatabaseVault(store, "zns", KEY, this_worker(), is_dead, lambda: at(MONDAY))
    found: dict[str, Channel] = {
        "email": open_channel(f"smtp://127.0.0.1:{sink.port}?from=dondoc@huyen.test")
    }
    for name in ("zalo", "zns"):
        kind = kind_of(name)
        assert kind is not None
        found[name] = open_kind(kind, far_end.settings(), vault)
    yield found
    for channel in found.values():
        channel.close()


def an_office(store: Engine) -> Desk:
    """Three units late with a task each: told by the bot, by ZNS and then by mail, by ZNS alone."""
    people = (
        Contact(HOME_AFFAIRS, HEAD, "Trưởng phòng", "a@thu.test", zalo=CHAT, channels=("zalo",)),
        Contact(CULTURE, HEAD, "", "b@thu.test", phone=PHONE, channels=("zns", "email")),
        Contact(COMMUNES[0], HEAD, "", "", phone=OTHER),
        Contact(OFFICE, HEAD, "", "office@thu.test"),
    )
    tasks = (task(), task("pl1-2", leads=(CULTURE,)), task("pl1-3", leads=(COMMUNES[0],)))
    return desk_with(store, [plan(*tasks)], people)


def a_pass(desk: Desk, channels: dict[str, Channel], day: date, hour: int = 9, minute: int = 0) -> TickResult:
    now: datetime = at(day, hour, minute)
    files = replace(in_force(), base_url="https://don-doc.example")
    return tick(desk.store, files, now, channels, this_worker(), lambda: now)


def states(desk: Desk) -> dict[tuple[str, str], str]:
    rows = desk.rows("SELECT channel, address, state FROM message")
    return {(str(channel), str(address)): str(state) for channel, address, state in rows}


def test_each_person_is_told_their_own_way(
    store: Engine, channels: dict[str, Channel], far_end: Zalo, sink: SmtpSink
) -> None:
    desk = an_office(store)
    a_pass(desk, channels, MONDAY)
    [said_by_bot] = far_end.said
    assert said_by_bot["chat_id"] == CHAT
    assert "quá hạn" in said_by_bot["text"]
    assert len(said_by_bot["text"]) <= 2000
    assert re.search(r"https://don-doc\.example/u/[\w-]{43}", said_by_bot["text"])
    by_phone = {each["phone"]: each["template_data"] for each in far_end.sent}
    assert set(by_phone) == {PHONE, OTHER}
    assert by_phone[PHONE]["so_viec"] == 1
    assert re.fullmatch(r"[\w-]{43}", by_phone[PHONE]["lien_ket"])
    assert by_phone[PHONE]["han_gan_nhat"] == "31/03/2023"
    told = {recipient for mail in sink.received for recipient in mail.recipients}
    assert not told & {"a@thu.test", "b@thu.test"}
    assert {state for (channel, _), state in states(desk).items() if channel != "none"} == {"sent"}


def test_a_number_without_zalo_is_told_by_mail_the_same_day(
    store: Engine, channels: dict[str, Channel], far_end: Zalo, sink: SmtpSink
) -> None:
    desk = an_office(store)
    far_end.will(PHONE, -118)
    a_pass(desk, channels, MONDAY)
    a_pass(desk, channels, MONDAY, 9, 15)
    assert [mail.recipients for mail in sink.received if "b@thu.test" in mail.recipients] == [("b@thu.test",)]
    with reading(store) as connection:
        assert ("zns", PHONE) in refusals.everything(connection)
    for minute in (30, 45):
        a_pass(desk, channels, MONDAY, 9, minute)
    a_pass(desk, channels, TUESDAY)
    assert far_end.asked[PHONE] == 1


def test_a_number_without_zalo_and_without_mail_is_a_line_on_the_desk(
    store: Engine, channels: dict[str, Channel], far_end: Zalo
) -> None:
    desk = an_office(store)
    far_end.will(OTHER, -118)
    a_pass(desk, channels, MONDAY)
    a_pass(desk, channels, MONDAY, 9, 15)
    assert [address for channel, address in states(desk) if channel == "none" and "contact:" in address]
    with writing(store) as connection:
        refusals.clear(connection, "zns", OTHER)
    a_pass(desk, channels, MONDAY, 9, 30)
    assert far_end.arrivals().total() == 2
    assert far_end.asked[OTHER] == 2


def test_no_money_stops_zns_and_mail_takes_over_where_it_can(
    store: Engine, channels: dict[str, Channel], far_end: Zalo, sink: SmtpSink
) -> None:
    desk = an_office(store)
    far_end.will(PHONE, -115)
    far_end.will(OTHER, -115)
    a_pass(desk, channels, MONDAY)
    with reading(store) as connection:
        assert channel_states.everything(connection)["zns"].state == channel_states.STOPPED
    a_pass(desk, channels, MONDAY, 9, 15)
    assert [mail for mail in sink.received if "b@thu.test" in mail.recipients]
    assert far_end.sent == []
    with writing(store) as connection:
        assert channel_states.resume(connection, "zns", at(MONDAY, 9, 20))
    a_pass(desk, channels, MONDAY, 9, 30)
    assert [each["phone"] for each in far_end.sent] == [OTHER]


def test_what_zns_may_have_taken_is_never_sent_again(
    store: Engine, channels: dict[str, Channel], far_end: Zalo
) -> None:
    desk = an_office(store)
    far_end.will(OTHER, "lost")
    for hour in (9, 10, 11, 14, 16):
        a_pass(desk, channels, MONDAY, hour)
    assert set(far_end.arrivals().values()) == {1}
    [row] = desk.rows(f"SELECT state, in_doubt FROM message WHERE address = '{OTHER}'")
    assert (row[0], bool(row[1])) == ("failed", True)


def test_work_done_meanwhile_takes_back_what_waits_for_a_channel(
    store: Engine, channels: dict[str, Channel], far_end: Zalo
) -> None:
    desk = an_office(store)
    far_end.will("template", -100, -100, -100)
    a_pass(desk, channels, MONDAY)
    desk.say(said(WORK[COMMUNES[0]], "done", MONDAY))
    for hour in (10, 12, 16):
        a_pass(desk, channels, MONDAY, hour)
    assert OTHER not in {each["phone"] for each in far_end.sent}
    assert PHONE in {each["phone"] for each in far_end.sent}
