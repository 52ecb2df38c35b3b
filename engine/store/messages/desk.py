"""The office's notification desk: what was sent to whom, what could not go out, and what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, literal_column, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from engine.store.database import among
from engine.store.messages.outbox import FAILED, NO_ADDRESS, QUEUED, REPLACED, SENDING, SENT
from engine.store.tables import MessageRow, SlotRow

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_SLOT = SlotRow.__table__  # type: ignore[attr-defined]


class DeskState(StrEnum):
    """Where a message stands, as the office needs to see it."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    REPLACED = "replaced"


DESK_STATE_NAMES = {
    DeskState.WAITING: "chờ giờ gửi",
    DeskState.SENDING: "đang gửi",
    DeskState.SENT: "đã gửi",
    DeskState.FAILED: "thất bại",
    DeskState.UNKNOWN: "không rõ đã đến hay chưa",
    DeskState.NO_ADDRESS: "chưa có địa chỉ",
    DeskState.REPLACED: "đã chuyển sang tin sau",
}

_EVER = date(1900, 1, 1)

# In doubt and not sent since: the far end may have it, whether it is tried again or was given up.
_UNSURE = (QUEUED, FAILED)
_PLAIN = {
    DeskState.WAITING: QUEUED,
    DeskState.SENDING: SENDING,
    DeskState.SENT: SENT,
    DeskState.FAILED: FAILED,
    DeskState.NO_ADDRESS: NO_ADDRESS,
    DeskState.REPLACED: REPLACED,
}
_BY_STATE = {state: seen for seen, state in _PLAIN.items()}


def desk_state(state: str, in_doubt: bool) -> DeskState:
    """What the office calls the state of a message."""
    return DeskState.UNKNOWN if in_doubt and state in _UNSURE else _BY_STATE[state]


def has_state(wanted: DeskState) -> ColumnElement[bool]:
    """The same as a condition of the database."""
    if wanted is DeskState.UNKNOWN:
        found: ColumnElement[bool] = _MESSAGE.c.in_doubt & _MESSAGE.c.state.in_(_UNSURE)
        return found
    own: ColumnElement[bool] = _MESSAGE.c.state == _PLAIN[wanted]
    return own & ~_MESSAGE.c.in_doubt if _PLAIN[wanted] in _UNSURE else own


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """Which messages are asked for; None for no restriction.

    ``recipients`` are the texts of the column, see ``recipients``. ``address`` is a whole address:
    a part of one would let it be guessed letter by letter. ``id`` is the beginning of a message's id,
    ``channel`` its name.
    """

    first: date | None = None
    last: date | None = None
    state: DeskState | None = None
    recipients: Collection[str] | None = None
    address: str | None = None
    id: str | None = None
    channel: str | None = None


def restricted(connection: Connection, wanted: DeskFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, all but the state."""
    # Always a first day: without one SQLite reads whole messages instead of the index that begins with it.
    found: list[ColumnElement[bool]] = [_MESSAGE.c.day >= (wanted.first or _EVER)]
    if wanted.last is not None:
        found.append(_MESSAGE.c.day <= wanted.last)
    if wanted.recipients is not None:
        found.append(among(connection, _MESSAGE.c.recipient, wanted.recipients))
    if wanted.address is not None:
        found.append(_MESSAGE.c.address == wanted.address)
    if wanted.id is not None:
        found.append(_MESSAGE.c.id.startswith(wanted.id, autoescape=True))
    if wanted.channel is not None:
        found.append(_MESSAGE.c.channel == wanted.channel)
    return found


def counts(connection: Connection, wanted: DeskFilter) -> Mapping[DeskState, int]:
    """How many messages stand in each state, whatever state the filter asks for: every number on the
    desk comes from here."""
    # Not the bare column: SQLite would group by the index on it and read whole messages for the rest.
    state_of = func.coalesce(_MESSAGE.c.state, literal_column("''"))
    query = (
        select(state_of, _MESSAGE.c.in_doubt, func.count())
        .where(*restricted(connection, wanted))
        .group_by(state_of, _MESSAGE.c.in_doubt)
    )
    found: Counter[DeskState] = Counter()
    for state, in_doubt, count in connection.execute(query):
        found[desk_state(state, in_doubt)] += count
    return {state: found[state] for state in DeskState}


def recipients(connection: Connection, first: date | None, last: date | None) -> list[str]:
    """The distinct recipients of the messages of some days: unit ids parted by "; "."""
    query = select(_MESSAGE.c.recipient).distinct()
    return list(connection.execute(query.where(*restricted(connection, DeskFilter(first, last)))).scalars())


@dataclass(frozen=True, slots=True)
class Desk:
    """Counts of messages that need a person, and the start of the last slot done."""

    failed: int
    no_channel: int
    in_doubt: int
    last_slot: datetime | None


def desk(connection: Connection) -> Desk:
    """What needs a person's eye now."""
    by_state = counts(connection, DeskFilter())
    return Desk(
        failed=by_state[DeskState.FAILED],
        no_channel=by_state[DeskState.NO_ADDRESS],
        in_doubt=by_state[DeskState.UNKNOWN],
        last_slot=connection.execute(select(func.max(_SLOT.c.start))).scalar(),
    )
