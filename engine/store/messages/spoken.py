"""Who has had their message of the day: the one condition of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, select
from sqlalchemy.engine import Connection

from engine.store.messages.outbox import FAILED, NO_ADDRESS, QUEUED, REPLACED, SENDING
from engine.store.people.persons import Way
from engine.store.tables import DeliveryRow, MessageRow
from engine.tracking.progress import VIETNAM
from notifiers.outcome import Cause

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]


def is_of_today(
    today: date, *, untried: bool = True, running: Collection[str] | None = None
) -> ColumnElement[bool]:
    """Whether a message is its address's message of ``today``: made today, sent today, or on its way.

    One that surely failed is none. Without ``untried`` neither is one that the next pass words anew. What
    is in doubt since an earlier day is on its way on the ``running`` channels alone, where they are given:
    elsewhere it moves only once somebody has put the channel right, and that must not mean silence.
    """
    c = _MESSAGE.c
    todays = (c.day == today) & (c.state != REPLACED) & ~_surely_failed()
    if not untried:
        todays &= ~(c.state.in_([QUEUED, NO_ADDRESS]) & ~c.in_doubt)
    # One of yesterday that was in doubt and went out today is today's message too.
    sent_today = c.sent_at >= datetime.combine(today, time(), VIETNAM)
    in_doubt = (c.state == QUEUED) & c.in_doubt
    if running is not None:
        in_doubt &= c.channel.in_(running)
    in_flight = (c.state == SENDING) | in_doubt
    found: ColumnElement[bool] = todays | sent_today | in_flight
    return found


def spoken_to(
    connection: Connection, today: date, *, untried: bool = True, running: Collection[str] | None = None
) -> set[Way]:
    """The addresses that have their message of ``today``."""
    own = is_of_today(today, untried=untried, running=running)
    query = select(_MESSAGE.c.channel, _MESSAGE.c.address).where(own)
    return {(row[0], row[1]) for row in connection.execute(query)}


def spent(connection: Connection, today: date) -> set[Way]:
    """The addresses whose message of ``today`` surely failed through the message: the desk shows it, and
    there is one a day for each address. One that was refused may be used again once nobody refuses it."""
    own = (_MESSAGE.c.day == today) & _surely_failed() & ~was_refused()
    query = select(_MESSAGE.c.channel, _MESSAGE.c.address).where(own)
    return {(row[0], row[1]) for row in connection.execute(query)}


def was_refused() -> ColumnElement[bool]:
    """Whether the last attempt of a message ended with its address being refused."""
    last = (_DELIVERY.c.message == _MESSAGE.c.id) & (_DELIVERY.c.attempt == _MESSAGE.c.attempts)
    return select(_DELIVERY.c.id).where(last & (_DELIVERY.c.cause == Cause.RECIPIENT.value)).exists()


def _surely_failed() -> ColumnElement[bool]:
    found: ColumnElement[bool] = (_MESSAGE.c.state == FAILED) & ~_MESSAGE.c.in_doubt
    return found
