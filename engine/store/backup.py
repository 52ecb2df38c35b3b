"""A consistent copy of an installation: every table, the files of the home and the evidence, in one zip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

import engine.store.tables  # noqa: F401 - fills the metadata
from engine.errors import DondocError, os_reason
from engine.store.database import reading
from engine.store.schema import HEAD
from engine.store.work.evidence import all_of_them, place_of

_FOLDERS = ("plans", "rules")
_FILES = ("dondoc.toml",)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a copy holds: the rows of each table, how many evidence files, and the numbers of those whose
    content is gone from the home."""

    rows: Mapping[str, int]
    evidence: int
    missing: tuple[str, ...]


def write_backup(database: Engine, home: Path, file: Path, now: datetime) -> Saved:
    """Writes the copy and gives back what it holds.

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
        saved = _write(database, home, partial, now)
        partial.replace(file)
    except OSError as error:
        raise DondocError(f"Không ghi được {file}: {os_reason(error)}") from error
    finally:
        partial.unlink(missing_ok=True)
    return saved


def _write(database: Engine, home: Path, file: Path, now: datetime) -> Saved:
    counts: dict[str, int] = {}
    missing: list[str] = []
    evidence = 0
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
        for proof in all_of_them(connection):
            try:
                # What is packed already does not get smaller.
                name = f"home/{place_of(home, proof.id).relative_to(home).as_posix()}"
                copy.write(place_of(home, proof.id), name, ZIP_STORED)
                evidence += 1
            except FileNotFoundError:
                missing.append(proof.id)
        files = {"files": evidence, "missing": missing}
        head = {"revision": HEAD, "at": now.isoformat(), "rows": counts, "evidence": files}
        copy.writestr("backup.json", json.dumps(head, ensure_ascii=False, indent=2))
    return Saved(counts, evidence, tuple(missing))


def _home_files(home: Path) -> list[Path]:
    found = [home / name for name in _FILES]
    for folder in _FOLDERS:
        found.extend(sorted((home / folder).rglob("*.y*ml")))
    return [path for path in found if path.is_file()]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"hex": bytes(value).hex()}
    return value.isoformat()
