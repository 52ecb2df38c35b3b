"""A report as an Excel file: real numbers and dates, and formulas where a reader should follow the sums."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from engine.errors import DondocError, os_reason
from engine.exchange.sheets import storable, without_the_hour
from engine.reports.document import Column, Content, ReportDocument, Row, Table, Value
from engine.reports.excel_charts import chart
from engine.reports.excel_formulas import formulas, lines
from engine.reports.text import is_numeric, naming_column

LONGEST_NAME = 31
"""Letters of a sheet's name."""

_FONT = "Times New Roman"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_PLAIN, _BOLD = Font(name=_FONT, size=11), Font(name=_FONT, size=11, bold=True)
_TITLE, _NOTE = Font(name=_FONT, size=14, bold=True), Font(name=_FONT, size=11, italic=True)
_HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
_TOTAL_FILL = PatternFill("solid", fgColor="F2F2F2")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(vertical="top", wrap_text=True)
_RIGHT = Alignment(horizontal="right", vertical="top")
_MIDDLE = Alignment(horizontal="center", vertical="top")
_NARROWEST, _ORDINAL = 5, 7
_LETTERS = 1.15
"""Letters of the font in one unit of a column's width."""
_LINE, _POINTS_OF_A_CM = 15.0, 28.35
_CHARTS, _WORDS = "Biểu đồ", "Lời văn"


def write_excel(path: Path, document: ReportDocument) -> None:
    """The file appears whole or not at all. DondocError where it cannot be written."""
    written_whole(path, excel_bytes(document))


def excel_bytes(document: ReportDocument) -> bytes:
    """One sheet per table, the charts and the words on sheets of their own; equal documents give equal
    bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = storable(document.title), ""
    taken: set[str] = set()
    charts = []
    for number, table in enumerate(document.tables):
        sheet = book.create_sheet(_sheet_name(table.sheet or table.title, taken))
        first = _write_table(sheet, document, table, with_notes=number == 0)
        drawn = chart(table, sheet.title, first) if table.charted else None
        if drawn is not None:
            charts.append(drawn)
    if charts:
        sheet = book.create_sheet(_sheet_name(_CHARTS, taken))
        row = 1
        for drawn in charts:
            if row > 1:
                sheet.row_breaks.append(Break(id=row - 1))
            sheet.add_chart(drawn, f"A{row}")
            row += math.ceil(drawn.height * _POINTS_OF_A_CM / _LINE) + 2
        _print_setup(sheet, "portrait")
    if document.paragraphs or not document.tables:
        _write_words(book.create_sheet(_sheet_name(_WORDS, taken)), document)
    raw = BytesIO()
    book.save(raw)
    return without_the_hour(raw)


def written_whole(path: Path, content: bytes) -> None:
    """Writes a file beside its place and then moves it there. DondocError where that fails."""
    partial = path.with_name(path.name + ".dang-ghi")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DondocError(f"Không ghi được tệp {path}: {os_reason(error)}") from error


def _write_table(sheet: Worksheet, document: ReportDocument, table: Table, *, with_notes: bool) -> int:
    """Writes one table; gives back the row of the sheet where its first row stands."""
    width = sum(column.width for column in table.columns)
    heads = [(document.issuer, _BOLD), (document.title, _TITLE), (document.subtitle, _NOTE)]
    if table.title != document.title:
        heads.append((table.title, _BOLD))
    top = 0
    for text, font in heads:
        if text:
            top += 1
            _write_across(sheet, top, text, font, len(table.columns), width, centred=text != document.issuer)
    top += 2
    for place, column in enumerate(table.columns, start=1):
        cell = sheet.cell(top, place)
        _put_text(cell, column.title)
        cell.font, cell.alignment, cell.border, cell.fill = _BOLD, _CENTRE, _BOX, _HEAD_FILL
        sheet.column_dimensions[get_column_letter(place)].width = max(column.width, _NARROWEST)
    _set_height(sheet, top, [(column.title, round(column.width / _LETTERS)) for column in table.columns])
    first = top + 1
    _write_rows(sheet, table, first)
    last = top + len(table.rows)
    sheet.freeze_panes = f"A{first}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(table.columns))}{max(last, top)}"
    sheet.print_title_rows = f"{top}:{top}"
    _print_setup(sheet, "landscape")
    below = first + len(lines(table)) + 1
    for text in (*table.notes, *(document.notes if with_notes else ())):
        _write_across(sheet, below, text, _NOTE, len(table.columns), width, centred=False)
        below += 1
    return first


def _write_rows(sheet: Worksheet, table: Table, first: int) -> None:
    known = formulas(table, first)
    naming = naming_column(table)
    indents: dict[int, Alignment] = {}
    for index, line in enumerate(lines(table)):
        is_total = index == len(table.rows)
        for place, column in enumerate(table.columns):
            cell = sheet.cell(first + index, place + 1)
            _put(cell, line, column, known.get((index, column.key)))
            cell.font, cell.border = _BOLD if is_total or line.strong else _PLAIN, _BOX
            if is_total:
                cell.fill = _TOTAL_FILL
            if place == naming:
                cell.alignment = indents.setdefault(
                    line.level,
                    Alignment(horizontal="left", vertical="top", wrap_text=True, indent=line.level),
                )
            else:
                cell.alignment = _aligned(column, line.cells.get(column.key))
        texts = ((line.cells.get(column.key), column.width) for column in table.columns)
        _set_height(
            sheet,
            first + index,
            [(text, width - line.level) for text, width in texts if isinstance(text, str)],
        )


def _set_height(sheet: Worksheet, row: int, texts: Iterable[tuple[str, int]]) -> None:
    """Makes room for what does not fit on one line: not every program does so by itself."""
    rows = max((_lines_of(text, width) for text, width in texts), default=1)
    if rows > 1:
        sheet.row_dimensions[row].height = rows * _LINE


def _lines_of(text: str, width: int) -> int:
    if len(text) <= width * _LETTERS and "\n" not in text:
        return 1
    room = max(round(width * _LETTERS), _NARROWEST)
    return sum(max(1, len(textwrap.wrap(part, room))) for part in text.split("\n"))


def _aligned(column: Column, value: Value) -> Alignment:
    if column.width <= _ORDINAL and not column.sums:
        return _MIDDLE
    if is_numeric(column) or isinstance(value, int | Decimal):
        return _RIGHT
    return _MIDDLE if column.content is Content.DATE else _LEFT


def _put(cell: Cell | MergedCell, line: Row, column: Column, formula: str | None) -> None:
    value = line.cells.get(column.key)
    if value is None:
        return
    if isinstance(value, str):
        _put_text(cell, value)
        return
    if isinstance(value, date):
        cell.value, cell.number_format = value, "dd/mm/yyyy"
        return
    percent = column.content is Content.SHARE
    cell.number_format = _format(value, percent=percent)
    cell.value = formula or (Decimal(value) / 100 if percent else value)


def _format(value: int | Decimal, *, percent: bool) -> str:
    """As many places as the value has; in Excel the country of the reader decides between "." and ","."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return ("0" if percent else "#,##0") + ("." + "0" * places if places else "") + ("%" if percent else "")


