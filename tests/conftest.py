"""What many tests stand on: databases of both kinds and an empty home."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import PostgresServer, running_postgres

# Two runs side by side on a small machine make single examples slow; that is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Whoever runs the tests may have settings of an installation of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DONDOC_")]:
            patch.delenv(name)
        # A run side by side has no terminal to ask for its width.
        patch.setenv("COLUMNS", "120")
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with nothing in it: `plans/`, `plans/units/` and `rules/` without files."""
    folder = tmp_path / "home"
    (folder / "plans" / "units").mkdir(parents=True)
    (folder / "rules").mkdir()
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test process's own; it starts with the first test that asks for it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The database that each test's own is a copy of; override it with one that has the tables already."""
    return "template0"


@pytest.fixture(scope="session")
def _next_number() -> Callable[[], int]:
    return count(1).__next__


@pytest.fixture
def postgres_url(
    postgres: PostgresServer, postgres_template: str, _next_number: Callable[[], int]
) -> Iterator[str]:
    """The address of a fresh PostgreSQL database."""
    name = f"test_{_next_number()}"
    postgres.create_database(name, postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'dondoc.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database; a test that asks for it runs once for each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url
