"""``kill -9`` at random moments of workers that send e-mail and ZNS, on SQLite and PostgreSQL.

    python -m benchmarks.kill_rounds [300]

Each round is one working day. Two workers on one SQLite file, three on one PostgreSQL begin at the same time;
random ones are killed at random moments, some are born again and killed once more, and a clean tick finishes
the day. Every other kill waits for a random number of arrivals first, so that sending is met as often as
evaluating. The far ends are a mail server and one that plays ZNS; both count arrivals by the message's id.

Lost is what somebody should have been told and neither arrived nor is named unknown where only a person may
settle it (ZNS); a mail must arrive. A mail that came twice must be named unknown; a ZNS never comes twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import random
import re
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import Engine

from benchmarks.kill_worker import SECRET, one_tick, workers
from engine.store.access.vault import plant
from engine.store.database import open_engine, writing
from engine.store.people.contacts import HEAD, Contact
from engine.store.schema import migrate
from tests.cast import CALENDAR, COMMUNES, CULTURE, HOME_AFFAIRS, OFFICE, TOWN, at
from tests.far_end.zalo import Zalo, zalo
from tests.postgres import running_postgres
from tests.tick.desk import Desk, desk_with
from tests.tick.nursery import FIRST_DAY, Nursery, busy_plan

PAUSE = 0.004
SECOND_DAY = CALENDAR.add_working_days(FIRST_DAY, 1)
UNITS = (HOME_AFFAIRS, CULTURE, OFFICE, *COMMUNES, TOWN)
WORKERS = {"SQLite": 2, "PostgreSQL": 3}
ROUND_ENDS = 30.0
_ID = re.compile(rb"(?mi)^Message-ID: <([^>@]*)")


class Sink:
    """Keeps the id of each mail; takes its time before and after it has it."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(PAUSE)
        found = _ID.search(envelope.content)
        self.arrived.append(found[1].decode() if found else "")
        await asyncio.sleep(PAUSE)
        return "250 2.0.0 Ok"


@dataclass(frozen=True)
class FarEnds:
    """Both servers and how to reach them."""

    mail: Sink
    smtp: str
    zalo: Zalo

    def arrived(self) -> int:
        """How much came today."""
        return len(self.mail.arrived) + len(self.zalo.sent)

    def forget(self) -> None:
        """Begins a new day."""
        self.mail.arrived.clear()
        self.zalo.sent.clear()


