"""One task over all its units, milestones and periods, page by page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.store.mapping import event_of
from engine.store.tables import AssignmentRow, EventRow
from engine.store.views import tracked
from engine.store.work.dossiers import Numbered
from engine.tracking.assess import Tracked
from engine.units import Registry

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Part:
    """The assignments of a task that somebody looks at: all, or those of one milestone, period, state."""

    plan: str
    task: str
    milestone: int | None = None
    period: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One assignment with the number of its last change."""

    tracked: Tracked
    revision: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a task consists of: how many assignments are in each state (of the part that is looked at,
    whatever state was asked for), and which milestones and periods there are in the whole task."""

    states: dict[State, int]
    milestones: tuple[int, ...]
    periods: tuple[str, ...]


def shape(connection: Connection, part: Part) -> Shape:
    """Counts and choices of a task; no milestones and no periods where it has but one."""
    query = (
        select(_ASSIGNMENT.c.milestone, _ASSIGNMENT.c.period, _ASSIGNMENT.c.state, func.count())
        .where(_of_task(part))
        .group_by(_ASSIGNMENT.c.milestone, _ASSIGNMENT.c.period, _ASSIGNMENT.c.state)
    )
    states: dict[State, int] = {}
    milestones, periods = set(), set()
    for milestone, period, state, count in connection.execute(query):
        milestones.add(milestone)
        periods.add(period)
        if part.milestone in (None, milestone) and part.period in (None, period):
            states[State(state)] = states.get(State(state), 0) + count
    return Shape(
        states, tuple(sorted(m for m in milestones if m is not None)), tuple(sorted(filter(None, periods)))
    )


def rows(connection: Connection, registry: Registry, part: Part, offset: int, most: int) -> list[Row]:
    """At most ``most`` assignments from ``offset`` on, by milestone, period and unit."""
    order = (_ASSIGNMENT.c.milestone, _ASSIGNMENT.c.period, _ASSIGNMENT.c.unit, _ASSIGNMENT.c.id)
    query = select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.revision).where(_chosen(part)).order_by(*order)
    revisions: dict[str, int] = {id: n for id, n in connection.execute(query.offset(offset).limit(most))}
    found = {t.promise.id: t for t in tracked(connection, registry, ids=list(revisions))}
    return [Row(found[id], revision) for id, revision in revisions.items()]


def last_event(connection: Connection, part: Part) -> int:
    """The number of the latest event about this task, whatever milestone, period or state; 0 for none."""
    mine = select(_ASSIGNMENT.c.id).where(_of_task(part))
    latest = select(func.max(_EVENT.c.id)).where(_EVENT.c.assignment.in_(mine))
    return connection.execute(latest).scalar() or 0


def revisions(connection: Connection, part: Part, states: Collection[State]) -> dict[str, int]:
    """The assignments of a part in one of ``states``, each with the number of its last change."""
    return _revisions(connection, _chosen(part) & _ASSIGNMENT.c.state.in_([s.value for s in states]))


def hold(connection: Connection, part: Part, states: Collection[State]) -> dict[str, int]:
    """The same, and nobody else changes any of them until the transaction ends."""
    wanted = _chosen(part) & _ASSIGNMENT.c.state.in_([s.value for s in states])
    return _revisions(connection, wanted, lock=True)


def _revisions(connection: Connection, wanted: ColumnElement[bool], *, lock: bool = False) -> dict[str, int]:
    query = select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.revision).where(wanted).order_by(_ASSIGNMENT.c.id)
    found = connection.execute(query.with_for_update() if lock else query)
    return {id: revision for id, revision in found}


def news(
    connection: Connection, part: Part, after: int, ids: Sequence[str] = (), most: int = 20
) -> list[Numbered]:
    """The first ``most`` events with a number above ``after``: about ``ids``, or about any assignment of
    the task when none are named."""
    about = ids or select(_ASSIGNMENT.c.id).where(_of_task(part))
    query = select(_EVENT).where((_EVENT.c.id > after) & _EVENT.c.assignment.in_(about))
    found = connection.execute(query.order_by(_EVENT.c.id).limit(most)).mappings()
    return [Numbered(row["id"], event_of(row)) for row in found]


def _of_task(part: Part) -> ColumnElement[bool]:
    return and_(_ASSIGNMENT.c.plan == part.plan, _ASSIGNMENT.c.task == part.task)


def _chosen(part: Part) -> ColumnElement[bool]:
    chosen = _of_task(part)
    if part.milestone is not None:
        chosen &= _ASSIGNMENT.c.milestone == part.milestone
    if part.period is not None:
        chosen &= _ASSIGNMENT.c.period == part.period
    if part.state is not None:
        chosen &= _ASSIGNMENT.c.state == part.state.value
    return chosen
