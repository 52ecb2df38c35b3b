"""The office's address book, entry by entry: listing, adding, changing, putting out of use."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from engine.errors import DondocError
from engine.store.people.contacts import Contact, columns_of, contact_of
from engine.store.tables import ContactRow

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]


class ContactRefused(DondocError):
    """An entry that cannot be made or changed so; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact with its number; one that is not ``active`` is told nothing."""

    id: int
    contact: Contact
    active: bool


def entries(connection: Connection) -> list[Entry]:
    """Every contact, those in use first within each unit."""
    query = select(_CONTACT).order_by(_CONTACT.c.unit, _CONTACT.c.active.desc(), _CONTACT.c.id)
    return [_entry(row) for row in connection.execute(query).mappings()]


def entry(connection: Connection, id: int) -> Entry | None:
    """The contact with this number."""
    row = connection.execute(select(_CONTACT).where(_CONTACT.c.id == id)).mappings().first()
    return _entry(row) if row else None


def add(connection: Connection, contact: Contact) -> Entry:
    """A new entry; one that is out of use and has the same unit, role and address comes into use again.
    ContactRefused when it is in use already."""
    same = _same(connection, contact)
    if same is not None:
        if same.active:
            raise _taken()
        return change(connection, same.id, contact, active=True)
    try:
        with connection.begin_nested():
            added = insert(_CONTACT).values(**columns_of(contact), active=True).returning(_CONTACT.c.id)
            return Entry(connection.execute(added).scalar_one(), contact, active=True)
    except IntegrityError as error:
        raise _taken() from error


def change(connection: Connection, id: int, contact: Contact, *, active: bool) -> Entry:
    """Writes an entry anew. ContactRefused when another one is the same, or there is none."""
    same = _same(connection, contact)
    if same is not None and same.id != id:
        raise _taken()
    try:
        with connection.begin_nested():
            written = update(_CONTACT).where(_CONTACT.c.id == id).values(**columns_of(contact), active=active)
            found = connection.execute(written).rowcount
    except IntegrityError as error:
        raise _taken() from error
    if not found:
        raise ContactRefused("Liên hệ này không còn trong danh bạ; tải lại danh sách")
    return Entry(id, contact, active)


def _same(connection: Connection, contact: Contact) -> Entry | None:
    same = (
        (_CONTACT.c.unit == contact.unit)
        & (_CONTACT.c.role == contact.role)
        & (func.lower(_CONTACT.c.email) == contact.email.lower())
    )
    row = connection.execute(select(_CONTACT).where(same)).mappings().first()
    return _entry(row) if row else None


def _taken() -> ContactRefused:
    return ContactRefused("Đơn vị này đã có liên hệ với vai trò và địa chỉ thư đó trong danh bạ")


def _entry(row: RowMapping) -> Entry:
    return Entry(row["id"], contact_of(row), row["active"])
