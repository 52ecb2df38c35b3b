from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loading.calendar import load_calendar
from engine.workdays import MissingYear, WorkCalendar

FILE = Path(__file__).parent.parent / "rules" / "calendar.yaml"


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    shipped, _ = load_calendar(FILE.read_bytes(), "rules/calendar.yaml")
    assert shipped is not None
    return shipped


def day(text: str) -> date:
    return date.fromisoformat(text)


def works_slowly(calendar: WorkCalendar, when: date) -> bool:
    """The definition itself, without the calendar's arrays."""
    if when in calendar.working_saturdays:
        return True
    return when.weekday() < 5 and when not in calendar.days_off


ANY_DAY = st.dates(date(2019, 1, 1), date(2027, 12, 31))
INNER_DAY = st.dates(date(2019, 6, 1), date(2027, 6, 1))


@given(when=ANY_DAY)
def test_a_working_day_is_what_the_definition_says(calendar: WorkCalendar, when: date) -> None:
    assert calendar.is_working_day(when) is works_slowly(calendar, when)
    assert (calendar.reason_off(when) is None) is works_slowly(calendar, when)


@given(when=INNER_DAY)
def test_rolling_goes_to_the_first_working_day_from_here(calendar: WorkCalendar, when: date) -> None:
    expected = when
    while not works_slowly(calendar, expected):
        expected += timedelta(days=1)
    assert calendar.roll(when) == expected


@given(when=INNER_DAY, n=st.integers(-70, 70))
def test_adding_walks_from_day_to_day(calendar: WorkCalendar, when: date, n: int) -> None:
    expected, left = when, abs(n)
    while left:
        expected += timedelta(days=1 if n > 0 else -1)
        left -= works_slowly(calendar, expected)
    assert calendar.add_working_days(when, n) == expected


@given(a=ANY_DAY, b=ANY_DAY)
def test_between_counts_the_days_after_the_first_up_to_the_last(
    calendar: WorkCalendar, a: date, b: date
) -> None:
    first, last = min(a, b), max(a, b)
    counted = sum(
        works_slowly(calendar, first + timedelta(days=i)) for i in range(1, (last - first).days + 1)
    )
    assert calendar.working_days_between(a, b) == (counted if a <= b else -counted)
    assert calendar.working_days_between(b, a) == -calendar.working_days_between(a, b)


@given(when=INNER_DAY, n=st.integers(1, 100))
def test_between_undoes_adding(calendar: WorkCalendar, when: date, n: int) -> None:
    assert calendar.working_days_between(when, calendar.add_working_days(when, n)) == n


# Each line: from, working days, day reached; the weeks of Tết are where counting goes wrong.
STEPS = [
    ("2023-01-19", 1, "2023-01-27"),  # last day before Tết Quý Mão; back on the Friday
    ("2023-01-19", 2, "2023-01-30"),
    ("2023-01-27", -1, "2023-01-19"),
    ("2024-02-07", 1, "2024-02-15"),
    ("2024-02-10", 1, "2024-02-15"),  # from mùng 1 itself
    ("2024-02-10", -1, "2024-02-07"),
    ("2025-01-24", 1, "2025-02-03"),
    ("2026-02-13", 1, "2026-02-23"),
    ("2022-01-28", 1, "2022-02-07"),
    ("2024-04-26", 1, "2024-05-02"),  # 29/4 swapped
    ("2024-05-03", 1, "2024-05-04"),  # the swapped Saturday works
    ("2024-05-04", 1, "2024-05-06"),
    ("2026-08-21", 1, "2026-08-22"),
    ("2026-08-28", 1, "2026-09-03"),
    ("2023-12-29", 1, "2024-01-02"),  # across the year
    ("2023-05-01", 0, "2023-05-01"),  # nothing to add: a day off stays
]


@pytest.mark.parametrize(("start", "n", "reached"), STEPS)
def test_steps_around_days_off(calendar: WorkCalendar, start: str, n: int, reached: str) -> None:
    assert calendar.add_working_days(day(start), n) == day(reached)


@pytest.mark.parametrize(
    ("due", "rolled"),
    [
        ("2023-01-20", "2023-01-27"),
        ("2023-01-22", "2023-01-27"),
        ("2023-04-29", "2023-05-04"),
        ("2024-05-04", "2024-05-04"),
        ("2025-04-26", "2025-04-26"),
        ("2025-05-02", "2025-05-05"),
        ("2022-12-31", "2023-01-03"),
        ("2023-03-15", "2023-03-15"),
        ("2026-11-24", "2026-11-25"),
    ],
)
def test_a_deadline_on_a_day_off_moves_to_the_next_working_day(
    calendar: WorkCalendar, due: str, rolled: str
) -> None:
    assert calendar.roll(day(due)) == day(rolled)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("2023-01-23", "Tết Âm lịch (mùng 2)"),
        ("2024-05-04", None),
        ("2024-05-05", "Chủ nhật"),
        ("2024-05-11", "Thứ Bảy"),
        ("2024-04-29", "Nghỉ hoán đổi với thứ Bảy 04/5/2024"),
        ("2023-03-15", None),
    ],
)
def test_why_a_day_is_off(calendar: WorkCalendar, when: str, reason: str | None) -> None:
    assert calendar.reason_off(day(when)) == reason


