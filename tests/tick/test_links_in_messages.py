"""Each message carries a link of its own, made when it is sent; no stored message holds a token."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from engine.notices.wording import LINK_TO_COME
from engine.store.access import links
from engine.store.database import reading
from engine.store.people.contacts import HEAD, Contact
from engine.store.work import unit_work
from engine.store.work.unit_work import Why
from tests.cast import CALENDAR, CULTURE, HOME_AFFAIRS, OFFICE, at, book, in_force, plan, task
from tests.tick.desk import PERMANENT, TEMPORARY, UNKNOWN, Desk, address, desk_with

MONDAY = date(2023, 4, 3)
SITE = "https://don-doc.test"
_LINK = re.compile(rf"{SITE}/u/([A-Za-z0-9_-]{{43}})")


def desk_of(store: Engine, *people: Contact | str, leads: tuple[str, ...] = (HOME_AFFAIRS,)) -> Desk:
    desk = desk_with(store, [plan(task(leads=leads))], people or leads)
    return replace(desk, files=replace(in_force(), base_url=SITE))


def token_in(text: str) -> str:
    found = _LINK.findall(text)
    assert len(set(found)) == 1, text
    token: str = found[0]
    return token


def link_behind(desk: Desk, token: str, day: date = MONDAY) -> links.Link | None:
    with reading(desk.store) as connection:
        return links.find(connection, token, at(day))


def test_the_link_opens_the_page_of_those_who_were_told(store: Engine) -> None:
    head = Contact(HOME_AFFAIRS, HEAD, "Trưởng phòng", address(HOME_AFFAIRS))
    desk = desk_of(store, head)
    desk.tick(MONDAY)
    [mail] = desk.far_end.arrived
    link = link_behind(desk, token_in(mail.text))
    assert link is not None
    assert (link.units, link.address, link.name) == ((HOME_AFFAIRS,), address(HOME_AFFAIRS), "Trưởng phòng")
    assert link.expires_at == at(MONDAY) + timedelta(days=links.DAYS)
    assert token_in(mail.html or "") == token_in(mail.text)


def test_nothing_that_is_stored_holds_the_token(store: Engine) -> None:
    desk = desk_of(store)
    desk.tick(MONDAY)
    token = token_in(desk.far_end.arrived[0].text)
    [(text, html)] = desk.rows("SELECT text, html FROM message")
    assert LINK_TO_COME in str(text)
    assert LINK_TO_COME in str(html)
    tables = desk.rows("SELECT * FROM message") + desk.rows("SELECT * FROM link")
    assert token not in str(tables + desk.rows("SELECT * FROM delivery"))


def test_each_recipient_has_a_link_of_their_own(store: Engine) -> None:
    desk = desk_of(store, leads=(HOME_AFFAIRS, CULTURE))
    desk.tick(MONDAY)
    tokens = {mail.recipient.value: token_in(mail.text) for mail in desk.far_end.arrived}
    assert len(set(tokens.values())) == 2
    for unit in (HOME_AFFAIRS, CULTURE):
        link = link_behind(desk, tokens[address(unit)])
        assert link is not None
        assert link.units == (unit,)


def test_a_retry_mints_anew_and_what_reached_nobody_is_forgotten(store: Engine) -> None:
    desk = desk_of(store)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY)
    desk.tick(MONDAY)
    desk.tick(MONDAY, 9, 15)
    first, second = desk.far_end.tried
    assert first.id == second.id
    assert token_in(first.text) != token_in(second.text)
    assert link_behind(desk, token_in(first.text)) is None
    assert link_behind(desk, token_in(second.text)) is not None
    assert desk.rows("SELECT count(*) FROM link") == [(1,)]


def test_a_link_that_may_have_arrived_goes_on_working(store: Engine) -> None:
    desk = desk_of(store)
    desk.far_end.will(HOME_AFFAIRS, UNKNOWN)
    desk.tick(MONDAY)
    desk.tick(MONDAY, 9, 15)
    first, second = desk.far_end.arrived
    assert link_behind(desk, token_in(first.text)) is not None
    assert link_behind(desk, token_in(second.text)) is not None


def test_a_message_that_is_refused_leaves_no_link(store: Engine) -> None:
    desk = desk_of(store)
    desk.far_end.will(HOME_AFFAIRS, PERMANENT)
    desk.tick(MONDAY)
    assert desk.rows("SELECT count(*) FROM link") == [(0,)]


def test_yesterdays_link_works_beside_todays(store: Engine) -> None:
    desk = desk_of(store)
    desk.tick(MONDAY)
    later = date(2023, 4, 5)
    desk.tick(later)
    old, new = (token_in(mail.text) for mail in desk.far_end.arrived)
    assert old != new
    assert link_behind(desk, old, later) is not None
    assert link_behind(desk, new, later) is not None


def test_without_an_address_of_the_site_there_is_no_link(store: Engine) -> None:
    desk = desk_with(store, [plan(task())], [HOME_AFFAIRS])
    desk.tick(MONDAY)
    assert "Trả lời tại" not in desk.far_end.arrived[0].text
    assert desk.rows("SELECT count(*) FROM link") == [(0,)]


def test_a_dry_run_says_that_the_link_is_made_when_sending(store: Engine) -> None:
    desk = desk_of(store)
    [message] = desk.tick(MONDAY, dry_run=True).messages
    assert f"Trả lời tại: {SITE}/u/(đường dẫn riêng, tạo khi gửi)" in message.text
    assert desk.rows("SELECT count(*) FROM link") == [(0,)]


def test_a_title_that_says_the_same_words_does_no_harm(store: Engine) -> None:
    desk = desk_with(store, [plan(task(title=f"Xem {LINK_TO_COME}"))], [HOME_AFFAIRS])
    desk.tick(MONDAY)
    assert LINK_TO_COME not in desk.far_end.arrived[0].text  # a link of the reader's own, no other site's


@pytest.mark.parametrize(("minutes", "works"), [(-1, True), (0, False)])
def test_a_link_ends_at_the_minute(store: Engine, minutes: int, works: bool) -> None:
    desk = desk_of(store)
    desk.tick(MONDAY)
    token = token_in(desk.far_end.arrived[0].text)
    end = at(MONDAY) + timedelta(days=links.DAYS) + timedelta(minutes=minutes)
    with reading(desk.store) as connection:
        assert (links.find(connection, token, end) is not None) is works


def test_who_watches_sees_what_the_last_message_told_of_others(store: Engine) -> None:
    late = plan(task(leads=(HOME_AFFAIRS, OFFICE)))
    desk = replace(desk_with(store, [late], [OFFICE]), files=replace(in_force(), base_url=SITE))
    day = date(2023, 4, 7)  # five working days late: the monitor hears
    desk.tick(day)
    known = book(late)
    mine = unit_work.whose([OFFICE], known, day)
    with reading(store) as connection:
        told = unit_work.told_of_others(connection, address(OFFICE), mine, known, CALENDAR, day, 10)
        nobody = unit_work.told_of_others(connection, "ai@thu.test", mine, known, CALENDAR, day, 10)
        reasons = unit_work.reasons(connection, [f"an-2023:pl1-1:{OFFICE}"], [OFFICE])
    assert [(row.tracked.promise.unit, why) for row, why in told] == [
        (HOME_AFFAIRS, Why("Quá hạn nhiều ngày, đề nghị đôn đốc", day))
    ]
    assert nobody == []
    assert [why.day for why in reasons.values()] == [day]
