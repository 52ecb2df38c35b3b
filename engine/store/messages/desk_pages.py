"""The messages of the notification desk, a page at a time and one by one; addresses leave masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.engine import Connection, RowMapping

from engine.store.messages.desk import DeskFilter, DeskState, desk_state, has_state, restricted
from engine.store.tables import DeliveryRow, MessageRow
from notifiers.address import masked

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]

# Not the words: they are long, and a list does not show them.
_COLUMNS = [c for c in _MESSAGE.c if c.name not in ("text", "html")]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send: what the channel answered; ``detail`` in Vietnamese."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    code: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message as the desk shows it; ``units`` are ids, ``address`` is masked and empty where there is
    none, ``text`` is empty in lists. ``last`` is the latest attempt."""

    id: str
    channel: str
    address: str
    units: tuple[str, ...]
    day: date
    subject: str
    text: str
    state: DeskState
    given_up: bool
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    attempts: int
    last: Attempt | None


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Some messages, the newest day first, and whether there are more on either side."""

    rows: tuple[SentMessage, ...]
    newer: bool
    older: bool


def page_of(
    connection: Connection, wanted: DeskFilter, size: int, *, after: str = "", before: str = ""
) -> DeskPage:
    """At most ``size`` messages after (older than) or before (newer than) the one with that id; from the
    newest on where neither is known."""
    at = _place(connection, after or before)
    backwards = bool(before and not after and at is not None)
    query = select(_MESSAGE.c.id).where(*restricted(connection, wanted))
    if wanted.state is not None:
        query = query.where(has_state(wanted.state))
    if at is not None:
        query = query.where(_before(at) if backwards else _after(at))
    ids = list(connection.execute(_ordered(query, backwards).limit(size + 1)).scalars())
    more, ids = len(ids) > size, ids[:size]
    rows = {row["id"]: row for row in connection.execute(_wide(ids)).mappings()}
    last = {id: attempts[-1] for id, attempts in _attempts(connection, ids).items()}
    if backwards:
        ids.reverse()
    return DeskPage(
        rows=tuple(_message(rows[id], last.get(id)) for id in ids),
        newer=more if backwards else at is not None,
        older=True if backwards else more,
    )


def message(connection: Connection, id: str) -> tuple[SentMessage, tuple[Attempt, ...]] | None:
    """One message with its words and every attempt to send it."""
    row = connection.execute(select(_MESSAGE).where(_MESSAGE.c.id == id)).mappings().first()
    if row is None:
        return None
    attempts = _attempts(connection, [id]).get(id, [])
    return _message(row, attempts[-1] if attempts else None), tuple(attempts)


def others_to(connection: Connection, id: str, most: int) -> list[SentMessage]:
    """The latest other messages to the address of this one."""
    own = select(_MESSAGE.c.channel, _MESSAGE.c.address).where(_MESSAGE.c.id == id)
    row = connection.execute(own).first()
    if row is None:
        return []
    same = (_MESSAGE.c.channel == row.channel) & (_MESSAGE.c.address == row.address) & (_MESSAGE.c.id != id)
    query = select(*_COLUMNS).where(same).order_by(_MESSAGE.c.day.desc()).limit(most)
    return [_message(found, None) for found in connection.execute(query).mappings()]


def _place(connection: Connection, id: str) -> RowMapping | None:
    if not id:
        return None
    query = select(_MESSAGE.c.id, _MESSAGE.c.day, _MESSAGE.c.recipient).where(_MESSAGE.c.id == id)
    return connection.execute(query).mappings().first()


def _after(at: RowMapping) -> Any:
    day, recipient, id = _MESSAGE.c.day, _MESSAGE.c.recipient, _MESSAGE.c.id
    later = or_(recipient > at["recipient"], and_(recipient == at["recipient"], id > at["id"]))
    return and_(day <= at["day"], or_(day < at["day"], later))


def _before(at: RowMapping) -> Any:
    day, recipient, id = _MESSAGE.c.day, _MESSAGE.c.recipient, _MESSAGE.c.id
    sooner = or_(recipient < at["recipient"], and_(recipient == at["recipient"], id < at["id"]))
    return and_(day >= at["day"], or_(day > at["day"], sooner))


def _ordered(query: Select[Any], backwards: bool) -> Select[Any]:
    """The newest day first, within a day by recipient."""
    day, recipient, id = _MESSAGE.c.day, _MESSAGE.c.recipient, _MESSAGE.c.id
    if backwards:
        return query.order_by(day, recipient.desc(), id.desc())
    return query.order_by(day.desc(), recipient, id)


def _wide(ids: Sequence[str]) -> Select[Any]:
    return select(*_COLUMNS).where(_MESSAGE.c.id.in_(ids))


def _attempts(connection: Connection, ids: Sequence[str]) -> Mapping[str, list[Attempt]]:
    query = select(_DELIVERY).where(_DELIVERY.c.message.in_(ids)).order_by(_DELIVERY.c.id)
    found: dict[str, list[Attempt]] = {}
    for row in connection.execute(query).mappings():
        attempt = Attempt(
            row["attempt"], row["started_at"], row["ended_at"], row["outcome"], row["code"], row["detail"]
        )
        found.setdefault(row["message"], []).append(attempt)
    return found


def _message(row: RowMapping, last: Attempt | None) -> SentMessage:
    return SentMessage(
        id=row["id"],
        channel=row["channel"],
        address=masked(row["channel"], row["address"]),
        units=tuple(row["recipient"].split("; ")),
        day=row["day"],
        subject=row["subject"],
        text=row.get("text", ""),
        state=desk_state(row["state"], row["in_doubt"]),
        given_up=row["state"] == "failed",
        created_at=row["created_at"],
        not_before=row["not_before"],
        sent_at=row["sent_at"],
        attempts=row["attempts"],
        last=last,
    )
