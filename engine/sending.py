"""Sends what is queued and records how it went; picks up what a dead process left in flight."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from engine.notices.wording import LINK_PATH, LINK_TO_COME
from engine.store.access import links
from engine.store.database import reading, writing
from engine.store.messages import outbox
from engine.store.messages.outbox import Message
from engine.worker import is_dead
from notifiers.address import Address as MailAddress
from notifiers.channel import Channel
from notifiers.errors import MessageError
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status

RETRIES = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 720, 1440))
"""How long to wait after each temporary failure; after the last one the message has failed."""

MOST_CHANNEL_FAILURES = 3
"""Failures of the channel itself, one after the other, after which a pass stops trying."""

_NOT_ARRIVED = frozenset({Status.TEMPORARY, Status.PERMANENT})

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Tally:
    """How many messages were sent, refused for good, and left unknown."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A message about to go out, and the token of the link in it."""

    message: Message
    token: str | None = field(default=None, repr=False)


def pick_up_abandoned(engine: Engine, now: datetime, clock: Clock) -> int:
    """Messages whose sender died: each attempt is named unknown and the message queued again."""
    with reading(engine) as connection:
        sending = outbox.abandoned(connection)
    found = 0
    for id, worker, lease, attempt in sending:
        if is_dead(worker) or lease <= clock():
            with writing(engine) as connection:
                found += outbox.requeue_unknown(connection, id, attempt, worker, now)
    return found


def send_ready(
    engine: Engine,
    now: datetime,
    channels: Mapping[str, Channel],
    worker: str,
    clock: Clock,
    tally: Tally,
    progress: Progress | None,
) -> None:
    """Sends everything that may go out at ``now``; stops when the channel itself is down."""
    with reading(engine) as connection:
        ready = outbox.ready(connection, now, list(channels))
    waiting = iter(ready)

    def claim_next(connection: Connection) -> _Claimed | None:
        attempts = (outbox.claim(connection, id, worker, now, clock()) for id in waiting)
        message = next((message for message in attempts if message is not None), None)
        return _with_link(connection, message, now) if message else None

    channel_failures = done = 0
    claimed = None
    if ready:
        with writing(engine) as connection:
            claimed = claim_next(connection)
    while claimed is not None:
        if progress is not None:
            progress("Gửi tin", 100 * done // len(ready))
        done += 1
        outcome = _send(channels[claimed.message.address.channel], claimed.message)
        down = outcome.cause is Cause.CHANNEL or outcome.status is Status.UNKNOWN
        channel_failures = channel_failures + 1 if down else 0
        # One commit ends this attempt and begins the next. When the channel itself is down the rest
        # waits, untried, for the next pass.
        with writing(engine) as connection:
            _record(connection, claimed.message, outcome, now, tally)
            if claimed.token and outcome.status in _NOT_ARRIVED:
                links.take_back(connection, claimed.token)
            claimed = None if channel_failures == MOST_CHANNEL_FAILURES else claim_next(connection)


def _with_link(connection: Connection, message: Message, now: datetime) -> _Claimed:
    """The message as it goes out: with a link of its own, whose token the database does not hold."""
    if LINK_TO_COME not in message.text:
        return _Claimed(message)
    token = links.make_for_message(connection, message.recipient.split("; "), message.address.value, now)
    text, html = (body.replace(LINK_TO_COME, LINK_PATH + token) for body in (message.text, message.html))
    return _Claimed(replace(message, text=text, html=html), token)


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


def _record(connection: Connection, message: Message, outcome: Outcome, now: datetime, tally: Tally) -> None:
    state, not_before, in_doubt = outbox.SENT, None, False
    if outcome.status is Status.SENT:
        tally.sent += 1
    elif outcome.status is Status.PERMANENT or message.attempts > len(RETRIES):
        state = outbox.FAILED
        tally.failed += 1
    else:
        # Unknown: the far end may have it. Sent again under the same Message-ID, and named as unknown.
        in_doubt = outcome.status is Status.UNKNOWN
        tally.unknown += in_doubt
        state = outbox.QUEUED
        wait = outcome.retry_after or RETRIES[message.attempts - 1]
        # Spread the retries so that a recovering server is not met by all of them at once.
        not_before = now + wait * random.uniform(0.9, 1.1)  # noqa: S311 - not a secret
    ending = outbox.Ending(
        state, outcome.status.value, outcome.code, outcome.detail, not_before, in_doubt=in_doubt
    )
    outbox.settle(connection, message, ending, now)
