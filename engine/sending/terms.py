"""What holds for one pass of sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks on while a pass runs: ``progress`` hears how far it is, ``goes_on`` says whether it should
    begin anything more."""

    progress: Progress | None = None
    goes_on: Callable[[], bool] = _always


NOBODY = Onlooker()


@dataclass(frozen=True, slots=True)
class Terms:
    """``now`` is the instant of the pass, ``began`` what ``clock`` (the real time) said then; ``worker`` is
    who sends. Nothing goes out from ``closes`` on. ``costs`` is what a message costs by channel, in đồng;
    ``base_url`` the site's address."""

    now: datetime
    worker: str
    clock: Clock
    began: datetime
    closes: datetime | None = None
    base_url: str | None = None
    costs: Mapping[str, int] = field(default_factory=dict)
    onlooker: Onlooker = NOBODY

    def moment(self) -> datetime:
        """The instant of the pass, moved on by the time that it has taken so far."""
        return self.now + max(self.clock() - self.began, timedelta())

    def in_hours(self, moment: datetime) -> bool:
        """Whether the allowed hours still last at ``moment``."""
        return self.closes is None or moment < self.closes


@dataclass(slots=True)
class Tally:
    """How many messages were sent, refused for good, and left unknown."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0

    def add(self, other: Tally) -> None:
        """Counts those of ``other`` as well."""
        self.sent += other.sent
        self.failed += other.failed
        self.unknown += other.unknown
