"""What the answer of a channel means for the message: the one table of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.store.messages.outbox import FAILED, QUEUED, SENT, Ending, Message
from notifiers.outcome import Cause, Outcome, Status

RETRIES = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 720, 1440))
"""How long to wait after each failure of the message's own; after the last one it has failed."""


def verdict(
    outcome: Outcome,
    message: Message,
    moment: datetime,
    *,
    channel_failures: int,
    resends_unknown: bool,
    cost: int,
    chance: float,
) -> Ending:
    """How this attempt ends.

    ``channel_failures`` are those in a row before it; ``chance`` between 0 and 1 spreads the retries, so
    that a recovering server is not met by all of them at once.
    """
    said = Ending(
        state=QUEUED,
        outcome=outcome.status.value,
        code=outcome.code,
        detail=outcome.detail,
        reference=outcome.reference,
        cause=outcome.cause or "",
    )
    if outcome.status is Status.SENT:
        return replace(said, state=SENT, cost=cost)
    if is_channels_fault(outcome) and not _is_its_own(outcome, message, channel_failures):
        return replace(said, not_before=moment)
    if outcome.status is Status.PERMANENT:
        # A refused address has nothing; after another failure what was in doubt before still is.
        refused = outcome.cause is Cause.RECIPIENT
        back = refused or not message.in_doubt
        return replace(said, state=FAILED, in_doubt=False if refused else None, notices_back=back)
    unknown = outcome.status is Status.UNKNOWN
    in_doubt = True if unknown else None
    failures = message.failures + 1
    if failures > len(RETRIES) or (unknown and not resends_unknown):
        back = not (unknown or message.in_doubt)
        return replace(said, state=FAILED, failures=failures, in_doubt=in_doubt, notices_back=back)
    wait = RETRIES[failures - 1] * (0.9 + 0.2 * chance)
    if outcome.retry_after is not None:
        wait = outcome.retry_after * (1 + 0.1 * chance)
    return replace(said, not_before=moment + wait, failures=failures, in_doubt=in_doubt)


def is_channels_fault(outcome: Outcome) -> bool:
    """Whether every other message would have failed as well."""
    return outcome.cause is Cause.CHANNEL and outcome.status in (Status.TEMPORARY, Status.PERMANENT)


def _is_its_own(outcome: Outcome, message: Message, channel_failures: int) -> bool:
    """A message that upsets the far end each time, while the others go through, must come to an end."""
    plain = outcome.status is Status.TEMPORARY and outcome.retry_after is None
    return plain and message.attempts > 1 and channel_failures == 0
