"""The home as far as it is in force, without touching the database unless a file is broken."""

from __future__ import annotations

from pathlib import Path

from engine.cli.output import note
from engine.errors import DondocError, InputError, Severity
from engine.loading.home import Home, load_home


def home_in_force(home: Path) -> Home:
    """The plans of a home; a broken file stands in its last good version, where the database has one.

    Raises InputError when calendar or units are broken and never were good, DondocError for no home.
    """
    try:
        found = load_home(home)
    except InputError:
        accepted = _last_good_files(home)
        if not accepted:
            raise
        return load_home(home, accepted)
    if any(problem.severity is Severity.ERROR for problem in found.problems):
        accepted = _last_good_files(home)
        if accepted:
            return load_home(home, accepted)
    return found


def _last_good_files(home: Path) -> dict[str, bytes]:
    """The last good version of each file by its path; empty where no database can be asked."""
    try:
        return _remembered(home)
    except DondocError as error:
        note(f"Không hỏi được cơ sở dữ liệu về bản tốt gần nhất: {error}")
        return {}


def _remembered(home: Path) -> dict[str, bytes]:
    # heavy: the database, only for a home with a broken file
    from engine.installation.settings import load_settings
    from engine.store.accepted import accepted_files
    from engine.store.database import open_engine, reading
    from engine.store.schema import current

    url = load_settings(home).database_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        return {}
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return accepted_files(connection) if current(connection) else {}
    finally:
        engine.dispose()