def _put_text(cell: Cell | MergedCell, text: str) -> None:
    """Text stays text, also where it begins like a formula, and also when somebody edits the cell."""
    cell.value = storable(text)
    cell.data_type = "s"
    if text.startswith(_LIKE_A_FORMULA):
        cell.quotePrefix = True


def _write_across(
    sheet: Worksheet, row: int, text: str, font: Font, columns: int, width: int, *, centred: bool
) -> None:
    """A line over all columns. Merged cells do not grow with their text, so its height is reckoned."""
    cell = sheet.cell(row, 1)
    _put_text(cell, text)
    cell.font = font
    cell.alignment = Alignment(
        horizontal="center" if centred else "left", vertical="center" if centred else "top", wrap_text=True
    )
    if columns > 1:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    size = font.size or 11
    letters = max(10.0, width * 11 / size)
    rows = sum(max(1, math.ceil(len(part) / letters)) for part in text.split("\n"))
    sheet.row_dimensions[row].height = rows * size * 1.4


def _write_words(sheet: Worksheet, document: ReportDocument) -> None:
    sheet.column_dimensions["A"].width = 110
    texts: Iterable[tuple[str, Font]] = [
        (document.title, _TITLE),
        (document.subtitle, _NOTE),
        *((text, _PLAIN) for text in document.paragraphs),
        *((text, _NOTE) for text in (() if document.tables else document.notes)),
    ]
    for row, (text, font) in enumerate(texts, start=1):
        cell = sheet.cell(row, 1)
        _put_text(cell, text)
        cell.font, cell.alignment = font, _LEFT
    _print_setup(sheet, "portrait")


def _print_setup(sheet: Worksheet, orientation: Literal["portrait", "landscape"]) -> None:
    sheet.page_setup.orientation = orientation
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.6, 0.8
    margins.header = margins.footer = 0.35
    if sheet.oddFooter is not None:  # a new sheet always has one
        sheet.oddFooter.center.text = "Trang &P/&N"


def _sheet_name(text: str, taken: set[str]) -> str:
    """A name that Excel takes and no other sheet has, whatever their case."""
    clean = " ".join(_FORBIDDEN.sub(" ", storable(text)).split()).strip("'") or "Bảng"
    if clean.casefold() == "history":  # Excel keeps this name for itself
        clean = "Bảng"
    name, number = clean[:LONGEST_NAME].strip(" '"), 1
    while name.casefold() in taken:
        number += 1
        ending = f" ({number})"
        name = clean[: LONGEST_NAME - len(ending)].strip(" '") + ending
    taken.add(name.casefold())
    return name
