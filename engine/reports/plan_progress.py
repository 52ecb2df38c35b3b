"""How far a plan is, as forms ask it: the tasks that it sets out, and those of them that are wholly done.

The five parts of the tasks report leave out what has not arisen or is over, and show apart what has no
deadline, done or not. A form counts otherwise: every task of the document that was not withdrawn is set out
in it; one without a deadline is done once its units reported it (the office confirmed it, where that counts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.model.event import EventKind
from engine.reports.count_tasks import units_of
from engine.reports.tasks import TaskLine, TasksReport
from engine.store import views
from engine.store.database import among
from engine.store.earlier import changed_since
from engine.store.figures.outcome import ROW, Outcome
from engine.store.tables import EventRow
from engine.tracking.assess import Tracked
from engine.tracking.progress import limit
from engine.units import Registry
from engine.workdays import WorkCalendar

_EVENT = EventRow.__table__  # type: ignore[attr-defined]

_Task = tuple[str, str]
# In one query: SQLite takes 32,766 values, PostgreSQL 65,535.
_MOST_ASKED = 10_000


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """``tasks`` set out, ``done`` of them; ``idle``: those of ``tasks`` that have not arisen or are over;
    ``withdrawn``: tasks that are no part of them any more."""

    tasks: int
    done: int
    idle: int
    withdrawn: int


def plan_progress(
    connection: Connection, registry: Registry, calendar: WorkCalendar, report: TasksReport
) -> PlanProgress:
    """Counts the tasks of a cumulative report (one without a window)."""
    left_out = {(line.plan, line.task) for line in report.tasks if line.outcome is Outcome.LEFT_OUT}
    undated = [line for line in report.tasks if line.counts.no_deadline and not _owed(line)]

    units = units_of(registry, views.plans(connection).values(), report.scope.unit)

    def within(query: Select[Any]) -> Select[Any]:
        if report.scope.plans is not None:
            query = query.where(ROW.c.plan.in_(report.scope.plans))
        return query.where(among(connection, ROW.c.unit, units)) if units is not None else query

    def those(ids: Sequence[str]) -> Iterator[Tracked]:
        for some in (ids[at : at + _MOST_ASKED] for at in range(0, len(ids), _MOST_ASKED)):
            yield from views.tracked_as_of(connection, registry, calendar, report.day, ids=some)

    gone: set[_Task] = set()
    # What is not withdrawn now and never was given out again was not withdrawn on any day.
    back = select(_EVENT.c.assignment).where(_EVENT.c.kind == EventKind.REINSTATE.value)
    may_be_gone = or_(ROW.c.state == State.WITHDRAWN.value, ROW.c.id.in_(back))
    if left_out:
        there = select(ROW.c.plan, ROW.c.task).where(~may_be_gone).distinct()
        gone = left_out - {(plan, task) for plan, task in connection.execute(within(there))}
    if gone:
        found = connection.execute(within(select(ROW.c.id, ROW.c.plan, ROW.c.task).where(may_be_gone)))
        ids = [id for id, plan, task in found if (plan, task) in gone]
        gone -= {_task(each) for each in those(ids) if each.standing.state is not State.WITHDRAWN}
    done: dict[_Task, int] = {}
    if undated:
        spoken = within(select(ROW.c.id).where(_may_be_done_undated(report)))
        for each in those(list(connection.execute(spoken).scalars())):
            if limit(each.promise, each.standing) is None and _is_done(each):
                done[_task(each)] = done.get(_task(each), 0) + 1
    idle = left_out - gone
    return PlanProgress(
        tasks=len(report.tasks) - len(gone),
        done=_wholly_done((line for line in report.tasks if not _owed(line)), done),
        idle=len(idle),
        withdrawn=len(gone),
    )


def _wholly_done(lines: Iterable[TaskLine], undated: dict[_Task, int]) -> int:
    return sum(
        line.counts.assigned > 0 and line.counts.no_deadline <= undated.get((line.plan, line.task), 0)
        for line in lines
    )


def _owed(line: TaskLine) -> bool:
    return line.counts.open_within_time + line.counts.open_overdue > 0


def _may_be_done_undated(report: TasksReport) -> Any:
    reported = select(_EVENT.c.assignment).where(_EVENT.c.kind == EventKind.DONE.value)
    dated_later = select(_EVENT.c.assignment).where(
        _EVENT.c.kind.in_((EventKind.DATE.value, EventKind.TRIGGER.value))
    )
    changed = changed_since(views.end_of_day(report.day))
    return ROW.c.id.in_(reported) & or_(
        ROW.c.last_day.is_(None), ROW.c.id.in_(dated_later), ROW.c.id.in_(changed)
    )


def _is_done(each: Tracked) -> bool:
    state = each.standing.state
    return state is State.CONFIRMED or (state is State.REPORTED and each.completion != "confirmed")


def _task(each: Tracked) -> _Task:
    return each.promise.plan, each.promise.task
