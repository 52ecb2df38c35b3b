"""Changes that other systems ask for under a name of their own: asked again, they are recorded once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.store.database import insert_ignoring
from engine.store.tables import ApiRequestRow

_REQUEST = ApiRequestRow.__table__  # type: ignore[attr-defined]

KEPT = timedelta(days=30)
"""How long a name is remembered."""


class NameTaken(DondocError):
    """The name was used for something else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request under its name: ``event`` is the event that it recorded before, None when it is new or
    recorded something else."""

    key: int
    name_hash: str
    event: int | None
    is_new: bool


def take(connection: Connection, key: int, name: str, body: str, now: datetime) -> Asked:
    """Takes a name inside the transaction that records the change; waits for another that has it just now.

    NameTaken when the same key used it for another ``body``. What is refused later takes the name back.
    """
    connection.execute(delete(_REQUEST).where(_REQUEST.c.created_at < now - KEPT))
    name_hash, body_hash = (hashlib.sha256(text.encode()).hexdigest() for text in (name, body))
    row = {"key": key, "name_hash": name_hash, "body_hash": body_hash, "created_at": now}
    if connection.execute(insert_ignoring(connection, _REQUEST), row).rowcount == 1:
        return Asked(key, name_hash, None, is_new=True)
    mine = (_REQUEST.c.key == key) & (_REQUEST.c.name_hash == name_hash)
    found = connection.execute(select(_REQUEST).where(mine)).mappings().one()
    if found["body_hash"] != body_hash:
        raise NameTaken("Idempotency-Key này đã dùng cho một yêu cầu khác")
    return Asked(key, name_hash, found["event"], is_new=False)


def recorded(connection: Connection, asked: Asked, event: int) -> None:
    """Remembers what a request recorded."""
    mine = (_REQUEST.c.key == asked.key) & (_REQUEST.c.name_hash == asked.name_hash)
    connection.execute(update(_REQUEST).where(mine).values(event=event))
