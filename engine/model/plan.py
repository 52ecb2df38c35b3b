"""A plan (kế hoạch) as its author wrote it: what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.model.deadline import Deadline

BeforeDay = Literal["exclusive", "inclusive"]
Completion = Literal["reported", "confirmed"]


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """How this plan reads dates.

    ``roll``: a due day on a day off moves to the next working day (Bộ luật Dân sự 2015, Điều 148(5)).
    ``before_day``: whether "trước ngày X" ends on X−1 (exclusive) or on X (inclusive).
    ``completion``: the day that counts is the day reported, or the day the office confirmed it.
    """

    roll: bool = True
    before_day: BeforeDay = "exclusive"
    completion: Completion = "reported"


@dataclass(frozen=True, slots=True)
class Reporting:
    """When a plan's reporting months close: on this day of the month (31: on its last), and before which day
    of the month the report is to be sent."""

    closes_on: int
    send_before: int | None


@dataclass(frozen=True, slots=True)
class NameRef:
    """A unit or group as the document names it and the id that the name resolved to."""

    text: str
    id: str
    name: str
    is_group: bool


@dataclass(frozen=True, slots=True)
class Milestone:
    """A part of a task with a deadline and a deliverable of its own (mốc)."""

    title: str
    deadline: Deadline
    deliverable: str


@dataclass(frozen=True, slots=True)
class Task:
    """One row of an appendix, or one dated duty of the body text (nhiệm vụ).

    ``id`` is unique in its plan and does not depend on wording. ``appendix`` is None for duties of
    the body text; ``stt`` is None for a row printed without a number. ``group`` is the numbered row
    that heads this one ("3. Thí điểm …").
    """

    id: str
    stt: str | None
    appendix: str | None
    section: str | None
    group: str | None
    title: str
    leads: tuple[NameRef, ...]
    coordinating: tuple[NameRef, ...]
    deadline: Deadline
    deliverable: str
    milestones: tuple[Milestone, ...]
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Indicator:
    """A number a unit must reach (chỉ tiêu): one row of a target table.

    ``cells`` pairs each column heading with the cell as printed; ``target`` is the target cell as
    printed (None when empty) and ``target_value`` its number (a percentage as printed: 80 for 80%).
    ``id`` is unique in its plan; ``in_percent`` when the table's targets are; ``at_most``: less is better;
    ``cumulative``: each number counts from the beginning of the plan's year.
    """

    appendix: str | None
    table: str
    stt: str | None
    unit: NameRef
    name: str
    target: str | None
    target_value: Decimal | None
    cells: tuple[tuple[str, str], ...]
    id: str = ""
    in_percent: bool = False
    at_most: bool = False
    cumulative: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """A target table with its own printed total line, kept apart from the rows. ``checks`` say how columns
    follow from others: "C = B / A", the columns lettered from the first after the unit."""

    appendix: str | None
    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    printed_total: tuple[str, ...]
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One procedure of a procedure list (danh mục thủ tục); ``id`` is unique in its plan."""

    appendix: str | None
    level: str
    unit: str
    field: str | None
    stt: str | None
    procedure: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One issued document. ``starts`` is the first day on which anything can be owed."""

    id: str
    number: str
    title: str
    issuer: NameRef
    issued: date | None
    in_force_from: date | None
    year: int
    monitor: NameRef
    leader: NameRef
    settings: PlanSettings
    tasks: tuple[Task, ...]
    indicator_tables: tuple[IndicatorTable, ...]
    indicators: tuple[Indicator, ...]
    catalogue: tuple[CatalogueItem, ...]
    reporting: Reporting | None = None

    @property
    def starts(self) -> date:
        """The date of issue, else of entry into force, else 1 January of the plan's year."""
        return self.issued or self.in_force_from or date(self.year, 1, 1)
