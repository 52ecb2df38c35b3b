"""Pending notices → queued messages: one for each person and day, worded as things stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from engine.chasing import still_owed
from engine.notices.digest import newest_only
from engine.notices.indicator import worded
from engine.notices.notice import Book, NoticeKey
from engine.notices.short import CODE_LETTERS, Reader, form_of, words_for
from engine.notices.wording import link_to_come
from engine.store.messages import notices, queueing
from engine.store.messages.notices import Stored
from engine.store.messages.outbox import Message
from engine.store.messages.queueing import Carried
from engine.store.messages.reach import Means, Reach, Usable, reach_now
from engine.store.people import contacts
from engine.store.people.contacts import Address
from engine.store.people.persons import Hearer, Person, Way
from engine.summaries import Summaries
from engine.tracking.assess import Assessment, Tracked, assess
from engine.tracking.progress import local_day
from engine.workdays import WorkCalendar
from notifiers.registry import Form

UNWANTED = "Người nhận đã chọn không nhận tin chỉ để biết"

_NOWHERE = Carried()


def compose_messages(
    connection: Connection,
    book: Book,
    calendar: WorkCalendar,
    tracked: Mapping[str, Tracked],
    standing: frozenset[NoticeKey],
    now: datetime,
    office: Summaries,
    means: Means,
) -> list[Message]:
    """Queues the messages of all pending notices that still hold (``standing``), one for each person who has
    not had theirs today; ``office`` words what is told of offices."""
    today = local_day(now)
    waiting = queueing.release_unsent(connection, today)
    pending = notices.pending(connection)
    # What a person asked for holds as long as the work is owed; the rules know nothing of it.
    standing |= still_owed(pending, tracked, book, calendar, today)
    alive = _still_true(connection, pending, standing)
    choice = _choose(connection, alive, reach_now(connection, today, means))
    seen = {
        id: assess(t, today, calendar)
        for id in {e.notice.subject for e in alive}
        if (t := tracked.get(id)) is not None
    }
    desk = _WordingDesk(book, tracked, seen, office, now, means.base_url)
    messages = [desk.message(address, told) for address, told in _baskets(choice.told)]
    queueing.insert_messages(connection, messages, waiting, now)
    notices.set_state(connection, choice.reached, notices.COMPOSED)
    notices.set_state(connection, choice.unwanted, notices.UNWANTED, UNWANTED)
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


# --- choose: who still has to be told, and along which ways ---------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """A notice for one person, and the ways that may carry it now; none where only the desk is left."""

    stored: Stored
    hearer: Hearer
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is said now; ``reached`` are the numbers of notices with nobody left to tell, ``unwanted`` those
    that nobody wants to hear. Everything else waits."""

    told: Sequence[_Told]
    reached: Sequence[int]
    unwanted: Sequence[int]


def _choose(connection: Connection, alive: Sequence[Stored], reach: Reach) -> _Choice:
    carried = queueing.carried(connection, [each.id for each in alive])
    told: list[_Told] = []
    reached: list[int] = []
    unwanted: list[int] = []
    for each in alive:
        been = carried.get(each.id, _NOWHERE)
        hearers = reach.persons.hearing(each.notice.recipient, each.notice.role)
        wanted = [h for h in hearers if h.copies] if each.notice.is_copy else hearers
        left = [
            _Told(each, hearer, ways)
            for hearer in wanted
            if (ways := _ways_left(hearer.person, been, reach.usable)) is not None
        ]
        if not left:
            (reached if wanted or been.told else unwanted).append(each.id)
            continue
        free = [replace(one, ways=tuple(way for way in one.ways if way not in reach.spent)) for one in left]
        # One message a day: where one of them has had it, all hear with tomorrow's.
        had = any(reach.has_spoken_to(one.hearer.person) for one in left)
        if not had and all(bool(one.ways) == bool(now.ways) for one, now in zip(left, free, strict=True)):
            told += free
    return _Choice(told, reached, unwanted)


def _ways_left(person: Person, been: Carried, usable: Usable) -> tuple[Way, ...] | None:
    """The ways on which a person can be told something that has ``been`` where it was so far; none at all
    where only the desk is left. None: nobody needs to be told, they were, or the desk shows what failed."""
    if not been.told.isdisjoint(person.ways):
        return None
    ways = usable.ways(person)
    left = tuple(way for way in ways if way not in been.failed)
    return left if left or not ways else None


# --- basket: everything for one person goes one way ------------------------------------------------------


def _baskets(told: Iterable[_Told]) -> list[tuple[Address, list[_Told]]]:
    """What goes into each message, by channel and address."""
    mine: dict[Person, list[_Told]] = {}
    for each in told:
        mine.setdefault(each.hearer.person, []).append(each)
    ways = {person: _way_for(person, listed) for person, listed in mine.items()}
    # What cannot go along with the rest waits, for everybody: its state is one.
    astray = {
        each.stored.id
        for person, listed in mine.items()
        for each in listed
        if (way := ways[person]) is not None and way not in each.ways
    }
    found = []
    for person, listed in mine.items():
        going = [each for each in listed if each.stored.id not in astray]
        if going:
            found.append((person.address(ways[person]), going))
    return sorted(found, key=lambda pair: (pair[0].channel, pair[0].value))


def _way_for(person: Person, listed: Iterable[_Told]) -> Way | None:
    """The way that is open to most of it, the preferred one of equals; None where only the desk is left."""
    opened = Counter(way for each in listed for way in each.ways)
    return max(person.ways, key=lambda way: opened[way]) if opened else None


# --- word -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _WordingDesk:
    """Words messages as things stand now; ``seen`` is how the tracked assignments stand."""

    book: Book
    tracked: Mapping[str, Tracked]
    seen: Mapping[str, Assessment]
    office: Summaries
    now: datetime
    base_url: str | None

    def message(self, address: Address, told: Sequence[_Told]) -> Message:
        """One message with everything for whoever reads at this address."""
        today, form = local_day(self.now), form_of(address.channel)
        id = queueing.message_id(address, today)
        said = [each.stored.notice for each in told]
        units = sorted({notice.recipient for notice in said})
        spoken_for = [(each.stored.notice.recipient, each.hearer.instead_of) for each in told]
        own = self.office.words(said, with_files=form is Form.MAIL)
        kept, _ = newest_only(
            worded(item, self.book, today)
            for notice in said
            for item in [own.item(notice, self.tracked.get(notice.subject), self.seen.get(notice.subject))]
        )
        behalf = contacts.on_behalf(spoken_for, self.book.registry)
        reader = Reader(units, behalf, link_to_come(self.base_url), id[:CODE_LETTERS])
        words = words_for(form, reader, kept, self.book, today)
        return Message(
            id=id,
            address=address,
            recipient="; ".join(units),
            day=today,
            subject=words.subject,
            text=words.text,
            html=words.html,
            created_at=self.now,
            attempts=0,
            notices=tuple(dict.fromkeys(each.stored.id for each in told)),
            facts=words.facts,
            attachments=own.attachments,
            copies=all(notice.is_copy for notice in said),
        )
