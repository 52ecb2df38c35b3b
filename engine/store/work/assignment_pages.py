"""Assignments in pages for other systems: the database narrows and orders, ``assess`` decides.

The order is that of the identities, which never change, so that no page skips or repeats a row; with
``changed_since`` it is that of the changes, so that what changes meanwhile comes once more at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, false, func, or_, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State, Timeliness
from engine.model.event import Event
from engine.notices.notice import Book
from engine.store.mapping import event_of
from engine.store.tables import AssignmentRow, EventRow
from engine.store.views import tracked_of
from engine.tracking.assess import DUE_SOON_DAYS, Assessment, Tracked, assess_if_known
from engine.tracking.progress import OPEN_STATES
from engine.workdays import MissingYear, WorkCalendar

_ROW = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]

_OWED = [state.value for state in (*OPEN_STATES, State.DECLINED)]
_MANY_UNITS = 20
_MOST_ROUNDS = 20
_MOST_DAYS_OFF = 45
"""Calendar days that surely hold the working days of "due soon", whatever the holidays."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assignments; None asks for nothing in particular. Both ``due`` days are included and compared
    with the last day that counts as on time."""

    plan: str | None = None
    units: frozenset[str] | None = None
    state: State | None = None
    timeliness: Timeliness | None = None
    due_from: date | None = None
    due_to: date | None = None
    changed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The last row that was seen; ``changed_at`` only in the order of the changes."""

    id: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One assignment as it stands. ``seen`` is None where the calendar lacks a year."""

    tracked: Tracked
    seen: Assessment | None
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order, and where to go on; None at the end."""

    rows: tuple[Standing, ...]
    next: Position | None


def page(
    connection: Connection,
    wanted: Wanted,
    after: Position | None,
    limit: int,
    book: Book,
    calendar: WorkCalendar,
    today: date,
) -> Page:
    """At most ``limit`` rows after a position. A page may be short, even empty, and still have a next."""
    query = select(_ROW).where(*_conditions(wanted, book, calendar, today))
    by_change = wanted.changed_since is not None
    order = (_ROW.c.changed_at, _ROW.c.id) if by_change else (_ROW.c.id,)
    rows: list[Standing] = []
    for _ in range(_MOST_ROUNDS):
        batch = connection.execute(
            query.where(_later(after, by_change=by_change)).order_by(*order).limit(limit)
        ).mappings()
        found = [_standing(row, book, calendar, today) for row in batch]
        for each in found:
            after = Position(each.tracked.promise.id, each.changed_at if by_change else None)
            if _fits(each, wanted):
                rows.append(each)
                if len(rows) == limit:
                    return Page(tuple(rows), after)
        if len(found) < limit:
            return Page(tuple(rows), None)
    return Page(tuple(rows), after)


def one(connection: Connection, id: str, book: Book, calendar: WorkCalendar, today: date) -> Standing | None:
    """One assignment; None when there is none."""
    row = connection.execute(select(_ROW).where(_ROW.c.id == id)).mappings().first()
    return _standing(row, book, calendar, today) if row else None


def owed_by(
    connection: Connection,
    units: Collection[str],
    book: Book,
    calendar: WorkCalendar,
    today: date,
    most: int,
) -> list[Standing]:
    """What some units owe and has a day, of plans in force, the earliest first; at most ``most``."""
    query = (
        select(_ROW)
        .where(_ROW.c.unit.in_(sorted(units)) & _ROW.c.open & _ROW.c.last_day.is_not(None))
        .order_by(_ROW.c.last_day, _ROW.c.id)
    )
    owed = frozenset({Timeliness.OVERDUE, Timeliness.DUE_SOON, Timeliness.ON_TRACK, None})
    found: list[Standing] = []
    for row in connection.execute(query).mappings():
        plan = book.plans.get(row["plan"])
        if plan is None or today < plan.starts:
            continue
        each = _standing(row, book, calendar, today)
        # Withdrawn and dormant ones, and those that are done, are told apart by what assess says.
        if (each.seen.timeliness if each.seen else None) in owed:
            found.append(each)
            if len(found) == most:
                break
    return found


def plans_of(connection: Connection, units: Iterable[str] | None) -> set[str]:
    """The plans that gave something to these units; of all units for None."""
    query = select(_ROW.c.plan).distinct()
    if units is not None:
        query = query.where(_ROW.c.unit.in_(sorted(units)))
    return set(connection.execute(query).scalars())


