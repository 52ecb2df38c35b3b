"""When messages may go out."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from engine.tracking.progress import VIETNAM
from engine.workdays import MissingYear, WorkCalendar

_FAR = 60
"""Days looked ahead; no run of days off is longer."""


def next_hours(instant: datetime, calendar: WorkCalendar, hours: tuple[time, time]) -> datetime | None:
    """The first instant from ``instant`` on at which messages may go out; None past the calendar's years."""
    local = instant.astimezone(VIETNAM)
    begin, end = hours
    for ahead in range(_FAR):
        day = local.date() + timedelta(days=ahead)
        try:
            working = calendar.is_working_day(day)
        except MissingYear:
            return None
        opens = datetime.combine(day, begin, VIETNAM)
        closes = datetime.combine(day, end, VIETNAM)
        if working and local < closes:
            return max(local, opens)
    return None
