"""The rows of one page: at most as many as it shows are ever read and judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from engine.model.event import EventKind
from engine.notices.notice import Book
from engine.store import views
from engine.store.lists.conditions import ASSIGNMENT, Conditions
from engine.store.lists.filters import PAGE_SIZE, Kind, Lens, Order
from engine.store.messages.deliveries import reminder_counts
from engine.store.sync import chunks
from engine.store.tables import ContributionRow, EventRow
from engine.tracking.assess import Assessment, Tracked, assess_if_known
from engine.workdays import WorkCalendar

_A = ASSIGNMENT.c
_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_CONTRIBUTION = ContributionRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Row:
    """One assignment of a list. ``number`` counts from 1 through all pages; ``seen`` is None where the
    calendar lacks a year. ``helped`` of ``helping`` coordinating units said that their part is done."""

    number: int
    tracked: Tracked
    seen: Assessment | None
    reminders: int
    extensions: int
    helped: int
    helping: int


def one_picture(connection: Connection) -> None:
    """Whatever this transaction reads from now on speaks of one instant; called before anything is read.

    On SQLite every transaction does; on PostgreSQL each statement would see what was committed meanwhile.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def pages(listed: int) -> int:
    """How many pages a list of this length has; at least one."""
    return max(1, -(-listed // PAGE_SIZE))


def rows_of_page(
    connection: Connection, lens: Lens, book: Book, calendar: WorkCalendar, number: int, listed: int
) -> list[Row]:
    """The rows of page ``number`` (from 1) of a list that is ``listed`` long."""
    start = (number - 1) * PAGE_SIZE
    ids = _ids(connection, lens, start, min(PAGE_SIZE, max(0, listed - start)), listed)
    return rows_of(connection, ids, lens, book, calendar, start)


def first_rows(
    connection: Connection, lens: Lens, book: Book, calendar: WorkCalendar, most: int
) -> list[Row]:
    """The first ``most`` rows of the list, for a file."""
    return rows_of(connection, _ids(connection, lens, 0, most, most), lens, book, calendar)


def rows_of(
    connection: Connection,
    ids: Sequence[str],
    lens: Lens,
    book: Book,
    calendar: WorkCalendar,
    before: int = 0,
) -> list[Row]:
    """Rows for these assignments in this order; ``before`` of them stand on earlier pages."""
    tracked: dict[str, Tracked] = {}
    extensions: dict[str, int] = {}
    helpers: dict[str, set[str]] = {}
    for chunk in chunks(ids, 500):
        tracked.update((t.promise.id, t) for t in views.tracked(connection, book.registry, ids=chunk))
        extensions.update(_extensions(connection, chunk))
        for assignment, unit in connection.execute(
            select(_CONTRIBUTION.c.assignment, _CONTRIBUTION.c.unit).where(
                _CONTRIBUTION.c.assignment.in_(chunk)
            )
        ):
            helpers.setdefault(assignment, set()).add(unit)
    reminders = reminder_counts(connection, ids)
    rows = []
    for number, id in enumerate(ids, start=before + 1):
        each = tracked[id]
        task = book.tasks.get((each.promise.plan, each.promise.task))
        helping = set(task.coordinating_units) if task else set()
        rows.append(
            Row(
                number=number,
                tracked=each,
                seen=assess_if_known(each, lens.bounds.today, calendar),
                reminders=reminders.get(id, 0),
                extensions=extensions.get(id, 0),
                helped=len(helpers.get(id, set()) & helping),
                helping=len(helping),
            )
        )
    return rows


def _ids(connection: Connection, lens: Lens, start: int, size: int, listed: int) -> list[str]:
    """Identities alone, from an index; a page of the second half is counted from the end."""
    if size <= 0:
        return []
    conditions = Conditions(connection, lens)
    query = select(_A.id).where(and_(conditions.scope(lens.filter.kind), conditions.listed()))
    backwards = start > listed - start - size
    if backwards:
        start = listed - start - size
    query = query.order_by(*_order(lens, backwards)).offset(start).limit(size)
    ids = list(connection.execute(query).scalars())
    return ids[::-1] if backwards else ids


def _order(lens: Lens, backwards: bool) -> Iterable[Any]:
    order, kind = lens.filter.in_order, lens.filter.kind
    down = backwards != (order is Order.NEWEST)

    def way(column: Any, *, last: bool = False) -> Any:
        turned = column.desc() if down else column.asc()
        if not last:
            return turned
        # The databases disagree where nothing stands; here it comes after everything dated.
        return turned.nulls_first() if down else turned.nulls_last()

    dateless = kind in (Kind.ALL, Kind.AWAITING)
    if order is Order.WAITED:
        return way(_A.reported_on), way(_A.id)
    if order is Order.UNIT:
        return way(_A.unit), way(_A.last_day, last=dateless), way(_A.id)
    return way(_A.last_day, last=dateless), way(_A.id)


def _extensions(connection: Connection, ids: Sequence[str]) -> Iterable[tuple[str, int]]:
    granted = (_EVENT.c.kind == EventKind.EXTEND.value) & _EVENT.c.assignment.in_(ids)
    query = select(_EVENT.c.assignment, func.count()).where(granted).group_by(_EVENT.c.assignment)
    return ((assignment, number) for assignment, number in connection.execute(query))
