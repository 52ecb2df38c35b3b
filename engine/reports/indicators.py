"""The report of indicators (chỉ tiêu): target, last figure, progress, forecast, rank, totals per table.

A table's own percentage is the sum of the parts over the sum of the wholes, never a mean of percentages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.engine import Connection

from engine.model.plan import Indicator, Plan
from engine.reports.indicator_forecast import Forecast, forecast
from engine.reports.tasks import Scope
from engine.reports.windows import Window
from engine.store.reports.measurements import Measured, history, share
from engine.units import Registry

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One row of a target table. ``progress`` is value/target in per cent (target/value where less is
    better), ``gap`` what is missing to the target in its own unit, 0 or less once it is met. ``rank`` is by
    progress among the table's rows, equal ones share it; None for who has no figure or no target."""

    plan: str
    indicator: Indicator
    unit: str
    measured: Measured | None
    previous: Measured | None
    progress: Decimal | None
    gap: Decimal | None
    forecast: Forecast
    rank: int | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None where that is not known."""
        return None if self.gap is None else self.gap <= 0


@dataclass(frozen=True, slots=True)
class TableTotal:
    """What a table's rows say together. ``part`` and ``whole`` are sums over the ``counted`` rows that gave
    both, ``percent`` their percentage; ``measured`` rows have a figure, ``met`` reached their target."""

    rows: int
    measured: int
    met: int
    counted: int
    part: Decimal | None
    whole: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class TableLines:
    """One target table, its rows in the document's order."""

    plan: str
    table: str
    name: str
    in_percent: bool
    lines: tuple[IndicatorLine, ...]
    total: TableTotal


@dataclass(frozen=True, slots=True)
class IndicatorsReport:
    """All tables of the plans asked for, as known at the end of ``day``."""

    scope: Scope
    window: Window | None
    day: date
    tables: tuple[TableLines, ...]


def count_indicators(
    connection: Connection,
    plans: Iterable[Plan],
    registry: Registry,
    scope: Scope,
    window: Window | None,
    day: date,
) -> IndicatorsReport:
    """``plans`` are the files in force; ``scope`` picks among them. With a window only figures of windows
    that end within it count; what is said of a window is mostly said after it, so it is known by ``day`` as
    everywhere. Ranks are among the whole
    table, also where one unit is asked for; totals are of the rows shown."""
    chosen = [p for p in plans if (scope.plans is None or p.id in scope.plans) and p.starts <= day]
    known = history(connection, sorted(plan.id for plan in chosen), day)
    units = _units_of(scope, registry)
    tables: list[TableLines] = []
    for plan in sorted(chosen, key=lambda each: each.id):
        for table in plan.indicator_tables:
            rows = [i for i in plan.indicators if (i.appendix, i.table) == (table.appendix, table.table)]
            lines = _ranked(
                [_line(plan, row, known.get((plan.id, row.id), ()), window, registry) for row in rows]
            )
            shown = tuple(line for line in lines if units is None or line.indicator.unit.id in units)
            if shown:
                in_percent = shown[0].indicator.in_percent
                total = _total(shown)
                tables.append(TableLines(plan.id, table.table, table.name, in_percent, shown, total))
    return IndicatorsReport(scope, window, day, tuple(tables))


def progress(indicator: Indicator, value: Decimal) -> Decimal | None:
    """How much of the target is reached, in per cent; None without a target, and where a share of nothing."""
    target = indicator.target_value
    if target is None:
        return None
    if indicator.at_most:
        return share(target, value) if value > target else _HUNDRED
    return share(value, target) if target else _HUNDRED


def gap(indicator: Indicator, value: Decimal) -> Decimal | None:
    """What is missing to the target (points for a percentage), 0 or less once it is met; None without one."""
    target = indicator.target_value
    if target is None:
        return None
    return value - target if indicator.at_most else target - value


def _units_of(scope: Scope, registry: Registry) -> frozenset[str] | None:
    if scope.unit is None:
        return None
    return frozenset({scope.unit}) if scope.unit in registry.groups else registry.subtree(scope.unit)


def _line(
    plan: Plan, indicator: Indicator, found: Sequence[Measured], window: Window | None, registry: Registry
) -> IndicatorLine:
    within = [m for m in found if window is None or window.first <= m.last <= window.last]
    until = [m for m in found if window is None or m.last <= window.last]
    measured = within[-1] if within else None
    earlier = [m for m in until if measured is None or m.last < measured.last]
    value = measured.value if measured is not None else None
    return IndicatorLine(
        plan=plan.id,
        indicator=indicator,
        unit=registry.full_name(indicator.unit.id),
        measured=measured,
        previous=earlier[-1] if earlier else None,
        progress=progress(indicator, value) if value is not None else None,
        gap=gap(indicator, value) if value is not None else None,
        forecast=forecast(indicator, until, plan.year),
    )


def _ranked(lines: Sequence[IndicatorLine]) -> list[IndicatorLine]:
    """Equal ones share a rank, and the next one counts them all: 1, 2, 2, 4."""
    reached = sorted((line.progress for line in lines if line.progress is not None), reverse=True)
    rank = {value: place for place, value in reversed(list(enumerate(reached, start=1)))}
    return [replace(line, rank=rank[line.progress]) if line.progress is not None else line for line in lines]


def _total(lines: Sequence[IndicatorLine]) -> TableTotal:
    measured = [line.measured for line in lines if line.measured is not None]
    both = [(m.part, m.whole) for m in measured if m.part is not None and m.whole is not None]
    part = sum((part for part, _ in both), Decimal(0)) if both else None
    whole = sum((whole for _, whole in both), Decimal(0)) if both else None
    return TableTotal(
        rows=len(lines),
        measured=len(measured),
        met=sum(line.is_met is True for line in lines),
        counted=len(both),
        part=part,
        whole=whole,
        percent=share(part, whole) if part is not None and whole is not None else None,
    )
