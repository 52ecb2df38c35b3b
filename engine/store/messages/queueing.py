"""What is said to whom today: messages made, taken back while unsent, and made anew. One for each address
and day; ``outbox`` sends them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.messages.notices import COMPOSED, PENDING, set_state
from engine.store.messages.outbox import NO_ADDRESS, QUEUED, REPLACED, SENDING, Message
from engine.store.people.contacts import NO_CHANNEL, Address
from engine.store.sync import CHUNK, chunks
from engine.store.tables import AttachmentRow, MessageNoticeRow, MessageRow, NoticeRow
from engine.tracking.progress import VIETNAM

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_ATTACHMENT = AttachmentRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an unsent message had already been through: its successor inherits it."""

    attempts: int
    not_before: datetime


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
        connection.execute(delete(_ATTACHMENT).where(_ATTACHMENT.c.message.in_(chunk)))
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
            "facts": json.dumps(dict(message.facts), ensure_ascii=False) if message.facts else "",
            "copies": message.copies,
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
    files = (
        {"message": m.id, "name": a.name, "media_type": a.media_type, "content": a.content}
        for m in messages
        for a in m.attachments
    )
    for chunk in chunks(files, CHUNK):
        connection.execute(insert(_ATTACHMENT), chunk)
    links = ({"message": m.id, "notice": n} for m in messages for n in m.notices)
    for chunk in chunks(links, CHUNK):
        connection.execute(insert(_LINK), chunk)
    set_state(connection, list(dict.fromkeys(n for m in messages for n in m.notices)), COMPOSED)
