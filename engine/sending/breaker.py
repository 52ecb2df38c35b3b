"""What the answer of a channel means for the channel: it goes on, rests or stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from engine.store.messages.channel_states import OPEN, RESTING, STOPPED, ChannelState
from engine.tracking.progress import VIETNAM, local_day
from notifiers.outcome import Cause, Outcome, Status

MOST_CHANNEL_FAILURES = 3
"""Failures of the channel itself, one after the other, after which it rests."""

RESTS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30))
"""How long it rests, longer each time that the one message that then tries fails as well."""

_USED_UP = "Đã hết số tin mà kênh này nhận trong ngày"


def after(state: ChannelState, outcome: Outcome, moment: datetime, *, probing: bool) -> ChannelState:
    """The channel after an answer. ``probing``: the message was the one that tries after a rest.

    An answer to a message that had left before the channel came to rest changes the rest no more, unless
    it asks for a longer one.
    """
    seen = state
    if outcome.remaining is not None:
        seen = replace(seen, remaining=outcome.remaining, remaining_at=moment)
    if state.state == STOPPED:
        return seen
    if outcome.cause is Cause.CHANNEL and outcome.status is Status.PERMANENT:
        return _changed(seen, STOPPED, None, outcome, moment)
    resting = state.state == RESTING and not probing
    if outcome.status is Status.UNKNOWN or outcome.cause is Cause.CHANNEL:
        return _after_trouble(seen, outcome, moment, resting=resting)
    if outcome.status is Status.SENT and outcome.remaining == 0:
        used_up = Outcome(outcome.status, None, _USED_UP)
        return replace(_changed(seen, RESTING, next_midnight(moment), used_up, moment), failures=0)
    if resting or (state.state == OPEN and not state.failures):
        return seen
    return replace(_changed(seen, OPEN, None, Outcome(Status.SENT), moment), failures=0)


def _after_trouble(state: ChannelState, outcome: Outcome, moment: datetime, *, resting: bool) -> ChannelState:
    if outcome.retry_after is not None and outcome.status is Status.TEMPORARY:
        until = moment + outcome.retry_after
        if resting and state.until is not None:
            until = max(until, state.until)
        return _changed(state, RESTING, until, outcome, moment)
    if resting:
        return state
    failures = state.failures + 1
    counted = replace(state, failures=failures)
    if failures < MOST_CHANNEL_FAILURES:
        return _changed(counted, OPEN, None, outcome, moment)
    rest = RESTS[min(failures - MOST_CHANNEL_FAILURES, len(RESTS) - 1)]
    return _changed(counted, RESTING, moment + rest, outcome, moment)


def _changed(
    state: ChannelState, name: str, until: datetime | None, outcome: Outcome, moment: datetime
) -> ChannelState:
    since = state.changed_at if state.state == name else moment
    return replace(
        state, state=name, until=until, changed_at=since, code=_fitting(outcome.code), detail=outcome.detail
    )


def _fitting(code: int | None) -> int | None:
    """A far end's number, as far as its column can hold it."""
    return code if code is not None and abs(code) < 2**31 else None


def next_midnight(moment: datetime) -> datetime:
    """When the next day begins in Viet Nam."""
    tomorrow = datetime.combine(local_day(moment) + timedelta(days=1), time(), VIETNAM)
    return tomorrow.astimezone(moment.tzinfo)
