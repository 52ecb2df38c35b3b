"""Who is reached now, and along which way."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from engine.store.messages import channel_states, refusals, spoken
from engine.store.messages.channel_states import STOPPED
from engine.store.people import contacts
from engine.store.people.contacts import EMAIL, Address, Contact
from engine.store.people.persons import Person, Persons, Way
from notifiers.registry import configured


@dataclass(frozen=True, slots=True)
class Means:
    """What an installation has to speak with: the names of its ``channels``, and ``base_url``, the site on
    which people answer."""

    base_url: str | None = None
    channels: Collection[str] = ()


def means_of(base_url: str | None, values: Mapping[str, str]) -> Means:
    """The means of an installation from its settings; ``values`` are those of its channels."""
    return Means(base_url, frozenset(kind.name for kind in configured(values)))


@dataclass(frozen=True, slots=True)
class Usable:
    """``channels`` are those that run or will again by themselves, ``refused`` the ways that surely fail."""

    channels: Container[str]
    refused: Container[Way]

    def ways(self, person: Person) -> tuple[Way, ...]:
        """The ways to a person that may be used, the preferred one first."""
        return tuple(way for way in person.ways if way[0] in self.channels and way not in self.refused)


@dataclass(frozen=True, slots=True)
class Reach:
    """How people are reached now: who hears for a unit, which ways are ``usable``, which addresses ``had``
    their message of the day, and of which it failed (``spent``)."""

    persons: Persons
    usable: Usable
    had: Container[Way] = ()
    spent: Container[Way] = ()

    def has_spoken_to(self, person: Person) -> bool:
        """Whether a person has had their message of the day, on whatever channel."""
        return any(way in self.had for way in person.ways)

    def address(self, person: Person) -> tuple[Address, bool]:
        """Where a message to a person goes, and whether only with the next day's."""
        ways = self.usable.ways(person)
        free = [way for way in ways if way not in self.spent]
        later = self.has_spoken_to(person) or bool(ways and not free)
        return person.address(next(iter([*free, *ways]), None)), later


def reach_on_paper(people: Mapping[str, Sequence[Contact]], channels: Collection[str] = ()) -> Reach:
    """What contacts and settings alone say; where they name no channel e-mail stands for it."""
    return Reach(Persons(people), Usable(frozenset(channels) or frozenset({EMAIL}), ()))


def reach_now(connection: Connection, today: date, means: Means, *, untried: bool = True) -> Reach:
    """How people are reached on ``today``. A channel that rests goes on by itself: it is waited for; one that
    stopped is not. Without ``untried`` a message that the next pass words anew is none yet."""
    known = channel_states.everything(connection)
    stopped = {name for name, state in known.items() if state.state == STOPPED}
    running = (frozenset(means.channels) or frozenset({EMAIL})) - stopped
    return Reach(
        Persons(contacts.active(connection, today)),
        Usable(running, refusals.everything(connection)),
        spoken.spoken_to(connection, today, untried=untried, running=running),
        spoken.spent(connection, today),
    )
