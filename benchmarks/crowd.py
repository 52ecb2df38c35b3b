"""200 people at once for a minute on the shipped plans: no error, no lost update.

    pip install locust
    python -m benchmarks.crowd [sqlite|postgresql] [seconds]

Locust plays the people (benchmarks/crowd_people.py) against `dondoc web` on loopback; afterwards the
database is compared with what the people were told: every answer that was accepted stands there as an
event, each assignment's standing is what its events make of it, and its revision counts them.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from engine.installation.opening import Installation, open_installation, sync_installation
from engine.model.event import Event, EventKind
from engine.store import views
from engine.store.access import links, sessions
from engine.store.access.tokens import form_key
from engine.store.database import reading, writing
from engine.store.events import plan_settings, record
from engine.store.tables import AccountRow, AssignmentRow
from engine.tracking.progress import replay
from tests.postgres import running_postgres

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 200
HEADS, MANAGERS = 140, 50
_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]
_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]


def main(kind: str, seconds: int) -> None:
    """Builds the home, lets the people in, compares."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home = folder / "home"
        subprocess.run([_dondoc(), "init", str(home)], check=True, stdout=subprocess.DEVNULL)
        if kind == "postgresql":
            server = stack.enter_context(running_postgres())
            server.create_database("crowd")
            (home / "dondoc.toml").write_text(f'database_url = "{server.url("crowd")}"\n', encoding="utf-8")
        installation = open_installation(home)
        people = _people(installation, datetime.now(UTC))
        file = folder / "people.json"
        file.write_text(json.dumps(people), encoding="utf-8")
        page = subprocess.Popen(
            [_dondoc(), "web", "--home", str(home), "--port", "8765"],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "web.log").open("w"),
        )
        try:
            _wait("http://127.0.0.1:8765/healthz")
            _let_in(folder, file, seconds)
        finally:
            page.terminate()
            page.wait(30)
        _tell(folder, kind)
        _compare(installation, folder, people["started"])


def _dondoc() -> str:
    return str(Path(sys.executable).with_name("dondoc"))


def _people(installation: Installation, now: datetime) -> dict[str, Any]:
    """A link for each head, a session for each manager, and a pool of reports that all managers share."""
    sync_installation(installation, now)
    with writing(installation.engine) as connection:
        registry = installation.home.registry
        open_ones = views.tracked(connection, registry, only_open=True)
        by_unit: dict[str, list[str]] = {}
        for each in open_ones:
            if each.standing.state.value == "not_started" and each.promise.unit in registry.units:
                by_unit.setdefault(each.promise.unit, []).append(each.promise.id)
        choose = random.Random(5)
        units = choose.sample(sorted(u for u, ids in by_unit.items() if len(ids) >= 5), 60)
        heads = []
        for number in range(HEADS):
            unit = units[number % len(units)]
            token = links.make(connection, [unit], "", f"Người {number}", now=now)
            heads.append({"token": token, "work": by_unit[unit][:20]})
        shared = [ids[-1] for ids in by_unit.values()][:40]
        record(
            connection,
            [Event(id, EventKind.DONE, now, "đơn vị") for id in shared],
            installation.home.calendar,
            now,
        )
        managers = []
        for number in range(MANAGERS):
            account = connection.execute(
                insert(_ACCOUNT)
                .values(
                    login=f"quan-ly-{number}",
                    name=f"Quản lý {number}",
                    role="manager",
                    active=True,
                    must_change=False,
                    created_at=now,
                )
                .returning(_ACCOUNT.c.id)
            ).scalar_one()
            session = sessions.begin(connection, account, now, "crowd")
            managers.append({"session": session, "key": form_key(session)})
    return {"heads": heads, "managers": managers, "shared": shared, "started": len(shared)}


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the page did not start")


def _let_in(folder: Path, people: Path, seconds: int) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", str(ROOT / "benchmarks" / "crowd_people.py")),
            *("--headless", "-u", str(PEOPLE), "-r", str(PEOPLE), "-t", f"{seconds}s"),
            *("--host", "http://127.0.0.1:8765", "--csv", str(folder / "result"), "--only-summary"),
            *("--people", str(people), "--accepted", str(folder / "accepted.json"), "--stop-timeout", "20"),
        ],
        check=False,
        cwd=ROOT,
    )


def _tell(folder: Path, kind: str) -> None:
    with (folder / "result_stats.csv").open(encoding="utf-8") as file:
        total = next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    print(
        f"{kind}: {total['Request Count']} requests, {total['Failure Count']} failed, "
        f"{float(total['Requests/s']):.0f}/s, median {total['50%']} ms, p95 {total['95%']} ms, "
        f"longest {float(total['Max Response Time']):.0f} ms"
    )


def _compare(installation: Installation, folder: Path, started: int) -> None:
    accepted = Counter(json.loads((folder / "accepted.json").read_text(encoding="utf-8")))
    with reading(installation.engine) as connection:
        rows = {t.promise.id: t for t in views.tracked(connection, installation.home.registry)}
        events = views.events_of(connection, list(rows))
        revisions = dict(connection.execute(select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.revision)).all())
        settings = plan_settings(connection)
    found = sum(map(len, events.values())) - started
    told = accepted["progress"] + accepted["decided"]
    wrong = [
        id
        for id, said in events.items()
        if replay(rows[id].promise, said, settings[rows[id].promise.plan], installation.home.calendar)
        != rows[id].standing
        or revisions[id] != len(said)
    ]
    print(
        f"accepted {told} ({accepted['decided']} decisions), refused as another was faster "
        f"{accepted['overtaken']}; events found {found}; standings that differ from their events {len(wrong)}"
    )
    if found != told or wrong:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite", int(sys.argv[2]) if len(sys.argv) > 2 else 60)
