"""Rules for what goes on all the time: "thường xuyên, liên tục", "tiếp tục duy trì", "suốt năm"."""

from __future__ import annotations

from engine.deadlines.grammar.bounds import timed
from engine.deadlines.grammar.periods import period
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import MANNER, STEADY, THROUGHOUT
from engine.deadlines.tree import Steady, Stretch, Timed

_MAY_FOLLOW = frozenset("thường liên trong giai đến từ hết năm suốt hàng và cả duy các".split())


def steady(c: Cursor) -> Steady | None:
    """ "thường xuyên, liên tục", "tiếp tục duy trì", "trong suốt" in front of a period."""
    before = c.position
    if c.phrase(THROUGHOUT):
        inside = timed(c) or _whole_year(c)
        if inside is not None:
            return Steady(c.span_from(before), "throughout", (inside,))
        c.position = before
    found = False
    while phrase := c.phrase(STEADY):
        if phrase in ("duy trì", "tiếp tục") and not _stands_alone(c):
            c.position = before
            return None
        found = True
        here = c.position
        c.take(",")
        c.take("và")
        if c.phrase(MANNER):
            here = c.position
        elif c.token.word not in STEADY.by_first:
            c.position = here
    if not found:
        c.position = before
        return None
    return Steady(c.span_from(before), "steady")


def _whole_year(c: Cursor) -> Timed | None:
    found = period(c)
    if found is None or found.unit != "year":
        return None
    return Timed(found.at, "within/year", "within", (Stretch(found),))


def _stands_alone(c: Cursor) -> bool:
    token = c.token
    return token.kind is not Kind.WORD or token.word in _MAY_FOLLOW
