"""Which cells of a table can be formulas: those where the formula gives exactly the value that stands there.

A cell whose value the rows do not explain (a figure that was not reported, a total over rows that the table
leaves out) stays a number: a formula must never say something else than the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.utils import get_column_letter

from engine.reports.document import Column, Row, Table, Value

_MOST_RANGES = 100
"""Ranges in one SUM; Excel takes 255, a reader far fewer."""


def formulas(table: Table, first: int) -> dict[tuple[int, str], str]:
    """By (line, column key): the line counts from 0, the total comes after the rows; the first row stands
    in row ``first`` of the sheet."""
    letters = {column.key: get_column_letter(n) for n, column in enumerate(table.columns, start=1)}
    found = {}
    for index, line in enumerate(lines(table)):
        added = _added(table, index)
        for column in table.columns:
            if _number(line.cells.get(column.key)) is None:
                continue
            formula = _sum(column, letters, added, first)
            formula = formula or _parts(column, line, letters, first + index)
            formula = formula or _share(column, line, letters, first + index)
            if formula:
                found[index, column.key] = formula
    return found


def lines(table: Table) -> tuple[Row, ...]:
    """The rows and the total."""
    return table.rows if table.total is None else (*table.rows, table.total)


def _sum(column: Column, letters: Mapping[str, str], added: Sequence[int], first: int) -> str:
    if not column.sums or not added:
        return ""
    letter = letters[column.key]
    spans = [
        f"{letter}{first + a}:{letter}{first + b}" if a < b else f"{letter}{first + a}"
        for a, b in runs_of(added)
    ]
    return f"=SUM({','.join(spans)})"


def _parts(column: Column, line: Row, letters: Mapping[str, str], row: int) -> str:
    values = [_number(line.cells.get(key)) for key in column.parts]
    known = [value for value in values if value is not None]
    if not known or sum(known) != line.cells[column.key]:
        return ""
    return "=" + "+".join(f"{letters[key]}{row}" for key in column.parts)


def _share(column: Column, line: Row, letters: Mapping[str, str], row: int) -> str:
    if column.share is None:
        return ""
    part, whole = (_number(line.cells.get(key)) for key in column.share)
    if part is None or not whole:
        return ""
    exact = (part * 100 / whole).quantize(Decimal(1).scaleb(-column.places), ROUND_HALF_UP)
    if exact != line.cells[column.key]:
        return ""
    above, below = (f"{letters[key]}{row}" for key in column.share)
    return f'=IF({below}=0,"",ROUND({above}/{below},{column.places + 2}))'


def _added(table: Table, index: int) -> Sequence[int]:
    """The rows that the line ``index`` adds up in every column with ``sums``; none where there are no such
    rows."""
    for candidate in _candidates(table, index):
        spans = list(runs_of(candidate))
        if candidate and len(spans) <= _MOST_RANGES and _explains(table, index, candidate):
            return candidate
    return ()


def _candidates(table: Table, index: int) -> Iterable[Sequence[int]]:
    rows = table.rows
    if index == len(rows):
        top = min((row.level for row in rows), default=0)
        yield range(len(rows))
        yield [n for n, row in enumerate(rows) if row.level == top]
        yield [n for n, row in enumerate(rows) if not row.strong]
        return
    end = next((n for n in range(index + 1, len(rows)) if rows[n].level <= rows[index].level), len(rows))
    below = range(index + 1, end)
    nearest = min((rows[n].level for n in below), default=0)
    yield [n for n in below if rows[n].level == nearest]


def _explains(table: Table, index: int, added: Sequence[int]) -> bool:
    line = lines(table)[index]
    tried = 0
    for column in table.columns:
        value = _number(line.cells.get(column.key))
        if not column.sums or value is None:
            continue
        numbers = (_number(table.rows[n].cells.get(column.key)) for n in added)
        if sum(number for number in numbers if number is not None) != value:
            return False
        tried += 1
    return tried > 0


def runs_of(indices: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Neighbours together: 1 2 3 7 → (1, 3), (7, 7)."""
    start = end = None
    for index in indices:
        if end is not None and index == end + 1:
            end = index
            continue
        if start is not None and end is not None:
            yield start, end
        start = end = index
    if start is not None and end is not None:
        yield start, end


def _number(value: Value) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None
