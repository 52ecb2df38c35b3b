"""The classification cases of administrative practice as one table, and reports that add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlalchemy import Engine

from engine.errors import DondocError
from engine.model.deadline import DayUnit, Deadline
from engine.model.plan import PlanSettings, Reporting
from engine.reports.count_tasks import count_tasks, rule_for
from engine.reports.json_form import tasks_from_json, tasks_json
from engine.reports.tasks import Scope, TasksReport
from engine.reports.tasks_tables import tasks_document
from engine.reports.windows import BY_DECREE, Window, named
from engine.store.database import reading
from engine.store.figures.counts import Counts
from engine.units import Registry
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CONTINUOUS,
    CULTURE,
    HOME_AFFAIRS,
    PROVINCE,
    REGISTRY,
    SWAPPED_ON,
    UNDATED,
    after_event,
    due_on,
    monthly,
    plan,
    registry_with,
    said,
    task,
)
from tests.tick.desk import Desk

FRIDAY = date(2023, 3, 31)
HOLIDAY_MONDAY = date(2023, 5, 1)  # rolls to Wednesday the 3rd
ROLLED = date(2023, 5, 3)
END = date(2023, 6, 30)

Word = tuple[str, date] | tuple[str, date, dict[str, object]]
ON_TIME, LATE, WITHIN = Counts(done_on_time=1), Counts(done_late=1), Counts(open_within_time=1)
OVERDUE, NO_DEADLINE, OUT = Counts(open_overdue=1), Counts(no_deadline=1), Counts(left_out=1)
NOTHING = Counts()


@dataclass(frozen=True)
class Case:
    """What was promised and said, how that counts at the end of June, and in the window of May (15/4–14/5):
    what was carried into it and what was given in it."""

    name: str
    deadline: Deadline
    words: tuple[Word, ...]
    june: Counts
    carried: Counts = NOTHING
    given: Counts = NOTHING
    confirmed: bool = False
    period: str = ""


def on(day: int, month: int) -> date:
    return date(2023, month, day)


LATER = on(28, 4)
MONTHS = monthly(3, 4, 5, 6)
CASES = (
    Case("on the due day", due_on(FRIDAY), (("done", FRIDAY),), ON_TIME),
    Case("a day late", due_on(FRIDAY), (("done", on(1, 4)),), LATE),
    Case("not yet due", due_on(on(31, 7)), (), WITHIN, carried=WITHIN),
    Case("never done", due_on(FRIDAY), (), OVERDUE, carried=OVERDUE),
    Case("on a swapped Saturday", due_on(SWAPPED_ON), (("done", SWAPPED_ON),), ON_TIME, carried=ON_TIME),
    Case("after a swapped Saturday", due_on(SWAPPED_ON), (("done", on(7, 5)),), LATE, carried=LATE),
    Case("on the rolled day", due_on(HOLIDAY_MONDAY), (("done", ROLLED),), ON_TIME, carried=ON_TIME),
    Case("after the rolled day", due_on(HOLIDAY_MONDAY), (("done", on(4, 5)),), LATE, carried=LATE),
    Case(
        "extended before the deadline",
        due_on(FRIDAY),
        (("extend", on(30, 3), {"new": LATER}), ("done", LATER)),
        ON_TIME,
        carried=ON_TIME,
    ),
    Case(
        "extended after the deadline, not cured",
        due_on(FRIDAY),
        (("extend", on(4, 4), {"new": LATER}), ("done", LATER)),
        LATE,
        carried=LATE,
    ),
    Case(
        "extended after the deadline, cured",
        due_on(FRIDAY),
        (("extend", on(4, 4), {"new": LATER, "cures": True}), ("done", LATER)),
        ON_TIME,
        carried=ON_TIME,
    ),
    Case("returned", due_on(FRIDAY), (("done", on(30, 3)), ("return", on(3, 4))), OVERDUE, carried=OVERDUE),
    Case(
        "returned and done again",
        due_on(FRIDAY),
        (("done", on(30, 3)), ("return", on(3, 4)), ("done", on(20, 4))),
        LATE,
        carried=LATE,
    ),
    # Returned after the window: at its end it was done.
    Case("returned later", due_on(SWAPPED_ON), (("done", on(5, 5)), ("return", on(1, 6))), OVERDUE, ON_TIME),
    Case("withdrawn", due_on(FRIDAY), (("withdraw", on(20, 4)),), OUT, carried=OUT),
    Case("withdrawn after the window", due_on(FRIDAY), (("withdraw", on(20, 5)),), OUT, carried=OVERDUE),
    Case(
        "given out again",
        due_on(FRIDAY),
        (("withdraw", on(20, 4)), ("reinstate", on(25, 4))),
        OVERDUE,
        carried=OVERDUE,
    ),
    Case("recurring: March, on time", MONTHS, (("done", on(20, 3)),), ON_TIME, period="2023-03"),
    Case("recurring: April, late", MONTHS, (("done", on(24, 4)),), LATE, carried=LATE, period="2023-04"),
    Case("recurring: May", MONTHS, (), OVERDUE, given=WITHIN, period="2023-05"),
    Case("recurring: June, not begun in the window", MONTHS, (), OVERDUE, period="2023-06"),
    Case("continuous", CONTINUOUS, (), NO_DEADLINE, carried=NO_DEADLINE),
    Case("continuous, over", replace(CONTINUOUS, end=on(30, 4)), (), OUT, carried=OUT),
    Case("without a deadline", UNDATED, (), NO_DEADLINE, carried=NO_DEADLINE),
    Case("not arisen", after_event(10), (), OUT, carried=OUT),
    Case(
        "arisen in the window",
        after_event(10, DayUnit.CALENDAR),
        (("trigger", on(20, 4), {"new": on(20, 4)}), ("done", ROLLED)),
        ON_TIME,
        given=ON_TIME,
    ),
    Case(
        "confirmed in time",
        due_on(FRIDAY),
        (("done", on(30, 3)), ("confirm", FRIDAY)),
        ON_TIME,
        confirmed=True,
    ),
    Case(
        "confirmed too late", due_on(FRIDAY), (("done", FRIDAY), ("confirm", on(3, 4))), LATE, confirmed=True
    ),
    Case("reported only", due_on(FRIDAY), (("done", FRIDAY),), OVERDUE, carried=OVERDUE, confirmed=True),
)
# All months of the recurring task are one task.
TASK_OF = {case.name: f"t-{0 if case.period else place}" for place, case in enumerate(CASES, start=1)}
PLANS = tuple(
    plan(
        *{
            TASK_OF[c.name]: task(TASK_OF[c.name], deadline=c.deadline)
            for c in CASES
            if c.confirmed is confirmed
        }.values(),
        id=id,
        settings=PlanSettings(completion="confirmed" if confirmed else "reported"),
    )
    for id, confirmed in (("an-2023", False), ("xac-nhan-2023", True))
)


def desk_of_cases(store: Engine) -> Desk:
    desk = Desk(store)
    desk.sync(*PLANS)
    for case in CASES:
        of = "xac-nhan-2023" if case.confirmed else "an-2023"
        id = ":".join(filter(None, (of, TASK_OF[case.name], HOME_AFFAIRS, case.period)))
        for word in case.words:
            desk.say(said(id, word[0], word[1], **(word[2] if len(word) == 3 else {})))
    return desk


def report_of(
    store: Engine,
    window: Window | None = None,
    day: date = END,
    scope: Scope | None = None,
    registry: Registry = REGISTRY,
) -> TasksReport:
    with reading(store) as connection:
        return count_tasks(connection, registry, CALENDAR, scope or Scope(), window, day)


def added(cases: list[Case], part: str) -> Counts:
    found = Counts()
    for case in cases:
        found += getattr(case, part)
    return found


def test_every_case_counts_as_practice_has_it(store: Engine) -> None:
    desk_of_cases(store)
    june, may = report_of(store), report_of(store, named("2023-05"))
    for report, parts in ((june, ("june",)), (may, ("carried", "given"))):
        told = {(line.plan, line.task): line.counts for line in report.tasks}
        for at in {(c.confirmed, TASK_OF[c.name]) for c in CASES}:
            cases = [c for c in CASES if (c.confirmed, TASK_OF[c.name]) == at]
            expected = sum((added(cases, part) for part in parts), Counts())
            key = ("xac-nhan-2023" if at[0] else "an-2023", at[1])
            assert told.get(key, NOTHING) == expected, [case.name for case in cases]
    assert (may.carried, may.given) == (added(list(CASES), "carried"), added(list(CASES), "given"))
    assert (june.carried, june.given) == (NOTHING, added(list(CASES), "june"))


def test_a_report_adds_up_and_comes_back_from_json(store: Engine) -> None:
    desk_of_cases(store)
    report = report_of(store, named("2023-05"))
    assert report.previous_window == named("2023-04")
    april = report_of(store, named("2023-04"))
    assert (report.previous, report.previous_by_task) == (april.total, april.by_task)
    assert sum((line.counts for line in report.units), Counts()) == report.total
    assert tasks_from_json(tasks_json(report)) == report
    document = tasks_document(report, REGISTRY, {})
    units = next(table for table in document.tables if table.sheet == "Theo đơn vị")
    assert units.total is not None
    assert units.total.cells["assigned"] == report.total.assigned


def test_a_task_is_what_the_worst_of_its_assignments_is(store: Engine) -> None:
    desk = Desk(store)
    leads = (*COMMUNES, CULTURE)
    desk.sync(plan(task("t-1", leads), task("t-2", leads), task("t-3", leads)))
    for number, late in ((1, None), (2, COMMUNES[0])):
        for unit in leads:
            desk.say(said(f"an-2023:t-{number}:{unit}", "done", on(3, 4) if unit == late else on(30, 3)))
    desk.say(said(f"an-2023:t-3:{COMMUNES[1]}", "done", on(30, 3)))
    before, after = report_of(store, day=FRIDAY), report_of(store)
    assert before.by_task == Counts(done_on_time=1, open_within_time=2)
    assert after.by_task == Counts(done_on_time=1, done_late=1, open_overdue=1)
    assert after.total == Counts(done_on_time=8, done_late=1, open_overdue=3)
    one = report_of(store, scope=Scope(None, COMMUNES[1]))
    assert [(line.id, line.counts) for line in one.units] == [(COMMUNES[1], Counts(done_on_time=3))]
    assert report_of(store, scope=Scope(None, PROVINCE)).total == after.total


def test_the_work_of_a_merged_unit_stays_its_own(store: Engine) -> None:
    """What it was given it answers for in the figures of that time; its heir's figures do not grow by it."""
    old = replace(REGISTRY.units[COMMUNES[2]], valid_to=on(30, 6), merged_into=COMMUNES[0])
    desk = Desk(store)
    desk.sync(plan(task("t-1", COMMUNES)))
    desk.say(said(f"an-2023:t-1:{COMMUNES[2]}", "done", on(30, 3)))
    report = report_of(store, day=on(1, 9), registry=registry_with(old))
    assert {line.id: line.counts for line in report.units} == {
        COMMUNES[0]: OVERDUE,
        COMMUNES[1]: OVERDUE,
        COMMUNES[2]: ON_TIME,
    }
    assert report.total.assigned == 3


