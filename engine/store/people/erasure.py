"""Everything held about one person of the address book, and its erasure on request.

A person is their addresses: e-mail, telephone, chat. Entries that share one of them are the same person. What
the office did is kept (how many messages went to which unit and why, who reported what); to whom by name and
address is not.
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
from engine.store.people.address_book import has_address
from engine.store.sync import chunks
from engine.store.tables import (
    AttachmentRow,
    ContactRow,
    DeliveryRow,
    LinkRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
    PairingRow,
    RefusalRow,
    StandInRow,
)
from notifiers.phone import is_plain_phone, spoken_phone

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_CARRIES = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]
_LINK = LinkRow.__table__  # type: ignore[attr-defined]
_ATTACHMENT = AttachmentRow.__table__  # type: ignore[attr-defined]
_REFUSAL = RefusalRow.__table__  # type: ignore[attr-defined]
_PAIRING = PairingRow.__table__  # type: ignore[attr-defined]
_STAND_IN = StandInRow.__table__  # type: ignore[attr-defined]

ERASED = "(đã xóa)"


class ErasureRefused(DondocError):
    """Nothing was erased."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held about one person: rows with the names of their columns."""

    contacts: Sequence[Mapping[str, Any]]
    stand_ins: Sequence[Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]
    messages: Sequence[Mapping[str, Any]]
    refusals: Sequence[Mapping[str, Any]] = ()
    pairings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were removed or lost what points to a person."""

    contacts: int
    stand_ins: int
    links: int
    messages: int


def held_about(connection: Connection, address: str) -> Held:
    """Everything that is held about the person behind an address of any channel, oldest first; no token
    and no code is among it."""
    contacts, addresses = _person(connection, address)
    ids = [row["id"] for row in contacts]
    stand_ins = select(_STAND_IN).where(or_(_STAND_IN.c.contact.in_(ids), _STAND_IN.c.deputy.in_(ids)))
    links = select(
        _LINK.c.kind, _LINK.c.units, _LINK.c.name, _LINK.c.created_at, _LINK.c.expires_at, _LINK.c.revoked_at
    ).where(_of(_LINK.c.address, addresses))
    messages = select(
        _MESSAGE.c.id,
        _MESSAGE.c.day,
        _MESSAGE.c.channel,
        _MESSAGE.c.recipient,
        _MESSAGE.c.subject,
        _MESSAGE.c.text,
        _MESSAGE.c.state,
        _MESSAGE.c.sent_at,
    ).where(_of(_MESSAGE.c.address, addresses))
    refusals = select(_REFUSAL).where(_of(_REFUSAL.c.address, addresses))
    pairings = select(
        _PAIRING.c.contact, _PAIRING.c.created_at, _PAIRING.c.expires_at, _PAIRING.c.used_at
    ).where(_PAIRING.c.contact.in_(ids))
    return Held(
        contacts,
        _rows(connection, stand_ins.order_by(_STAND_IN.c.id)),
        _rows(connection, links.order_by(_LINK.c.id)),
        _rows(connection, messages.order_by(_MESSAGE.c.day, _MESSAGE.c.id)),
        _rows(connection, refusals.order_by(_REFUSAL.c.at)),
        _rows(connection, pairings.order_by(_PAIRING.c.created_at)),
    )


def erase(connection: Connection, address: str, now: datetime) -> Erased:
    """Removes the person behind an address of any channel. What waited for them waits for the unit's others
    instead; links end at once. ErasureRefused while a message to them is on its way.

    Messages keep day, unit, words and outcome, and get a number that the address cannot be guessed from.
    """
    take_turns(connection, PASS)
    contacts, addresses = _person(connection, address)
    mine = _of(_MESSAGE.c.address, addresses)
    rows = connection.execute(select(_MESSAGE).where(mine).with_for_update()).mappings().all()
    if any(row["state"] == SENDING for row in rows):
        raise ErasureRefused("Đang có tin gửi tới người này; vài phút nữa hãy xóa lại")
    names = [row["name"] for row in contacts if row["name"]]
    phones = [spoken_phone(each) for each in addresses if is_plain_phone(each)]
    words = {*addresses, *names, *phones, *(each.replace(" ", "") for each in phones)}
    _back_to_waiting(connection, [row["id"] for row in rows if row["state"] in (QUEUED, NO_ADDRESS)])
    pseudonyms = {row["address"]: f"erased:{secrets.token_hex(12)}" for row in rows}
    for row in rows:
        _scrub(connection, dict(row), pseudonyms[row["address"]], sorted(words))
    links = update(_LINK).where(_of(_LINK.c.address, addresses))
    ended = func.coalesce(_LINK.c.revoked_at, now)
    link_count = connection.execute(links.values(address="", name=ERASED, revoked_at=ended)).rowcount
    ids = [row["id"] for row in contacts]
    stand_ins = delete(_STAND_IN).where(or_(_STAND_IN.c.contact.in_(ids), _STAND_IN.c.deputy.in_(ids)))
    stand_in_count = connection.execute(stand_ins).rowcount
    connection.execute(delete(_REFUSAL).where(_of(_REFUSAL.c.address, addresses)))
    connection.execute(delete(_PAIRING).where(_PAIRING.c.contact.in_(ids)))
    connection.execute(delete(_CONTACT).where(_CONTACT.c.id.in_(ids)))
    return Erased(len(ids), stand_in_count, link_count, len(rows))


def _person(connection: Connection, address: str) -> tuple[list[Mapping[str, Any]], list[str]]:
    """The entries of the person behind an address, out of use or not, and all the addresses in them.

    Addresses lead to entries and those to further addresses, until there are no more.
    """
    addresses, seen = {address.lower()}, set[str]()
    contacts: list[Mapping[str, Any]] = []
    while addresses != seen:
        seen = set(addresses)
        query = select(_CONTACT).where(has_address(sorted(seen))).order_by(_CONTACT.c.id)
        contacts = _rows(connection, query)
        addresses |= {
            row[column].lower() for row in contacts for column in ("email", "phone", "zalo") if row[column]
        }
    return contacts, sorted(addresses)


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
    texts = {name: _without(row[name], words) for name in ("recipient", "subject", "text", "html", "facts")}
    connection.execute(
        insert(_MESSAGE).values(row | texts | {"id": new, "address": pseudonym, "state": state})
    )
    for belonging in (_CARRIES, _ATTACHMENT):
        connection.execute(update(belonging).where(belonging.c.message == old).values(message=new))
    for id, detail in connection.execute(
        select(_DELIVERY.c.id, _DELIVERY.c.detail).where(_DELIVERY.c.message == old)
    ).all():
        # The far end's own name for the message would lead back to whom it went to.
        said = {"message": new, "detail": _without(detail, words), "reference": ""}
        connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == id).values(said))
    connection.execute(delete(_MESSAGE).where(_MESSAGE.c.id == old))


def _without(text: str, words: Sequence[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", ERASED, text, flags=re.IGNORECASE)
    return text


def _of(column: Any, addresses: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(column).in_(addresses)
    return found


def _rows(connection: Connection, query: Any) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
