"""The indicators of the plans in force with their last numbers, as rules about indicators look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from sqlalchemy.engine import Connection

from engine.model.plan import Plan, Reporting
from engine.reports.windows import BY_DECREE, Kind, recognised, window
from engine.store.reports.measurements import IndicatorKey, Measured, latest
from engine.tracking.progress import local_day
from engine.tracking.watched import Watched

_NOTHING: Mapping[IndicatorKey, Measured] = {}


def watched_now(connection: Connection, plans: Iterable[Plan], day: date) -> dict[str, Watched]:
    """By the subject of their notices, as known at the end of ``day``."""
    running = [plan for plan in plans if plan.indicators and plan.starts <= day <= date(plan.year, 12, 31)]
    if not running:
        return {}
    return watched_of(running, latest(connection, sorted(plan.id for plan in running), day))


def watched_of(
    plans: Iterable[Plan], measured: Mapping[IndicatorKey, Measured] = _NOTHING
) -> dict[str, Watched]:
    """All indicators of some plans; only numbers for windows that end in the plan's year count."""
    found = []
    for plan in plans:
        rule = plan.reporting or BY_DECREE
        closings = _closings(plan.year, rule)
        for row in plan.indicators:
            last = measured.get((plan.id, row.id))
            if last is not None and last.last.year < plan.year:
                last = None
            found.append(
                Watched(
                    plan=plan.id,
                    indicator=row.id,
                    name=row.name,
                    unit=row.unit.id,
                    target=row.target_value,
                    starts=plan.starts,
                    ends=date(plan.year, 12, 31),
                    in_percent=row.in_percent,
                    at_most=row.at_most,
                    value=last.value if last else None,
                    measured_until=last.last if last else None,
                    measured_on=local_day(last.at) if last else None,
                    window=recognised(last.first, last.last, rule).title if last else "",
                    closings=closings,
                )
            )
    return {each.id: each for each in found}


def as_of(connection: Connection, watched: Watched, day: date) -> Watched:
    """The same indicator with the number known at the end of ``day``."""
    last = latest(connection, [watched.plan], day).get((watched.plan, watched.indicator))
    if last is None or last.last.year < watched.ends.year:
        return replace(watched, value=None, measured_until=None, measured_on=None, window="")
    title = recognised(last.first, last.last).title
    said = local_day(last.at)
    return replace(watched, value=last.value, measured_until=last.last, measured_on=said, window=title)


@cache
def _closings(year: int, rule: Reporting) -> tuple[date, ...]:
    return tuple(window(Kind.MONTH, year, month, rule).last for month in range(1, 13))
