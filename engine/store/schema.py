"""Brings the tables to the newest version, once, however many processes start at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.store.database import reading, rebuilding

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"
"""The newest revision; a test holds it equal to what the migrations folder says."""

_LOCK = 7_219_446


class NewerDatabase(DondocError):
    """The database was made by a newer version of the program."""


def migrate(engine: Engine) -> bool:
    """Upgrades the database if it is not at HEAD; True when something was done."""
    with reading(engine) as connection:
        found = current(connection)
    if found == HEAD:
        return False
    # heavy: only when there is something to upgrade
    from alembic import command
    from alembic.util import CommandError

    with rebuilding(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = config_for(connection)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise NewerDatabase(
                f"Cơ sở dữ liệu do phiên bản mới hơn của phần mềm tạo ra (phiên bản {found}); "
                "hãy cập nhật phần mềm"
            ) from error
    return True


def current(connection: Connection) -> str | None:
    """The revision of the database, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def config_for(connection: Connection | None) -> Config:
    """The configuration of Alembic for the migrations that ship with the program."""
    # heavy: as above
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
