"""Rules that read the year behind a period."""

from __future__ import annotations

from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind, Token
from engine.deadlines.tree import Part, Period, PeriodUnit


def year(c: Cursor) -> tuple[int | None, int | None]:
    """The year behind a period: "/2023", "năm 2023", "năm sau"; (None, None) where there is none."""
    token, following = c.token, c.ahead()
    if token.kind is Kind.NUMBER:
        if is_year(token) and token.gap and not slashed(following):
            c.position += 1
            return token.value, None
        return None, None
    if token.word in ("/", ".", "-") and following.kind is Kind.NUMBER:
        if is_year(following) and not (token.word == "-" and slashed(c.ahead(2))):
            c.position += 2
            return following.value, None
        if token.word == "/" and len(following.word) == 2 and not following.gap and not slashed(c.ahead(2)):
            c.position += 2
            return 2000 + following.value, None
        return None, None
    return _year_in_words(c)


def _year_in_words(c: Cursor) -> tuple[int | None, int | None]:
    before = c.position
    of = not c.take(",", "-", "/") and c.take("của", "trong")
    if c.take("năm"):
        if is_year(c.token):
            c.position += 1
            return c.tokens[c.position - 1].value, None
        named = c.take("nay", "này", "đó") or c.sequence("báo", "cáo") or c.sequence("kế", "hoạch")
        if named or (of and c.token.kind is not Kind.WORD):
            return None, 0
        if c.take("sau", "tới") or c.sequence("kế", "tiếp") or c.sequence("tiếp", "theo"):
            return None, 1
    elif c.sequence("cùng", "năm"):
        return None, 0
    c.position = before
    return None, None


def is_year(token: Token) -> bool:
    """Four digits."""
    return token.kind is Kind.NUMBER and len(token.word) == 4


def slashed(token: Token) -> bool:
    return token.word in ("/", ".") and not token.gap


def with_year(c: Cursor, unit: PeriodUnit, number: int, part: Part | None = None) -> Period:
    found, on = year(c)
    return Period(unit, number, (0, 0), year=found, years_on=on, part=part)
