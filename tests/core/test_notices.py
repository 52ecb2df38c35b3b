"""Who is told, what is dropped and in which order, and when an occasion counts as told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import pytest

from engine.day import conclude, trace
from engine.model.event import Event
from engine.model.plan import Plan, PlanSettings
from engine.notices.filters import drop_inhibited, drop_told, silence_of
from engine.notices.notice import Notice, NoticeKey
from engine.notices.raising import recipients
from engine.ruleset.rule import Role, Silence
from engine.tracking.assess import Tracked
from engine.tracking.progress import opening, replay
from engine.units import Registry
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    COMMUNES,
    CULTURE,
    DISTRICT,
    HOME_AFFAIRS,
    OFFICE,
    PROVINCE,
    REGISTRY,
    SCHOOLS,
    TOWN,
    UNDATED,
    after_event,
    book,
    due_on,
    plan,
    promises,
    registry_with,
    ruleset,
    said,
    task,
)

DUE = date(2023, 3, 31)
MERGED_ON = date(2023, 4, 30)
MONDAY = date(2023, 4, 3)  # one working day late


def all_of(plan: Plan, *events: Event, registry: Registry = REGISTRY) -> list[Tracked]:
    return [
        Tracked(
            p,
            replay(p, [e for e in events if e.assignment == p.id], PlanSettings(), CALENDAR),
            "reported",
            "district",
        )
        for p in promises(plan, registry).values()
    ]


def the_one(*events: Event, **how: object) -> Tracked:
    mine = plan(task(**how))  # type: ignore[arg-type]
    [id] = promises(mine)
    [found] = all_of(mine, *(replace(e, assignment=id) for e in events))
    return found


def word(kind: str, day: date, **more: object) -> Event:
    return said("", kind, day, **more)


# --- roles ---------------------------------------------------------------------------------------------

ROLES = [
    (Role.LEAD, (HOME_AFFAIRS,)),
    (Role.COORDINATING, (CULTURE, *COMMUNES, TOWN)),
    (Role.MONITOR, (OFFICE,)),
    (Role.LEADER, (DISTRICT,)),
    (Role.LEAD_SUPERIOR, (DISTRICT,)),
]


@pytest.mark.parametrize(("role", "told"), ROLES)
def test_each_role_becomes_units(role: Role, told: tuple[str, ...]) -> None:
    mine = plan(task(helps=(CULTURE, ALL_COMMUNES)))
    [each] = all_of(mine)
    assert recipients(each, role, book(mine), DUE) == told


def test_the_superior_is_the_committee_above_the_lead() -> None:
    mine = plan(task(leads=(COMMUNES[0],)))
    [each] = all_of(mine)
    assert recipients(each, Role.LEAD_SUPERIOR, book(mine), DUE) == (DISTRICT,)
    of_district = plan(task(leads=(DISTRICT,)))
    [higher] = all_of(of_district)
    assert recipients(higher, Role.LEAD_SUPERIOR, book(of_district), DUE) == (PROVINCE,)


def test_a_group_nobody_listed_is_answered_for_by_the_monitor() -> None:
    mine = plan(task(leads=(SCHOOLS,)))
    [each] = all_of(mine)
    assert recipients(each, Role.LEAD, book(mine), DUE) == (OFFICE,)


HEIRS = [
    # the town's fate, the heir's fate, who answers after the merger
    ({}, {}, TOWN),
    ({"valid_to": MERGED_ON, "merged_into": COMMUNES[0]}, {}, COMMUNES[0]),
    ({"valid_to": MERGED_ON}, {}, OFFICE),
    ({"valid_to": MERGED_ON, "merged_into": "chưa-có"}, {}, OFFICE),
    (
        {"valid_to": MERGED_ON, "merged_into": COMMUNES[0]},
        {"valid_to": MERGED_ON, "merged_into": COMMUNES[2]},
        COMMUNES[2],
    ),
    # The successor is gone too, and nobody wrote down where to.
    ({"valid_to": MERGED_ON, "merged_into": COMMUNES[0]}, {"valid_to": MERGED_ON}, OFFICE),
]


@pytest.mark.parametrize(("town", "heir", "answers"), HEIRS)
def test_who_answers_for_an_abolished_unit(
    town: dict[str, object], heir: dict[str, object], answers: str
) -> None:
    registry = registry_with(
        replace(REGISTRY.units[TOWN], **town),  # type: ignore[arg-type]
        replace(REGISTRY.units[COMMUNES[0]], **heir),  # type: ignore[arg-type]
    )
    mine = plan(task(leads=(TOWN,)))
    [each] = all_of(mine, registry=registry)
    words = book(mine, registry=registry)
    assert recipients(each, Role.LEAD, words, MERGED_ON) == (TOWN,)
    assert recipients(each, Role.LEAD, words, date(2023, 5, 1)) == (answers,)


def test_two_merged_helpers_are_told_once() -> None:
    fate = {"valid_to": MERGED_ON, "merged_into": COMMUNES[0]}
    registry = registry_with(*(replace(REGISTRY.units[u], **fate) for u in (TOWN, COMMUNES[1])))  # type: ignore[arg-type]
    mine = plan(task(helps=(ALL_COMMUNES,)))
    [each] = all_of(mine, registry=registry)
    told = recipients(each, Role.COORDINATING, book(mine, registry=registry), date(2023, 5, 1))
    assert told == (COMMUNES[0], COMMUNES[2])


# --- from situations to notices --------------------------------------------------------------------------


def notices_on(
    day: date, plan: Plan, *events: Event, told: Collection[NoticeKey] = (), registry: Registry = REGISTRY
) -> list[tuple[str, str, str]]:
    concluded = conclude(
        all_of(plan, *events, registry=registry),
        ruleset(),
        book(plan, registry=registry),
        CALENDAR,
        day,
        told,
    )
    return [(n.rule, n.recipient, n.occasion) for n in concluded.notices]


YEAR_OF_ONE_TASK = [
    (date(2023, 2, 28), []),  # before the plan
    (date(2023, 3, 1), [("moi-giao", HOME_AFFAIRS, "age:0"), ("moi-giao", CULTURE, "age:0")]),
    (date(2023, 3, 28), [("sap-den-han", HOME_AFFAIRS, "days_left:3"), ("moi-giao", CULTURE, "age:0")]),
    (date(2023, 3, 31), [("sap-den-han", HOME_AFFAIRS, "days_left:1"), ("moi-giao", CULTURE, "age:0")]),
    (date(2023, 4, 1), []),  # Saturday: late, but by no working day
    (date(2023, 4, 3), [("qua-han", HOME_AFFAIRS, "days_late:1")]),
    (date(2023, 4, 5), [("qua-han", HOME_AFFAIRS, "days_late:3")]),
    (date(2023, 4, 7), [("qua-han", HOME_AFFAIRS, "days_late:3"), ("bao-theo-doi", OFFICE, "days_late:5")]),
    (date(2023, 4, 12), [("qua-han", HOME_AFFAIRS, "days_late:8"), ("bao-theo-doi", OFFICE, "days_late:5")]),
]


@pytest.mark.parametrize(("day", "expected"), YEAR_OF_ONE_TASK)
def test_what_each_day_brings(day: date, expected: list[tuple[str, str, str]]) -> None:
    assert sorted(notices_on(day, plan(task(helps=(CULTURE,))))) == sorted(expected)


def test_an_office_that_leads_and_watches_hears_the_escalation_only() -> None:
    mine = plan(task(leads=(OFFICE,)))
    assert notices_on(date(2023, 4, 7), mine) == [("bao-theo-doi", OFFICE, "days_late:5")]


def test_a_rule_that_has_spoken_still_replaces_the_milder_one() -> None:
    mine = plan(task(leads=(OFFICE,)))
    day = conclude(all_of(mine), ruleset(), book(mine), CALENDAR, date(2023, 4, 7), ())
    told = {n.key for n in day.notices}
    assert notices_on(date(2023, 4, 10), mine, told=told) == []


@pytest.mark.parametrize(
    ("events", "spoken"),
    [
        ((), True),
        ((word("extension", DUE, new=date(2023, 4, 14)),), False),
        ((word("extension", DUE, new=date(2023, 4, 14)), word("refuse", DUE)), True),
        ((word("snooze", DUE, new=date(2023, 4, 4)),), False),
        ((word("snooze", DUE, new=MONDAY),), True),
        # Granted after the deadline: late, but not chased before the day granted.
        ((word("extend", date(2023, 4, 1), new=date(2023, 4, 14)),), False),
        ((word("extend", date(2023, 4, 1), new=date(2023, 4, 2)),), True),
        ((word("done", DUE),), False),
        ((word("withdraw", DUE),), False),
    ],
)
def test_what_keeps_a_reminder_quiet(events: Sequence[Event], spoken: bool) -> None:
    each = the_one(*events)
    words = book(plan(task()))
    _, kept, _ = trace(each, ruleset(), words, CALENDAR, MONDAY, ())
    assert ("qua-han" in {n.rule for n in kept}) is spoken


def test_an_inhibiting_rule_that_is_silenced_silences_nobody() -> None:
    # Only the escalation keeps quiet while snoozed; the plain reminder then speaks again.
    rules = ruleset(
        "rules:\n"
        "- {id: nhac, why: Nhắc, when: {timeliness: overdue}, tell: monitor, tone: remind}\n"
        "- {id: bao, why: Báo, when: {timeliness: overdue}, tell: monitor, tone: escalate, "
        "unless: snoozed, silences: nhac}\n"
    )
    words = book(plan(task()))
    loud = trace(the_one(), rules, words, CALENDAR, MONDAY, ())
    quiet = trace(the_one(word("snooze", DUE, new=date(2023, 5, 5))), rules, words, CALENDAR, MONDAY, ())
    assert [n.rule for n in loud[1]] == ["bao"]
    assert [n.rule for n in quiet[1]] == ["nhac"]


def test_every_drop_has_its_own_reason() -> None:
    mine = plan(task(leads=(OFFICE,)))
    [each] = all_of(mine)
    _, kept, dropped = trace(each, ruleset(), book(mine), CALENDAR, date(2023, 4, 7), ())
    assert [(d.code, d.notice.rule) for d in dropped] == [("inhibited", "qua-han")]
    assert "bao-theo-doi" in dropped[0].reason
    again = trace(each, ruleset(), book(mine), CALENDAR, date(2023, 4, 7), {n.key for n in kept})
    assert [d.code for d in again[2]] == ["inhibited", "told"]
    asked = the_one(word("extension", DUE, new=date(2023, 4, 14)))
    _, _, silenced = trace(asked, ruleset(), book(plan(task())), CALENDAR, MONDAY, ())
    assert {(d.code, d.notice.rule) for d in silenced} == {("silenced", "qua-han")}
    assert "xin gia hạn" in silenced[0].reason


def test_silences_say_until_when() -> None:
    snoozed = the_one(word("snooze", DUE, new=date(2023, 4, 4)))
    assert silence_of(snoozed, date(2023, 4, 3)) == {
        Silence.SNOOZED: "Văn phòng tạm ngừng nhắc đến ngày 04/04/2023"
    }
    assert silence_of(snoozed, date(2023, 4, 4)) == {}


# --- keys ------------------------------------------------------------------------------------------------


def keys_on(day: date, each: Tracked) -> set[NoticeKey]:
    return {n.key for n in trace(each, ruleset(), book(plan(task())), CALENDAR, day, ())[1]}


def test_a_moved_deadline_re_arms_the_same_occasion() -> None:
    new = date(2023, 4, 14)
    extended = the_one(word("extend", DUE, new=new))
    [first] = keys_on(date(2023, 3, 28), the_one())
    [second] = keys_on(date(2023, 4, 11), extended)
    assert (first.occasion, first.deadline) == ("days_left:3", "2023-03-31")
    assert (second.occasion, second.deadline) == ("days_left:3", "2023-04-14")


def test_a_new_task_is_announced_once_however_its_deadline_moves() -> None:
    moved = the_one(deadline=due_on(date(2023, 6, 30)))
    assert keys_on(date(2023, 3, 1), moved) == keys_on(date(2023, 3, 1), the_one())


def test_work_returned_twice_is_told_twice() -> None:
    once = (word("done", DUE), word("return", MONDAY))
    twice = (*once, word("done", date(2023, 4, 5)), word("return", date(2023, 4, 6)))
    first = {k for k in keys_on(date(2023, 4, 7), the_one(*once)) if k.rule == "tra-lai"}
    second = {k for k in keys_on(date(2023, 4, 7), the_one(*twice)) if k.rule == "tra-lai"}
    assert len(first) == len(second) == 1
    assert first != second


def test_what_hangs_on_no_deadline_has_a_key_as_well() -> None:
    undated = the_one(deadline=UNDATED)
    dormant = the_one(deadline=after_event(5))
    assert {k.deadline for k in keys_on(date(2023, 3, 1), undated)} == {"-"}
    assert keys_on(date(2023, 3, 1), dormant) == set()


def test_told_is_told() -> None:
    mine = plan(task())
    day = conclude(all_of(mine), ruleset(), book(mine), CALENDAR, MONDAY, ())
    told = {n.key for n in day.notices}
    again = conclude(all_of(mine), ruleset(), book(mine), CALENDAR, MONDAY, told)
    assert again.notices == ()
    assert again.standing == frozenset(told)


def test_a_day_counts_what_it_looked_at() -> None:
    mine = plan(task(leads=(ALL_COMMUNES,)))
    day = conclude(all_of(mine), ruleset(), book(mine), CALENDAR, MONDAY, ())
    # Four units in one situation, and one situation for each unit that is overdue.
    assert (day.assignments, day.situations, day.findings, len(day.notices)) == (4, 2, 4, 4)


def test_a_plan_that_is_not_in_force_is_not_looked_at() -> None:
    mine = plan(task())
    day = conclude(all_of(mine), ruleset(), book(mine), CALENDAR, date(2023, 2, 28), ())
    assert day.assignments == 0


UNIT_RULES = """
rules:
- id: nhieu-viec
  about: unit
  why: Đơn vị có nhiều nhiệm vụ quá hạn
  when: {overdue: at least 2}
  occasions: overdue in 2, 4
  tell: [lead, monitor]
  tone: warn