@dataclass(frozen=True)
class Count:
    """What became of all rounds together; the heading of the table stands beside each."""

    killed: int = 0  # giết
    before_messages: int = 0  # chưa lập tin
    in_flight: int = 0  # tin đang gửi
    mails: int = 0  # thư
    mails_arrived: int = 0  # thư đến
    mails_twice: int = 0  # thư kép
    twice_named: int = 0  # thư kép có tên
    mails_unknown: int = 0  # thư không rõ
    zns: int = 0  # ZNS
    zns_arrived: int = 0  # ZNS đến
    zns_twice: int = 0  # ZNS kép
    zns_unknown: int = 0  # ZNS không rõ
    lost: int = 0  # mất

    def plus(self, **more: int) -> Count:
        return replace(self, **{name: getattr(self, name) + n for name, n in more.items()})

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled without a name, nothing that costs doubled."""
        return not self.lost and not self.zns_twice and self.mails_twice == self.twice_named


HEADINGS = (
    *("CSDL", "tiến trình", "lượt", "giết", "chưa lập tin", "tin đang gửi", "thư", "thư đến", "thư kép"),
    *("thư kép có tên", "thư không rõ", "ZNS", "ZNS đến", "ZNS kép", "ZNS không rõ", "mất", "giây"),
)


@contextmanager
def far_ends() -> Iterator[FarEnds]:
    """Running servers."""
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        # The server that plays ZNS complains of each peer that is killed.
        with contextlib.redirect_stderr(io.StringIO()), zalo() as playing:
            playing.daily = 1_000_000
            yield FarEnds(sink, f"smtp://127.0.0.1:{port}?from=dondoc@huyen.test", playing)
    finally:
        controller.stop()


def an_office(store: Engine) -> Desk:
    """Three people in each unit, all to be told on each day: two by mail, one by ZNS."""
    people = [
        contact
        for number, unit in enumerate(UNITS)
        for contact in (
            Contact(unit, HEAD, "", f"truong-{number}@thu.test"),
            Contact(unit, HEAD, "", f"pho-{number}@thu.test"),
            Contact(unit, HEAD, "", "", phone=f"8490000{number:04}", channels=("zns",)),
        )
    ]
    with writing(store) as connection:
        plant(connection, "zns", "refresh-0", SECRET, at(FIRST_DAY))
    return desk_with(store, [busy_plan()], people)


def rounds(store: Engine, url: str, number: int, n: int) -> Count:
    """``n`` days with so many workers, each with killed ones and a clean end."""
    desk = an_office(store)
    chance = random.Random(n)
    count = Count()
    with workers(number) as nurseries, far_ends() as ends:
        job = {"url": url, "smtp": ends.smtp, "zns": ends.zalo.settings()}
        whole, expected = _whole_day(nurseries[0], desk, job)
        ends.forget()
        day = SECOND_DAY
        for _ in range(n):
            day = CALENDAR.add_working_days(day, 1)
            lives = [_Life(nursery, chance, whole, expected, job, day, ends) for nursery in nurseries]
            chance.choice(lives).must_die()
            _live(lives)
            states = Counter(
                str(state) for (state,) in desk.rows(f"SELECT state FROM message WHERE day = '{day}'")
            )
            killed = sum(life.killed for life in lives)
            one_tick(store, at(day), ends.smtp, ends.zalo.settings())
            count = _judge(desk, day, ends, expected, count).plus(
                killed=killed, before_messages=killed and not states, in_flight=states["sending"]
            )
            ends.forget()
    return count


def _whole_day(nursery: Nursery, desk: Desk, job: dict[str, Any]) -> tuple[float, int]:
    """How long a tick lasts that nobody kills, and how many messages a day has."""
    expected = 3 * len(UNITS)
    whole = 0.0
    for number, day in enumerate((FIRST_DAY, SECOND_DAY), start=1):  # the first one waits for slow imports
        started = time.monotonic()
        nursery.born(day=day, **job)
        if nursery.wait() != "0":
            raise RuntimeError("a worker that nobody killed did not come to its end")
        whole = time.monotonic() - started
        [[messages]] = desk.rows("SELECT count(*) FROM message WHERE state = 'sent'")
        if messages != number * expected:
            raise RuntimeError(f"{messages} messages on {number} days that nobody disturbs")
    return whole, expected


class _Life:
    """One worker on one day: born, perhaps killed at its moment, perhaps born once more."""

    def __init__(
        self,
        nursery: Nursery,
        chance: random.Random,
        whole: float,
        messages: int,
        job: dict[str, Any],
        day: date,
        ends: FarEnds,
    ) -> None:
        self._nursery, self._chance, self._whole, self._messages = nursery, chance, whole, messages
        self._bear: Callable[[], int] = lambda: nursery.born(day=day, **job)
        self._ends = ends
        self._deaths = chance.choice((0, 1, 1, 1, 2))
        self.killed = 0
        self._pid = 0
        self._arrivals: int | None = None
        self._moment = 0.0

    def must_die(self) -> None:
        """At least once."""
        self._deaths = max(self._deaths, 1)

    def begin(self) -> None:
        """A fresh process, and the moment at which it will be killed."""
        self._pid = self._bear()
        while_sending = self._chance.random() < 0.5
        self._arrivals = self._chance.randrange(self._messages) if while_sending else None
        wait = self._chance.uniform(0, 3 * PAUSE if while_sending else self._whole)
        self._moment = wait if while_sending else time.monotonic() + wait

    @property
    def to_be_killed(self) -> bool:
        """Whether a death is still to come."""
        return self._deaths > 0

    def its_hour_has_come(self) -> bool:
        """Whether the moment is reached."""
        if self._arrivals is None:
            return time.monotonic() >= self._moment
        if self._ends.arrived() >= self._arrivals:
            self._arrivals, self._moment = None, time.monotonic() + self._moment
        return False

    def is_over(self) -> bool:
        """Whether the process has ended by itself."""
        # A zombie answers to signals until its parent has said that it ended.
        try:
            return Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (OSError, IndexError):
            return True

    def die(self) -> None:
        """Killed; born again where it has another death before it, and now and then to live."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.killed += self._nursery.wait() == "-9"
        self._deaths -= 1
        if self._deaths or self._chance.random() < 0.3:
            self.begin()
        else:
            self._pid = 0

    def wait(self) -> None:
        """Until it has ended by itself."""
        if self._pid:
            self._nursery.wait()
            self._pid = 0


def _live(lives: list[_Life]) -> None:
    """All lives side by side, to the end of the last."""
    for life in lives:
        life.begin()
    give_up = time.monotonic() + ROUND_ENDS
    doomed = [life for life in lives if life.to_be_killed]
    while doomed and time.monotonic() < give_up:
        for life in list(doomed):
            if life.its_hour_has_come() or life.is_over():
                life.die()
                if not life.to_be_killed:
                    doomed.remove(life)
        time.sleep(0.0005)
    for life in lives:
        life.wait()


def _judge(desk: Desk, day: date, ends: FarEnds, expected: int, count: Count) -> Count:
    wanted: dict[str, set[str]] = {"email": set(), "zns": set()}
    for id, channel in desk.rows(f"SELECT id, channel FROM message WHERE day = '{day}'"):
        wanted[str(channel)].add(str(id))
    unknown = {str(id) for (id,) in desk.rows("SELECT message FROM delivery WHERE outcome = 'unknown'")}
    mails = Counter(id for id in ends.mail.arrived if id in wanted["email"])
    zns = Counter({id: n for id, n in ends.zalo.arrivals().items() if id in wanted["zns"]})
    twice = {id for id, times in mails.items() if times > 1}
    never = wanted["email"] - set(mails) | wanted["zns"] - set(zns) - unknown
    composed = sum(map(len, wanted.values()))
    return count.plus(
        mails=len(wanted["email"]),
        mails_arrived=mails.total(),
        mails_twice=len(twice),
        twice_named=len(twice & unknown),
        mails_unknown=len(wanted["email"] & unknown),
        zns=len(wanted["zns"]),
        zns_arrived=zns.total(),
        zns_twice=sum(times > 1 for times in zns.values()),
        zns_unknown=len(wanted["zns"] & unknown),
        lost=len(never) + expected - composed,
    )


def main(sizes: list[int]) -> int:
    """Prints the table; 1 when anything was lost, doubled without a name, or cost money twice."""
    assert len(HEADINGS) == 4 + len(fields(Count))
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
                found = rounds(store, url, WORKERS[name], n)
                store.dispose()
                seconds = round(time.monotonic() - started)
                row = (name, WORKERS[name], n, *astuple(found), seconds)
                print(" | ".join(map(str, row)), flush=True)
                good = good and found.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main([int(n) for n in sys.argv[1:]] or [50]))
