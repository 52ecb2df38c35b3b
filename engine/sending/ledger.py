"""The ledger of a pass: one commit ends attempts and begins the next ones, for all slots together."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from contextlib import suppress

from sqlalchemy import Engine

from engine.sending.books import Books
from engine.sending.lane import Ended, Lane
from engine.sending.outgoing import Claimed, Names
from engine.sending.terms import Tally, Terms
from engine.store.database import writing
from engine.store.messages import channel_states
from engine.store.messages.outbox import FAILED, SENT, Ending
from notifiers.outcome import Status

_MOST_AHEAD = 32
_LONGEST_WAIT = 0.05
"""How long, in seconds, an answer may wait for others to be recorded with."""


class Ledger:
    """Shared by all slots of a pass: they hand in what ended and wait for the next message, one thread
    commits for all of them (``serve``).

    While it does, slots go on with what lies in stock: nothing at first, more each time that answers came
    in during a commit, less when they do not. So a slow disk does not keep a fast server waiting, and before
    a slow server next to nothing lies in stock. What does when the process is killed is named unknown; a
    channel that must not repeat itself has no stock.
    """

    def __init__(
        self,
        engine: Engine,
        terms: Terms,
        names: Names,
        refused: Collection[tuple[str, str]],
        lanes: Sequence[Lane],
    ) -> None:
        self.terms = terms
        self._engine = engine
        self._lanes = lanes
        self._books = Books(terms, names, set(refused), self.goes_on)
        self._total = sum(len(lane.waiting) for lane in lanes)
        self._begun = 0
        self._ended: list[Ended] = []
        self._urgent = False
        self._taken_in = self._recorded = 0
        self._slots = 0
        self._busy = False
        self._error: BaseException | None = None
        self._turn = threading.Lock()
        self._to_do = threading.Condition(self._turn)
        self._done = threading.Condition(self._turn)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Nothing more is begun; what is under way is still recorded."""
        self._stopped.set()

    def goes_on(self) -> bool:
        """Whether a message that is claimed should still be sent."""
        return not self._stopped.is_set() and self.terms.onlooker.goes_on()

    # --- what slots call -------------------------------------------------------------------------------

    def enter(self) -> None:
        """One slot more; ``serve`` lasts until all have left."""
        with self._turn:
            self._slots += 1

    def leave(self) -> None:
        """A slot ends."""
        with self._turn:
            self._slots -= 1
            self._to_do.notify()

    def exchange(self, lane: Lane, ended: Ended | None) -> Claimed | None:
        """Takes in how an attempt ended, to be recorded at once, and gives back the next message, which is
        marked as being sent; None when the lane has none. After anything but a success the next message
        waits until that is recorded: the channel may have come to rest with it."""
        with self._turn:
            seen = self._recorded
            if ended is not None:
                seen = self._take_in(lane, ended)
            lane.idle += 1
            # Only where there is something to do: waking a thread for each message would cost more than it.
            if len(self._ended) == 1 or self._worth_a_commit():
                self._to_do.notify()
            self._done.wait_for(lambda: self._recorded >= seen and (lane.stock or self._is_done(lane)))
            lane.idle -= 1
            return lane.stock.popleft() if lane.stock else None

    def _take_in(self, lane: Lane, ended: Ended) -> int:
        """How many answers must be recorded before the slot goes on."""
        self._ended.append(ended)
        lane.answers += 1
        lane.during_commit += self._busy
        if ended.outcome is not None and ended.outcome.status is Status.SENT:
            return self._recorded
        lane.ahead = 0
        self._urgent = True
        return self._taken_in + len(self._ended)

    def _is_done(self, lane: Lane) -> bool:
        return not self._may_get_more(lane) and not self._busy

    def _may_get_more(self, lane: Lane) -> bool:
        return not lane.closed and bool(lane.waiting) and self._error is None

    # --- what the pass itself calls --------------------------------------------------------------------

    def serve(self) -> None:
        """Commits until every slot has left; raises then what the database raised."""
        while self._something_to_do():
            self._commit()
        if self._error is not None:
            raise self._error

    def _something_to_do(self) -> bool:
        with self._turn:
            self._to_do.wait_for(lambda: self._ended or self._asked_for() or not self._slots)
            self._to_do.wait_for(self._worth_a_commit, _LONGEST_WAIT)
            return bool(self._ended or self._slots)

    def _asked_for(self) -> bool:
        return any(lane.idle and not lane.stock and self._may_get_more(lane) for lane in self._lanes)

    def _worth_a_commit(self) -> bool:
        enough = sum(lane.ahead for lane in self._lanes) // 2
        return self._urgent or len(self._ended) >= max(1, enough) or self._asked_for() or not self._slots

    def _commit(self) -> None:
        with self._turn:
            self._busy = True
            ended, self._ended, self._urgent = self._ended, [], False
            self._taken_in += len(ended)
            wanted = [(lane, _wanted(lane)) for lane in self._lanes]
        begun: dict[str, list[Claimed]] = {}
        error = self._error
        try:
            with writing(self._engine) as connection:
                moment = self.terms.moment()
                states = channel_states.everything(connection)
                endings = self._books.record(connection, self._lanes, ended, states, moment)
                begun = {} if error else self._books.begin(connection, wanted, states, moment)
        except BaseException as raised:  # noqa: BLE001 - raised again once all that is under way is recorded
            error, begun = raised, {}
            self.stop()
            endings = self._save(ended)
        for each, ending in endings:
            _count(each.lane.tally, ending)
        with self._turn:
            for lane in self._lanes:
                lane.stock.extend(begun.get(lane.name, ()))
            self._error = error
            self._recorded = self._taken_in
            self._busy = False
            self._done.notify_all()
        self._tell_progress(sum(map(len, begun.values())))

    def _save(self, ended: Sequence[Ended]) -> list[tuple[Ended, Ending]]:
        """What the far ends said must not be lost with the claims that came after it."""
        with suppress(Exception), writing(self._engine) as connection:
            states = channel_states.everything(connection)
            return self._books.record(connection, self._lanes, ended, states, self.terms.moment())
        return []

    def _tell_progress(self, begun: int) -> None:
        if begun and self.terms.onlooker.progress is not None:
            self.terms.onlooker.progress("Gửi tin", 100 * self._begun // self._total)
        self._begun += begun


def _wanted(lane: Lane) -> int:
    """How many messages to mark as being sent: those that slots wait for, and what should lie in stock."""
    starved = bool(lane.idle and lane.answers and not lane.stock)
    if (lane.during_commit or starved) and lane.resends_unknown:
        lane.ahead = min(max(1, 2 * lane.ahead), _MOST_AHEAD)
    elif len(lane.stock) > lane.ahead // 2:
        lane.ahead = max(lane.ahead - 1, 0)
    lane.answers = lane.during_commit = 0
    return lane.idle + lane.ahead - len(lane.stock)


def _count(tally: Tally, ending: Ending) -> None:
    tally.sent += ending.state == SENT
    tally.unknown += bool(ending.in_doubt)
    tally.failed += ending.state == FAILED and not ending.in_doubt
