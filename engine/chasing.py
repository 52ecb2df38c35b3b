"""Chasing (đôn đốc): a person of the office asks units for what they owe: what would be said, to whom, when.

``prepare`` reads, ``send`` writes, the rest only computes. What is said becomes notices, which the next pass
puts into each address's one message of the day; until it goes out, work that gets done takes it back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.model.assignment import Extension, State, Timeliness
from engine.notices.digest import Item, newest_only
from engine.notices.notice import CHASED, Book, Notice, NoticeKey
from engine.notices.raising import NO_DEADLINE
from engine.notices.short import CODE_LETTERS, Reader, form_of, words_for
from engine.notices.wording import link_to_come
from engine.ruleset.rule import Role, Tone
from engine.store import views
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.messages import chases, notices
from engine.store.messages.chases import Chase
from engine.store.messages.notices import Stored
from engine.store.messages.queueing import message_id
from engine.store.messages.reach import Means, Reach, reach_now
from engine.store.people import contacts
from engine.store.people.contacts import NO_CHANNEL, Address
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import OPEN_STATES, STATE_NAMES, local_day
from engine.workdays import MissingYear, WorkCalendar
from notifiers.registry import Form

MOST_LETTERS = 500
"""Letters of the office's own sentence."""

MOST_CHOSEN = 500
"""Assignments that one chase may choose."""

# What word processors leave behind, seen by nobody.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_OWED = frozenset({Timeliness.OVERDUE, Timeliness.DUE_SOON})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A chosen assignment that is not chased: what it is, whose, and why not (Vietnamese)."""

    assignment: str
    title: str
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitChase:
    """What one unit would be asked for, the latest first; ``unit`` is the one that answers today."""

    unit: str
    items: tuple[Item, ...]

    @property
    def assignments(self) -> tuple[str, ...]:
        """The ids of what is asked for."""
        return tuple(item.notice.subject for item in self.items)


