"""Everything the database knows of one assignment (hồ sơ): its standing, words, files, helpers, messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.model.event import Event
from engine.store.mapping import event_of
from engine.store.messages.notices import Stored, stored
from engine.store.messages.outbox import REPLACED
from engine.store.tables import (
    AssignmentRow,
    ContributionRow,
    EventRow,
    EvidenceRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
)
from engine.store.views import tracked
from engine.tracking.assess import Tracked
from engine.units import Registry

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_EVIDENCE = EvidenceRow.__table__  # type: ignore[attr-defined]
_CONTRIBUTION = ContributionRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event with its number in the history."""

    number: int
    event: Event


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that a unit handed in; ``size`` in bytes, ``event`` the number of the word it came with."""

    id: str
    name: str
    size: int
    by: str
    at: datetime
    event: int | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """A coordinating unit said that its part is done."""

    unit: str
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice about the assignment and its messages: the state of each and when it was sent."""

    notice: Stored
    messages: tuple[tuple[str, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One assignment with all that belongs to it, the oldest first in every list."""

    tracked: Tracked
    revision: int
    history: tuple[Numbered, ...]
    proofs: tuple[Proof, ...]
    contributions: tuple[Contribution, ...]
    told: tuple[Told, ...]


def dossier(connection: Connection, registry: Registry, id: str) -> Dossier | None:
    """All about one assignment; None when there is none of that identity."""
    # Read first: whoever changes the assignment meanwhile makes the revision too old, never too new.
    revision = connection.execute(select(_ASSIGNMENT.c.revision).where(_ASSIGNMENT.c.id == id)).scalar()
    if revision is None:
        return None
    [found] = tracked(connection, registry, ids=[id])
    return Dossier(
        tracked=found,
        revision=revision,
        history=history(connection, id),
        proofs=_proofs(connection, id),
        contributions=_contributions(connection, id),
        told=_told(connection, id),
    )


def history(connection: Connection, id: str, after: int = 0) -> tuple[Numbered, ...]:
    """The events of an assignment with a number above ``after``."""
    query = select(_EVENT).where((_EVENT.c.assignment == id) & (_EVENT.c.id > after)).order_by(_EVENT.c.id)
    return tuple(Numbered(row["id"], event_of(row)) for row in connection.execute(query).mappings())


def _proofs(connection: Connection, id: str) -> tuple[Proof, ...]:
    query = select(_EVIDENCE).where(_EVIDENCE.c.assignment == id).order_by(_EVIDENCE.c.at, _EVIDENCE.c.id)
    return tuple(
        Proof(row["id"], row["name"], row["size"], row["by"], row["at"], row["event"])
        for row in connection.execute(query).mappings()
    )


def _contributions(connection: Connection, id: str) -> tuple[Contribution, ...]:
    query = select(_CONTRIBUTION).where(_CONTRIBUTION.c.assignment == id).order_by(_CONTRIBUTION.c.at)
    return tuple(
        Contribution(row["unit"], row["at"], row["by"], row["note"])
        for row in connection.execute(query).mappings()
    )


def _told(connection: Connection, id: str) -> tuple[Told, ...]:
    query = (
        select(_LINK.c.notice, _MESSAGE.c.state, _MESSAGE.c.sent_at)
        .join(_MESSAGE, _MESSAGE.c.id == _LINK.c.message)
        .join(_NOTICE, _NOTICE.c.id == _LINK.c.notice)
        .where((_NOTICE.c.assignment == id) & (_MESSAGE.c.state != REPLACED))
        .order_by(_MESSAGE.c.id)
    )
    messages: dict[int, list[tuple[str, datetime | None]]] = {}
    for notice, state, sent_at in connection.execute(query):
        messages.setdefault(notice, []).append((state, sent_at))
    notices = select(_NOTICE).where(_NOTICE.c.assignment == id).order_by(_NOTICE.c.id)
    return tuple(
        Told(stored(row), tuple(messages.get(row["id"], ())))
        for row in connection.execute(notices).mappings()
    )
