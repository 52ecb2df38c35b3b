"""A report as tables of real values, before it becomes text, JSON, Excel or Word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | date | None
"""None is an empty cell: not reported, never 0."""


class Content(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, by a stable ``key``. ``sums``: the total row adds it up; ``parts``: it is itself the sum of
    these columns; ``share``: it is (part, whole), both keys of columns, in per cent with ``places``.
    ``brief`` is the title where there is little room."""

    key: str
    title: str
    content: Content = Content.TEXT
    width: int = 12
    sums: bool = False
    parts: tuple[str, ...] = ()
    share: tuple[str, str] | None = None
    places: int = 1
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by column; ``level`` indents it below the one above, ``strong`` is a heading."""

    cells: Mapping[str, Value]
    level: int = 0
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below columns. ``total`` is the last line, already added up; ``charted`` are the keys of the
    columns that a chart shows against the first one."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    notes: tuple[str, ...] = ()
    charted: tuple[str, ...] = ()
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A whole report: what it is called, over which days, by whom, its tables, what to know about them."""

    title: str
    subtitle: str
    issuer: str
    day: date
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = field(default=())