@dataclass(frozen=True, slots=True)
class Draft:
    """Who would be asked for what, by the names of the units, and which were left out."""

    units: tuple[UnitChase, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it would read. ``units`` are those it speaks to, ``addresses`` where it goes
    (none: nobody of the unit is known). ``later``: they have had their message of the day."""

    units: tuple[str, ...]
    addresses: tuple[Address, ...]
    later: bool
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chase before it is sent. ``fresh`` are the units of ``draft`` that nobody chased today yet,
    ``before`` the chases of the others, ``unknown`` the ids that name no assignment."""

    draft: Draft
    fresh: tuple[UnitChase, ...]
    before: Mapping[str, Chase]
    said: tuple[Said, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a chase: the numbers of the chases begun, and who was faster for the other units."""

    begun: tuple[int, ...]
    refused: tuple[Chase, ...]


def own_words(text: str) -> str:
    """The office's own sentence on one line; DondocError when it is too long or has odd characters."""
    words = " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())
    if len(words) > MOST_LETTERS:
        raise DondocError(f"Lời đôn đốc dài {len(words)} ký tự, nhiều nhất là {MOST_LETTERS}. Hãy rút gọn.")
    odd = next((c for c in words if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")), None)
    if odd is not None:
        raise DondocError(f"Lời đôn đốc có ký tự không dùng được (mã U+{ord(odd):04X}). Hãy gõ lại.")
    return words


def draft(
    chosen: Iterable[Tracked], book: Book, calendar: WorkCalendar, today: date, by: str, words: str
) -> Draft:
    """Who would be asked on ``today``, by ``by``, with ``words`` (as ``own_words`` gives them)."""
    why = _why(by, words, today)
    asked: dict[str, list[Item]] = {}
    left_out = []
    for each in chosen:
        item = _item(each, book, calendar, today, why)
        if isinstance(item, Item):
            asked.setdefault(item.notice.recipient, []).append(item)
        else:
            left_out.append(item)
    units = (UnitChase(unit, tuple(sorted(items, key=_worst))) for unit, items in asked.items())
    by_name = sorted(units, key=lambda each: book.registry.full_name(each.unit))
    return Draft(tuple(by_name), tuple(left_out))


def why_not(tracked: Tracked, book: Book, calendar: WorkCalendar, today: date) -> str:
    """Why nobody can be chased about an assignment on ``today``; empty when somebody can."""
    plan = book.plans.get(tracked.promise.plan)
    state = tracked.standing.state
    if plan is None or (tracked.promise.plan, tracked.promise.task) not in book.tasks:
        return "nhiệm vụ không còn trong kế hoạch nào đang có hiệu lực"
    if today < plan.starts:
        return f"kế hoạch có hiệu lực từ {plan.starts:%d/%m/%Y}"
    if state is State.REPORTED:
        return "đơn vị đã báo cáo hoàn thành, đang chờ văn phòng xác nhận"
    if state is State.DECLINED:
        return "đơn vị báo không thuộc trách nhiệm, văn phòng cần trả lời trước"
    if state not in OPEN_STATES:
        return f"trạng thái là “{STATE_NAMES[state]}”"
    try:
        seen = assess(tracked, today, calendar)
    except MissingYear as error:
        return f"lịch làm việc chưa có năm {error.year}"
    if seen.timeliness in _OWED:
        return ""
    if seen.timeliness is Timeliness.ON_TRACK:
        return f"chưa đến lúc: hạn {seen.rolled:%d/%m/%Y}" if seen.rolled else "chưa đến lúc"
    return "không có thời hạn" if seen.timeliness is Timeliness.NO_DEADLINE else "đã hết thời gian thực hiện"


def remark_on(tracked: Tracked, today: date) -> str:
    """What somebody who chases should know first, in Vietnamese; mostly nothing."""
    standing = tracked.standing
    if standing.extension is Extension.PENDING:
        return "đơn vị đang xin gia hạn, văn phòng chưa trả lời"
    if standing.snoozed_until is not None and today < standing.snoozed_until:
        return f"văn phòng đang tạm ngừng nhắc đến {standing.snoozed_until:%d/%m/%Y}"
    return ""


def still_owed(
    waiting: Iterable[Stored], tracked: Mapping[str, Tracked], book: Book, calendar: WorkCalendar, today: date
) -> frozenset[NoticeKey]:
    """Of the notices that wait, those of chases whose work is still owed: they hold, no rule needed."""
    return frozenset(
        each.notice.key
        for each in waiting
        if each.notice.is_chase
        and (owed := tracked.get(each.notice.subject)) is not None
        and not why_not(owed, book, calendar, today)
    )


def say(
    units: Iterable[UnitChase], reach: Reach, book: Book, today: date, base_url: str | None
) -> tuple[Said, ...]:
    """The messages that ``units`` would get, as the next pass would word them if nothing else waits.

    Somebody who speaks for several of the units gets one message for them all.
    """
    baskets: dict[tuple[Address, bool], list[tuple[UnitChase, str]]] = {}
    for unit in units:
        hearers = reach.persons.hearing(unit.unit, Role.LEAD)
        found = [(*reach.address(hearer.person), hearer.instead_of) for hearer in hearers]
        later = any(waits for _, waits, _ in found)
        for address, _, instead_of in found:
            baskets.setdefault((address, later), []).append((unit, instead_of))
    alike: dict[tuple[Form, tuple[str, ...], tuple[str, ...], bool], list[Address]] = {}
    asked: dict[str, UnitChase] = {}
    for (address, later), basket in baskets.items():
        asked.update({unit.unit: unit for unit, _ in basket})
        names = tuple(sorted(unit.unit for unit, _ in basket))
        behalf = contacts.on_behalf([(unit.unit, away) for unit, away in basket], book.registry)
        alike.setdefault((form_of(address.channel), names, behalf, later), []).append(address)
    messages = []
    for (form, names, behalf, later), addresses in alike.items():
        kept, _ = newest_only(item for name in names for item in asked[name].items)
        code = message_id(addresses[0], today)[:CODE_LETTERS]
        reader = Reader(names, behalf, link_to_come(base_url), code)
        words = words_for(form, reader, kept, book, today)
        known = tuple(a for a in addresses if a.channel != NO_CHANNEL)
        messages.append(Said(names, known, later, words.subject, words.text))
    return tuple(messages)


def prepare(
    connection: Connection,
    ids: Sequence[str],
    book: Book,
    calendar: WorkCalendar,
    now: datetime,
    by: str,
    words: str,
    means: Means,
) -> Prepared:
    """Everything that somebody should see before a chase about ``ids`` is sent; changes nothing."""
    today = local_day(now)
    chosen = views.tracked(connection, book.registry, ids=ids)
    made = draft(chosen, book, calendar, today, by, words)
    before = chases.on_day(connection, today, [unit.unit for unit in made.units])
    fresh = tuple(unit for unit in made.units if unit.unit not in before)
    said = say(fresh, reach_now(connection, today, means, untried=False), book, today, means.base_url)
    known = {each.promise.id for each in chosen}
    return Prepared(made, fresh, before, said, tuple(id for id in dict.fromkeys(ids) if id not in known))


def send(
    connection: Connection, units: Iterable[UnitChase], words: str, actor: Actor, by: str, now: datetime
) -> Sent:
    """Begins the chases: one for each unit that nobody chased today, with its notices, in the transaction
    of the caller. The next pass sends them."""
    today = local_day(now)
    begun, refused, noted = [], [], []
    for unit in sorted(units, key=lambda each: each.unit):
        id = chases.begin(connection, unit.unit, today, unit.assignments, words, by, now)
        if id is None:
            refused.append(unit.unit)
            continue
        notices.insert_notices(connection, [item.notice for item in unit.items], today, now)
        begun.append(id)
        noted.append((id, {"unit": unit.unit, "assignments": list(unit.assignments), "words": words}))
    for id, after in noted:
        audit.append(connection, actor, "chase", f"chase:{id}", now, after=after)
    known = chases.on_day(connection, today, refused)
    return Sent(tuple(begun), tuple(known[unit] for unit in refused))


def _item(tracked: Tracked, book: Book, calendar: WorkCalendar, today: date, why: str) -> Item | LeftOut:
    promise = tracked.promise
    reason = why_not(tracked, book, calendar, today)
    if reason:
        task = book.tasks.get((promise.plan, promise.task))
        title = task.heading(promise.milestone) if task else promise.id
        return LeftOut(promise.id, title, book.registry.full_name(promise.unit), reason)
    seen = assess(tracked, today, calendar)
    notice = Notice(
        rule=CHASED,
        subject=promise.id,
        deadline=seen.due.isoformat() if seen.due else NO_DEADLINE,
        recipient=book.answering(promise.unit, book.plan_of(tracked), today),
        occasion=chases.occasion_of(today),
        role=Role.LEAD,
        tone=Tone.WARN,
        why=why,
    )
    return Item(notice, tracked, seen)


def _why(by: str, words: str, today: date) -> str:
    """Stands in the notice and at the head of the message: who chased, when, and what they had to say."""
    name = " ".join(by.split())
    who = f"Văn phòng ({name})" if name else "Văn phòng"
    ended = words[:-1] if words.endswith(".") and not words.endswith("..") else words
    asked = f"“{ended}”" if words else "đề nghị đơn vị thực hiện và báo cáo kết quả"
    return f"{who} đôn đốc ngày {today:%d/%m/%Y}: {asked}"


def _worst(item: Item) -> tuple[date, str]:
    return (item.seen.rolled if item.seen and item.seen.rolled else date.max, item.notice.subject)
