"""What comes again, whichever way it is said."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.bounds import clock_behind
from engine.deadlines.grammar.days_in_periods import edges, month_days
from engine.deadlines.grammar.frequencies import each_period, once_in, times_in_period
from engine.deadlines.grammar.weekdays import weekdays
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.tree import Cycles


def cycles(c: Cursor) -> Cycles | None:
    """One periodicity or several; None, with nothing read, where there is none."""
    before = c.position
    found = c.first_of(weekdays, month_days, edges, times_in_period, once_in, each_period)
    if found is None:
        return None
    if (clock := clock_behind(c)) is not None:
        found = [replace(cycle, clock=cycle.clock or clock) for cycle in found]
    at = (c.tokens[before].start, c.tokens[c.position - 1].end)
    return Cycles(at, found[0].rule, tuple(replace(cycle, at=at) for cycle in found))
