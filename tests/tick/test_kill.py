"""``kill -9`` at any moment of a tick: nothing owed is lost, and what may be double is named unknown."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, text

from engine.store.database import writing
from engine.tick import tick
from engine.worker import this_worker
from tests.cast import CALENDAR, CULTURE, HOME_AFFAIRS, OFFICE, TOWN, at
from tests.cast import COMMUNES as COMMUNE_UNITS
from tests.tick.desk import Desk, desk_with
from tests.tick.nursery import FIRST_DAY, Nursery, SlowFile, busy_plan, files, nursery

ROUNDS = 15
RECIPIENTS = len((*COMMUNE_UNITS, TOWN, CULTURE, HOME_AFFAIRS, OFFICE))
PAUSE = 0.004


def test_kill_at_random_moments(store: Engine, store_url: str, tmp_path: Path) -> None:
    desk = desk_with(store, [busy_plan()])
    arrivals = tmp_path / "arrivals"
    chance = random.Random(20230403)
    killed = 0
    with nursery() as children:
        whole = _unkilled(children, store_url, FIRST_DAY, arrivals)
        for number in range(1, ROUNDS + 1):
            day = CALENDAR.add_working_days(FIRST_DAY, number)
            # Now and then the second attempt is killed as well.
            for _ in range(chance.choice((1, 1, 1, 2))):
                moment = chance.uniform(0, whole)
                killed += _killed(children, store_url, day, arrivals, moment)
            _clean_tick(desk, day, arrivals)
            _nothing_lost_and_doubles_named(desk, day, arrivals)
    assert killed >= ROUNDS // 2, "most kills must meet a living process"


def test_what_costs_is_never_sent_twice(store: Engine, store_url: str, tmp_path: Path) -> None:
    desk = desk_with(store, [busy_plan()])
    arrivals = tmp_path / "arrivals"
    arrivals.touch()
    chance = random.Random(20230405)
    in_flight = 0
    with nursery() as children:
        for number in range(4):
            day = CALENDAR.add_working_days(FIRST_DAY, number)
            tick(store, files(), at(day), {}, this_worker(), partial(at, day))
            with writing(store) as connection:
                connection.execute(text("UPDATE message SET channel = 'zns' WHERE state = 'queued'"))
            pid = children.born(store_url, day, arrivals=str(arrivals), pause=PAUSE, channel="zns")
            _wait_for_arrivals(arrivals, len(arrivals.read_text().split()) + chance.randint(1, 3))
            os.kill(pid, signal.SIGKILL)
            assert children.wait() == "-9"
            in_flight += len(desk.rows("SELECT id FROM message WHERE state = 'sending'"))
            channel = SlowFile(arrivals, 0, name="zns")
            tick(store, files(), at(day), {"zns": channel}, this_worker(), partial(at, day))
    arrived = Counter(arrivals.read_text().split())
    assert set(arrived.values()) == {1}
    sent, unknown = (
        {str(id) for (id,) in desk.rows(f"SELECT id FROM message WHERE state = '{state}'")}
        for state in ("sent", "failed")
    )
    assert sent <= set(arrived) <= sent | unknown
    assert len(sent | unknown) == 4 * RECIPIENTS
    named = {str(id) for (id,) in desk.rows("SELECT message FROM delivery WHERE outcome = 'unknown'")}
    assert unknown == named
    assert 0 < in_flight == len(unknown) <= 4 * 2, "two slots each"


def _wait_for_arrivals(arrivals: Path, wanted: int) -> None:
    patience = time.monotonic() + 20
    while len(arrivals.read_text().split()) < wanted:
        assert time.monotonic() < patience
        time.sleep(0.001)


def _unkilled(children: Nursery, url: str, day: date, arrivals: Path) -> float:
    """A tick that ends by itself; gives back how long it took."""
    children.born(url, day, arrivals=str(arrivals), pause=PAUSE)
    started = time.monotonic()
    assert children.wait() == "0"
    taken = time.monotonic() - started
    assert len(arrivals.read_text().split()) == RECIPIENTS
    return taken


def _killed(children: Nursery, url: str, day: date, arrivals: Path, moment: float) -> bool:
    pid = children.born(url, day, arrivals=str(arrivals), pause=PAUSE)
    time.sleep(moment)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        assert children.wait() == "0"
        return False
    return children.wait() == "-9"


def _clean_tick(desk: Desk, day: date, arrivals: Path) -> None:
    """The next process of the same slot, as cron would start it."""
    channel = SlowFile(arrivals, 0)
    tick(desk.store, files(), at(day), {channel.name: channel}, this_worker(), lambda: at(day))


def _nothing_lost_and_doubles_named(desk: Desk, day: date, arrivals: Path) -> None:
    arrived = Counter(id for id in arrivals.read_text().split() if id.startswith(f"{day:%Y%m%d}-"))
    of_day = desk.rows(f"SELECT id, state FROM message WHERE day = '{day.isoformat()}'")
    assert {state for _, state in of_day} == {"sent"}
    assert set(arrived) == {id for id, _ in of_day}
    assert len(arrived) == RECIPIENTS
    doubles = {id for id, times in arrived.items() if times > 1}
    unknown = {str(id) for (id,) in desk.rows("SELECT message FROM delivery WHERE outcome = 'unknown'")}
    assert doubles <= unknown
    assert all(times <= 3 for times in arrived.values())
    assert desk.rows("SELECT id FROM delivery WHERE outcome = 'sending'") == []
    assert desk.rows("SELECT id FROM notice WHERE state NOT IN ('composed', 'superseded')") == []
