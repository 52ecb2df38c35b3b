"""Plays the plans day by day: units answer, the clock ticks, mails go out."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from engine.demo.answers import answers
from engine.demo.sink import Sink
from engine.installation.opening import Installation, open_installation, ruleset_in_force, sync_installation
from engine.model.plan import Plan
from engine.sending.terms import Clock
from engine.store.database import writing
from engine.store.events import record
from engine.store.people.contacts import HEAD, Contact, replace_all
from engine.tick import tick
from engine.tracking.assignments import expand
from engine.tracking.progress import VIETNAM
from engine.worker import this_worker
from notifiers.registry import open_channel

Progress = Callable[[str, int], None]

_MORNING = time(8)
BASE_URL = "http://127.0.0.1:8000"
"""Where `dondoc web` serves unless told otherwise: the links in the mails of the play open there."""


@dataclass(slots=True)
class Played:
    """What the play came to: mails by month and by recipient, and the last day."""

    last: date
    assignments: int = 0
    mails: int = 0
    answers: int = 0
    by_month: Counter[str] = field(default_factory=Counter)
    notices_by_month: Counter[str] = field(default_factory=Counter)
    by_recipient: Counter[str] = field(default_factory=Counter)
    busiest_day: int = 0


def fresh_home(home: Path, starter: Path) -> None:
    """A home with the shipped plans and rules and an empty database."""
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    (home / "dondoc.toml").write_text(f'base_url = "{BASE_URL}"\n', encoding="utf-8")
    for folder in ("plans", "rules"):
        shutil.copytree(starter / folder, home / folder)


def play(home: Path, sink: Sink, clock: Clock, progress: Progress) -> Played:
    """Plays all plans of ``home`` from the first day of the earliest to the end of the latest year;
    ``clock`` tells the real time, for leases only."""
    installation = open_installation(home)
    _do_not_wait_for_the_disk(installation.engine)
    plans = installation.home.plans
    first = min(plan.starts for plan in plans)
    last = max(date(plan.year, 12, 31) for plan in plans)
    start = datetime.combine(first, time(7), VIETNAM)
    played = Played(last)
    sync_installation(installation, start)
    _introduce(installation, plans)
    ruleset, _ = ruleset_in_force(installation, start)
    in_force = installation.in_force(ruleset)
    said = answers((promise for plan in plans for promise in expand(plan, installation.home.registry)), last)
    channel = open_channel(sink.url)
    channels = {channel.name: channel}
    days = (last - first).days + 1
    try:
        for offset in range(days):
            day = first + timedelta(days=offset)
            progress(f"Ngày {day:%d/%m/%Y} – {played.mails} thư", 100 * offset // days)
            if in_force.calendar.is_working_day(day):
                now = datetime.combine(day, _MORNING, VIETNAM)
                result = tick(installation.engine, in_force, now, channels, this_worker(), clock)
                month = f"{day:%m/%Y}"
                played.assignments = max(played.assignments, result.assignments)
                played.mails += result.sent
                played.by_month[month] += result.sent
                played.notices_by_month[month] += result.notices
                played.by_recipient.update(message.recipient for message in result.messages)
            played.answers += _answer(installation, said.get(day, []), day)
    finally:
        channel.close()
    played.busiest_day = max(sink.by_day_and_address.values(), default=0)
    return played


def _do_not_wait_for_the_disk(engine: Engine) -> None:
    """A play need not survive a power cut, as the work itself must."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        engine.dispose()


def _introduce(installation: Installation, plans: Sequence[Plan]) -> None:
    """Gives every unit of the registry an address that nobody has."""
    registry = installation.home.registry
    contacts = [
        Contact(id, HEAD, "", f"{id.replace('.', '-')[-60:].strip('-')}@don-vi.example", "Diễn thử")
        for id in registry.units
    ]
    with writing(installation.engine) as connection:
        replace_all(connection, contacts, list(registry.units))


def _answer(installation: Installation, events: Sequence[object], day: date) -> int:
    if events:
        with writing(installation.engine) as connection:
            record(
                connection,
                events,  # type: ignore[arg-type]
                installation.home.calendar,
                datetime.combine(day, time(15), VIETNAM),
            )
    return len(events)
