"""The overdue list as an Excel file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.exchange.sheets import write_sheet
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


def write_overdue(path: Path, rows: Sequence[OverdueRow], day: date) -> None:
    """Writes the list with real dates, worst first. DondocError when the file cannot be written."""
    notes = (f"Danh sách nhiệm vụ quá hạn – tính đến hết ngày {day:%d/%m/%Y} – {len(rows)} nhiệm vụ",)
    cells = (
        (
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
        for number, row in enumerate(rows, start=1)
    )
    write_sheet(path, "Quá hạn", notes, _HEADINGS, cells)
