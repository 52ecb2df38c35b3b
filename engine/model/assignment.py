"""One unit's duty for one task, milestone and period (giao việc): the thing that is late or on time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.model.deadline import DeadlineKind


class State(StrEnum):
    """Where the work stands (trạng thái); moved only by events."""

    DORMANT = "dormant"
    NOT_STARTED = "not_started"
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Timeliness(StrEnum):
    """How the work stands against its deadline (tiến độ thời hạn); always derived, never stored."""

    ON_TRACK = "on_track"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    NO_DEADLINE = "no_deadline"
    NOT_APPLICABLE = "not_applicable"


class Extension(StrEnum):
    """Whether the unit asked for more time and what the office said (gia hạn)."""

    NONE = "none"
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a plan file says of one assignment: the columns that ``dondoc sync`` alone writes.

    ``period`` names the period of a recurring duty ("2022-06"), None otherwise. ``starts`` is the
    first day it can be worked on. ``collective``: the lead is a group whose members nobody listed.
    """

    id: str
    plan: str
    task: str
    unit: str
    milestone: int | None
    period: str | None
    kind: DeadlineKind
    starts: date
    due: date | None
    rolled: date | None
    ends: date | None
    trigger: str | None
    offset_days: int | None
    offset_working: bool
    collective: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What happened to one assignment: the result of its events, in order.

    ``due`` and ``rolled`` hold a date that replaced the promised one (an extension granted, a date
    entered by the office, an event that started the clock); the promise keeps the first one.
    ``since`` is the local day on which ``state`` was reached (None: from the start);
    ``withdrawn_from`` is the state to go back to when a withdrawn assignment is given out again.
    """

    state: State
    since: date | None = None
    due: date | None = None
    rolled: date | None = None
    triggered_on: date | None = None
    reported_on: date | None = None
    confirmed_on: date | None = None
    extension: Extension = Extension.NONE
    extension_to: date | None = None
    last_word_at: datetime | None = None
    last_word: str | None = None
    snoozed_until: date | None = None
    percent: int | None = None
    withdrawn_from: State | None = None
