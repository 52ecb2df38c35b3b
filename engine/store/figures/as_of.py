"""How all assignments stood at the end of any day, counted by unit and by task.

As with the trend, the row alone tells it for nearly all, in SQL. Those that were returned, extended, dated,
triggered, given out again or promised otherwise before are replayed one by one, and the difference to what
their rows say is put right. The slow way that gives the same is ``views.tracked_as_of`` with ``assess``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.model.deadline import DeadlineKind
from engine.store import views
from engine.store.earlier import changed_since, history
from engine.store.figures.as_of_single import (
    CARRIED,
    GIVEN,
    OUTSIDE,
    Correction,
    Part,
    Place,
    Question,
    corrections,
    within,
)
from engine.store.figures.counts import Counts
from engine.store.figures.outcome import (
    PACKED_WEIGHTS,
    ROW,
    Outcome,
    by_confirmation,
    confirming_plans,
    unpacked,
)
from engine.workdays import WorkCalendar

__all__ = ["Group", "Question", "Split", "by_task", "by_unit", "rows"]


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


Group = tuple[str, str]
_Columns = tuple[ColumnElement[str], ColumnElement[str]]
_UNIT_AND_PLAN: _Columns = (ROW.c.unit, ROW.c.plan)
_PLAN_AND_TASK: _Columns = (ROW.c.plan, ROW.c.task)
_NOBODY = Counts()


def by_unit(connection: Connection, calendar: WorkCalendar, asked: Question) -> dict[Group, Split]:
    """The counts of each unit and plan. Raises MissingYear for a year without a calendar."""
    return _counted(connection, asked, _UNIT_AND_PLAN, _corrected(connection, calendar, asked))


def by_task(connection: Connection, calendar: WorkCalendar, asked: Question) -> dict[Group, Split]:
    """The counts of each plan and task."""
    return _counted(connection, asked, _PLAN_AND_TASK, _corrected(connection, calendar, asked))


def by_unit_and_by_task(
    connection: Connection, calendar: WorkCalendar, asked: Question
) -> tuple[dict[Group, Split], dict[Group, Split]]:
    """Both; what must be looked at one by one is looked at once."""
    corrected = _corrected(connection, calendar, asked)
    return (
        _counted(connection, asked, _UNIT_AND_PLAN, corrected),
        _counted(connection, asked, _PLAN_AND_TASK, corrected),
    )


def rows(connection: Connection, asked: Question) -> int:
    """How many assignments the same question is about, simply counted: what the parts must add up to."""
    plans = views.plans(connection)
    instant = views.end_of_day(asked.day)
    changes = history(connection, instant)
    query = within(select(func.count()).select_from(ROW), connection, asked, plans)
    later = sum(
        said.promise is None
        for each in connection.execute(
            within(select(ROW.c.id, ROW.c.plan), connection, asked, plans).where(
                ROW.c.id.in_(changed_since(instant))
            )
        )
        if (said := changes.before(each.id, each.plan, instant)) is not None
    )
    count: int = connection.execute(query).scalar_one()
    return count - later


def _corrected(connection: Connection, calendar: WorkCalendar, asked: Question) -> list[Correction]:
    return list(corrections(connection, calendar, asked, views.plans(connection)))


def _counted(
    connection: Connection, asked: Question, by: _Columns, corrected: Sequence[Correction]
) -> dict[Group, Split]:
    plans = views.plans(connection)
    old = {id for id, plan in plans.items() if asked.first and plan.starts < asked.first}
    shares = _shares(asked)
    sums = [each for _, belongs in shares for each in _sums(belongs, asked, confirming_plans(connection))]
    query = within(select(*by, func.count(), *sums), connection, asked, plans).group_by(*by)
    found: dict[Group, Split] = {}
    for a, b, count, *packed in connection.execute(query):
        counts = {GIVEN: _NOBODY, CARRIED: _NOBODY}
        of_plan = CARRIED if (a if by[0] is ROW.c.plan else b) in old else GIVEN
        for index, (part, _) in enumerate(shares):
            first, second = packed[2 * index : 2 * index + 2]
            if first or second:
                own = Counts(**unpacked((first, second)))
                counts[part or of_plan] = own + counts[part or of_plan] if index else own
        split = Split(counts[GIVEN], counts[CARRIED])
        # Of those outside a window nobody asks how they stand.
        found[a, b] = replace(split, outside=count - split.rows) if count != split.rows else split
    names = [column.name for column in by]
    for row, told, true_ in corrected:
        group = (row[names[0]], row[names[1]])
        for place, number in ((told, -1), (true_, 1)):
            if place is not None:
                found[group] = found[group] + _one(place, number)
    return found


def _one(place: Place, number: int) -> Split:
    part, outcome = place
    if part is OUTSIDE:
        return Split(outside=number)
    counts = Counts(**{outcome.value: number})
    return Split(carried=counts) if part is CARRIED else Split(given=counts)


# --- by the rows -------------------------------------------------------------------------------------------


def _shares(asked: Question) -> list[tuple[Part | None, ColumnElement[bool] | None]]:
    """What is added up apart, with the condition for it: what recurs begins with its period, the rest with
    its plan (None: the part follows from the plan). A row is judged in one of them only, which is the dear
    thing about it."""
    if asked.first is None:
        return [(GIVEN, None)]
    recurring, starts = ROW.c.kind == DeadlineKind.RECURRING.value, ROW.c.starts
    return [
        (None, ROW.c.kind != DeadlineKind.RECURRING.value),
        (CARRIED, and_(recurring, starts < asked.first)),
        (GIVEN, and_(recurring, starts >= asked.first, starts <= asked.until)),
    ]


def _sums(
    belongs: ColumnElement[bool] | None, asked: Question, confirming: tuple[str, ...]
) -> list[ColumnElement[Any]]:
    """Columns from which ``unpacked`` reads the counts of those that belong."""
    found: list[ColumnElement[Any]] = []
    for weight in PACKED_WEIGHTS:
        one = _weighed(weight, asked, confirmed=False)
        if confirming:
            one = case((by_confirmation(confirming), _weighed(weight, asked, confirmed=True)), else_=one)
        found.append(func.sum(one if belongs is None else case((belongs, one), else_=_number(0))))
    return found


def _number(value: int) -> ColumnElement[int]:
    # Written out: as a parameter PostgreSQL would take it for a number of four bytes.
    return literal_column(str(value))


def _weighed(weight: Mapping[Outcome, int], asked: Question, *, confirmed: bool) -> ColumnElement[int]:
    """What one row adds: the conditions of each outcome, as ``outcome.branches`` has them for today, after
    what was done before the window. What meets none is within time."""
    day, last, said = asked.day, ROW.c.last_day, ROW.c.confirmed_on if confirmed else ROW.c.reported_on
    done: ColumnElement[Any] = said
    if confirmed:
        done = case((ROW.c.reported_on > said, ROW.c.reported_on), else_=said)
    whens: list[tuple[ColumnElement[bool], Outcome | None]] = [
        (ROW.c.state == State.DORMANT.value, Outcome.LEFT_OUT),
        (and_(ROW.c.state == State.WITHDRAWN.value, ROW.c.since <= day), Outcome.LEFT_OUT),
        (and_(last.is_(None), ROW.c.ends < day), Outcome.LEFT_OUT),
        (last.is_(None), Outcome.NO_DEADLINE),
        (and_(done <= day, said > last), Outcome.DONE_LATE),
        (done <= day, Outcome.DONE_ON_TIME),
        (last < day, Outcome.OPEN_OVERDUE),
    ]
    if asked.first is not None:
        whens.insert(0, (and_(last.is_not(None), done < asked.first), None))
    return case(
        *((condition, _number(weight.get(outcome, 0) if outcome else 0)) for condition, outcome in whens),
        else_=_number(weight.get(Outcome.OPEN_WITHIN_TIME, 0)),
    )
