"""What one week or month brought: assignments done in it, and what waits for the office, by plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select
from sqlalchemy.engine import Connection

from engine.model.assignment import Extension
from engine.store.figures.outcome import (
    ROW,
    Outcome,
    by_confirmation,
    confirming_plans,
    in_force,
    is_one_of,
)
from engine.store.tables.work import OWED, REPORTED


def done_within(connection: Connection, first: date, last: date, today: date) -> dict[str, tuple[int, int]]:
    """How many assignments of each plan were done from ``first`` to ``last``, on time and late: by the day
    of the report, or of the confirmation where that counts."""
    confirming = confirming_plans(connection)
    done_on = case((by_confirmation(confirming), ROW.c.confirmed_on), else_=ROW.c.reported_on)
    parts = (Outcome.DONE_ON_TIME, Outcome.DONE_LATE)
    sums = [_count_of(is_one_of((part,), confirming, today)) for part in parts]
    query = (
        select(ROW.c.plan, *sums)
        .where(in_force(connection, today), done_on.between(first, last))
        .group_by(ROW.c.plan)
    )
    return {plan: (int(on_time), int(late)) for plan, on_time, late in connection.execute(query)}


def waiting_for_office(connection: Connection, today: date) -> dict[str, tuple[int, int]]:
    """How many assignments of each plan wait for a confirmation, and how many ask for more time."""
    owed: Any = literal_column(f"({OWED})")
    reported: Any = literal_column(f"({REPORTED})")
    asking = ROW.c.extension == Extension.PENDING.value
    query = (
        select(ROW.c.plan, _count_of(reported), _count_of(asking))
        .where(owed, in_force(connection, today))
        .group_by(ROW.c.plan)
    )
    return {plan: (int(waits), int(asks)) for plan, waits, asks in connection.execute(query)}


def _count_of(condition: Any) -> ColumnElement[Any]:
    return func.sum(case((and_(condition), literal_column("1")), else_=literal_column("0")))
