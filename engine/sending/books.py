"""What one commit of the ledger writes: how attempts ended, and which begin."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from engine.sending.breaker import after
from engine.sending.lane import Ended, Lane
from engine.sending.outgoing import Claimed, Names, with_links
from engine.sending.terms import Terms
from engine.sending.verdict import verdict
from engine.store.access import links
from engine.store.database import take_turns
from engine.store.messages import channel_states, outbox, refusals
from engine.store.messages.channel_states import OPEN, RESTING, ChannelState
from engine.store.messages.outbox import LEASE, PASS, Ending, Message
from engine.store.messages.refusals import Refusal
from notifiers.outcome import Cause, Outcome, Status

_LOOK_AHEAD = 256
_NOT_ARRIVED = frozenset({Status.TEMPORARY, Status.PERMANENT})


class Books:
    """Writes into the transactions that the ledger hands in, one after the other.

    ``refused`` are the addresses that were refused before, ``goes_on`` says whether more should begin.
    """

    def __init__(
        self,
        terms: Terms,
        names: Names,
        refused: set[tuple[str, str]],
        goes_on: Callable[[], bool],
    ) -> None:
        self._terms = terms
        self._goes_on = goes_on
        self._names = names
        self._refused = refused

    def record(
        self,
        connection: Connection,
        lanes: Sequence[Lane],
        all_ended: Sequence[Ended],
        states: dict[str, ChannelState],
        moment: datetime,
    ) -> list[tuple[Ended, Ending]]:
        """Records what came of attempts, and brings ``states`` up to date with it."""
        endings = [
            (ended, self._verdict(ended.lane, ended.claimed.message, ended.outcome, states, moment))
            for ended in all_ended
            if ended.outcome is not None
        ]
        if any(ending.notices_back for _, ending in endings):
            take_turns(connection, PASS)
        may_try = {lane.name for lane in lanes if _may_probe(states[lane.name], moment)}
        self._tell_channels(connection, may_try, all_ended, states, moment)
        pairs = [(ended.claimed.message, ending) for ended, ending in endings]
        settled = outbox.settle_all(connection, pairs, moment)
        for ended in all_ended:
            if ended.outcome is None:
                outbox.give_back(connection, ended.claimed.message)
            self._note_address(connection, ended, settled, moment)
        return endings

    def _verdict(
        self,
        lane: Lane,
        message: Message,
        outcome: Outcome,
        states: Mapping[str, ChannelState],
        moment: datetime,
    ) -> Ending:
        return verdict(
            outcome,
            message,
            moment,
            channel_failures=states[lane.name].failures,
            resends_unknown=lane.resends_unknown,
            cost=self._terms.costs.get(lane.name, 0),
            chance=random.random(),  # noqa: S311 - not a secret
        )

    def _tell_channels(
        self,
        connection: Connection,
        may_try: Collection[str],
        all_ended: Sequence[Ended],
        states: dict[str, ChannelState],
        moment: datetime,
    ) -> None:
        """Brings the channels up to date; those that may change stay held until the commit."""
        due = {*may_try} | {
            e.lane.name for e in all_ended if _next_state(e, states[e.lane.name], moment) is not None
        }
        if not due:
            return
        before = channel_states.held(connection, due)
        states |= before
        for ended in all_ended:
            name = ended.lane.name
            states[name] = _next_state(ended, states[name], moment) or states[name]
            ended.lane.probing = False
            # Whoever tries after a rest comes first in a pass, and alone.
            ended.lane.closed |= states[name].state != OPEN
        for name, state in before.items():
            if states[name] != state:
                channel_states.put(connection, states[name])

    def _note_address(
        self, connection: Connection, ended: Ended, settled: Collection[str], moment: datetime
    ) -> None:
        """What the attempt says of the address, and of the link that went there."""
        outcome, message, token = ended.outcome, ended.claimed.message, ended.claimed.token
        if token and (outcome is None or outcome.status in _NOT_ARRIVED):
            links.take_back(connection, token)
        if outcome is None:
            return
        own = (message.address.channel, message.address.value)
        if outcome.status is Status.SENT and own in self._refused:
            refusals.clear(connection, *own)
        refused = outcome.status is Status.PERMANENT and outcome.cause is Cause.RECIPIENT
        if refused and message.id in settled:
            self._refused.add(own)
            refusals.record(connection, Refusal(*own, outcome.code, outcome.detail, message.id, moment))

    def begin(
        self,
        connection: Connection,
        wanted: Sequence[tuple[Lane, int]],
        states: Mapping[str, ChannelState],
        moment: datetime,
    ) -> dict[str, list[Claimed]]:
        """The next messages of each channel, as many as are wanted or fewer."""
        found: dict[str, list[Claimed]] = {}
        for lane, most in [(lane, most) for lane, most in wanted if most > 0]:
            state = states[lane.name]
            if lane.closed or not self._takes(lane, state, moment):
                lane.closed = True
                continue
            lane.probing = state.state == RESTING
            messages = self._take(connection, lane, 1 if lane.probing else most, moment)
            if lane.probing and messages:
                # Nobody else tries meanwhile; should this process die, somebody may after its lease.
                channel_states.put(connection, replace(state, until=moment + LEASE))
            found[lane.name] = with_links(connection, messages, self._names, self._terms)
        return found

    def _takes(self, lane: Lane, state: ChannelState, moment: datetime) -> bool:
        going = self._goes_on() and self._terms.in_hours(moment) and state.takes(moment)
        return going and lane.channel.closed_until(moment) is None

    def _take(self, connection: Connection, lane: Lane, most: int, moment: datetime) -> list[Message]:
        taken: list[Message] = []
        while lane.waiting and len(taken) < most:
            ids = [lane.waiting.popleft() for _ in range(min(most - len(taken), len(lane.waiting)))]
            got = outbox.claim_some(connection, ids, self._terms.worker, moment, self._terms.clock())
            taken += got
            if len(got) < len(ids):
                # Others were faster, and perhaps with many more.
                near = [lane.waiting.popleft() for _ in range(min(_LOOK_AHEAD, len(lane.waiting)))]
                lane.waiting.extendleft(reversed(outbox.still_ready(connection, near)))
        return taken


def _may_probe(state: ChannelState, moment: datetime) -> bool:
    return state.state == RESTING and state.takes(moment)


def _next_state(ended: Ended, state: ChannelState, moment: datetime) -> ChannelState | None:
    """The channel after this attempt; None where it stays as it is."""
    if ended.outcome is not None:
        found = after(state, ended.outcome, moment, probing=ended.lane.probing)
    elif ended.lane.probing and state.state == RESTING:
        found = replace(state, until=moment)  # the next one may try
    else:
        return None
    return found if found != state else None
