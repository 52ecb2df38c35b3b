"""``worker``: the scheduler, until it is stopped."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.office.passes import call_webhooks, logged_pass, rules_in_force
from engine.cli.office.zalo import begin_answering
from engine.cli.output import note, say

if TYPE_CHECKING:
    from engine.watching.pulse import Pulse

_PATIENCE = 0.5
"""Seconds that whoever asks Zalo's server gets at the end."""


@app.command("worker", help="Chạy bộ hẹn giờ: tự xét luật và gửi tin, cho đến khi dừng (Ctrl+C).")
def worker(home: HomeOption = HERE) -> None:
    serve(home)


def serve(home: Path, pulse: Pulse | None = None) -> None:
    """Ticks again and again; files are read anew for every pass, so that an edit takes effect. ``pulse``
    hears of each good pass."""
    # heavy: the scheduler, Apprise
    from engine.installation.channels import close_channels, open_channels
    from engine.schedule import run_until

    stop = told_to_stop()
    first = opened(home, remark=lambda _words: None)  # the first pass tells
    channels = open_channels(first, now_in_utc)
    answering = begin_answering(home, first.settings, stop)
    say("Bộ hẹn giờ đang chạy. Dừng bằng Ctrl+C.")
    said: set[str] = set()

    def goes_on() -> bool:
        return not stop.is_set()

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
            logged_pass(installation, ruleset, now, channels, goes_on)
            if pulse is not None:
                pulse.beat(now)
            call_webhooks(installation, goes_on)
        finally:
            installation.engine.dispose()

    try:
        run_until(stop, job)
    finally:
        close_channels(channels)
        if answering is not None:
            answering.join(_PATIENCE)


def told_to_stop() -> threading.Event:
    """Set once somebody presses Ctrl+C or the system asks the process to end."""
    stop = threading.Event()

    def end(*_: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop
