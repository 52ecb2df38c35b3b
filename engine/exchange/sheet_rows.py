"""The raw rows of a CSV or XLSX file, as offices save them."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile

from engine.errors import DondocError

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
"""An .xlsx is a zip: how much it may hold once unpacked."""

MAX_ROWS = 200_000

NOT_COMPUTED = object()
"""Stands for a formula whose result nobody has worked out and stored."""

RawRow = tuple[int, Sequence[Any]]
"""The number of a row as a spreadsheet shows it, and its values."""

_QUOTED = re.compile(r'"[^"]*"')
_FORMULA = re.compile(rb"<f[ />]")


def is_empty(value: Any) -> bool:
    """Whether nothing stands in a cell."""
    return value is None or (isinstance(value, str) and not value.strip())


def raw_rows(path: Path) -> Iterator[RawRow]:
    """The rows of a CSV or XLSX file that have something in them, the heading first.

    DondocError for a file that is missing, too large, of another kind or broken.
    """
    if not path.is_file():
        raise DondocError(f"Không có tệp {path}")
    if path.stat().st_size > MAX_BYTES:
        raise DondocError(f"{path}: tệp lớn hơn {MAX_BYTES // 1024 // 1024} MB")
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise DondocError(f"{path}: chỉ đọc được tệp .csv hoặc .xlsx")
    found = _csv(path) if kind == ".csv" else iter(_xlsx(path))
    return (row for row in found if not all(map(is_empty, row[1])))


def _csv(path: Path) -> Iterator[RawRow]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16, or no text at all
        raise DondocError(f"{path}: tệp CSV không phải UTF-8; khi lưu hãy chọn “CSV UTF-8”")
    first = _QUOTED.sub("", text.lstrip(" \r\n").partition("\n")[0])
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        # Counted by rows, as a spreadsheet does: a cell may hold several lines.
        for number, row in enumerate(reader, start=1):
            yield number, row
    except csv.Error:
        raise DondocError(f"{path}: dòng {number + 1} hỏng (dấu ngoặc kép không đóng?)") from None


def _xlsx(path: Path) -> list[RawRow]:
    with path.open("rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl remarks about styles
        try:
            formulas = _look_inside(path, stream)
            values = _cells(stream, data_only=True)
            found: list[RawRow] = [(n, tuple(map(_value, row))) for n, row in values]
            if formulas:
                stored = dict(found)
                for number, row in _cells(stream, data_only=False):
                    cells = stored.get(number) or (None,) * len(row)
                    stored[number] = tuple(
                        NOT_COMPUTED if c.data_type == "f" and v is None else v
                        for c, v in zip(row, cells, strict=False)
                    )
                found = sorted(stored.items())
        except DondocError:
            raise
        except Exception:  # noqa: BLE001 - openpyxl trips over a broken file in dozens of ways
            raise DondocError(f"{path}: tệp không phải Excel .xlsx hoặc đã hỏng") from None
    return found


def _look_inside(path: Path, stream: BinaryIO) -> bool:
    """Whether some sheet has formulas. DondocError for a file that swells when it is unpacked."""
    with ZipFile(stream) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
            raise DondocError(f"{path}: tệp mở ra lớn hơn {MAX_UNPACKED // 1024 // 1024} MB")
        for name in packed.namelist():
            if not name.startswith("xl/worksheets/"):
                continue
            with packed.open(name) as sheet:
                rest = b""
                while part := sheet.read(1 << 20):
                    if _FORMULA.search(rest + part):
                        return True
                    rest = part[-2:]
    return False


def _cells(stream: BinaryIO, *, data_only: bool) -> Iterator[tuple[int, Any]]:
    """The rows of the first sheet, up to one more than is allowed."""
    # heavy: openpyxl
    from openpyxl import load_workbook

    stream.seek(0)
    book = load_workbook(stream, read_only=True, data_only=data_only)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        rows = (
            (n, row)
            for n, row in enumerate(sheet.iter_rows(), start=1)
            if any(c.value is not None for c in row)
        )
        yield from islice(rows, MAX_ROWS + 2)
    finally:
        book.close()


def _value(cell: Any) -> Any:
    """The value as the spreadsheet shows it: 0.75 in a cell formatted as a percentage is "75%"."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in str(cell.number_format):
        return f"{round(value * 100, 6):g}%"
    return value
