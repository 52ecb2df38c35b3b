"""State against deadline: the day before, the day, the day after, in the time of Viet Nam."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.assignment import Promise, Standing, State, Timeliness
from engine.model.deadline import Deadline
from engine.model.event import Event, EventKind
from engine.model.plan import Completion, PlanSettings
from engine.tracking.assess import DUE_SOON_DAYS, Tracked, assess, is_open, situation_of
from engine.tracking.fact_types import NO_DAYS
from engine.tracking.progress import local_day, opening, replay
from engine.workdays import MissingYear
from tests.cast import (
    CALENDAR,
    CONTINUOUS,
    EXTERNAL,
    ISSUED,
    SWAPPED_ON,
    UNDATED,
    after_event,
    at,
    due_on,
    monthly,
    plan,
    promises,
    said,
    task,
)

FRIDAY = date(2023, 3, 31)
T = Timeliness


def tracked(
    deadline: Deadline, *events: Event, completion: Completion = "reported", roll: bool = True
) -> Tracked:
    promise = next(iter(promises(plan(task(deadline=deadline))).values()))
    if not roll:
        promise = replace(promise, rolled=promise.due)
    standing = replay(promise, events, PlanSettings(roll=roll), CALENDAR)
    return Tracked(promise, standing, completion, "district")


def word(kind: str, day: date, **more: object) -> Event:
    return said("viec", kind, day, **more)


HOLIDAY_MONDAY = date(2023, 5, 1)  # rolls over the swapped Tuesday to Wednesday the 3rd
SATURDAY = date(2023, 3, 25)

AROUND = [
    # due, today, timeliness, working days late, working days left, calendar days
    (FRIDAY, date(2023, 3, 30), T.DUE_SOON, 0, 1, 1),
    (FRIDAY, FRIDAY, T.DUE_SOON, 0, 0, 0),
    # A weekend: overdue, yet with no working day gone by.
    (FRIDAY, date(2023, 4, 1), T.OVERDUE, 0, 0, -1),
    (FRIDAY, date(2023, 4, 2), T.OVERDUE, 0, 0, -2),
    (FRIDAY, date(2023, 4, 3), T.OVERDUE, 1, 0, -3),
    (FRIDAY, date(2023, 4, 4), T.OVERDUE, 2, 0, -4),
    # A due day on a Saturday ends on Monday.
    (SATURDAY, date(2023, 3, 24), T.DUE_SOON, 0, 1, 3),
    (SATURDAY, SATURDAY, T.DUE_SOON, 0, 1, 2),
    (SATURDAY, date(2023, 3, 27), T.DUE_SOON, 0, 0, 0),
    (SATURDAY, date(2023, 3, 28), T.OVERDUE, 1, 0, -1),
    # A due day on a holiday, the swapped Tuesday behind it.
    (HOLIDAY_MONDAY, date(2023, 4, 28), T.DUE_SOON, 0, 1, 5),
    (HOLIDAY_MONDAY, date(2023, 5, 2), T.DUE_SOON, 0, 1, 1),
    (HOLIDAY_MONDAY, date(2023, 5, 3), T.DUE_SOON, 0, 0, 0),
    (HOLIDAY_MONDAY, date(2023, 5, 4), T.OVERDUE, 1, 0, -1),
    # A swapped Saturday is a working day: a deadline on it stays, and it counts when late.
    (SWAPPED_ON, date(2023, 5, 5), T.DUE_SOON, 0, 1, 1),
    (SWAPPED_ON, SWAPPED_ON, T.DUE_SOON, 0, 0, 0),
    (SWAPPED_ON, date(2023, 5, 7), T.OVERDUE, 0, 0, -1),
    (date(2023, 5, 5), SWAPPED_ON, T.OVERDUE, 1, 0, -1),
    (date(2023, 5, 5), date(2023, 5, 7), T.OVERDUE, 1, 0, -2),
]


@pytest.mark.parametrize(("due", "today", "timeliness", "late", "left", "calendar_days"), AROUND)
def test_around_the_deadline(
    due: date, today: date, timeliness: Timeliness, late: int, left: int, calendar_days: int
) -> None:
    seen = assess(tracked(due_on(due)), today, CALENDAR)
    assert (seen.timeliness, seen.days_late, seen.days_left) == (timeliness, late, left)
    assert seen.calendar_days == calendar_days
    assert seen.due == due


def test_a_plan_that_does_not_roll_ends_on_the_printed_day() -> None:
    seen = assess(tracked(due_on(SATURDAY), roll=False), date(2023, 3, 26), CALENDAR)
    assert (seen.timeliness, seen.days_late) == (T.OVERDUE, 0)


@pytest.mark.parametrize(("hour", "minute", "timeliness"), [(23, 59, T.DONE_ON_TIME), (0, 0, T.DONE_LATE)])
def test_the_last_minute_counts_and_midnight_does_not(hour: int, minute: int, timeliness: Timeliness) -> None:
    day = FRIDAY if hour else FRIDAY + timedelta(days=1)
    done = Event("viec", EventKind.DONE, at(day, hour, minute))
    assert assess(tracked(due_on(FRIDAY), done), date(2023, 4, 10), CALENDAR).timeliness is timeliness


@pytest.mark.parametrize(("utc_hour", "late"), [(16, False), (17, True)])
def test_overdue_begins_at_midnight_in_viet_nam_not_in_greenwich(utc_hour: int, late: bool) -> None:
    now = datetime.fromisoformat(f"2023-03-31T{utc_hour}:59:59+00:00")
    seen = assess(tracked(due_on(FRIDAY)), local_day(now), CALENDAR)
    assert (seen.timeliness is T.OVERDUE) is late


def test_due_soon_begins_seven_working_days_before() -> None:
    mine = tracked(due_on(FRIDAY))
    first = CALENDAR.add_working_days(FRIDAY, -DUE_SOON_DAYS)
    assert first == date(2023, 3, 22)
    assert assess(mine, first, CALENDAR).timeliness is T.DUE_SOON
    assert assess(mine, first - timedelta(days=1), CALENDAR).timeliness is T.ON_TRACK


def test_what_has_not_opened_is_not_due_soon() -> None:
    mine = tracked(due_on(FRIDAY, start=date(2023, 3, 29)))
    assert assess(mine, date(2023, 3, 28), CALENDAR).timeliness is T.ON_TRACK
    assert assess(mine, date(2023, 3, 29), CALENDAR).timeliness is T.DUE_SOON


COMPLETED = [
    # completion, reported, confirmed, timeliness, days late
    ("reported", FRIDAY, date(2023, 4, 10), T.DONE_ON_TIME, 0),
    ("reported", date(2023, 4, 4), date(2023, 4, 10), T.DONE_LATE, 2),
    ("confirmed", FRIDAY, FRIDAY, T.DONE_ON_TIME, 0),
    ("confirmed", date(2023, 3, 30), date(2023, 4, 3), T.DONE_LATE, 1),
    ("reported", date(2023, 4, 1), None, T.DONE_LATE, 0),
    ("reported", FRIDAY, None, T.DONE_ON_TIME, 0),
]


@pytest.mark.parametrize(("completion", "reported", "confirmed", "timeliness", "late"), COMPLETED)
def test_which_day_counts_as_completion(
    completion: Completion, reported: date, confirmed: date | None, timeliness: Timeliness, late: int
) -> None:
    events = [word("done", reported)]
    if confirmed:
        events.append(word("confirm", confirmed))
    seen = assess(tracked(due_on(FRIDAY), *events, completion=completion), date(2023, 6, 1), CALENDAR)
    assert (seen.timeliness, seen.days_late) == (timeliness, late)


def test_finished_work_stays_as_it_was_however_late_one_looks() -> None:
    mine = tracked(due_on(FRIDAY), word("done", date(2023, 4, 4)), word("confirm", date(2023, 4, 5)))
    assert assess(mine, date(2023, 4, 5), CALENDAR) == assess(mine, date(2024, 12, 31), CALENDAR)


def test_a_returned_report_is_overdue_again() -> None:
    mine = tracked(due_on(FRIDAY), word("done", date(2023, 3, 30)), word("return", date(2023, 4, 3)))
    seen = assess(mine, date(2023, 4, 4), CALENDAR)
    assert (seen.timeliness, seen.days_late) == (T.OVERDUE, 2)


def test_an_extension_in_time_is_the_deadline_in_force() -> None:
    mine = tracked(due_on(FRIDAY), word("extend", date(2023, 3, 30), new=date(2023, 4, 14)))
    seen = assess(mine, date(2023, 4, 10), CALENDAR)
    assert (seen.timeliness, seen.due) == (T.DUE_SOON, date(2023, 4, 14))
    assert mine.promise.due == FRIDAY


@pytest.mark.parametrize(("cures", "timeliness"), [(False, T.OVERDUE), (True, T.DUE_SOON)])
def test_an_extension_after_the_deadline_cures_only_if_it_says_so(
    cures: bool, timeliness: Timeliness
) -> None:
    grant = word("extend", date(2023, 4, 4), new=date(2023, 4, 14), cures=cures)
    assert assess(tracked(due_on(FRIDAY), grant), date(2023, 4, 10), CALENDAR).timeliness is timeliness


KINDS = [
    (CONTINUOUS, (), T.NO_DEADLINE),
    (UNDATED, (), T.NO_DEADLINE),
    (EXTERNAL, (), T.NO_DEADLINE),
    (UNDATED, (word("date", ISSUED, new=FRIDAY),), T.OVERDUE),
    (CONTINUOUS, (word("done", FRIDAY),), T.NO_DEADLINE),
    (after_event(), (), T.NOT_APPLICABLE),
    (after_event(), (word("trigger", FRIDAY),), T.NO_DEADLINE),
    (after_event(3), (word("trigger", FRIDAY),), T.OVERDUE),
    (due_on(FRIDAY), (word("withdraw", FRIDAY),), T.NOT_APPLICABLE),
    (due_on(FRIDAY), (word("declined", FRIDAY),), T.OVERDUE),
    (due_on(FRIDAY), (word("progress", FRIDAY, percent=100),), T.OVERDUE),
]


@pytest.mark.parametrize(("deadline", "events", "timeliness"), KINDS)
def test_every_kind_of_deadline(
    deadline: Deadline, events: tuple[Event, ...], timeliness: Timeliness
) -> None:
    assert assess(tracked(deadline, *events), date(2023, 6, 1), CALENDAR).timeliness is timeliness


def test_each_period_of_a_recurring_duty_is_late_on_its_own() -> None:
    march, april = promises(plan(task(deadline=monthly(3, 4)))).values()
    today = date(2023, 4, 5)
    late = [
        assess(Tracked(p, opening(p), "reported", "district"), today, CALENDAR).timeliness
        for p in (march, april)
    ]
    assert late == [T.OVERDUE, T.ON_TRACK]


@pytest.mark.parametrize(
    ("today", "timeliness"), [(date(2023, 12, 31), "no_deadline"), (date(2024, 1, 1), "not_applicable")]
)
def test_a_continuous_duty_is_over_after_its_end(today: date, timeliness: str) -> None:
    assert situation_of(tracked(CONTINUOUS), today, CALENDAR, ISSUED).timeliness == timeliness


def test_open_is_what_the_unit_still_owes() -> None:
    owed = {s for s in State if is_open(s)}
    assert owed == {
        State.NOT_STARTED,
        State.RECEIVED,
        State.IN_PROGRESS,
        State.RETURNED,
        State.DECLINED,
    }


# --- the facts that rules see ----------------------------------------------------------------------------


def test_the_situation_of_a_fresh_task() -> None:
    facts = situation_of(tracked(due_on(FRIDAY)), ISSUED, CALENDAR, ISSUED)
    assert (facts.days_left, facts.days_late, facts.length) == (22, 0, 22)
    assert (facts.age, facts.days_silent, facts.opens_in, facts.undated) == (0, 0, 0, 0)


def test_silence_counts_working_days_since_the_units_last_word() -> None:
    mine = tracked(
        CONTINUOUS, word("progress", date(2023, 4, 28)), word("snooze", date(2023, 5, 4), new=FRIDAY)
    )
    assert situation_of(mine, date(2023, 5, 5), CALENDAR, ISSUED).days_silent == 3
    assert situation_of(mine, SWAPPED_ON, CALENDAR, ISSUED).days_silent == 4


def test_waiting_counts_from_the_report_and_only_while_it_waits() -> None:
    done = word("done", date(2023, 3, 30))
    waiting = situation_of(tracked(due_on(FRIDAY), done), date(2023, 4, 4), CALENDAR, ISSUED)
    answered = tracked(due_on(FRIDAY), done, word("confirm", FRIDAY))
    assert waiting.days_waiting == 3
    assert situation_of(answered, date(2023, 4, 4), CALENDAR, ISSUED).days_waiting == 0


def test_undated_until_somebody_dates_it() -> None:
    assert situation_of(tracked(UNDATED), FRIDAY, CALENDAR, ISSUED).undated == 1
    assert situation_of(tracked(UNDATED), FRIDAY, CALENDAR, ISSUED).days_left == NO_DAYS
    dated = tracked(UNDATED, word("date", ISSUED, new=FRIDAY))
    assert situation_of(dated, FRIDAY, CALENDAR, ISSUED).undated == 0
    assert situation_of(tracked(CONTINUOUS), FRIDAY, CALENDAR, ISSUED).undated == 0


def test_an_event_makes_a_duty_young_again() -> None:
    mine = tracked(after_event(10), word("trigger", FRIDAY))
    facts = situation_of(mine, date(2023, 4, 3), CALENDAR, ISSUED)
    assert (facts.age, facts.days_silent) == (1, 1)


def test_a_period_opens_on_its_own_first_day() -> None:
    april = list(promises(plan(task(deadline=monthly(3, 4)))).values())[1]
    facts = situation_of(
        Tracked(april, opening(april), "reported", "district"), date(2023, 3, 30), CALENDAR, ISSUED
    )
    # 1 April is a Saturday: the first working day is gone by then.
    assert (facts.opens_in, facts.age) == (1, 0)


def test_a_year_without_a_calendar_is_an_error() -> None:
    with pytest.raises(MissingYear):
        assess(tracked(due_on(FRIDAY)), date(2025, 1, 2), CALENDAR)


@given(st.dates(date(2022, 6, 1), date(2024, 6, 30)), st.dates(date(2022, 6, 1), date(2024, 6, 30)))
def test_days_late_and_left_never_meet(due: date, today: date) -> None:
    promise = replace(_any_promise(), due=due, rolled=CALENDAR.roll(due))
    seen = assess(Tracked(promise, Standing(State.RECEIVED), "reported", "district"), today, CALENDAR)
    assert seen.rolled is not None
    assert seen.days_left is not None
    assert (seen.timeliness is T.OVERDUE) == (today > seen.rolled)
    assert not (seen.days_late and seen.days_left)
    later = assess(
        Tracked(promise, Standing(State.RECEIVED), "reported", "district"),
        today + timedelta(days=1),
        CALENDAR,
    )
    assert later.days_late - seen.days_late in (0, 1)
    assert seen.days_left - (later.days_left or 0) in (0, 1)


def _any_promise() -> Promise:
    return next(iter(promises(plan(task())).values()))
