"""Databases of both kinds that have the tables already: made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import Engine

from engine.store.database import open_engine
from engine.store.schema import migrate
from tests.postgres import PostgresServer


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine that is closed at the end."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database with all tables, one for each folder that asks for it."""
    name = f"template_{token_hex(4)}"
    postgres.create_database(name)
    with opened(postgres.url(name)) as engine:
        migrate(engine)
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables."""
    path = tmp_path_factory.mktemp("template") / "dondoc.db"
    with opened(f"sqlite:///{path}") as engine:
        migrate(engine)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with empty tables; a test that asks for it runs once for each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), tmp_path / "dondoc.db")
    return f"sqlite:///{tmp_path / 'dondoc.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    """An engine on such a database."""
    with opened(store_url) as engine:
        yield engine


Fresh = Callable[[], Engine]


@pytest.fixture
def another(store_url: str) -> Iterator[Fresh]:
    """Opens the same database once more, as another process would."""
    engines: list[Engine] = []

    def fresh() -> Engine:
        engines.append(open_engine(store_url))
        return engines[-1]

    yield fresh
    for engine in engines:
        engine.dispose()
