"""Picks up what a dead process left in flight."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from engine.sending.terms import Clock
from engine.sending.verdict import RETRIES
from engine.store.database import reading, writing
from engine.store.messages import in_flight
from engine.store.messages.outbox import FAILED, QUEUED
from engine.worker import is_dead
from notifiers.registry import kind_of


def pick_up_abandoned(engine: Engine, now: datetime, clock: Clock) -> int:
    """Messages whose sender died: each attempt is named unknown. The message is queued again where its
    channel may repeat what has perhaps arrived; elsewhere a person settles it. Gives back how many."""
    with reading(engine) as connection:
        sending = in_flight.abandoned(connection)
    found = 0
    for lost in sending:
        if is_dead(lost.worker) or lost.lease_until <= clock():
            kind = kind_of(lost.channel)
            again = (kind is None or kind.resends_unknown) and lost.failures < len(RETRIES)
            with writing(engine) as connection:
                found += in_flight.name_unknown(connection, lost, QUEUED if again else FAILED, now)
    return found
