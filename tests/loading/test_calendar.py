from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import holidays
import pytest

from engine.errors import Severity
from engine.loading.calendar import load_calendar
from engine.workdays import WorkCalendar

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ROOT / "rules" / "calendar.yaml"
KNOWN = json.loads((ROOT / "tests" / "data" / "holidays_vn.json").read_text(encoding="utf-8"))

# Nghị quyết 28/2026/QH16 Điều 2 made 24/11 a day off; Công văn 10065/VPCP-KGVX: one day, no swap.
CULTURE_DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    shipped, _ = load_calendar(SHIPPED.read_bytes(), "rules/calendar.yaml")
    assert shipped is not None
    return shipped


def test_the_shipped_calendar_warns_of_the_provisional_year_and_nothing_else() -> None:
    calendar, problems = load_calendar(SHIPPED.read_bytes(), "rules/calendar.yaml")
    assert calendar is not None
    assert [(p.severity, p.code) for p in problems] == [(Severity.WARNING, "provisional-year")]
    assert "2027" in problems[0].message
    assert problems[0].line > 0
    assert calendar.years == frozenset(range(2019, 2028))
    assert calendar.provisional == {2027}


@pytest.mark.parametrize("year", range(2019, 2027))
def test_the_days_off_are_the_known_ones(calendar: WorkCalendar, year: int) -> None:
    known = {date.fromisoformat(day) for day in KNOWN["days_off"][str(year)]}
    ours = {day for day in calendar.days_off if day.year == year}
    assert ours - known == ({CULTURE_DAY} if year == 2026 else set())
    assert known - ours == set()


def test_the_swapped_saturdays_are_the_known_ones(calendar: WorkCalendar) -> None:
    assert calendar.working_saturdays == {date.fromisoformat(day) for day in KNOWN["working_saturdays"]}


# The package lacks the swap of New Year 2026, agreed on 25/12/2025 (Công văn 12729/VPCP-KGVX).
PACKAGE_LACKS = {date(2026, 1, 2)}
PACKAGE_LACKS_WORK = {date(2026, 1, 10)}


@pytest.mark.parametrize("year", range(2019, 2028))
def test_a_second_opinion(calendar: WorkCalendar, year: int) -> None:
    theirs = holidays.country_holidays("VN", years=year, language="vi")
    weekdays = {day for day in theirs if day.weekday() < 5}
    ours = {day for day in calendar.days_off if day.year == year}
    assert ours ^ weekdays == {day for day in PACKAGE_LACKS if day.year == year}
    # Made with 2018 as well: the package files a swapped Saturday under the year of its day off.
    swapped = holidays.country_holidays("VN", years=[year - 1, year]).weekend_workdays
    work = {day for day in calendar.working_saturdays if day.year == year}
    assert work ^ {d for d in swapped if d.year == year} == {d for d in PACKAGE_LACKS_WORK if d.year == year}


def test_lunar_days_of_2027(calendar: WorkCalendar) -> None:
    theirs = holidays.country_holidays("VN", years=2027, language="vi")
    assert "Tết Nguyên Đán" in theirs[date(2027, 2, 6)]
    assert "Hùng Vương" in theirs[date(2027, 4, 16)]
    assert calendar.days_off[date(2027, 4, 16)] == "Giỗ Tổ Hùng Vương"
    assert calendar.reason_off(date(2027, 2, 6)) == "Thứ Bảy"


GOOD = """\
years:
  - year: 2023
    source: Thông báo A
    days_off:
      - {date: 02/01/2023, name: Nghỉ bù, source: Điều 111}
    working_days:
      - {date: 07/01/2023, name: Làm bù, source: Thông báo A}
"""


def test_a_good_file_has_no_problems() -> None:
    calendar, problems = load_calendar(GOOD.encode(), "c.yaml")
    assert problems == ()
    assert calendar is not None
    assert calendar.days_off == {date(2023, 1, 2): "Nghỉ bù"}
    assert calendar.working_saturdays == {date(2023, 1, 7)}
    assert calendar.provisional == frozenset()


BROKEN = [
    ("02/01/2023", "02/01/2024", "other-year", 5, 16),
    ("02/01/2023", "31/02/2023", "bad-date", 5, 16),
    ("02/01/2023", "2023-01-02", "bad-date", 5, 16),
    ("07/01/2023", "09/01/2023", "weekday-working", 7, 16),
    ("07/01/2023", "02/01/2023", "duplicate-day", 7, 16),
    (", source: Điều 111", "", "missing-key", 5, 9),
    ("source: Điều 111", 'source: ""', "empty-value", 5, 51),
    ("    source: Thông báo A\n", "", "missing-key", 2, 5),
    ("working_days", "working_day", "unknown-key", 6, 5),
    ("year: 2023", "year: 23", "bad-value", 2, 11),
    ("year: 2023", "year: hai", "bad-number", 2, 11),
    (GOOD[7:], GOOD[7:] + GOOD[7:], "duplicate-year", 8, 11),
    (GOOD[6:], " []\n", "bad-value", 1, 8),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "column"), BROKEN)
def test_a_broken_file_is_refused_at_its_place(old: str, new: str, code: str, line: int, column: int) -> None:
    assert old in GOOD
    calendar, problems = load_calendar(GOOD.replace(old, new, 1).encode(), "c.yaml")
    assert calendar is None
    found = [(p.code, p.line, p.column) for p in problems if p.severity is Severity.ERROR]
    assert (code, line, column) in found


def test_a_day_off_on_a_weekend_is_a_warning() -> None:
    calendar, problems = load_calendar(GOOD.replace("02/01/2023", "01/01/2023").encode(), "c.yaml")
    assert calendar is not None
    assert [(p.severity, p.code, p.line) for p in problems] == [(Severity.WARNING, "weekend-off", 5)]
    assert "Chủ nhật" in problems[0].message


def test_a_gap_between_years_is_a_warning() -> None:
    later = "  - {year: 2025, source: B, days_off: []}\n"
    calendar, problems = load_calendar((GOOD + later).encode(), "c.yaml")
    assert calendar is not None
    assert [(p.severity, p.code) for p in problems] == [(Severity.WARNING, "missing-year")]
    assert "2024" in problems[0].message


def test_every_entry_of_the_shipped_file_is_said_once_and_with_a_source() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    entries = [line for line in text.splitlines() if line.lstrip().startswith("- {date:")]
    assert len(entries) == 104 + 6
    assert all("source: " in line for line in entries)
