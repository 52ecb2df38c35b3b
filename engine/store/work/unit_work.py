"""What the page of a unit shows: its assignments in groups, few of each, and why it was reminded.

Who answers for a unit is `Book.answering`: the heir of one that was merged, the plan's monitor for a group
that nobody listed. `Whose` is the same said of sets, so that the database can look for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.model.event import Event, EventKind
from engine.notices.notice import Book
from engine.store.mapping import event_of
from engine.store.messages.notices import COMPOSED
from engine.store.messages.outbox import SENDING, SENT
from engine.store.people.contacts import USUAL_ORDER
from engine.store.tables import AssignmentRow, EventRow, MessageNoticeRow, MessageRow, NoticeRow
from engine.store.views import tracked_of
from engine.tracking.assess import DUE_SOON_DAYS, Assessment, Tracked, assess_if_known
from engine.tracking.progress import OPEN_STATES
from engine.workdays import MissingYear, WorkCalendar

_ROW = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_CARRIES = MessageNoticeRow.__table__  # type: ignore[attr-defined]

_OPEN = sorted(state.value for state in OPEN_STATES)
_WAITING = sorted((State.REPORTED.value, State.DECLINED.value))
_GONE_OUT = (SENT, SENDING)
_MOST_NOTICES = 300


class Group(StrEnum):
    """Where an assignment stands on the page, the most urgent first."""

    OVERDUE = "overdue"
    SOON = "soon"
    OTHER = "other"
    WAITING = "waiting"
    DORMANT = "dormant"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Whose:
    """The units that somebody answers for; ``orphans`` only in ``plans``, whose monitor they are."""

    units: frozenset[str]
    orphans: frozenset[str]
    plans: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One assignment; ``seen`` is None where the calendar lacks a year."""

    tracked: Tracked
    seen: Assessment | None
    revision: int


@dataclass(frozen=True, slots=True)
class Why:
    """The last time that the unit was told of an assignment: the reason and the day."""

    reason: str
    day: date


def whose(units: Collection[str], book: Book, today: date) -> Whose:
    """The units for which one of ``units`` answers today."""
    registry, own = book.registry, set(units)
    orphans = set(registry.groups)
    for unit in registry.units.values():
        if unit.is_valid_on(today):
            continue
        heir = registry.units.get(registry.final_heir(unit.id) or "")
        if heir is None or not heir.is_valid_on(today):
            orphans.add(unit.id)
        elif heir.id in units:
            own.add(unit.id)
    watched = frozenset(id for id, plan in book.plans.items() if plan.monitor in units)
    return Whose(frozenset(own), frozenset(orphans - own) if watched else frozenset(), watched)


def owns(mine: Whose, tracked: Tracked) -> bool:
    """Whether the assignment is one of theirs."""
    promise = tracked.promise
    return promise.unit in mine.units or (promise.unit in mine.orphans and promise.plan in mine.plans)


def counts(
    connection: Connection, mine: Whose, book: Book, calendar: WorkCalendar, today: date
) -> dict[Group, int]:
    """How many assignments stand in each group."""
    group = _group(today, calendar)
    query = select(group, func.count()).where(*_mine(mine, book, today)).group_by(group)
    found = {name: count for name, count in connection.execute(query) if name is not None}
    return {each: found.get(each.value, 0) for each in Group}


def rows(
    connection: Connection,
    mine: Whose,
    group: Group,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    most: int,
    offset: int = 0,
) -> list[Row]:
    """At most ``most`` assignments of a group from ``offset`` on, the most urgent first."""
    last = _ROW.c.last_day
    order: list[Any] = [last.is_(None), last, _ROW.c.id]
    if group in (Group.WAITING, Group.DONE):
        order = [_ROW.c.since.is_(None), _ROW.c.since.desc(), _ROW.c.id]
    query = select(_ROW).where(*_mine(mine, book, today), _group(today, calendar) == group.value)
    found = connection.execute(query.order_by(*order).offset(offset).limit(most)).mappings()
    return [_row(row, book, calendar, today) for row in found]


def some(
    connection: Connection, ids: Sequence[str], book: Book, calendar: WorkCalendar, today: date
) -> list[Row]:
    """These assignments, in the order of their identities."""
    query = select(_ROW).where(_ROW.c.id.in_(ids)).order_by(_ROW.c.id)
    return [_row(row, book, calendar, today) for row in connection.execute(query).mappings()]


