"""The last good version of every file of the home: what stays in force when an edit is broken."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from engine.store.database import take_turns
from engine.store.tables import AcceptedFile

_WORK = 7_219_449

_FILE = AcceptedFile.__table__  # type: ignore[attr-defined]


def accepted_files(connection: Connection) -> dict[str, bytes]:
    """The last good content of each file, by its path relative to the home."""
    return {path: bytes(data) for path, data in connection.execute(select(_FILE.c.path, _FILE.c.content))}


def accept(connection: Connection, files: Mapping[str, bytes], now: datetime) -> tuple[str, ...]:
    """Remembers ``files`` as good; gives back those that were new or different.

    Whoever does the same at this moment waits, and then finds nothing new."""
    take_turns(connection, _WORK)
    known = {path: sha for path, sha in connection.execute(select(_FILE.c.path, _FILE.c.sha256))}
    fresh = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    changed = [path for path, sha in fresh.items() if known.get(path) != sha]
    if changed:
        connection.execute(delete(_FILE).where(_FILE.c.path.in_(changed)))
        rows = [{"path": p, "sha256": fresh[p], "content": files[p], "accepted_at": now} for p in changed]
        connection.execute(insert(_FILE), rows)
    return tuple(changed)


def forget(connection: Connection, paths: set[str]) -> None:
    """Files that were removed on purpose have no last good version any more."""
    if paths:
        connection.execute(delete(_FILE).where(_FILE.c.path.in_(paths)))
