"""The office's address book, entry by entry: listing, adding, changing, putting out of use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from engine.errors import DondocError
from engine.store.people.contacts import EMAIL, ZALO, ZNS, Contact, columns_of, contact_of, same_name
from engine.store.tables import ContactRow

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]


class ContactRefused(DondocError):
    """An entry that cannot be made or changed so; nothing was changed."""


class ContactOvertaken(ContactRefused):
    """Somebody else changed the entry in the meantime; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact with its number; one that is not ``active`` is told nothing."""

    id: int
    contact: Contact
    active: bool

    @property
    def revision(self) -> str:
        """Changes with everything that a person writes into an entry; the pairing with Zalo, which comes
        from elsewhere, leaves it as it is."""
        seen = columns_of(self.contact) | {"zalo": "", "active": self.active}
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def entries(connection: Connection) -> list[Entry]:
    """Every contact, those in use first within each unit."""
    query = select(_CONTACT).order_by(_CONTACT.c.unit, _CONTACT.c.active.desc(), _CONTACT.c.id)
    return [_entry(row) for row in connection.execute(query).mappings()]


def entry(connection: Connection, id: int, *, to_change: bool = False) -> Entry | None:
    """The contact with this number; with ``to_change`` nobody else writes it before the transaction ends."""
    query = select(_CONTACT).where(_CONTACT.c.id == id)
    row = connection.execute(query.with_for_update() if to_change else query).mappings().first()
    return _entry(row) if row else None


def at_address(connection: Connection, address: str) -> list[Entry]:
    """The contacts in use that have an address of whatever channel: e-mail (in any case), number, chat."""
    if not address:
        return []
    query = select(_CONTACT).where(has_address([address]) & _CONTACT.c.active).order_by(_CONTACT.c.id)
    return [_entry(row) for row in connection.execute(query).mappings()]


def channel_at(contact: Contact, address: str) -> str | None:
    """The channel on which a contact has this address."""
    own = {EMAIL: contact.email.lower(), ZALO: contact.zalo.lower(), ZNS: contact.phone}
    return next((channel for channel, value in own.items() if value and value == address.lower()), None)


def has_address(addresses: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a row of ``contact`` has one of these addresses, none of which is empty."""
    wanted = sorted({each.lower() for each in addresses})
    return or_(
        func.lower(_CONTACT.c.email).in_(wanted),
        func.lower(_CONTACT.c.zalo).in_(wanted),
        _CONTACT.c.phone.in_(wanted),
    )


def switch_copies(connection: Connection, entries: Sequence[Entry], *, wanted: bool) -> list[Entry]:
    """Sets whether these contacts want what is only for information; gives back those that it changed, as
    they were."""
    changed = [each for each in entries if each.contact.copies != wanted]
    ids = [each.id for each in changed]
    connection.execute(update(_CONTACT).where(_CONTACT.c.id.in_(ids)).values(copies=wanted))
    return changed


def add(connection: Connection, contact: Contact) -> Entry:
    """A new entry; one that is out of use and has the same unit, role and addresses comes into use again,
    and keeps its pairing with Zalo unless the name is another. ContactRefused when the person is there."""
    same = _same(connection, contact)
    if same is None and _is_there(connection, contact):
        raise ContactRefused("Đơn vị này đã có người cùng tên, cùng vai trò và địa chỉ đó; sửa ở liên hệ ấy")
    if same is not None:
        if same.active:
            raise _taken()
        kept = same.contact.zalo if same_name(same.contact.name, contact.name) else ""
        return change(connection, same.id, replace(contact, zalo=contact.zalo or kept), active=True)
    try:
        with connection.begin_nested():
            added = insert(_CONTACT).values(**columns_of(contact), active=True).returning(_CONTACT.c.id)
            id = connection.execute(added).scalar_one()
    except IntegrityError as error:
        raise _taken() from error
    return Entry(id, replace(contact, id=id), active=True)


def change(
    connection: Connection, id: int, contact: Contact, *, active: bool, seen: str | None = None
) -> Entry:
    """Writes an entry anew. ContactRefused when another one is the same, or there is none;
    ContactOvertaken when its revision is not the one that was ``seen``."""
    now = entry(connection, id, to_change=True)
    if now is None:
        raise ContactRefused("Liên hệ này không còn trong danh bạ; tải lại danh sách")
    if seen is not None and seen != now.revision:
        raise ContactOvertaken("Chưa lưu: người khác vừa sửa liên hệ này")
    same = _same(connection, contact)
    if same is not None and same.id != id:
        raise _taken()
    try:
        with connection.begin_nested():
            written = update(_CONTACT).where(_CONTACT.c.id == id).values(**columns_of(contact), active=active)
            connection.execute(written)
    except IntegrityError as error:
        raise _taken() from error
    return Entry(id, replace(contact, id=id), active)


def _same(connection: Connection, contact: Contact) -> Entry | None:
    same = (
        (_CONTACT.c.unit == contact.unit)
        & (_CONTACT.c.role == contact.role)
        & (func.lower(_CONTACT.c.email) == contact.email.lower())
        & (_CONTACT.c.phone == contact.phone)
    )
    # One in use stands before one that is not: both may differ in the case of the e-mail.
    query = select(_CONTACT).where(same).order_by(_CONTACT.c.active.desc(), _CONTACT.c.id)
    row = connection.execute(query).mappings().first()
    return _entry(row) if row else None


def _is_there(connection: Connection, contact: Contact) -> bool:
    """Whether an entry in use of the same unit, role and name has one of the contact's addresses."""
    if not contact.name:
        return False
    own = [value for _, value in contact.ways()]
    beside = (_CONTACT.c.unit == contact.unit) & (_CONTACT.c.role == contact.role) & _CONTACT.c.active
    names = connection.execute(select(_CONTACT.c.name).where(beside & has_address(own))).scalars()
    return any(name and same_name(name, contact.name) for name in names)


def _taken() -> ContactRefused:
    return ContactRefused(
        "Đơn vị này đã có liên hệ với vai trò, địa chỉ thư và số điện thoại đó trong danh bạ"
    )


def _entry(row: RowMapping) -> Entry:
    return Entry(row["id"], contact_of(row), row["active"])
