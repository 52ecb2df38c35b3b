"""What the pages of a chase show of it: names, days, masked addresses, when each message goes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from engine.chasing import Prepared, Said, UnitChase, remark_on
from engine.model.assignment import Timeliness
from engine.notices.digest import Item
from engine.notices.notice import Book
from engine.notices.wording import due_words, period_name, standing_words
from engine.store.messages.chases import Chase
from engine.tracking.progress import VIETNAM, local_day
from engine.workdays import MissingYear, WorkCalendar
from notifiers.address import masked


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One assignment that is chased; ``remark`` is what to know before chasing it."""

    id: str
    title: str
    source: str
    due: str
    standing: str
    late: bool
    remark: str


@dataclass(frozen=True, slots=True)
class UnitLines:
    """One unit and what it is asked for."""

    name: str
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as it would go out: to whom (masked), when, and what it says."""

    units: str
    recipients: tuple[str, ...]
    later: bool
    when: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Before:
    """A unit that somebody chased already today."""

    name: str
    chase: Chase


def units_shown(units: Iterable[UnitChase], book: Book, now: datetime) -> tuple[UnitLines, ...]:
    """The units of a chase with their assignments."""
    return tuple(
        UnitLines(
            book.registry.full_name(unit.unit),
            tuple(_task(item, unit.unit, book, now) for item in unit.items),
        )
        for unit in units
    )


def messages_shown(
    said: Iterable[Said], book: Book, calendar: WorkCalendar, hours: tuple[time, time], now: datetime
) -> tuple[MessageView, ...]:
    """The messages of a chase."""
    return tuple(
        MessageView(
            units="; ".join(map(book.registry.full_name, message.units)),
            recipients=tuple(masked(address.channel, address.value) for address in message.addresses),
            later=message.later,
            when=goes_out(now, calendar, hours, later=message.later),
            subject=message.subject,
            text=message.text,
        )
        for message in said
    )


def before_shown(ready: Prepared, book: Book) -> tuple[Before, ...]:
    """The units that are left in peace today, by name."""
    found = (Before(book.registry.full_name(unit), chase) for unit, chase in ready.before.items())
    return tuple(sorted(found, key=lambda each: each.name))


def goes_out(now: datetime, calendar: WorkCalendar, hours: tuple[time, time], *, later: bool) -> str:
    """When a message raised at ``now`` goes out; ``later``: not today any more."""
    local = now.astimezone(VIETNAM)
    begin, end = hours
    try:
        if not later and calendar.is_working_day(local.date()) and local.time() < end:
            return "trong lượt gửi tới" if local.time() >= begin else f"từ {begin:%H:%M} hôm nay"
        return f"từ {begin:%H:%M} ngày {calendar.add_working_days(local.date(), 1):%d/%m/%Y}"
    except MissingYear:
        return f"từ {begin:%H:%M} ngày làm việc kế tiếp"


def fingerprint(ready: Prepared) -> str:
    """Stands for all that a preview shows to be sent: what was not seen like this is not sent."""
    seen = [
        [[unit.unit, *unit.assignments] for unit in ready.fresh],
        [[*message.units, message.subject, message.text] for message in ready.said],
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _task(item: Item, unit: str, book: Book, now: datetime) -> TaskLine:
    tracked, seen = item.tracked, item.seen
    assert tracked is not None  # noqa: S101 - a chase is about assignments, never about a whole unit
    assert seen is not None  # noqa: S101 - as above
    promise = tracked.promise
    title = book.task_of(tracked).heading(promise.milestone)
    if promise.period:
        title += f" (kỳ {period_name(promise.period)})"
    if promise.unit != unit:
        title += f" (giao {book.registry.full_name(promise.unit)})"
    return TaskLine(
        id=promise.id,
        title=title,
        source=f"Kế hoạch {book.plan_of(tracked).number}",
        due=due_words(seen),
        standing=standing_words(tracked, seen),
        late=seen.timeliness is Timeliness.OVERDUE,
        remark=remark_on(tracked, local_day(now)),
    )
