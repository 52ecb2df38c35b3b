"""The assignments whose rows do not tell how they stood at the end of a day, judged one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select, text
from sqlalchemy.engine import Connection, RowMapping

from engine.model.assignment import State
from engine.model.deadline import DeadlineKind
from engine.model.facts import PlanFacts
from engine.model.plan import PlanSettings
from engine.store import views
from engine.store.database import among
from engine.store.earlier import changed_since, history
from engine.store.figures.outcome import OF_TIMELINESS, ROW, Outcome
from engine.store.mapping import promise_of, standing_of
from engine.store.sync import chunks
from engine.store.tables import EventRow
from engine.tracking.assess import Tracked, assess, begins_on
from engine.tracking.progress import limit, replay
from engine.workdays import MissingYear, WorkCalendar

_EVENT = EventRow.__table__  # type: ignore[attr-defined]
# In the words of the index ix_event_turning, which the database uses for no others.
_TURNING = text("event.kind IN ('return', 'extend', 'date', 'trigger', 'reinstate')")


class Part(NamedTuple):
    """Where an assignment belongs: carried into a window, given in it, or neither (not begun by its last day,
    or done before its first)."""

    carried: bool
    outside: bool


GIVEN, CARRIED, OUTSIDE = Part(False, False), Part(True, False), Part(False, True)


@dataclass(frozen=True, slots=True)
class Question:
    """Which assignments are counted, at the end of which ``day``. ``first`` and ``last``: the window's days,
    ``last`` the same as ``day`` unless the window still runs; without ``first`` everything counts up to
    ``day``. ``plans`` and ``units`` None: all."""

    day: date
    first: date | None = None
    plans: tuple[str, ...] | None = None
    units: Collection[str] | None = None
    last: date | None = None

    @property
    def until(self) -> date:
        """What has not begun by then does not belong to the window."""
        return self.last or self.day


def within(query: Any, connection: Connection, asked: Question, plans: Mapping[str, PlanFacts]) -> Any:
    """The rows of plans in force by the day, of the plans and units asked for."""
    future = sorted(id for id, plan in plans.items() if plan.starts > asked.day)
    if future:
        query = query.where(ROW.c.plan.not_in(future))
    if asked.plans is not None:
        query = query.where(ROW.c.plan.in_(asked.plans))
    if asked.units is not None:
        query = query.where(among(connection, ROW.c.unit, asked.units))
    return query


Place = tuple[Part, Outcome]
NOWHERE: Place = (OUTSIDE, Outcome.LEFT_OUT)


Correction = tuple[RowMapping, Place | None, Place | None]


def corrections(
    connection: Connection, calendar: WorkCalendar, asked: Question, plans: Mapping[str, PlanFacts]
) -> Iterator[Correction]:
    """Each assignment whose row may not tell: what the row says, and what was so (None: it was not there)."""
    instant = views.end_of_day(asked.day)
    changes = history(connection, instant)
    # What waits for an event was left out until something was said of it, and begins on a day of its own.
    woken = and_(ROW.c.kind == DeadlineKind.EVENT.value, ROW.c.state != State.DORMANT.value)
    turned = select(_EVENT.c.assignment).where(_TURNING)
    # Without a later word the row tells of itself how it stands.
    later = select(_EVENT.c.assignment).where(_EVENT.c.assignment.in_(turned), _EVENT.c.at >= instant)
    moved = select(_EVENT.c.assignment).where(_EVENT.c.assignment == ROW.c.id, _EVENT.c.at >= instant)
    awake = woken if asked.first is not None else and_(woken, moved.exists())
    query = within(select(ROW), connection, asked, plans)
    query = query.where(or_(ROW.c.id.in_(later), ROW.c.id.in_(changed_since(instant)), awake))
    for batch in chunks(connection.execute(query).mappings(), 500):
        events = views.events_of(connection, [row["id"] for row in batch])
        for row in batch:
            facts = plans.get(row["plan"])
            settings = facts.settings if facts else PlanSettings()
            said = changes.before(row["id"], row["plan"], instant)
            told = _by_row(row, asked, facts)
            if said is not None and said.promise is None:
                yield row, told, None
                continue
            spoken = events.get(row["id"], ())
            past = [event for event in spoken if event.at < instant]
            if said is not None and said.promise is not None:
                standing = replay(said.promise, past, said.settings, calendar)
                then = Tracked(said.promise, standing, said.settings.completion, "none")
            else:
                then = Tracked(promise_of(row), standing_of(row), settings.completion, "none")
                if len(past) != len(spoken):
                    then = replace(then, standing=replay(then.promise, past, settings, calendar))
            true_place = place_of(then, asked, facts.starts if facts else date.min, calendar)
            if true_place != told:
                yield row, told, true_place


def place_of(then: Tracked, asked: Question, in_force: date, calendar: WorkCalendar) -> Place:
    """Where an assignment belongs that stood like this at the end of the day asked for."""
    last, done = limit(then.promise, then.standing), _done_day(then)
    try:
        outcome = OF_TIMELINESS[assess(then, asked.day, calendar).timeliness]
    except MissingYear:
        # How many days it is late is not known then, but on which side of its last day it stands.
        standing, confirming = then.standing, then.completion == "confirmed"
        said = standing.confirmed_on if confirming else standing.reported_on
        outcome = _dated(last, then.promise.ends, done, said, asked.day)
    if asked.first is None:
        return GIVEN, outcome
    begins = begins_on(then, in_force)
    done = done if last is not None else None
    if begins > asked.until or (done is not None and done < asked.first):
        return NOWHERE
    return (CARRIED if begins < asked.first else GIVEN), outcome


def _dated(last: date | None, ends: date | None, done: date | None, said: date | None, day: date) -> Outcome:
    """The outcome by its days alone; ``said`` is the day that is compared with the last one."""
    if last is None:
        return Outcome.LEFT_OUT if ends is not None and ends < day else Outcome.NO_DEADLINE
    if done is not None and done <= day:
        return Outcome.DONE_LATE if said is not None and said > last else Outcome.DONE_ON_TIME
    return Outcome.OPEN_OVERDUE if last < day else Outcome.OPEN_WITHIN_TIME


def _done_day(then: Tracked) -> date | None:
    reported, confirmed = then.standing.reported_on, then.standing.confirmed_on
    if then.completion != "confirmed":
        return reported
    return max(reported, confirmed) if reported and confirmed else confirmed


def _by_row(row: RowMapping, asked: Question, facts: PlanFacts | None) -> Place:
    """The same as the SQL says of this row."""
    confirming = facts is not None and facts.settings.completion == "confirmed"
    reported, confirmed, last = row["reported_on"], row["confirmed_on"], row["last_day"]
    done = (max(reported, confirmed) if reported and confirmed else confirmed) if confirming else reported
    said = confirmed if confirming else reported
    if row["state"] == State.DORMANT.value or (
        row["state"] == State.WITHDRAWN.value and row["since"] is not None and row["since"] <= asked.day
    ):
        outcome = Outcome.LEFT_OUT
    else:
        outcome = _dated(last, row["ends"], done, said, asked.day)
    if asked.first is None:
        return GIVEN, outcome
    recurring = row["kind"] == DeadlineKind.RECURRING.value
    begins = row["starts"] if recurring else facts.starts if facts else date.min
    if recurring and begins > asked.until:
        return NOWHERE
    if last is not None and done is not None and done < asked.first:
        return NOWHERE
    return (CARRIED if begins < asked.first else GIVEN), outcome
