"""Notices in the database: what was told, what waits, and why something was not sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.notices.notice import Notice, NoticeKey
from engine.ruleset.rule import Role, Tone
from engine.store.database import insert_or_update
from engine.store.sync import CHUNK, chunks
from engine.store.tables import NoticeRow

_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]

_KEY = ("assignment", "rule", "deadline", "recipient", "occasion")

_ROLES = {role.value: role for role in Role}
_TONES = {tone.value: tone for tone in Tone}

PENDING = "pending"
COMPOSED = "composed"
SUPERSEDED = "superseded"
WITHDRAWN = "withdrawn"
UNWANTED = "unwanted"
"""Only for information, and whoever would hear it has chosen not to."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A notice as the database holds it."""

    id: int
    notice: Notice
    day: date
    state: str
    reason: str


def told_keys(connection: Connection, notices: Iterable[Notice]) -> set[NoticeKey]:
    """The keys of those ``notices`` that were raised before and not taken back unsent, among others."""
    occasions: dict[str, set[str]] = {}
    for notice in notices:
        occasions.setdefault(notice.subject, set()).add(notice.occasion)
    columns = _NOTICE.c
    query = select(columns.rule, columns.assignment, columns.deadline, columns.recipient, columns.occasion)
    told: set[NoticeKey] = set()
    for chunk in chunks(sorted(occasions), 500):
        # Most of what was ever told about a subject were other occasions.
        named = {occasion for subject in chunk for occasion in occasions[subject]}
        about = columns.assignment.in_(chunk) & columns.occasion.in_(sorted(named))
        rows = connection.execute(query.where(about & (columns.state != WITHDRAWN)))
        told.update(map(NoticeKey._make, rows))
    return told


def insert_notices(connection: Connection, notices: Iterable[Notice], today: date, now: datetime) -> None:
    """Adds notices; one whose key is taken is passed over: the database forbids the double.

    One that was taken back unsent waits again when its reason has come back.
    """
    again = {"state": PENDING, "reason": "", "day": today}
    statement = insert_or_update(connection, _NOTICE, _KEY, again, _NOTICE.c.state == WITHDRAWN)
    rows = (
        {
            "rule": n.rule,
            "assignment": n.subject,
            "deadline": n.deadline,
            "recipient": n.recipient,
            "occasion": n.occasion,
            "role": n.role.value,
            "tone": n.tone.value,
            "why": n.why,
            "day": today,
            "created_at": now,
            "state": PENDING,
            "reason": "",
        }
        for n in notices
    )
    for chunk in chunks(rows, CHUNK):
        connection.execute(statement, chunk)


def pending(connection: Connection) -> list[Stored]:
    """The notices that wait for a message, oldest first."""
    query = select(_NOTICE).where(_NOTICE.c.state == PENDING).order_by(_NOTICE.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]


def find(connection: Connection, id: int) -> Stored | None:
    """One notice by its number."""
    row = connection.execute(select(_NOTICE).where(_NOTICE.c.id == id)).mappings().first()
    return stored(row) if row else None


def of_subject(connection: Connection, subject: str) -> list[Stored]:
    """Every notice about one assignment (or ``unit:…``), oldest first."""
    query = select(_NOTICE).where(_NOTICE.c.assignment == subject).order_by(_NOTICE.c.id)
    return [stored(row) for row in connection.execute(query).mappings()]


def set_state(connection: Connection, ids: Collection[int], state: str, reason: str = "") -> None:
    """Moves notices to a state, with the reason in Vietnamese where they will not be sent."""
    for chunk in chunks(ids, 500):
        these = update(_NOTICE).where(_NOTICE.c.id.in_(chunk))
        connection.execute(these.values(state=state, reason=reason))


def stored(row: RowMapping) -> Stored:
    """The notice in a row of ``notice``."""
    return Stored(
        id=row["id"],
        notice=Notice(
            rule=row["rule"],
            subject=row["assignment"],
            deadline=row["deadline"],
            recipient=row["recipient"],
            occasion=row["occasion"],
            role=_ROLES[row["role"]],
            tone=_TONES[row["tone"]],
            why=row["why"],
        ),
        day=row["day"],
        state=row["state"],
        reason=row["reason"],
    )
