"""Messages in the database: composing, claiming, recording. One digest per address and day."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.messages.notices import COMPOSED, PENDING, set_state
from engine.store.people.contacts import NO_CHANNEL, Address
from engine.store.sync import CHUNK, chunks
from engine.store.tables import DeliveryRow, MessageNoticeRow, MessageRow, NoticeRow
from engine.tracking.progress import VIETNAM

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
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
    """One digest to one address on one day; ``notices`` are the numbers of those it carries."""

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an unsent message had already been through: its successor inherits it."""

    attempts: int
    not_before: datetime


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


def message_id(address: Address, day: date) -> str:
    """Stable for one address and day, so that a message sent again is the same message."""
    digest = hashlib.sha256(f"{address.channel}|{address.value}".encode()).hexdigest()
    return f"{day:%Y%m%d}-{digest[:24]}"


def release_unsent(connection: Connection, today: date) -> dict[tuple[str, str], Waiting]:
    """Takes back every message that surely has not gone out, so that its notices are judged and worded
    anew; what was in flight when a process died keeps its words.

    Gives back what each address had been through. Messages of ``today`` are removed (their key is
    needed again), older ones stay as "replaced".
    """
    unsent = (_MESSAGE.c.state.in_([QUEUED, NO_ADDRESS])) & ~_MESSAGE.c.in_doubt
    rows = connection.execute(
        select(
            _MESSAGE.c.id,
            _MESSAGE.c.channel,
            _MESSAGE.c.address,
            _MESSAGE.c.day,
            _MESSAGE.c.attempts,
            _MESSAGE.c.not_before,
        )
        .where(unsent)
        .with_for_update(skip_locked=True)  # whoever is just claiming one of them keeps it
    ).all()
    if not rows:
        return {}
    waiting = {(row.channel, row.address): Waiting(row.attempts, row.not_before) for row in rows}
    attempted = {row.id for row in rows if row.attempts}
    for chunk in chunks([row.id for row in rows], 500):
        linked = select(_LINK.c.notice).where(_LINK.c.message.in_(chunk))
        back = _NOTICE.c.id.in_(linked) & (_NOTICE.c.state != PENDING)
        connection.execute(update(_NOTICE).where(back).values(state=PENDING, reason=""))
        connection.execute(delete(_LINK).where(_LINK.c.message.in_(chunk)))
    gone = [row.id for row in rows if row.id not in attempted]
    for chunk in chunks(gone, 500):
        connection.execute(delete(_MESSAGE).where(_MESSAGE.c.id.in_(chunk)))
    for chunk in chunks(sorted(attempted), 500):
        connection.execute(update(_MESSAGE).where(_MESSAGE.c.id.in_(chunk)).values(state=REPLACED))
    return waiting


def taken_today(connection: Connection, today: date) -> set[tuple[str, str]]:
    """The addresses that already have their message of the day, sent or on its way."""
    # One of yesterday that was in doubt and went out today is today's message too.
    sent_today = _MESSAGE.c.sent_at >= datetime.combine(today, time(), VIETNAM)
    query = select(_MESSAGE.c.channel, _MESSAGE.c.address).where(
        ((_MESSAGE.c.day == today) & (_MESSAGE.c.state != REPLACED)) | sent_today
    )
    in_flight = select(_MESSAGE.c.channel, _MESSAGE.c.address).where(
        (_MESSAGE.c.state == SENDING) | ((_MESSAGE.c.state == QUEUED) & _MESSAGE.c.in_doubt)
    )
    return {(r[0], r[1]) for r in connection.execute(query)} | {
        (r[0], r[1]) for r in connection.execute(in_flight)
    }


def carried(connection: Connection, notices: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """The addresses whose message already carries each of these notices: they are not told again."""
    found: dict[int, set[tuple[str, str]]] = {}
    for chunk in chunks(sorted(notices), 500):
        query = (
            select(_LINK.c.notice, _MESSAGE.c.channel, _MESSAGE.c.address)
            .join(_MESSAGE, _MESSAGE.c.id == _LINK.c.message)
            .where(_LINK.c.notice.in_(chunk))
        )
        for notice, channel, address in connection.execute(query):
            found.setdefault(notice, set()).add((channel, address))
    return found


def insert_messages(
    connection: Connection,
    messages: Sequence[Message],
    waiting: Mapping[tuple[str, str], Waiting],
    now: datetime,
) -> None:
    """Queues messages and ties their notices to them."""
    days = {message.day for message in messages}
    replaced = select(_MESSAGE.c.id).where((_MESSAGE.c.state == REPLACED) & _MESSAGE.c.day.in_(days))
    reused = set(connection.execute(replaced).scalars())
    rows: list[dict[str, Any]] = []
    for message in messages:
        before = waiting.get((message.address.channel, message.address.value))
        values = {
            "channel": message.address.channel,
            "address": message.address.value,
            "recipient": message.recipient,
            "day": message.day,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "created_at": message.created_at,
            "state": NO_ADDRESS if message.address.channel == NO_CHANNEL else QUEUED,
            "not_before": before.not_before if before else now,
            "attempts": before.attempts if before else 0,
            "in_doubt": False,
        }
        if message.id in reused:
            connection.execute(update(_MESSAGE).where(_MESSAGE.c.id == message.id).values(values))
        else:
            rows.append({"id": message.id, **values})
    for chunk in chunks(rows, CHUNK):
        connection.execute(insert(_MESSAGE), chunk)
    links = ({"message": m.id, "notice": n} for m in messages for n in m.notices)
    for chunk in chunks(links, CHUNK):
        connection.execute(insert(_LINK), chunk)
    set_state(connection, list(dict.fromkeys(n for m in messages for n in m.notices)), COMPOSED)


def ready(connection: Connection, now: datetime) -> list[str]:
    """The messages that may be sent now, oldest first."""
    query = (
        select(_MESSAGE.c.id)
        .where((_MESSAGE.c.state == QUEUED) & (_MESSAGE.c.not_before <= now))
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
    )


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
