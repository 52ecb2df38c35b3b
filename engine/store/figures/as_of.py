"""How all assignments stood at the end of any day, counted by unit and by task.

As with the trend, the row alone tells it for nearly all, in SQL. Those that were returned, extended, dated,
triggered, given out again or promised otherwise before are replayed one by one, and the difference to what
their rows say is put right. The slow way that gives the same is ``views.tracked_as_of`` with ``assess``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, literal_column, or_, select, text
from sqlalchemy.engine import Connection, RowMapping

from engine.model.assignment import State
from engine.model.deadline import DeadlineKind
from engine.model.facts import PlanFacts
from engine.model.plan import PlanSettings
from engine.store import views
from engine.store.database import among
from engine.store.earlier import CHANGED, history
from engine.store.figures.counts import Counts
from engine.store.figures.outcome import (
    OF_TIMELINESS,
    PACKED_WEIGHTS,
    ROW,
    Outcome,
    by_confirmation,
    confirming_plans,
    unpacked,
)
from engine.store.figures.trend import done_on
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
class Split:
    """The counts of a group: ``carried`` into the window and ``given`` in it. Without a window all are given.
    ``outside`` are neither; what is withdrawn or never arose is left out of either part by its counts."""

    given: Counts = field(default_factory=Counts)
    carried: Counts = field(default_factory=Counts)
    outside: int = 0

    def __add__(self, other: Split) -> Split:
        return Split(self.given + other.given, self.carried + other.carried, self.outside + other.outside)

    @property
    def counts(self) -> Counts:
        """Both parts together."""
        return self.given + self.carried

    @property
    def rows(self) -> int:
        """How many assignments there are in all."""
        return self.counts.assigned + self.counts.left_out + self.outside


@dataclass(frozen=True, slots=True)
class Question:
    """Which assignments are counted, at the end of which ``day``. ``first``: the first day of a window that
    ends with ``day`` or later; None for everything up to then. ``plans`` and ``units`` None: all."""

    day: date
    first: date | None = None
    plans: tuple[str, ...] | None = None
    units: Collection[str] | None = None


Group = tuple[str, str]
_Tally = dict[tuple[Group, Part, Outcome], int]


def by_unit(connection: Connection, calendar: WorkCalendar, asked: Question) -> dict[Group, Split]:
    """The counts of each unit and plan. Raises MissingYear for a year without a calendar."""
    return _split(_counted(connection, calendar, asked, (ROW.c.unit, ROW.c.plan)))


def by_task(connection: Connection, calendar: WorkCalendar, asked: Question) -> dict[Group, Split]:
    """The counts of each plan and task."""
    return _split(_counted(connection, calendar, asked, (ROW.c.plan, ROW.c.task)))


def rows(connection: Connection, asked: Question) -> int:
    """How many assignments the same question is about, simply counted: what the parts must add up to."""
    plans = views.plans(connection)
    changes = history(connection, views.end_of_day(asked.day))
    query = _within(select(func.count()).select_from(ROW), connection, asked, plans)
    later = sum(
        said.promise is None
        for each in connection.execute(
            _within(select(ROW.c.id, ROW.c.plan), connection, asked, plans).where(ROW.c.id.in_(CHANGED))
        )
        if (said := changes.before(each.id, each.plan, views.end_of_day(asked.day))) is not None
    )
    count: int = connection.execute(query).scalar_one()
    return count - later


def _within(query: Any, connection: Connection, asked: Question, plans: Mapping[str, PlanFacts]) -> Any:
    """The rows of plans in force by the day, of the plans and units asked for."""
    future = sorted(id for id, plan in plans.items() if plan.starts > asked.day)
    if future:
        query = query.where(ROW.c.plan.not_in(future))
    if asked.plans is not None:
        query = query.where(ROW.c.plan.in_(asked.plans))
    if asked.units is not None:
        query = query.where(among(connection, ROW.c.unit, asked.units))
    return query


def _counted(
    connection: Connection,
    calendar: WorkCalendar,
    asked: Question,
    by: tuple[ColumnElement[str], ColumnElement[str]],
) -> _Tally:
    plans = views.plans(connection)
    found: _Tally = {}
    confirming = confirming_plans(connection)
    parts = (GIVEN,) if asked.first is None else (GIVEN, CARRIED)
    sums = [each for part in parts for each in _sums(part, asked, plans, confirming)]
    query = _within(select(*by, func.count(), *sums), connection, asked, plans).group_by(*by)
    for a, b, count, *packed in connection.execute(query):
        left = int(count)
        for index, part in enumerate(parts):
            for name, number in unpacked(packed[2 * index : 2 * index + 2]).items():
                if number:
                    found[(a, b), part, Outcome(name)] = number
                    left -= number
        if left:
            # Of those outside a window nobody asks how they stand.
            found[(a, b), OUTSIDE, Outcome.LEFT_OUT] = left
    names = [column.name for column in by]
    for row, told, true_ in _corrections(connection, calendar, asked, plans):
        group = (row[names[0]], row[names[1]])
        for place, sign in ((told, -1), (true_, 1)):
            if place is not None:
                found[group, *place] = found.get((group, *place), 0) + sign
    return found


def _split(tally: _Tally) -> dict[Group, Split]:
    counts: dict[Group, dict[Part, dict[str, int]]] = {}
    for (group, part, outcome), count in tally.items():
        own = counts.setdefault(group, {}).setdefault(part, {})
        own[outcome.value] = own.get(outcome.value, 0) + count
    return {
        group: Split(
            Counts(**parts.get(GIVEN, {})),
            Counts(**parts.get(CARRIED, {})),
            sum(parts.get(OUTSIDE, {}).values()),
        )
        for group, parts in counts.items()
    }


# --- by the rows -------------------------------------------------------------------------------------------


def _sums(
    part: Part, asked: Question, plans: Mapping[str, PlanFacts], confirming: tuple[str, ...]
) -> list[ColumnElement[Any]]:
    """Columns from which ``unpacked`` reads the counts of one part."""
    whens = _outcomes(asked, confirming)
    outside = [] if asked.first is None else [*_outside(asked, confirming), _other(part, asked, plans)]
    return [
        func.sum(
            case(
                *((condition, _number(0)) for condition in outside),
                *((condition, _number(weight.get(outcome, 0))) for condition, outcome in whens),
                else_=_number(weight.get(Outcome.OPEN_WITHIN_TIME, 0)),
            )
        )
        for weight in PACKED_WEIGHTS
    ]


def _number(value: int) -> ColumnElement[int]:
    # Written out: as a parameter PostgreSQL would take it for a number of four bytes.
    return literal_column(str(value))


def _outside(asked: Question, confirming: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """What has not begun by the day, or was done before the window."""
    return [
        and_(ROW.c.kind == DeadlineKind.RECURRING.value, ROW.c.starts > asked.day),
        and_(ROW.c.last_day.is_not(None), done_on(confirming) < asked.first),
    ]


def _other(part: Part, asked: Question, plans: Mapping[str, PlanFacts]) -> ColumnElement[bool]:
    """Whether a row belongs to the other part of the window."""
    recurring = ROW.c.kind == DeadlineKind.RECURRING.value
    old = sorted(id for id, plan in plans.items() if asked.first and plan.starts < asked.first)
    of_old_plan = ROW.c.plan.in_(old) if old else false()
    carried = or_(and_(recurring, ROW.c.starts < asked.first), and_(~recurring, of_old_plan))
    return ~carried if part.carried else carried


def _outcomes(
    asked: Question, confirming: tuple[str, ...]
) -> tuple[tuple[ColumnElement[bool], Outcome], ...]:
    """The conditions of each outcome, as ``outcome.branches`` has them for today; what meets none is within
    time."""
    day, last, done = asked.day, ROW.c.last_day, done_on(confirming)
    confirmed = by_confirmation(confirming)
    late = or_(and_(confirmed, ROW.c.confirmed_on > last), and_(~confirmed, ROW.c.reported_on > last))
    return (
        (ROW.c.state == State.DORMANT.value, Outcome.LEFT_OUT),
        (and_(ROW.c.state == State.WITHDRAWN.value, ROW.c.since <= day), Outcome.LEFT_OUT),
        (and_(last.is_(None), ROW.c.ends < day), Outcome.LEFT_OUT),
        (last.is_(None), Outcome.NO_DEADLINE),
        (and_(done <= day, late), Outcome.DONE_LATE),
        (done <= day, Outcome.DONE_ON_TIME),
        (last < day, Outcome.OPEN_OVERDUE),
    )


# --- one by one --------------------------------------------------------------------------------------------

_Place = tuple[Part, Outcome]
_NOWHERE: _Place = (OUTSIDE, Outcome.LEFT_OUT)


def _corrections(
    connection: Connection, calendar: WorkCalendar, asked: Question, plans: Mapping[str, PlanFacts]
) -> Iterator[tuple[RowMapping, _Place | None, _Place | None]]:
    """Each assignment whose row may not tell: what the row says, and what was so (None: it was not there)."""
    instant = views.end_of_day(asked.day)
    changes = history(connection, instant)
    # What waits for an event was left out until something was said of it.
    woken = and_(ROW.c.kind == DeadlineKind.EVENT.value, ROW.c.state != State.DORMANT.value)
    turned = ROW.c.id.in_(select(_EVENT.c.assignment).where(_TURNING))
    query = _within(select(ROW), connection, asked, plans)
    query = query.where(or_(turned, ROW.c.id.in_(CHANGED), woken))
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


def place_of(then: Tracked, asked: Question, in_force: date, calendar: WorkCalendar) -> _Place:
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
    if begins > asked.day or (done is not None and done < asked.first):
        return _NOWHERE
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


def _by_row(row: RowMapping, asked: Question, facts: PlanFacts | None) -> _Place:
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
    if recurring and begins > asked.day:
        return _NOWHERE
    if last is not None and done is not None and done < asked.first:
        return _NOWHERE
    return (CARRIED if begins < asked.first else GIVEN), outcome
