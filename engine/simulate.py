"""A year of passes on paper: every message that would be sent, with nothing sent or written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.day import fresh_since
from engine.notices.digest import Item, newest_only
from engine.notices.indicator import worded as in_words
from engine.notices.notice import Book, Notice, NoticeKey
from engine.notices.office import OfficeFacts
from engine.notices.short import Reader, form_of, words_for
from engine.ruleset.evaluate import RuleSet
from engine.store.messages.reach import Reach
from engine.store.people.contacts import Address
from engine.summaries import OfficeWords, on_paper
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
    reach: Reach,
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
            fresh = fresh_since(before, tracked, ruleset, book, calendar, day, told, OfficeFacts())
            told.update(notice.key for notice in fresh)
            yield from _messages(fresh, by_id, book, calendar, day, reach, worded=worded)
        day += timedelta(days=1)


def _messages(
    fresh: Sequence[Notice],
    tracked: Mapping[str, Tracked],
    book: Book,
    calendar: WorkCalendar,
    day: date,
    reach: Reach,
    *,
    worded: bool,
) -> Iterator[SimulatedMessage]:
    baskets: dict[Address, list[Notice]] = {}
    for notice in fresh:
        for hearer in reach.persons.hearing(notice.recipient, notice.role):
            if hearer.copies or not notice.is_copy:
                address, _ = reach.address(hearer.person)
                baskets.setdefault(address, []).append(notice)
    for address, basket in sorted(baskets.items(), key=lambda pair: pair[0]):
        words = on_paper(basket, calendar)
        items = [in_words(_item(notice, words, tracked, calendar, day), book, day) for notice in basket]
        kept, _ = newest_only(items)
        units = tuple(sorted({notice.recipient for notice in basket}))
        said = words_for(form_of(address.channel), Reader(units), kept, book, day, worded=worded)
        yield SimulatedMessage(
            day=day,
            address=address,
            units=units,
            subject=said.subject,
            text=said.text,
            assignments=tuple(dict.fromkeys(item.notice.subject for item in kept)),
            rules=tuple(sorted({item.notice.rule for item in kept})),
        )


def _item(
    notice: Notice, words: OfficeWords, tracked: Mapping[str, Tracked], calendar: WorkCalendar, day: date
) -> Item:
    found = tracked.get(notice.subject)
    return words.item(notice, found, assess(found, day, calendar) if found else None)
