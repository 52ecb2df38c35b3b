"""Tables as offices exchange them: CSV and XLSX in, XLSX out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from engine.errors import DondocError, Problem, Severity, os_reason
from engine.exchange.sheet_rows import MAX_ROWS, NOT_COMPUTED, is_empty, raw_rows
from engine.vietnamese import nearest, tidy, without_marks

if TYPE_CHECKING:
    from openpyxl import Workbook

_WRITTEN_AT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")
_XML_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, its cells by column name, and where those stand."""

    number: int
    cells: Mapping[str, Any]
    places: Mapping[str, int]

    def text(self, column: str) -> str:
        """The cell as tidied text, empty where there is none."""
        value = self.cells.get(column)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return tidy(str(value))

    def problem(self, path: Path, column: str, code: str, message: str, hint: str = "") -> Problem:
        """What is wrong with one cell of this row."""
        return row_problem(path, self.number, code, message, hint, self.places.get(column, 1))


def row_problem(path: Path, row: int, code: str, message: str, hint: str = "", column: int = 1) -> Problem:
    """A problem of a sheet; row and column count from 1."""
    return Problem(str(path), row, column, Severity.ERROR, code, message, hint)


def read_sheet(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    required: Sequence[str],
    problems: list[Problem],
) -> list[SheetRow]:
    """The rows of a CSV or XLSX file under the column names of ``columns``; empty ones are passed over.

    ``columns`` maps each name to the headings that mean it (case and accents ignored). Cells that cannot
    be used are added to ``problems``. DondocError for a file that as a whole cannot be read: unreadable,
    an unknown or missing heading, no rows, too many of them.
    """
    rows = raw_rows(path)
    header = next(rows, None)
    if header is None:
        raise DondocError(f"{path}: tệp không có dòng nào")
    names = _headings(path, header[1], columns, required)
    places = {name: place for place, name in enumerate(names, start=1) if name is not None}
    found: list[SheetRow] = []
    for number, values in rows:
        if len(found) == MAX_ROWS:
            raise DondocError(f"{path}: có hơn {MAX_ROWS:,} dòng; chia thành nhiều tệp".replace(",", "."))
        problems.extend(_unusable(path, number, names, values))
        cells = {n: v for n, v in zip(names, values, strict=False) if n is not None and _is_usable(v)}
        found.append(SheetRow(number, cells, places))
    if not found:
        raise DondocError(f"{path}: dưới dòng tiêu đề chưa có dòng nào")
    return found


def _is_usable(value: Any) -> bool:
    return value is not NOT_COMPUTED and not is_empty(value)


def _unusable(path: Path, row: int, names: Sequence[str | None], values: Sequence[Any]) -> Iterator[Problem]:
    """Cells that hold no value, or stand under no heading: dropping them would be a guess."""
    for place, value in enumerate(values, start=1):
        if is_empty(value):
            continue
        if value is NOT_COMPUTED:
            message, hint = "ô có công thức chưa có kết quả", "Mở tệp bằng Excel, lưu lại rồi nhập"
            yield row_problem(path, row, "row-formula", message, hint, place)
        elif isinstance(value, str) and value.strip() in _ERRORS:
            yield row_problem(path, row, "row-error", f"ô báo lỗi {value.strip()}", "Sửa ô này", place)
        elif place > len(names) or names[place - 1] is None:
            message = f"ô “{_short(value)}” không nằm dưới cột nào có tiêu đề"
            hint = "Trong tệp CSV, chữ có dấu ngăn cách phải đặt trong ngoặc kép"
            yield row_problem(path, row, "row-stray", message, hint, place)


def _short(value: Any) -> str:
    text = tidy(str(value))
    return text if len(text) <= 40 else text[:39] + "…"


def _headings(
    path: Path, header: Sequence[Any], columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> list[str | None]:
    meanings = {without_marks(heading): name for name, known in columns.items() for heading in (name, *known)}
    names: list[str | None] = []
    for value in header:
        if is_empty(value):
            names.append(None)
            continue
        key = without_marks(str(value))
        if key not in meanings:
            near = nearest(str(value), [h for known in columns.values() for h in known])
            hint = f" Có phải là “{near[0]}”?" if near else ""
            known_headings = ", ".join(f"“{known[0]}”" for known in columns.values())
            raise DondocError(
                f"{path}: dòng tiêu đề có cột lạ “{_short(value)}”.{hint} Các cột: {known_headings}"
            )
        if meanings[key] in names:
            raise DondocError(f"{path}: cột “{value}” có hai lần")
        names.append(meanings[key])
    missing = [columns[name][0] for name in required if name not in names]
    if missing:
        raise DondocError(f"{path}: dòng tiêu đề thiếu cột {', '.join(f'“{m}”' for m in missing)}")
    return names


def parse_day(value: Any) -> date | None:
    """A day from a cell: a spreadsheet date, dd/mm/yyyy or yyyy-mm-dd; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(str(value).strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def write_sheet(
    path: Path, title: str, notes: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """An XLSX file with ``notes`` above a frozen, filterable heading row; dates stay dates.

    Text is stored as text, also where it begins like a formula. The file appears whole or not at all.
    """
    book = _workbook(title, notes, headings, rows)
    partial = path.with_name(path.name + ".dang-ghi")
    try:
        book.save(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DondocError(f"Không ghi được tệp {path}: {os_reason(error)}") from error


def sheet_bytes(
    title: str, notes: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> bytes:
    """The same file as bytes, which are the same whenever the cells are."""
    raw = BytesIO()
    _workbook(title, notes, headings, rows).save(raw)
    return without_the_hour(raw)


def without_the_hour(raw: BytesIO) -> bytes:
    """An office file without the hour that its writer puts into the zip and into one of its parts."""
    stable = BytesIO()
    with ZipFile(raw) as source, ZipFile(stable, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _WRITTEN_AT.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            target.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return stable.getvalue()


def storable(text: str) -> str:
    """``text`` without the characters that no cell can hold."""
    return _XML_UNSAFE.sub("", text)


def _workbook(
    title: str, notes: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Workbook:
    # heavy: openpyxl
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    sheet = book.active
    if sheet is None:  # a new workbook always has one
        raise DondocError("Không tạo được tệp Excel")
    sheet.title = title[:31]
    for line in notes:
        sheet.append([line])
    sheet.append(list(headings))
    top = len(notes) + 1
    wrapped = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[top]:
        cell.font = Font(bold=True)
        cell.alignment = wrapped
    widths = [len(h) for h in headings]
    last = top
    for last, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(row=last, column=column)
            if isinstance(value, str):
                cell.value = storable(value)
                cell.data_type = "s"
            else:
                cell.value = value
            if isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            cell.alignment = wrapped
            widths[column - 1] = max(widths[column - 1], min(60, len(str(value or ""))))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width + 2
    sheet.freeze_panes = f"A{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(headings))}{max(last, top)}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{top}:{top}"
    return book
