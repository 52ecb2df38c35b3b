"""The week or month that a summary is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.ruleset.rule import PERIODS
from engine.workdays import WorkCalendar

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)

MOST_WEEKS = 4
"""Weeks that one weekly summary covers at most: those without a working day are told with the one before."""


@dataclass(frozen=True, slots=True)
class Period:
    """``first`` to ``last`` is over; ``until`` ends the one that has begun. ``name`` is short ("tuần 24"),
    ``now`` is what the running one is called."""

    first: date
    last: date
    until: date
    name: str
    now: str

    @property
    def title(self) -> str:
        """ "tuần 24 (12/06–18/06/2023)" """
        same_year = self.first.year == self.last.year
        first = f"{self.first:%d/%m}" if same_year else f"{self.first:%d/%m/%Y}"
        return f"{self.name} ({first}–{self.last:%d/%m/%Y})"


def period_of(occasion: str, calendar: WorkCalendar) -> Period | None:
    """What a notice of this occasion sums up; None for one that is no summary.

    "weekly@2023-W25" is about the ISO week before, and about earlier ones that end with weeks nobody
    worked in (Tết): those had no first working day on which to be told of the week before them.
    """
    name, _, key = occasion.partition("@")
    alias = PERIODS.get(name.partition(":")[0], name)
    try:
        if alias == PERIODS["week_day"]:
            year, _, week = key.partition("-W")
            return _weeks_before(date.fromisocalendar(int(year), int(week), 1), calendar)
        if alias == PERIODS["month_day"]:
            return _month_before(date.fromisoformat(f"{key}-01"))
    except ValueError:
        return None
    return None


def _weeks_before(monday: date, calendar: WorkCalendar) -> Period:
    first = monday - _WEEK
    while (monday - first) < MOST_WEEKS * _WEEK and not _has_working_day(first, calendar):
        first -= _WEEK
    last = monday - _DAY
    begin, end = first.isocalendar().week, last.isocalendar().week
    name = f"tuần {end}" if begin == end else f"tuần {begin}–{end}"
    return Period(first, last, monday + 6 * _DAY, name, "trong tuần này")


def _has_working_day(monday: date, calendar: WorkCalendar) -> bool:
    """Whether anybody works in the week; True where the calendar does not hold it."""
    days = [monday + n * _DAY for n in range(7)]
    return any(not calendar.covers(day.year) or calendar.is_working_day(day) for day in days)


def _month_before(first_of_month: date) -> Period:
    last = first_of_month - _DAY
    following = (first_of_month + 31 * _DAY).replace(day=1)
    name = f"tháng {last.month}/{last.year}"
    return Period(last.replace(day=1), last, following - _DAY, name, "trong tháng này")
