"""Records what units and the office said: the event and the new standing in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.errors import DondocError
from engine.model.event import Event
from engine.model.plan import PlanSettings
from engine.store.mapping import event_columns, promise_of, standing_columns, standing_of
from engine.store.sync import chunks
from engine.store.tables import AssignmentRow, EventRow, PlanRow
from engine.store.webhooks import queue_calls
from engine.tracking.progress import Refusal, apply
from engine.vietnamese import nearest
from engine.workdays import WorkCalendar

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_PLAN = PlanRow.__table__  # type: ignore[attr-defined]


OVERTAKEN = "vừa có người khác cập nhật nhiệm vụ này; hãy tải lại để xem rồi quyết định lại"


class EventsRefused(DondocError):
    """Some events do not fit; none of them was recorded. ``refusals`` pairs index and reason."""

    def __init__(self, refusals: Sequence[tuple[int, str]]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(reason for _, reason in self.refusals))


def record(
    connection: Connection,
    events: Sequence[Event],
    calendar: WorkCalendar,
    now: datetime,
    *,
    seen: Mapping[str, int] | None = None,
) -> list[int]:
    """Records all ``events`` in order, or none: EventsRefused names every one that does not fit.

    Must run inside a writing transaction. Rows are locked, so that two people acting at once on one
    assignment take turns and the second is judged by what the first left behind. ``seen`` holds the
    revision that somebody had before their eyes when deciding: where another was faster, nothing is
    recorded. Gives back the numbers of the events.
    """
    rows = _locked_rows(connection, {event.assignment for event in events})
    settings = plan_settings(connection)
    promises = {id: promise_of(row) for id, row in rows.items()}
    standings = {id: standing_of(row) for id, row in rows.items()}
    refusals: list[tuple[int, str]] = []
    for index, event in enumerate(events):
        if event.assignment not in rows:
            refusals.append((index, unknown_assignment(connection, event.assignment)))
            continue
        row = rows[event.assignment]
        if seen is not None and seen.get(event.assignment, row["revision"]) != row["revision"]:
            refusals.append((index, f"{event.assignment}: {OVERTAKEN}"))
            continue
        promise = promises[event.assignment]
        plan = settings.get(promise.plan, PlanSettings())
        after = apply(promise, standings[event.assignment], event, plan, calendar)
        if isinstance(after, Refusal):
            refusals.append((index, f"{event.assignment}: {after.message}"))
        else:
            standings[event.assignment] = after
    if refusals:
        raise EventsRefused(refusals)
    if not events:
        return []
    numbered = insert(_EVENT).returning(_EVENT.c.id, sort_by_parameter_order=True)
    rows_of_events = [{**event_columns(e), "recorded_at": now} for e in events]
    numbers = list(connection.execute(numbered, rows_of_events).scalars())
    queue_calls(connection, events, numbers, now)
    changes = [
        {
            "key": id,
            "next": rows[id]["revision"] + 1,
            "changed_at": now,
            **standing_columns(promises[id], standings[id]),
        }
        for id in sorted(rows)
    ]
    values: dict[str, Any] = {n: bindparam(n) for n in changes[0] if n not in ("key", "next")}
    statement = update(_ASSIGNMENT).where(_ASSIGNMENT.c.id == bindparam("key"))
    connection.execute(statement.values({**values, "revision": bindparam("next")}), changes)
    return numbers


def _locked_rows(connection: Connection, ids: set[str]) -> dict[str, RowMapping]:
    found: dict[str, RowMapping] = {}
    for chunk in chunks(sorted(ids), 500):
        query = select(_ASSIGNMENT).where(_ASSIGNMENT.c.id.in_(chunk)).order_by(_ASSIGNMENT.c.id)
        for row in connection.execute(query.with_for_update()).mappings():
            found[row["id"]] = row
    return found


def plan_settings(connection: Connection) -> dict[str, PlanSettings]:
    """The settings of every plan in the database, by its id."""
    query = select(_PLAN.c.id, _PLAN.c.roll, _PLAN.c.before_day, _PLAN.c.completion)
    return {
        id: PlanSettings(roll, before_day, completion)
        for id, roll, before_day, completion in connection.execute(query)
    }


def unknown_assignment(connection: Connection, id: str) -> str:
    """What to say about an assignment that does not exist, with the nearest ones that do."""
    plan, _, rest = id.partition(":")
    query = select(_ASSIGNMENT.c.id).where(_ASSIGNMENT.c.plan == plan)
    task = rest.partition(":")[0]
    if task:
        narrowed = query.where(_ASSIGNMENT.c.task == task)
        known = list(connection.execute(narrowed.limit(2000)).scalars())
    else:
        known = []
    known = known or list(connection.execute(query.limit(2000)).scalars())
    near = nearest(id, known)
    hint = f" Có phải là: {'; '.join(near)}?" if near else " Xem danh sách: dondoc assignments"
    return f"Không có nhiệm vụ được giao nào mang mã “{id}”.{hint}"
