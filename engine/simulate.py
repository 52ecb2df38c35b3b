"""A year of passes on paper: every message that would be sent, with nothing sent or written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.day import fresh_since
from engine.notices.digest import Item, compose, newest_only
from engine.notices.notice import Book, Notice, NoticeKey
from engine.ruleset.evaluate import RuleSet
from engine.store.people.contacts import Address, Contact, addresses_of
from engine.tracking.assess import Tracked, assess
from engine.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """One digest of one day. ``assignments`` are ids, ``rules`` the rules that spoke."""

    day: date
    address: Address
    units: tuple[str, ...]
    subject: str
    text: str
    assignments: tuple[str, ...]
    rules: tuple[str, ...]


def simulate(
    tracked: Sequence[Tracked],
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    first: date,
    last: date,
    contacts: Mapping[str, Sequence[Contact]] | None = None,
    *,
    worded: bool = False,
) -> Iterator[SimulatedMessage]:
    """The messages of each working day from ``first`` to ``last``, as if nobody answered any of them.

    Messages go out on working days only; what falls on a day off is told on the next working day.
    ``worded`` asks for the full text (slower); otherwise ``text`` is empty. Raises MissingYear.
    """
    told: set[NoticeKey] = set()
    before: dict[str, object] = {}
    by_id = {t.promise.id: t for t in tracked}
    mergers = {u.valid_to for u in book.registry.units.values() if u.valid_to}
    day = first
    while day <= last:
        if day - timedelta(days=1) in mergers:
            before.clear()  # other units answer from today on
        if calendar.is_working_day(day):
            fresh = fresh_since(before, tracked, ruleset, book, calendar, day, told)
            told.update(notice.key for notice in fresh)
            yield from _messages(fresh, by_id, book, calendar, day, contacts or {}, worded=worded)
        day += timedelta(days=1)


def _messages(
    fresh: Sequence[Notice],
    tracked: Mapping[str, Tracked],
    book: Book,
    calendar: WorkCalendar,
    day: date,
    contacts: Mapping[str, Sequence[Contact]],
    *,
    worded: bool,
) -> Iterator[SimulatedMessage]:
    baskets: dict[Address, list[Notice]] = {}
    names: dict[tuple[str, str], Address] = {}
    for notice in fresh:
        for address in addresses_of(notice.recipient, notice.role, contacts):
            # One mailbox is one recipient, whatever name stands beside it.
            first = names.setdefault((address.channel, address.value), address)
            baskets.setdefault(first, []).append(notice)
    for address, basket in sorted(baskets.items(), key=lambda pair: pair[0]):
        items = [_item(notice, tracked, calendar, day) for notice in basket]
        kept, _ = newest_only(items)
        units = tuple(sorted({notice.recipient for notice in basket}))
        digest = compose(units, kept, book, day, worded=worded)
        yield SimulatedMessage(
            day=day,
            address=address,
            units=units,
            subject=digest.subject,
            text=digest.text,
            assignments=tuple(dict.fromkeys(item.notice.subject for item in kept)),
            rules=tuple(sorted({item.notice.rule for item in kept})),
        )


def _item(notice: Notice, tracked: Mapping[str, Tracked], calendar: WorkCalendar, day: date) -> Item:
    found = tracked.get(notice.subject)
    return Item(notice, found, assess(found, day, calendar) if found else None)
