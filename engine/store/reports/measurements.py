"""What units say of their indicators: rows are only ever added, the last one said by a day counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from engine.store.database import among
from engine.store.tables import MeasurementRow
from engine.store.views import end_of_day

_ROW = MeasurementRow.__table__  # type: ignore[attr-defined]
_HUNDRED = Decimal(100)

IndicatorKey = tuple[str, str]
"""Plan and indicator."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one unit says for one window, from ``first`` to ``last``: a value, or a part of a whole; neither
    takes back what it said before (nothing reported). ``typed`` are its own words."""

    plan: str
    indicator: str
    unit: str
    first: date
    last: date
    value: Decimal | None = None
    part: Decimal | None = None
    whole: Decimal | None = None
    typed: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What counts for one window. ``value`` is in the indicator's own unit, exact; with part and whole it
    is their percentage. ``id`` is the row's number; ``at`` when it was said."""

    plan: str
    indicator: str
    unit: str
    first: date
    last: date
    value: Decimal
    part: Decimal | None
    whole: Decimal | None
    note: str
    source: str
    by: str
    at: datetime
    id: int


def say(
    connection: Connection, said: Sequence[Said], source: str, by: str, at: datetime, now: datetime
) -> None:
    """Adds what was said, all of it. ``source``: "cli", "file", "api" or "link"; ``at``: the instant from
    which it counts, never after ``now``."""
    rows = [
        {
            "plan": each.plan,
            "indicator": each.indicator,
            "unit": each.unit,
            "first": each.first,
            "last": each.last,
            "value": _text(each.value),
            "part": _text(each.part),
            "whole": _text(each.whole),
            "typed": each.typed,
            "note": each.note,
            "source": source,
            "by": by,
            "at": at.astimezone(UTC),
            "recorded_at": now.astimezone(UTC),
        }
        for each in said
    ]
    if rows:
        connection.execute(insert(_ROW), rows)


def latest(
    connection: Connection,
    plans: Collection[str] | None,
    day: date,
    *,
    units: Collection[str] | None = None,
) -> dict[IndicatorKey, Measured]:
    """The figure of the last window of each indicator that has one, as known at the end of ``day``."""
    return {key: found[-1] for key, found in history(connection, plans, day, units=units).items() if found}


def history(
    connection: Connection,
    plans: Collection[str] | None,
    day: date,
    *,
    units: Collection[str] | None = None,
    indicator: str | None = None,
) -> dict[IndicatorKey, tuple[Measured, ...]]:
    """The figures of each indicator by window, the last window last, as known at the end of ``day``: per
    window what was said last, nothing where that took it back."""
    by_window = (_ROW.c.plan, _ROW.c.indicator, _ROW.c.unit, _ROW.c.first, _ROW.c.last)
    # By the instant that each counts from; of two at the same instant the later row.
    place = func.row_number().over(partition_by=by_window, order_by=(_ROW.c.at.desc(), _ROW.c.id.desc()))
    query = select(_ROW, place.label("place")).where(_ROW.c.at < end_of_day(day).astimezone(UTC))
    if plans is not None:
        query = query.where(among(connection, _ROW.c.plan, plans))
    if units is not None:
        query = query.where(among(connection, _ROW.c.unit, units))
    if indicator is not None:
        query = query.where(_ROW.c.indicator == indicator)
    inner = query.subquery()
    order = (inner.c.plan, inner.c.indicator, inner.c.last, inner.c.first.desc(), inner.c.id)
    rows = connection.execute(select(inner).where(inner.c.place == 1).order_by(*order)).mappings()
    found: dict[IndicatorKey, tuple[Measured, ...]] = {}
    for key, group in groupby(rows, lambda row: (str(row["plan"]), str(row["indicator"]))):
        found[key] = tuple(each for row in group if (each := _measured(row)) is not None)
    return found


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Per cent, exact to 28 digits; None of nothing."""
    return _HUNDRED * part / whole if whole else None


def _measured(row: object) -> Measured | None:
    cells: dict[str, object] = dict(row)  # type: ignore[call-overload]
    part, whole, value = (_number(cells[name]) for name in ("part", "whole", "value"))
    if part is not None and whole is not None:
        value = share(part, whole)
    if value is None:
        return None
    names = ("plan", "indicator", "unit", "first", "last", "note", "source", "by", "at", "id")
    return Measured(value=value, part=part, whole=whole, **{name: cells[name] for name in names})  # type: ignore[arg-type]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _number(text: object) -> Decimal | None:
    return None if text is None else Decimal(str(text))
