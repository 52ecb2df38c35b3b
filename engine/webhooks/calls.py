"""The worker's round of webhooks: claims what waits, calls, records how it went."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from engine.exchange.assignment_json import assignment_json
from engine.store import views, webhooks
from engine.store.database import reading, writing
from engine.store.webhooks import DROPPED, FAILED, HEARD, QUEUED, Call, Webhook
from engine.tracking.assess import assess
from engine.tracking.progress import EVENT_NAMES, VIETNAM, local_day
from engine.units import Registry
from engine.webhooks.http_call import Answer, post
from engine.webhooks.signature import secret_of, signature_of
from engine.workdays import MissingYear, WorkCalendar

RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""How long to wait after each failure; after the last one the call is given up."""

MOST_CALLS = 200
"""Calls of one webhook in one round."""

MOST_TIME = timedelta(seconds=60)
"""A round begins no new call after it: messages have the next turn."""

KEPT = timedelta(days=30)
"""How long calls that went well stay in the database."""

_GONE = 410

Post = Callable[[str, bytes, Mapping[str, str]], Answer]


@dataclass(slots=True)
class Round:
    """How many calls were heard, failed and will be tried again, and were given up."""

    heard: int = 0
    again: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """What a round stands on. ``secret_key`` None: nothing is called, what waits goes on waiting."""

    engine: Engine
    registry: Registry
    calendar: WorkCalendar
    secret_key: str | None
    allow_private: bool
    clock: Callable[[], datetime]
    goes_on: Callable[[], bool] = lambda: True


def call_waiting(caller: Caller) -> Round:
    """Makes the calls that may be made now. Safe in any number of processes and to kill at any moment:
    a call is made at least once, and every time with the same number of the event."""
    done = Round()
    if caller.secret_key is None:
        return done
    began = caller.clock()
    with writing(caller.engine) as connection:
        webhooks.pick_up_abandoned(connection, began)
        webhooks.forget(connection, began - KEPT)
        listeners = webhooks.active(connection, began)
    for webhook in listeners:
        _call_one(caller, webhook, began, done)
    return done


def _call_one(caller: Caller, webhook: Webhook, began: datetime, done: Round) -> None:
    with reading(caller.engine) as connection:
        ready = webhooks.waiting(connection, webhook.id, began, MOST_CALLS)
    for id in ready:
        if not caller.goes_on() or caller.clock() - began > MOST_TIME:
            return
        with writing(caller.engine) as connection:
            call = webhooks.claim(connection, id, caller.clock())
        if call is None:
            continue
        if not _made(caller, webhook, call, done):
            # Down: the rest waits, untried, for the next round.
            return


def _made(caller: Caller, webhook: Webhook, call: Call, done: Round) -> bool:
    """Makes one call and records it; False when the other system cannot be reached at all."""
    body = _body(caller, webhook, call)
    now = caller.clock()
    if body is None:
        with writing(caller.engine) as connection:
            webhooks.settle(connection, call, DROPPED, now, detail="Ngoài phạm vi đơn vị của webhook")
        return True
    answer = post(
        webhook.url,
        body,
        _headers(caller.secret_key or "", webhook, call, int(now.timestamp()), body),
        allow_private=caller.allow_private,
    )
    now = caller.clock()
    state, not_before = HEARD, None
    if answer.heard:
        done.heard += 1
    elif answer.refused or answer.code == _GONE or call.attempts > len(RETRIES):
        state = FAILED
        done.failed += 1
    else:
        state = QUEUED
        done.again += 1
        # Spread, so that a recovering system is not met by all of them at once.
        not_before = now + RETRIES[call.attempts - 1] * random.uniform(0.9, 1.1)  # noqa: S311 - not a secret
    with writing(caller.engine) as connection:
        webhooks.settle(
            connection, call, state, now, code=answer.code, detail=answer.detail, not_before=not_before
        )
    return answer.code is not None and answer.code < 500


def _headers(secret_key: str, webhook: Webhook, call: Call, timestamp: int, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "dondoc",
        "Connection": "close",
        "X-Dondoc-Event-Id": str(call.event_number),
        "X-Dondoc-Timestamp": str(timestamp),
        "X-Dondoc-Signature": signature_of(secret_of(secret_key, webhook.id), timestamp, body),
    }


def _body(caller: Caller, webhook: Webhook, call: Call) -> bytes | None:
    """What the other system is told; None when the assignment lies outside the webhook's units."""
    with reading(caller.engine) as connection:
        found = views.tracked(connection, caller.registry, ids=[call.event.assignment])
    tracked = found[0]
    if webhook.unit is not None and tracked.promise.unit not in caller.registry.subtree(webhook.unit):
        return None
    try:
        seen = assess(tracked, local_day(caller.clock()), caller.calendar)
    except MissingYear:
        seen = None
    event = call.event
    said = {
        "id": call.event_number,
        "kind": event.kind.value,
        "kind_name": EVENT_NAMES[event.kind],
        "at": event.at,
        "recorded_at": call.recorded_at,
        "percent": event.percent,
        "document": event.document,
        "note": event.note,
        "day": event.day,
        "assignment": assignment_json(tracked, seen, caller.registry),
    }
    return json.dumps(said, ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(VIETNAM).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON form of {type(value).__name__}")
