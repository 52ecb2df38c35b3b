"""Words around the times of a cell: who does what, where; and the times that must not vanish in them."""

from __future__ import annotations

import re

from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind, Token
from engine.deadlines.text.words import PROSE, SYLLABLES
from engine.vietnamese import without_marks

_AFTER_A_NUMBER = frozenset("/ . - tháng ngày quý tuần".split())
_SLIP = re.compile("truoc|ruoc|truo$|trouc|tuoc$")


def starts_prose(c: Cursor) -> bool:
    token = c.token
    return (
        token.word in PROSE
        or token.kind is Kind.DOCUMENT
        or (token.word == "theo" and c.ahead().word == "dõi")
    )


def prose_ends(c: Cursor) -> bool:
    token = c.token
    return (
        token.kind is Kind.END or token.word in (";", ")", "*") or (token.line and token.word in ("-", "+"))
    )


def hard_time(c: Cursor) -> bool:
    """A time that no rule reads: it must not vanish in prose."""
    token, following = c.token, c.ahead()
    if token.kind is Kind.CLOCK or _like_before(token):
        return True
    if token.kind is Kind.NUMBER:
        return following.kind is Kind.NUMBER or following.word in _AFTER_A_NUMBER
    if token.word == "trước":
        return following.kind is not Kind.WORD or following.word in ("ngày", "tháng", "quý", "năm")
    if token.word in ("chậm", "muộn"):
        return following.word == "nhất"
    numbered = following.kind is Kind.NUMBER or following.word in ("i", "ii", "iii", "iv", "v")
    return numbered and token.word in ("ngày", "tháng", "quý")


def _like_before(token: Token) -> bool:
    """A slip of "trước": what it binds must not be read as if nothing bound it."""
    if token.kind is not Kind.WORD or token.word in SYLLABLES:
        return False
    return _SLIP.search(without_marks(token.word)) is not None


def remark(c: Cursor) -> bool:
    """Brackets without a time in them: "(cấp xã)", "(qua Phòng Tư pháp)"."""
    before = c.position
    if not c.take("("):
        return False
    depth = 1
    while not c.ended:
        if hard_time(c):
            break
        depth += c.at("(") - c.at(")")
        c.position += 1
        if depth == 0:
            return True
    c.position = before
    return False
