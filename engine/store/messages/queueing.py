"""What is said to whom today: messages made, taken back while unsent, and made anew. One for each address
and day; ``outbox`` sends them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.messages.notices import COMPOSED, PENDING, set_state
from engine.store.messages.outbox import FAILED, NO_ADDRESS, QUEUED, REPLACED, Message
from engine.store.messages.spoken import was_refused
from engine.store.people.contacts import NO_CHANNEL, Address
from engine.store.people.persons import Way
from engine.store.sync import CHUNK, chunks
from engine.store.tables import AttachmentRow, MessageNoticeRow, MessageRow, NoticeRow

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_ATTACHMENT = AttachmentRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an unsent message had already been through: its successor inherits it."""

    attempts: int
    not_before: datetime
    failures: int = 0


def message_id(address: Address, day: date) -> str:
    """Stable for one address and day, so that a message sent again is the same message."""
    digest = hashlib.sha256(f"{address.channel}|{address.value}".encode()).hexdigest()
    return f"{day:%Y%m%d}-{digest[:24]}"


def release_unsent(connection: Connection, today: date) -> dict[Way, Waiting]:
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
            _MESSAGE.c.failures,
        )
        .where(unsent)
        .with_for_update(skip_locked=True)  # whoever is just claiming one of them keeps it
    ).all()
    if not rows:
        return {}
    waiting = {(r.channel, r.address): Waiting(r.attempts, r.not_before, r.failures) for r in rows}
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


@dataclass(slots=True)
class Carried:
    """Where messages took a notice: ``told`` has it or may yet get it, ``failed`` surely has not and is not
    tried again with it. An address that was refused is neither: the refusal speaks for it while it lasts."""

    told: set[Way] = field(default_factory=set)
    failed: set[Way] = field(default_factory=set)


def carried(connection: Connection, notices: Collection[int]) -> dict[int, Carried]:
    """What became of these notices so far; one that no message carries is left out."""
    found: dict[int, Carried] = {}
    failed: dict[str, list[tuple[int, Way]]] = {}
    c = _MESSAGE.c
    for chunk in chunks(sorted(notices), 500):
        query = (
            select(_LINK.c.notice, c.id, c.channel, c.address, c.state, c.in_doubt)
            .join(_MESSAGE, c.id == _LINK.c.message)
            .where(_LINK.c.notice.in_(chunk))
        )
        for notice, message, channel, address, state, in_doubt in connection.execute(query):
            if state == FAILED and not in_doubt:
                failed.setdefault(message, []).append((notice, (channel, address)))
            else:
                found.setdefault(notice, Carried()).told.add((channel, address))
    for chunk in chunks(sorted(failed), 500):
        own_fault = select(c.id).where(c.id.in_(chunk) & ~was_refused())
        for message in connection.execute(own_fault).scalars():
            for notice, way in failed[message]:
                found.setdefault(notice, Carried()).failed.add(way)
    return found


def insert_messages(
    connection: Connection,
    messages: Sequence[Message],
    waiting: Mapping[Way, Waiting],
    now: datetime,
) -> None:
    """Queues messages and ties their notices to them. One that stands already, replaced or refused, takes
    the new words: it had its attempts under this id."""
    reused = _standing(connection, messages)
    rows: list[dict[str, Any]] = []
    for message in messages:
        before = waiting.get((message.address.channel, message.address.value))
        attempts = max(before.attempts if before else 0, reused.get(message.id, 0))
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
            "attempts": attempts,
            "failures": before.failures if before else 0,
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


def _standing(connection: Connection, messages: Sequence[Message]) -> dict[str, int]:
    """How often those of these messages were tried that the database has already; they carry nothing now."""
    days = {message.day for message in messages}
    c = _MESSAGE.c
    over = c.day.in_(days) & c.state.in_([REPLACED, FAILED]) & ~c.in_doubt
    tried = {id: attempts for id, attempts in connection.execute(select(c.id, c.attempts).where(over))}
    found = {message.id: tried[message.id] for message in messages if message.id in tried}
    for chunk in chunks(sorted(found), 500):
        connection.execute(delete(_LINK).where(_LINK.c.message.in_(chunk)))
        connection.execute(delete(_ATTACHMENT).where(_ATTACHMENT.c.message.in_(chunk)))
    return found
