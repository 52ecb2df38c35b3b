"""What a unit or the office said (cập nhật tiến độ): the append-only history of an assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class EventKind(StrEnum):
    """Words of the unit first, then of the office."""

    RECEIVED = "received"
    PROGRESS = "progress"
    DONE = "done"
    EXTENSION = "extension"
    DECLINED = "declined"

    CONFIRM = "confirm"
    RETURN = "return"
    EXTEND = "extend"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    TRIGGER = "trigger"
    DATE = "date"
    SNOOZE = "snooze"


UNIT_KINDS = frozenset(
    {EventKind.RECEIVED, EventKind.PROGRESS, EventKind.DONE, EventKind.EXTENSION, EventKind.DECLINED}
)
OFFICE_KINDS = frozenset(EventKind) - UNIT_KINDS


@dataclass(frozen=True, slots=True)
class Event:
    """One word on one assignment. ``at`` is aware (UTC); ``day`` is a date the event carries:
    the day asked for or granted, the day something happened, the date entered, snoozed until."""

    assignment: str
    kind: EventKind
    at: datetime
    by: str = ""
    percent: int | None = None
    document: str | None = None
    note: str | None = None
    day: date | None = None
    cures: bool = False