def test_a_missing_year_is_an_error_that_names_year_and_file(calendar: WorkCalendar) -> None:
    with pytest.raises(MissingYear, match=r"2028.*rules/calendar\.yaml") as caught:
        calendar.is_working_day(date(2028, 1, 3))
    assert caught.value.year == 2028
    assert copy.copy(caught.value).year == 2028


@pytest.mark.parametrize("ask", ["roll", "add", "between", "reason"])
def test_every_question_about_a_missing_year_is_refused(calendar: WorkCalendar, ask: str) -> None:
    questions: dict[str, Callable[[], object]] = {
        "roll": lambda: calendar.roll(date(2018, 5, 5)),
        "add": lambda: calendar.add_working_days(date(2018, 5, 5), 0),
        "between": lambda: calendar.working_days_between(date(2027, 12, 31), date(2028, 1, 1)),
        "reason": lambda: calendar.reason_off(date(2028, 1, 1)),
    }
    with pytest.raises(MissingYear):
        questions[ask]()


def small(*years: int, **more: frozenset[date]) -> WorkCalendar:
    return WorkCalendar({date(years[0], 1, 1): "x"}, more.get("work", frozenset()), frozenset(years))


@pytest.mark.parametrize(
    ("start", "n", "missing"),
    [
        ("2022-12-31", 1, 2023),  # a Saturday: nothing works after it in this calendar
        ("2022-12-30", 1, 2023),
        ("2022-01-03", -1, 2021),
        ("2022-06-01", 500, 2023),
        ("2024-01-01", -1, 2023),
        ("2024-12-31", 1, 2025),
    ],
)
def test_walking_over_the_edge_names_the_first_year_missing(start: str, n: int, missing: int) -> None:
    with pytest.raises(MissingYear) as caught:
        small(2022, 2024).add_working_days(day(start), n)
    assert caught.value.year == missing


def test_rolling_over_the_edge_and_counting_over_a_gap() -> None:
    calendar = small(2022, 2024)
    with pytest.raises(MissingYear) as caught:
        calendar.roll(date(2022, 12, 31))
    assert caught.value.year == 2023
    for a, b in ((date(2022, 3, 1), date(2024, 3, 1)), (date(2024, 3, 1), date(2022, 3, 1))):
        with pytest.raises(MissingYear, match="2023"):
            calendar.working_days_between(a, b)
    assert calendar.add_working_days(date(2022, 12, 29), 1) == date(2022, 12, 30)
    assert (calendar.covers(2022), calendar.covers(2023), calendar.covers(2024)) == (True, False, True)


def test_a_calendar_without_years_knows_nothing() -> None:
    empty = WorkCalendar({}, frozenset(), frozenset())
    assert not empty.covers(2023)
    with pytest.raises(MissingYear):
        empty.roll(date(2023, 1, 1))


@pytest.mark.parametrize(
    ("off", "work", "years", "provisional"),
    [
        ({"2023-01-02"}, set(), {2022}, set()),  # outside the years
        (set(), {"2023-01-02"}, {2023}, set()),  # a Monday is no swapped weekend day
        ({"2023-01-07"}, {"2023-01-07"}, {2023}, set()),  # both
        (set(), set(), {2023}, {2024}),
    ],
)
def test_a_contradictory_calendar_cannot_be_made(
    off: set[str], work: set[str], years: set[int], provisional: set[int]
) -> None:
    with pytest.raises(ValueError, match=r"calendar|working day|weekend"):
        WorkCalendar(
            {day(d): "x" for d in off}, frozenset(map(day, work)), frozenset(years), frozenset(provisional)
        )


def test_what_the_caller_keeps_changing_does_not_change_the_calendar() -> None:
    off = {date(2023, 1, 2): "x"}
    calendar = WorkCalendar(off, frozenset(), frozenset({2023}))
    off.clear()
    assert calendar.reason_off(date(2023, 1, 2)) == "x"
    assert calendar == WorkCalendar({date(2023, 1, 2): "x"}, frozenset(), frozenset({2023}))
    assert len({calendar, copy.copy(calendar)}) == 1
