"""What lies on the office's desk: messages that could not go out, and when the last pass was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.store.outbox import FAILED, NO_ADDRESS
from engine.store.tables import MessageRow, SlotRow

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_SLOT = SlotRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Desk:
    """Counts of messages that need a person, and the start of the last slot done."""

    failed: int
    no_channel: int
    in_doubt: int
    last_slot: datetime | None


def desk(connection: Connection) -> Desk:
    """What needs a person's eye now."""
    query = select(_MESSAGE.c.state, func.count()).group_by(_MESSAGE.c.state)
    by_state = {state: count for state, count in connection.execute(query)}
    doubtful = select(func.count()).select_from(_MESSAGE).where(_MESSAGE.c.in_doubt)
    return Desk(
        failed=by_state.get(FAILED, 0),
        no_channel=by_state.get(NO_ADDRESS, 0),
        in_doubt=connection.execute(doubtful).scalar_one(),
        last_slot=connection.execute(select(func.max(_SLOT.c.start))).scalar(),
    )
