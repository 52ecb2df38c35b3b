"""Everything held about one person of the address book, and its erasure on request.

A person is an e-mail address: the same one may stand in several entries. What the office did is kept (how
many messages went to which unit and why, who reported what); to whom by name and address is not.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.store.database import take_turns
from engine.store.messages.notices import PENDING
from engine.store.messages.outbox import NO_ADDRESS, PASS, QUEUED, REPLACED, SENDING
from engine.store.sync import chunks
from engine.store.tables import (
    ContactRow,
    DeliveryRow,
    LinkRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
    StandInRow,
)

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_CARRIES = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]
_LINK = LinkRow.__table__  # type: ignore[attr-defined]
_STAND_IN = StandInRow.__table__  # type: ignore[attr-defined]

ERASED = "(đã xóa)"


class ErasureRefused(DondocError):
    """Nothing was erased."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held about one address: rows with the names of their columns."""

    contacts: Sequence[Mapping[str, Any]]
    stand_ins: Sequence[Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]
    messages: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were removed or lost what points to a person."""

    contacts: int
    stand_ins: int
    links: int
    messages: int


def held_about(connection: Connection, email: str) -> Held:
    """Everything that is held about the person behind an address, oldest first; no token is among it."""
    contacts = _rows(connection, select(_CONTACT).where(_of(_CONTACT.c.email, email)).order_by(_CONTACT.c.id))
    ids = [row["id"] for row in contacts]
    stand_ins = select(_STAND_IN).where(or_(_STAND_IN.c.contact.in_(ids), _STAND_IN.c.deputy.in_(ids)))
    links = select(
        _LINK.c.kind, _LINK.c.units, _LINK.c.name, _LINK.c.created_at, _LINK.c.expires_at, _LINK.c.revoked_at
    ).where(_of(_LINK.c.address, email))
    messages = select(
        _MESSAGE.c.id,
        _MESSAGE.c.day,
        _MESSAGE.c.channel,
        _MESSAGE.c.recipient,
        _MESSAGE.c.subject,
        _MESSAGE.c.text,
        _MESSAGE.c.state,
        _MESSAGE.c.sent_at,
    ).where(_of(_MESSAGE.c.address, email))
    return Held(
        contacts,
        _rows(connection, stand_ins.order_by(_STAND_IN.c.id)),
        _rows(connection, links.order_by(_LINK.c.id)),
        _rows(connection, messages.order_by(_MESSAGE.c.day, _MESSAGE.c.id)),
    )


def erase(connection: Connection, email: str, now: datetime) -> Erased:
    """Removes the person behind an address. What waited for them waits for the unit's others instead; links
    end at once. ErasureRefused while a message to them is on its way.

    Messages keep day, unit, words and outcome, and get a number that the address cannot be guessed from.
    """
    take_turns(connection, PASS)
    mine = _of(_MESSAGE.c.address, email)
    rows = connection.execute(select(_MESSAGE).where(mine).with_for_update()).mappings().all()
    if any(row["state"] == SENDING for row in rows):
        raise ErasureRefused("Đang có tin gửi tới địa chỉ này; vài phút nữa hãy xóa lại")
    contacts = connection.execute(select(_CONTACT).where(_of(_CONTACT.c.email, email))).mappings().all()
    names = [row["name"] for row in contacts if row["name"]]
    _back_to_waiting(connection, [row["id"] for row in rows if row["state"] in (QUEUED, NO_ADDRESS)])
    pseudonym = f"erased:{secrets.token_hex(12)}"
    for row in rows:
        _scrub(connection, dict(row), pseudonym, [email, *names])
    links = update(_LINK).where(_of(_LINK.c.address, email))
    ended = func.coalesce(_LINK.c.revoked_at, now)
    link_count = connection.execute(links.values(address="", name=ERASED, revoked_at=ended)).rowcount
    ids = [row["id"] for row in contacts]
    stand_ins = delete(_STAND_IN).where(or_(_STAND_IN.c.contact.in_(ids), _STAND_IN.c.deputy.in_(ids)))
    stand_in_count = connection.execute(stand_ins).rowcount
    connection.execute(delete(_CONTACT).where(_CONTACT.c.id.in_(ids)))
    return Erased(len(ids), stand_in_count, link_count, len(rows))


def _back_to_waiting(connection: Connection, ids: Sequence[str]) -> None:
    """What has not gone out is composed anew for whoever the unit still has."""
    for chunk in chunks(ids, 500):
        carried = select(_CARRIES.c.notice).where(_CARRIES.c.message.in_(chunk))
        connection.execute(update(_NOTICE).where(_NOTICE.c.id.in_(carried)).values(state=PENDING, reason=""))
        connection.execute(delete(_CARRIES).where(_CARRIES.c.message.in_(chunk)))
        connection.execute(update(_MESSAGE).where(_MESSAGE.c.id.in_(chunk)).values(state=REPLACED))


def _scrub(connection: Connection, row: dict[str, Any], pseudonym: str, words: Sequence[str]) -> None:
    """Puts a message under a new number: the old one is made from the address."""
    old, new = row["id"], f"{row['day']:%Y%m%d}-x{secrets.token_hex(12)}"
    state = connection.execute(select(_MESSAGE.c.state).where(_MESSAGE.c.id == old)).scalar_one()
    texts = {name: _without(row[name], words) for name in ("recipient", "subject", "text", "html")}
    connection.execute(
        insert(_MESSAGE).values(row | texts | {"id": new, "address": pseudonym, "state": state})
    )
    connection.execute(update(_CARRIES).where(_CARRIES.c.message == old).values(message=new))
    for id, detail in connection.execute(
        select(_DELIVERY.c.id, _DELIVERY.c.detail).where(_DELIVERY.c.message == old)
    ).all():
        said = {"message": new, "detail": _without(detail, words)}
        connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == id).values(said))
    connection.execute(delete(_MESSAGE).where(_MESSAGE.c.id == old))


def _without(text: str, words: Sequence[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", ERASED, text, flags=re.IGNORECASE)
    return text


def _of(column: Any, email: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(column) == email.lower()
    return found


def _rows(connection: Connection, query: Any) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
