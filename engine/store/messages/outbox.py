"""Messages in the database on their way out: ready, claimed, settled. ``queueing`` makes them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.people.contacts import Address
from engine.store.tables import AttachmentRow, DeliveryRow, MessageRow
from notifiers.message import Attachment

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_ATTACHMENT = AttachmentRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]

QUEUED = "queued"
SENDING = "sending"
SENT = "sent"
FAILED = "failed"
NO_ADDRESS = "no_channel"
REPLACED = "replaced"

PASS = 7_219_448
"""Whoever composes, or puts an old message back among those to be composed, takes turns on this."""

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Message:
    """One digest to one address on one day; ``notices`` are the numbers of those it carries, ``facts`` the
    values of a template message, ``copies`` whether all of it is only for information."""

    id: str
    address: Address
    recipient: str
    day: date
    subject: str
    text: str
    html: str
    created_at: datetime
    attempts: int
    notices: tuple[int, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    copies: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended: what the channel said, what the message's state becomes, and when it may
    be tried again. ``in_doubt``: the far end may have it."""

    state: str
    outcome: str
    code: int | None = None
    detail: str = ""
    not_before: datetime | None = None
    in_doubt: bool = False


def ready(connection: Connection, now: datetime, channels: Collection[str]) -> list[str]:
    """The messages for these channels that may be sent now, oldest first."""
    due = (_MESSAGE.c.state == QUEUED) & (_MESSAGE.c.not_before <= now)
    query = (
        select(_MESSAGE.c.id)
        .where(due & _MESSAGE.c.channel.in_(channels))
        .order_by(_MESSAGE.c.created_at, _MESSAGE.c.id)
    )
    return list(connection.execute(query).scalars())


def claim(connection: Connection, id: str, worker: str, now: datetime, clock: datetime) -> Message | None:
    """Takes a queued message by compare-and-set and notes the attempt; None when another was faster."""
    # Whoever holds the row is faster: waiting for each other would end in a deadlock.
    free = select(_MESSAGE.c.id).where((_MESSAGE.c.id == id) & (_MESSAGE.c.state == QUEUED))
    mine = connection.execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.id.in_(free.with_for_update(skip_locked=True)))
        .values(state=SENDING, worker=worker, lease_until=clock + LEASE, attempts=_MESSAGE.c.attempts + 1)
    )
    if mine.rowcount != 1:
        return None
    row = connection.execute(select(_MESSAGE).where(_MESSAGE.c.id == id)).mappings().one()
    connection.execute(
        insert(_DELIVERY).values(
            message=id, attempt=row["attempts"], started_at=now, outcome=SENDING, detail=""
        )
    )
    return Message(
        id=id,
        address=Address(row["channel"], row["address"], ""),
        recipient=row["recipient"],
        day=row["day"],
        subject=row["subject"],
        text=row["text"],
        html=row["html"],
        created_at=row["created_at"],
        attempts=row["attempts"],
        facts=json.loads(row["facts"]) if row["facts"] else {},
        attachments=_attachments(connection, id),
        copies=row["copies"],
    )


def _attachments(connection: Connection, id: str) -> tuple[Attachment, ...]:
    query = select(_ATTACHMENT).where(_ATTACHMENT.c.message == id).order_by(_ATTACHMENT.c.name)
    rows = connection.execute(query).mappings()
    return tuple(Attachment(row["name"], row["media_type"], row["content"]) for row in rows)


def settle(connection: Connection, message: Message, ending: Ending, now: datetime) -> None:
    """Records how an attempt ended and what becomes of the message."""
    connection.execute(
        update(_DELIVERY)
        .where((_DELIVERY.c.message == message.id) & (_DELIVERY.c.attempt == message.attempts))
        .values(ended_at=now, outcome=ending.outcome, code=ending.code, detail=ending.detail)
    )
    values: dict[str, Any] = {"state": ending.state, "lease_until": None, "worker": None}
    if ending.state == SENT:
        values["sent_at"] = now
    if ending.not_before is not None:
        values["not_before"] = ending.not_before
    if ending.in_doubt:
        values["in_doubt"] = True
    # Who comes back after its lease does not undo what its successor has begun since.
    own = (_MESSAGE.c.id == message.id) & (_MESSAGE.c.attempts == message.attempts)
    connection.execute(update(_MESSAGE).where(own).values(values))


def count_waiting(connection: Connection) -> int:
    """How many messages wait: for the hour, for a retry, or for an address."""
    query = select(func.count()).select_from(_MESSAGE).where(_MESSAGE.c.state.in_([QUEUED, NO_ADDRESS]))
    return connection.execute(query).scalar_one()


def abandoned(connection: Connection) -> list[tuple[str, str, datetime, int]]:
    """Messages somebody is sending: id, worker, end of the lease, attempt."""
    query = select(_MESSAGE.c.id, _MESSAGE.c.worker, _MESSAGE.c.lease_until, _MESSAGE.c.attempts).where(
        _MESSAGE.c.state == SENDING
    )
    return [(r[0], r[1] or "", r[2], r[3]) for r in connection.execute(query)]


def requeue_unknown(connection: Connection, id: str, attempt: int, worker: str, now: datetime) -> bool:
    """A worker died while sending: names the attempt as unknown and queues the message again, with the
    same words and the same Message-ID. False when somebody else settled it in the meantime."""
    mine = connection.execute(
        update(_MESSAGE)
        .where((_MESSAGE.c.id == id) & (_MESSAGE.c.state == SENDING) & (_MESSAGE.c.worker == worker))
        .values(state=QUEUED, worker=None, lease_until=None, in_doubt=True)
    )
    if mine.rowcount != 1:
        return False
    connection.execute(
        update(_DELIVERY)
        .where((_DELIVERY.c.message == id) & (_DELIVERY.c.attempt == attempt))
        .values(ended_at=now, outcome="unknown", detail="Tiến trình dừng giữa chừng khi đang gửi")
    )
    return True
