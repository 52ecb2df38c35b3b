"""One pass: evaluate what is the case, compose what must be said, send it, record how it went."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, update
from sqlalchemy.engine import Connection

from engine.assess import Tracked, assess
from engine.day import Day, conclude
from engine.notices.digest import Item, compose, newest_only
from engine.notices.filters import drop_told
from engine.notices.notice import Book, NoticeKey
from engine.progress import VIETNAM, local_day
from engine.ruleset.evaluate import RuleSet
from engine.store import contacts, notices, outbox, views
from engine.store.contacts import NO_CHANNEL, Address
from engine.store.database import insert_ignoring, reading, take_turns, writing
from engine.store.notices import Stored
from engine.store.outbox import Message
from engine.store.tables import SlotRow
from engine.units import Registry
from engine.workdays import WorkCalendar
from engine.worker import is_dead
from notifiers.address import Address as MailAddress
from notifiers.channel import Channel
from notifiers.errors import MessageError
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status

_SLOT = SlotRow.__table__  # type: ignore[attr-defined]
_WORK = 7_219_448

RETRIES = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 720, 1440))
"""How long to wait after each temporary failure; after the last one the message has failed."""

MOST_CHANNEL_FAILURES = 3
"""Failures of the channel itself, one after the other, after which a pass stops trying."""

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class InForce:
    """What the files say now: handed in, never read here."""

    registry: Registry
    calendar: WorkCalendar
    ruleset: RuleSet
    hours: tuple[time, time]
    slot_minutes: int = 15
    base_url: str | None = None


@dataclass(slots=True)
class TickResult:
    """What one pass did. ``evaluated`` is False when another process had done the slot already;
    ``deferred`` counts messages that wait (hours, retry, no channel), ``unknown`` attempts cut short."""

    slot: datetime
    evaluated: bool = False
    assignments: int = 0
    situations: int = 0
    findings: int = 0
    notices: int = 0
    messages: list[Message] = field(default_factory=list)
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    open_hours: bool = True
    left_out: Mapping[int, int] = field(default_factory=dict)


def slot_of(now: datetime, minutes: int) -> datetime:
    """The start of the time slot that ``now`` lies in."""
    return now.replace(minute=now.minute - now.minute % minutes, second=0, microsecond=0)


def may_speak(now: datetime, in_force: InForce) -> bool:
    """Whether messages may go out at ``now``: on working days, within the allowed hours in Viet Nam."""
    local = now.astimezone(VIETNAM)
    begin, end = in_force.hours
    return in_force.calendar.is_working_day(local.date()) and begin <= local.time() < end


def tick(
    engine: Engine,
    in_force: InForce,
    now: datetime,
    channel: Channel | None,
    worker: str,
    clock: Clock,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> TickResult:
    """One pass at ``now``. Safe to run in any number of processes and to kill at any moment.

    ``clock`` tells the real time for leases; ``channel`` None leaves messages queued. With
    ``dry_run`` nothing is written or sent. Raises MissingYear and DatabaseUnavailable.
    """
    result = TickResult(slot_of(now, in_force.slot_minutes), open_hours=may_speak(now, in_force))
    if not dry_run:
        result.unknown = _pick_up_abandoned(engine, now, clock)
    with writing(engine) as connection:
        # A dry run shows what would be said also where the slot is done: it takes nothing.
        if dry_run or _take_slot(connection, now, result):
            _evaluate(connection, in_force, now, result)
        if dry_run:
            connection.rollback()
    if dry_run:
        result.deferred = sum(m.address.channel == NO_CHANNEL for m in result.messages)
        return result
    if result.open_hours and channel is not None:
        _send_all(engine, now, channel, worker, clock, result, progress)
    with reading(engine) as connection:
        result.deferred = outbox.count_waiting(connection)
    return result


def _take_slot(connection: Connection, now: datetime, result: TickResult) -> bool:
    """Whether this process is the one that does the slot."""
    take_turns(connection, _WORK)
    claimed = connection.execute(
        insert_ignoring(connection, _SLOT),
        {
            "start": result.slot,
            "done_at": now,
            "assignments": 0,
            "situations": 0,
            "findings": 0,
            "notices": 0,
        },
    )
    return bool(claimed.rowcount == 1)


def _evaluate(connection: Connection, in_force: InForce, now: datetime, result: TickResult) -> None:
    today = local_day(now)
    result.evaluated = True
    book = Book(in_force.registry, views.plans(connection), views.tasks(connection))
    tracked = views.tracked(connection, in_force.registry, only_open=True)
    day = conclude(tracked, in_force.ruleset, book, in_force.calendar, today, ())
    # Only what holds today is looked up: what was ever told grows with the years.
    told = notices.told_keys(connection, day.notices)
    fresh = drop_told(day.notices, told).kept
    notices.insert_notices(connection, fresh, today, now)
    if result.open_hours:
        by_id = {t.promise.id: t for t in tracked}
        result.messages = _compose(connection, in_force, book, by_id, day, now, today)
    result.assignments, result.situations = day.assignments, day.situations
    result.findings, result.notices, result.left_out = day.findings, len(fresh), day.left_out
    counts = {
        "assignments": day.assignments,
        "situations": day.situations,
        "findings": day.findings,
        "notices": len(fresh),
    }
    connection.execute(update(_SLOT).where(_SLOT.c.start == result.slot).values(counts))


def _compose(
    connection: Connection,
    in_force: InForce,
    book: Book,
    tracked: Mapping[str, Tracked],
    day: Day,
    now: datetime,
    today: date,
) -> list[Message]:
    waiting = outbox.release_unsent(connection, today)
    alive = _still_true(connection, notices.pending(connection), day.standing)
    people = contacts.active(connection)
    taken = outbox.taken_today(connection, today)
    carried = outbox.carried(connection, [each.id for each in alive])
    baskets: dict[tuple[str, str], list[Stored]] = {}
    names: dict[tuple[str, str], Address] = {}
    for each in alive:
        told = carried.get(each.id, set())
        addresses = contacts.addresses_of(each.notice.recipient, each.notice.role, people)
        targets = [a for a in addresses if (a.channel, a.value) not in told]
        if any((a.channel, a.value) in taken for a in targets):
            continue  # One message a day: what comes later waits for tomorrow's digest.
        for address in targets:
            key = (address.channel, address.value)
            names.setdefault(key, address)
            baskets.setdefault(key, []).append(each)
    messages = []
    seen = {
        id: assess(t, today, in_force.calendar)
        for id in {e.notice.subject for e in alive}
        if (t := tracked.get(id)) is not None
    }
    for key, basket in sorted(baskets.items()):
        items = [Item(e.notice, tracked.get(e.notice.subject), seen.get(e.notice.subject)) for e in basket]
        kept, _ = newest_only(items)
        units = sorted({e.notice.recipient for e in basket})
        digest = compose(units, kept, book, today, in_force.base_url)
        messages.append(
            Message(
                id=outbox.message_id(names[key], today),
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
    outbox.insert_messages(connection, messages, waiting, now)
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


def _pick_up_abandoned(engine: Engine, now: datetime, clock: Clock) -> int:
    """Messages whose sender died: each attempt is named unknown and the message queued again."""
    with reading(engine) as connection:
        sending = outbox.abandoned(connection)
    found = 0
    for id, worker, lease, attempt in sending:
        if is_dead(worker) or lease <= clock():
            with writing(engine) as connection:
                found += outbox.requeue_unknown(connection, id, attempt, worker, now)
    return found


def _send_all(
    engine: Engine,
    now: datetime,
    channel: Channel,
    worker: str,
    clock: Clock,
    result: TickResult,
    progress: Progress | None,
) -> None:
    with reading(engine) as connection:
        ready = outbox.ready(connection, now)
    waiting = iter(ready)

    def claim_next(connection: Connection) -> Message | None:
        attempts = (outbox.claim(connection, id, worker, now, clock()) for id in waiting)
        return next((message for message in attempts if message is not None), None)

    channel_failures = done = 0
    message = None
    if ready:
        with writing(engine) as connection:
            message = claim_next(connection)
    while message is not None:
        if progress is not None:
            progress("Gửi tin", 100 * done // len(ready))
        done += 1
        outcome = _send(channel, message)
        down = outcome.cause is Cause.CHANNEL or outcome.status is Status.UNKNOWN
        channel_failures = channel_failures + 1 if down else 0
        # One commit ends this attempt and begins the next. When the channel itself is down the rest
        # waits, untried, for the next pass.
        with writing(engine) as connection:
            _record(connection, message, outcome, now, result)
            message = None if channel_failures == MOST_CHANNEL_FAILURES else claim_next(connection)


def _send(channel: Channel, message: Message) -> Outcome:
    try:
        outgoing = OutgoingMessage(
            id=message.id,
            recipient=MailAddress(message.address.value, message.address.name),
            subject=message.subject,
            text=message.text,
            html=message.html,
            date=message.created_at,
        )
    except MessageError as error:
        return Outcome(Status.PERMANENT, detail=str(error), cause=Cause.MESSAGE)
    try:
        return channel.send(outgoing)
    except Exception as error:  # noqa: BLE001 - a channel that breaks its word costs one message, not the pass
        detail = f"Kênh gửi gặp lỗi ngoài dự kiến ({type(error).__name__})"
        return Outcome(Status.UNKNOWN, detail=detail)


def _record(
    connection: Connection, message: Message, outcome: Outcome, now: datetime, result: TickResult
) -> None:
    state, not_before, in_doubt = outbox.SENT, None, False
    if outcome.status is Status.SENT:
        result.sent += 1
    elif outcome.status is Status.PERMANENT or message.attempts > len(RETRIES):
        state = outbox.FAILED
        result.failed += 1
    else:
        # Unknown: the far end may have it. Sent again under the same Message-ID, and named as unknown.
        in_doubt = outcome.status is Status.UNKNOWN
        result.unknown += in_doubt
        state = outbox.QUEUED
        wait = outcome.retry_after or RETRIES[message.attempts - 1]
        # Spread the retries so that a recovering server is not met by all of them at once.
        not_before = now + wait * random.uniform(0.9, 1.1)  # noqa: S311 - not a secret
    ending = outbox.Ending(
        state, outcome.status.value, outcome.code, outcome.detail, not_before, in_doubt=in_doubt
    )
    outbox.settle(connection, message, ending, now)
