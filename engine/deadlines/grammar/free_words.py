"""The free words of a clause, up to where another part of the cell begins."""

from __future__ import annotations

from engine.deadlines.grammar.years import is_year
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import DOCUMENT_NOUNS, NEW_AFTER_A_JOINT, NEW_ANYWHERE, Phrases
from engine.deadlines.tree import Span

_JOINTS = frozenset((",", "và", "hoặc", "hay"))
_TRAILING = _JOINTS | {".", "-"}
_CITATION_REACH = 12  # tokens between a document and the date that belongs to it


def clause(c: Cursor) -> Span | None:
    """Free words up to where another part of the cell begins; None for none, or with a date in them.

    A date that belongs to a cited document stays in the clause; any other date is no part of one.
    """
    first = place = c.position
    depth = 0
    cited = -_CITATION_REACH
    tokens = c.tokens
    while tokens[place].kind is not Kind.END and not (depth == 0 and _ends(c, place)):
        token = tokens[place]
        depth += (token.word == "(") - (token.word == ")")
        if token.kind is Kind.DOCUMENT or token.word in DOCUMENT_NOUNS:
            cited = place
        elif token.kind is Kind.NUMBER and _is_date(c, place):
            if place - cited > _CITATION_REACH or not _has_month(c, place):
                return None
            cited = place
        place += 1
    while place > first and tokens[place - 1].word in _TRAILING:
        place -= 1
    words = [token.word for token in tokens[first:place] if token.kind is Kind.WORD]
    if words in ([], ["có"]):
        return None
    c.position = place
    return tokens[first].start, tokens[place - 1].end


def _has_month(c: Cursor, place: int) -> bool:
    following = c.tokens[place + 1].word
    return following in ("/", ".", "-", "tháng")


def _is_date(c: Cursor, place: int) -> bool:
    following = c.tokens[place + 1]
    if following.word in ("/", ".", "-"):
        return c.tokens[place + 2].kind is Kind.NUMBER
    return c.tokens[place - 1].word == "ngày"


def _ends(c: Cursor, place: int) -> bool:
    """Whether another part of the cell begins at this token."""
    token = c.tokens[place]
    if token.word in (";", ")", "*") or (token.line and token.word in ("-", "+")):
        return True
    if token.word == "(":
        return _bracket_apart(c, place)
    if token.word in _JOINTS:
        while c.tokens[place].word in _JOINTS:
            place += 1
        return _new_after_joint(c, place)
    if token.word == "trước":
        return _point_stands(c, place + 1)
    return _stands(c, place, NEW_ANYWHERE)


def _stands(c: Cursor, place: int, phrases: Phrases) -> bool:
    for syllables in phrases.by_first.get(c.tokens[place].word, ()):
        if all(c.tokens[place + offset].word == word for offset, word in enumerate(syllables)):
            return True
    return False


def _new_after_joint(c: Cursor, place: int) -> bool:
    """Behind a comma or "và": another reading starts here, not more words of the clause."""
    token, following = c.tokens[place], c.tokens[place + 1]
    if token.kind is Kind.END or _stands(c, place, NEW_AFTER_A_JOINT):
        return True
    if token.word == "trước":
        return _point_stands(c, place + 1)
    counted = token.kind is Kind.NUMBER and following.word in ("tháng", "quý", "lần", "ngày")
    return counted or _point_stands(c, place)


def _point_stands(c: Cursor, place: int) -> bool:
    """Whether a certain day, hour, month or quarter is named here."""
    token, following = c.tokens[place], c.tokens[place + 1]
    if token.kind is Kind.CLOCK:
        return True
    if token.word in ("ngày", "tháng", "quý", "năm"):
        return following.kind is Kind.NUMBER or following.word in ("i", "ii", "iii", "iv")
    return token.kind is Kind.NUMBER and following.word in ("/", ".", "-") and not is_year(token)


def _bracket_apart(c: Cursor, place: int) -> bool:
    """A bracket with nothing of the clause behind it, or with a time in it, is read apart."""
    depth = 0
    while (token := c.tokens[place]).kind is not Kind.END:
        depth += (token.word == "(") - (token.word == ")")
        if depth == 0:
            return c.tokens[place + 1].kind is not Kind.WORD
        if token.kind is Kind.NUMBER and c.tokens[place + 1].word in ("ngày", "/", "tháng"):
            return True
        place += 1
    return True
