"""Looking into the audit log: pages of it, newest first, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, RowMapping

from engine.store.access.audit import first_broken
from engine.store.tables import AuditRow
from engine.tracking.progress import VIETNAM

_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]

KINDS = ("account", "link", "key", "system")
"""What an actor can be; "link" alone asks for all links."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows: days of Viet Nam, both included; ``actor`` an id ("account:3") or a kind ("link");
    ``subject`` any part of it; ``action`` as it is kept."""

    first: date | None = None
    last: date | None = None
    actor: str = ""
    subject: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act; ``before`` and ``after`` as they were noted, empty for nothing."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    origin: str
    action: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wholeness:
    """``broken`` names the first row that does not fit the one before; ``last`` and ``seal`` (its hash)
    name the newest row: who writes them down elsewhere can tell later that none was cut off."""

    rows: int
    broken: int | None
    last: int | None
    seal: str


def entries(
    connection: Connection, wanted: AuditFilter, *, before: int | None = None, at_most: int = 50
) -> list[AuditEntry]:
    """The newest rows that fit, older than row ``before``."""
    query = select(_AUDIT).order_by(_AUDIT.c.id.desc()).limit(at_most)
    for condition in _conditions(wanted):
        query = query.where(condition)
    if before is not None:
        query = query.where(_AUDIT.c.id < before)
    return [_entry(row) for row in connection.execute(query).mappings()]


def actions(connection: Connection) -> list[str]:
    """Every kind of act that was ever noted."""
    return sorted(connection.execute(select(_AUDIT.c.action).distinct()).scalars())


def count(connection: Connection) -> int:
    """How many rows there are."""
    return connection.execute(select(func.count()).select_from(_AUDIT)).scalar_one()


def wholeness(connection: Connection) -> Wholeness:
    """Reads the whole log and checks each row against the one before; takes a while for a long one."""
    last = connection.execute(
        select(_AUDIT.c.id, _AUDIT.c.hash).order_by(_AUDIT.c.id.desc()).limit(1)
    ).first()
    rows = count(connection)
    broken = first_broken(connection)
    return Wholeness(rows, broken, last.id if last else None, last.hash if last else "")


def _conditions(wanted: AuditFilter) -> list[Any]:
    found: list[Any] = []
    if wanted.first is not None:
        found.append(_AUDIT.c.at >= datetime.combine(wanted.first, time(), VIETNAM))
    if wanted.last is not None:
        found.append(_AUDIT.c.at < datetime.combine(wanted.last, time(), VIETNAM) + timedelta(days=1))
    if wanted.actor in KINDS:
        found.append(
            (_AUDIT.c.actor == wanted.actor) | _AUDIT.c.actor.startswith(f"{wanted.actor}:", autoescape=True)
        )
    elif wanted.actor:
        found.append(_AUDIT.c.actor == wanted.actor)
    if wanted.subject:
        exact = wanted.subject.partition(":")[2].isdigit()
        found.append(
            _AUDIT.c.subject == wanted.subject
            if exact
            else _AUDIT.c.subject.contains(wanted.subject, autoescape=True)
        )
    if wanted.action:
        found.append(_AUDIT.c.action == wanted.action)
    return found


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        row["id"],
        row["at"],
        row["actor"],
        row["actor_name"],
        row["origin"],
        row["action"],
        row["subject"],
        _mapping(row["before"]),
        _mapping(row["after"]),
    )


def _mapping(text: str) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:  # somebody wrote past us; the chain says so
        return {"?": text}
    return found if isinstance(found, dict) else {"?": text}
