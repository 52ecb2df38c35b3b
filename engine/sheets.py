"""Tables as offices exchange them: CSV and XLSX in, XLSX out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from engine.errors import DondocError, os_reason
from engine.vietnamese import nearest, tidy, without_marks

_XML_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, and its cells by column name."""

    number: int
    cells: Mapping[str, Any]

    def text(self, column: str) -> str:
        """The cell as tidied text, empty where there is none."""
        value = self.cells.get(column)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return tidy(str(value))


def read_sheet(path: Path, columns: Mapping[str, Sequence[str]], required: Sequence[str]) -> list[SheetRow]:
    """The rows of a CSV or XLSX file under the column names of ``columns``.

    ``columns`` maps each name to the headings that mean it (case and accents ignored). Empty rows are
    passed over. DondocError for an unreadable file, an unknown or missing heading, or too many rows.
    """
    rows = _rows(path)
    header = next(rows, None)
    if header is None:
        raise DondocError(f"{path}: tệp không có dòng nào")
    names = _headings(path, header[1], columns, required)
    found: list[SheetRow] = []
    for number, values in rows:
        if len(found) >= MAX_ROWS:
            raise DondocError(f"{path}: có hơn {MAX_ROWS:,} dòng; chia thành nhiều tệp".replace(",", "."))
        cells = {n: v for n, v in zip(names, values, strict=False) if n is not None and not _empty(v)}
        if cells:
            found.append(SheetRow(number, cells))
    return found


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _headings(
    path: Path, header: Sequence[Any], columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> list[str | None]:
    meanings = {without_marks(heading): name for name, known in columns.items() for heading in (name, *known)}
    names: list[str | None] = []
    for value in header:
        if _empty(value):
            names.append(None)
            continue
        key = without_marks(str(value))
        if key not in meanings:
            near = nearest(str(value), [h for known in columns.values() for h in known])
            hint = f" Có phải là “{near[0]}”?" if near else ""
            known_headings = ", ".join(f"“{known[0]}”" for known in columns.values())
            raise DondocError(f"{path}: dòng tiêu đề có cột lạ “{value}”.{hint} Các cột: {known_headings}")
        if meanings[key] in names:
            raise DondocError(f"{path}: cột “{value}” có hai lần")
        names.append(meanings[key])
    missing = [columns[name][0] for name in required if name not in names]
    if missing:
        raise DondocError(f"{path}: dòng tiêu đề thiếu cột {', '.join(f'“{m}”' for m in missing)}")
    return names


def _rows(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    if not path.is_file():
        raise DondocError(f"Không có tệp {path}")
    if path.stat().st_size > MAX_BYTES:
        raise DondocError(f"{path}: tệp lớn hơn {MAX_BYTES // 1024 // 1024} MB")
    kind = path.suffix.lower()
    if kind == ".csv":
        yield from _csv(path)
    elif kind == ".xlsx":
        yield from _xlsx(path)
    else:
        raise DondocError(f"{path}: chỉ đọc được tệp .csv hoặc .xlsx")


def _csv(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DondocError(f"{path}: tệp CSV không phải UTF-8; khi lưu hãy chọn “CSV UTF-8”") from None
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        while (row := next(reader, None)) is not None:
            yield reader.line_num, row
    except csv.Error:
        raise DondocError(f"{path}: dòng {reader.line_num} hỏng (dấu ngoặc kép không đóng?)") from None


def _xlsx(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    # heavy: openpyxl
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            yield from enumerate(book.worksheets[0].iter_rows(values_only=True), start=1)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError, EOFError):
        raise DondocError(f"{path}: tệp không phải Excel .xlsx hoặc đã hỏng") from None


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
    for cell in sheet[top]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    widths = [len(h) for h in headings]
    last = top
    for last, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(row=last, column=column)
            if isinstance(value, str):
                cell.value = _XML_UNSAFE.sub("", value)
                cell.data_type = "s"
            else:
                cell.value = value
            if isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
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
    partial = path.with_name(path.name + ".dang-ghi")
    try:
        book.save(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DondocError(f"Không ghi được tệp {path}: {os_reason(error)}") from error
