"""The one shape of all channels."""

from datetime import datetime
from typing import Protocol

from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome


class Channel(Protocol):
    """A way to reach people. Safe to share between threads: `slots` of them may send at a time.

    `send` makes one attempt within the channel's time limits, never retries after the far end may have the
    message, and never raises for anything the network or the far end does. `close` gives back connections;
    a later `send` opens them again.
    """

    @property
    def name(self) -> str:
        """Stable name kept in the database, for example "email"."""
        ...

    @property
    def slots(self) -> int:
        """How many messages may be under way at once: one that hangs costs one of them."""
        ...

    def closed_until(self, now: datetime) -> datetime | None:
        """Until when the far end takes nothing by its own rules (a night's rest); None when it is open."""
        ...

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt to deliver `message`."""
        ...

    def close(self) -> None:
        """Release what is held open. May be called twice."""
        ...
