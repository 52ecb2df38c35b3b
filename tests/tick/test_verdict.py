"""What an answer means for the message, as one table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.sending.verdict import RETRIES, verdict
from engine.store.messages.outbox import FAILED, QUEUED, SENT, Message
from engine.store.people.contacts import Address
from notifiers.outcome import Cause, Outcome, Status
from tests.cast import at

NOW = at(date(2023, 4, 3))
HOUR = timedelta(hours=1)
LAST = len(RETRIES)
MESSAGE = Message("a", Address("email", "x@thu.test", ""), "", NOW.date(), "", "", "", NOW, 1)

SENT_ = Outcome(Status.SENT)
UNKNOWN = Outcome(Status.UNKNOWN)
TEMPORARY = {cause: Outcome(Status.TEMPORARY, cause=cause) for cause in (*Cause, None)}
PERMANENT = {cause: Outcome(Status.PERMANENT, cause=cause) for cause in (*Cause, None)}
PAUSE = {cause: replace(TEMPORARY[cause], retry_after=HOUR) for cause in Cause}


def after(attempts: int, failures: int, *, in_doubt: bool = False) -> Message:
    """The message at its nth attempt, blamed for some of those before."""
    return replace(MESSAGE, attempts=attempts, failures=failures, in_doubt=in_doubt)


@pytest.mark.parametrize(
    # what was said, of which message → its state, its failures, how long it waits, in doubt, notices back
    ("outcome", "message", "state", "failures", "wait", "in_doubt", "back"),
    [
        (SENT_, MESSAGE, SENT, None, None, None, False),
        (TEMPORARY[Cause.RECIPIENT], MESSAGE, QUEUED, 1, RETRIES[0], None, False),
        (TEMPORARY[Cause.MESSAGE], after(4, 1), QUEUED, 2, RETRIES[1], None, False),
        (TEMPORARY[None], after(LAST, LAST - 1), QUEUED, LAST, RETRIES[-1], None, False),
        (PAUSE[Cause.RECIPIENT], MESSAGE, QUEUED, 1, HOUR, None, False),
        # A dead letter: its notices take another way, unless it may have arrived.
        (TEMPORARY[Cause.MESSAGE], after(LAST + 1, LAST), FAILED, LAST + 1, None, None, True),
        (TEMPORARY[Cause.MESSAGE], after(9, LAST, in_doubt=True), FAILED, LAST + 1, None, None, False),
        # The channel's failures are not the message's, unless it alone fails while the channel works.
        (TEMPORARY[Cause.CHANNEL], MESSAGE, QUEUED, None, timedelta(), None, False),
        (TEMPORARY[Cause.CHANNEL], after(2, 0), QUEUED, 1, RETRIES[0], None, False),
        (TEMPORARY[Cause.CHANNEL], after(LAST + 2, LAST), FAILED, LAST + 1, None, None, True),
        (PAUSE[Cause.CHANNEL], after(2, 0), QUEUED, None, timedelta(), None, False),
        (PERMANENT[Cause.CHANNEL], after(2, 0), QUEUED, None, timedelta(), None, False),
        (PERMANENT[Cause.RECIPIENT], MESSAGE, FAILED, None, None, False, True),
        (PERMANENT[Cause.RECIPIENT], after(2, 1, in_doubt=True), FAILED, None, None, False, True),
        (PERMANENT[Cause.MESSAGE], MESSAGE, FAILED, None, None, None, True),
        (PERMANENT[Cause.MESSAGE], after(2, 1, in_doubt=True), FAILED, None, None, None, False),
        (PERMANENT[None], MESSAGE, FAILED, None, None, None, True),
        (UNKNOWN, MESSAGE, QUEUED, 1, RETRIES[0], True, False),
        (UNKNOWN, after(LAST + 1, LAST), FAILED, LAST + 1, None, True, False),
    ],
)
def test_what_an_answer_means(
    outcome: Outcome,
    message: Message,
    state: str,
    failures: int | None,
    wait: timedelta | None,
    in_doubt: bool | None,
    back: bool,
) -> None:
    least, most = (
        verdict(outcome, message, NOW, channel_failures=0, resends_unknown=True, cost=300, chance=chance)
        for chance in (0.0, 1.0)
    )
    assert (least.state, least.failures, least.in_doubt, least.notices_back) == (
        state,
        failures,
        in_doubt,
        back,
    )
    assert least.cost == (300 if state == SENT else 0)
    if wait is None:
        assert least.not_before is None
    else:
        assert least.not_before is not None
        assert most.not_before is not None
        # What the far end asked for is never cut short; our own patience may be, by a tenth.
        asked = outcome.retry_after is not None
        assert wait * (1 if asked else 0.9) <= least.not_before - NOW <= most.not_before - NOW <= wait * 1.1


def test_where_it_costs_what_may_have_arrived_is_never_sent_again() -> None:
    ending = verdict(UNKNOWN, MESSAGE, NOW, channel_failures=0, resends_unknown=False, cost=300, chance=0.5)
    assert (ending.state, ending.in_doubt, ending.notices_back, ending.not_before) == (
        FAILED,
        True,
        False,
        None,
    )


def test_while_the_channel_is_failing_no_message_is_blamed() -> None:
    ending = verdict(
        TEMPORARY[Cause.CHANNEL],
        after(5, 3),
        NOW,
        channel_failures=1,
        resends_unknown=True,
        cost=0,
        chance=0.5,
    )
    assert (ending.state, ending.failures) == (QUEUED, None)
