"""Messages that somebody is sending, or was when their process died."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from engine.store.messages.outbox import SENDING
from engine.store.tables import DeliveryRow, MessageRow

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class InFlight:
    """A message that somebody is sending, or was."""

    id: str
    channel: str
    worker: str
    lease_until: datetime
    attempt: int
    failures: int


def abandoned(connection: Connection) -> list[InFlight]:
    """Messages somebody is sending."""
    c = _MESSAGE.c
    query = select(c.id, c.channel, c.worker, c.lease_until, c.attempts, c.failures).where(c.state == SENDING)
    return [InFlight(r[0], r[1], r[2] or "", *r[3:]) for r in connection.execute(query)]


def name_unknown(connection: Connection, lost: InFlight, state: str, now: datetime) -> bool:
    """A worker died while sending: names the attempt as unknown and the message as in doubt, queued again
    with the same words and the same Message-ID or failed. False when somebody else settled it meanwhile."""
    own = (_MESSAGE.c.id == lost.id) & (_MESSAGE.c.attempts == lost.attempt)
    unsure = {"state": state, "in_doubt": True, "failures": lost.failures + 1}
    mine = connection.execute(
        update(_MESSAGE)
        .where(own & (_MESSAGE.c.state == SENDING) & (_MESSAGE.c.worker == lost.worker))
        .values(worker=None, lease_until=None, **unsure)
    )
    if mine.rowcount != 1:
        return False
    connection.execute(
        update(_DELIVERY)
        .where((_DELIVERY.c.message == lost.id) & (_DELIVERY.c.attempt == lost.attempt))
        .values(ended_at=now, outcome="unknown", detail="Tiến trình dừng giữa chừng khi đang gửi")
    )
    return True
