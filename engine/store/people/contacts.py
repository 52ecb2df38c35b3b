"""Who is told, and how. Personal data: read here, shown masked, never in logs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.store.people import stand_ins
from engine.store.sync import chunks
from engine.store.tables import ContactRow
from engine.units import Registry
from engine.vietnamese import without_marks

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
    """Where a message goes: a channel, the address there, and the name beside it."""

    channel: str
    value: str
    name: str


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


def on_behalf(spoken_for: Iterable[tuple[str, str]], registry: Registry) -> tuple[str, ...]:
    """For whom a deputy gets a message, each once: "thủ trưởng Phòng Nội vụ". ``spoken_for`` pairs a unit and
    the role of whoever is away, empty where nobody is. By role, not by name: names of people stay in the
    address book."""
    lines = {f"{CONTACT_ROLES[role]} {registry.full_name(unit)}": None for unit, role in spoken_for if role}
    return tuple(lines)


def same_name(one: str, other: str) -> bool:
    """Whether two names may be of one person: the same but for accents and case, or one is not known."""
    return not one or not other or without_marks(one) == without_marks(other)


EVERY_COLUMN = frozenset({"name", "email", "phone", "zalo", "channels", "copies", "purpose"})


def replace_all(
    connection: Connection,
    contacts: Iterable[Contact],
    units: Collection[str],
    columns: Collection[str] = EVERY_COLUMN,
) -> int:
    """Replaces the contacts of ``units`` by ``contacts``; gives back how many were given.

    ``columns`` are those that the source knows of ("email" or "phone" is among them): the others stay as
    they are stored. A person keeps their entry, with its number, when an address changes beside one that
    stays under the same name. Who comes back into use under another name loses the pairing with Zalo.
    """
    given = list({(c.unit, c.role, c.email.lower(), c.phone): c for c in contacts}.values())
    stored = _stored(connection, {*units, *(each.unit for each in given)})
    wanted, rest = _matched(given, stored, columns)
    for contact, rows in wanted:
        values: dict[str, Any] = {n: v for n, v in columns_of(contact).items() if n in columns}
        if not rows:
            connection.execute(insert(_CONTACT).values(**columns_of(contact), active=True))
        for row in rows:
            # Where the source cannot tell two entries apart both stay as they are.
            changed = {"active": True} | (values if len(rows) == 1 else {})
            if values.get("email", "").lower() == row["email"].lower():
                changed.pop("email", None)
            if not row["active"] and "zalo" not in columns and not same_name(row["name"], contact.name):
                changed["zalo"] = ""
            if any(row[name] != value for name, value in changed.items()):
                connection.execute(update(_CONTACT).where(_CONTACT.c.id == row["id"]).values(changed))
    for some in chunks([row["id"] for row in rest if row["active"] and row["unit"] in units], 500):
        connection.execute(update(_CONTACT).where(_CONTACT.c.id.in_(some)).values(active=False))
    return len(given)


def _stored(connection: Connection, units: Collection[str]) -> list[RowMapping]:
    query = select(_CONTACT).order_by(_CONTACT.c.active.desc(), _CONTACT.c.id)
    return [
        row
        for some in chunks(sorted(units), 500)
        for row in connection.execute(query.where(_CONTACT.c.unit.in_(some))).mappings()
    ]


def _matched(
    contacts: Sequence[Contact], stored: Sequence[RowMapping], columns: Collection[str]
) -> tuple[list[tuple[Contact, list[RowMapping]]], list[RowMapping]]:
    """Each contact with the rows that are it, and the rows that are none."""
    free: dict[tuple[str, str], list[RowMapping]] = {}
    for row in stored:
        free.setdefault((row["unit"], row["role"]), []).append(row)
    both = "email" in columns and "phone" in columns
    found: list[list[RowMapping]] = []
    for contact in contacts:
        near = free.get((contact.unit, contact.role), [])
        if both:
            fits = [r for r in near if _same_email(r, contact) and r["phone"] == contact.phone][:1]
        elif "email" in columns:
            fits = [r for r in near if _same_email(r, contact)]
        else:
            fits = [r for r in near if r["phone"] == contact.phone]
        found.append([r for r in fits if r["active"]] or fits[:1])
        near[:] = [r for r in near if r not in found[-1]]
    for at, contact in enumerate(contacts):
        near = free.get((contact.unit, contact.role), [])
        if both and not found[at]:
            same = [r for r in near if _one_stays(r, contact) and same_name(r["name"], contact.name)]
            # An e-mail tells more than a telephone: the rows of one swap keep to their mailboxes.
            found[at] = sorted(same, key=lambda r: not (contact.email and _same_email(r, contact)))[:1]
            near[:] = [r for r in near if r not in found[at]]
    return list(zip(contacts, found, strict=True)), [row for rows in free.values() for row in rows]


def _same_email(row: RowMapping, contact: Contact) -> bool:
    return bool(row["email"].lower() == contact.email.lower())


def _one_stays(row: RowMapping, contact: Contact) -> bool:
    """Whether e-mail or telephone is the same."""
    same_phone = bool(contact.phone) and row["phone"] == contact.phone
    return same_phone or (bool(contact.email) and _same_email(row, contact))
