"""How much goes through each channel: what waits, what was tried, what it cost; each answered by an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.engine import Connection

from engine.store.messages.desk import DeskState, desk_state
from engine.store.messages.outbox import FAILED, NO_ADDRESS, QUEUED, SENDING
from engine.store.tables import DeliveryRow, MessageRow, SlotRow

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]
_SLOT = SlotRow.__table__  # type: ignore[attr-defined]

MOST_ATTEMPTS = 50_000
"""The latest attempts that are looked through: what a question about one day may cost."""

_UNSETTLED = (QUEUED, SENDING, FAILED, NO_ADDRESS)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Messages of one channel in one state that is not a good end, and when the oldest was made."""

    channel: str
    state: DeskState
    messages: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """The last slot that was judged: when it began, when it was taken up, and what it brought."""

    start: datetime
    done_at: datetime
    assignments: int
    findings: int
    notices: int


def unsettled(connection: Connection) -> list[Unsettled]:
    """What waits, is on its way, failed, is in doubt or has no address, by channel."""
    c = _MESSAGE.c
    query = (
        select(c.channel, c.state, c.in_doubt, func.count(), func.min(c.created_at))
        .where(c.state.in_(_UNSETTLED))
        .group_by(c.channel, c.state, c.in_doubt)
    )
    found: dict[tuple[str, DeskState], Unsettled] = {}
    for channel, state, in_doubt, count, oldest in connection.execute(query):
        key = channel, desk_state(state, in_doubt)
        known = found.get(key, Unsettled(*key, 0, oldest))
        found[key] = Unsettled(*key, known.messages + count, min(known.oldest, oldest))
    return [found[key] for key in sorted(found)]


def nobody_to_tell(connection: Connection) -> int:
    """How many units and people a message waits for without any way to reach them."""
    waiting = _MESSAGE.c.state == NO_ADDRESS
    return connection.execute(select(func.count(_MESSAGE.c.address.distinct())).where(waiting)).scalar_one()


def sent_since(connection: Connection, since: datetime) -> Mapping[str, int]:
    """How many messages each channel handed over since that instant."""
    channel = _unindexed(_MESSAGE.c.channel)
    query = select(channel, func.count()).where(_MESSAGE.c.sent_at >= since).group_by(channel)
    return {name: count for name, count in connection.execute(query)}


def attempts_since(connection: Connection, since: datetime) -> Mapping[tuple[str, str], int]:
    """How many attempts ended how since that instant, by channel and outcome, among the latest."""
    query = (
        select(_MESSAGE.c.channel, _DELIVERY.c.outcome, func.count())
        .join(_MESSAGE, _MESSAGE.c.id == _DELIVERY.c.message)
        .where((_DELIVERY.c.id > _floor(connection)) & (_DELIVERY.c.started_at >= since))
        .group_by(_MESSAGE.c.channel, _DELIVERY.c.outcome)
    )
    found: Counter[tuple[str, str]] = Counter()
    for channel, outcome, count in connection.execute(query):
        found[channel, outcome] += count
    return found


def last_sent(connection: Connection, channels: Collection[str]) -> dict[str, datetime]:
    """When each of these channels last handed over a message; none where it never did."""
    found = {}
    sent_at = _MESSAGE.c.sent_at
    for name in channels:
        own = (_unindexed(_MESSAGE.c.channel) == name) & sent_at.is_not(None)
        at = connection.execute(select(sent_at).where(own).order_by(sent_at.desc()).limit(1)).scalar()
        if at is not None:
            found[name] = at
    return found


def cost_since(connection: Connection, since: datetime) -> Mapping[str, int]:
    """What the attempts of each channel cost since that instant, in đồng."""
    query = (
        select(_MESSAGE.c.channel, func.sum(_DELIVERY.c.cost))
        .join(_MESSAGE, _MESSAGE.c.id == _DELIVERY.c.message)
        .where((_DELIVERY.c.cost > 0) & (_DELIVERY.c.started_at >= since))
        .group_by(_MESSAGE.c.channel)
    )
    return {channel: int(cost) for channel, cost in connection.execute(query)}


def last_slot(connection: Connection) -> Slot | None:
    """The last slot that was judged by any process."""
    c = _SLOT.c
    query = select(c.start, c.done_at, c.assignments, c.findings, c.notices).order_by(c.start.desc()).limit(1)
    row = connection.execute(query).first()
    return Slot(*row) if row is not None else None


def _floor(connection: Connection) -> int:
    """The number of the attempt below which none is looked at."""
    last: int = connection.execute(select(func.max(_DELIVERY.c.id))).scalar() or 0
    return last - MOST_ATTEMPTS


def _unindexed(column: Any) -> Any:
    """The column, so that SQLite does not choose the index that begins with it and read whole messages."""
    return func.coalesce(column, literal_column("''"))
