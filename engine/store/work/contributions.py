"""The parts that coordinating units have in a task (phối hợp): which are still open, and which are done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.store.database import insert_ignoring
from engine.store.sync import chunks
from engine.store.tables import AssignmentRow, ContributionRow

_ROW = AssignmentRow.__table__  # type: ignore[attr-defined]
_CONTRIBUTION = ContributionRow.__table__  # type: ignore[attr-defined]

# What was withdrawn needs nobody's help; what has not come about needs none yet.
_OUTSIDE = (State.WITHDRAWN.value, State.DORMANT.value)

TaskKey = tuple[str, str]
"""Plan and task."""


@dataclass(frozen=True, slots=True)
class Share:
    """One milestone and period of a task. ``leads`` counts the assignments, ``open`` those not confirmed,
    ``mine`` those to which the unit contributed; ``first_day`` is the nearest last day of an open one."""

    plan: str
    task: str
    milestone: int | None
    period: str | None
    leads: int
    open: int
    mine: int
    first_day: date | None

    @property
    def is_done(self) -> bool:
        """Whether the unit said that its part is done, for all who lead."""
        return self.mine >= self.leads


def shares(connection: Connection, tasks: Sequence[TaskKey], units: Collection[str]) -> list[Share]:
    """The parts of some tasks as one of the coordinating ``units`` sees them, the nearest first."""
    if not tasks:
        return []
    said = exists().where((_CONTRIBUTION.c.assignment == _ROW.c.id) & _CONTRIBUTION.c.unit.in_(sorted(units)))
    keys = (_ROW.c.plan, _ROW.c.task, _ROW.c.milestone, _ROW.c.period)
    is_open = _ROW.c.state != State.CONFIRMED.value
    query = (
        select(
            *keys,
            func.count(),
            func.count().filter(is_open),
            func.count().filter(said),
            func.min(_ROW.c.last_day).filter(is_open),
        )
        .where(tuple_(_ROW.c.plan, _ROW.c.task).in_(list(tasks)))
        .where(_ROW.c.state.not_in(_OUTSIDE))
        .group_by(*keys)
    )
    found = [Share(*row) for row in connection.execute(query)]
    return sorted(
        found, key=lambda s: (s.first_day or date.max, s.plan, s.task, s.milestone or 0, s.period or "")
    )


def contribute(
    connection: Connection,
    parts: Sequence[Share],
    units: Collection[str],
    by: str,
    note: str,
    now: datetime,
) -> int:
    """Notes that the part of ``units`` is done for all who lead; gives back how many notes are new."""
    if not parts:
        return 0
    wanted = or_(
        *(
            and_(
                _ROW.c.plan == part.plan,
                _ROW.c.task == part.task,
                _ROW.c.milestone.is_(None) if part.milestone is None else _ROW.c.milestone == part.milestone,
                _ROW.c.period.is_(None) if part.period is None else _ROW.c.period == part.period,
            )
            for part in parts
        )
    )
    query = select(_ROW.c.id).where(wanted).where(_ROW.c.state.not_in(_OUTSIDE)).order_by(_ROW.c.id)
    rows = [
        {"assignment": id, "unit": unit, "at": now, "by": by, "note": note}
        for id in connection.execute(query).scalars()
        for unit in sorted(units)
    ]
    statement = insert_ignoring(connection, _CONTRIBUTION)
    return sum(connection.execute(statement, chunk).rowcount for chunk in chunks(rows, 500))
