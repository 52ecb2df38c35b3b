"""The one shape of all channels."""

from typing import Protocol

from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome


class Channel(Protocol):
    """A way to reach people. Safe to share between threads; sends one message at a time.

    `send` makes one attempt within the channel's time limits, never retries after the far end may have the
    message, and never raises for anything the network or the far end does. `close` gives back connections;
    a later `send` opens them again.
    """

    @property
    def name(self) -> str:
        """Stable name kept in the database, for example "email"."""
        ...

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt to deliver `message`."""
        ...

    def close(self) -> None:
        """Release what is held open. May be called twice."""
        ...
