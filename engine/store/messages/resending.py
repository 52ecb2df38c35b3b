"""A person decides about a message that failed, or of which nobody knows whether it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.errors import DondocError
from engine.store.database import take_turns
from engine.store.messages.desk import DeskState, desk_state
from engine.store.messages.outbox import PASS, QUEUED, SENT
from engine.store.messages.spoken import is_of_today
from engine.store.people import contacts
from engine.store.people.persons import Persons
from engine.store.tables import DeliveryRow, MessageRow
from engine.tracking.progress import VIETNAM, local_day

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]

RESENDABLE = frozenset({DeskState.FAILED, DeskState.UNKNOWN})


class Resending(StrEnum):
    """What a resend will come to.

    ``reworded``: the next pass judges the notices anew and words what still holds, for who is in the
    contacts then. ``verbatim``: the far end may have it, so the same words go under the same Message-ID.
    """

    REWORDED = "reworded"
    VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What happens when a message is sent again, and not before when. ``taken``: the address has had a
    message today, and gets one a day."""

    kind: Resending
    not_before: datetime
    taken: bool


class Overtaken(DondocError):
    """Somebody else, or the sending itself, was faster."""


def outlook(connection: Connection, id: str, now: datetime, slot_minutes: int) -> Outlook | None:
    """What sending this message again would come to; None where it is not for a person to send again."""
    row = _row(connection, id)
    if row is None or desk_state(row["state"], row["in_doubt"]) not in RESENDABLE:
        return None
    return _outlook(connection, row, now, slot_minutes)


def resend(connection: Connection, id: str, seen: int, now: datetime, slot_minutes: int) -> Outlook:
    """Queues a message again at once, with all its tries ahead. ``seen`` is the number of attempts that the
    person had before their eyes. Overtaken when it is not failed or unknown any more.

    One message a day stays: where the address had another one today, this one waits for tomorrow.
    """
    take_turns(connection, PASS)
    row = _settled_by_nobody(connection, id, seen, RESENDABLE)
    found = _outlook(connection, row, now, slot_minutes)
    _change(connection, row, {"state": QUEUED, "not_before": found.not_before, "failures": 0})
    return found


def mark_received(connection: Connection, id: str, seen: int, now: datetime) -> datetime:
    """A person asked, and the message had arrived: it counts as sent when it was tried. Gives that
    instant. Overtaken when it is not unknown any more."""
    take_turns(connection, PASS)
    row = _settled_by_nobody(connection, id, seen, frozenset({DeskState.UNKNOWN}))
    tried = (
        select(_DELIVERY.c.started_at)
        .where((_DELIVERY.c.message == id) & (_DELIVERY.c.outcome == "unknown"))
        .order_by(_DELIVERY.c.id.desc())
    )
    sent_at: datetime = connection.execute(tried.limit(1)).scalar() or now
    _change(connection, row, {"state": SENT, "sent_at": sent_at, "in_doubt": False})
    return sent_at


def _row(connection: Connection, id: str, *, lock: bool = False) -> RowMapping | None:
    c = _MESSAGE.c
    query = select(c.id, c.channel, c.address, c.day, c.state, c.in_doubt, c.attempts).where(c.id == id)
    return connection.execute(query.with_for_update() if lock else query).mappings().first()


def _settled_by_nobody(
    connection: Connection, id: str, seen: int, states: frozenset[DeskState]
) -> RowMapping:
    row = _row(connection, id, lock=True)
    state = desk_state(row["state"], row["in_doubt"]) if row is not None else None
    if row is None or state not in states or row["attempts"] != seen:
        raise Overtaken("Tin này vừa được xử lý: đã có người quyết định, hoặc đã được gửi lại")
    return row


def _change(connection: Connection, row: RowMapping, values: dict[str, Any]) -> None:
    same = (
        (_MESSAGE.c.id == row["id"])
        & (_MESSAGE.c.state == row["state"])
        & (_MESSAGE.c.attempts == row["attempts"])
    )
    connection.execute(update(_MESSAGE).where(same).values(lease_until=None, worker=None, **values))


def _outlook(connection: Connection, row: RowMapping, now: datetime, slot_minutes: int) -> Outlook:
    kind = Resending.VERBATIM if row["in_doubt"] else Resending.REWORDED
    if _had_another(connection, row, now):
        tomorrow = datetime.combine(local_day(now) + timedelta(days=1), time(), VIETNAM)
        return Outlook(kind, tomorrow.astimezone(now.tzinfo), taken=True)
    if kind is Resending.VERBATIM:
        return Outlook(kind, now, taken=False)
    # A slot that was evaluated already would send the old words, to the old address.
    slot = now.replace(minute=now.minute - now.minute % slot_minutes, second=0, microsecond=0)
    return Outlook(kind, slot + timedelta(minutes=slot_minutes), taken=False)


def _had_another(connection: Connection, row: RowMapping, now: datetime) -> bool:
    """Whether whoever reads there has, or is about to have, another message of today on any channel."""
    today = local_day(now)
    way = (row["channel"], row["address"])
    persons = Persons(contacts.active(connection, today))
    c = _MESSAGE.c
    theirs = or_(*((c.channel == name) & (c.address == value) for name, value in persons.ways_beside(way)))
    query = select(c.id).where((c.id != row["id"]) & theirs & is_of_today(today)).limit(1)
    return connection.execute(query).first() is not None
