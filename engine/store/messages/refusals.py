"""Addresses that their channel refused for good, until somebody corrects them or lets them be tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection, RowMapping

from engine.store.database import insert_or_update
from engine.store.tables import RefusalRow

_REFUSAL = RefusalRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Refusal:
    """``detail`` is one Vietnamese line, ``code`` the channel's own number, ``message`` the one refused."""

    channel: str
    address: str
    code: int | None
    detail: str
    message: str
    at: datetime


def record(connection: Connection, refusal: Refusal) -> None:
    """Notes that an address is refused; a newer refusal takes the place of an older one."""
    values = {
        "channel": refusal.channel,
        "address": refusal.address,
        "code": refusal.code,
        "detail": refusal.detail,
        "message": refusal.message,
        "at": refusal.at,
    }
    again = {name: value for name, value in values.items() if name not in ("channel", "address")}
    connection.execute(insert_or_update(connection, _REFUSAL, ("channel", "address"), again), values)


def clear(connection: Connection, channel: str, address: str) -> bool:
    """Lets an address be tried again; False when it was not refused."""
    own = (_REFUSAL.c.channel == channel) & (_REFUSAL.c.address == address)
    return bool(connection.execute(delete(_REFUSAL).where(own)).rowcount)


def everything(connection: Connection) -> dict[tuple[str, str], Refusal]:
    """All refusals by channel and address."""
    rows = connection.execute(select(_REFUSAL).order_by(_REFUSAL.c.at)).mappings()
    return {(row["channel"], row["address"]): _refusal(row) for row in rows}


def _refusal(row: RowMapping) -> Refusal:
    return Refusal(row["channel"], row["address"], row["code"], row["detail"], row["message"], row["at"])
