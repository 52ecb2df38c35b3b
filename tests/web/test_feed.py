"""The calendar feed, read back as a calendar program would."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from engine.model.event import Event, EventKind
from engine.store import views
from engine.store.access import links
from engine.store.access.links import FEED
from engine.store.database import reading, writing
from engine.store.events import record
from engine.tracking.assess import Tracked, assess
from tests.web.sites import Web

UNIT = "hai-phong.an-duong.an-dong"
OTHER = "hai-phong.an-duong.an-hoa"


def address(web: Web, *units: str, kind: str = FEED, days: int = 90, name: str = "") -> str:
    with writing(web.site.engine) as connection:
        token = links.make(connection, units or (UNIT,), "", name, kind, now=web.clock.now, days=days)
    return f"/lich/{token}.ics"


def owed(web: Web, *units: str) -> dict[str, tuple[Tracked, date]]:
    """What is open and has a day, by what `assess` says of every row; the day that counts beside it."""
    found = {}
    with reading(web.site.engine) as connection:
        for each in views.tracked(connection, web.site.registry, units=units or (UNIT,)):
            seen = assess(each, web.site.today(), web.site.calendar)
            if seen.timeliness.value in ("overdue", "due_soon", "on_track") and seen.rolled is not None:
                found[each.promise.id] = (each, seen.rolled)
    return found


def events_of(answer: Any) -> dict[str, Any]:
    """The events of a calendar by the assignment that each names."""
    calendar = Calendar.from_ical(answer.content)
    found = {}
    for event in calendar.walk("VEVENT"):
        description = str(event["description"])
        found[description.rpartition("Mã việc: ")[2]] = event
    return found


def test_every_open_dated_assignment_is_an_all_day_event(web: Web) -> None:
    answer = web.visitor().get(address(web))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    expected, found = owed(web), events_of(answer)
    assert len(expected) > 5
    assert set(found) == set(expected)
    for id, event in found.items():
        each, rolled = expected[id]
        assert event.decoded("dtstart") == rolled
        assert type(event.decoded("dtstart")) is date
        assert event.decoded("dtend") == rolled + timedelta(days=1)
        assert event["transp"] == "TRANSPARENT"
        assert each.promise.id in str(event["description"])
        assert "Trạng thái: chưa bắt đầu" in str(event["description"])
    assert len({str(event["uid"]) for event in found.values()}) == len(found)


def test_the_calendar_says_who_it_is_and_when_to_look_again(web: Web) -> None:
    answer = web.visitor().get(address(web))
    calendar = Calendar.from_ical(answer.content)
    assert "method" not in calendar
    assert calendar["x-wr-calname"] == "Hạn nhiệm vụ – UBND xã An Đồng"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H" in answer.content
    named = web.visitor().get(address(web, name="Lịch; của, tôi"))
    assert Calendar.from_ical(named.content)["name"] == "Hạn nhiệm vụ – Lịch; của, tôi"


def test_lines_are_folded_between_letters_never_inside_one(web: Web) -> None:
    content = web.visitor().get(address(web)).content
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    assert content.decode().count("ệ") > 10


def test_what_was_done_or_withdrawn_leaves_and_what_moved_moves(web: Web) -> None:
    url = address(web)
    before = events_of(web.visitor().get(url))
    done, withdrawn, later, reported = sorted(
        id for id, (each, _) in owed(web).items() if each.promise.due is not None
    )[:4]
    new_day = date(2024, 6, 8)  # a Saturday
    now = web.clock.now
    moves = [
        Event(done, EventKind.DONE, now),
        Event(done, EventKind.CONFIRM, now),
        Event(withdrawn, EventKind.WITHDRAW, now),
        Event(later, EventKind.EXTEND, now, day=new_day, cures=True),
        Event(reported, EventKind.DONE, now),
    ]
    with writing(web.site.engine) as connection:
        record(connection, moves, web.site.calendar, now)
    after = events_of(web.visitor().get(url))
    assert set(before) - set(after) == {done, withdrawn, reported}
    assert after[later].decoded("dtstart") == date(2024, 6, 10)
    assert "Hạn 08/06/2024 là ngày nghỉ" in str(after[later]["description"])
    assert after[later]["uid"] == before[later]["uid"]
    assert (before[later]["sequence"], after[later]["sequence"]) == (0, 1)
    assert after[later].decoded("last-modified") == now


def test_the_same_calendar_is_not_sent_twice(web: Web) -> None:
    url = address(web)
    first = web.visitor().get(url)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    web.clock.advance(hours=1)
    for sent in (tag, f'"x", W/{tag}', "*"):
        again = web.visitor().get(url, headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b"")
    one = min(owed(web))
    with writing(web.site.engine) as connection:
        record(connection, [Event(one, EventKind.RECEIVED, web.clock.now)], web.site.calendar, web.clock.now)
    changed = web.visitor().get(url, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert web.visitor().head(url).headers["etag"] == changed.headers["etag"]


def test_several_units_are_told_apart_and_no_other_is_shown(web: Web) -> None:
    found = events_of(web.visitor().get(address(web, UNIT, OTHER)))
    assert set(found) == set(owed(web, UNIT, OTHER))
    assert {str(event["summary"]).split(":")[1].strip() for event in found.values()} == {
        "UBND xã An Đồng",
        "UBND xã An Hòa (huyện An Dương)",
    }


def test_a_plan_that_is_not_in_force_yet_is_left_out(web: Web) -> None:
    web.clock.now = datetime.fromisoformat("2022-12-01T09:00:00+07:00")
    plans = {id.partition(":")[0] for id in events_of(web.visitor().get(address(web)))}
    assert "an-duong-2023" not in plans


@pytest.mark.parametrize("how", ["wrong", "expired", "revoked", "another kind"])
def test_an_address_that_opens_nothing_says_one_and_the_same(web: Web, how: str) -> None:
    url = address(web, kind="unit") if how == "another kind" else address(web, days=2)
    token = url[6:-4]
    if how == "wrong":
        url = f"/lich/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}.ics"
    elif how == "expired":
        web.clock.advance(days=2)
    elif how == "revoked":
        with writing(web.site.engine) as connection:
            link = links.find(connection, token, web.clock.now, FEED)
            assert link is not None
            links.revoke(connection, [link.id], web.clock.now)
    answer = web.visitor().get(url)
    assert answer.status_code == 404
    assert "Địa chỉ lịch này không dùng được" in answer.text
    assert token not in answer.text


def test_guessing_is_slowed_down_but_a_good_address_still_works(web: Web) -> None:
    url = address(web)
    client = web.visitor()
    answers = [client.get(f"/lich/{'x' * 42}{n % 10}.ics") for n in range(40)]
    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Thử lại sau" in answers[-1].text
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "token", ["a%00b", "%ff", "..%2f..%2fx", "a" * 5000, "%ED%A0%80", "'; DROP TABLE link"]
)
def test_nonsense_for_a_token_is_just_not_found(web: Web, token: str) -> None:
    assert web.visitor().get(f"/lich/{token}.ics").status_code == 404
