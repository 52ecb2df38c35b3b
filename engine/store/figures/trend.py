"""How many assignments were overdue at the end of some past days, as the events tell it.

The row alone says it for nearly all: an assignment that was never returned, extended, dated, triggered or
given out again, and whose promise never changed, is overdue from the day after its last day until the day it
was reported (or confirmed, where that counts) or withdrawn. The others are few; for them alone the events are
replayed, and the difference to what their row says is put right. The slow way that gives the same is
``views.tracked_as_of`` with ``assess``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select, text
from sqlalchemy.engine import Connection, RowMapping

from engine.model.assignment import State, Timeliness
from engine.model.event import Event
from engine.model.facts import PlanFacts
from engine.model.plan import PlanSettings
from engine.store import views
from engine.store.database import among
from engine.store.earlier import History, changed_since, history
from engine.store.figures.counts import Group
from engine.store.figures.outcome import PLAN, ROW, by_confirmation, confirming_plans
from engine.store.mapping import promise_of, standing_of
from engine.store.sync import chunks
from engine.store.tables import EventRow
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import local_day, replay
from engine.workdays import WorkCalendar

_EVENT = EventRow.__table__  # type: ignore[attr-defined]
# In the words of the index ix_event_turning, which the database uses for no others.
_TURNING = text("event.kind IN ('return', 'extend', 'date', 'trigger', 'reinstate')")

_ONE: ColumnElement[int] = literal_column("1")
_NONE: ColumnElement[int] = literal_column("0")

Overdue = tuple[int, ...]
"""One number for each day asked for."""


def overdue_groups(
    connection: Connection,
    calendar: WorkCalendar,
    days: Sequence[date],
    *,
    units: Collection[str] | None = None,
) -> dict[Group, Overdue]:
    """The overdue assignments of each unit and plan at the end of each of ``days`` (ascending); plans that
    were not yet in force on a day do not count on it. Groups that never had any are left out."""
    if not days:
        return {}
    scope = among(connection, ROW.c.unit, units) if units is not None else None
    found = _by_rows(connection, days, scope)
    for group, change in _corrections(connection, calendar, days, scope):
        before = found.get(group, (0,) * len(days))
        found[group] = tuple(a + b for a, b in zip(before, change, strict=True))
    return {group: counts for group, counts in found.items() if any(counts)}


def _by_rows(
    connection: Connection, days: Sequence[date], scope: ColumnElement[bool] | None
) -> dict[Group, Overdue]:
    confirming = confirming_plans(connection)
    done, gone = done_on(confirming), _gone_on()
    still = [and_(or_(done.is_(None), done > day), or_(gone.is_(None), gone > day)) for day in days]
    sums = [
        func.sum(case((and_(ROW.c.last_day < day, is_open), _ONE), else_=_NONE))
        for day, is_open in zip(days, still, strict=True)
    ]
    # What was settled by the first of the days is passed over before anything is added up.
    query = (
        select(ROW.c.unit, ROW.c.plan, *sums)
        .where(ROW.c.last_day < days[-1], still[0])
        .group_by(ROW.c.unit, ROW.c.plan)
    )
    if scope is not None:
        query = query.where(scope)
    starts = _starts(connection)
    return {
        (unit, plan): _in_force(tuple(int(n) for n in counts), days, starts.get(plan))
        for unit, plan, *counts in connection.execute(query)
    }


def done_on(confirming: tuple[str, ...]) -> ColumnElement[Any]:
    """The day from which the end of the day finds a row done; where the office's word counts, both words
    must have been said, whatever day each of them names."""
    both = case(
        (ROW.c.reported_on > ROW.c.confirmed_on, ROW.c.reported_on),
        else_=ROW.c.confirmed_on,
    )
    return case((by_confirmation(confirming), both), else_=ROW.c.reported_on)


def _gone_on() -> ColumnElement[Any]:
    return case((ROW.c.state == State.WITHDRAWN.value, ROW.c.since))


def _starts(connection: Connection) -> dict[str, date]:
    return {id: starts for id, starts in connection.execute(select(PLAN.c.id, PLAN.c.starts))}


def _in_force(counts: Overdue, days: Sequence[date], starts: date | None) -> Overdue:
    return tuple(
        count if starts is None or starts <= day else 0 for count, day in zip(counts, days, strict=True)
    )


def _corrections(
    connection: Connection,
    calendar: WorkCalendar,
    days: Sequence[date],
    scope: ColumnElement[bool] | None,
) -> Iterator[tuple[Group, Overdue]]:
    """For each assignment with a turning event or another promise before: what the replay says less what its
    row says."""
    plans = views.plans(connection)
    earliest = views.end_of_day(days[0])
    changes = history(connection, earliest)
    turning = select(_EVENT.c.assignment).where(_TURNING)
    promised = func.coalesce(ROW.c.rolled, ROW.c.due)
    query = select(ROW).where(
        or_(
            # No later word moves a deadline forward: what was promised for later never was overdue.
            ROW.c.id.in_(turning) & or_(promised.is_(None), promised < days[-1], ROW.c.last_day < days[-1]),
            ROW.c.id.in_(changed_since(earliest)),
        ),
    )
    if scope is not None:
        query = query.where(scope)
    for rows in chunks(connection.execute(query).mappings(), 500):
        events = views.events_of(connection, [row["id"] for row in rows])
        for row in rows:
            facts = plans.get(row["plan"])
            told = _by_row(row, days, facts)
            true = _by_events(row, days, facts, events.get(row["id"], ()), calendar, changes)
            if told != true:
                change = tuple(b - a for a, b in zip(told, true, strict=True))
                yield (row["unit"], row["plan"]), change


def _by_row(row: RowMapping | Mapping[str, Any], days: Sequence[date], facts: PlanFacts | None) -> Overdue:
    """The same as ``_by_rows`` says of this row."""
    done = row["reported_on"]
    if facts and facts.settings.completion == "confirmed":
        confirmed = row["confirmed_on"]
        done = max(done, confirmed) if done and confirmed else confirmed
    gone = row["since"] if row["state"] == State.WITHDRAWN.value else None
    last = row["last_day"]
    counts = tuple(
        int(last is not None and last < day and (done is None or done > day) and (gone is None or gone > day))
        for day in days
    )
    return _in_force(counts, days, facts.starts if facts else None)


def _by_events(
    row: RowMapping,
    days: Sequence[date],
    facts: PlanFacts | None,
    events: Sequence[Event],
    calendar: WorkCalendar,
    changes: History,
) -> Overdue:
    settings = facts.settings if facts else PlanSettings()
    now = Tracked(promise_of(row), standing_of(row), settings.completion, "none")
    spoken = [local_day(event.at) for event in events]
    counts = []
    for day in days:
        past = [event for event, said in zip(events, spoken, strict=True) if said <= day]
        # As tracked_as_of does: what is not moved since stands as its row says.
        said = changes.before(row["id"], row["plan"], views.end_of_day(day))
        if said is not None and said.promise is None:
            counts.append(0)
            continue
        then = now
        if said is not None and said.promise is not None:
            standing = replay(said.promise, past, said.settings, calendar)
            then = Tracked(said.promise, standing, said.settings.completion, "none")
        elif len(past) != len(events):
            then = replace(now, standing=replay(now.promise, past, settings, calendar))
        counts.append(int(_is_overdue(then, day, calendar)))
    return _in_force(tuple(counts), days, facts.starts if facts else None)


def _is_overdue(tracked: Tracked, day: date, calendar: WorkCalendar) -> bool:
    return assess(tracked, day, calendar).timeliness is Timeliness.OVERDUE
