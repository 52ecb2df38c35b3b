"""What was handed over by the bot's server: each message once, and by one process at a time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.engine import Connection

from engine.store.database import insert_ignoring
from engine.store.tables import BotUpdateRow

_UPDATE = BotUpdateRow.__table__  # type: ignore[attr-defined]

_LEASE = "lease:poll"
"""A row of the same table: ``at`` is when the turn of whoever polls ends."""

_MESSAGE = "message:"
_REMEMBERED = timedelta(days=30)


def is_new(connection: Connection, message: str, now: datetime) -> bool:
    """Notes a message; False when it was handed over before. Call it in the transaction of its effect."""
    key = _MESSAGE + (message if len(message) <= 64 else hashlib.sha256(message.encode()).hexdigest())
    return bool(
        connection.execute(insert_ignoring(connection, _UPDATE), {"message": key, "at": now}).rowcount
    )


def forget_old(connection: Connection, now: datetime) -> None:
    """Removes messages that no server hands over again after so long."""
    old = _UPDATE.c.message.startswith(_MESSAGE) & (_UPDATE.c.at < now - _REMEMBERED)
    connection.execute(delete(_UPDATE).where(old))


def take_lease(
    connection: Connection, now: datetime, lasting: timedelta, held: datetime | None
) -> datetime | None:
    """The turn to poll until the instant given back; None while another process has it.

    ``held`` is what this process was given last: with it the turn is prolonged.
    """
    until = now + lasting
    connection.execute(
        insert_ignoring(connection, _UPDATE), {"message": _LEASE, "at": now - timedelta(days=1)}
    )
    free = _UPDATE.c.at <= now
    mine = free | (_UPDATE.c.at == held) if held is not None else free
    taken = update(_UPDATE).where((_UPDATE.c.message == _LEASE) & mine).values(at=until)
    return until if connection.execute(taken).rowcount else None


def end_lease(connection: Connection, now: datetime, held: datetime) -> None:
    """Gives the turn back before its time."""
    own = (_UPDATE.c.message == _LEASE) & (_UPDATE.c.at == held)
    connection.execute(update(_UPDATE).where(own).values(at=now))
