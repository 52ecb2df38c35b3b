"""Sends what may go out now, each channel with as many slots as it has, side by side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from sqlalchemy import Engine

from engine.sending.lane import Ended, Lane
from engine.sending.ledger import Ledger
from engine.sending.outgoing import Claimed, attempt
from engine.sending.terms import Tally, Terms
from engine.store.database import reading, writing
from engine.store.messages import channel_states, outbox, refusals
from engine.store.people.names import names_by_address
from notifiers.channel import Channel


def send_ready(engine: Engine, terms: Terms, channels: Mapping[str, Channel]) -> dict[str, Tally]:
    """Sends everything that may go out at ``terms.now``, by channel what came of it.

    A slot is a thread that takes a message, sends it and records the answer: one that hangs costs nothing
    but its own time. A channel that rests or stops leaves its messages, untried, to a later pass. What the
    database raises ends the pass, once all that is under way has ended.
    """
    lanes = _lanes(engine, terms, channels)
    if not lanes:
        return {}
    with reading(engine) as connection:
        names = names_by_address(connection)
        refused = refusals.everything(connection)
    ledger = Ledger(engine, terms, names, refused, lanes)
    crew = _Crew(ledger)
    for lane in lanes:
        crew.begin(lane.name, partial(_drive, crew, lane))
    crew.serve()
    return {lane.name: lane.tally for lane in lanes}


class _Crew:
    """The threads of a pass."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def begin(self, name: str, job: Callable[[], None]) -> None:
        """Runs ``job`` in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(job,), name=f"send-{name}")
        self.ledger.enter()
        try:
            thread.start()
        except BaseException:
            self.ledger.leave()
            raise
        self._threads.append(thread)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that waits
            self.ledger.stop()
            self._errors.append(error)
        finally:
            self.ledger.leave()

    def serve(self) -> None:
        """Keeps the ledger until all have ended; raises the first error of any after that."""
        try:
            self.ledger.serve()
        except BaseException:
            # Somebody wants this to end: what is under way is recorded all the same.
            self.ledger.stop()
            with suppress(Exception):
                self.ledger.serve()
            raise
        finally:
            for thread in self._threads:
                thread.join()
        if self._errors:
            raise self._errors[0]


def _lanes(engine: Engine, terms: Terms, channels: Mapping[str, Channel]) -> list[Lane]:
    """The channels that have something to send and may."""
    with reading(engine) as connection:
        states = channel_states.everything(connection)
        willing = [c for n, c in channels.items() if n not in states or states[n].takes(terms.now)]
        found = [Lane(c, deque(outbox.ready(connection, terms.now, [c.name]))) for c in willing]
    lanes = []
    for lane in found:
        opens = lane.channel.closed_until(terms.now)
        if lane.waiting and opens is not None:
            with writing(engine) as connection:
                outbox.hold(connection, lane.name, terms.now, opens)
        elif lane.waiting:
            lanes.append(lane)
    new = [lane.name for lane in lanes if lane.name not in states]
    if new:
        with writing(engine) as connection:
            channel_states.note_used(connection, new, terms.now)
    return lanes


def _drive(crew: _Crew, lane: Lane) -> None:
    """All slots of one channel; after a rest the first message goes alone."""
    ledger = crew.ledger
    claimed = ledger.exchange(lane, None)
    if lane.probing and claimed is not None:
        claimed = ledger.exchange(lane, _ended(ledger, lane, claimed))
    for number in range(1, min(lane.channel.slots, 1 + len(lane.waiting))):
        crew.begin(f"{lane.name}-{number}", partial(_slot, ledger, lane))
    _slot(ledger, lane, claimed)


def _slot(ledger: Ledger, lane: Lane, claimed: Claimed | None = None) -> None:
    claimed = claimed or ledger.exchange(lane, None)
    while claimed is not None:
        claimed = ledger.exchange(lane, _ended(ledger, lane, claimed))


def _ended(ledger: Ledger, lane: Lane, claimed: Claimed) -> Ended:
    going = ledger.goes_on() and not lane.closed
    return Ended(lane, claimed, attempt(lane.channel, claimed, ledger.terms) if going else None)
