"""Whether the scheduler of this process still does its work."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

LONGEST_SILENCE = timedelta(hours=1)
"""Without a good pass for so long the scheduler counts as stuck."""


class Pulse:
    """Shared by the scheduler, which ``beat``s after each good pass, and the page, which looks. Safe to use
    from several threads."""

    def __init__(self, started: datetime) -> None:
        self._last = started
        self._lock = threading.Lock()

    def beat(self, at: datetime) -> None:
        """A pass went well at that instant."""
        with self._lock:
            self._last = max(self._last, at)

    def alive(self, now: datetime) -> bool:
        """Whether a pass went well, or the process started, not too long ago."""
        with self._lock:
            return now - self._last <= LONGEST_SILENCE
