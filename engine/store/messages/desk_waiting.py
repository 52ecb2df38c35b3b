"""What waits on the desk: notices that no message carries yet, and units that nobody can be told for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.notices.notice import Book
from engine.store.messages.desk import DeskState, has_state
from engine.store.messages.notices import PENDING
from engine.store.messages.outbox import NO_ADDRESS
from engine.store.messages.spoken import is_of_today
from engine.store.people import contacts
from engine.store.tables import AssignmentRow, ContactRow, MessageRow, NoticeRow

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]

_PERSON = "contact:"
"""How the address of a message begins that no way reaches a person of the address book."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Notices for one unit that wait for a message. ``had_today``: the unit was told something today;
    a message that surely has not gone out is worded anew with them."""

    unit: str
    notices: int
    since: date
    had_today: bool


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A unit without any contact: how many open assignments it answers for, and since which day a message
    waits for an address (None for none yet)."""

    unit: str
    assignments: int
    since: date | None


@dataclass(frozen=True, slots=True)
class UnreachablePerson:
    """Somebody in the address book whom no way reaches: no address left, or each refused. ``messages`` wait
    for one, the oldest since that day."""

    id: int
    unit: str
    role: str
    messages: int
    since: date


def unreachable_people(connection: Connection) -> list[UnreachablePerson]:
    """The people whom a message waits for without any way to reach them."""
    address = _MESSAGE.c.address
    stuck = (
        select(address, func.count(), func.min(_MESSAGE.c.day))
        .where((_MESSAGE.c.state == NO_ADDRESS) & address.startswith(_PERSON))
        .group_by(address)
    )
    waiting = {
        int(text.removeprefix(_PERSON)): (count, since)
        for text, count, since in connection.execute(stuck)
        if text.removeprefix(_PERSON).isdecimal()
    }
    c = _CONTACT.c
    query = select(c.id, c.unit, c.role).where(c.active).order_by(c.unit, c.role, c.id)
    return [
        UnreachablePerson(id, unit, role, *waiting[id])
        for id, unit, role in connection.execute(query)
        if id in waiting
    ]


def waiting_notices(connection: Connection, today: date) -> list[Waiting]:
    """The notices that wait for a message, by recipient."""
    pending = (
        select(_NOTICE.c.recipient, func.count(), func.min(_NOTICE.c.day))
        .where(_NOTICE.c.state == PENDING)
        .group_by(_NOTICE.c.recipient)
        .order_by(_NOTICE.c.recipient)
    )
    todays = select(_MESSAGE.c.recipient).where(is_of_today(today, untried=False))
    told = {unit for text in connection.execute(todays).scalars() for unit in text.split("; ")}
    return [Waiting(unit, n, since, unit in told) for unit, n, since in connection.execute(pending)]


def unreachable(connection: Connection, book: Book, today: date) -> list[Unreachable]:
    """The units that answer for something open, or that a message waits for, and have no contact."""
    known = set(contacts.active(connection))
    owed: Counter[str] = Counter()
    query = (
        select(_ASSIGNMENT.c.unit, _ASSIGNMENT.c.plan, func.count())
        .where(_ASSIGNMENT.c.open)
        .group_by(_ASSIGNMENT.c.unit, _ASSIGNMENT.c.plan)
    )
    for unit, plan, count in connection.execute(query):
        if plan in book.plans and (answering := book.answering(unit, book.plans[plan], today)) not in known:
            owed[answering] += count
    stuck = select(_MESSAGE.c.recipient, func.min(_MESSAGE.c.day)).where(has_state(DeskState.NO_ADDRESS))
    since = {
        unit: day
        for text, day in connection.execute(stuck.group_by(_MESSAGE.c.recipient))
        for unit in text.split("; ")
    }
    units = sorted(owed.keys() | (since.keys() - known), key=book.registry.full_name)
    return [Unreachable(unit, owed[unit], since.get(unit)) for unit in units]
