"""Brings the database in line with the plan files: the only writer of promises."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.model.assignment import Promise, State
from engine.model.event import Event, EventKind
from engine.model.facts import TaskFacts
from engine.model.plan import Plan, PlanSettings
from engine.store.database import take_turns
from engine.store.earlier import known_since, remember, remember_new
from engine.store.mapping import (
    event_columns,
    event_of,
    promise_columns,
    promise_of,
    standing_columns,
)
from engine.store.tables import AssignmentRow, EventRow, PlanRow, TaskRow
from engine.tracking.assignments import expand, plan_facts, task_facts
from engine.tracking.progress import opening, replay
from engine.units import Registry
from engine.workdays import WorkCalendar

CHUNK = 5000
BY_SYNC = "đồng bộ"
_WORK = 7_219_447

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_PLAN = PlanRow.__table__  # type: ignore[attr-defined]
_TASK = TaskRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Change:
    """One assignment whose promise moved, with the columns that differ (old, new)."""

    id: str
    differs: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync did, or would do. Identities in the order of the plans."""

    plans: int
    added: tuple[str, ...]
    changed: tuple[Change, ...]
    withdrawn: tuple[str, ...]
    restored: tuple[str, ...]
    unchanged: int


def sync(
    connection: Connection,
    plans: Sequence[Plan],
    kept: Iterable[str],
    registry: Registry,
    calendar: WorkCalendar,
    now: datetime,
    *,
    dry_run: bool = False,
) -> SyncResult:
    """Writes the promises of ``plans``; idempotent; never deletes history.

    Plans named in ``kept`` (their file is broken and no good version is known) are left alone;
    all other plans in the database that are not in ``plans`` are withdrawn.
    """
    take_turns(connection, _WORK)
    promised: dict[str, Promise] = {}
    for plan in plans:
        for promise in expand(plan, registry):
            promised[promise.id] = promise
    settings = {plan.id: plan.settings for plan in plans}
    left_alone = set(kept)
    known: dict[str, Promise] = {}
    withdrawn_now: set[str] = set()
    for row in connection.execute(select(_ASSIGNMENT)).mappings():
        if row["plan"] in left_alone:
            continue
        known[row["id"]] = promise_of(row)
        if row["state"] == State.WITHDRAWN.value:
            withdrawn_now.add(row["id"])
    result = _compared(connection, promised, known, withdrawn_now, len(plans))
    if dry_run:
        return result
    added, changed, withdrawn, restored = result.added, result.changed, result.withdrawn, result.restored
    reset = _differently_read(connection, settings)
    # Where a plan now reads dates differently, the dates that the office entered are worked out anew.
    reread = [id for id, promise in promised.items() if promise.plan in reset and id in known]
    touched = dict.fromkeys([*(c.id for c in changed), *withdrawn, *restored, *reread])
    _lock(connection, touched)
    since = known_since(connection)
    # What left a plan stays as it is, but what it was on a past day was read with the plan's settings then.
    judged = [id for id, promise in known.items() if promise.plan in reset]
    _remember(connection, [known[id] for id in dict.fromkeys([*(c.id for c in changed), *judged])], now)
    _write_plans(connection, plans, registry, {plan.id: since.get(plan.id) or now for plan in plans})
    _insert(connection, _ASSIGNMENT, (_new_row(promised[id], now) for id in added))
    remember_new(connection, [id for id in added if since.get(promised[id].plan)], now)
    moves = [Event(id, EventKind.WITHDRAW, now, BY_SYNC, note="Không còn trong kế hoạch") for id in withdrawn]
    moves += [Event(id, EventKind.REINSTATE, now, BY_SYNC, note="Có lại trong kế hoạch") for id in restored]
    _insert(connection, _EVENT, ({**event_columns(e), "recorded_at": now} for e in moves))
    _rewrite(connection, {id: promised.get(id) or known[id] for id in touched}, settings, calendar, now)
    return result


def preview(connection: Connection, plan: Plan, registry: Registry) -> SyncResult:
    """What a sync would change for one plan, all others left alone; only reads."""
    known: dict[str, Promise] = {}
    withdrawn_now: set[str] = set()
    for row in connection.execute(select(_ASSIGNMENT).where(_ASSIGNMENT.c.plan == plan.id)).mappings():
        known[row["id"]] = promise_of(row)
        if row["state"] == State.WITHDRAWN.value:
            withdrawn_now.add(row["id"])
    promised = {promise.id: promise for promise in expand(plan, registry)}
    return _compared(connection, promised, known, withdrawn_now, 1)


def _compared(
    connection: Connection,
    promised: Mapping[str, Promise],
    known: Mapping[str, Promise],
    withdrawn_now: set[str],
    plans: int,
) -> SyncResult:
    """What differs between the files' promises and those of the database."""
    by_sync = _withdrawn_by_sync(connection) & withdrawn_now
    added = [id for id in promised if id not in known]
    changed = [
        Change(id, _difference(known[id], promise))
        for id, promise in promised.items()
        if id in known and known[id] != promise
    ]
    return SyncResult(
        plans=plans,
        added=tuple(added),
        changed=tuple(changed),
        withdrawn=tuple(id for id in known if id not in promised and id not in withdrawn_now),
        restored=tuple(id for id in promised if id in by_sync),
        unchanged=len(promised) - len(added) - len(changed),
    )


def _difference(old: Promise, new: Promise) -> tuple[tuple[str, Any, Any], ...]:
    before, after = promise_columns(old), promise_columns(new)
    return tuple((key, before[key], after[key]) for key in before if before[key] != after[key])


