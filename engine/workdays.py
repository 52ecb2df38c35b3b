"""The working-day calendar: which days count, counting them, moving a deadline off a day off.

Monday to Friday work, except the days off; a swapped Saturday or Sunday works. The years stand in
``rules/calendar.yaml``; a year that is not there is an error, never "no holidays".
Source of the rolling rule: Bộ luật Dân sự 2015, Điều 147 (the first day is not counted) and
Điều 148 khoản 5 (a last day on a weekend or holiday ends on the next working day).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.errors import DondocError

CALENDAR_FILE = "rules/calendar.yaml"
_SATURDAY, _SUNDAY = 5, 6


class MissingYear(DondocError):
    """A working day was asked for in a year that the calendar does not hold."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            f"Lịch làm việc chưa có năm {year}. Hãy thêm ngày nghỉ và ngày làm bù của năm {year} "
            f"vào tệp {CALENDAR_FILE} rồi chạy lại."
        )

    def __reduce__(self) -> tuple[type[MissingYear], tuple[int]]:
        return MissingYear, (self.year,)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days off and swapped working days of some years; every question is answered in O(1).

    ``days_off`` gives each day off its name; one on a weekend is allowed and changes nothing.
    ``working_saturdays`` are weekend days that work (Sundays too, should one be decreed).
    ``provisional`` years are held but not yet decided by the Government. ValueError when an entry
    lies outside ``years``, a swapped day is no weekend day, or a day both works and is off.
    """

    days_off: Mapping[date, str] = field(hash=False)
    working_saturdays: frozenset[date]
    years: frozenset[int]
    provisional: frozenset[int] = frozenset()
    # Day ordinals that work, ascending; and for each day from `_origin` on, how many of them are <= it.
    _working: array[int] = field(init=False, repr=False, compare=False)
    _counts: array[int] = field(init=False, repr=False, compare=False)
    _origin: int = field(init=False, repr=False, compare=False)
    # The first year of the unbroken run that each year belongs to.
    _runs: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._refuse_nonsense()
        object.__setattr__(self, "days_off", dict(self.days_off))
        working, counts = array("l"), array("l")
        runs: dict[int, int] = {}
        first, last = (min(self.years), max(self.years)) if self.years else (1, 0)
        origin = date(first, 1, 1).toordinal()
        for year in range(first, last + 1):
            if year in self.years:
                runs[year] = runs.get(year - 1, year)
            for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
                if year in self.years and self._works(date.fromordinal(ordinal)):
                    working.append(ordinal)
                counts.append(len(working))
        object.__setattr__(self, "_working", working)
        object.__setattr__(self, "_counts", counts)
        object.__setattr__(self, "_origin", origin)
        object.__setattr__(self, "_runs", runs)

    def _refuse_nonsense(self) -> None:
        for day in (*self.days_off, *self.working_saturdays):
            if day.year not in self.years:
                raise ValueError(f"{day} lies outside the years of the calendar")
        for day in self.working_saturdays:
            if day.weekday() < _SATURDAY:
                raise ValueError(f"{day} is no weekend day, it cannot be a swapped working day")
            if day in self.days_off:
                raise ValueError(f"{day} is both a day off and a working day")
        if not self.provisional <= self.years:
            raise ValueError("a provisional year lies outside the years of the calendar")

    def _works(self, day: date) -> bool:
        if day.weekday() >= _SATURDAY:
            return day in self.working_saturdays
        return day not in self.days_off

    def covers(self, year: int) -> bool:
        """Whether the calendar holds the days off of ``year``."""
        return year in self._runs

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on ``day``; MissingYear where its year is not held."""
        self._require(day.year)
        return self._works(day)

    def roll(self, day: date) -> date:
        """``day`` itself if it works, else the next working day; MissingYear past the last year."""
        self._require(day.year)
        return day if self._works(day) else self._nth(day.year, self._count(day))

    def add_working_days(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day`` (before it for ``n < 0``); ``n = 0`` is ``day`` itself.

        ``day`` is never counted, whether it works or not. MissingYear outside the years held.
        """
        self._require(day.year)
        if n == 0:
            return day
        count = self._count(day)
        if n > 0:
            return self._nth(day.year, count + n - 1)
        return self._nth(day.year, count - self._works(day) + n)

    def working_days_between(self, a: date, b: date) -> int:
        """Working days in (a, b]; for ``b < a`` minus those in (b, a]. MissingYear on a gap."""
        self._require(a.year)
        self._require(b.year)
        self._require_unbroken(a.year, b.year)
        return self._count(b) - self._count(a)

    def at_least_between(self, a: date, b: date) -> int:
        """Working days in (a, b] as far as the years from ``a`` on are held: never more than there are.

        For a ``b`` in a year not yet decided; MissingYear only when the year of ``a`` is not held.
        """
        self._require(a.year)
        year = a.year
        while year < b.year and year + 1 in self._runs:
            year += 1
        return self.working_days_between(a, min(b, date(year, 12, 31)))

    def reason_off(self, day: date) -> str | None:
        """Why nobody works on ``day`` (Vietnamese), None on a working day; MissingYear likewise."""
        if self.is_working_day(day):
            return None
        weekend = "Chủ nhật" if day.weekday() == _SUNDAY else "Thứ Bảy"
        return self.days_off.get(day, weekend)

    def _require(self, year: int) -> None:
        if year not in self._runs:
            raise MissingYear(year)

    def _require_unbroken(self, a: int, b: int) -> None:
        """MissingYear for the first year on the way from ``a`` to ``b`` (both held) that is not held."""
        if self._runs[a] != self._runs[b]:
            raise MissingYear(self._first_missing(a, 1 if b > a else -1))

    def _count(self, day: date) -> int:
        return self._counts[day.toordinal() - self._origin]

    def _nth(self, start: int, index: int) -> date:
        """The working day with this index, reached from a day in the year ``start``."""
        if not 0 <= index < len(self._working):
            raise MissingYear(self._first_missing(start, -1 if index < 0 else 1))
        day = date.fromordinal(self._working[index])
        self._require_unbroken(start, day.year)
        return day

    def _first_missing(self, year: int, step: int) -> int:
        while year in self._runs:
            year += step
        return year
