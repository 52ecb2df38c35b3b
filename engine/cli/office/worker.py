"""``worker`` and ``run``: the scheduler, until it is stopped."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.office.passes import channel_of, one_pass, rules_in_force
from engine.cli.output import say


@app.command("worker", help="Chạy bộ hẹn giờ: tự xét luật và gửi tin, cho đến khi dừng (Ctrl+C).")
def worker(home: HomeOption = HERE) -> None:
    serve(home)


@app.command("run", help="Chạy bộ hẹn giờ cùng trang web, cho đến khi dừng (Ctrl+C).")
def run(home: HomeOption = HERE) -> None:
    serve(home)


def serve(home: Path) -> None:
    """Ticks again and again; files are read anew for every pass, so that an edit takes effect."""
    # heavy: the scheduler
    from engine.schedule import run_until

    stop = threading.Event()

    def end(*_: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    first = opened(home)
    channel = channel_of(first)
    say("Bộ hẹn giờ đang chạy. Dừng bằng Ctrl+C.")

    def job() -> None:
        installation = opened(home)
        now = now_in_utc()
        try:
            one_pass(installation, rules_in_force(installation, now), now, channel)
        finally:
            installation.engine.dispose()

    try:
        run_until(stop, job)
    finally:
        if channel is not None:
            channel.close()
