"""A small office to tick in: a database, contacts, and a far end that answers as scripted."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Engine, text

from engine.model.event import Event
from engine.model.plan import Plan
from engine.store import views
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, Contact
from engine.store.sync import sync
from engine.tick import InForce, TickResult, tick
from engine.worker import this_worker
from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome, Status
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CULTURE,
    DISTRICT,
    HOME_AFFAIRS,
    OFFICE,
    TOWN,
    at,
    in_force,
)

SENT = Outcome(Status.SENT, 250)
TEMPORARY = Outcome(Status.TEMPORARY, 450, "Hộp thư tạm thời không nhận")
PERMANENT = Outcome(Status.PERMANENT, 550, "Không có người nhận này")
UNKNOWN = Outcome(Status.UNKNOWN, None, "Mất kết nối khi đang gửi")

EVERYBODY = (HOME_AFFAIRS, CULTURE, OFFICE, DISTRICT, *COMMUNES, TOWN)


def address(unit: str) -> str:
    """The mail address of a unit in these tests."""
    return unit.rpartition(".")[2] + "@thu.test"


class FarEnd:
    """The channel's far end: keeps what arrives and answers with the script, ``SENT`` after it.

    Whatever it says but ``PERMANENT`` and ``TEMPORARY``, the message has arrived.
    """

    name = "email"
    slots = 1

    def __init__(self) -> None:
        self.arrived: list[OutgoingMessage] = []
        self.tried: list[OutgoingMessage] = []
        self.script: dict[str, deque[Outcome]] = {}
        self.meanwhile: Callable[[OutgoingMessage], None] | None = None
        self._lock = threading.Lock()

    def will(self, unit: str, *outcomes: Outcome) -> None:
        """The next answers for mail to a unit."""
        self.script.setdefault(address(unit), deque()).extend(outcomes)

    def send(self, message: OutgoingMessage) -> Outcome:
        if self.meanwhile is not None:
            self.meanwhile(message)
        with self._lock:
            self.tried.append(message)
            waiting = self.script.get(message.recipient.value)
            outcome = waiting.popleft() if waiting else SENT
            if outcome.status in (Status.SENT, Status.UNKNOWN):
                self.arrived.append(message)
        return outcome

    def closed_until(self, now: datetime) -> datetime | None:
        """Open at any time."""
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def to(self, unit: str) -> list[OutgoingMessage]:
        """What arrived for a unit."""
        return [m for m in self.arrived if m.recipient.value == address(unit)]

    def recipients(self) -> list[str]:
        """The addresses of what arrived, sorted."""
        return sorted(m.recipient.value for m in self.arrived)


@dataclass
class Desk:
    """One process's view of the database; ``another`` desk on the same far end is another process."""

    store: Engine
    far_end: FarEnd = field(default_factory=FarEnd)
    files: InForce = field(default_factory=in_force)
    worker: str = field(default_factory=this_worker)

    def sync(self, *plans: Plan, now: datetime | None = None) -> None:
        """Brings the database in line with these plans."""
        with writing(self.store) as connection:
            day = min((p.starts for p in plans), default=date(2023, 3, 1))
            sync(connection, plans, (), self.files.registry, CALENDAR, now or at(day))

    def people(self, *known: Contact | str) -> None:
        """Sets who can be reached; a unit's id stands for its head at the unit's own address."""
        people = [k if isinstance(k, Contact) else Contact(k, HEAD, "", address(k)) for k in known]
        with writing(self.store) as connection:
            contacts.replace_all(connection, people, {p.unit for p in people})

    def say(self, *events: Event) -> None:
        """Records what units and the office said."""
        with writing(self.store) as connection:
            record(connection, events, CALENDAR, events[0].at)

    def tick(
        self,
        day: date,
        hour: int = 9,
        minute: int = 0,
        *,
        clock: datetime | None = None,
        dry_run: bool = False,
        silent: bool = False,
        files: InForce | None = None,
    ) -> TickResult:
        """One pass at that time of day in Viet Nam; ``silent`` hands in no channel."""
        now = at(day, hour, minute)
        return tick(
            self.store,
            files or self.files,
            now,
            {} if silent else {self.far_end.name: self.far_end},
            self.worker,
            lambda: clock or now,
            dry_run=dry_run,
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database says."""
        with reading(self.store) as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def notices(self) -> dict[tuple[str, str, str], str]:
        """The state of each notice by rule, recipient and occasion."""
        rows = self.rows("SELECT rule, recipient, occasion, state FROM notice ORDER BY id")
        return {(str(r[0]), str(r[1]), str(r[2])): str(r[3]) for r in rows}

    def messages(self) -> list[tuple[object, ...]]:
        """Address, day and state of each message."""
        return self.rows("SELECT address, day, state FROM message ORDER BY day, address")

    def deliveries(self) -> list[tuple[object, ...]]:
        """Attempt and outcome of each delivery, oldest first."""
        return self.rows("SELECT attempt, outcome FROM delivery ORDER BY id")

    def standing(self, id: str) -> str:
        """The state of an assignment."""
        with reading(self.store) as connection:
            [found] = views.tracked(connection, self.files.registry, ids=[id])
        return found.standing.state.value


def desk_with(store: Engine, plans: Sequence[Plan], people: Iterable[str | Contact] = EVERYBODY) -> Desk:
    """A desk with plans in force and people to tell."""
    desk = Desk(store)
    desk.sync(*plans)
    desk.people(*people)
    return desk


def beside(desk: Desk, store: Engine) -> Desk:
    """Another process at the same work."""
    return replace(desk, store=store)
