"""What differs between two versions of a report's figures, cell by cell and in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.reports.checks import PART_NAMES
from engine.store.reports.closed import canonical

Figures = Mapping[str, Any]
"""The JSON form of a report."""

_WORDS = {
    **PART_NAMES,
    "total": "Tổng cộng",
    "this_year": "Giao trong năm",
    "backlog": "Tồn đọng các năm trước",
    "carried": "Mang sang kỳ này",
    "given": "Giao trong kỳ",
    "by_task": "Theo nhiệm vụ",
    "previous": "Kỳ trước",
    "outcome": "kết quả",
    "percent": "tỷ lệ",
    "part": "tử số",
    "whole": "mẫu số",
    "value": "giá trị",
    "target": "chỉ tiêu",
    "rank": "xếp hạng",
    "note": "ghi chú",
    "reported": "số đơn vị đã báo cáo",
    "progress": "mức đạt",
    "forecast": "dự báo",
    "forecast_day": "ngày dự báo",
    "forecast_method": "cách dự báo",
    "first": "từ ngày",
    "until": "đến ngày",
    "gap": "còn thiếu",
    "met": "đạt chỉ tiêu",
    "measured": "số đơn vị đã báo",
    "counted": "số đơn vị tính vào tỷ lệ chung",
    "previous_until": "kỳ trước đến ngày",
    "in_percent": "tính theo phần trăm",
    "due": "thời hạn",
    "window": "Kỳ",
    "as_of": "tính đến ngày",
}
_LISTS = {
    "units": "Đơn vị",
    "tasks": "Nhiệm vụ",
    "plans": "Kế hoạch",
    "levels": "Cấp",
    "shares": "Tỷ lệ",
    "tables": "Bảng",
    "indicators": "Chỉ tiêu",
    "items": "Mục",
    "rows": "Dòng",
    "cells": "Ô",
}
_ORDER = ("total", "this_year", "backlog", "carried", "given", "by_task", *PART_NAMES, *_LISTS)
# What tells an entry of a list from the others: the first of these that it has, with its plan.
_IDENTITIES = (
    "task",
    "indicator",
    "item",
    "unit",
    "level",
    "id",
    "key",
    "plan",
    "code",
    "name",
    "number",
    "stt",
)
_NAMES = ("full_name", "unit_name", "name", "title", "stt")
# Words around the figures: a unit that got another name since is no other figure.
_WORDING = frozenset({*_NAMES, "of", "measure", "notes", "send_before"})
_OUTCOMES = frozenset(PART_NAMES)
_NOTHING = "(không có)"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: where it stands in Vietnamese words, what it said and what it says; None: there was or is no
    such cell. ``path`` names it for programs."""

    where: str
    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def words(self) -> str:
        """ "UBND xã A – hoàn thành đúng hạn: 3 → 4"."""
        return f"{self.where}: {_shown(self.before)} → {_shown(self.after)}"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"where": self.where, "path": list(self.path), "before": self.before, "after": self.after}


def changes(before: Figures, after: Figures) -> tuple[Change, ...]:
    """Every cell that differs, totals first; names and titles are no cells. Either may hold dates and
    decimals."""
    return tuple(_changes(_plain(before), _plain(after), (), ()))


def _plain(figures: Figures) -> Any:
    return json.loads(canonical(figures))


def _changes(before: Any, after: Any, path: tuple[str, ...], words: tuple[str, ...]) -> Iterator[Change]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict | None) and isinstance(after, dict | None) and (before or after):
        old, new = before or {}, after or {}
        for key in sorted({*old, *new} - _WORDING, key=_place):
            yield from _changes(old.get(key), new.get(key), (*path, key), (*words, _word(key)))
    elif isinstance(before, list | None) and isinstance(after, list | None) and (before or after):
        yield from _entries(before or [], after or [], path, words)
    elif before != after:
        yield Change(" – ".join(word for word in words if word), path, before, after)


def _entries(
    before: Sequence[Any], after: Sequence[Any], path: tuple[str, ...], words: tuple[str, ...]
) -> Iterator[Change]:
    old, new = _by_identity(before), _by_identity(after)
    for identity in dict.fromkeys((*old, *new)):
        one, other = old.get(identity), new.get(identity)
        name = _name_of(other if other is not None else one, identity)
        for change in _changes(one, other, (*path, identity), (*words[:-1], name)):
            # The name of a row that came or went stands before its cells already.
            if (one is not None and other is not None) or change.path[-1] not in _IDENTITIES:
                yield change


def _by_identity(entries: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, entry in enumerate(entries):
        identity = _identity(entry, place)
        found[identity if identity not in found else f"{identity}#{place}"] = entry
    return found


def _identity(entry: Any, place: int) -> str:
    if isinstance(entry, dict):
        parts = [str(entry[key]) for key in _IDENTITIES if entry.get(key) is not None]
        own = [str(entry[key]) for key in ("plan", "task", "indicator", "unit") if entry.get(key) is not None]
        if own or parts:
            return ":".join(own or parts[:1])
    return str(place + 1)


def _name_of(entry: Any, identity: str) -> str:
    if not isinstance(entry, dict):
        return f"dòng {identity}"
    if "task" in entry:
        return f"Nhiệm vụ {entry.get('stt') or entry['task']} ({entry.get('plan', '')})"
    if "measure" in entry:
        return f"Mục {entry.get('stt', '')} {entry.get('title', '')}"
    # The name of a share is for programs; people read its title and what it is a share of.
    names = ("title",) if entry.get("of") else _NAMES
    named = next((str(entry[key]) for key in names if entry.get(key)), identity)
    of = f" trên {entry['of']}" if entry.get("of") else ""
    return f"{named}{of}"


def _place(key: str) -> tuple[int, str]:
    return (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)


def _word(key: str) -> str:
    return _LISTS.get(key) or _WORDS.get(key) or f"“{key}”"


def _shown(value: Any) -> str:
    match value:
        case None:
            return _NOTHING
        case bool():
            return "có" if value else "không"
        case int():
            return f"{value:,}".replace(",", ".")
        case float():
            return f"{value:,}".translate(str.maketrans(",.", ".,"))
        case str() if value in _OUTCOMES:
            return PART_NAMES[value]
        case str():
            return _as_day(value) or f"“{value}”"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _as_day(text: str) -> str | None:
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}" if len(text) == len("2023-06-05") else None
    except ValueError:
        return None
