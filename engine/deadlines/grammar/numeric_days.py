"""Days and months in figures: D/M/Y, D-M-Y, D.M.Y, D/M, M/Y, "D tháng M"."""

from __future__ import annotations

from engine.deadlines.grammar.years import is_year, year
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind, Token
from engine.deadlines.tree import Period


def numeric_day(c: Cursor) -> Period | None:
    """D/M/Y, D-M-Y, D.M.Y, D/M, M/Y, "D tháng M năm Y"."""
    before = c.position
    day = c.number(words=False)
    if day is None:
        return None
    sign, second, third = c.token.word, c.ahead(), c.ahead(2)
    if sign in ("/", ".", "-") and second.kind is Kind.NUMBER:
        if is_year(second):
            if sign == "/" or not c.token.gap:
                c.position += 2
                return Period("month", day, (0, 0), year=second.value)
        elif third.word == sign and _year_digits(c.ahead(3), sign):
            c.position += 4
            digits = c.tokens[c.position - 1]
            full = digits.value if is_year(digits) else 2000 + digits.value
            return Period("day", day, (0, 0), month=second.value, year=full)
        elif sign == "/" or (sign == "." and not c.token.gap and not second.gap):
            c.position += 2
            return day_of_month(c, day, second.value)
    elif c.take("tháng"):
        month = c.number()
        if month is not None and not is_year(c.tokens[c.position - 1]):
            return day_of_month(c, day, month)
    c.position = before
    return None


def _year_digits(token: Token, sign: str) -> bool:
    return is_year(token) or (token.kind is Kind.NUMBER and len(token.word) == 2 and sign != "-")


def day_of_month(c: Cursor, day: int, month: int) -> Period:
    found, on = year(c)
    return Period("day", day, (0, 0), month=month, year=found, years_on=on)
