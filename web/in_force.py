"""The files in force behind the pages: rules and plans, read again only when something changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.errors import Problem
from engine.indicator_watch import watched_of
from engine.installation.opening import ruleset_in_force
from engine.loading.home import Home, load_home, yaml_files
from engine.notices.notice import Book
from engine.ruleset.evaluate import RuleSet
from engine.store.accepted import accepted_files
from engine.store.database import reading
from engine.store.tables import AcceptedFile
from engine.tracking.watched import Watched
from web.site import Site

_FILE = AcceptedFile.__table__  # type: ignore[attr-defined]
_FOLDERS = ("plans", "plans/units", "rules")


def rules_of(site: Site) -> tuple[RuleSet, tuple[Problem, ...]]:
    """The rules that a pass would use now, and what is wrong with those on disk.

    Raises InputError when there never was a good set.
    """

    def read() -> tuple[RuleSet, tuple[Problem, ...]]:
        with reading(site.engine) as connection:
            accepted = accepted_files(connection)
        installation = replace(site.installation(), accepted=accepted)
        return ruleset_in_force(installation, site.now(), remember=False)

    return site.remembered("rules", stamp_of(site), read)


def home_of(site: Site) -> Home:
    """Calendar, units and plans in force, and what is wrong with the files on disk."""

    def read() -> Home:
        with reading(site.engine) as connection:
            accepted = accepted_files(connection)
        return load_home(site.home, accepted)

    return site.remembered("home", stamp_of(site), read)


def book_with_indicators(site: Site, connection: Connection) -> Book:
    """What a page calls things by, the indicators too: their targets stand in the plans' files."""
    return replace(site.book(connection), indicators=_Targets(site))


class _Targets(Mapping[str, Watched]):
    """The indicators of the plans in force, read from the files only when somebody asks for one."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __getitem__(self, id: str) -> Watched:
        return self._all()[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, Watched]:
        return watched_of(home_of(self._site).plans)


def accepted_on(site: Site) -> dict[str, tuple[str, datetime]]:
    """The hash of the last good version of each file and when it was accepted, by path."""
    query = select(_FILE.c.path, _FILE.c.sha256, _FILE.c.accepted_at)
    with reading(site.engine) as connection:
        return {path: (sha, at) for path, sha, at in connection.execute(query)}


def stamp_of(site: Site) -> object:
    """Changes whenever a file of the home, or what was accepted of them, does."""
    found: list[object] = []
    for folder in _FOLDERS:
        for shown, path in yaml_files(site.home, folder).items():
            try:
                status = path.stat()
            except OSError:
                found.append((shown, None))
                continue
            found.append((shown, status.st_mtime_ns, status.st_size, status.st_ino))
    accepted = select(func.count(), func.max(_FILE.c.accepted_at))
    with reading(site.engine) as connection:
        found.append(tuple(connection.execute(accepted.select_from(_FILE)).one()))
    return tuple(found)
