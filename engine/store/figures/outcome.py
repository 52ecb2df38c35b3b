"""What ``assess`` says of an assignment, said in SQL over the columns of its row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.engine import Connection

from engine.model.assignment import State, Timeliness
from engine.store.tables import AssignmentRow, PlanRow

ROW = AssignmentRow.__table__  # type: ignore[attr-defined]
PLAN = PlanRow.__table__  # type: ignore[attr-defined]

_NOT_COUNTED = (State.WITHDRAWN.value, State.DORMANT.value)


class Outcome(StrEnum):
    """The parts that add up to all assignments; on track and due soon are both within time."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN_WITHIN_TIME = "open_within_time"
    OPEN_OVERDUE = "open_overdue"
    NO_DEADLINE = "no_deadline"
    LEFT_OUT = "left_out"


OF_TIMELINESS = {
    Timeliness.ON_TRACK: Outcome.OPEN_WITHIN_TIME,
    Timeliness.DUE_SOON: Outcome.OPEN_WITHIN_TIME,
    Timeliness.OVERDUE: Outcome.OPEN_OVERDUE,
    Timeliness.DONE_ON_TIME: Outcome.DONE_ON_TIME,
    Timeliness.DONE_LATE: Outcome.DONE_LATE,
    Timeliness.NO_DEADLINE: Outcome.NO_DEADLINE,
    Timeliness.NOT_APPLICABLE: Outcome.LEFT_OUT,
}


def confirming_plans(connection: Connection) -> tuple[str, ...]:
    """The plans where the day of confirmation counts."""
    query = select(PLAN.c.id).where(PLAN.c.completion == "confirmed").order_by(PLAN.c.id)
    return tuple(connection.execute(query).scalars())


def in_force(connection: Connection, today: date) -> ColumnElement[bool]:
    """Whether the plan of a row has begun: before, none of its assignments counts anywhere."""
    query = select(PLAN.c.id).where(PLAN.c.starts > today).order_by(PLAN.c.id)
    future = list(connection.execute(query).scalars())
    return ROW.c.plan.not_in(future) if future else true()


def by_confirmation(confirming: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether the day of confirmation counts for a row."""
    return ROW.c.plan.in_(confirming) if confirming else false()


def branches(confirming: tuple[str, ...], today: date) -> tuple[tuple[ColumnElement[bool], Outcome], ...]:
    """The conditions of each outcome in the order of ``assess``; what meets none is within time."""
    confirmed = by_confirmation(confirming)
    state, last = ROW.c.state, ROW.c.last_day
    late = or_(
        and_(confirmed, ROW.c.confirmed_on > last),
        and_(~confirmed, ROW.c.reported_on > last),
    )
    is_reported = and_(state == State.REPORTED.value, ~confirmed)
    is_confirmed = state == State.CONFIRMED.value
    return (
        (state.in_(_NOT_COUNTED), Outcome.LEFT_OUT),
        (and_(last.is_(None), ROW.c.ends < today), Outcome.LEFT_OUT),
        (last.is_(None), Outcome.NO_DEADLINE),
        (and_(or_(is_confirmed, is_reported), late), Outcome.DONE_LATE),
        (or_(is_confirmed, is_reported), Outcome.DONE_ON_TIME),
        (last < today, Outcome.OPEN_OVERDUE),
    )


def is_one_of(outcomes: Iterable[Outcome], confirming: tuple[str, ...], today: date) -> ColumnElement[bool]:
    """Whether a row has one of these outcomes."""
    wanted = frozenset(outcomes)
    whens = [
        (condition, _number(int(outcome in wanted))) for condition, outcome in branches(confirming, today)
    ]
    return case(*whens, else_=_number(int(Outcome.OPEN_WITHIN_TIME in wanted))) == _number(1)


# Three counts in one sum: SQLite works out a CASE once for each sum that names it. A unit has fewer than
# 2^20 assignments in one plan, so that no count runs over into the next.
_BITS = 20
_MASK = (1 << _BITS) - 1
_PACKED = (
    (Outcome.DONE_ON_TIME, Outcome.DONE_LATE, Outcome.OPEN_OVERDUE),
    (Outcome.OPEN_WITHIN_TIME, Outcome.NO_DEADLINE, Outcome.LEFT_OUT),
)


PACKED_WEIGHTS: tuple[dict[Outcome, int], ...] = tuple(
    {outcome: 1 << (_BITS * place) for place, outcome in enumerate(trio)} for trio in _PACKED
)
"""What one of each outcome adds to the sums that ``unpacked`` reads."""


def packed_sums(confirming: tuple[str, ...], today: date) -> tuple[ColumnElement[Any], ...]:
    """Columns from which ``unpacked`` reads the six counts of a group."""
    found = []
    for weight in PACKED_WEIGHTS:
        whens = [
            (condition, _number(weight.get(outcome, 0))) for condition, outcome in branches(confirming, today)
        ]
        found.append(func.sum(case(*whens, else_=_number(weight.get(Outcome.OPEN_WITHIN_TIME, 0)))))
    return tuple(found)


def unpacked(sums: Iterable[Any]) -> dict[str, int]:
    """The counts by the names of their outcomes."""
    counts = {}
    for trio, packed in zip(_PACKED, sums, strict=True):
        for place, outcome in enumerate(trio):
            counts[outcome.value] = (int(packed) >> (_BITS * place)) & _MASK
    return counts


def _number(value: int) -> ColumnElement[Any]:
    # Written out: as a parameter PostgreSQL would take it for a number of four bytes.
    return literal_column(str(value))
