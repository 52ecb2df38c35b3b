"""Webhooks: which addresses hear of events, and the calls that wait, run, went well or were given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from engine.model.event import Event, EventKind
from engine.store.mapping import event_of
from engine.store.tables import ApiKeyRow, EventRow, WebhookCallRow, WebhookRow

_WEBHOOK = WebhookRow.__table__  # type: ignore[attr-defined]
_CALL = WebhookCallRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_KEY = ApiKeyRow.__table__  # type: ignore[attr-defined]

QUEUED, CALLING, HEARD, FAILED, DROPPED = "queued", "calling", "heard", "failed", "dropped"

LEASE = timedelta(minutes=5)
"""Longer than a call can take; after it another worker may try."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that hears of events of ``kinds`` (none: all), below ``unit`` (None: anywhere)."""

    id: int
    url: str
    kinds: frozenset[EventKind]
    unit: str | None
    key: int | None
    created_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Call:
    """One event on its way to one address; ``attempts`` counts this one."""

    id: int
    webhook: int
    event_number: int
    event: Event
    recorded_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Tallied:
    """How the calls of one webhook stand, and when one last went well."""

    waiting: int = 0
    heard: int = 0
    failed: int = 0
    last_heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A call that was given up."""

    id: int
    webhook: int
    url: str
    event_number: int
    kind: EventKind
    assignment: str
    attempts: int
    code: int | None
    detail: str
    ended_at: datetime | None


def _active(now: datetime) -> Any:
    """Not ended, and the key that asked for it, if one did, still holds."""
    key_holds = and_(_KEY.c.revoked_at.is_(None), or_(_KEY.c.expires_at.is_(None), _KEY.c.expires_at > now))
    return and_(_WEBHOOK.c.ended_at.is_(None), or_(_WEBHOOK.c.key.is_(None), key_holds))


def _joined() -> Any:
    return _WEBHOOK.outerjoin(_KEY, _KEY.c.id == _WEBHOOK.c.key)


def add(
    connection: Connection,
    url: str,
    kinds: Iterable[EventKind],
    created_by: str,
    now: datetime,
    *,
    unit: str | None = None,
    key: int | None = None,
) -> Webhook:
    """Writes down an address; ``url`` has been checked by engine.webhooks.addresses."""
    chosen = sorted({kind.value for kind in kinds})
    row = {
        "url": url,
        "kinds": " ".join(chosen),
        "unit": unit,
        "key": key,
        "created_by": created_by,
        "created_at": now,
    }
    id = connection.execute(insert(_WEBHOOK).values(row).returning(_WEBHOOK.c.id)).scalar_one()
    return Webhook(id, url, frozenset(map(EventKind, chosen)), unit, key, created_by, now, None)


def active(connection: Connection, now: datetime) -> list[Webhook]:
    """Every address that hears of events at ``now``, oldest first."""
    query = select(_WEBHOOK).select_from(_joined()).where(_active(now)).order_by(_WEBHOOK.c.id)
    return [_webhook(row) for row in connection.execute(query).mappings()]


def end(connection: Connection, id: int, now: datetime) -> Webhook | None:
    """Ends a webhook and drops what still waits for it; None when there is none or it has ended."""
    mine = (_WEBHOOK.c.id == id) & _WEBHOOK.c.ended_at.is_(None)
    if connection.execute(update(_WEBHOOK).where(mine).values(ended_at=now)).rowcount != 1:
        return None
    waiting = (_CALL.c.webhook == id) & (_CALL.c.state == QUEUED)
    connection.execute(update(_CALL).where(waiting).values(state=DROPPED, ended_at=now))
    row = connection.execute(select(_WEBHOOK).where(_WEBHOOK.c.id == id)).mappings().one()
    return _webhook(row)


def end_of_key(connection: Connection, key: int, now: datetime) -> list[int]:
    """Ends every webhook that a key asked for: the key was revoked."""
    query = select(_WEBHOOK.c.id).where((_WEBHOOK.c.key == key) & _WEBHOOK.c.ended_at.is_(None))
    return [id for id in connection.execute(query).scalars().all() if end(connection, id, now)]


def queue_calls(
    connection: Connection, events: Sequence[Event], numbers: Sequence[int], now: datetime
) -> None:
    """Queues one call for each event and each active webhook that wants its kind; part of the transaction
    that records the events."""
    hearing = active(connection, now)
    rows = [
        {"webhook": webhook.id, "event": number, "state": QUEUED, "attempts": 0, "not_before": now}
        for event, number in zip(events, numbers, strict=True)
        for webhook in hearing
        if not webhook.kinds or event.kind in webhook.kinds
    ]
    if rows:
        connection.execute(insert(_CALL), [{**row, "detail": ""} for row in rows])


def waiting(connection: Connection, webhook: int, now: datetime, most: int) -> list[int]:
    """The calls of a webhook that may be made now, in the order of the events."""
    query = (
        select(_CALL.c.id)
        .where((_CALL.c.state == QUEUED) & (_CALL.c.not_before <= now) & (_CALL.c.webhook == webhook))
        .order_by(_CALL.c.event)
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def count_waiting(connection: Connection) -> int:
    """How many calls of any webhook wait."""
    query = select(func.count()).select_from(_CALL).where(_CALL.c.state == QUEUED)
    return connection.execute(query).scalar_one()


def claim(connection: Connection, id: int, clock: datetime) -> Call | None:
    """Takes a queued call by compare-and-set; None when another worker was faster."""
    free = select(_CALL.c.id).where((_CALL.c.id == id) & (_CALL.c.state == QUEUED))
    mine = connection.execute(
        update(_CALL)
        .where(_CALL.c.id.in_(free.with_for_update(skip_locked=True)))
        .values(state=CALLING, lease_until=clock + LEASE, attempts=_CALL.c.attempts + 1)
    )
    if mine.rowcount != 1:
        return None
    columns = (_CALL.c.id.label("call"), _CALL.c.webhook, _CALL.c.attempts, _EVENT)
    query = select(*columns).join(_EVENT, _EVENT.c.id == _CALL.c.event).where(_CALL.c.id == id)
    row = connection.execute(query).mappings().one()
    return Call(row["call"], row["webhook"], row["id"], event_of(row), row["recorded_at"], row["attempts"])


def settle(
    connection: Connection,
    call: Call,
    state: str,
    now: datetime,
    *,
    code: int | None = None,
    detail: str = "",
    not_before: datetime | None = None,
) -> None:
    """Records how a call ended; who comes back after its lease changes nothing any more."""
    values: dict[str, Any] = {"state": state, "lease_until": None, "code": code, "detail": detail[:500]}
    if not_before is not None:
        values["not_before"] = not_before
    if state != QUEUED:
        values["ended_at"] = now
    own = (_CALL.c.id == call.id) & (_CALL.c.attempts == call.attempts) & (_CALL.c.state == CALLING)
    connection.execute(update(_CALL).where(own).values(values))


def pick_up_abandoned(connection: Connection, clock: datetime) -> int:
    """Calls whose worker died or took too long: whether they were heard is unknown, so they are made again
    with the same event number, by which the other system tells them apart."""
    lost = (_CALL.c.state == CALLING) & (_CALL.c.lease_until <= clock)
    again = {"state": QUEUED, "lease_until": None, "detail": "Không rõ lần gọi trước đã đến hay chưa"}
    return int(connection.execute(update(_CALL).where(lost).values(again)).rowcount)


def forget(connection: Connection, before: datetime) -> None:
    """Removes calls that ended well, or were dropped, before an instant; the events themselves stay."""
    over = _CALL.c.state.in_([HEARD, DROPPED]) & (_CALL.c.ended_at < before)
    connection.execute(delete(_CALL).where(over))


def tallies(connection: Connection) -> dict[int, Tallied]:
    """How the calls of each webhook stand."""
    heard_at = func.max(_CALL.c.ended_at).filter(_CALL.c.state == HEARD)
    query = select(
        _CALL.c.webhook,
        func.count().filter(_CALL.c.state.in_([QUEUED, CALLING])),
        func.count().filter(_CALL.c.state == HEARD),
        func.count().filter(_CALL.c.state == FAILED),
        heard_at,
    ).group_by(_CALL.c.webhook)
    return {row[0]: Tallied(*row[1:]) for row in connection.execute(query)}


def dead_letters(connection: Connection, most: int) -> list[DeadLetter]:
    """The calls that were given up for webhooks that still stand, newest first."""
    query = (
        select(
            _CALL.c.id,
            _CALL.c.webhook,
            _WEBHOOK.c.url,
            _CALL.c.event,
            _EVENT.c.kind,
            _EVENT.c.assignment,
            _CALL.c.attempts,
            _CALL.c.code,
            _CALL.c.detail,
            _CALL.c.ended_at,
        )
        .join(_WEBHOOK, _WEBHOOK.c.id == _CALL.c.webhook)
        .join(_EVENT, _EVENT.c.id == _CALL.c.event)
        .where((_CALL.c.state == FAILED) & _WEBHOOK.c.ended_at.is_(None))
        .order_by(_CALL.c.id.desc())
        .limit(most)
    )
    return [
        DeadLetter(
            id=row["id"],
            webhook=row["webhook"],
            url=row["url"],
            event_number=row["event"],
            kind=EventKind(row["kind"]),
            assignment=row["assignment"],
            attempts=row["attempts"],
            code=row["code"],
            detail=row["detail"],
            ended_at=row["ended_at"],
        )
        for row in connection.execute(query).mappings()
    ]


def retry(connection: Connection, now: datetime, id: int | None = None) -> int:
    """Queues one call that was given up, or all of them, once more; says how many."""
    given_up = _CALL.c.state == FAILED
    if id is not None:
        given_up &= _CALL.c.id == id
    standing = select(_WEBHOOK.c.id).where(_WEBHOOK.c.ended_at.is_(None))
    again = {"state": QUEUED, "attempts": 0, "not_before": now, "ended_at": None}
    chosen = update(_CALL).where(given_up & _CALL.c.webhook.in_(standing))
    return int(connection.execute(chosen.values(again)).rowcount)


def _webhook(row: Any) -> Webhook:
    return Webhook(
        id=row["id"],
        url=row["url"],
        kinds=frozenset(EventKind(kind) for kind in row["kinds"].split()),
        unit=row["unit"],
        key=row["key"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )
