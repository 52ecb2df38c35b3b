"""Accounts of the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.model.access import Role
from engine.store.tables import AccountRow

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the office, without the password."""

    id: int
    login: str
    name: str
    role: Role
    active: bool
    must_change: bool


def by_id(connection: Connection, id: int) -> Account | None:
    """The account with this number."""
    row = connection.execute(select(_ACCOUNT).where(_ACCOUNT.c.id == id)).mappings().first()
    return account_of(row) if row else None


def account_of(row: Any) -> Account:
    """The account in a row of ``account``."""
    return Account(row["id"], row["login"], row["name"], Role(row["role"]), row["active"], row["must_change"])
