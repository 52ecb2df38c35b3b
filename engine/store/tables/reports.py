"""What reports need beside the work itself: numbers that units send, and what was closed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class PromiseChangeRow(SQLModel, table=True):
    """What a plan's file said of one assignment until ``changed_at``: its promise columns as JSON. Nothing
    updates or deletes a row; with the events it tells any past day."""

    __tablename__ = "promise_change"
    __table_args__ = (Index("ix_promise_change", "assignment", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    assignment: str = Field(max_length=300, foreign_key="assignment.id")
    changed_at: datetime
    before: str = Field(sa_type=Text)


class MeasurementRow(SQLModel, table=True):
    """What one unit said of one indicator for one window. Nothing updates or deletes a row: the last one
    by ``at`` counts. Numbers are decimal texts with a point; ``part`` of ``whole`` where both were given."""

    __tablename__ = "measurement"
    __table_args__ = (Index("ix_measurement_window", "plan", "indicator", "unit", "last", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    plan: str = Field(max_length=80)
    indicator: str = Field(max_length=160)
    unit: str = Field(max_length=120)
    first: date
    last: date
    value: str | None = Field(default=None, max_length=40)
    part: str | None = Field(default=None, max_length=40)
    whole: str | None = Field(default=None, max_length=40)
    typed: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    source: str = Field(max_length=10)
    by: str = Field(default="", sa_type=Text)
    at: datetime
    recorded_at: datetime


class CatalogueMarkRow(SQLModel, table=True):
    """What one unit said of one procedure of a catalogue; the last one by ``at`` counts."""

    __tablename__ = "catalogue_mark"
    __table_args__ = (Index("ix_catalogue_mark", "plan", "unit", "item", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    plan: str = Field(max_length=80)
    item: str = Field(max_length=160)
    unit: str = Field(max_length=120)
    offered: bool
    note: str = Field(default="", sa_type=Text)
    by: str = Field(default="", sa_type=Text)
    at: datetime
    recorded_at: datetime


class ClosedReportRow(SQLModel, table=True):
    """The figures of one report when its window was closed (version 0), and each amendment (1, 2, …) with its
    reason. ``hash`` is over what the row says and the hash before; triggers refuse update and delete."""

    __tablename__ = "closed_report"
    __table_args__ = (UniqueConstraint("kind", "scope", "first", "last", "version", name="uq_closed_report"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=12)
    scope: str = Field(max_length=200)
    first: date
    last: date
    day: date
    version: int
    figures: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    by: str = Field(default="", sa_type=Text)
    at: datetime
    previous: str = Field(default="", max_length=64)
    hash: str = Field(max_length=64)