def history(connection: Connection, id: str) -> list[tuple[int, datetime, Event]]:
    """What was said of one assignment, oldest first: number, instant of recording, event."""
    rows = connection.execute(select(_EVENT).where(_EVENT.c.assignment == id).order_by(_EVENT.c.id))
    return [(row["id"], row["recorded_at"], event_of(row)) for row in rows.mappings()]


def _standing(row: Any, book: Book, calendar: WorkCalendar, today: date) -> Standing:
    plan = book.plans.get(row["plan"])
    tracked = tracked_of(row, plan.settings.completion if plan else "reported", book.registry)
    seen = assess_if_known(tracked, today, calendar)
    return Standing(tracked, seen, row["revision"], row["changed_at"] or row["synced_at"])


def _fits(found: Standing, wanted: Wanted) -> bool:
    if wanted.timeliness is None:
        return True
    return found.seen is not None and found.seen.timeliness is wanted.timeliness


def _later(after: Position | None, *, by_change: bool) -> Any:
    if after is None:
        return _ROW.c.id > ""
    if by_change:
        changed = _ROW.c.changed_at
        return and_(changed >= after.changed_at, or_(changed > after.changed_at, _ROW.c.id > after.id))
    return _ROW.c.id > after.id


def _conditions(wanted: Wanted, book: Book, calendar: WorkCalendar, today: date) -> list[Any]:
    found: list[Any] = []
    if wanted.plan is not None:
        found.append(_ROW.c.plan == wanted.plan)
    if wanted.units is not None:
        # An index on the unit helps to find a few of them; of many it would only spoil the order.
        many = len(wanted.units) > _MANY_UNITS
        column = func.coalesce(_ROW.c.unit, "") if many else _ROW.c.unit
        found.append(column.in_(sorted(wanted.units)) if wanted.units else false())
    if wanted.state is not None:
        found.append(_ROW.c.state == wanted.state.value)
    if wanted.due_from is not None:
        found.append(_ROW.c.last_day >= wanted.due_from)
    if wanted.due_to is not None:
        found.append(_ROW.c.last_day <= wanted.due_to)
    if wanted.changed_since is not None:
        found.append(_ROW.c.changed_at >= wanted.changed_since)
    if wanted.timeliness is not None:
        found.append(_timeliness(wanted.timeliness, book, calendar, today))
    return found


def _timeliness(wanted: Timeliness, book: Book, calendar: WorkCalendar, today: date) -> Any:
    """A condition that holds for every row of this timeliness, and for hardly any other."""
    confirmed = sorted(id for id, plan in book.plans.items() if plan.settings.completion == "confirmed")
    waits = _ROW.c.plan.in_(confirmed) if confirmed else false()
    reported, last = _ROW.c.state == State.REPORTED.value, _ROW.c.last_day
    owing = or_(_ROW.c.state.in_(_OWED), and_(reported, waits))
    done = or_(_ROW.c.state == State.CONFIRMED.value, and_(reported, ~waits))
    done_on = case((waits, _ROW.c.confirmed_on), else_=_ROW.c.reported_on)
    outside = _ROW.c.state.in_([State.WITHDRAWN.value, State.DORMANT.value])
    over = and_(last.is_(None), _ROW.c.ends < today)
    conditions = {
        Timeliness.OVERDUE: and_(owing, last < today),
        Timeliness.DUE_SOON: and_(owing, last >= today, last <= _soon_until(today, calendar)),
        Timeliness.ON_TRACK: and_(owing, last >= today),
        Timeliness.DONE_ON_TIME: and_(done, or_(done_on.is_(None), done_on <= last)),
        Timeliness.DONE_LATE: and_(done, done_on > last),
        Timeliness.NO_DEADLINE: and_(~outside, last.is_(None)),
        Timeliness.NOT_APPLICABLE: or_(outside, over),
    }
    return conditions[wanted]


def _soon_until(today: date, calendar: WorkCalendar) -> date:
    try:
        return calendar.add_working_days(today, DUE_SOON_DAYS + 1) - timedelta(days=1)
    except MissingYear:
        return today + timedelta(days=_MOST_DAYS_OFF)