def _withdrawn_by_sync(connection: Connection) -> set[str]:
    """Assignments whose last withdrawal came from sync, not from a decision of the office."""
    query = (
        select(_EVENT.c.assignment, _EVENT.c.by)
        .where(_EVENT.c.kind.in_([EventKind.WITHDRAW.value, EventKind.REINSTATE.value]))
        .order_by(_EVENT.c.id)
    )
    last = {assignment: by for assignment, by in connection.execute(query)}
    return {assignment for assignment, by in last.items() if by == BY_SYNC}


def _new_row(promise: Promise, now: datetime) -> dict[str, Any]:
    return {
        "id": promise.id,
        **promise_columns(promise),
        **standing_columns(promise, opening(promise)),
        "synced_at": now,
        "changed_at": now,
        "revision": 0,
    }


def _insert(connection: Connection, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    for chunk in chunks(rows, CHUNK):
        connection.execute(insert(table), chunk)


def chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """``rows`` in lists of at most ``size``; nothing for no rows."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _lock(connection: Connection, ids: Iterable[str]) -> None:
    """Waits for who is reporting on these assignments, so that no event is missed when they are recomputed;
    in the order of ``events.record``."""
    for chunk in chunks(sorted(ids), 500):
        query = select(_ASSIGNMENT.c.id).where(_ASSIGNMENT.c.id.in_(chunk)).order_by(_ASSIGNMENT.c.id)
        connection.execute(query.with_for_update())


def _rewrite(
    connection: Connection,
    promises: Mapping[str, Promise],
    settings: Mapping[str, PlanSettings],
    calendar: WorkCalendar,
    now: datetime,
) -> None:
    """Writes changed promises and recomputes their standing from the events."""
    if not promises:
        return
    events: dict[str, list[Event]] = {}
    for chunk in chunks(promises, 500):
        query = select(_EVENT).where(_EVENT.c.assignment.in_(chunk)).order_by(_EVENT.c.id)
        for row in connection.execute(query).mappings():
            events.setdefault(row["assignment"], []).append(event_of(row))
    statement = update(_ASSIGNMENT).where(_ASSIGNMENT.c.id == bindparam("key"))
    for chunk in chunks(promises.items(), CHUNK):
        rows = []
        for id, promise in chunk:
            standing = replay(
                promise, events.get(id, ()), settings.get(promise.plan, PlanSettings()), calendar
            )
            rows.append(
                {
                    "key": id,
                    **promise_columns(promise),
                    **standing_columns(promise, standing),
                    "synced_at": now,
                    "changed_at": now,
                }
            )
        columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "key"}
        connection.execute(statement.values(columns), rows)


def _remember(connection: Connection, before: Sequence[Promise], now: datetime) -> None:
    """Keeps what was promised until now, with how the plans in the database read dates."""
    query = select(_PLAN.c.id, _PLAN.c.roll, _PLAN.c.before_day, _PLAN.c.completion)
    settings = {id: PlanSettings(*reading) for id, *reading in connection.execute(query)}
    remember(connection, before, settings, now)


def _differently_read(connection: Connection, settings: Mapping[str, PlanSettings]) -> set[str]:
    """The plans whose settings are about to change."""
    query = select(_PLAN.c.id, _PLAN.c.roll, _PLAN.c.before_day, _PLAN.c.completion)
    return {
        id
        for id, roll, before_day, completion in connection.execute(query)
        if id in settings and settings[id] != PlanSettings(roll, before_day, completion)
    }


def _write_plans(
    connection: Connection,
    plans: Sequence[Plan],
    registry: Registry,
    since: Mapping[str, datetime | None],
) -> None:
    """Replaces the rows of these plans, known ``since``; rows of tasks that left stay, so that history can
    name them."""
    if not plans:
        return
    connection.execute(delete(_PLAN).where(_PLAN.c.id.in_([p.id for p in plans])))
    _insert(connection, _PLAN, ({**_plan_row(plan), "known_since": since[plan.id]} for plan in plans))
    rows = [_task_row(facts) for plan in plans for facts in task_facts(plan, registry)]
    if rows:
        here = delete(_TASK).where(_TASK.c.plan == bindparam("p"), _TASK.c.id == bindparam("t"))
        connection.execute(here, [{"p": row["plan"], "t": row["id"]} for row in rows])
    _insert(connection, _TASK, rows)


def _plan_row(plan: Plan) -> dict[str, Any]:
    facts = plan_facts(plan)
    return {
        "id": facts.id,
        "number": facts.number,
        "title": facts.title,
        "issuer": facts.issuer,
        "issued": facts.issued,
        "starts": facts.starts,
        "year": facts.year,
        "monitor": facts.monitor,
        "leader": facts.leader,
        "roll": facts.settings.roll,
        "before_day": facts.settings.before_day,
        "completion": facts.settings.completion,
    }


def _task_row(facts: TaskFacts) -> dict[str, Any]:
    return {
        "plan": facts.plan,
        "id": facts.id,
        "position": facts.position,
        "stt": facts.stt,
        "appendix": facts.appendix,
        "section": facts.section,
        "group_title": facts.group,
        "title": facts.title,
        "leads": facts.leads,
        "coordinating": facts.coordinating,
        "coordinating_units": json.dumps(facts.coordinating_units),
        "deadline_text": facts.deadline_text,
        "deliverable": facts.deliverable,
        "milestones": json.dumps(facts.milestones, ensure_ascii=False),
    }
