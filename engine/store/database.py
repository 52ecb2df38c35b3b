"""Opens the database: SQLite in the home by default, PostgreSQL when several machines share the work."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, Engine, Text, any_, bindparam, create_engine, event, false, func, select, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.sql import ColumnElement

from engine.errors import DondocError

# As many as the web page has threads, so that none of them waits for a connection.
_CONNECTIONS = {"pool_size": 10, "max_overflow": 30}

BUSY_SECONDS = 60
"""How long a SQLite writer waits for another one."""


class DatabaseUnavailable(DondocError):
    """The database cannot be reached or its address is wrong; the text masks the password."""


def open_engine(url: str) -> Engine:
    """An engine for ``url``; connects lazily. Raises DatabaseUnavailable for a bad address."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnavailable(
            "DONDOC_DATABASE_URL không đúng dạng; ví dụ: postgresql://tên@máy/csdl hoặc sqlite:////đường/dẫn/dondoc.db"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseUnavailable(
            f"Chưa hỗ trợ cơ sở dữ liệu “{parsed.get_backend_name()}”; dùng sqlite hoặc postgresql"
        )
    return create_engine(parsed, pool_pre_ping=True, **_CONNECTIONS)


def _sqlite(url: URL) -> Engine:
    in_memory = not url.database or url.database == ":memory:"
    if url.database and not in_memory:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **({} if in_memory else _CONNECTIONS))

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # SQLAlchemy, not the driver, begins transactions: a writer must take the lock at BEGIN.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("dondoc_mode", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; on SQLite it holds the write lock from the start."""
    with _reachable(), engine.begin() as connection:
        yield connection


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """One transaction that may put new tables in the place of old ones. While one is away, SQLite would take
    the rows that point to it for orphans, so it looks for them at the end alone. DatabaseUnavailable when
    there are any: nothing has changed then."""
    if engine.dialect.name != "sqlite":
        with writing(engine) as connection:
            yield connection
        return
    with _reachable(), engine.connect() as connection:
        # Within a transaction the pragma does nothing, and whatever goes through SQLAlchemy begins one.
        driver = connection.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if orphan := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise DatabaseUnavailable(
                        "Không nâng cấp được cơ sở dữ liệu, dữ liệu giữ nguyên như cũ: "
                        f"bảng {orphan[0]} có dòng trỏ tới dòng không còn"
                    )
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: a consistent picture that blocks nobody."""
    deferred = engine.execution_options(dondoc_mode="DEFERRED")
    with _reachable(), deferred.begin() as connection:
        yield connection


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else ""
        raise DatabaseUnavailable(f"Không dùng được cơ sở dữ liệu: {reason}") from error
    except DatabaseError as error:
        # Its subclasses are mistakes of ours; the class itself is what SQLite says of a damaged file.
        if type(error) is not DatabaseError:
            raise
        raise DatabaseUnavailable(
            "Tệp cơ sở dữ liệu bị hỏng hoặc không phải là cơ sở dữ liệu; hãy khôi phục từ bản sao lưu"
        ) from error


def take_turns(connection: Connection, work: int) -> None:
    """Processes that do this ``work`` wait for each other until their transaction ends, as all writers do
    on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:work)"), {"work": work})


def among(connection: Connection, column: Any, values: Collection[str]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``values``, in one parameter however many they are: databases take some
    ten thousand at most."""
    if not values:
        return false()
    if connection.dialect.name == "postgresql":
        listed = bindparam(None, sorted(values), ARRAY(Text), unique=True)
        found: ColumnElement[bool] = column == any_(listed)
        return found
    each = func.json_each(json.dumps(sorted(values))).table_valued("value")
    either: ColumnElement[bool] = column.in_(select(each.c.value))
    return either


def insert_ignoring(connection: Connection, table: Any) -> Any:
    """An INSERT of ``table`` that passes over rows whose unique key is taken; ``rowcount`` says how many
    went in."""
    # On PostgreSQL SQLAlchemy counts the rows of an INSERT only when asked.
    statement = _insert(connection, table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


def insert_or_update(
    connection: Connection,
    table: Any,
    key: Sequence[str],
    values: Mapping[str, Any],
    where: Any = None,
) -> Any:
    """An INSERT of ``table`` that sets ``values`` on the row that has the ``key`` already, if ``where``
    holds for it, and passes over it otherwise."""
    statement = _insert(connection, table)
    return statement.on_conflict_do_update(index_elements=list(key), set_=dict(values), where=where)


def _insert(connection: Connection, table: Any) -> Any:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # heavy: one dialect at a time

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # heavy: as above

    return sqlite.insert(table)
