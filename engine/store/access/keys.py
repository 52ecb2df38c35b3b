"""Keys of other systems: shown once, kept as hashes, with scopes, a unit, an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from engine.store.access.tokens import hash_of, new_token
from engine.store.tables import ApiKeyRow

_KEY = ApiKeyRow.__table__  # type: ignore[attr-defined]

PREFIX = "dondoc_"
"""What every key begins with, so that a search for leaked secrets finds it."""


class Scope(StrEnum):
    """One kind of thing that a key may do."""

    READ = "read"
    SUBMIT = "submit"
    WEBHOOKS = "webhooks"


SCOPE_NAMES = {
    Scope.READ: "đọc nhiệm vụ",
    Scope.SUBMIT: "gửi cập nhật tiến độ",
    Scope.WEBHOOKS: "đăng ký nhận tin (webhook)",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. ``unit`` limits it to that unit and its subtree; None: everything."""

    id: int
    name: str
    scopes: frozenset[Scope]
    unit: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it opens anything at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def make(
    connection: Connection,
    name: str,
    scopes: frozenset[Scope],
    created_by: str,
    now: datetime,
    *,
    unit: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[Key, str]:
    """A new key, and its secret, which cannot be had again."""
    secret = PREFIX + new_token()
    row = {
        "name": name,
        "key_hash": hash_of(secret),
        "scopes": " ".join(sorted(scopes)),
        "unit": unit,
        "created_by": created_by,
        "created_at": now,
        "expires_at": expires_at,
    }
    id = connection.execute(insert(_KEY).values(row).returning(_KEY.c.id)).scalar_one()
    return Key(id, name, scopes, unit, created_by, now, expires_at, None), secret


def find(connection: Connection, secret: str, now: datetime) -> Key | None:
    """The key behind a secret; None for one that is unknown, over or revoked."""
    row = connection.execute(select(_KEY).where(_KEY.c.key_hash == hash_of(secret))).mappings().first()
    key = _key(row) if row else None
    return key if key is not None and key.holds(now) else None


def all_keys(connection: Connection) -> list[Key]:
    """Every key that was ever made, newest first."""
    return [_key(row) for row in connection.execute(select(_KEY).order_by(_KEY.c.id.desc())).mappings()]


def revoke(connection: Connection, id: int, now: datetime) -> Key | None:
    """Ends a key for good; None when there is none or it was revoked before."""
    mine = (_KEY.c.id == id) & _KEY.c.revoked_at.is_(None)
    if connection.execute(update(_KEY).where(mine).values(revoked_at=now)).rowcount != 1:
        return None
    return _key(connection.execute(select(_KEY).where(_KEY.c.id == id)).mappings().one())


def _key(row: Any) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(map(Scope, row["scopes"].split())),
        unit=row["unit"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
