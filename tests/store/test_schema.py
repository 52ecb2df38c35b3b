"""Migrations: from nothing to the newest version, by any number of processes, on both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    insert,
    inspect,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import engine.store.tables
from engine.store.database import DatabaseUnavailable, open_engine, reading, writing
from engine.store.schema import HEAD, NewerDatabase, config_for, current, migrate
from tests.store.databases import opened

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2023, 6, 15, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """Here the tables are not there yet."""
    return "template0"


def test_an_empty_database_gets_every_table(database_url: str) -> None:
    with opened(database_url) as store:
        assert migrate(store) is True
        assert migrate(store) is False
        with reading(store) as connection:
            assert current(connection) == HEAD
            tables = set(inspect(connection).get_table_names())
    assert tables == {*SQLModel.metadata.tables, "alembic_version"}


def test_head_is_what_the_folder_says() -> None:
    assert ScriptDirectory.from_config(config_for(None)).get_heads() == [HEAD]


def test_tables_and_migrations_do_not_differ(database_url: str) -> None:
    assert engine.store.tables.NoticeRow.__tablename__ in SQLModel.metadata.tables
    with opened(database_url) as store:
        migrate(store)
        with reading(store) as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, SQLModel.metadata) == []


def fill(connection: Connection) -> dict[str, int]:
    """A row in each table, each pointing to the others' where it may; how many each table has."""
    metadata = MetaData()
    metadata.reflect(connection)
    made: dict[tuple[str, str], object] = {}
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        row: dict[str, object] = {}
        for column in table.columns:
            parent = next(iter(column.foreign_keys), None)
            if parent is not None:
                row[column.name] = made[parent.column.table.name, parent.column.name]
            else:
                row[column.name] = value_for(column)
            made[table.name, column.name] = row[column.name]
        connection.execute(insert(table), row)
    return counts(connection)


def value_for(column: Column[Any]) -> object:
    kinds: tuple[tuple[type[Any], object], ...] = (
        (Boolean, True),
        (Integer, 1),
        (DateTime, NOON),
        (Date, NOON.date()),
        (LargeBinary, b"x"),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), "x")


def counts(connection: Connection) -> dict[str, int]:
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_an_older_database_keeps_all_it_holds(database_url: str, revision: str) -> None:
    from alembic import command

    with opened(database_url) as store:
        with writing(store) as connection:
            command.upgrade(config_for(connection), revision)
        with writing(store) as connection:
            before = fill(connection)
        assert migrate(store) is True
        with reading(store) as connection:
            after = counts(connection)
            assert {name: after[name] for name in before} == before
        with pytest.raises(IntegrityError), writing(store) as connection:
            connection.execute(text("DELETE FROM assignment"))  # the events still point to it


def test_orphans_keep_an_upgrade_from_happening(sqlite_url: str) -> None:
    from alembic import command

    with opened(sqlite_url) as store:
        with writing(store) as connection:
            command.upgrade(config_for(connection), "0002")
        with writing(store) as connection:
            fill(connection)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as direct, direct:
            direct.execute("DELETE FROM assignment")
        with pytest.raises(DatabaseUnavailable, match="trỏ tới dòng không còn"):
            migrate(store)
        with reading(store) as connection:
            assert current(connection) == "0002"


def test_down_again_leaves_nothing(database_url: str) -> None:
    from alembic import command

    with opened(database_url) as store:
        migrate(store)
        with writing(store) as connection:
            command.downgrade(config_for(connection), "base")
        with reading(store) as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    code = (
        "import sys; from engine.store.database import open_engine; from engine.store.schema import migrate; "
        "sys.stdin.read(1); print(migrate(open_engine(sys.argv[1])))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for child in running:
        assert child.stdin is not None
        child.stdin.write("x")
        child.stdin.flush()
    ended = [(child.communicate(timeout=60), child.returncode) for child in running]
    assert [code for _, code in ended] == [0, 0, 0], [words[1] for words, _ in ended]
    with opened(database_url) as store, reading(store) as connection:
        assert current(connection) == HEAD


def test_a_database_of_a_newer_version_is_not_touched(database_url: str) -> None:
    with opened(database_url) as store:
        migrate(store)
        with writing(store) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(NewerDatabase, match="9999"):
            migrate(store)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("không phải địa chỉ", "không đúng dạng"),
        ("mysql://u:matkhau@host/db", "Chưa hỗ trợ"),
        ("postgresql://u:matkhau@127.0.0.1:1/db", "Không dùng được cơ sở dữ liệu"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_in_vietnamese_without_the_password(
    url: str, words: str
) -> None:
    def use(url: str) -> Engine:
        store = open_engine(url)
        with reading(store):
            return store

    with pytest.raises(DatabaseUnavailable, match=words) as refused:
        use(url)
    assert "matkhau" not in str(refused.value)


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'mới' / 'dondoc.db'}") as store:
        assert migrate(store)
