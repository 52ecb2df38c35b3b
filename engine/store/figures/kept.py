"""Figures that one process keeps between requests: exact, because it knows what has moved since.

Counting a million assignments takes a moment. What is kept is counted anew where an event was recorded since
(only the units that it touches), and as a whole on another day or after a sync that changed a file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from engine.store.figures.counts import Counts, Group
from engine.store.figures.outcome import ROW
from engine.store.figures.tally import count_groups
from engine.store.figures.trend import Overdue, overdue_groups
from engine.store.tables import AcceptedFile, EventRow
from engine.workdays import WorkCalendar

_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_FILE = AcceptedFile.__table__  # type: ignore[attr-defined]

MOST_UNITS = 100
"""Where more units are touched, counting everything is quicker."""

_Value = TypeVar("_Value")
_Count = Callable[[Collection[str] | None], dict[Group, _Value]]


@dataclass(frozen=True, slots=True)
class _Mark:
    """The newest event that is visible. PostgreSQL numbers events before their transactions end, so that an
    older number may still appear: ``began`` is the oldest transaction under way, ``next`` the first that has
    not begun. SQLite has one writer and neither."""

    event: int
    began: int = 0
    next: int = 0


class _Kept(Generic[_Value]):
    """One set of figures and the state of the database that it belongs to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: object = None
        # Every event up to this number is counted; None while nobody can tell.
        self._settled: int | None = None
        self._mark = _Mark(0)
        self._groups: dict[Group, _Value] = {}

    def fresh(self, connection: Connection, about: object, count: _Count[_Value]) -> Mapping[Group, _Value]:
        """The figures of this moment; ``about`` is what they hang on beside the database."""
        with self._lock:
            # Looked at before counting: what is recorded meanwhile is then counted once more next time.
            stamp, mark = (about, _files(connection)), _mark(connection)
            if stamp != self._stamp:
                self._settled, self._mark = None, mark
            self._groups = self._counted(connection, count)
            self._stamp = stamp
            if mark.began == mark.next:
                self._settled, self._mark = mark.event, mark
            elif mark.began >= self._mark.next:
                # All that were under way at the last mark have ended; who began later numbers higher.
                self._settled, self._mark = self._mark.event, mark
            return self._groups

    def _counted(self, connection: Connection, count: _Count[_Value]) -> dict[Group, _Value]:
        if self._settled is None:
            return count(None)
        touched = _touched(connection, self._settled)
        if not touched:
            return self._groups
        if len(touched) > MOST_UNITS:
            return count(None)
        # A new mapping: who was handed the last one goes on reading it.
        others = {group: value for group, value in self._groups.items() if group[0] not in touched}
        return others | count(touched)


class Figures:
    """The figures of one database. Safe to use from several threads."""

    def __init__(self) -> None:
        self._now: _Kept[Counts] = _Kept()
        self._window: _Kept[Counts] = _Kept()
        self._trends: dict[str, _Kept[Overdue]] = {"week": _Kept(), "month": _Kept()}

    def now(self, connection: Connection, today: date) -> Mapping[Group, Counts]:
        """How all assignments stand today, by unit and plan."""
        return self._now.fresh(connection, today, lambda units: count_groups(connection, today, units=units))

    def fallen_due(
        self, connection: Connection, today: date, first: date, last: date
    ) -> Mapping[Group, Counts]:
        """How those stand today whose last day lies from ``first`` to ``last``; the last window asked for is
        kept."""
        return self._window.fresh(
            connection,
            (today, first, last),
            lambda units: count_groups(connection, today, units=units, due=(first, last)),
        )

    def trend(
        self, connection: Connection, calendar: WorkCalendar, step: str, days: Sequence[date]
    ) -> Mapping[Group, Overdue]:
        """The overdue at the end of each of ``days``; ``step`` ("week", "month") names the series to keep."""
        return self._trends[step].fresh(
            connection,
            (tuple(days), calendar),
            lambda units: overdue_groups(connection, calendar, days, units=units),
        )


def _files(connection: Connection) -> object:
    """The files in force: promises and the settings of plans change with them alone."""
    query = select(_FILE.c.path, _FILE.c.sha256, _FILE.c.accepted_at).order_by(_FILE.c.path)
    return tuple(tuple(row) for row in connection.execute(query))


def _mark(connection: Connection) -> _Mark:
    newest = connection.execute(select(func.max(_EVENT.c.id))).scalar() or 0
    if connection.dialect.name != "postgresql":
        return _Mark(newest)
    snapshot = "pg_current_snapshot()"
    now = connection.execute(
        text(f"SELECT pg_snapshot_xmin({snapshot})::text, pg_snapshot_xmax({snapshot})::text")
    )
    began, following = now.one()
    return _Mark(newest, int(began), int(following))


def _touched(connection: Connection, settled: int) -> frozenset[str]:
    """The units with an event past this number."""
    query = (
        select(ROW.c.unit)
        .distinct()
        .join(_EVENT, _EVENT.c.assignment == ROW.c.id)
        .where(_EVENT.c.id > settled)
    )
    return frozenset(connection.execute(query).scalars())
