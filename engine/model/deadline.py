"""What a time cell means (thời hạn)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

OWN_PLAN_ISSUED = "Kế hoạch được ban hành"
"""The trigger of what waits for its own plan to be issued, and so waits no longer."""


class DeadlineKind(StrEnum):
    """The kinds of deadlines.md."""

    DATE = "date"
    RECURRING = "recurring"
    CONTINUOUS = "continuous"
    EVENT = "event"
    EXTERNAL = "external"
    MILESTONES = "milestones"
    UNSPECIFIED = "unspecified"
    INVALID = "invalid"


class DayUnit(StrEnum):
    """What a span of days counts: every day, or working days only."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Offset:
    """A span of days after (negative: before) an event or the date of issue."""

    days: int
    unit: DayUnit


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due day of a recurring deadline and the stable name of its period.

    ``period`` names the finest period that ends there: ``2022-06``, ``2022-Q2``, ``2022-H1``,
    ``2022``, ``2022-W24`` (ISO week), so that moving the day inside the period keeps the name.
    """

    period: str
    start: date
    due: date
    rolled: date | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One reading of a time cell. Fields that do not belong to ``kind`` are None or empty.

    ``due`` is never moved; ``rolled`` is where Bộ luật Dân sự 2015, Điều 148(5) takes it (equal to
    ``due`` on a working day; None when no calendar was handed in or the year is not in it).
    """

    kind: DeadlineKind
    text: str
    label: str = ""  # of a milestone: the words in front of its time ("Đợt 1", "Xây dựng kế hoạch")
    start: date | None = None
    due: date | None = None
    due_time: time | None = None
    rolled: date | None = None
    alt_due: date | None = None
    alt_rolled: date | None = None
    end: date | None = None
    rrule: str | None = None  # the single rule that falls on exactly the days of ``rrules``, if any
    rrules: tuple[str, ...] = ()
    alt_rrules: tuple[str, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    alt_due_dates: tuple[date, ...] = ()
    times_per_period: int | None = None
    trigger: str | None = None
    relation: str | None = None
    plus_event: str | None = None
    offset: Offset | None = None
    basis: str | None = None  # of a date with an offset: "issued" (the plan's day) or "day" (a stated day)
    authority: str | None = None
    milestones: tuple[Deadline, ...] = ()
    alt_kind: DeadlineKind | None = None
    ambiguous: bool = False
    rule: str = ""
    notes: tuple[str, ...] = field(default=())
