"""One installation: its settings, its database at the newest version, and the files in force."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from engine.errors import InputError, Problem
from engine.installation.settings import Settings, load_settings
from engine.loading.home import Home, load_home, read_file, yaml_files
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.load import is_rule_file, load_rules
from engine.ruleset.trial import try_rules
from engine.store.accepted import accept, accepted_files, forget
from engine.store.database import open_engine, reading, writing
from engine.store.schema import migrate
from engine.store.sync import SyncResult, sync

if TYPE_CHECKING:
    from engine.tick import InForce


@dataclass(frozen=True, slots=True)
class Installation:
    """A home together with its database, ready to be worked with."""

    settings: Settings
    engine: Engine
    home: Home
    accepted: Mapping[str, bytes]

    def in_force(self, ruleset: RuleSet) -> InForce:
        """What a tick needs of the files."""
        # heavy: the words and templates of messages, of no use to lists
        from engine.tick import InForce

        return InForce(
            registry=self.home.registry,
            calendar=self.home.calendar,
            ruleset=ruleset,
            hours=self.settings.hours,
            slot_minutes=self.settings.slot_minutes,
            base_url=self.settings.base_url,
            costs={"zns": self.settings.zns_cost},
            plans=self.home.plans,
        )


def open_installation(home: Path, *, with_plans: bool = True) -> Installation:
    """Opens the home and its database, creating or upgrading the tables.

    ``with_plans`` False spares reading the plan files, for work that the database alone can answer.
    Broken files are replaced by their last good version. Raises InputError when the calendar or the
    units are broken and never were good, DondocError for wrong settings or an unreachable database.
    """
    settings = load_settings(home)
    if not home.is_dir() or not (home / "plans").is_dir():
        load_home(home)  # says in Vietnamese what is missing, before a database is made there
    engine = open_engine(settings.database_url)
    weakref.finalize(engine, engine.pool.dispose)
    migrate(engine)
    with reading(engine) as connection:
        accepted = accepted_files(connection)
    return Installation(settings, engine, load_home(home, accepted, with_plans=with_plans), accepted)


def rule_files(home: Path) -> dict[str, bytes]:
    """The rule files of a home by their path relative to it."""
    return {
        shown: read_file(path, shown)[0]
        for shown, path in yaml_files(home, "rules").items()
        if is_rule_file(path.name)
    }


def ruleset_in_force(
    installation: Installation, now: datetime, *, remember: bool = True
) -> tuple[RuleSet, tuple[Problem, ...]]:
    """The rules in force and what is wrong with those on disk.

    A set that differs from the last good one is first tried in a process of its own; a broken one
    leaves the last good set in force. Unless ``remember`` is False a good one becomes the last good set.
    Raises InputError when there never was a good one.
    """
    files = rule_files(installation.settings.home)
    known = {
        p: d
        for p, d in installation.accepted.items()
        if p.startswith("rules/") and is_rule_file(Path(p).name)
    }
    if files and files == known:
        ruleset, problems = load_rules(files)
        if ruleset is not None:
            return ruleset, problems
    ruleset, problems = load_rules(files)
    if ruleset is not None:
        refused = try_rules(files)
        if not refused:
            if remember:
                with writing(installation.engine) as connection:
                    accept(connection, files, now)
                    forget(connection, known.keys() - files.keys())
            return ruleset, problems
        problems += refused
    last, _ = load_rules(known) if known else (None, ())
    if last is None:
        raise InputError(problems)
    return last, problems


def sync_installation(installation: Installation, now: datetime, *, dry_run: bool = False) -> SyncResult:
    """Brings the database in line with the plan files and remembers the good ones."""
    home = installation.home
    with writing(installation.engine) as connection:
        result = sync(connection, home.plans, home.broken, home.registry, home.calendar, now, dry_run=dry_run)
        if dry_run:
            connection.rollback()
        else:
            accept(connection, home.good, now)
            forget(connection, {path for path in installation.accepted if _was_removed(installation, path)})
    return result


def _was_removed(installation: Installation, path: str) -> bool:
    """Whether the author took a plan or units file away; a link that leads nowhere is still there."""
    file = installation.settings.home / path
    return path.startswith("plans/") and not file.exists() and not file.is_symlink()
