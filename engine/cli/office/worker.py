"""``worker``: the scheduler, until it is stopped."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.office.passes import call_webhooks, one_pass, rules_in_force
from engine.cli.output import note, say

if TYPE_CHECKING:
    from notifiers.channel import Channel
    from notifiers.message import OutgoingMessage
    from notifiers.outcome import Outcome


@app.command("worker", help="Chạy bộ hẹn giờ: tự xét luật và gửi tin, cho đến khi dừng (Ctrl+C).")
def worker(home: HomeOption = HERE) -> None:
    serve(home)


def serve(home: Path) -> None:
    """Ticks again and again; files are read anew for every pass, so that an edit takes effect."""
    # heavy: the scheduler, Apprise
    from engine.installation.channels import close_channels, open_channels
    from engine.schedule import run_until

    stop = told_to_stop()
    found = open_channels(opened(home, remark=lambda _words: None))  # the first pass tells
    channels = {name: Interruptible(channel, stop) for name, channel in found.items()}
    say("Bộ hẹn giờ đang chạy. Dừng bằng Ctrl+C.")
    said: set[str] = set()

    def job() -> None:
        remarks: set[str] = set()
        installation = opened(home, remark=remarks.add)
        try:
            now = now_in_utc()
            ruleset = rules_in_force(installation, now, remember=True, remark=remarks.add)
            # Said once, and again only after it has been well in between.
            for remark in sorted(remarks - said):
                note(remark)
            said.intersection_update(remarks)
            said.update(remarks)
            one_pass(installation, ruleset, now, channels)
            call_webhooks(installation, lambda: not stop.is_set())
        finally:
            installation.engine.dispose()

    try:
        run_until(stop, job)
    finally:
        close_channels(found)


def told_to_stop() -> threading.Event:
    """Set once somebody presses Ctrl+C or the system asks the process to end."""
    stop = threading.Event()

    def end(*_: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


@dataclass(frozen=True, slots=True)
class Interruptible:
    """A channel that sends nothing more once ``stop`` is set: the rest waits for the next start."""

    channel: Channel
    stop: threading.Event

    @property
    def name(self) -> str:
        """The name of the channel itself."""
        return self.channel.name

    @property
    def slots(self) -> int:
        """As many as the channel itself has."""
        return self.channel.slots

    def closed_until(self, now: datetime) -> datetime | None:
        """As the channel itself says."""
        return self.channel.closed_until(now)

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt, or the answer that the channel is closing."""
        # heavy: nothing yet, but only a worker needs it
        from notifiers.outcome import Cause, Outcome, Status

        if self.stop.is_set():
            return Outcome(Status.TEMPORARY, detail="Bộ hẹn giờ đang dừng", cause=Cause.CHANNEL)
        return self.channel.send(message)

    def close(self) -> None:
        """Gives back connections."""
        self.channel.close()