"""


def test_a_unit_with_many_overdue_tasks_is_one_notice_each_month() -> None:
    mine = plan(task(), task("pl1-2"), task("pl1-3", leads=(CULTURE,)))
    each_day = {
        day: conclude(all_of(mine), ruleset(UNIT_RULES), book(mine), CALENDAR, day, ()).notices
        for day in (MONDAY, date(2023, 4, 28), date(2023, 5, 3))
    }
    assert {(n.subject, n.recipient) for n in each_day[MONDAY]} == {
        (f"unit:{HOME_AFFAIRS}", HOME_AFFAIRS),
        (f"unit:{HOME_AFFAIRS}", OFFICE),
    }
    april, may = ({n.key for n in each_day[d]} for d in (date(2023, 4, 28), date(2023, 5, 3)))
    assert {n.key for n in each_day[MONDAY]} == april
    assert april.isdisjoint(may)


def _notice(rule: str, recipient: str = OFFICE) -> Notice:
    found = ruleset().by_id[rule]
    return Notice(rule, "a", "-", recipient, "once", Role.LEAD, found.tone, found.why)


def test_inhibition_is_for_one_recipient_only() -> None:
    milder, graver = _notice("qua-han"), _notice("bao-theo-doi")
    elsewhere = _notice("qua-han", HOME_AFFAIRS)
    assert drop_inhibited([milder, graver, elsewhere], ruleset()).kept == (graver, elsewhere)
    assert drop_inhibited([elsewhere, graver], ruleset()).kept == (elsewhere, graver)


def test_dropping_the_told_keeps_the_order() -> None:
    one, two, three = _notice("qua-han"), _notice("bao-theo-doi"), _notice("tra-lai")
    assert drop_told([one, two, three], {two.key}).kept == (one, three)


def test_the_cast_starts_with_nothing_said() -> None:
    mine = the_one()
    assert mine.standing == opening(mine.promise)
