"""Collects what the narrative is made of: assignments at the end of a day, and what their units wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.model.assignment import Timeliness
from engine.model.event import UNIT_KINDS, EventKind
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import Reporting
from engine.reports.count_tasks import units_of
from engine.reports.draft import Item, Narrative, Word
from engine.reports.narrative import narrative
from engine.reports.tasks import Scope
from engine.reports.windows import BY_DECREE, MONTHS, Kind, Window, holding, window
from engine.store import views
from engine.store.database import among
from engine.store.tables import EventRow
from engine.tracking.assess import Tracked, assess, begins_on
from engine.tracking.progress import local_day
from engine.units import Registry
from engine.workdays import WorkCalendar

_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_DONE = frozenset({Timeliness.DONE_ON_TIME, Timeliness.DONE_LATE})


def write_narrative(
    connection: Connection,
    registry: Registry,
    calendar: WorkCalendar,
    scope: Scope,
    current: Window | None,
    day: date,
    rule: Reporting = BY_DECREE,
) -> Narrative:
    """The draft at the end of ``day``, or of the window's last day where that is earlier.

    Looks at every assignment one by one. Raises MissingYear for a year without a calendar.
    """
    last = min(day, current.last) if current else day
    items = collect(connection, registry, calendar, scope, current, last)
    return narrative(items, current, last, following(current, last, rule))


def following(current: Window | None, day: date, rule: Reporting = BY_DECREE) -> Window:
    """The window just after: of the same kind, as many days for one's own, without one the next month."""
    if current is None:
        current = holding(Kind.MONTH, day, rule)
    if current.kind is Kind.OWN:
        first = current.last + timedelta(days=1)
        last = first + (current.last - current.first)
        return Window(Kind.OWN, last.year, 1, first, last)
    if current.number < 12 // MONTHS[current.kind]:
        return window(current.kind, current.year, current.number + 1, rule)
    return window(current.kind, current.year + 1, 1, rule)


def collect(
    connection: Connection,
    registry: Registry,
    calendar: WorkCalendar,
    scope: Scope,
    current: Window | None,
    day: date,
) -> tuple[Item, ...]:
    """Every assignment of the scope at the end of ``day``, in the order of plans, tasks and units."""
    plans, tasks = views.plans(connection), views.tasks(connection)
    units = units_of(registry, plans.values(), scope.unit)
    one = scope.plans[0] if scope.plans and len(scope.plans) == 1 else None
    tracked = [
        t
        for t in views.tracked_as_of(connection, registry, calendar, day, plan=one, units=units)
        if scope.plans is None or t.promise.plan in scope.plans
    ]
    found = []
    for t in tracked:
        item = _item(t, day, calendar, registry, plans[t.promise.plan], tasks, current)
        place = tasks.get((t.promise.plan, t.promise.task))
        found.append(((t.promise.plan, place.position if place else 1 << 30, t.promise.task), item))
    items = [item for _, item in sorted(found, key=lambda each: (each[0], each[1].id))]
    spoken = [i.id for i in items if i.timeliness in _DONE or i.timeliness is Timeliness.OVERDUE]
    words = _words(connection, spoken, day)
    return tuple(_with_words(item, words.get(item.id, [])) for item in items)


def _item(
    tracked: Tracked,
    day: date,
    calendar: WorkCalendar,
    registry: Registry,
    plan: PlanFacts,
    tasks: dict[tuple[str, str], TaskFacts],
    current: Window | None,
) -> Item:
    promise, standing = tracked.promise, tracked.standing
    seen = assess(tracked, day, calendar)
    confirmed = tracked.completion == "confirmed"
    done_on = (
        (standing.confirmed_on if confirmed else standing.reported_on) if seen.timeliness in _DONE else None
    )
    begins = begins_on(tracked, plan.starts)
    before = current is not None and done_on is not None and done_on < current.first
    facts, unit = tasks.get((promise.plan, promise.task)), registry.units.get(promise.unit)
    return Item(
        id=promise.id,
        plan=promise.plan,
        task=promise.task,
        stt=(facts.stt if facts else None) or "",
        title=facts.heading(promise.milestone) if facts else promise.task,
        unit=promise.unit,
        unit_name=registry.full_name(promise.unit),
        level=unit.level if unit else None,
        kind=unit.kind if unit else None,
        timeliness=seen.timeliness,
        due=seen.rolled,
        done_on=done_on,
        days_late=seen.days_late,
        counts=current is None or (begins <= day and not before),
        carried=current is not None and begins < current.first,
    )


def _with_words(item: Item, said: list[tuple[EventKind, Word]]) -> Item:
    # Of what is done, what the unit said when it was; of what is not, all it said.
    chosen = [word for kind, word in said if item.timeliness not in _DONE or kind is EventKind.DONE]
    return replace(item, words=tuple(chosen))


def _words(
    connection: Connection, ids: Collection[str], day: date
) -> dict[str, list[tuple[EventKind, Word]]]:
    found: dict[str, list[tuple[EventKind, Word]]] = defaultdict(list)
    query = (
        select(_EVENT.c.id, _EVENT.c.assignment, _EVENT.c.kind, _EVENT.c.at, _EVENT.c.by, _EVENT.c.note)
        .where(
            among(connection, _EVENT.c.assignment, ids),
            _EVENT.c.kind.in_(sorted(UNIT_KINDS)),
            _EVENT.c.at < views.end_of_day(day),
            _EVENT.c.note.is_not(None),
        )
        .order_by(_EVENT.c.at, _EVENT.c.id)
    )
    for row in connection.execute(query):
        if row.note.strip():
            word = Word(row.id, row.at, local_day(row.at), row.by or "", row.note)
            found[row.assignment].append((EventKind(row.kind), word))
    return found
