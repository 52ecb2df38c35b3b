"""One measured step in a process of its own: ``python -m benchmarks.steps STEP HOME`` prints one JSON line.

The clock starts after the imports. Wall and CPU time are of the step alone, the peak of memory (RSS) is of
the whole process. The database is what DONDOC_DATABASE_URL names, a SQLite file in the home otherwise.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.homes import give_addresses, instant
from engine.installation.opening import Installation, open_installation, ruleset_in_force, sync_installation
from engine.tick import tick
from engine.worker import this_worker
from notifiers.registry import open_channel

DUE_SYNC = datetime(2026, 6, 1, 2, tzinfo=UTC)
DUE_TICK = datetime(2026, 6, 15, 2, tzinfo=UTC)
"""A Monday morning; what was due on the Friday before is late by one working day."""


@dataclass(slots=True)
class Measured:
    """Seconds by the clock and of the processor, peak memory in MB, and what was counted."""

    wall: float
    cpu: float
    peak_mb: float
    counts: dict[str, int]


def _now() -> datetime:
    return datetime.now(UTC)


def _measured(work: Callable[[], dict[str, int]]) -> Measured:
    wall, cpu = time.perf_counter(), time.process_time()
    counts = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(round(wall, 2), round(cpu, 2), round(peak), counts)


def _load(home: Path) -> Measured:
    def work() -> dict[str, int]:
        installation = open_installation(home)
        return {"plans": len(installation.home.plans), "problems": len(installation.home.broken)}

    return _measured(work)


def _sync(home: Path, at: datetime) -> Measured:
    installation = open_installation(home)

    def work() -> dict[str, int]:
        result = sync_installation(installation, at)
        return {"added": len(result.added), "changed": len(result.changed), "unchanged": result.unchanged}

    return _measured(work)


def _tick(home: Path, at: datetime, smtp: str | None = None) -> Measured:
    installation: Installation = open_installation(home, with_plans=False)
    ruleset, _ = ruleset_in_force(installation, _now())
    in_force = installation.in_force(ruleset)
    channels = {"email": open_channel(smtp)} if smtp else {}

    def work() -> dict[str, int]:
        result = tick(installation.engine, in_force, at, channels, this_worker(), _now)
        return {
            "assignments": result.assignments,
            "situations": result.situations,
            "findings": result.findings,
            "notices": result.notices,
            "messages": len(result.messages),
            "sent": result.sent,
        }

    measured = _measured(work)
    for channel in channels.values():
        channel.close()
    return measured


def main(arguments: list[str]) -> None:
    """Runs the step that the words name."""
    step, home, *more = arguments
    steps: dict[str, Callable[[Path], Measured]] = {
        "load": _load,
        "sync": lambda place: _sync(place, instant(1, 9)),
        "addresses": lambda place: _measured(lambda: {"addresses": give_addresses(place)}),
        "first-tick": lambda place: _tick(place, instant(15, 10)),
        "send": lambda place: _tick(place, instant(15, 10), more[0]),  # the same slot: nothing to evaluate
        "idle-tick": lambda place: _tick(place, instant(15, 10, 15)),
        "next-day": lambda place: _tick(place, instant(16, 10)),
        "due-sync": lambda place: _sync(place, DUE_SYNC),
        "due-tick": lambda place: _tick(place, DUE_TICK),
        "due-send": lambda place: _tick(place, DUE_TICK, more[0]),
        "due-idle": lambda place: _tick(place, DUE_TICK + timedelta(minutes=15)),
    }
    measured: dict[str, Any] = asdict(steps[step](Path(home)))
    print(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1:])
