"""Who hears for a unit: each person once, however many entries and addresses they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.ruleset.rule import Role
from engine.store.people.contacts import LEADER, NO_CHANNEL, USUAL_ORDER, Address, Contact

Way = tuple[str, str]
"""A channel and an address on it."""


@dataclass(frozen=True, slots=True)
class Person:
    """``ways`` are those to reach the person, the preferred one first; ``line`` is the address on no channel
    under which the office's desk lists who cannot be reached."""

    name: str
    ways: tuple[Way, ...]
    line: str

    def address(self, way: Way | None) -> Address:
        """Where a message goes: along a way of the person, or to the desk where there is none."""
        if way is None:
            return Address(NO_CHANNEL, self.line, "")
        return Address(*way, self.name)


@dataclass(frozen=True, slots=True)
class Hearer:
    """A person who hears for a unit; ``instead_of`` is the role of whoever is away, for a deputy. ``copies``:
    whether they want what is only for information."""

    person: Person
    instead_of: str = ""
    copies: bool = True


class Persons:
    """The address book by persons: entries that share an e-mail, a telephone or a chat are one person's,
    whatever unit they stand in."""

    def __init__(self, contacts: Mapping[str, Sequence[Contact]]) -> None:
        self._contacts = contacts
        self._hearing: dict[tuple[str, Role], tuple[Hearer, ...]] = {}
        self._at: dict[Way, Person] = {}
        self._alone: dict[Contact, Person] = {}
        for entries in _one_persons(each for listed in contacts.values() for each in listed):
            person = _person(entries)
            self._at.update(dict.fromkeys(person.ways, person))
            if not person.ways:
                self._alone[entries[0]] = person

    def hearing(self, unit: str, role: Role) -> tuple[Hearer, ...]:
        """Those who hear for ``unit``: leaders for what is told to the leader, the head and the officers for
        the rest; whoever there is where the fitting ones are missing. A unit without any contact is a line
        on the office's desk, never silence."""
        key = (unit, role)
        if key not in self._hearing:
            self._hearing[key] = self._find(unit, role)
        return self._hearing[key]

    def _find(self, unit: str, role: Role) -> tuple[Hearer, ...]:
        known = self._contacts.get(unit, ())
        leaders = [c for c in known if c.role == LEADER]
        others = [c for c in known if c.role != LEADER]
        chosen = (leaders or others) if role is Role.LEADER else (others or leaders)
        if not chosen:
            return (Hearer(Person("", (), f"unit:{unit}")),)
        # Whoever also stands in for somebody of the unit hears once, for both.
        found: dict[Person, Hearer] = {}
        for contact in chosen:
            person = self._of(contact)
            before = found.get(person, Hearer(person))
            instead_of = before.instead_of or contact.instead_of
            found[person] = Hearer(person, instead_of, before.copies and contact.copies)
        return tuple(found.values())

    def ways_beside(self, way: Way) -> frozenset[Way]:
        """Every way to whoever is reached along this one."""
        person = self._at.get(way)
        return frozenset(person.ways) | {way} if person else frozenset({way})

    def _of(self, contact: Contact) -> Person:
        ways = contact.ways()
        return self._at[ways[0]] if ways else self._alone[contact]


def _one_persons(contacts: Iterable[Contact]) -> list[list[Contact]]:
    """The entries of each person, in their order."""
    alone: list[list[Contact]] = []
    first_ways: list[tuple[Way, Contact]] = []
    leads: dict[Way, Way] = {}  # each way to another one of the same person, the last of them to itself
    for contact in contacts:
        ways = contact.ways()
        if not ways:
            alone.append([contact])
            continue
        first_ways.append((ways[0], contact))
        for way in ways:
            leads[_end(leads, way)] = _end(leads, ways[0])
    found: dict[Way, list[Contact]] = {}
    for way, contact in first_ways:
        found.setdefault(_end(leads, way), []).append(contact)
    return [*found.values(), *alone]


def _end(leads: dict[Way, Way], way: Way) -> Way:
    while (following := leads.setdefault(way, way)) != way:
        leads[way] = way = leads[following]  # shorter for whoever comes next
    return way


def _person(entries: Sequence[Contact]) -> Person:
    """One person from their entries. Where they differ an order of channels that somebody chose goes first,
    then the oldest entry."""
    ranked = sorted(entries, key=lambda each: (not each.channels, each.id))
    order = dict.fromkeys((*ranked[0].channels, *USUAL_ORDER))
    every = [way for each in ranked for way in each.ways()]
    ways = dict.fromkeys(way for channel in order for way in every if way[0] == channel)
    oldest = min(entries, key=lambda each: each.id)
    line = f"contact:{oldest.id}" if oldest.id else f"unit:{oldest.unit}"
    name = next((each.name for each in ranked if each.name), "")
    return Person(name, tuple(ways), line)
