"""The address book as a list: found by words, addresses masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.store.people.address_book import Entry
from engine.store.people.contacts import CONTACT_ROLES, ZALO
from engine.units import Registry
from engine.vietnamese import without_marks
from notifiers.address import masked
from notifiers.phone import spoken_phone


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the list shows it; ``trouble`` says why nothing reaches the person."""

    id: int
    unit: str
    role: str
    name: str
    addresses: tuple[str, ...]
    active: bool
    trouble: str


def search(everyone: Sequence[Entry], text: str, registry: Registry) -> list[Entry]:
    """The entries that hold every word (name, unit, e-mail, telephone; accents do not matter), by unit."""
    names = {unit: registry.full_name(unit) for unit in {each.contact.unit for each in everyone}}
    words = without_marks(text).split()
    if words:
        plain = {unit: without_marks(name) for unit, name in names.items()}

        def fits(entry: Entry) -> bool:
            one = entry.contact
            known_as = f"{plain[one.unit]} {one.unit} {without_marks(one.name)} {one.email.lower()}"
            if one.phone:
                known_as += f" {one.phone} {spoken_phone(one.phone).replace(' ', '')}"
            return all(word in known_as for word in words)

        everyone = [each for each in everyone if fits(each)]
    return sorted(
        everyone, key=lambda each: (without_marks(names[each.contact.unit]), not each.active, each.id)
    )


def line(entry: Entry, registry: Registry, trouble: str) -> Line:
    """One line; ``trouble`` says why nothing reaches the person."""
    one = entry.contact
    addresses = tuple(
        "Zalo đã ghép" if channel == ZALO else masked(channel, value) for channel, value in one.ways()
    )
    return Line(
        entry.id,
        registry.full_name(one.unit),
        CONTACT_ROLES.get(one.role, one.role),
        one.name,
        addresses,
        entry.active,
        trouble,
    )
