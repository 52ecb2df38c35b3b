"""A file of status rows → events, or every row that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

from engine.errors import InputError, Problem
from engine.exchange.sheets import SheetRow, parse_day, read_sheet, row_problem
from engine.model.event import UNIT_KINDS, Event, EventKind
from engine.tracking.progress import EVENT_NAMES, VIETNAM
from engine.vietnamese import nearest, without_marks

COLUMNS = {
    "assignment": ("Mã nhiệm vụ được giao", "Mã", "assignment_id", "id"),
    "status": ("Nội dung cập nhật", "Trạng thái", "event", "kind", "Tình trạng"),
    "percent": ("Tỷ lệ hoàn thành (%)", "Tỷ lệ", "Tỷ lệ %", "%"),
    "document": ("Số văn bản", "Số, ngày văn bản", "Sản phẩm"),
    "note": ("Ghi chú", "Lý do"),
    "at": ("Ngày cập nhật", "Thời điểm", "date", "Ngày"),
    "day": ("Ngày đề nghị", "Gia hạn đến", "until"),
    "by": ("Người cập nhật", "Đơn vị cập nhật"),
}

_WORDS = {without_marks(name): kind for kind, name in EVENT_NAMES.items() if kind in UNIT_KINDS} | {
    kind.value: kind for kind in UNIT_KINDS
}
_WORDS |= {
    "hoan thanh": EventKind.DONE,
    "dang thuc hien": EventKind.PROGRESS,
    "da hoan thanh": EventKind.DONE,
}


def event_kind(text: str) -> EventKind | None:
    """The unit's word that ``text`` stands for, in English or Vietnamese."""
    return _WORDS.get(without_marks(text))


def kinds_hint(text: str) -> str:
    """Which words there are, the nearest first."""
    near = nearest(text, [EVENT_NAMES[k] for k in UNIT_KINDS] + [k.value for k in UNIT_KINDS])
    listed = ", ".join(sorted(f"{k.value} ({EVENT_NAMES[k]})" for k in UNIT_KINDS))
    return (f"Có phải là “{near[0]}”? " if near else "") + f"Các từ dùng được: {listed}"


def instant(value: Any, now: datetime) -> datetime | None:
    """An aware instant from a cell or argument: a day counts as its noon in Viet Nam; None if unreadable."""
    if value in (None, ""):
        return now
    if isinstance(value, datetime) and (value.hour or value.minute):
        return value if value.tzinfo else value.replace(tzinfo=VIETNAM)
    day = parse_day(value)
    if day is not None:
        return datetime.combine(day, time(12), VIETNAM)
    try:
        parsed = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=VIETNAM)


def read_status_file(path: Path, now: datetime) -> list[tuple[int, Event]]:
    """The events of a file with the number of their rows. InputError names every wrong row;
    DondocError when the file as a whole cannot be read."""
    problems: list[Problem] = []
    events = [
        (r.number, e)
        for r in read_sheet(path, COLUMNS, ("assignment", "status"), problems)
        if (e := _event(r, path, now, problems))
    ]
    if problems:
        raise InputError(problems)
    return events


def _event(row: SheetRow, path: Path, now: datetime, problems: list[Problem]) -> Event | None:
    def wrong(column: str, message: str, hint: str = "") -> None:
        problems.append(row.problem(path, column, f"row-{column}", message, hint))

    before = len(problems)
    assignment, said = row.text("assignment"), row.text("status")
    kind = event_kind(said)
    if not assignment:
        wrong("assignment", "thiếu mã nhiệm vụ được giao")
    if kind is None:
        wrong("status", f"không hiểu “{said}”" if said else "thiếu nội dung cập nhật", kinds_hint(said))
    percent = _percent(row.cells.get("percent"))
    if percent == -1:
        wrong("percent", f"tỷ lệ “{row.text('percent')}” phải là số nguyên từ 0 đến 100")
    at = instant(row.cells.get("at"), now)
    if at is None:
        wrong("at", f"ngày “{row.text('at')}” không đọc được", "Ghi dd/mm/yyyy")
    day = parse_day(row.cells["day"]) if "day" in row.cells else None
    if "day" in row.cells and day is None:
        wrong("day", f"ngày “{row.text('day')}” không đọc được", "Ghi dd/mm/yyyy")
    if len(problems) > before or kind is None or at is None:
        return None
    return Event(
        assignment=assignment,
        kind=kind,
        at=at,
        by=row.text("by"),
        percent=percent,
        document=row.text("document") or None,
        note=row.text("note") or None,
        day=day,
    )


def _percent(value: Any) -> int | None:
    """0–100 as people type it ("75", "75%", "75,0 %"; 0.75 is not guessed at); −1 if unreadable."""
    if value in (None, ""):
        return None
    text = str(value).strip().removesuffix("%").strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return -1
    return int(number) if number.is_integer() and 0 <= number <= 100 else -1


def refused_rows(path: Path, rows: Iterable[tuple[int, str]]) -> InputError:
    """Rows whose events do not fit what happened before."""
    return InputError([row_problem(path, number, "row-refused", reason) for number, reason in rows])
