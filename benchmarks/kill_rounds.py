"""``kill -9`` at N random moments of a tick that sends to a real SMTP server, on SQLite and PostgreSQL.

    python -m benchmarks.kill_rounds [50 300]

Each round is one working day: a process ticks and is killed, then another one finishes the day. Every other
kill waits for a random number of messages first, so that sending is met as often as evaluating. Lost is a
message of the day that never arrived; a double must be named unknown. Prints one table line per run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import Engine

from engine.store.database import open_engine
from engine.store.schema import migrate
from engine.tick import tick
from engine.worker import this_worker
from notifiers import open_channel
from tests.cast import CALENDAR, at
from tests.postgres import running_postgres
from tests.tick.desk import Desk, desk_with
from tests.tick.nursery import FIRST_DAY, Nursery, busy_plan, files, nursery

PAUSE = 0.004
MESSAGES = 7
HEADINGS = (
    "CSDL",
    "lượt",
    "giết",
    "chưa lập tin",
    "đang gửi",
    "tin",
    "đến",
    "kép",
    "kép có tên",
    "mất",
    "giây",
)


class Sink:
    """Keeps the Message-ID of each mail; takes its time before and after it has it."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(PAUSE)
        self.arrived.append(
            str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>").partition("@")[0]
        )
        await asyncio.sleep(PAUSE)
        return "250 2.0.0 Ok"


@dataclass(frozen=True)
class Count:
    """What became of all rounds together."""

    killed: int = 0
    before_messages: int = 0
    in_flight: int = 0
    messages: int = 0
    arrived: int = 0
    doubles: int = 0
    named: int = 0
    lost: int = 0

    def plus(self, **more: int) -> Count:
        return replace(self, **{name: getattr(self, name) + n for name, n in more.items()})


@contextmanager
def smtp_sink() -> Iterator[tuple[Sink, str]]:
    """A running server and the address of the channel to it."""
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield sink, f"smtp://127.0.0.1:{port}?from=dondoc@huyen.test"
    finally:
        controller.stop()


def rounds(store: Engine, url: str, n: int) -> Count:
    """``n`` days, each with a killed tick and a clean one."""
    desk = desk_with(store, [busy_plan()])
    chance = random.Random(n)
    count = Count()
    with nursery() as children, smtp_sink() as (sink, smtp):
        whole = _whole_tick(children, url, smtp)
        sink.arrived.clear()
        day = FIRST_DAY
        for number in range(n):
            day = CALENDAR.add_working_days(day, 1)
            wanted = chance.randrange(MESSAGES) if number % 2 else 0
            moment = chance.uniform(0, 3 * PAUSE if number % 2 else whole)
            pid = children.born(url, day, smtp=smtp)
            killed = _kill(children, pid, sink, wanted, moment)
            states = Counter(
                state for (state,) in desk.rows(f"SELECT state FROM message WHERE day = '{day}'")
            )
            channel = open_channel(smtp)
            now = at(day)
            tick(store, files(), now, {channel.name: channel}, this_worker(), partial(_same, now))
            channel.close()
            count = _judge(desk, day, sink, count).plus(
                killed=killed,
                before_messages=killed and not states,
                in_flight=states["sending"],
            )
            sink.arrived.clear()
    return count


def _same(now: datetime) -> datetime:
    return now


def _whole_tick(children: Nursery, url: str, smtp: str) -> float:
    children.born(url, FIRST_DAY, smtp=smtp)
    started = time.monotonic()
    assert children.wait() == "0"
    return time.monotonic() - started


def _kill(children: Nursery, pid: int, sink: Sink, arrivals: int, moment: float) -> bool:
    """Kills after so many arrivals and then so many seconds; False when the tick had ended before."""
    give_up = time.monotonic() + 10
    while len(sink.arrived) < arrivals and time.monotonic() < give_up:
        time.sleep(0.0005)
    time.sleep(moment)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return children.wait() == "-9"


def _judge(desk: Desk, day: date, sink: Sink, count: Count) -> Count:
    arrived = Counter(id for id in sink.arrived if id.startswith(f"{day:%Y%m%d}"))
    wanted = {str(id) for (id,) in desk.rows(f"SELECT id FROM message WHERE day = '{day}'")}
    unknown = {str(id) for (id,) in desk.rows("SELECT message FROM delivery WHERE outcome = 'unknown'")}
    doubles = {id for id, times in arrived.items() if times > 1}
    return count.plus(
        messages=len(wanted),
        arrived=sum(arrived.values()),
        doubles=len(doubles),
        named=len(doubles & unknown),
        lost=len(wanted - set(arrived)),
    )


def main(sizes: list[int]) -> int:
    """Prints the table; 1 when anything was lost or a double was not named."""
    good = True
    print(" | ".join(HEADINGS))
    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            server.create_database(f"kill_{n}")
            urls = {"SQLite": f"sqlite:///{Path(folder) / f'{n}.db'}", "PostgreSQL": server.url(f"kill_{n}")}
            for name, url in urls.items():
                store = open_engine(url)
                migrate(store)
                started = time.monotonic()
                found = rounds(store, url, n)
                store.dispose()
                numbers = astuple(found)
                seconds = round(time.monotonic() - started)
                print(" | ".join(map(str, (name, n, *numbers, seconds))), flush=True)
                good = good and not found.lost and found.doubles == found.named
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main([int(n) for n in sys.argv[1:]] or [50]))
