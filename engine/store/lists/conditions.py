"""A lens as conditions on the rows of ``assignment``, in the terms that its indexes hold.

States stand in the text of a statement, not among its parameters: only so does SQLite see that a partial
index answers it. tests/store/test_lists.py holds every condition equal to ``assess``.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ARRAY,
    Text,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from engine.model.assignment import Extension, State
from engine.model.deadline import DeadlineKind
from engine.store.database import among
from engine.store.lists.filters import Kind, Lateness, Lens, Mark
from engine.store.tables import AssignmentRow
from engine.store.tables.work import OWED, REPORTED

ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_A = ASSIGNMENT.c
_OWED: Any = literal_column(f"({OWED})")
_REPORTED: Any = literal_column(f"({REPORTED})")


MANY_UNITS = 500
"""Units from which on it pays to ask which ones are not meant."""


class Conditions:
    """What each kind of row means for one lens on one database."""

    def __init__(self, connection: Connection, lens: Lens) -> None:
        self._connection = connection
        self._lens = lens
        self._others: frozenset[str] | None = None
        self._arrays = connection.dialect.name == "postgresql"
        self._owing = and_(
            _OWED, or_(_A.state != _text(State.REPORTED), self.one_of(_A.plan, lens.confirmed))
        )

    def scope(self, kind: Kind | None = None) -> Any:
        """The plans, units and words asked for, without what a list adds; never a plan not yet in force.

        ``kind`` is the list that they narrow: where they narrow little, what waits has an index that is
        shorter than theirs.
        """
        lens, wanted = self._lens, self._lens.filter
        unit, plan = _A.unit, _A.plan
        if kind is Kind.AWAITING and lens.is_broad and not self._arrays:
            # A column with a sign before it is no term for SQLite's choice of an index.
            unit, plan = _signed(unit), _signed(plan)
        parts: list[Any] = [true()]
        if lens.future:
            parts.append(_A.plan.not_in(lens.future))
        if wanted.plan is not None:
            parts.append(plan == wanted.plan)
        if lens.units is not None:
            parts.append(self._units(unit, lens.units))
        if lens.found is not None:
            parts.append(or_(self._tasks(plan, lens.found.tasks), self.one_of(unit, lens.found.units)))
        return and_(*parts)

    def kind(self, kind: Kind) -> Any:
        """The rows of one list."""
        at = self._lens.bounds
        if kind is Kind.OVERDUE:
            return and_(self._owing, _A.last_day < at.today)
        if kind is Kind.DUE_SOON:
            if at.soon_until is None:
                return false()
            return and_(self._owing, _A.last_day.between(at.today, at.soon_until), _A.starts <= at.today)
        if kind is Kind.AWAITING:
            # Whatever is reported has a day of the report; saying so leads SQLite to the small index.
            return and_(_REPORTED, _A.reported_on.is_not(None))
        return _A.state != _text(State.WITHDRAWN)

    def lateness(self, band: Lateness) -> Any:
        """The rows of an overdue list that are late within a band."""
        at = self._lens.bounds
        if at.short_since is None or at.middle_since is None:
            return false()
        if band is Lateness.SHORT:
            return _A.last_day >= at.short_since
        if band is Lateness.MIDDLE:
            return and_(_A.last_day < at.short_since, _A.last_day >= at.middle_since)
        return _A.last_day < at.middle_since

    def mark(self, mark: Mark) -> Any:
        """The rows that carry a mark."""
        if mark is Mark.AWAITING:
            return _A.state == _text(State.REPORTED)
        if mark is Mark.SILENT:
            return and_(_A.state == _text(State.NOT_STARTED), _A.last_word_at.is_(None))
        if mark is Mark.EXTENSION:
            return _A.extension == Extension.PENDING.value
        if mark is Mark.DECLINED:
            return _A.state == _text(State.DECLINED)
        dated_or_always = or_(_A.last_day.is_not(None), _A.kind == DeadlineKind.CONTINUOUS.value)
        return and_(_OWED, _A.state != _text(State.REPORTED), ~dated_or_always)

    def listed(self) -> Any:
        """The rows of the list that the filter asks for, beyond its scope."""
        wanted = self._lens.filter
        if wanted.kind is Kind.ALL and wanted.state is not None:
            parts = [_A.state == wanted.state.value]
        else:
            parts = [self.kind(wanted.kind)]
        return and_(*parts, self.narrowed())

    def narrowed(self) -> Any:
        """What the filter adds to its kind: a band of lateness, a mark."""
        wanted = self._lens.filter
        parts: list[Any] = [true()]
        if wanted.lateness is not None and wanted.kind is Kind.OVERDUE:
            parts.append(self.lateness(wanted.lateness))
        if wanted.mark is not None:
            parts.append(self.mark(wanted.mark))
        return and_(*parts)

    def one_of(self, column: Any, values: Collection[str]) -> Any:
        """``column`` is one of ``values``, however many they are."""
        return among(self._connection, column, values)

    def _units(self, column: Any, units: frozenset[str]) -> Any:
        """The rows of these units. Of most of all units, the rows of none of the few others: what is
        asked for each of many rows should be short."""
        if len(units) < MANY_UNITS:
            return self.one_of(column, units)
        if self._others is None:
            self._others = units_given_work(self._connection) - units
        if len(self._others) >= len(units):
            return self.one_of(column, units)
        return not_(self.one_of(column, self._others)) if self._others else true()

    def count_of(self, condition: Any) -> Any:
        """How many rows of a query meet ``condition``, as a column beside others."""
        if self._arrays:
            return func.count().filter(condition)
        # Inside a CASE SQLite leaves off at the first part of a condition that does not hold.
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    def _tasks(self, plan: Any, tasks: Collection[tuple[str, str]]) -> Any:
        if not tasks:
            return false()
        if self._arrays:
            plans, ids = ([key[place] for key in tasks] for place in (0, 1))
            pairs: Any = select(
                func.unnest(bindparam(None, plans, ARRAY(Text), unique=True)),
                func.unnest(bindparam(None, ids, ARRAY(Text), unique=True)),
            )
        else:
            each = func.json_each(json.dumps(tasks)).table_valued("value")
            pairs = select(func.json_extract(each.c.value, "$[0]"), func.json_extract(each.c.value, "$[1]"))
        return tuple_(plan, _A.task).in_(pairs)


def units_given_work(connection: Connection) -> frozenset[str]:
    """Every unit that has an assignment, whether a registry knows it or not: one look into the index for
    each of them, however many rows there are."""
    first = select(func.min(_A.unit).label("unit")).cte("given", recursive=True)
    later = select(func.min(_A.unit)).where(_A.unit > first.c.unit).scalar_subquery()
    given = first.union_all(select(later).where(first.c.unit.is_not(None)))
    return frozenset(connection.execute(select(given.c.unit).where(given.c.unit.is_not(None))).scalars())


def _signed(column: Any) -> Any:
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def _text(state: State) -> Any:
    return literal_column(f"'{state.value}'")
