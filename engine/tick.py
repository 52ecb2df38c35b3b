"""One pass: evaluate what is the case, compose what must be said, send it, record how it went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy import Engine, update
from sqlalchemy.engine import Connection

from engine.composing import compose_messages
from engine.day import conclude
from engine.indicator_watch import watched_now
from engine.model.plan import Plan
from engine.notices.filters import drop_told
from engine.notices.notice import Book
from engine.ruleset.evaluate import RuleSet
from engine.sending.abandoned import pick_up_abandoned
from engine.sending.slots import send_ready
from engine.sending.terms import NOBODY, Clock, Onlooker, Tally, Terms
from engine.store import views
from engine.store.database import insert_ignoring, reading, take_turns, writing
from engine.store.messages import notices, outbox
from engine.store.messages.outbox import Message
from engine.store.messages.reach import Means
from engine.store.people.contacts import NO_CHANNEL
from engine.store.tables import SlotRow
from engine.summaries import Summaries, office_facts
from engine.tracking.progress import VIETNAM, local_day
from engine.units import Registry
from engine.workdays import WorkCalendar
from notifiers.channel import Channel

_SLOT = SlotRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class InForce:
    """What the files and settings say now: handed in, never read here. ``costs`` is what a message costs by
    channel, in đồng; ``plans`` are the files whose indicators are watched."""

    registry: Registry
    calendar: WorkCalendar
    ruleset: RuleSet
    hours: tuple[time, time]
    slot_minutes: int = 15
    base_url: str | None = None
    costs: Mapping[str, int] = field(default_factory=dict)
    plans: Sequence[Plan] = ()


@dataclass(slots=True)
class TickResult:
    """What one pass did. ``evaluated`` is False when another process had done the slot already;
    ``deferred`` counts messages that wait (hours, retry, no channel), ``unknown`` attempts cut short.
    ``by_channel`` says what was sent on which channel."""

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
    by_channel: Mapping[str, Tally] = field(default_factory=dict)


def slot_of(now: datetime, minutes: int) -> datetime:
    """The start of the time slot that ``now`` lies in."""
    return now.replace(minute=now.minute - now.minute % minutes, second=0, microsecond=0)


def may_speak(now: datetime, in_force: InForce) -> bool:
    """Whether messages may go out at ``now``: on working days, within the allowed hours in Viet Nam."""
    local = now.astimezone(VIETNAM)
    begin, end = in_force.hours
    return in_force.calendar.is_working_day(local.date()) and begin <= local.time() < end


def _closes(now: datetime, in_force: InForce) -> datetime:
    """When the allowed hours of the day of ``now`` end."""
    return datetime.combine(local_day(now), in_force.hours[1], VIETNAM).astimezone(now.tzinfo)


def tick(
    engine: Engine,
    in_force: InForce,
    now: datetime,
    channels: Mapping[str, Channel],
    worker: str,
    clock: Clock,
    *,
    dry_run: bool = False,
    onlooker: Onlooker = NOBODY,
) -> TickResult:
    """One pass at ``now``. Safe to run in any number of processes and to kill at any moment.

    ``clock`` tells the real time for leases and rests; messages of a channel that is not among ``channels``
    stay queued, as all do once the ``onlooker`` says so. With ``dry_run`` nothing is written or sent.
    Raises MissingYear and DatabaseUnavailable.
    """
    result = TickResult(slot_of(now, in_force.slot_minutes), open_hours=may_speak(now, in_force))
    if not dry_run:
        result.unknown = pick_up_abandoned(engine, now, clock)
    with writing(engine) as connection:
        # A dry run shows what would be said also where the slot is done: it takes nothing.
        if dry_run or _take_slot(connection, now, result):
            _evaluate(connection, in_force, now, result, channels)
        if dry_run:
            connection.rollback()
    if dry_run:
        result.deferred = sum(m.address.channel == NO_CHANNEL for m in result.messages)
        return result
    if result.open_hours and channels:
        terms = Terms(
            now=now,
            worker=worker,
            clock=clock,
            began=clock(),
            closes=_closes(now, in_force),
            base_url=in_force.base_url,
            costs=in_force.costs,
            onlooker=onlooker,
        )
        result.by_channel = send_ready(engine, terms, channels)
        for tally in result.by_channel.values():
            result.sent += tally.sent
            result.failed += tally.failed
            result.unknown += tally.unknown
    with reading(engine) as connection:
        result.deferred = outbox.count_waiting(connection)
    return result


def _take_slot(connection: Connection, now: datetime, result: TickResult) -> bool:
    """Whether this process is the one that does the slot."""
    take_turns(connection, outbox.PASS)
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


def _evaluate(
    connection: Connection,
    in_force: InForce,
    now: datetime,
    result: TickResult,
    channels: Collection[str],
) -> None:
    today = local_day(now)
    result.evaluated = True
    indicators = watched_now(connection, in_force.plans, today)
    book = Book(in_force.registry, views.plans(connection), views.tasks(connection), indicators)
    tracked = views.tracked(connection, in_force.registry, only_open=True)
    facts = office_facts(connection)
    day = conclude(tracked, in_force.ruleset, book, in_force.calendar, today, (), facts)
    # Only what holds today is looked up: what was ever told grows with the years.
    told = notices.told_keys(connection, day.notices)
    fresh = drop_told(day.notices, told).kept
    notices.insert_notices(connection, fresh, today, now)
    if result.open_hours:
        by_id = {t.promise.id: t for t in tracked}
        office = Summaries(connection, book, in_force.calendar, in_force.ruleset, tracked, today)
        means = Means(in_force.base_url, channels)
        result.messages = compose_messages(
            connection, book, in_force.calendar, by_id, day.standing, now, office, means
        )
    result.assignments, result.situations = day.assignments, day.situations
    result.findings, result.notices, result.left_out = day.findings, len(fresh), day.left_out
    counts = {
        "assignments": day.assignments,
        "situations": day.situations,
        "findings": day.findings,
        "notices": len(fresh),
    }
    connection.execute(update(_SLOT).where(_SLOT.c.start == result.slot).values(counts))
