"""Spans of days: "07 ngày làm việc", "2 tuần", "24 giờ"."""

from __future__ import annotations

from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.tree import Count

_UNITS = {"ngày": 1, "tuần": 7, "tháng": 30, "năm": 365}


def days_counted(c: Cursor) -> Count | None:
    """ "07 ngày làm việc", "2 tuần", "24 giờ" (a day for every 24 hours begun)."""
    before = c.position
    token = c.token
    if token.kind is Kind.CLOCK and token.word == "giờ":
        c.position += 1
        hours = token.value // 100
        working = c.sequence("làm", "việc")
        return Count(max(1, -(-hours // (8 if working else 24))), working)
    number = c.number()
    unit = c.token.word
    if number is None or unit not in _UNITS | {"giờ": 1} or not 0 < number <= 999:
        c.position = before
        return None
    c.position += 1
    if unit == "tháng" and (c.token.kind is Kind.NUMBER or c.at("đầu", "cuối", "/", "một", "năm", "của")):
        c.position = before
        return None
    if unit == "giờ":
        return Count(max(1, -(-number // 24)), c.sequence("làm", "việc"))
    months = number * {"tháng": 1, "năm": 12}.get(unit, 0)
    return Count(number * _UNITS[unit], c.sequence("làm", "việc"), rough=bool(months), months=months)
