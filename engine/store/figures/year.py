"""A year of deadlines: how many fall on each day, and how many of them are still owed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select
from sqlalchemy.engine import Connection

from engine.store.database import among
from engine.store.figures.outcome import ROW, Outcome, confirming_plans, in_force, is_one_of
from engine.store.mapping import promise_of, standing_of
from engine.tracking.assess import Tracked

OWED = (Outcome.OPEN_WITHIN_TIME, Outcome.OPEN_OVERDUE)
COUNTED = (Outcome.DONE_ON_TIME, Outcome.DONE_LATE, *OWED)


@dataclass(frozen=True, slots=True)
class DayOfDeadlines:
    """``due`` deadlines fall on ``day`` (the rolled day in force); ``owed`` of them are not done."""

    day: date
    due: int
    owed: int


def deadlines_of_year(
    connection: Connection,
    year: int,
    today: date,
    *,
    plan: str | None = None,
    units: Collection[str] | None = None,
) -> dict[date, DayOfDeadlines]:
    """The days of ``year`` on which any deadline falls; what was withdrawn or never arose does
    not count, nor do plans not yet in force on ``today``."""
    confirming = confirming_plans(connection)
    owed = case((is_one_of(OWED, confirming, today), literal_column("1")), else_=literal_column("0"))
    query = select(ROW.c.last_day, func.count(), func.sum(owed)).where(
        ROW.c.last_day.between(date(year, 1, 1), date(year, 12, 31)),
        is_one_of(COUNTED, confirming, today),
        in_force(connection, today),
    )
    query = _within(connection, query, plan, units).group_by(ROW.c.last_day)
    return {day: DayOfDeadlines(day, due, int(still)) for day, due, still in connection.execute(query)}


def due_on(
    connection: Connection,
    day: date,
    today: date,
    *,
    plan: str | None = None,
    units: Collection[str] | None = None,
    offset: int = 0,
    limit: int = 100,
) -> tuple[int, list[Tracked]]:
    """How many deadlines fall on ``day``, and some of those assignments in the order of their identities."""
    confirming = confirming_plans(connection)
    conditions = (
        ROW.c.last_day == day,
        is_one_of(COUNTED, confirming, today),
        in_force(connection, today),
    )
    count = _within(connection, select(func.count()).select_from(ROW).where(*conditions), plan, units)
    rows = (
        _within(connection, select(ROW).where(*conditions), plan, units)
        .order_by(ROW.c.id)
        .offset(offset)
        .limit(limit)
    )
    found = [
        Tracked(
            promise_of(row),
            standing_of(row),
            "confirmed" if row["plan"] in confirming else "reported",
            "none",
        )
        for row in connection.execute(rows).mappings()
    ]
    return connection.execute(count).scalar_one(), found


def years(connection: Connection) -> tuple[int, int] | None:
    """The years of the first and of the last deadline; None where there is none."""
    # One at a time: each is then one step in the index.
    first = connection.execute(select(func.min(ROW.c.last_day))).scalar()
    last = connection.execute(select(func.max(ROW.c.last_day))).scalar()
    return (first.year, last.year) if first and last else None


def _within(
    connection: Connection, query: Select[Any], plan: str | None, units: Collection[str] | None
) -> Select[Any]:
    if plan is not None:
        query = query.where(ROW.c.plan == plan)
    if units is not None:
        query = query.where(among(connection, ROW.c.unit, units))
    return query
