"""Closing a window: once, only when it is over; amendments; and that nobody changes it unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from engine.errors import DondocError
from engine.reports.checks import DoesNotAddUp
from engine.reports.closing import (
    Frozen,
    NotAllowed,
    all_closed,
    amend,
    close,
    drift,
    drift_words,
    frozen,
    heading,
    key_of,
    scope_words,
)
from engine.reports.count_tasks import count_tasks
from engine.reports.differences import changes
from engine.reports.json_form import tasks_json
from engine.reports.tasks import Scope
from engine.reports.windows import Window, named
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.database import reading, writing
from engine.store.reports import closed
from tests.cast import CALENDAR, COMMUNES, HOME_AFFAIRS, REGISTRY, at, due_on, plan, said, task
from tests.tick.desk import Desk

CHIEF = Actor("account:1", "Chánh Văn phòng")
EVERYTHING = Scope()
AFTER = at(date(2023, 6, 16))
WORK = plan(
    task("pl1-1", (HOME_AFFAIRS, *COMMUNES[:2]), due_on(date(2023, 5, 31))),
    task("pl1-2", (HOME_AFFAIRS,), due_on(date(2023, 6, 30))),
)
FIRST = f"an-2023:pl1-1:{HOME_AFFAIRS}"
SECOND = f"an-2023:pl1-1:{COMMUNES[0]}"


def june() -> Window:
    window = named("2023-06")
    assert window is not None
    return window


def figures(store: Engine) -> dict[str, Any]:
    """The report of tasks for June as the events known now tell it."""
    with reading(store) as connection:
        return tasks_json(count_tasks(connection, REGISTRY, CALENDAR, EVERYTHING, june(), june().last))


@pytest.fixture
def desk(store: Engine) -> Desk:
    desk = Desk(store)
    desk.sync(WORK)
    desk.say(said(FIRST, "done", date(2023, 5, 20)))
    return desk


def close_it(store: Engine, now: datetime = AFTER) -> Frozen:
    found = figures(store)
    with writing(store) as connection:
        return close(connection, "tasks", EVERYTHING, june(), found, CHIEF, now)


def amend_it(store: Engine, reason: str = "UBND xã Một báo cáo bổ sung", now: datetime = AFTER) -> Frozen:
    found = figures(store)
    with writing(store) as connection:
        return amend(connection, "tasks", EVERYTHING, june(), found, reason, CHIEF, now)


def kept(store: Engine) -> Frozen:
    with reading(store) as connection:
        found = frozen(connection, "tasks", EVERYTHING, june())
    assert found is not None
    return found


def test_what_was_closed_stays(store: Engine, desk: Desk) -> None:
    first = close_it(store)
    # A report of 10 June that arrives late changes what the day looks like now.
    desk.say(said(SECOND, "done", date(2023, 5, 30)))
    found = kept(store)
    assert found == first
    assert found.figures["total"]["done_on_time"] == 1
    assert figures(store)["total"]["done_on_time"] == 2
    [line] = heading(found)
    assert line == f"Đã chốt ngày 16/06/2023 bởi Chánh Văn phòng (mã {found.hash[:12]})."
    differing = drift(found, figures(store))
    assert "Tổng cộng – hoàn thành đúng hạn: 1 → 2" in [change.words for change in differing]
    assert drift_words(differing).startswith(f"Chú ý: tính lại hôm nay thì {len(differing)} ô khác")
    assert drift(found, found.figures) == ()
    assert drift_words(()) == ""


def test_closing_is_logged(store: Engine, desk: Desk) -> None:
    made = close_it(store)
    with reading(store) as connection:
        rows = connection.execute(text("SELECT actor, action, after FROM audit")).all()
        assert audit.first_broken(connection) is None
    assert (CHIEF.id, "report_close", json.dumps({"hash": made.hash})) in [tuple(row) for row in rows]


@pytest.mark.parametrize(("day", "allowed"), [(date(2023, 6, 14), False), (date(2023, 6, 15), True)])
def test_only_a_window_that_is_over(store: Engine, desk: Desk, day: date, allowed: bool) -> None:
    if allowed:
        assert close_it(store, at(day, 0, 1)).day == date(2023, 6, 14)
        return
    with pytest.raises(NotAllowed, match="đến hết ngày 14/06/2023 mới xong"):
        close_it(store, at(day, 23, 59))


def test_only_once(store: Engine, desk: Desk) -> None:
    made = close_it(store)
    with pytest.raises(NotAllowed, match=f"đã chốt ngày 16/06/2023 .mã {made.hash[:12]}"):
        close_it(store, at(date(2023, 6, 20)))
    with reading(store) as connection:
        assert connection.execute(text("SELECT count(*) FROM closed_report")).scalar() == 1
        assert len(all_closed(connection)) == 1


def test_two_at_once_one_wins(store: Engine, desk: Desk, another: Callable[[], Engine]) -> None:
    start, outcomes = Barrier(2), []
    found = figures(store)

    def one(own: Engine) -> None:
        start.wait()
        try:
            with writing(own) as connection:
                outcomes.append(close(connection, "tasks", EVERYTHING, june(), found, CHIEF, AFTER).hash)
        except NotAllowed as error:
            outcomes.append(str(error))

    threads = [Thread(target=one, args=(another(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [outcome for outcome in outcomes if "đã chốt" in outcome]
    assert (len(told), len(outcomes)) == (1, 2)
    assert kept(store).hash in outcomes
    with reading(store) as connection:
        assert closed.verify(connection) == []


def test_what_does_not_add_up_is_not_closed(store: Engine, desk: Desk) -> None:
    wrong = deepcopy(figures(store))
    wrong["total"]["done_late"] += 1
    with pytest.raises(DoesNotAddUp), writing(store) as connection:
        close(connection, "tasks", EVERYTHING, june(), wrong, CHIEF, AFTER)
    with reading(store) as connection:
        assert frozen(connection, "tasks", EVERYTHING, june()) is None


def test_amendments_are_chained_and_say_what_changed(store: Engine, desk: Desk) -> None:
    first = close_it(store)
    desk.say(said(SECOND, "done", date(2023, 5, 30)))
    second = amend_it(store, now=at(date(2023, 6, 20)))
    desk.say(said(f"an-2023:pl1-2:{HOME_AFFAIRS}", "done", date(2023, 6, 10)))
    third = amend_it(store, "Phòng Nội vụ báo cáo bổ sung.", at(date(2023, 6, 22)))
    assert third == kept(store)
    assert (third.hash, third.first) == (first.hash, first.first)
    assert [a.hash for a in third.amendments] == [second.seal, third.seal]
    one, two = third.amendments
    assert "UBND xã Một (huyện An) – hoàn thành đúng hạn: 0 → 1" in [c.words for c in one.changes]
    assert any(c.words.startswith("Nhiệm vụ 2 (an-2023) – hoàn thành đúng hạn: 0 → 1") for c in two.changes)
    lines = heading(third)
    assert lines[1].startswith(
        f"Đính chính lần 1 ngày 20/06/2023 (mã {second.seal[:12]}): UBND xã Một báo cáo"
    )
    assert "bổ sung. Các ô đổi: " in lines[2]
    with reading(store) as connection:
        versions = closed.versions(connection, key_of("tasks", EVERYTHING, june()))
        assert closed.verify(connection) == []
    assert [v.previous for v in versions] == ["", first.hash, second.seal]


@pytest.mark.parametrize(
    ("closes", "changes_", "reason", "words"),
    [
        (False, False, "vì thế", "chưa chốt"),
        (True, False, "vì thế", "Không có ô nào khác"),
        (True, True, "  ", "phải nêu lý do"),
    ],
)
def test_refused_amendments(
    store: Engine, desk: Desk, closes: bool, changes_: bool, reason: str, words: str
) -> None:
    if closes:
        close_it(store)
    if changes_:
        desk.say(said(SECOND, "done", date(2023, 5, 30)))
    with pytest.raises(NotAllowed, match=words):
        amend_it(store, reason)


def _without_triggers(store: Engine, statement: str) -> None:
    with writing(store) as connection:
        if store.dialect.name == "sqlite":
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER closed_report_no_{act}"))
        else:
            connection.execute(text("DROP TRIGGER closed_report_stays ON closed_report"))
        connection.exec_driver_sql(statement)


TAMPERINGS = [
    ("UPDATE closed_report SET figures = replace(figures, ':1,', ':3,') WHERE version = 0", 0, "nội dung"),
    ("UPDATE closed_report SET reason = 'khác' WHERE version = 1", 1, "nội dung"),
    ("DELETE FROM closed_report WHERE version = 0", 1, "không nối"),
    ("DELETE FROM closed_report WHERE version = 1", 1, "đã bị xóa"),
]


@pytest.mark.parametrize(("statement", "version", "what"), TAMPERINGS)
def test_tampering_is_found(store: Engine, desk: Desk, statement: str, version: int, what: str) -> None:
    close_it(store)
    desk.say(said(SECOND, "done", date(2023, 5, 30)))
    amend_it(store)
    with pytest.raises((DatabaseError, DondocError)), writing(store) as connection:
        connection.exec_driver_sql(statement)
    _without_triggers(store, statement)
    with reading(store) as connection:
        found = closed.verify(connection)
    assert any(wrong.version == version and wrong.what.startswith(what) for wrong in found)
    if "DELETE" not in statement:
        desk.say(said(f"an-2023:pl1-2:{HOME_AFFAIRS}", "done", date(2023, 6, 10)))
        with pytest.raises(NotAllowed, match="không còn nguyên vẹn"):
            amend_it(store)


def test_a_row_made_anew_does_not_fit_the_log(store: Engine, desk: Desk) -> None:
    close_it(store)
    _without_triggers(store, "DELETE FROM closed_report")
    desk.say(said(SECOND, "done", date(2023, 5, 30)))
    close_it(store)
    with reading(store) as connection:
        assert [wrong.what for wrong in closed.verify(connection)] == ["mã không khớp với nhật ký"]


def test_very_many_plans_have_a_place(store: Engine, desk: Desk) -> None:
    many = Scope(plans=tuple(f"ke-hoach-so-{n}" for n in range(40)))
    found = figures(store)
    with writing(store) as connection:
        close(connection, "tasks", many, june(), found, CHIEF, AFTER)
        assert frozen(connection, "tasks", many, june()) is not None
        assert frozen(connection, "tasks", Scope(plans=many.plans and many.plans[:-1]), june()) is None
        assert closed.verify(connection) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"total": {"assigned": 1234}}, {"total": {"assigned": 0}}, ["Tổng cộng – được giao: 1.234 → 0"]),
        (
            {"total": {"done_late": None}},
            {"total": {"done_late": 0}},
            ["Tổng cộng – hoàn thành quá hạn: (không có) → 0"],
        ),
        (
            {
                "units": [
                    {"unit": "a", "name": "Xã A", "assigned": 3},
                    {"unit": "b", "name": "Xã B", "assigned": 1},
                ]
            },
            {
                "units": [
                    {"unit": "b", "name": "Xã B", "assigned": 1},
                    {"unit": "a", "name": "Xã A", "assigned": 4},
                ]
            },
            ["Xã A – được giao: 3 → 4"],
        ),
        (
            {"units": []},
            {"units": [{"unit": "a", "name": "Xã A", "assigned": 2}]},
            ["Xã A – được giao: (không có) → 2"],
        ),
        ({"percent": 60.5}, {"percent": 61}, ["tỷ lệ: 60,5 → 61"]),
        ({"due": "2023-06-05"}, {"due": None}, ["thời hạn: 05/06/2023 → (không có)"]),
        (
            {"outcome": "done_late"},
            {"outcome": "open_overdue"},
            ["kết quả: hoàn thành quá hạn → chưa hoàn thành, quá hạn"],
        ),
        (
            {"shares": [{"name": "done", "title": "Hoàn thành", "of": "số lượt giao", "part": 1}]},
            {"shares": [{"name": "done", "title": "Hoàn thành", "of": "số lượt giao", "part": 2}]},
            ["Hoàn thành trên số lượt giao – tử số: 1 → 2"],
        ),
        (
            {"items": [{"stt": "2.1", "title": "Đã xong", "measure": "nhiệm vụ", "value": None}]},
            {"items": [{"stt": "2.1", "title": "Đã xong", "measure": "nhiệm vụ", "value": 23}]},
            ["Mục 2.1 Đã xong – giá trị: (không có) → 23"],
        ),
        ({"units": [{"unit": "a", "name": "Cũ"}]}, {"units": [{"unit": "a", "name": "Mới"}]}, []),
        ({"previous": None}, {"previous": {"assigned": 1}}, ["Kỳ trước – được giao: (không có) → 1"]),
    ],
)
def test_differences_in_words(before: dict[str, Any], after: dict[str, Any], words: list[str]) -> None:
    assert [change.words for change in changes(before, after)] == words


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(), "mọi kế hoạch"),
        (Scope(("b", "a")), "kế hoạch a, b"),
        (Scope(("a",), "tinh.huyen-an"), "kế hoạch a, đơn vị tinh.huyen-an"),
    ],
)
def test_scopes_in_words(scope: Scope, words: str) -> None:
    assert scope_words(scope.key) == words


def test_every_figure_of_indicators_has_a_vietnamese_name() -> None:
    """An amendment is read by people: no key of ours may stand in it."""
    row = {
        "plan": "p", "indicator": "i", "stt": "1", "unit": "u", "name": "Xã A", "target": 80, "value": None,
        "part": None, "whole": None, "first": None, "until": None, "note": "", "previous": None,
        "previous_until": None, "progress": None, "gap": None, "met": None, "rank": None, "forecast": None,
        "forecast_day": "2023-12-31", "forecast_method": "a",
    }  # fmt: skip
    after = {key: (value if isinstance(value, str) else 7) for key, value in row.items()}
    after |= {"first": "2023-05-15", "forecast_day": "2024-12-31", "forecast_method": "b", "note": "c"}
    total = dict.fromkeys(("rows", "measured", "met", "counted", "part", "whole", "percent"), 1)
    table = {"plan": "p", "table": "3", "name": "Tỷ lệ", "in_percent": True}
    found = changes(
        {"tables": [{**table, "total": total, "rows": [row]}]},
        {"tables": [{**table, "total": dict.fromkeys(total, 2), "rows": [after]}]},
    )
    assert len(found) > 15
    assert [change.where for change in found if "“" in change.where] == []
