"""The tables of a report as a page shows them: cells as words, and a drawing where people rather look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from engine.reports.document import Column, Content, ReportDocument, Row, Table, Value
from engine.reports.text import is_numeric, naming_column, words
from web.overview.charts import shares_chart, short
from web.wording import number

MOST_ROWS = 200
"""Of one table on a page; the files have them all."""

_CHARTED = 15
# The drawing of each part is the same on every page, whatever columns a table has.
_PATTERNS = {
    "done_on_time": 0,
    "done_late": 1,
    "open_within_time": 2,
    "open_overdue": 3,
    "no_deadline": 4,
    "carried": 5,
}
_SHORT = {
    "done_on_time": "Xong đúng hạn",
    "done_late": "Xong quá hạn",
    "open_within_time": "Còn trong hạn",
    "open_overdue": "Quá hạn",
    "no_deadline": "Không thời hạn",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words and whether it stands at the right; ``late`` draws the eye."""

    text: str
    number: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row; the first cell heads it."""

    cells: tuple[Cell, ...]
    level: int = 0
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One table. ``whole`` is how many rows it has, of which ``lines`` may be the first ones only."""

    name: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    whole: int
    total: Line | None
    notes: tuple[str, ...]
    chart: Markup | None
    charted: int
    head: int

    def is_number(self, column: Column) -> bool:
        """Whether the column's cells stand at the right."""
        return is_numeric(column)


def shown(document: ReportDocument, most: int = MOST_ROWS) -> list[Shown]:
    """Every table of a report, in order."""
    return [_table(f"bang-{place}", table, most) for place, table in enumerate(document.tables, start=1)]


def _table(name: str, table: Table, most: int) -> Shown:
    chart, charted = _chart(f"{name}-ve", table)
    return Shown(
        name=name,
        title=table.title,
        columns=table.columns,
        lines=tuple(_line(row, table.columns) for row in table.rows[:most]),
        whole=len(table.rows),
        total=_line(table.total, table.columns) if table.total else None,
        notes=table.notes,
        chart=chart,
        charted=charted,
        head=naming_column(table),
    )


def _line(row: Row, columns: Sequence[Column]) -> Line:
    cells = tuple(_cell(row.cells, column) for column in columns)
    return Line(cells, min(row.level, 3), row.strong)


def _cell(cells: Mapping[str, Value], column: Column) -> Cell:
    value = cells.get(column.key)
    late = column.key == "open_overdue" and isinstance(value, int) and value > 0
    return Cell(words(value, column.content), is_numeric(column) or isinstance(value, int | Decimal), late)


def _chart(name: str, table: Table) -> tuple[Markup | None, int]:
    """Lying bars of the charted columns as shares of their sum, and how many rows they show."""
    columns = {column.key: column for column in table.columns}
    keys = [key for key in table.charted if key in columns]
    label = table.columns[naming_column(table)].key
    if keys and all(columns[key].content is Content.SHARE for key in keys):
        return _shares_as_they_are(name, table, columns, keys[:1], label)
    keys = [key for key in keys if columns[key].content is Content.COUNT]
    if not keys or len(keys) > len(_PATTERNS):
        return None, 0
    rows: list[tuple[str, list[float]]] = []
    for row in table.rows:
        counts = [value if isinstance(value := row.cells.get(key), int) else 0 for key in keys]
        if sum(counts) and len(rows) < _CHARTED:
            title = f"{short(str(row.cells.get(label) or ''))} ({number(sum(counts))})"
            rows.append((title, [round(100 * count / sum(counts), 2) for count in counts]))
    if not rows:
        return None, 0
    text = "Mỗi thanh là tỷ lệ phần trăm trong tổng ghi ở trong ngoặc; các con số có trong bảng."
    series = [_SHORT.get(key, short(columns[key].title, 20)) for key in keys]
    patterns = _patterns(keys)
    return shares_chart(name, table.title, text, series, rows, patterns), len(rows)


def _shares_as_they_are(
    name: str, table: Table, columns: Mapping[str, Column], keys: list[str], label: str
) -> tuple[Markup | None, int]:
    """A bar of each row's own share, at most the whole width."""
    rows: list[tuple[str, list[float]]] = []
    for row in table.rows:
        cell = _cell(row.cells, columns[keys[0]])
        value = row.cells.get(keys[0])
        if isinstance(value, int | Decimal) and len(rows) < _CHARTED:
            title = f"{short(str(row.cells.get(label) or ''))} ({cell.text})"
            rows.append((title, [min(100.0, max(0.0, float(value)))]))
    if not rows:
        return None, 0
    text = "Mỗi thanh là tỷ lệ ghi ở trong ngoặc; trên 100 % thì vẽ đầy. Các con số có trong bảng."
    return shares_chart(name, table.title, text, [short(columns[keys[0]].title, 40)], rows, [0]), len(rows)


def _patterns(keys: Sequence[str]) -> list[int]:
    known = [_PATTERNS[key] for key in keys if key in _PATTERNS]
    free = [number for number in range(len(_PATTERNS)) if number not in known]
    return [_PATTERNS[key] if key in _PATTERNS else free.pop(0) for key in keys]
