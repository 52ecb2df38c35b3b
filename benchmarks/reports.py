"""The figures of any day: whether they are true, and how long they take.

    python -m benchmarks.reports year            a year of random events on 10,000 assignments
    python -m benchmarks.reports size [1000000]  seconds of one report, on SQLite and on PostgreSQL

``year`` plays a year of words and of plans that their authors change. On fifty random days it counts at the
end of the day; when the year is over it counts the same days again and compares both with replaying every
event, one assignment after the other, under the plan file as it was on that day.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from benchmarks.children import table
from benchmarks.country import ASSIGNMENTS, TODAY, fill, write_home
from benchmarks.played_year import SIZE, play
from engine.installation.opening import open_installation
from engine.store.database import reading
from engine.store.figures.as_of import Question, Split, by_task, by_unit, rows
from engine.workdays import WorkCalendar
from tests.postgres import running_postgres

_PAST = TODAY - timedelta(days=60)
_QUESTIONS = (
    ("hôm nay", Question(TODAY)),
    ("60 ngày trước", Question(_PAST)),
    ("tháng 5 (15/4-14/5)", Question(date(2026, 5, 14), date(2026, 4, 15))),
    ("tháng 6, chưa hết", Question(TODAY, date(2026, 6, 15), last=date(2026, 7, 14))),
)
_HEADINGS = ("CSDL", "ngày", "theo đơn vị", "theo nhiệm vụ", "đếm lại", "cả báo cáo (giây)", "lượt giao")


def measure(name: str, engine: Engine, calendar: WorkCalendar) -> list[tuple[object, ...]]:
    """A row for each question; RuntimeError where the parts do not add up."""
    found = []
    for label, asked in _QUESTIONS:
        with reading(engine) as connection:
            began = time.perf_counter()
            units = sum(by_unit(connection, calendar, asked).values(), Split())
            by_units = time.perf_counter()
            tasks = sum(by_task(connection, calendar, asked).values(), Split())
            by_tasks = time.perf_counter()
            counted = rows(connection, asked)
            ended = time.perf_counter()
        if units != tasks or units.rows != counted:
            raise RuntimeError(f"{label}: {units} {tasks} {counted}")
        seconds = (by_units - began, by_tasks - by_units, ended - by_tasks, ended - began)
        found.append((name, label, *(f"{each:.2f}" for each in seconds), units.counts.assigned))
    return found


def size(assignments: int, wanted: tuple[str, ...]) -> None:
    """Builds the databases and prints the table."""
    found = []
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder, running_postgres() as server:
        server.create_database("bench")
        home = Path(folder) / "home"
        write_home(home)
        urls = {"SQLite": f"sqlite:///{home / 'dondoc.db'}", "PostgreSQL": server.url("bench")}
        for name in wanted or urls:
            os.environ["DONDOC_DATABASE_URL"] = urls[name]
            installation = open_installation(home, with_plans=False)
            began = time.perf_counter()
            fill(installation.engine, installation.home.calendar, assignments)
            print(f"# {name}: {assignments} in {time.perf_counter() - began:.0f} s", file=sys.stderr)
            found += measure(name, installation.engine, installation.home.calendar)
            installation.engine.dispose()
            print(table(_HEADINGS, found), file=sys.stderr)
    print(table(_HEADINGS, found))


def main(words: list[str]) -> None:
    """What the first word asks for."""
    number = next((int(word) for word in words if word.isdigit()), None)
    if words[:1] == ["year"]:
        play(number or SIZE)
    else:
        size(number or ASSIGNMENTS, tuple(word for word in words if word in ("SQLite", "PostgreSQL")))


if __name__ == "__main__":
    main(sys.argv[1:])