def reasons(connection: Connection, ids: Sequence[str], units: Collection[str]) -> dict[str, Why]:
    """Why ``units`` were last told of each of these assignments."""
    # Not the bare column: SQLite would go through all that was ever told by the index of states.
    told = func.coalesce(_NOTICE.c.state, "") == COMPOSED
    query = (
        select(_NOTICE.c.assignment, _NOTICE.c.why, _NOTICE.c.day)
        .where(_NOTICE.c.assignment.in_(ids) & _NOTICE.c.recipient.in_(sorted(units)))
        .where(told)
        .order_by(_NOTICE.c.id)
    )
    return {assignment: Why(why, day) for assignment, why, day in connection.execute(query)}


def soon_until(today: date, calendar: WorkCalendar) -> date:
    """The last day that still counts as due soon on ``today``."""
    try:
        return calendar.add_working_days(today, DUE_SOON_DAYS + 1) - timedelta(days=1)
    except MissingYear:
        return date(today.year, 12, 31)


def _group(today: date, calendar: WorkCalendar) -> Any:
    """The group of a row; NULL for one that is not shown."""
    is_open, last = _ROW.c.state.in_(_OPEN), _ROW.c.last_day
    ended = and_(last.is_(None), _ROW.c.ends.is_not(None), _ROW.c.ends < today)
    soon = and_(is_open, last <= soon_until(today, calendar), _ROW.c.starts <= today)
    return case(
        (and_(is_open, last < today), Group.OVERDUE.value),
        (soon, Group.SOON.value),
        (or_(_ROW.c.state == State.CONFIRMED.value, and_(is_open, ended)), Group.DONE.value),
        (is_open, Group.OTHER.value),
        (_ROW.c.state.in_(_WAITING), Group.WAITING.value),
        (_ROW.c.state == State.DORMANT.value, Group.DORMANT.value),
    )


def _mine(mine: Whose, book: Book, today: date) -> list[Any]:
    found: list[Any] = [_ROW.c.unit.in_(sorted(mine.units | mine.orphans))]
    if mine.orphans:
        found.append(or_(_ROW.c.unit.in_(sorted(mine.units)), _ROW.c.plan.in_(sorted(mine.plans))))
    not_yet = sorted(id for id, plan in book.plans.items() if plan.starts > today)
    if not_yet:
        found.append(_ROW.c.plan.not_in(not_yet))
    return found


def _row(row: Any, book: Book, calendar: WorkCalendar, today: date) -> Row:
    plan = book.plans.get(row["plan"])
    tracked = tracked_of(row, plan.settings.completion if plan else "reported", book.registry)
    seen = assess_if_known(tracked, today, calendar)
    return Row(tracked, seen, row["revision"])


def told_of_others(
    connection: Connection,
    address: str,
    mine: Whose,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    most: int,
) -> list[tuple[Row, Why]]:
    """What the last message to ``address`` said of other units' work: for who watches over others."""
    there = _MESSAGE.c.channel.in_(USUAL_ORDER) & (_MESSAGE.c.address == address)
    sent = there & _MESSAGE.c.state.in_(_GONE_OUT)
    last = select(_MESSAGE.c.id).where(sent).order_by(_MESSAGE.c.day.desc()).limit(1)
    id = connection.execute(last).scalar()
    if id is None:
        return []
    query = (
        select(_NOTICE.c.assignment, _NOTICE.c.why, _NOTICE.c.day)
        .join(_CARRIES, _CARRIES.c.notice == _NOTICE.c.id)
        .where(_CARRIES.c.message == id)
        .order_by(_NOTICE.c.id)
        .limit(_MOST_NOTICES)
    )
    whys = {assignment: Why(why, day) for assignment, why, day in connection.execute(query)}
    found = some(connection, list(whys), book, calendar, today)
    others = [row for row in found if not owns(mine, row.tracked)]
    others.sort(key=lambda row: -(row.seen.days_late if row.seen else 0))
    return [(row, whys[row.tracked.promise.id]) for row in others[:most]]


def received_between(connection: Connection, first: int, last: int, most: int) -> list[Event]:
    """The words "received" with numbers from ``first`` to ``last``, at most ``most`` of them."""
    numbers = (_EVENT.c.id >= first) & (_EVENT.c.id <= min(last, first + most))
    query = select(_EVENT).where(numbers & (_EVENT.c.kind == EventKind.RECEIVED.value))
    return [event_of(row) for row in connection.execute(query.order_by(_EVENT.c.id)).mappings()]
