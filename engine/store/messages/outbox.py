"""Messages in the database on their way out: ready, claimed, settled. ``queueing`` makes them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.store.database import take_turns
from engine.store.messages.notices import COMPOSED, PENDING
from engine.store.people.contacts import Address
from engine.store.tables import AttachmentRow, DeliveryRow, MessageNoticeRow, MessageRow, NoticeRow
from notifiers.lines import single_line
from notifiers.message import Attachment

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_ATTACHMENT = AttachmentRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]

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
    values of a template message, ``copies`` whether all of it is only for information. ``attempts`` counts
    the one under way, ``failures`` those of which the message itself was to blame."""

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
    failures: int = 0
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended: what the channel said, what the message's state becomes, and when it may
    be tried again.

    ``in_doubt``: whether the far end may have it; None leaves that as it was, like ``failures``.
    ``notices_back``: its notices wait again, for another way to whom they are meant. ``cost`` in đồng,
    ``cause`` whose trouble it was.
    """

    state: str
    outcome: str
    code: int | None = None
    detail: str = ""
    not_before: datetime | None = None
    in_doubt: bool | None = None
    failures: int | None = None
    notices_back: bool = False
    reference: str = ""
    cost: int = 0
    cause: str = ""


# Who failed through its channel goes to the back: one message that upsets the far end holds up no other.
_TURN = (_MESSAGE.c.not_before, _MESSAGE.c.created_at, _MESSAGE.c.id)


def ready(connection: Connection, now: datetime, channels: Collection[str]) -> list[str]:
    """The messages for these channels that may be sent now, in their turn: oldest first."""
    due = (_MESSAGE.c.state == QUEUED) & (_MESSAGE.c.not_before <= now)
    query = select(_MESSAGE.c.id).where(due & _MESSAGE.c.channel.in_(channels)).order_by(*_TURN)
    return list(connection.execute(query).scalars())


def claim(connection: Connection, id: str, worker: str, now: datetime, clock: datetime) -> Message | None:
    """Takes a queued message by compare-and-set and notes the attempt; None when another was faster."""
    taken = claim_some(connection, [id], worker, now, clock)
    return taken[0] if taken else None


def claim_some(
    connection: Connection, ids: Sequence[str], worker: str, now: datetime, clock: datetime
) -> list[Message]:
    """Takes those of the messages ``ids`` that are still queued and due, in the same order, and notes an
    attempt of each; those that another was faster with are passed over."""
    found = {row["id"]: row for row in connection.execute(_HOLD, {"ids": list(ids)}).mappings()}
    rows = [found[id] for id in ids if id in found]
    rows = [row for row in rows if row["state"] == QUEUED and row["not_before"] <= now]
    if not rows:
        return []
    lease = {"worker": worker, "lease_until": clock + LEASE}
    connection.execute(_TAKE, [{"b_id": row["id"], "attempts": row["attempts"] + 1, **lease} for row in rows])
    attempts = [{"message": row["id"], "attempt": row["attempts"] + 1, "started_at": now} for row in rows]
    connection.execute(_BEGIN_DELIVERY, attempts)
    files = _attachments(connection, [row["id"] for row in rows if row["with_files"]])
    return [_claimed(row, files.get(row["id"], ())) for row in rows]


def still_ready(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Those of ``ids`` that nobody has taken, in the same order."""
    query = select(_MESSAGE.c.id, _MESSAGE.c.state).where(_MESSAGE.c.id.in_(ids))
    states = {id: state for id, state in connection.execute(query)}
    return [id for id in ids if states.get(id) == QUEUED]


# Built once: every message on its way out goes through these.
_HOLD = (
    select(_MESSAGE, exists().where(_ATTACHMENT.c.message == _MESSAGE.c.id).label("with_files"))
    # By the key alone: asked for the state as well, SQLite would go through all that is queued.
    .where(_MESSAGE.c.id.in_(bindparam("ids", expanding=True)))
    # Whoever holds a row is faster: waiting for each other would end in a deadlock.
    .with_for_update(skip_locked=True, of=_MESSAGE)
)
_TAKE = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id == bindparam("b_id"))
    .values(state=SENDING, **{n: bindparam(n) for n in ("worker", "lease_until", "attempts")})
)
_BEGIN_DELIVERY = insert(_DELIVERY).values(outcome=SENDING, detail="")


def _claimed(row: RowMapping, files: tuple[Attachment, ...]) -> Message:
    return Message(
        id=row["id"],
        address=Address(row["channel"], row["address"], ""),
        recipient=row["recipient"],
        day=row["day"],
        subject=row["subject"],
        text=row["text"],
        html=row["html"],
        created_at=row["created_at"],
        attempts=row["attempts"] + 1,
        facts=json.loads(row["facts"]) if row["facts"] else {},
        attachments=files,
        copies=row["copies"],
        failures=row["failures"],
        in_doubt=row["in_doubt"],
    )


def _attachments(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Attachment, ...]]:
    if not ids:
        return {}
    query = select(_ATTACHMENT).where(_ATTACHMENT.c.message.in_(ids)).order_by(_ATTACHMENT.c.name)
    found: dict[str, tuple[Attachment, ...]] = {}
    for row in connection.execute(query).mappings():
        file = Attachment(row["name"], row["media_type"], row["content"])
        found[row["message"]] = (*found.get(row["message"], ()), file)
    return found


