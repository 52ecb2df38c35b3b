"""What plan files said on a past day, as far as the program knew them then.

A plan that was brought in later than a day (``plan.known_since``) had told nobody anything on it, so that its
present words hold for that day as well. From then on every change of a promise leaves what was before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.engine import Connection

from engine.model.assignment import Promise
from engine.model.plan import PlanSettings
from engine.store.mapping import promise_columns, promise_of
from engine.store.tables import AssignmentRow, PlanRow, PromiseChangeRow

_CHANGE = PromiseChangeRow.__table__  # type: ignore[attr-defined]
_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_PLAN = PlanRow.__table__  # type: ignore[attr-defined]

_DATES = ("starts", "due", "rolled", "ends")
_NOTHING = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was promised before a change, and how its plan read dates then; ``promise`` None: nothing yet,
    the assignment came later."""

    promise: Promise | None
    settings: PlanSettings


@dataclass(frozen=True, slots=True)
class History:
    """Every change of a promise, the oldest first; ``known`` says since when each plan is known."""

    changes: Mapping[str, tuple[tuple[datetime, Earlier], ...]]
    known: Mapping[str, datetime | None]

    def before(self, assignment: str, plan: str, instant: datetime) -> Earlier | None:
        """What held just before ``instant``; None where the present promise did."""
        since = self.known.get(plan)
        if since is None or since >= instant:
            return None
        return next((said for at, said in self.changes.get(assignment, ()) if at >= instant), None)


def remember(
    connection: Connection, before: Iterable[Promise], settings: Mapping[str, PlanSettings], now: datetime
) -> None:
    """Keeps the promises that are about to be changed at ``now``; ``settings`` are the plans' old ones."""
    _keep(
        connection,
        {p.id: json.dumps(_packed(p, settings.get(p.plan, PlanSettings()))) for p in before},
        now,
    )


def remember_new(connection: Connection, assignments: Iterable[str], now: datetime) -> None:
    """Keeps that these were added at ``now`` to a plan that was known before."""
    _keep(connection, dict.fromkeys(assignments, _NOTHING), now)


def _keep(connection: Connection, before: Mapping[str, str], now: datetime) -> None:
    rows = [{"assignment": id, "changed_at": now, "before": text} for id, text in before.items()]
    if rows:
        connection.execute(insert(_CHANGE), rows)


def known_since(connection: Connection) -> dict[str, datetime | None]:
    """When each plan was first brought in; None for those that were there before anybody noted it."""
    return {id: at for id, at in connection.execute(select(_PLAN.c.id, _PLAN.c.known_since))}


def changed_since(instant: datetime) -> Select[Any]:
    """The assignments whose present promise may not be that of ``instant``."""
    return select(_CHANGE.c.assignment).where(_CHANGE.c.changed_at >= instant)


def history(connection: Connection, instant: datetime, plan: str | None = None) -> History:
    """The changes since ``instant``."""
    query = select(_CHANGE.c.assignment, _CHANGE.c.changed_at, _CHANGE.c.before).order_by(_CHANGE.c.id)
    query = query.where(_CHANGE.c.changed_at >= instant)
    if plan is not None:
        of_plan = _ASSIGNMENT.join(_CHANGE, _CHANGE.c.assignment == _ASSIGNMENT.c.id)
        query = query.select_from(of_plan).where(_ASSIGNMENT.c.plan == plan)
    found: dict[str, list[tuple[datetime, Earlier]]] = {}
    for assignment, at, text in connection.execute(query):
        found.setdefault(assignment, []).append((at, _unpacked(assignment, text)))
    return History({id: tuple(said) for id, said in found.items()}, known_since(connection))


def _packed(promise: Promise, settings: PlanSettings) -> dict[str, Any]:
    columns = promise_columns(promise)
    for name in _DATES:
        columns[name] = columns[name].isoformat() if columns[name] else None
    reading = {
        "roll": settings.roll,
        "before_day": settings.before_day,
        "completion": settings.completion,
    }
    return {"promise": columns, "settings": reading}


def _unpacked(assignment: str, text: str) -> Earlier:
    if text == _NOTHING:
        return Earlier(None, PlanSettings())
    data = json.loads(text)
    columns = dict(data["promise"], id=assignment)
    for name in _DATES:
        columns[name] = date.fromisoformat(columns[name]) if columns[name] else None
    return Earlier(promise_of(columns), PlanSettings(**data["settings"]))  # type: ignore[arg-type]
