"""Rules about the office: which days are the first of a week or month, who is told, and once only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.day import conclude, fresh_since
from engine.model.plan import Plan, PlanSettings
from engine.notices.notice import Notice, NoticeKey
from engine.notices.office import Office, OfficeFacts, offices_of, situation_of_office
from engine.notices.period import period_of
from engine.ruleset.rule import Role, Tone
from engine.tracking.assess import Tracked
from engine.tracking.progress import replay
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CONTINUOUS,
    CULTURE,
    DISTRICT,
    HOME_AFFAIRS,
    ISSUED,
    OFFICE,
    REGISTRY,
    SWAPPED_ON,
    book,
    days,
    due_on,
    plan,
    promises,
    registry_with,
    ruleset,
    task,
)
from tests.ruleset.production import shipped_calendar

OFFICE_RULES = """
rules:
- id: tuan
  about: office
  why: Tổng hợp tuần
  occasions: weekly
  tell: [monitor, leader]
  tone: inform
  attach: overdue
- id: thang
  about: office
  why: Tổng hợp tháng
  occasions: monthly
  tell: monitor
  tone: inform
- id: kenh-dung
  about: office
  why: Kênh gửi đang dừng
  when: {channels_stopped: at least 1}
  occasions: days_stopped in 0, then every 5
  tell: monitor
  tone: warn
- id: chua-lien-he
  about: office
  why: Có đơn vị chưa liên hệ được
  when: {unreachable: at least 2}
  occasions: unreachable in 2, 10
  tell: monitor
  tone: remind
"""
NOBODY = OfficeFacts(reachable=frozenset({OFFICE, DISTRICT, HOME_AFFAIRS, CULTURE}))
MINE = plan(task(deadline=due_on(date(2023, 12, 29))))
JUNE = date(2023, 6, 12)  # a Monday
SOME = Office(OFFICE, Role.MONITOR, ("an-2023",), date(2021, 1, 1))


def tracked_of(mine: Plan) -> list[Tracked]:
    return [
        Tracked(p, replay(p, [], PlanSettings(), CALENDAR), "reported", "district")
        for p in promises(mine).values()
    ]


def told_on(
    day: date,
    *plans: Plan,
    facts: OfficeFacts | None = NOBODY,
    told: Collection[NoticeKey] = (),
    rules: str = OFFICE_RULES,
) -> tuple[Notice, ...]:
    plans = plans or (MINE,)
    tracked = [t for mine in plans for t in tracked_of(mine)]
    return conclude(tracked, ruleset(rules), book(*plans), CALENDAR, day, told, facts).notices


def brief(notices: Collection[Notice]) -> set[tuple[str, str, str]]:
    return {(n.rule, n.recipient, n.occasion) for n in notices}


@pytest.mark.parametrize(
    ("day", "week_day", "month_day"),
    [
        (date(2023, 4, 28), 5, 20),  # a Friday
        (date(2023, 4, 29), 5, 20),  # the weekend adds nothing
        (date(2023, 4, 30), 5, 20),
        (date(2023, 5, 1), 0, 0),  # a holiday on a Monday that begins a month
        (date(2023, 5, 2), 0, 0),
        (date(2023, 5, 3), 1, 1),
        (date(2023, 5, 5), 3, 3),
        (SWAPPED_ON, 4, 4),  # a Saturday that works
        (date(2023, 5, 7), 4, 4),
        (date(2023, 5, 8), 1, 5),
        (date(2023, 4, 1), 5, 0),  # a month that begins on a Saturday
        (date(2023, 4, 2), 5, 0),
        (date(2023, 4, 3), 1, 1),
        (date(2022, 12, 30), 5, 22),
        (date(2023, 1, 1), 5, 0),
        (date(2023, 1, 2), 0, 0),  # a day off in place of the Sunday
        (date(2023, 1, 3), 1, 1),
        (date(2024, 12, 30), 1, 21),  # in the ISO year 2025, which the calendar does not hold
        (date(2022, 1, 1), 0, 0),  # the week began in a year that it does not hold
    ],
)
def test_the_first_working_day_of_a_week_and_of_a_month(day: date, week_day: int, month_day: int) -> None:
    found = situation_of_office(SOME, 0, OfficeFacts(), day, CALENDAR)
    assert (found.week_day, found.month_day) == (week_day, month_day)


@pytest.mark.parametrize(
    ("stopped", "day", "count", "since"),
    [
        ({}, JUNE, 0, 0),
        ({"zns": JUNE}, JUNE, 1, 0),
        ({"zns": JUNE}, JUNE + timedelta(days=1), 1, 1),
        ({"zns": date(2023, 6, 9)}, JUNE, 1, 1),  # from Friday to Monday
        ({"zns": date(2023, 6, 1), "zalo": date(2023, 6, 9)}, JUNE, 2, 1),  # the newest stop counts
        ({"zns": date(2019, 1, 1)}, JUNE, 1, 9999),  # in a year that the calendar does not hold
    ],
)
def test_stopped_channels(stopped: dict[str, date], day: date, count: int, since: int) -> None:
    found = situation_of_office(SOME, 0, OfficeFacts(stopped), day, CALENDAR)
    assert (found.channels_stopped, found.days_stopped) == (count, since)


def test_each_office_is_told_of_all_its_plans_at_once() -> None:
    other = plan(task(deadline=due_on(date(2023, 12, 29))), id="an-2024")
    found = [n for n in told_on(JUNE, MINE, other) if n.rule == "tuan"]
    assert [(n.subject, n.recipient, n.role, n.occasion) for n in found] == [
        (f"leader:{DISTRICT}", DISTRICT, Role.LEADER, "weekly@2023-W24"),
        (f"office:{OFFICE}", OFFICE, Role.MONITOR, "weekly@2023-W24"),
    ]
    assert all(n.is_of_office and n.is_copy for n in found)
    offices = offices_of(book(MINE, other).plans.values(), book(MINE, other), JUNE)
    assert offices == (
        Office(DISTRICT, Role.LEADER, ("an-2023", "an-2024"), ISSUED),
        Office(OFFICE, Role.MONITOR, ("an-2023", "an-2024"), ISSUED),
    )


def test_an_assignment_of_a_plan_called_office_is_no_office() -> None:
    mine = plan(task(), id="office")
    [late] = [
        n
        for n in told_on(date(2023, 4, 3), mine, facts=None, rules=LATE_RULES)
        if n.recipient == HOME_AFFAIRS
    ]
    assert late.subject == f"office:pl1-1:{HOME_AFFAIRS}"
    assert not late.is_of_office


LATE_RULES = """
rules:
- id: qua-han
  why: Quá hạn
  when: {timeliness: overdue}
  occasions: days_late in 1
  tell: lead
  tone: warn
