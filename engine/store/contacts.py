"""Who is told, and how. Personal data: read here, shown masked, never in logs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from engine.ruleset.rule import Role
from engine.store.tables import ContactRow

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]

HEAD = "head"
OFFICER = "officer"
LEADER = "leader"
CONTACT_ROLES = {HEAD: "thủ trưởng", OFFICER: "chuyên viên", LEADER: "lãnh đạo"}

EMAIL = "email"
NO_CHANNEL = "none"


@dataclass(frozen=True, slots=True)
class Contact:
    """One person who speaks for a unit. ``purpose`` records why the data is held."""

    unit: str
    role: str
    name: str
    email: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a message goes: a channel, the address there, and the name beside it."""

    channel: str
    value: str
    name: str


def active(connection: Connection) -> dict[str, list[Contact]]:
    """The contacts of each unit."""
    query = select(_CONTACT).where(_CONTACT.c.active).order_by(_CONTACT.c.id)
    found: dict[str, list[Contact]] = {}
    for row in connection.execute(query).mappings():
        contact = Contact(row["unit"], row["role"], row["name"], row["email"], row["purpose"])
        found.setdefault(contact.unit, []).append(contact)
    return found


def addresses_of(unit: str, role: Role, contacts: Mapping[str, Sequence[Contact]]) -> tuple[Address, ...]:
    """The addresses that hear for ``unit``: leaders for what is told to the leader, the head and the
    officers for the rest; whoever there is where the fitting ones are missing. A unit without any
    contact is its own address on no channel: a line on the office's desk, never silence."""
    known = contacts.get(unit, ())
    leaders = [c for c in known if c.role == LEADER]
    others = [c for c in known if c.role != LEADER]
    chosen = (leaders or others) if role is Role.LEADER else (others or leaders)
    if not chosen:
        return (Address(NO_CHANNEL, f"unit:{unit}", ""),)
    return tuple(Address(EMAIL, c.email.lower(), c.name) for c in chosen)


def replace_all(connection: Connection, contacts: Iterable[Contact], units: Collection[str]) -> int:
    """Replaces the contacts of ``units`` by ``contacts``; gives back how many there are now."""
    connection.execute(update(_CONTACT).where(_CONTACT.c.unit.in_(units)).values(active=False))
    count = 0
    for contact in contacts:
        same = (
            (_CONTACT.c.unit == contact.unit)
            & (_CONTACT.c.role == contact.role)
            & (_CONTACT.c.email == contact.email)
        )
        values = {"name": contact.name, "purpose": contact.purpose, "active": True}
        if not connection.execute(update(_CONTACT).where(same).values(values)).rowcount:
            own = {"unit": contact.unit, "role": contact.role, "email": contact.email}
            connection.execute(insert(_CONTACT).values(own | values))
        count += 1
    return count
