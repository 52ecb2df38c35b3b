"""The one function that counts: every number of every list comes from here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.store.lists.conditions import ASSIGNMENT, Conditions
from engine.store.lists.filters import Kind, Lateness, Lens, Mark

_MARKS = (Mark.SILENT, Mark.EXTENSION, Mark.DECLINED, Mark.AWAITING)
"""What can stand out where there is a deadline and the work is not done."""


_TWO_BANDS = (Lateness.SHORT, Lateness.LONG)


class By(StrEnum):
    """What the numbers are told apart by."""

    PLAN = "plan"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many assignments there are within the scope of a filter.

    ``kinds`` has the lists that were asked for; ``listed`` is the length of the filter's own list, and
    ``bands`` and ``marks`` say what that list would be with another band of lateness or mark.
    """

    kinds: Mapping[Kind, int] = field(default_factory=dict)
    listed: int = 0
    bands: Mapping[Lateness, int] = field(default_factory=dict)
    marks: Mapping[Mark, int] = field(default_factory=dict)
    done: int = 0


def counts(connection: Connection, lens: Lens, kinds: Collection[Kind]) -> Counts:
    """The numbers beside a list: of each of ``kinds``, and of the list itself with its bands and marks.

    One statement for each kind, so that each is answered from the index made for it.
    """
    conditions = Conditions(connection, lens)
    own = lens.filter.kind
    found: dict[Kind, int] = {}
    for kind in kinds:
        if kind is not own:
            found[kind] = _how_many(connection, conditions, kind, conditions.kind(kind))
    if own is Kind.ALL:
        # No parts of a list that is everything: its length is what its filter leaves.
        listed = _how_many(connection, conditions, own, conditions.listed())
        narrowed = lens.filter.state is not None or lens.filter.mark is not None
        found[own] = _how_many(connection, conditions, own, conditions.kind(own)) if narrowed else listed
        return Counts(kinds=found, listed=listed)
    whole, listed, bands, marks = _parts(connection, conditions, lens)
    return Counts(kinds={**found, own: whole}, listed=listed, bands=bands, marks=marks)


def _how_many(connection: Connection, conditions: Conditions, kind: Kind, which: Any) -> int:
    query = _counting(func.count()).where(and_(conditions.scope(kind), which))
    number: int = connection.execute(query).scalar_one()
    return number


def _parts(
    connection: Connection, conditions: Conditions, lens: Lens
) -> tuple[int, int, dict[Lateness, int], dict[Mark, int]]:
    """The length of a whole list, of what its filter leaves, and of its parts, in one pass over an index."""
    own, band, mark = lens.filter.kind, lens.filter.lateness, lens.filter.mark
    marked = conditions.mark(mark) if mark else None
    late = conditions.lateness(band) if band and own is Kind.OVERDUE else None
    columns: dict[object, Any] = {"whole": func.count()}
    if marked is not None or late is not None:
        columns["listed"] = conditions.count_of(conditions.narrowed())
    if own is Kind.OVERDUE:
        # Without a mark the third band is what the others leave.
        for each in Lateness if marked is not None or not lens.bounds.middle_since else _TWO_BANDS:
            columns[each] = conditions.count_of(_both(conditions.lateness(each), marked))
    if own is not Kind.AWAITING:
        for one in _MARKS:
            columns[one] = conditions.count_of(_both(conditions.mark(one), late))
    query = _counting(*columns.values()).where(and_(conditions.scope(own), conditions.kind(own)))
    row = dict(zip(columns, connection.execute(query).one(), strict=True))
    if own is Kind.OVERDUE and Lateness.MIDDLE not in row:
        row[Lateness.MIDDLE] = row["whole"] - sum(row[each] for each in _TWO_BANDS)
    return (
        row["whole"],
        row.get("listed", row["whole"]),
        {each: row[each] for each in Lateness if each in row},
        {one: row[one] for one in _MARKS if one in row},
    )


def counts_by(connection: Connection, lens: Lens, by: By) -> dict[str, Counts]:
    """The same numbers for each plan or unit that has any assignment within the scope, in one statement;
    ``done`` counts what the office has confirmed."""
    conditions = Conditions(connection, lens)
    key = ASSIGNMENT.c[by.value]
    kinds = list(Kind)
    done = conditions.count_of(ASSIGNMENT.c.state == State.CONFIRMED.value)
    columns = [key, *(conditions.count_of(conditions.kind(kind)) for kind in kinds), done]
    query = _counting(*columns).where(conditions.scope()).group_by(key)
    return {
        row[0]: Counts(kinds=dict(zip(kinds, row[1:-1], strict=True)), done=row[-1])
        for row in connection.execute(query)
    }


def _counting(*columns: Any) -> Any:
    return select(*columns).select_from(ASSIGNMENT)


def _both(one: Any, other: Any) -> Any:
    return one if other is None else and_(one, other)