def test_backlog_of_earlier_years_stands_apart(store: Engine) -> None:
    desk = Desk(store)
    old = replace(plan(task("t-1"), id="cu-2022"), year=2022, issued=date(2022, 3, 1))
    desk.sync(plan(task("t-1"), task("t-2")), old)
    report = report_of(store)
    assert (report.this_year.assigned, report.backlog.assigned, report.total.assigned) == (2, 1, 3)
    # The year of a window is that which it is called by: 15/12/2022–14/12/2023 is 2023.
    year = report_of(store, named("2023"))
    assert (year.this_year.assigned, year.backlog.assigned) == (2, 1)
    alone = report_of(store, scope=Scope(("cu-2022",)))
    assert (alone.this_year.assigned, alone.backlog.assigned) == (1, 0)


def test_no_figures_before_a_window_begins(store: Engine) -> None:
    with pytest.raises(DondocError, match="chưa có số liệu"):
        report_of(store, named("2023-08"))


def test_one_plans_own_months_hold_for_it_alone() -> None:
    own = replace(plan(), reporting=Reporting(15, 20))
    assert rule_for([own], Scope((own.id,))) == Reporting(15, 20)
    assert rule_for([own], Scope()) == BY_DECREE
    assert rule_for([plan()], Scope((own.id,))) == BY_DECREE
