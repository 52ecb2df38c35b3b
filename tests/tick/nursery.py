"""Processes to kill: ``python -m tests.tick.nursery`` forks a fresh ticking process for each line it reads.

Each line is a JSON job; the answer is the child's process id, then "ended" once the child is gone. All the
slow imports happen once, in the parent, so that a round costs hundredths of a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.model.plan import Plan
from engine.store.database import open_engine
from engine.tick import InForce, tick
from engine.worker import this_worker
from notifiers import Channel, open_channel
from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome, Status
from tests.cast import ALL_COMMUNES, CULTURE, HOME_AFFAIRS, at, due_on, in_force, plan, task

ROOT = Path(__file__).resolve().parents[2]

# Something to tell everybody on every working day.
DAILY = """
rules:
- id: qua-han
  why: Nhiệm vụ quá hạn
  when: {timeliness: overdue, state: [not_started, received, in_progress, returned]}
  occasions: days_late in 1, then every 1
  tell: [lead, monitor]
  tone: warn
"""
FIRST_DAY = date(2023, 4, 3)


def busy_plan() -> Plan:
    """Six leads and a monitor, all late from 3 April 2023 on."""
    leads = (ALL_COMMUNES, CULTURE, HOME_AFFAIRS)
    return plan(task(leads=leads, deadline=due_on(date(2023, 3, 31))), task("pl1-2", leads=leads))


def files() -> InForce:
    """What is in force in these processes."""
    return in_force(rules=DAILY)


class SlowFile:
    """A far end that takes its time before and after a message has arrived in a file."""

    def __init__(self, path: Path, pause: float, slots: int = 2, name: str = "email") -> None:
        self._path = path
        self._pause = pause
        self.slots = slots
        self.name = name

    def send(self, message: OutgoingMessage) -> Outcome:
        time.sleep(self._pause)
        with self._path.open("a", encoding="utf-8") as arrivals:
            arrivals.write(message.id + "\n")
        time.sleep(self._pause)
        return Outcome(Status.SENT, 250)

    def closed_until(self, now: datetime) -> datetime | None:
        """Open at any time."""
        return None

    def close(self) -> None:
        """Nothing is held open."""


def run(job: dict[str, Any]) -> None:
    """Ticks once, as a process of its own would."""
    if "smtp" in job:
        channel: Channel = open_channel(job["smtp"])
    else:
        channel = SlowFile(Path(job["arrivals"]), job["pause"], name=job.get("channel", "email"))
    now = datetime.fromisoformat(job["now"])
    tick(open_engine(job["url"]), files(), now, {channel.name: channel}, this_worker(), lambda: now)


@dataclass(frozen=True)
class Nursery:
    """The parent's end of the pipe."""

    process: subprocess.Popen[str]

    def born(self, url: str, day: date, **more: object) -> int:
        """Starts a tick of that day in a process of its own; gives back its id."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"url": url, "now": at(day).isoformat(), **more}) + "\n")
        self.process.stdin.flush()
        return int(self._line())

    def wait(self) -> str:
        """Waits for the end of the child: "0" or the signal's number with a minus."""
        return self._line().removeprefix("ended ")

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line:
            raise RuntimeError("the nursery is gone")
        return line


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.tick.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(process)
    finally:
        process.communicate()


def main() -> None:
    """Reads jobs until the pipe closes."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                run(json.loads(line))
                status = 0
            finally:
                os._exit(status)
        _say(str(pid))
        _, status = os.waitpid(pid, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
