"""Reads what the domain needs: assignments as they stand now or stood on a past day, and their words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection

from engine.model.event import Event
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import Completion, PlanSettings
from engine.store.earlier import history
from engine.store.mapping import event_of, promise_of, standing_of
from engine.store.sync import chunks
from engine.store.tables import AssignmentRow, EventRow, PlanRow, TaskRow
from engine.tracking.assess import Tracked
from engine.tracking.progress import VIETNAM, replay
from engine.units import Registry
from engine.workdays import WorkCalendar

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_PLAN = PlanRow.__table__  # type: ignore[attr-defined]
_TASK = TaskRow.__table__  # type: ignore[attr-defined]


def end_of_day(day: date) -> datetime:
    """The first instant after ``day`` in Viet Nam."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)  # nothing comes after it
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM)


def plans(connection: Connection) -> dict[str, PlanFacts]:
    """Every plan in the database by its id."""
    found = {}
    for row in connection.execute(select(_PLAN)).mappings():
        found[row["id"]] = PlanFacts(
            id=row["id"],
            number=row["number"],
            title=row["title"],
            issuer=row["issuer"],
            issued=row["issued"],
            starts=row["starts"],
            year=row["year"],
            monitor=row["monitor"],
            leader=row["leader"],
            settings=PlanSettings(row["roll"], row["before_day"], row["completion"]),
        )
    return found


def tasks(connection: Connection) -> dict[tuple[str, str], TaskFacts]:
    """Every task in the database by plan and id."""
    found = {}
    for row in connection.execute(select(_TASK)).mappings():
        found[row["plan"], row["id"]] = TaskFacts(
            plan=row["plan"],
            id=row["id"],
            position=row["position"],
            stt=row["stt"],
            appendix=row["appendix"],
            section=row["section"],
            group=row["group_title"],
            title=row["title"],
            leads=row["leads"],
            coordinating=row["coordinating"],
            coordinating_units=tuple(json.loads(row["coordinating_units"])),
            deadline_text=row["deadline_text"],
            deliverable=row["deliverable"],
            milestones=tuple(tuple(m) for m in json.loads(row["milestones"])),
        )
    return found


def tracked(
    connection: Connection,
    registry: Registry,
    *,
    plan: str | None = None,
    units: Iterable[str] | None = None,
    only_open: bool = False,
    ids: Sequence[str] | None = None,
) -> list[Tracked]:
    """Assignments as they stand now, in the order of their identities."""
    query = select(_ASSIGNMENT).order_by(_ASSIGNMENT.c.id)
    if plan is not None:
        query = query.where(_ASSIGNMENT.c.plan == plan)
    if only_open:
        query = query.where(_ASSIGNMENT.c.open)
    if ids is not None:
        query = query.where(_ASSIGNMENT.c.id.in_(ids))
    completion = _completions(connection)
    wanted = set(units) if units is not None else None
    return [
        tracked_of(row, completion.get(row["plan"], "reported"), registry)
        for row in connection.execute(query).mappings()
        if wanted is None or row["unit"] in wanted
    ]


def tracked_as_of(
    connection: Connection,
    registry: Registry,
    calendar: WorkCalendar,
    day: date,
    *,
    plan: str | None = None,
    units: Iterable[str] | None = None,
    ids: Sequence[str] | None = None,
) -> list[Tracked]:
    """Assignments as they stood at the end of ``day``, recomputed from the events up to then and from what
    was promised then (see ``earlier``).

    Plans that were not yet in force on ``day`` are left out.
    """
    known = plans(connection)
    current = [
        t
        for t in tracked(connection, registry, plan=plan, units=units, ids=ids)
        if t.promise.plan not in known or known[t.promise.plan].starts <= day
    ]
    instant = end_of_day(day)
    changes = history(connection, instant, plan)
    before = {
        t.promise.id: said
        for t in current
        if (said := changes.before(t.promise.id, t.promise.plan, instant)) is not None
    }
    current = [t for t in current if t.promise.id not in before or before[t.promise.id].promise is not None]
    later: Select[Any] = select(_EVENT.c.assignment).where(_EVENT.c.at >= instant).distinct()
    moved = set(connection.execute(later).scalars())
    moved |= before.keys()
    if not moved:
        return current
    events = events_of(connection, [t.promise.id for t in current if t.promise.id in moved])

    def then(t: Tracked) -> Tracked:
        facts, said = known.get(t.promise.plan), before.get(t.promise.id)
        settings = said.settings if said else facts.settings if facts else PlanSettings()
        promise = (said.promise if said else None) or t.promise
        past = [e for e in events.get(t.promise.id, ()) if e.at < instant]
        standing = replay(promise, past, settings, calendar)
        return replace(t, promise=promise, standing=standing, completion=settings.completion)

    return [then(t) if t.promise.id in moved else t for t in current]


def events_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Event]]:
    """The events of some assignments, oldest first."""
    found: dict[str, list[Event]] = {}
    for chunk in chunks(ids, 500):
        query = select(_EVENT).where(_EVENT.c.assignment.in_(chunk)).order_by(_EVENT.c.id)
        for row in connection.execute(query).mappings():
            found.setdefault(row["assignment"], []).append(event_of(row))
    return found


def of_task(connection: Connection, plan_and_task: str) -> list[str]:
    """The assignments of a whole task, named ``plan:task``; empty when there is no such task."""
    plan, _, task = plan_and_task.partition(":")
    query = select(_ASSIGNMENT.c.id).where((_ASSIGNMENT.c.plan == plan) & (_ASSIGNMENT.c.task == task))
    return list(connection.execute(query.order_by(_ASSIGNMENT.c.id)).scalars())


def count(connection: Connection) -> int:
    """How many assignments the database holds."""
    return connection.execute(select(func.count()).select_from(_ASSIGNMENT)).scalar_one()


def _completions(connection: Connection) -> dict[str, Completion]:
    return {id: facts.settings.completion for id, facts in plans(connection).items()}


def tracked_of(row: Any, completion: Completion, registry: Registry) -> Tracked:
    """The assignment in a row of ``assignment``; ``completion`` is its plan's setting."""
    unit = registry.units.get(row["unit"])
    return Tracked(
        promise=promise_of(row),
        standing=standing_of(row),
        completion=completion,
        level=unit.level if unit else "none",
    )
