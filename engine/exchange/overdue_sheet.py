"""The overdue list as an Excel file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from engine.exchange.sheets import sheet_bytes, write_sheet
from engine.overdue import OverdueRow
from engine.tracking.progress import STATE_NAMES

_HEADINGS = (
    "STT",
    "Số kế hoạch",
    "STT trong kế hoạch",
    "Nội dung nhiệm vụ",
    "Đơn vị chủ trì",
    "Phối hợp",
    "Thời hạn",
    "Hạn tính (đã lùi ngày nghỉ)",
    "Chậm (ngày làm việc)",
    "Chậm (ngày)",
    "Trạng thái",
    "Cập nhật gần nhất của đơn vị",
    "Số lần đã nhắc",
    "Mã",
)


_TITLE = "Quá hạn"


def write_overdue(path: Path, rows: Sequence[OverdueRow], day: date) -> None:
    """Writes the list with real dates, worst first. DondocError when the file cannot be written."""
    write_sheet(path, _TITLE, (_note(len(rows), day),), _HEADINGS, _cells(rows))


def overdue_bytes(rows: Sequence[OverdueRow], day: date, of: int) -> bytes:
    """The same file as bytes, equal for equal rows; ``of``: how many there are where these are only some."""
    note = _note(of, day)
    if of > len(rows):
        note += f", sau đây là {len(rows)} nhiệm vụ quá hạn lâu nhất"
    return sheet_bytes(_TITLE, (note,), _HEADINGS, _cells(rows))


def _note(count: int, day: date) -> str:
    return f"Danh sách nhiệm vụ quá hạn – tính đến hết ngày {day:%d/%m/%Y} – {count} nhiệm vụ"


def _cells(rows: Sequence[OverdueRow]) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(rows, start=1):
        yield (
            number,
            row.plan_number,
            row.stt or "",
            row.title,
            row.unit_name,
            row.coordinating,
            row.seen.due,
            row.seen.rolled,
            row.seen.days_late,
            -(row.seen.calendar_days or 0),
            STATE_NAMES[row.tracked.standing.state],
            row.tracked.standing.last_word or "",
            row.reminders,
            row.tracked.promise.id,
        )
