"""The cells of a report as words: what the terminal and Word show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.notices.wording import number
from engine.reports.document import Column, Content, Row, Table, Value

NUMERIC = frozenset({Content.COUNT, Content.NUMBER, Content.SHARE})
_STEP = "\u00a0\u00a0\u00a0"
_NAMES_A_ROW = 20


@dataclass(frozen=True, slots=True)
class WordRow:
    """A row of words, one for each column; ``level`` is how far it is set in below the row above."""

    cells: tuple[str, ...]
    strong: bool = False
    level: int = 0

    @property
    def bare(self) -> tuple[str, ...]:
        """The cells without the spaces that set the row in."""
        return tuple(cell.removeprefix(_STEP * self.level) for cell in self.cells)


def words(value: Value, content: Content = Content.TEXT) -> str:
    """ "1.234", "60,5 %", "05/06/2023"; empty where there is nothing. As many places as the value has."""
    match value:
        case None:
            return ""
        case str():
            return value
        case date():
            return f"{value:%d/%m/%Y}"
        case int():
            shown = number(value)
        case _:
            shown = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    # A space that does not break, so that the sign stays with its number.
    return f"{shown}\u00a0%" if content is Content.SHARE else shown


def naming_column(table: Table) -> int:
    """The column whose cell says what a row is about: the first broad one of words. It carries the indent."""
    text = [place for place, column in enumerate(table.columns) if column.content is Content.TEXT]
    broad = (place for place in text if table.columns[place].width >= _NAMES_A_ROW)
    return next(broad, text[0] if text else 0)


def word_rows(table: Table) -> tuple[WordRow, ...]:
    """All rows as words, the total last; lower levels are set in."""
    naming = naming_column(table)
    rows = [_word_row(table, row, naming) for row in table.rows]
    if table.total is not None:
        last = _word_row(table, table.total, naming)
        rows.append(WordRow(last.cells, strong=True, level=last.level))
    return tuple(rows)


def is_numeric(column: Column) -> bool:
    """Whether the cells stand at the right."""
    return column.content in NUMERIC


def _word_row(table: Table, row: Row, naming: int) -> WordRow:
    cells = [words(row.cells.get(column.key), column.content) for column in table.columns]
    if cells[naming]:
        cells[naming] = _STEP * row.level + cells[naming]
    return WordRow(tuple(cells), row.strong, row.level)