"""


def test_nothing_about_offices_where_nobody_asked() -> None:
    assert told_on(JUNE, facts=None) == ()


def test_no_summary_of_plans_that_have_not_begun_or_have_nothing_left() -> None:
    assert told_on(date(2023, 2, 27)) == ()
    over = plan(task(deadline=CONTINUOUS))  # until the end of 2023
    assert told_on(date(2023, 12, 29), over)
    assert told_on(date(2024, 1, 8), over) == ()


@pytest.mark.parametrize(
    ("day", "weekly", "monthly"),
    [
        (date(2023, 4, 28), "2023-W17", "2023-04"),
        (date(2023, 4, 30), "2023-W17", "2023-04"),
        (date(2023, 5, 2), None, None),
        (date(2023, 5, 3), "2023-W18", "2023-05"),
        (SWAPPED_ON, "2023-W18", "2023-05"),
        (date(2023, 5, 8), "2023-W19", "2023-05"),
        (date(2023, 12, 31), "2023-W52", "2023-12"),
        (date(2024, 1, 1), "2024-W01", "2024-01"),
        (date(2024, 12, 29), "2024-W52", "2024-12"),
        (date(2024, 12, 30), "2025-W01", "2024-12"),
    ],
)
def test_the_key_names_the_iso_week_and_the_month(day: date, weekly: str | None, monthly: str | None) -> None:
    mine = plan(task(deadline=due_on(date(2024, 12, 31))))
    found = {(n.rule, n.occasion) for n in told_on(day, mine) if n.recipient == OFFICE}
    expected = {("tuan", f"weekly@{weekly}")} if weekly else set()
    assert found == expected | ({("thang", f"monthly@{monthly}")} if monthly else set())


@given(st.sets(st.dates(date(2023, 4, 24), date(2023, 6, 4)), max_size=25))
def test_whatever_days_pass_without_a_tick_each_week_is_told_once(passes: set[date]) -> None:
    told: set[NoticeKey] = set()
    weeks: list[str] = []
    for day in sorted(passes):
        news = told_on(day, told=told)
        told.update(n.key for n in news)
        weeks += [n.occasion for n in news if n.rule == "tuan" and n.recipient == OFFICE]
    begun = {f"weekly@{day:%G-W%V}" for day in passes if _has_worked(day)}
    assert weeks == sorted(begun)


def _has_worked(day: date) -> bool:
    return any(CALENDAR.is_working_day(d) for d in days(day - timedelta(days=day.weekday()), day))


def test_a_simulated_year_has_one_summary_for_each_week_that_somebody_works_in() -> None:
    told: set[NoticeKey] = set()
    before: dict[str, object] = {}
    mine, rules = tracked_of(MINE), ruleset(OFFICE_RULES)
    found: list[str] = []
    for day in days(date(2023, 3, 1), date(2023, 12, 31)):
        if CALENDAR.is_working_day(day):
            news = fresh_since(before, mine, rules, book(MINE), CALENDAR, day, told, OfficeFacts())
            told.update(n.key for n in news)
            found += [n.occasion for n in news if n.recipient == OFFICE]
    assert [o for o in found if o.startswith("weekly")] == [f"weekly@2023-W{n:02}" for n in range(10, 53)]
    assert [o for o in found if o.startswith("monthly")] == [f"monthly@2023-{n:02}" for n in range(4, 13)]
    assert len(found) == len(set(found)) == 43 + 9


def test_a_stop_is_told_at_once_and_again_each_week_and_a_new_stop_anew() -> None:
    first, second = date(2023, 6, 7), date(2023, 6, 15)
    told: set[NoticeKey] = set()
    heard = []
    for day in days(date(2023, 6, 6), date(2023, 6, 23)):
        stopped = {"zns": first} if first <= day else {}
        if day >= second:
            stopped["zalo"] = second
        news = [n for n in told_on(day, facts=OfficeFacts(stopped), told=told) if n.rule == "kenh-dung"]
        told.update(n.key for n in news)
        heard += [(day.day, n.occasion) for n in news]
        assert all(n.tone is Tone.WARN and not n.is_copy for n in news)
    assert heard == [
        (7, "days_stopped:0@2023-06-07"),
        (14, "days_stopped:5@2023-06-07"),
        (15, "days_stopped:0@2023-06-15"),
        (22, "days_stopped:5@2023-06-15"),
    ]


def test_units_without_a_contact_are_counted_in_the_plans_of_the_office_alone() -> None:
    lost = plan(task(leads=COMMUNES, deadline=due_on(date(2023, 12, 29))))
    assert ("chua-lien-he", OFFICE, "unreachable:2@2023-06") in brief(told_on(JUNE, lost))
    one_left = OfficeFacts(reachable={*COMMUNES[:2], OFFICE})
    assert "chua-lien-he" not in {n.rule for n in told_on(JUNE, lost, facts=one_left)}
    # Nobody looked: nobody is missing.
    assert "chua-lien-he" not in {n.rule for n in told_on(JUNE, lost, facts=OfficeFacts())}


@pytest.mark.parametrize(
    ("day", "rules"),
    [
        (ISSUED, set()),  # a Wednesday
        (date(2023, 3, 3), set()),
        (date(2023, 3, 6), {"tuan"}),
        (date(2023, 3, 31), {"tuan"}),
        (date(2023, 4, 3), {"tuan", "thang"}),
    ],
)
def test_nothing_is_summed_up_from_before_the_first_plan(day: date, rules: set[str]) -> None:
    assert {n.rule for n in told_on(day) if n.recipient == OFFICE} == rules
    # The second plan of an office does not hold up what is said of the first.
    second = plan(task(deadline=due_on(date(2023, 12, 29))), id="an-moi")
    later = replace(second, issued=day)
    assert {n.rule for n in told_on(day, MINE, later) if n.recipient == OFFICE} == rules


def test_an_office_that_was_abolished_is_told_in_its_successor() -> None:
    gone = registry_with(replace(REGISTRY.units[OFFICE], valid_to=date(2023, 5, 31), merged_into=CULTURE))
    words = book(MINE, registry=gone)
    day = conclude(tracked_of(MINE), ruleset(OFFICE_RULES), words, CALENDAR, JUNE, (), NOBODY)
    assert {n.recipient for n in day.notices if n.role is Role.MONITOR} == {CULTURE}


# --- what a summary is about ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("occasion", "title", "until"),
    [
        ("weekly@2023-W25", "tuần 24 (12/06–18/06/2023)", date(2023, 6, 25)),
        ("week_day:4@2023-W25", "tuần 24 (12/06–18/06/2023)", date(2023, 6, 25)),
        ("weekly@2023-W01", "tuần 52 (26/12/2022–01/01/2023)", date(2023, 1, 8)),
        ("weekly@2024-W01", "tuần 52 (25/12–31/12/2023)", date(2024, 1, 7)),
        ("weekly@2021-W01", "tuần 53 (28/12/2020–03/01/2021)", date(2021, 1, 10)),
        ("weekly@2025-W01", "tuần 52 (23/12–29/12/2024)", date(2025, 1, 5)),
        ("monthly@2023-06", "tháng 5/2023 (01/05–31/05/2023)", date(2023, 6, 30)),
        ("monthly@2024-01", "tháng 12/2023 (01/12–31/12/2023)", date(2024, 1, 31)),
        ("monthly@2024-03", "tháng 2/2024 (01/02–29/02/2024)", date(2024, 3, 31)),
    ],
)
def test_a_summary_is_about_the_period_before(occasion: str, title: str, until: date) -> None:
    period = period_of(occasion, CALENDAR)
    assert period is not None
    assert (period.title, period.until) == (title, until)
    assert period.last < period.until


def test_weeks_that_nobody_worked_in_are_told_with_the_one_before() -> None:
    # Tết 2026: nobody works from 14 to 22 February.
    period = period_of("weekly@2026-W09", shipped_calendar())
    assert period is not None
    assert (period.first, period.last, period.name) == (date(2026, 2, 9), date(2026, 2, 22), "tuần 7–8")


@pytest.mark.parametrize(
    "occasion", ["once", "days_late:3", "days_stopped:0@2023-06-07", "weekly@", "weekly"]
)
def test_other_occasions_are_about_no_period(occasion: str) -> None:
    assert period_of(occasion, CALENDAR) is None
