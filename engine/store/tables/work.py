"""Files in force, plans, tasks, assignments and the history of each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

# Conditions of partial indexes: a query finds such an index only by saying the same.
OWED = "state IN ('not_started', 'received', 'in_progress', 'returned', 'declined', 'reported')"
REPORTED = "state = 'reported'"
_JUDGED = ("state", "starts", "kind", "extension", "last_word_at")
_TURNING = text("kind IN ('return', 'extend', 'date', 'trigger', 'reinstate')")


class AcceptedFile(SQLModel, table=True):
    """The last good version of each file of the home: what stays in force when an edit is broken."""

    __tablename__ = "accepted_file"

    path: str = Field(primary_key=True, max_length=300)
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    accepted_at: datetime


class PlanRow(SQLModel, table=True):
    """A plan in force, as the last sync saw it; ``known_since``: when the first one did."""

    __tablename__ = "plan"

    id: str = Field(primary_key=True, max_length=80)
    number: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    issuer: str = Field(max_length=120)
    issued: date | None = None
    starts: date
    year: int
    monitor: str = Field(max_length=120)
    leader: str = Field(max_length=120)
    roll: bool = True
    before_day: str = Field(default="exclusive", max_length=10)
    completion: str = Field(default="reported", max_length=10)
    known_since: datetime | None = None


class TaskRow(SQLModel, table=True):
    """A task in force, with the words that messages and lists need."""

    __tablename__ = "task"

    plan: str = Field(primary_key=True, max_length=80)
    id: str = Field(primary_key=True, max_length=60)
    position: int
    stt: str | None = Field(default=None, max_length=40)
    appendix: str | None = Field(default=None, sa_type=Text)
    section: str | None = Field(default=None, sa_type=Text)
    group_title: str | None = Field(default=None, sa_type=Text)
    title: str = Field(sa_type=Text)
    leads: str = Field(sa_type=Text)
    coordinating: str = Field(sa_type=Text)
    coordinating_units: str = Field(sa_type=Text)
    deadline_text: str = Field(sa_type=Text)
    deliverable: str = Field(sa_type=Text)
    milestones: str = Field(sa_type=Text)


class AssignmentRow(SQLModel, table=True):
    """One assignment: the promise (written by sync alone) and the standing (moved by events alone).

    ``last_day`` follows from both: the last day that counts as on time, for lists that the database sorts.
    ``changed_at`` is the instant of the last write, for other systems that ask what is new.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_changed", "changed_at", "id"),
        Index("ix_assignment_open", "open", "rolled"),
        Index("ix_assignment_last_day", "last_day", "id"),
        # The lists: each holds all that a filter asks about, so that counting reads no rows.
        Index(
            "ix_assignment_plan",
            *("plan", "task", "last_day", "id", *_JUDGED, "unit"),
            *("reported_on", "confirmed_on", "since", "ends"),  # counted by task on any day
        ),
        Index("ix_assignment_unit", "unit", "last_day", "id", *_JUDGED, "plan", "task"),
        Index(
            "ix_assignment_owed",
            *("last_day", "id", *_JUDGED, "plan", "task", "unit"),
            sqlite_where=text(OWED),
            postgresql_where=text(OWED),
        ),
        Index(
            "ix_assignment_reported",
            *("reported_on", "id", "last_day", "plan", "task", "unit", "state"),
            sqlite_where=text(REPORTED),
            postgresql_where=text(REPORTED),
        ),
        # Holds all that counting needs, in the order in which it is grouped.
        Index(
            "ix_assignment_figures",
            *("unit", "plan", "last_day", "state", "reported_on", "confirmed_on", "since", "ends"),
            *("kind", "starts"),
        ),
    )

    id: str = Field(primary_key=True, max_length=300)
    plan: str = Field(max_length=80)
    task: str = Field(max_length=60)
    unit: str = Field(max_length=120)
    milestone: int | None = None
    period: str | None = Field(default=None, max_length=20)
    kind: str = Field(max_length=12)
    starts: date
    due: date | None = None
    rolled: date | None = None
    ends: date | None = None
    trigger: str | None = Field(default=None, sa_type=Text)
    offset_days: int | None = None
    offset_working: bool = False
    collective: bool = False
    synced_at: datetime

    open: bool = True
    state: str = Field(max_length=12)
    since: date | None = None
    new_due: date | None = None
    new_rolled: date | None = None
    triggered_on: date | None = None
    reported_on: date | None = None
    confirmed_on: date | None = None
    extension: str = Field(default="none", max_length=8)
    extension_to: date | None = None
    last_word_at: datetime | None = None
    last_word: str | None = Field(default=None, sa_type=Text)
    snoozed_until: date | None = None
    percent: int | None = None
    withdrawn_from: str | None = Field(default=None, max_length=12)
    last_day: date | None = None
    changed_at: datetime | None = None
    revision: int = 0


class EventRow(SQLModel, table=True):
    """The append-only history; nothing ever updates or deletes a row."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_assignment", "assignment", "id"),
        # The few after which the row alone does not tell how an assignment stood on a past day.
        Index("ix_event_turning", "assignment", sqlite_where=_TURNING, postgresql_where=_TURNING),
    )

    id: int | None = Field(default=None, primary_key=True)
    assignment: str = Field(max_length=300, foreign_key="assignment.id")
    kind: str = Field(max_length=12)
    at: datetime
    recorded_at: datetime
    by: str = Field(default="", sa_type=Text)
    percent: int | None = None
    document: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    day: date | None = None
    cures: bool = False


class ContributionRow(SQLModel, table=True):
    """A coordinating unit says that its part of an assignment is done; once for each unit."""

    __tablename__ = "contribution"

    assignment: str = Field(primary_key=True, max_length=300, foreign_key="assignment.id")
    unit: str = Field(primary_key=True, max_length=120)
    at: datetime
    by: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
