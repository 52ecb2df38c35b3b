"""Pending notices → queued messages: one digest per address, worded as things stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from engine.chasing import still_owed
from engine.notices.digest import Item, compose, newest_only
from engine.notices.notice import Book, NoticeKey
from engine.notices.wording import link_to_come
from engine.store.messages import notices, queueing
from engine.store.messages.notices import Stored
from engine.store.messages.outbox import Message
from engine.store.people import contacts
from engine.store.people.contacts import Address
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import local_day
from engine.workdays import WorkCalendar


def compose_messages(
    connection: Connection,
    book: Book,
    calendar: WorkCalendar,
    tracked: Mapping[str, Tracked],
    standing: frozenset[NoticeKey],
    now: datetime,
    base_url: str | None,
) -> list[Message]:
    """Queues the digests of all pending notices that still hold (``standing``), one for each address
    that has not had its message today; ``base_url`` is the page on which to answer."""
    today = local_day(now)
    waiting = queueing.release_unsent(connection, today)
    pending = notices.pending(connection)
    # What a person asked for holds as long as the work is owed; the rules know nothing of it.
    standing |= still_owed(pending, tracked, book, calendar, today)
    alive = _still_true(connection, pending, standing)
    people = contacts.active(connection, today)
    taken = queueing.taken_today(connection, today)
    carried = queueing.carried(connection, [each.id for each in alive])
    reached: list[int] = []
    baskets: dict[tuple[str, str], list[Stored]] = {}
    names: dict[tuple[str, str], Address] = {}
    spoken_for: dict[tuple[str, str], list[tuple[str, Address]]] = {}
    for each in alive:
        told = carried.get(each.id, set())
        addresses = contacts.addresses_of(each.notice.recipient, each.notice.role, people)
        targets = [a for a in addresses if (a.channel, a.value) not in told]
        if not targets:
            reached.append(each.id)
        if any((a.channel, a.value) in taken for a in targets):
            continue  # One message a day: what comes later waits for tomorrow's digest.
        for address in targets:
            key = (address.channel, address.value)
            names.setdefault(key, address)
            baskets.setdefault(key, []).append(each)
            spoken_for.setdefault(key, []).append((each.notice.recipient, address))
    messages = []
    seen = {
        id: assess(t, today, calendar)
        for id in {e.notice.subject for e in alive}
        if (t := tracked.get(id)) is not None
    }
    for key, basket in sorted(baskets.items()):
        items = [Item(e.notice, tracked.get(e.notice.subject), seen.get(e.notice.subject)) for e in basket]
        kept, _ = newest_only(items)
        units = sorted({e.notice.recipient for e in basket})
        behalf = contacts.on_behalf(spoken_for[key], book.registry)
        digest = compose(units, kept, book, today, link_to_come(base_url), behalf=behalf)
        messages.append(
            Message(
                id=queueing.message_id(names[key], today),
                address=names[key],
                recipient="; ".join(units),
                day=today,
                subject=digest.subject,
                text=digest.text,
                html=digest.html,
                created_at=now,
                attempts=0,
                notices=tuple(dict.fromkeys(e.id for e in basket)),
            )
        )
    queueing.insert_messages(connection, messages, waiting, now)
    notices.set_state(connection, reached, notices.COMPOSED)
    return messages


def _still_true(
    connection: Connection, waiting: Sequence[Stored], standing: frozenset[NoticeKey]
) -> list[Stored]:
    """Drops what is no longer the case: work done meanwhile, or a later occasion of the same rule."""
    alive, superseded, withdrawn = [], [], []
    newer = Counter((key.rule, key.subject, key.recipient) for key in standing)
    for each in waiting:
        notice = each.notice
        if notice.key in standing:
            alive.append(each)
        elif newer[(notice.rule, notice.subject, notice.recipient)]:
            superseded.append(each.id)
        else:
            withdrawn.append(each.id)
    notices.set_state(connection, superseded, notices.SUPERSEDED, "Đã có dịp nhắc mới hơn thay thế")
    notices.set_state(
        connection, withdrawn, notices.WITHDRAWN, "Khi đến giờ gửi thì lý do nhắc không còn nữa"
    )
    return alive
