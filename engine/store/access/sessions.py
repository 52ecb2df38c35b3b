"""Signed-in browsers. A session ends after a time without use, and in any case after a working day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.access.accounts import Account, account_of
from engine.store.access.tokens import hash_of, new_token
from engine.store.database import reading, writing
from engine.store.tables import AccountRow, SessionRow

_SESSION = SessionRow.__table__  # type: ignore[attr-defined]
_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
_NOTED_EVERY = timedelta(minutes=5)


def begin(connection: Connection, account: int, now: datetime, origin: str) -> str:
    """Opens a session and gives back its token; every sign-in gets a token of its own."""
    token = new_token()
    connection.execute(delete(_SESSION).where(_SESSION.c.expires_at < now))
    connection.execute(
        insert(_SESSION).values(
            token_hash=hash_of(token),
            account=account,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LONGEST,
            origin=origin,
        )
    )
    return token


def who(engine: Engine, token: str, now: datetime) -> Account | None:
    """The account behind a token; None when the session ended or the account was closed."""
    key = hash_of(token)
    query = (
        select(_ACCOUNT, _SESSION.c.last_seen_at)
        .join(_SESSION, _SESSION.c.account == _ACCOUNT.c.id)
        .where((_SESSION.c.token_hash == key) & (_SESSION.c.expires_at > now) & _ACCOUNT.c.active)
    )
    with reading(engine) as connection:
        row = connection.execute(query).mappings().first()
    if row is None or now - row["last_seen_at"] > IDLE:
        return None
    if now - row["last_seen_at"] > _NOTED_EVERY:
        with writing(engine) as connection:
            seen = update(_SESSION).where(_SESSION.c.token_hash == key)
            connection.execute(seen.values(last_seen_at=now))
    return account_of(row)


def end(connection: Connection, token: str) -> None:
    """Ends one session."""
    connection.execute(delete(_SESSION).where(_SESSION.c.token_hash == hash_of(token)))


def end_all(connection: Connection, account: int) -> None:
    """Ends every session of an account: its role, password or standing has changed."""
    connection.execute(delete(_SESSION).where(_SESSION.c.account == account))
