"""Why something was sent, why nothing was, and what is overdue: the same facts as the tick's own."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from engine.explain import explain, why_not
from engine.notices.notice import Book
from engine.overdue import overdue_rows
from engine.ruleset.evaluate import RuleSet
from engine.store import views
from engine.store.database import reading
from engine.store.messages import notices
from engine.store.messages.notices import Stored
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    COMMUNES,
    CULTURE,
    HOME_AFFAIRS,
    ISSUED,
    TOWN,
    UNDATED,
    due_on,
    plan,
    said,
    task,
)
from tests.tick.desk import Desk, desk_with

ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
MONDAY = date(2023, 4, 3)


def words(desk: Desk) -> Book:
    with reading(desk.store) as connection:
        return Book(desk.files.registry, views.plans(connection), views.tasks(connection))


def stored(desk: Desk, id: str = ONE) -> list[Stored]:
    with reading(desk.store) as connection:
        return notices.of_subject(connection, id)


def answer(desk: Desk, day: date, id: str = ONE) -> str:
    """What ``why-not`` says of an assignment on a day."""
    book = words(desk)
    with reading(desk.store) as connection:
        as_of = views.tracked_as_of(connection, desk.files.registry, CALENDAR, day)
        known = views.tracked(connection, desk.files.registry, ids=[id])
    [found] = [t for t in as_of if t.promise.id == id] or known
    return why_not(found, desk.files.ruleset, book, CALENDAR, day, stored(desk, id))


def test_a_notice_says_rule_dates_and_arithmetic(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    desk.tick(MONDAY)
    [one] = [s for s in stored(desk) if s.notice.rule == "qua-han"]
    with reading(store) as connection:
        [tracked] = views.tracked_as_of(connection, desk.files.registry, CALENDAR, one.day)
    text = explain(one, tracked, desk.files.ruleset, words(desk), CALENDAR, "Đã gửi.")
    for part in (
        "cho Phòng Nội vụ (huyện An) (đơn vị chủ trì), lập thứ Hai, 03/04/2023",
        "Luật “qua-han”: Nhiệm vụ quá hạn",
        "quá hạn 1 ngày làm việc",
        "Hạn thứ Sáu, 31/03/2023",
        "có 3 ngày, trừ 2 ngày cuối tuần còn 1 ngày làm việc",
        "nay số ngày làm việc quá hạn là 1 nên mốc đã qua gần nhất là 1",
        ONE,
        "Đã gửi.",
    ):
        assert part in text


def test_a_notice_of_a_rule_that_is_gone_still_has_words(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    desk.tick(MONDAY)
    [one] = stored(desk)
    text = explain(one, None, RuleSet(()), words(desk), CALENDAR, "")
    assert "không còn trong thư mục rules/" in text


SILENCES = [
    # what was said before, the day asked about, a part of the answer
    ((), date(2023, 2, 27), "Kế hoạch có hiệu lực từ thứ Tư, 01/03/2023"),
    ((), date(2023, 4, 1), "Ngày này không gửi tin vì là ngày nghỉ (Thứ Bảy)"),
    ((), date(2023, 4, 4), "Dịp nhắc này đã được báo rồi"),
    (
        (("snooze", date(2023, 3, 20), date(2023, 4, 20)),),
        date(2023, 4, 6),
        "tạm ngừng nhắc đến ngày 20/04/2023",
    ),
    ((("extension", date(2023, 3, 20), date(2023, 4, 20)),), date(2023, 4, 6), "Đơn vị đang xin gia hạn"),
    ((("done", date(2023, 3, 20), None),), date(2023, 3, 21), "Không luật nào áp dụng"),
]


@pytest.mark.parametrize(("before", "day", "part"), SILENCES)
def test_every_silence_can_say_why(
    store: Engine, before: tuple[tuple[str, date, date | None], ...], day: date, part: str
) -> None:
    desk = desk_with(store, [plan(task())])
    for kind, on, new in before:
        desk.say(said(ONE, kind, on, new=new))
    desk.tick(MONDAY)
    assert part in answer(desk, day)


def test_a_day_that_brought_a_notice_names_it(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    desk.tick(MONDAY)
    [one] = stored(desk)
    assert f"Có thông báo số {one.id} theo luật “qua-han”" in answer(desk, MONDAY)
    assert "chưa có lượt xét nào trong ngày" in answer(desk, date(2023, 4, 5))


# --- the overdue list --------------------------------------------------------------------------------------


def overdue(desk: Desk, day: date) -> list[tuple[str, int]]:
    with reading(desk.store) as connection:
        tracked = views.tracked_as_of(connection, desk.files.registry, CALENDAR, day)
    rows = overdue_rows(tracked, words(desk), CALENDAR, day, {ONE: 3})
    return [(r.tracked.promise.id, r.seen.days_late) for r in rows]


def test_the_overdue_list_is_worst_first_and_holds_only_what_is_overdue(store: Engine) -> None:
    desk = desk_with(
        store,
        [
            plan(
                task(),
                task("pl1-2", leads=(ALL_COMMUNES,), deadline=due_on(date(2023, 3, 20))),
                task("pl1-3", deadline=due_on(date(2023, 5, 31))),
                task("pl1-4", deadline=UNDATED),
                task("pl1-5", leads=(CULTURE,)),
            )
        ],
    )
    two = [f"an-2023:pl1-2:{u}" for u in sorted((*COMMUNES, TOWN))]
    desk.say(
        said(two[0], "done", date(2023, 3, 28)),
        said(two[1], "withdraw", date(2023, 3, 28)),
        said(f"an-2023:pl1-5:{CULTURE}", "extend", date(2023, 3, 30), new=date(2023, 4, 28)),
    )
    assert overdue(desk, MONDAY) == [(two[2], 10), (two[3], 10), (ONE, 1)]
    # The past is as it was: nothing had been said by 24 March.
    assert overdue(desk, date(2023, 3, 24)) == [(id, 4) for id in two]
    assert overdue(desk, ISSUED) == []


def test_an_overdue_row_has_the_fields_of_the_contract(store: Engine) -> None:
    desk = desk_with(store, [plan(task(helps=(CULTURE,)))])
    desk.say(said(ONE, "progress", date(2023, 3, 30), percent=60, note=None))
    with reading(store) as connection:
        tracked = views.tracked(connection, desk.files.registry)
    [row] = overdue_rows(tracked, words(desk), CALENDAR, date(2023, 4, 4), {ONE: 3})
    found = row.to_json()
    expected = {
        "assignment": ONE,
        "plan": "an-2023",
        "task": "pl1-1",
        "stt": "1",
        "title": "Ban hành kế hoạch",
        "unit": HOME_AFFAIRS,
        "due": "2023-03-31",
        "rolled": "2023-03-31",
        "days_late": 2,
        "state": "in_progress",
        "reminders": 3,
    }
    assert {key: found[key] for key in expected} == expected
    assert found["last_event"] == {"on": "2023-03-30", "text": "cập nhật tiến độ: 60%"}
