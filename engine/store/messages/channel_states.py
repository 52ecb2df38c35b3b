"""How each channel is: open, resting after failures of its own, or stopped until a person acts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from engine.store.database import insert_ignoring
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

    def takes(self, moment: datetime) -> bool:
        """Whether anything may be sent: it is open, or its rest is over and one message may try."""
        if self.state == RESTING:
            return self.until is None or self.until <= moment
        return self.state == OPEN


def everything(connection: Connection) -> dict[str, ChannelState]:
    """The channels that were ever used, by name; one that is not listed is open."""
    rows = connection.execute(select(_STATE).order_by(_STATE.c.channel)).mappings()
    return {row["channel"]: ChannelState(**row) for row in rows}


def stopped(connection: Connection) -> list[str]:
    """The names of the channels that wait for a person."""
    query = select(_STATE.c.channel).where(_STATE.c.state == STOPPED).order_by(_STATE.c.channel)
    return list(connection.execute(query).scalars())


def note_used(connection: Connection, channels: Collection[str], now: datetime) -> None:
    """Gives each of these channels its row, an open one where it has none yet."""
    new = {"state": OPEN, "failures": 0, "detail": "", "changed_at": now}
    rows = [{"channel": channel, **new} for channel in sorted(channels)]
    if rows:
        connection.execute(insert_ignoring(connection, _STATE), rows)


def held(connection: Connection, channels: Collection[str]) -> dict[str, ChannelState]:
    """These channels as they are now, and as nobody else changes them before this transaction ends."""
    own = select(_STATE).where(_STATE.c.channel.in_(channels)).order_by(_STATE.c.channel)
    rows = connection.execute(own.with_for_update()).mappings()
    return {row["channel"]: ChannelState(**row) for row in rows}


def put(connection: Connection, state: ChannelState) -> None:
    """Makes a channel what ``state`` says; the caller has it ``held``."""
    values = asdict(state)
    own = _STATE.c.channel == values.pop("channel")
    connection.execute(update(_STATE).where(own).values(values))


def resume(connection: Connection, channel: str, now: datetime) -> bool:
    """A person put things right: the channel is open again. False when it was open."""
    own = (_STATE.c.channel == channel) & (_STATE.c.state != OPEN)
    again = {"state": OPEN, "until": None, "failures": 0, "code": None, "detail": "", "changed_at": now}
    return bool(connection.execute(update(_STATE).where(own).values(again)).rowcount)
