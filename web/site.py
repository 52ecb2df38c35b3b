"""What every page stands on: the installation, its database and the time, which is handed in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import Connection

from engine.installation.opening import Installation, open_installation
from engine.installation.settings import Settings
from engine.notices.notice import Book
from engine.store import views
from engine.store.database import DatabaseUnavailable, reading
from engine.store.messages.channel_states import stopped
from engine.store.tables import AcceptedFile, TaskRow
from engine.tracking.progress import local_day
from engine.units import Registry
from engine.watching.channels import title_of
from engine.watching.pulse import Pulse
from engine.workdays import WorkCalendar

_FILE = AcceptedFile.__table__  # type: ignore[attr-defined]
_TASK = TaskRow.__table__  # type: ignore[attr-defined]
_LOOK_AGAIN = timedelta(seconds=5)
_T = TypeVar("_T")


@dataclass(slots=True)
class _Remembered:
    """Something slow to make, and what it was made from; ``lock`` lets one thread make it at a time."""

    stamp: object = None
    value: object = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class _Kept:
    """What one process keeps between requests, and what it was read from."""

    installation: Installation | None = None
    looked_at: datetime | None = None
    stamp: object = None
    book: Book | None = None
    book_stamp: object = None
    remembered: dict[str, _Remembered] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Site:
    """One installation behind the web page. Safe to use from several threads. ``pulse`` is of the scheduler
    where it runs in this process."""

    def __init__(self, home: Path, clock: Callable[[], datetime], pulse: Pulse | None = None) -> None:
        self.home = home
        self.pulse = pulse
        self._clock = clock
        self._kept = _Kept()
        installation = open_installation(home, with_plans=False)
        self.settings: Settings = installation.settings
        self.engine: Engine = installation.engine
        self._kept.installation = installation

    def now(self) -> datetime:
        """This instant, aware, in UTC."""
        return self._clock()

    def today(self) -> date:
        """Today in Viet Nam."""
        return local_day(self.now())

    def installation(self) -> Installation:
        """The files in force; read anew when the calendar, a unit file or the settings changed on disk."""
        kept, now = self._kept, self.now()
        with kept.lock:
            if kept.looked_at is None or not kept.looked_at <= now < kept.looked_at + _LOOK_AGAIN:
                stamp = self._stamp_of_files()
                if kept.stamp is not None and stamp != kept.stamp:
                    fresh = open_installation(self.home, with_plans=False)
                    fresh.engine.dispose()
                    kept.installation = Installation(self.settings, self.engine, fresh.home, fresh.accepted)
                    kept.book = None
                kept.stamp, kept.looked_at = stamp, now
            assert kept.installation is not None  # noqa: S101 - set in __init__
            return kept.installation

    @property
    def registry(self) -> Registry:
        """The units in force."""
        return self.installation().home.registry

    @property
    def calendar(self) -> WorkCalendar:
        """The working-day calendar in force."""
        return self.installation().home.calendar

    def book(self, connection: Connection | None = None) -> Book:
        """Plans and tasks in force with their words; read anew after each sync."""
        registry = self.registry
        if connection is None:
            with reading(self.engine) as opened:
                return self._book(opened, registry)
        return self._book(connection, registry)

    def stopped_channels(self) -> tuple[str, ...]:
        """What people call the channels that are stopped until a person acts; asked anew for each page."""
        try:
            with reading(self.engine) as connection:
                return tuple(title_of(name) for name in stopped(connection))
        except DatabaseUnavailable:  # the page at hand says so itself
            return ()

    def remembered(self, name: str, stamp: object, make: Callable[[], _T]) -> _T:
        """What ``make`` gave for ``stamp``, which is never None; made anew when the stamp is another.

        Keeps one value for each ``name``; who asks while it is made waits for it."""
        with self._kept.lock:
            mine = self._kept.remembered.setdefault(name, _Remembered())
        with mine.lock:
            if mine.stamp != stamp:
                mine.value = make()
                mine.stamp = stamp
            return cast(_T, mine.value)

    def _book(self, connection: Connection, registry: Registry) -> Book:
        stamp = (
            connection.execute(select(func.max(_FILE.c.accepted_at), func.count()).select_from(_FILE)).one(),
            connection.execute(select(func.count()).select_from(_TASK)).scalar(),
        )
        with self._kept.lock:
            kept = self._kept
            if kept.book is None or kept.book_stamp != stamp or kept.book.registry is not registry:
                kept.book = Book(registry, views.plans(connection), views.tasks(connection))
                kept.book_stamp = stamp
            return kept.book

    def _stamp_of_files(self) -> object:
        """Names, sizes and times of the files that every page needs."""
        files = [
            self.home / "rules" / "calendar.yaml",
            *sorted((self.home / "plans" / "units").glob("*.y*ml")),
        ]
        found = []
        for file in files:
            try:
                status = file.stat()
            except OSError:
                continue
            found.append((str(file), status.st_mtime_ns, status.st_size))
        return tuple(found)
