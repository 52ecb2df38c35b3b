"""THE count of the overview: how all assignments stand today, by unit and plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.store.database import among
from engine.store.figures.counts import Counts, Group
from engine.store.figures.outcome import ROW, confirming_plans, in_force, packed_sums, unpacked


def count_groups(
    connection: Connection,
    today: date,
    *,
    units: Collection[str] | None = None,
    plan: str | None = None,
    due: tuple[date, date] | None = None,
) -> dict[Group, Counts]:
    """The six counts of each unit and plan in force on ``today``; ``due`` keeps those whose last day lies
    between two days, both included. Answered by the index ``ix_assignment_figures`` alone."""
    sums = packed_sums(confirming_plans(connection), today)
    query = select(ROW.c.unit, ROW.c.plan, *sums).group_by(ROW.c.unit, ROW.c.plan)
    query = query.where(in_force(connection, today))
    if units is not None:
        query = query.where(among(connection, ROW.c.unit, units))
    if plan is not None:
        query = query.where(ROW.c.plan == plan)
    if due is not None:
        query = query.where(ROW.c.last_day.between(*due))
    return {(unit, of): Counts(**unpacked(packed)) for unit, of, *packed in connection.execute(query)}
