"""What the office decides: the events, and for each a line of the audit log, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.model.assignment import Extension, Standing
from engine.model.event import Event
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.events import record
from engine.store.mapping import standing_of
from engine.store.sync import chunks
from engine.store.tables import AssignmentRow
from engine.workdays import WorkCalendar
from notifiers.address import mask

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]


def decide(
    connection: Connection,
    actor: Actor,
    events: Sequence[Event],
    calendar: WorkCalendar,
    now: datetime,
    *,
    seen: Mapping[str, int] | None = None,
) -> list[int]:
    """Records ``events`` as `record` does (the same errors, all or none), and who decided them with the
    standing before and after. The audit log comes last: call it at the end of the transaction."""
    ids = sorted({event.assignment for event in events})
    before = _standings(connection, ids)
    numbers = record(connection, events, calendar, now, seen=seen)
    after = _standings(connection, ids)
    for event, number in zip(events, numbers, strict=True):
        audit.append(
            connection,
            actor,
            f"decide.{event.kind}",
            event.assignment,
            now,
            before=_told(before[event.assignment]),
            after={"event": number, **_words(event), **_told(after[event.assignment])},
        )
    return numbers


def _standings(connection: Connection, ids: Sequence[str]) -> dict[str, Standing]:
    """The standings, held until the transaction ends; in the order in which all others lock them."""
    found = {}
    for chunk in chunks(ids, 500):
        query = select(_ASSIGNMENT).where(_ASSIGNMENT.c.id.in_(chunk)).order_by(_ASSIGNMENT.c.id)
        for row in connection.execute(query.with_for_update()).mappings():
            found[row["id"]] = standing_of(row)
    return found


def _told(standing: Standing) -> dict[str, Any]:
    """What is set in a standing; phones and addresses in somebody's words are masked."""
    return {
        name: mask(value) if name == "last_word" else value
        for name, value in asdict(standing).items()
        if value is not None and value is not Extension.NONE
    }


def _words(event: Event) -> dict[str, Any]:
    said: dict[str, Any] = {"day": event.day, "note": mask(event.note) if event.note else None}
    if event.cures:
        said["cures"] = True
    return {name: value for name, value in said.items() if value is not None}
