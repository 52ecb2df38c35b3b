"""Asking Zalo's server for what people wrote, where no webhook brings it: one process at a time, in a thread
beside the passes, which it never holds up."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.installation.opening import Installation
from engine.store.database import DatabaseUnavailable, writing
from engine.store.people import bot_updates
from engine.zalo.answering import answer
from engine.zalo.bot import Bot
from engine.zalo.reading import read
from notifiers.outcome import Status
from notifiers.registry import configured

WAITS = 20
"""Seconds that one question stays open on the server."""

_MARGIN = 15
"""Seconds beyond which the answer to a question surely no longer comes."""

_LONGEST_PAUSE = 300.0

Clock = Callable[[], datetime]
Opened = Callable[[], Installation]
Note = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how long a question stays open, the pause after one that came back empty at once or to see
    whether the turn is free, and the first pause after a failure, doubled with each further one."""

    waits: int = WAITS
    pause: float = 2.0
    idle: float = 15.0
    after_failure: float = 2.0


USUAL = Pace()


@dataclass(slots=True)
class Poller:
    """One process that asks. ``opened`` opens the installation, files and database; ``note`` writes a line
    of the log: an event and words without personal data."""

    opened: Opened
    bot: Bot
    clock: Clock
    note: Note
    pace: Pace = USUAL
    _installation: Installation | None = None
    _held: datetime | None = None
    _unanswered: list[dict[str, Any]] = field(default_factory=list)

    def round(self) -> int | None:
        """Asks once and answers what came. How many messages that were, None while another process has the
        turn.

        What came and could not be written down is kept for the next round: the server hands it over once
        only.
        """
        if not self._has_turn():
            return None
        if not self._unanswered:
            came = self.bot.updates(self.pace.waits)
            self._unanswered = [each for each in came if read(each) is not None]
        count = len(self._unanswered)
        if count:
            self._answer_all()
        return count

    def close(self) -> None:
        """Gives the turn back."""
        if self._held is not None and self._installation is not None:
            with writing(self._installation.engine) as connection:
                bot_updates.end_lease(connection, self.clock(), self._held)
        self._held = None
        self.bot.close()
        if self._installation is not None:
            self._installation.engine.dispose()

    def _has_turn(self) -> bool:
        if self._installation is None:
            self._installation = self.opened()
        lasting = timedelta(seconds=self.pace.waits + _MARGIN)
        with writing(self._installation.engine) as connection:
            self._held = bot_updates.take_lease(connection, self.clock(), lasting, self._held)
        return self._held is not None

    def _answer_all(self) -> None:
        fresh = self.opened()  # units may have got other names since
        try:
            while self._unanswered:
                try:
                    outcome = hand_over(fresh, self.bot, self._unanswered[0], self.clock())
                except DatabaseUnavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - one odd message must not stop the others
                    self.note("zalo_message_failed", kind=type(error).__name__)
                else:
                    if outcome not in (None, Status.SENT):
                        self.note("zalo_answer_failed", outcome=str(outcome))
                self._unanswered.pop(0)
        finally:
            fresh.engine.dispose()


def hand_over(installation: Installation, bot: Bot, update: object, now: datetime) -> Status | None:
    """Takes one update: its effect is written down, then the answer goes out. What became of the answer;
    None where there was none to give. DatabaseUnavailable where nothing could be written."""
    said = read(update)
    if said is None:
        return None
    channels = frozenset(kind.name for kind in configured(installation.settings.channels))
    with writing(installation.engine) as connection:
        text = answer(connection, said, now, installation.home.registry, channels)
    return bot.say(said.chat, text).status if text else None


def answering_loop(poller: Poller, stop: threading.Event) -> None:
    """Asks and answers until ``stop`` is set; after failures it pauses, each time longer."""
    failures = 0
    while not stop.is_set():
        began = poller.clock()
        try:
            count = poller.round()
        except Exception as error:  # noqa: BLE001 - the loop must outlive whatever one round runs into
            failures += 1
            if failures in (1, 10, 100):
                poller.note("zalo_poll_failed", kind=type(error).__name__, times=failures)
            stop.wait(_pause(poller.pace.after_failure, failures))
            continue
        if failures:
            failures = 0
            poller.note("zalo_poll_works_again")
        if count is None:
            stop.wait(poller.pace.idle)
        elif not count and poller.clock() - began < timedelta(seconds=poller.pace.pause):
            stop.wait(poller.pace.pause)
    try:
        poller.close()
    except Exception as error:  # noqa: BLE001 - the turn ends by itself
        poller.note("zalo_poll_failed", kind=type(error).__name__, times=1)


def begin(poller: Poller, stop: threading.Event) -> threading.Thread:
    """Starts the loop beside everything else. The thread may be left behind at the end: an open question is
    no reason to wait, and the turn then ends by itself."""
    thread = threading.Thread(target=answering_loop, args=(poller, stop), name="zalo", daemon=True)
    thread.start()
    return thread


def _pause(first: float, failures: int) -> float:
    longest = min(_LONGEST_PAUSE, first * 2.0 ** min(failures - 1, 20))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads processes, guards nothing
