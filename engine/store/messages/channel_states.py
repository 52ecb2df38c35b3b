"""How each channel is: open, resting after failures of its own, or stopped until a person acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from engine.store.tables import ChannelStateRow

_STATE = ChannelStateRow.__table__  # type: ignore[attr-defined]

OPEN = "open"
RESTING = "resting"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ChannelState:
    """``until`` ends a rest. ``detail`` is one Vietnamese line on the last failure, ``code`` the channel's
    own number; ``remaining`` what the far end said at ``remaining_at`` that it still takes that day."""

    channel: str
    state: str
    until: datetime | None
    failures: int
    code: int | None
    detail: str
    changed_at: datetime
    remaining: int | None
    remaining_at: datetime | None


def everything(connection: Connection) -> dict[str, ChannelState]:
    """The channels that were ever used, by name; one that is not listed is open."""
    rows = connection.execute(select(_STATE).order_by(_STATE.c.channel)).mappings()
    return {row["channel"]: ChannelState(**row) for row in rows}


def resume(connection: Connection, channel: str, now: datetime) -> bool:
    """A person put things right: the channel is open again. False when it was open."""
    own = (_STATE.c.channel == channel) & (_STATE.c.state != OPEN)
    again = {"state": OPEN, "until": None, "failures": 0, "code": None, "detail": "", "changed_at": now}
    return bool(connection.execute(update(_STATE).where(own).values(again)).rowcount)
