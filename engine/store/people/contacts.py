"""Who is told, and how. Personal data: read here, shown masked, never in logs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.ruleset.rule import Role
from engine.store.people import stand_ins
from engine.store.tables import ContactRow
from engine.units import Registry

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]

HEAD = "head"
OFFICER = "officer"
LEADER = "leader"
CONTACT_ROLES = {HEAD: "thủ trưởng", OFFICER: "chuyên viên", LEADER: "lãnh đạo"}

EMAIL = "email"
ZALO = "zalo"
ZNS = "zns"
NO_CHANNEL = "none"

USUAL_ORDER = (EMAIL, ZALO, ZNS)
"""In which order a person's channels are tried where they have no order of their own."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One person who speaks for a unit. ``purpose`` records why the data is held; ``instead_of`` is the
    role of whoever is away where a deputy speaks, whose name and addresses these are then.

    ``phone`` is 84 and nine digits, ``zalo`` a chat with the bot; empty for none, as ``email`` may be.
    ``channels`` is the person's own order, the usual one where it is empty. ``copies``: whether what is
    only for information is wanted. ``id`` is 0 for one that the database does not hold yet.
    """

    unit: str
    role: str
    name: str
    email: str
    purpose: str = ""
    instead_of: str = ""
    phone: str = ""
    zalo: str = ""
    channels: tuple[str, ...] = ()
    copies: bool = True
    id: int = 0

    def ways(self) -> tuple[tuple[str, str], ...]:
        """Channel and address of every way to reach the person, the preferred one first.

        A channel that the person's own order leaves out comes after it: an order is no refusal.
        """
        known = {EMAIL: self.email.lower(), ZALO: self.zalo, ZNS: self.phone}
        order = dict.fromkeys((*self.channels, *USUAL_ORDER))
        return tuple((channel, known[channel]) for channel in order if known.get(channel))


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a message goes: a channel, the address there, and the name beside it; ``instead_of`` as for
    a contact, the same address either way."""

    channel: str
    value: str
    name: str
    instead_of: str = field(default="", compare=False)


def active(connection: Connection, day: date | None = None) -> dict[str, list[Contact]]:
    """The contacts of each unit; with a ``day`` their deputies where they are away then."""
    query = select(_CONTACT).where(_CONTACT.c.active).order_by(_CONTACT.c.id)
    people = {row["id"]: contact_of(row) for row in connection.execute(query).mappings()}
    deputies = stand_ins.holding(connection, day) if day is not None else {}
    found: dict[str, list[Contact]] = {}
    for id, contact in people.items():
        speaker = stand_ins.who_gets(id, deputies, people)
        found.setdefault(contact.unit, []).append(
            contact if speaker == id else _in_place_of(contact, people[speaker])
        )
    return found


def contact_of(row: RowMapping) -> Contact:
    """The contact in a row of ``contact``."""
    return Contact(
        unit=row["unit"],
        role=row["role"],
        name=row["name"],
        email=row["email"],
        purpose=row["purpose"],
        phone=row["phone"],
        zalo=row["zalo"],
        channels=tuple(row["channels"].split()),
        copies=row["copies"],
        id=row["id"],
    )


def columns_of(contact: Contact) -> dict[str, str | bool]:
    """What a row of ``contact`` holds of it, all but its number and whether it is in use."""
    return {
        "unit": contact.unit,
        "role": contact.role,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "zalo": contact.zalo,
        "channels": " ".join(contact.channels),
        "copies": contact.copies,
        "purpose": contact.purpose,
    }


def _in_place_of(contact: Contact, deputy: Contact) -> Contact:
    """The deputy, in the unit and role of whoever is away."""
    return replace(deputy, unit=contact.unit, role=contact.role, instead_of=contact.role)


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
    # Whoever also stands in for somebody of the unit hears once, for both.
    found: dict[str, Address] = {}
    for contact in chosen:
        value = contact.email.lower()
        known_as = found.get(value, Address(EMAIL, value, contact.name))
        found[value] = replace(known_as, instead_of=known_as.instead_of or contact.instead_of)
    return tuple(found.values())


def on_behalf(spoken_for: Iterable[tuple[str, Address]], registry: Registry) -> tuple[str, ...]:
    """For whom a deputy gets a message, each once: "thủ trưởng Phòng Nội vụ". ``spoken_for`` pairs unit
    and address. By role, not by name: names of people stay in the address book."""
    lines = {
        f"{CONTACT_ROLES[address.instead_of]} {registry.full_name(unit)}": None
        for unit, address in spoken_for
        if address.instead_of
    }
    return tuple(lines)


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
            connection.execute(insert(_CONTACT).values(**columns_of(contact), active=True))
        count += 1
    return count
