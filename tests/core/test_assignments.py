"""Plans become assignments: task × lead unit × milestone × period, with an identity that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.model.deadline import DayUnit, Deadline, DeadlineKind
from engine.model.plan import Milestone
from engine.tracking.assignments import expand, helping_units, lead_units, task_facts
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    COMMUNES,
    CONTINUOUS,
    CULTURE,
    EXTERNAL,
    HOME_AFFAIRS,
    ISSUED,
    OFFICE,
    REGISTRY,
    SCHOOLS,
    TOWN,
    UNDATED,
    after_event,
    due_on,
    monthly,
    plan,
    promises,
    ref,
    registry_with,
    task,
)

FIRST, SECOND = date(2023, 3, 31), date(2023, 6, 15)
TWO_PARTS = (
    Milestone("Ban hành", due_on(FIRST), "Kế hoạch"),
    Milestone("Báo cáo", due_on(SECOND), "Báo cáo"),
)


def test_one_assignment_for_each_lead_unit() -> None:
    mine = plan(task(leads=(HOME_AFFAIRS, CULTURE)), task("pl1-2", leads=(ALL_COMMUNES,)))
    assert list(promises(mine)) == [
        f"an-2023:pl1-1:{HOME_AFFAIRS}",
        f"an-2023:pl1-1:{CULTURE}",
        *(f"an-2023:pl1-2:{unit}" for unit in (*COMMUNES, TOWN)),
    ]


def test_a_unit_named_twice_is_given_the_task_once() -> None:
    mine = plan(task(leads=(COMMUNES[1], ALL_COMMUNES, COMMUNES[1])))
    assert [p.unit for p in expand(mine, REGISTRY)] == [COMMUNES[1], COMMUNES[0], COMMUNES[2], TOWN]


def test_the_identity_holds_when_words_and_days_change() -> None:
    before = task(leads=(HOME_AFFAIRS,), deadline=due_on(FIRST), milestones=())
    for after in (
        replace(before, title="Ban hành kế hoạch năm 2023", deliverable="Quyết định", note="sửa"),
        replace(before, deadline=due_on(SECOND)),
        replace(before, deadline=replace(before.deadline, text="Chậm nhất 31/3")),
        replace(before, leads=(replace(before.leads[0], text="P. Nội vụ"),)),
        replace(before, section="II", group="3. Nhóm", line=99),
    ):
        assert promises(plan(before)).keys() == promises(plan(after)).keys()


def test_the_identity_of_a_period_holds_when_its_day_moves() -> None:
    before = monthly(3, 4)
    moved = replace(
        before, occurrences=tuple(replace(o, due=o.due.replace(day=25)) for o in before.occurrences)
    )
    assert list(promises(plan(task(deadline=before)))) == list(promises(plan(task(deadline=moved))))


def test_milestones_have_numbers_days_and_identities_of_their_own() -> None:
    first, second = expand(plan(task(milestones=TWO_PARTS)), REGISTRY)
    assert (first.id, first.milestone, first.due) == (f"an-2023:pl1-1:{HOME_AFFAIRS}:m1", 1, FIRST)
    assert (second.id, second.milestone, second.due) == (f"an-2023:pl1-1:{HOME_AFFAIRS}:m2", 2, SECOND)


def test_a_cell_that_holds_several_deadlines_is_as_many_milestones() -> None:
    cell = Deadline(DeadlineKind.MILESTONES, "…", milestones=(due_on(FIRST), due_on(SECOND)))
    found = expand(plan(task(deadline=cell)), REGISTRY)
    assert [(p.milestone, p.due) for p in found] == [(1, FIRST), (2, SECOND)]


def test_a_recurring_milestone_has_both_in_its_identity() -> None:
    parts = (Milestone("Báo cáo tháng", monthly(3, 4), ""), Milestone("Tổng kết", due_on(SECOND), ""))
    ids = list(promises(plan(task(milestones=parts))))
    assert ids == [f"an-2023:pl1-1:{HOME_AFFAIRS}:{end}" for end in ("m1:2023-03", "m1:2023-04", "m2")]


def test_a_recurring_duty_is_one_assignment_for_each_period() -> None:
    march, april = expand(plan(task(deadline=monthly(3, 4))), REGISTRY)
    assert (march.period, march.starts, march.due) == ("2023-03", date(2023, 3, 1), date(2023, 3, 20))
    assert (april.kind, april.period, april.starts) == (
        DeadlineKind.RECURRING,
        "2023-04",
        date(2023, 4, 1),
    )


def test_a_period_that_began_before_the_plan_opens_with_the_plan() -> None:
    early = monthly(2, 3)
    february = expand(plan(task(deadline=early)), REGISTRY)[0]
    assert february.starts == ISSUED


def test_a_recurring_duty_with_an_occasional_part_has_an_event_as_well() -> None:
    both = replace(monthly(3), plus_event="đột xuất khi có yêu cầu")
    march, sudden = expand(plan(task(deadline=both)), REGISTRY)
    assert march.kind is DeadlineKind.RECURRING
    assert (sudden.kind, sudden.trigger) == (DeadlineKind.EVENT, "đột xuất khi có yêu cầu")
    assert sudden.id.endswith(":dot-xuat")


def test_a_recurring_duty_whose_period_has_passed_gives_nothing_this_year() -> None:
    january = Deadline(DeadlineKind.RECURRING, "Tháng 1 hằng năm", rrules=("FREQ=YEARLY;BYMONTH=1",))
    assert expand(plan(task(deadline=january)), REGISTRY) == []


@pytest.mark.parametrize(
    ("deadline", "ends"),
    [
        (CONTINUOUS, date(2023, 12, 31)),
        (replace(CONTINUOUS, end=date(2023, 9, 30)), date(2023, 9, 30)),
        (replace(CONTINUOUS, end=None), date(2023, 12, 31)),
        (Deadline(DeadlineKind.RECURRING, "Hằng ngày", rrules=("FREQ=DAILY",)), date(2023, 12, 31)),
    ],
)
def test_a_continuous_duty_has_an_end_and_no_due_day(deadline: Deadline, ends: date) -> None:
    [found] = expand(plan(task(deadline=deadline)), REGISTRY)
    assert (found.kind, found.due, found.ends) == (DeadlineKind.CONTINUOUS, None, ends)


@pytest.mark.parametrize(
    ("days", "unit", "working"),
    [(5, DayUnit.WORKING, True), (30, DayUnit.CALENDAR, False), (None, DayUnit.CALENDAR, False)],
)
def test_an_event_keeps_its_offset(days: int | None, unit: DayUnit, working: bool) -> None:
    [found] = expand(plan(task(deadline=after_event(days, unit))), REGISTRY)
    assert (found.kind, found.offset_days, found.offset_working) == (DeadlineKind.EVENT, days, working)
    assert (found.trigger, found.due) == ("có văn bản", None)


@pytest.mark.parametrize("deadline", [UNDATED, EXTERNAL])
def test_the_undated_are_assigned_all_the_same(deadline: Deadline) -> None:
    [found] = expand(plan(task(deadline=deadline)), REGISTRY)
    assert (found.kind, found.due, found.period) == (deadline.kind, None, None)


def test_a_group_nobody_listed_is_one_collective_assignment() -> None:
    school, office = expand(plan(task(leads=(SCHOOLS, HOME_AFFAIRS))), REGISTRY)
    assert (school.unit, school.collective) == (SCHOOLS, True)
    assert office.collective is False


def test_the_units_are_those_that_exist_when_the_plan_begins() -> None:
    gone = replace(REGISTRY.units[TOWN], valid_to=date(2023, 2, 28), merged_into=COMMUNES[0])
    later = replace(REGISTRY.units[COMMUNES[2]], valid_to=date(2023, 6, 30), merged_into=COMMUNES[0])
    units = [p.unit for p in expand(plan(task(leads=(ALL_COMMUNES,))), registry_with(gone, later))]
    # What is merged during the year keeps its assignments; the successor answers for them.
    assert units == list(COMMUNES)


def test_helping_units_are_told_but_never_those_that_lead() -> None:
    mine = task(leads=(HOME_AFFAIRS, COMMUNES[0]), helps=(CULTURE, ALL_COMMUNES, HOME_AFFAIRS, SCHOOLS))
    assert helping_units(plan(mine), mine, REGISTRY) == [CULTURE, COMMUNES[1], COMMUNES[2], TOWN]
    assert [unit for unit, _ in lead_units(plan(mine), mine, REGISTRY)] == [HOME_AFFAIRS, COMMUNES[0]]
    assert {p.unit for p in expand(plan(mine), REGISTRY)} == {HOME_AFFAIRS, COMMUNES[0]}


def test_a_start_before_the_plan_is_the_plans_first_day() -> None:
    early = due_on(SECOND, start=date(2023, 1, 1))
    late = due_on(SECOND, start=date(2023, 4, 1))
    found = expand(plan(task(deadline=early), task("pl1-2", deadline=late)), REGISTRY)
    assert [p.starts for p in found] == [ISSUED, date(2023, 4, 1)]


def test_facts_hold_the_words_in_the_documents_order() -> None:
    first = task(helps=(OFFICE,), milestones=TWO_PARTS)
    second = replace(task("pl1-2", leads=(SCHOOLS, CULTURE)), group="3. Thí điểm")
    facts = task_facts(plan(first, second), REGISTRY)
    assert [f.position for f in facts] == [1, 2]
    assert facts[0].heading(2) == "Ban hành kế hoạch – Báo cáo"
    assert facts[0].product(2) == "Báo cáo"
    assert (facts[0].heading(None), facts[0].product(None)) == ("Ban hành kế hoạch", "Kế hoạch")
    assert facts[0].coordinating_units == (OFFICE,)
    assert facts[1].leads == "Các trường học; Phòng Văn hóa và Thông tin"
    assert facts[1].heading(None) == "Thí điểm: Ban hành kế hoạch"


def test_the_cast_rolls_as_its_calendar_does() -> None:
    [found] = expand(plan(task(deadline=due_on(date(2023, 5, 1)))), REGISTRY)
    assert found.rolled == CALENDAR.roll(date(2023, 5, 1)) == date(2023, 5, 3)
    assert ref(SCHOOLS).is_group
