"""An indicator (chỉ tiêu) as rules look at it: one unit's row of a target table with its last number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.tracking.fact_types import HIGHEST
from engine.tracking.situations import IndicatorSituation
from engine.workdays import WorkCalendar

_WEEK = 7
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Watched:
    """An indicator with its last number, if it has one. ``starts`` and ``ends`` are the first and last day
    on which it is watched; ``value`` and ``target`` are in its own unit (80 for 80 %). The number is for the
    window called ``window`` that ends on ``measured_until`` and was given on ``measured_on``; ``closings``
    are the last days of the windows of the year, in order."""

    plan: str
    indicator: str
    name: str
    unit: str
    target: Decimal | None
    starts: date
    ends: date
    in_percent: bool = False
    at_most: bool = False
    value: Decimal | None = None
    measured_until: date | None = None
    measured_on: date | None = None
    window: str = ""
    closings: tuple[date, ...] = ()

    @property
    def id(self) -> str:
        """The subject of its notices."""
        return f"{self.plan}/{self.indicator}"

    @property
    def gap(self) -> Decimal:
        """What is missing to the target; 0 once it is met, without a target and without a number."""
        if self.target is None or self.value is None:
            return Decimal(0)
        return max(self.value - self.target if self.at_most else self.target - self.value, Decimal(0))

    @property
    def progress(self) -> Decimal:
        """Value/target in per cent (target/value where less is better): 0 without a number, 100 without a
        target."""
        if self.target is None:
            return _HUNDRED
        if self.value is None:
            return Decimal(0)
        part, whole = (self.target, self.value) if self.at_most else (self.value, self.target)
        if not self.gap:
            return max(_HUNDRED * part / whole, _HUNDRED) if whole > 0 else _HUNDRED
        return max(_HUNDRED * part / whole, Decimal(0)) if whole > 0 else Decimal(0)

    @property
    def counts_from(self) -> date:
        """The day from which its silence counts."""
        return max(self.measured_on, self.starts) if self.measured_on is not None else self.starts


def situation_of_indicator(
    watched: Watched, level: str, today: date, calendar: WorkCalendar
) -> IndicatorSituation:
    """The facts that rules may name. Raises MissingYear."""
    last = watched.measured_until
    unmeasured = [d for d in watched.closings if watched.starts <= d < today and (last is None or d > last)]
    silent = calendar.working_days_between(watched.counts_from, today)
    return IndicatorSituation(
        measured=int(watched.value is not None),
        behind=min(int(watched.gap.to_integral_value(ROUND_CEILING)), HIGHEST),
        progress=min(int(watched.progress.to_integral_value(ROUND_FLOOR)), HIGHEST),
        weeks_left=weeks_left(watched, today),
        days_silent=min(max(silent, 0), HIGHEST),
        missed=min(len(unmeasured), HIGHEST),
        level=level,
    )


def weeks_left(watched: Watched, today: date) -> int:
    """Weeks to its last day, begun ones counted in full: 8 on the 56th day before, 9 on the 57th."""
    return min(-(-max((watched.ends - today).days, 0) // _WEEK), HIGHEST)
