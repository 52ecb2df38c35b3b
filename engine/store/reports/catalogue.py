"""Which procedures of a plan's catalogue a unit offers: rows are only ever added, the last one counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from engine.store.database import among
from engine.store.tables import CatalogueMarkRow
from engine.store.views import end_of_day
from engine.tracking.progress import local_day

_ROW = CatalogueMarkRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Mark:
    """What one unit said of one procedure."""

    plan: str
    item: str
    unit: str
    offered: bool
    at: datetime


def mark(
    connection: Connection,
    plan: str,
    unit: str,
    offered: Mapping[str, bool],
    by: str,
    at: datetime,
    now: datetime,
) -> int:
    """Adds what a unit says of procedures by their id; what it said already is not said again. Gives back
    how many are new."""
    known = marks(connection, plan, local_day(now), units=[unit])
    rows = [
        {
            "plan": plan,
            "item": item,
            "unit": unit,
            "offered": yes,
            "note": "",
            "by": by,
            "at": at.astimezone(UTC),
            "recorded_at": now.astimezone(UTC),
        }
        for item, yes in offered.items()
        if (unit, item) not in known or known[unit, item].offered != yes
    ]
    if rows:
        connection.execute(insert(_ROW), rows)
    return len(rows)


def marks(
    connection: Connection, plan: str, day: date, *, units: Collection[str] | None = None
) -> dict[tuple[str, str], Mark]:
    """What units said of procedures by the end of ``day``, by unit and procedure; who said nothing of one is
    not in it."""
    place = func.row_number().over(
        partition_by=(_ROW.c.unit, _ROW.c.item), order_by=(_ROW.c.at.desc(), _ROW.c.id.desc())
    )
    end = end_of_day(day).astimezone(UTC)
    query = select(_ROW, place.label("place")).where(_ROW.c.plan == plan).where(_ROW.c.at < end)
    if units is not None:
        query = query.where(among(connection, _ROW.c.unit, units))
    inner = query.subquery()
    rows = connection.execute(select(inner).where(inner.c.place == 1))
    return {
        (row.unit, row.item): Mark(row.plan, row.item, row.unit, bool(row.offered), row.at) for row in rows
    }
