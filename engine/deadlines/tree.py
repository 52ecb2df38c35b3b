"""What the grammar makes of a time cell: the words as a tree, before any date is worked out.

``at`` is the span in the composed text; ``rule`` names the rule of the grammar that read the node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]
PeriodUnit = Literal["day", "week", "month", "quarter", "year", "opening", "closing", "issue", "number"]
Part = Literal[
    "first", "middle", "last", "first_half", "second_half", "first_day", "last_day", "last_working_day",
    "first_month", "middle_month", "last_month",
]  # fmt: skip
CycleUnit = Literal["day", "week", "month", "quarter", "half", "year"]
Op = Literal["within", "by", "before", "from", "after"]


@dataclass(frozen=True, slots=True)
class Period:
    """A named day or stretch of the calendar, as the text names it.

    ``number``: day of the month, month, quarter, week of the month (0: the last), year, or how many
    months for "opening" (6 tháng đầu năm) and "closing". ``month`` belongs to days and weeks.
    ``year`` None is left open; ``years_on`` 0 for "năm nay", 1 for "năm sau". ``bare``: "9 tháng", "năm" with
    nothing beside. "number" is a number whose noun stands further on ("25-30/6"); "issue" is "nay".
    """

    unit: PeriodUnit
    number: int
    at: Span
    month: int | None = None
    year: int | None = None
    years_on: int | None = None
    part: Part | None = None
    weekday: int | None = None
    bare: bool = False
    quarter_month: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """One period, or from the first to the last of two; ``short``: up to the day before the last."""

    first: Period
    last: Period | None = None
    short: bool = False


@dataclass(frozen=True, slots=True)
class Timed:
    """Periods with the word that binds them: "trước ngày 15/6", "từ tháng 4 đến tháng 9"."""

    at: Span
    rule: str
    op: Op
    stretches: tuple[Stretch, ...]
    clock: tuple[int, Span] | None = None
    noun_again: bool = False
    rough: bool = False
    onward: bool = False
    periodic: bool = False


@dataclass(frozen=True, slots=True)
class Cycle:
    """Again and again. ``days``/``months``/``weekdays`` are empty where the text leaves them open.

    ``days``: days of the month, -1 the last. ``weekdays``: Monday is 0. ``week``: which of the month's
    such weekdays (-1 the last). ``lag``: how many periods after its own period a due day lies.
    ``pending``: a day without its period, which another part of the cell has to name.
    """

    at: Span
    rule: str
    unit: CycleUnit
    every: int = 1
    times: int | None = None
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    week: int | None = None
    before: bool = False
    opens: int | None = None
    clock: tuple[int, Span] | None = None
    lag: int = 0
    working: bool = False
    rough: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Cycles:
    """Several periodicities in one breath ("hàng tháng, quý, năm"), within a window if one is given."""

    at: Span
    rule: str
    cycles: tuple[Cycle, ...]
    window: tuple[Timed, ...] = ()
    event: Event | None = None
    authority: Elsewhere | None = None
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Steady:
    """All the time ("thường xuyên"), within a window if one is given."""

    at: Span
    rule: str
    window: tuple[Timed, ...] = ()
    event: Event | None = None
    authority: Elsewhere | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A span of days beside an event; negative before it."""

    days: int
    working: bool
    rough: bool = False
    months: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Once something happens; ``clauses`` are the spans of the words that say what."""

    at: Span
    rule: str
    opening: str
    clauses: tuple[Span, ...]
    relation: str | None = None
    count: Count | None = None
    anchor: Timed | None = None
    authority: Elsewhere | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Set by another document; ``clauses`` are the spans of the words that name it."""

    at: Span
    rule: str
    clauses: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """A timed part together with what stands beside it."""

    at: Span
    rule: str
    timed: Timed
    inside: Timed | None = None
    authority: Elsewhere | None = None
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """Several deadlines in one cell; each with its label, empty where it has none."""

    at: Span
    rule: str
    parts: tuple[tuple[str, Node], ...]


Node = Timed | Cycle | Cycles | Steady | Event | Elsewhere | Dated | Parts