def settle(connection: Connection, message: Message, ending: Ending, now: datetime) -> bool:
    """Records how an attempt ended and what becomes of the message; False where somebody has begun another
    attempt since, or knows that it arrived.

    Who has ``ending.notices_back`` takes turns on PASS first.
    """
    return settle_all(connection, [(message, ending)], now) == {message.id}


def settle_all(connection: Connection, ended: Sequence[tuple[Message, Ending]], now: datetime) -> set[str]:
    """The same for many; gives back those of which it was theirs to say."""
    if not ended:
        return set()
    connection.execute(_END_DELIVERY, [_delivery_values(message, end, now) for message, end in ended])
    sent = [(message, end) for message, end in ended if end.state == SENT and end.in_doubt is None]
    if sent:
        values = [{"b_id": m.id, "b_attempts": m.attempts, "sent_at": now} for m, _ in sent]
        connection.execute(_MARK_SENT, values)
    settled = {message.id for message, _ in sent}
    for message, end in ended:
        if message.id in settled:
            continue
        # Who comes back after its lease does not undo what its successor has begun since.
        own = (_MESSAGE.c.id == message.id) & (_MESSAGE.c.attempts == message.attempts)
        changed = update(_MESSAGE).where(own & (_MESSAGE.c.state != SENT)).values(_message_values(end, now))
        if connection.execute(changed).rowcount == 1:
            settled.add(message.id)
            if end.notices_back:
                _wait_again(connection, message.id)
    return settled


_ANSWER = ("ended_at", "outcome", "code", "detail", "reference", "cost", "cause")
_END_DELIVERY = (
    update(_DELIVERY)
    .where((_DELIVERY.c.message == bindparam("b_id")) & (_DELIVERY.c.attempt == bindparam("b_attempts")))
    .values({name: bindparam(name) for name in _ANSWER})
)
_MARK_SENT = (
    update(_MESSAGE)
    .where((_MESSAGE.c.id == bindparam("b_id")) & (_MESSAGE.c.attempts == bindparam("b_attempts")))
    .values(state=SENT, lease_until=None, worker=None, sent_at=bindparam("sent_at"))
)


def _delivery_values(message: Message, ending: Ending, now: datetime) -> dict[str, Any]:
    # What a far end says of itself has to fit its column.
    code = ending.code if ending.code is not None and abs(ending.code) < 2**31 else None
    return {
        "b_id": message.id,
        "b_attempts": message.attempts,
        "ended_at": now,
        "outcome": ending.outcome,
        "code": code,
        "detail": ending.detail,
        "reference": single_line(ending.reference, 80)[0],
        "cost": ending.cost,
        "cause": ending.cause,
    }


def _message_values(ending: Ending, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"state": ending.state, "lease_until": None, "worker": None}
    if ending.state == SENT:
        values["sent_at"] = now
    for name in ("not_before", "in_doubt", "failures"):
        value = getattr(ending, name)
        if value is not None:
            values[name] = value
    return values


def _wait_again(connection: Connection, message: str) -> None:
    """Puts the notices of a message that will not arrive back among those to be composed."""
    carried = select(_LINK.c.notice).where(_LINK.c.message == message)
    back = _NOTICE.c.id.in_(carried) & (_NOTICE.c.state == COMPOSED)
    connection.execute(update(_NOTICE).where(back).values(state=PENDING, reason=""))


def give_back(connection: Connection, message: Message) -> None:
    """Undoes a claim of which surely nothing was sent, as if it had never been made."""
    own = (_MESSAGE.c.id == message.id) & (_MESSAGE.c.attempts == message.attempts)
    undone = {"state": QUEUED, "worker": None, "lease_until": None, "attempts": message.attempts - 1}
    taken_back = update(_MESSAGE).where(own & (_MESSAGE.c.state == SENDING)).values(undone)
    if connection.execute(taken_back).rowcount == 1:
        attempt = (_DELIVERY.c.message == message.id) & (_DELIVERY.c.attempt == message.attempts)
        connection.execute(delete(_DELIVERY).where(attempt))


def hold(connection: Connection, channel: str, now: datetime, until: datetime) -> None:
    """Lets what is due on a channel wait until its far end opens."""
    due = (_MESSAGE.c.state == QUEUED) & (_MESSAGE.c.not_before <= now) & (_MESSAGE.c.channel == channel)
    connection.execute(update(_MESSAGE).where(due).values(not_before=until))


def arrived(connection: Connection, id: str, at: datetime) -> bool:
    """The far end told later that it has a message that was in doubt: it counts as sent ``at`` that instant.
    False when nothing was in doubt any more."""
    take_turns(connection, PASS)
    unsure = (_MESSAGE.c.id == id) & _MESSAGE.c.in_doubt & _MESSAGE.c.state.in_([QUEUED, FAILED])
    known = {"state": SENT, "sent_at": at, "in_doubt": False, "lease_until": None, "worker": None}
    return bool(connection.execute(update(_MESSAGE).where(unsure).values(known)).rowcount)


def count_waiting(connection: Connection) -> int:
    """How many messages wait: for the hour, for a retry, or for an address."""
    query = select(func.count()).select_from(_MESSAGE).where(_MESSAGE.c.state.in_([QUEUED, NO_ADDRESS]))
    return connection.execute(query).scalar_one()
