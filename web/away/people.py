"""The people of the address book, found by name or unit without accents; addresses masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.store.people.address_book import Entry
from engine.store.people.contacts import CONTACT_ROLES
from engine.units import Registry
from engine.vietnamese import without_marks
from notifiers.address import masked

MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Named:
    """One person as pages show them."""

    id: int
    name: str
    role: str
    unit: str
    address: str
    active: bool

    @property
    def label(self) -> str:
        """In one line: "Nguyễn Văn A, thủ trưởng Phòng Nội vụ"."""
        return f"{self.name or self.address}, {self.role} {self.unit}"


def named(entries: Iterable[Entry], registry: Registry) -> dict[int, Named]:
    """Everybody by number, in the order given."""
    return {
        entry.id: Named(
            entry.id,
            entry.contact.name,
            CONTACT_ROLES.get(entry.contact.role, entry.contact.role),
            registry.full_name(entry.contact.unit),
            _shown(entry),
            entry.active,
        )
        for entry in entries
    }


def _shown(entry: Entry) -> str:
    """The person's first address, masked."""
    ways = entry.contact.ways()
    return masked(*ways[0]) if ways else ""


def matching(people: Mapping[int, Named], words: str, but: frozenset[int] = frozenset()) -> list[Named]:
    """Those in use whose name, role or unit holds every word, by unit; MOST_SHOWN + 1 at most."""
    wanted = without_marks(words).split()
    found = [
        each
        for each in people.values()
        if each.active and each.id not in but and _holds(without_marks(f"{each.label}"), wanted)
    ]
    return sorted(found, key=lambda each: (each.unit, each.id))[: MOST_SHOWN + 1]


def near(
    entries: Sequence[Entry], people: Mapping[int, Named], who: Entry, registry: Registry
) -> list[Named]:
    """Whom one would ask first: colleagues of the same unit, then the units beside and above."""
    unit = who.contact.unit
    above = next(iter(registry.ancestors(unit)), None)
    theirs = set(who.contact.ways())
    own, beside = [], []
    for entry in entries:
        if not entry.active or not theirs.isdisjoint(entry.contact.ways()):
            continue
        if entry.contact.unit == unit:
            own.append(people[entry.id])
        elif above is not None and entry.contact.unit == above:
            beside.append(people[entry.id])
    return [*own, *beside][:MOST_SHOWN]


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
