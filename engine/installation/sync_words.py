"""What a sync changes of an assignment, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.deadlines.in_words import KIND_WORDS

_FIELDS = {
    "plan": "kế hoạch",
    "task": "nhiệm vụ",
    "unit": "đơn vị",
    "milestone": "mốc",
    "period": "kỳ",
    "kind": "loại thời hạn",
    "starts": "bắt đầu",
    "due": "thời hạn",
    "rolled": "hạn tính",
    "ends": "kết thúc",
    "trigger": "sự kiện",
    "offset_days": "số ngày sau sự kiện",
    "offset_working": "tính ngày làm việc",
    "collective": "giao cho cả nhóm",
}


def moves(differs: tuple[tuple[str, Any, Any], ...]) -> str:
    """ "thời hạn: 30/06/2023 → 31/07/2023; …" of the columns that differ (name, old, new)."""
    return "; ".join(f"{_FIELDS[f]}: {_value(f, old)} → {_value(f, new)}" for f, old, new in differs)


def _value(field: str, value: Any) -> str:
    if value is None:
        return "trống"
    if isinstance(value, bool):
        return "có" if value else "không"
    if field == "kind":
        return next((text for kind, text in KIND_WORDS.items() if kind.value == value), str(value))
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
