"""A consistent copy of an installation: every table and the files of the home, in one zip."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

import engine.store.tables  # noqa: F401 - fills the metadata
from engine.errors import DondocError, os_reason
from engine.store.database import reading
from engine.store.schema import HEAD

_FOLDERS = ("plans", "rules")
_FILES = ("dondoc.toml",)


def write_backup(database: Engine, home: Path, file: Path, now: datetime) -> dict[str, int]:
    """Writes the copy and gives back the rows of each table.

    All tables are read in one transaction, so that the copy is one moment's picture while others go
    on working. The file appears whole or not at all and is readable for its owner only, since it
    holds contacts. DondocError when it exists or cannot be written.
    """
    if file.exists():
        raise DondocError(f"Tệp {file} đã có; chọn tên khác để khỏi ghi đè bản sao lưu cũ")
    partial = file.with_name(file.name + ".dang-ghi")
    try:
        # What a killed backup left behind may be readable for others.
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600, exist_ok=False)
        counts = _write(database, home, partial, now)
        partial.replace(file)
    except OSError as error:
        raise DondocError(f"Không ghi được {file}: {os_reason(error)}") from error
    finally:
        partial.unlink(missing_ok=True)
    return counts


def _write(database: Engine, home: Path, file: Path, now: datetime) -> dict[str, int]:
    counts: dict[str, int] = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as copy, reading(database) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for table in SQLModel.metadata.sorted_tables:
            counts[table.name] = 0
            with copy.open(f"tables/{table.name}.jsonl", "w") as stream:
                order = list(table.primary_key.columns)
                for row in connection.execute(select(table).order_by(*order)).mappings():
                    line = json.dumps(dict(row), ensure_ascii=False, default=_plain)
                    stream.write(line.encode() + b"\n")
                    counts[table.name] += 1
        for path in _home_files(home):
            copy.write(path, f"home/{path.relative_to(home).as_posix()}")
        head = {"revision": HEAD, "at": now.isoformat(), "rows": counts}
        copy.writestr("backup.json", json.dumps(head, ensure_ascii=False, indent=2))
    return counts


def _home_files(home: Path) -> list[Path]:
    found = [home / name for name in _FILES]
    for folder in _FOLDERS:
        found.extend(sorted((home / folder).rglob("*.y*ml")))
    return [path for path in found if path.is_file()]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"hex": bytes(value).hex()}
    return value.isoformat()
