"""The current occasion is the last threshold passed: a missed day is caught up once, never twice."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ruleset.rule import Occasions, Role, Rule, Tone, occasion_key
from engine.tracking.fact_types import NO_DAYS

LEFT = Occasions("days_left", (15, 7, 3, 1))
LATE = Occasions("days_late", (1, 3, 5, 10), 10)


@pytest.mark.parametrize(
    ("series", "value", "current"),
    [
        (LEFT, NO_DAYS, None),
        (LEFT, 20, None),
        (LEFT, 16, None),
        (LEFT, 15, 15),
        (LEFT, 14, 15),
        (LEFT, 8, 15),
        (LEFT, 7, 7),
        (LEFT, 2, 3),
        (LEFT, 1, 1),
        (LEFT, 0, 1),
        (LATE, 0, None),
        (LATE, 1, 1),
        (LATE, 2, 1),
        (LATE, 4, 3),
        (LATE, 9, 5),
        (LATE, 10, 10),
        (LATE, 19, 10),
        (LATE, 20, 20),
        (LATE, 29, 20),
        (LATE, 1000, 1000),
        (Occasions("days_late", (5,), 20), 24, 5),
        (Occasions("days_late", (5,), 20), 25, 25),
        (Occasions("days_late", (5, 9)), 500, 9),
        (Occasions("age", (0,)), 0, 0),
        (Occasions("opens_in", (1,)), 0, 1),
    ],
)
def test_current_occasion(series: Occasions, value: int, current: int | None) -> None:
    assert series.current(value) == current


def slowly(series: Occasions, value: int) -> int | None:
    """The same by counting day by day."""
    last = None
    if series.counts_down:
        for day in range(max(*series.thresholds, value), value - 1, -1):
            last = day if day in series.thresholds else last
        return last
    upcoming = [*series.thresholds]
    for day in range(value + 1):
        if upcoming and day == upcoming[0]:
            last = upcoming.pop(0)
            if not upcoming and series.every:
                upcoming.append(last + series.every)
    return last


@given(
    st.booleans(),
    st.lists(st.integers(0, 60), min_size=1, max_size=6, unique=True).map(sorted),
    st.none() | st.integers(1, 25),
    st.integers(0, 200),
)
def test_occasions_against_a_day_by_day_count(
    down: bool, thresholds: list[int], every: int | None, value: int
) -> None:
    series = (
        Occasions("days_left", tuple(thresholds[::-1]))
        if down
        else Occasions("days_late", tuple(thresholds), every)
    )
    assert series.current(value) == slowly(series, value)


@given(st.sets(st.integers(0, 60)), st.integers(0, 60))
def test_whatever_days_a_tick_misses_each_occasion_comes_at_most_once_and_the_last_never_fails(
    ticks: set[int], today: int
) -> None:
    told = [LATE.current(day) for day in sorted(ticks | {today}) if day <= today]
    changes = [occasion for index, occasion in enumerate(told) if index == 0 or occasion != told[index - 1]]
    assert len(changes) == len(set(changes))
    assert told[-1] == slowly(LATE, today)


def rule_on(fact: str | None) -> Rule:
    series = Occasions(fact, (1,)) if fact else None
    return Rule("luat", "Lý do", "assignment", (), series, (Role.LEAD,), Tone.REMIND)


@pytest.mark.parametrize(
    ("fact", "key"),
    [
        (None, "x"),
        ("days_left", "x"),
        ("days_late", "x"),
        ("age", "x"),
        ("days_silent", "x@2023-05-04"),
        ("days_waiting", "x@2023-06-07"),
        ("overdue", "x@2023-08"),
        ("month_day", "x@2023-08"),
        ("unreachable", "x@2023-08"),
        ("week_day", "x@2023-W32"),
        ("days_stopped", "x@2023-08-08"),
    ],
)
def test_a_count_that_begins_anew_gets_a_new_key(fact: str | None, key: str) -> None:
    said, reported, today = date(2023, 5, 4), date(2023, 6, 7), date(2023, 8, 9)
    stopped = date(2023, 8, 8)
    found = occasion_key(rule_on(fact), "x", last_word=said, reported=reported, day=today, stopped=stopped)
    assert found == key


def test_silence_since_the_start_has_a_key_of_its_own() -> None:
    key = occasion_key(rule_on("days_silent"), "x", last_word=None, reported=None, day=date(2023, 8, 9))
    assert key == "x@start"
