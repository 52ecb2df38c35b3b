"""How a number of working days comes about, in Vietnamese: the arithmetic that a reader can follow."""

from __future__ import annotations

from datetime import date, timedelta

from engine.model.assignment import State
from engine.tracking.assess import Tracked, assess, begins_on, spoke_on
from engine.tracking.progress import limit
from engine.workdays import MissingYear, WorkCalendar

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

MOST_NAMED = 4
"""Days off that one sentence names; the rest is counted."""


def weekday_date(day: date) -> str:
    """ "thứ Sáu, 31/03/2023" """
    return f"{_WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


def span_words(first: date, last: date, calendar: WorkCalendar) -> str:
    """The working days after ``first`` up to ``last`` (later than it) as a sum: all days, less weekends and
    named days off, with swapped working days named. Raises MissingYear.

    The first day is not counted: Bộ luật Dân sự 2015, Điều 147.
    """
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    off = [day for day in days if not calendar.is_working_day(day)]
    weekend = [day for day in off if day.weekday() >= 5]
    named = [f"{calendar.reason_off(day)} {day:%d/%m}" for day in off if day.weekday() < 5]
    swapped = [day for day in days if day.weekday() >= 5 and calendar.is_working_day(day)]
    less = []
    if weekend:
        less.append(f"{len(weekend)} ngày cuối tuần")
    if named:
        some = "; ".join(named[:MOST_NAMED]) + (" …" if len(named) > MOST_NAMED else "")
        less.append(f"{len(named)} ngày nghỉ ({some})")
    working = len(days) - len(off)
    text = f"từ sau {weekday_date(first)} đến {weekday_date(last)} có {len(days)} ngày"
    if swapped:
        text += f" (trong đó làm bù {', '.join(f'{day:%d/%m}' for day in swapped[:MOST_NAMED])})"
    return f"{text}, trừ {' và '.join(less)} còn {working} ngày làm việc" if less else f"{text} làm việc"


def how_counted(fact: str, tracked: Tracked, day: date, calendar: WorkCalendar, in_force: date) -> str:
    """How the value of a counted fact of an assignment comes about on ``day``; empty where there is nothing
    to count, or the calendar does not hold all of it."""
    ends = _ends_of(fact, tracked, day, calendar, in_force)
    if ends is None or ends[1] <= ends[0]:
        return ""
    try:
        return span_words(*ends, calendar)
    except MissingYear:
        return ""


def _ends_of(
    fact: str, tracked: Tracked, day: date, calendar: WorkCalendar, in_force: date
) -> tuple[date, date] | None:
    """Between which days the fact counts."""
    standing = tracked.standing
    last = limit(tracked.promise, standing)
    match fact:
        case "days_late" | "days_left" if last is not None:
            ends = (last, day) if last < day else (day, last)
            return ends if assess(tracked, day, calendar).days_left is not None else None
        case "days_silent":
            return spoke_on(tracked, in_force), day
        case "days_waiting" if standing.state is State.REPORTED and standing.reported_on is not None:
            return standing.reported_on, day
        case "opens_in":
            return day, tracked.promise.starts
        case "age":
            return begins_on(tracked, in_force), day
        case _:
            return None
