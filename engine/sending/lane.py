"""One channel in one pass, and what came of each of its attempts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from engine.sending.outgoing import Claimed
from engine.sending.terms import Tally
from notifiers.channel import Channel
from notifiers.outcome import Outcome
from notifiers.registry import kind_of


@dataclass(slots=True)
class Lane:
    """One channel in one pass: the messages that wait for it, in their turn.

    ``stock`` are those marked as being sent that no slot has taken yet, ``ahead`` how many should lie there.
    ``idle`` counts the slots that ask for one, ``answers`` those that came in since the last commit began,
    ``during_commit`` the ones of them while it lasted. ``closed``: nothing more is begun in this pass.
    ``probing``: the message under way is the one that tries after a rest.
    """

    channel: Channel
    waiting: deque[str]
    tally: Tally = field(default_factory=Tally)
    stock: deque[Claimed] = field(default_factory=deque)
    ahead: int = 0
    idle: int = 0
    answers: int = 0
    during_commit: int = 0
    closed: bool = False
    probing: bool = False

    @property
    def name(self) -> str:
        """The channel's name in the database."""
        return self.channel.name

    @property
    def resends_unknown(self) -> bool:
        """Whether what has perhaps arrived is sent again by itself."""
        kind = kind_of(self.name)
        return kind is None or kind.resends_unknown


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an attempt; ``outcome`` None where nothing was sent after all."""

    lane: Lane
    claimed: Claimed
    outcome: Outcome | None
