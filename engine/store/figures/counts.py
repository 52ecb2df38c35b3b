"""Six counts of assignments, and the shares made of them. Every share names what it is a share of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

_Value = TypeVar("_Value")

Group = tuple[str, str]
"""A unit and a plan: what is counted apart and added up as a page needs it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How assignments stand, as ``assess`` says it. ``left_out`` (withdrawn, waiting for an event, a
    continuous duty that is over) are no part of ``assigned``."""

    done_on_time: int = 0
    done_late: int = 0
    open_within_time: int = 0
    open_overdue: int = 0
    no_deadline: int = 0
    left_out: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.done_on_time + other.done_on_time,
            self.done_late + other.done_late,
            self.open_within_time + other.open_within_time,
            self.open_overdue + other.open_overdue,
            self.no_deadline + other.no_deadline,
            self.left_out + other.left_out,
        )

    @property
    def done(self) -> int:
        """Done, on time or late."""
        return self.done_on_time + self.done_late

    @property
    def dated(self) -> int:
        """Those with a deadline."""
        return self.done + self.open_within_time + self.open_overdue

    @property
    def assigned(self) -> int:
        """All that count: the sum of the five parts."""
        return self.dated + self.no_deadline

    @property
    def judged(self) -> int:
        """Those of which it is settled whether they were on time: done, or overdue."""
        return self.done + self.open_overdue

    @property
    def done_of_dated(self) -> float | None:
        """Per cent done of those with a deadline."""
        return percent(self.done, self.dated)

    @property
    def overdue_of_dated(self) -> float | None:
        """Per cent overdue of those with a deadline."""
        return percent(self.open_overdue, self.dated)

    @property
    def on_time_of_judged(self) -> float | None:
        """Per cent done on time of those done or overdue."""
        return percent(self.done_on_time, self.judged)


def percent(part: int, whole: int) -> float | None:
    """0 to 100, rounded to one place; None of nothing. Neither 0 nor 100 unless it is exactly that."""
    if not whole:
        return None
    tenths = round(Fraction(part * 1000, whole))
    if part and not tenths:
        tenths = 1
    if part != whole and tenths == 1000:
        tenths = 999
    return tenths / 10


def total(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    on_time = late = within = overdue = undated = out = 0
    for each in counts:
        on_time += each.done_on_time
        late += each.done_late
        within += each.open_within_time
        overdue += each.open_overdue
        undated += each.no_deadline
        out += each.left_out
    return Counts(on_time, late, within, overdue, undated, out)


def chosen(
    groups: Mapping[Group, _Value], plan: str | None, units: frozenset[str] | None
) -> dict[Group, _Value]:
    """The groups of one plan and of some units; None is all of them."""
    if plan is None and units is None:
        return dict(groups)
    return {
        (unit, of): value
        for (unit, of), value in groups.items()
        if (plan is None or of == plan) and (units is None or unit in units)
    }
