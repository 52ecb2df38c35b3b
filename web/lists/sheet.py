"""A list as an Excel file: real dates, a frozen and filterable heading, the instant it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response

from engine.exchange.sheets import write_sheet
from engine.store.lists.filters import Kind
from engine.tracking.progress import local_day
from web.lists import words
from web.lists.words import Line
from web.wording import instant, number

MOST = 10_000
"""Rows in one file: what can be written while somebody waits."""

_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEADINGS = (
    "STT",
    "Số, ký hiệu văn bản",
    "Ngày văn bản",
    "STT trong văn bản",
    "Nội dung nhiệm vụ",
    "Đơn vị chủ trì",
    "Đơn vị phối hợp",
    "Phối hợp đã báo",
    "Số đơn vị phối hợp",
    "Thời hạn",
    "Hạn tính (đã lùi ngày nghỉ)",
    "So với hạn",
    "Chậm (ngày làm việc)",
    "Chậm (ngày)",
    "Trạng thái",
    "Đơn vị nói gần nhất",
    "Ngày nói",
    "Số lần đã nhắc",
    "Số lần gia hạn",
    "Việc tiếp theo",
    "Mã",
)


def sheet(
    kind: Kind, lines: Sequence[Line], listed: int, restricted: Sequence[str], now: datetime
) -> Response:
    """The file to save; it says what it holds, of what instant, and when it does not hold everything."""
    notes = [f"{words.TITLES[kind]} – số liệu lúc {instant(now)} – {number(listed)} việc"]
    if restricted:
        notes.append("Lọc: " + "; ".join(restricted))
    if len(lines) < listed:
        notes.append(
            f"Tệp chỉ có {number(len(lines))} dòng đầu trong {number(listed)} việc; "
            "lọc theo đơn vị hoặc kế hoạch để lấy phần còn lại"
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "danh-sach.xlsx"
        write_sheet(path, words.SHORT_TITLES[kind], notes, _HEADINGS, map(_cells, lines))
        content = path.read_bytes()
    name = f"{words.PATHS[kind][1:]}-{local_day(now):%Y-%m-%d}.xlsx"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_MEDIA, headers=headers)


def _cells(line: Line) -> tuple[object, ...]:
    return (
        line.number,
        line.plan_number,
        line.issued,
        line.stt,
        line.title,
        line.unit,
        line.coordinating,
        line.helped if line.helping else None,
        line.helping or None,
        line.due,
        line.rolled or line.due,
        line.lateness,
        line.working_days,
        line.calendar_days,
        line.state,
        line.last_word,
        local_day(line.last_word_at) if line.last_word_at else None,
        line.reminders,
        line.extensions,
        line.next_step,
        line.id,
    )
