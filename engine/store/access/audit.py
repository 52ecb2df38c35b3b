"""The audit log: who did what, when, from where, before and after. Rows are only ever added.

Each row's hash covers the row before it, so that a log that was cut or changed behind the triggers of
the database shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from engine.store.database import take_turns
from engine.store.tables import AuditRow

_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]
_TURN = 7_219_453
_BEGINNING = "0" * 64
_HASHED = ("at", "actor", "actor_name", "origin", "action", "subject", "before", "after", "previous")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``id`` is "account:3", "link:12", "key:4" or "system"; ``origin`` the network address."""

    id: str
    name: str
    origin: str = ""


SYSTEM = Actor("system", "hệ thống")


def append(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Adds one row; call it last in the transaction of the act itself.

    ``before`` and ``after`` hold what changed, never a password, a token or an unmasked phone or e-mail.
    """
    take_turns(connection, _TURN)
    last = select(_AUDIT.c.hash).order_by(_AUDIT.c.id.desc()).limit(1)
    row = {
        "at": at.astimezone(UTC),
        "actor": actor.id,
        "actor_name": actor.name,
        "origin": actor.origin,
        "action": action,
        "subject": subject,
        "before": _text(before),
        "after": _text(after),
        "previous": connection.execute(last).scalar() or _BEGINNING,
    }
    connection.execute(insert(_AUDIT).values(**row, hash=_hash(row)))


def first_broken(connection: Connection) -> int | None:
    """The number of the first row that does not fit the one before it; None for a sound log."""
    previous = _BEGINNING
    # Row by row: years of work need not fit into memory.
    everything = select(_AUDIT).order_by(_AUDIT.c.id).execution_options(yield_per=1000)
    with connection.execute(everything) as found:
        for row in found.mappings():
            if row["previous"] != previous or row["hash"] != _hash(row):
                return int(row["id"])
            previous = row["hash"]
    return None


def _text(value: Mapping[str, Any] | None) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) if value else ""


def _hash(row: Mapping[Any, Any]) -> str:
    parts = [row[name].isoformat() if name == "at" else str(row[name]) for name in _HASHED]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
