"""Rules for what is not on the calendar: "khi có yêu cầu", "5 ngày sau khi …", "theo Kế hoạch của …"."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.bounds import timed
from engine.deadlines.grammar.counts import days_counted
from engine.deadlines.grammar.free_words import clause
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import (
    ANCHORS,
    AT_LEAST,
    AT_ONCE,
    DEPENDING,
    MANNER,
    OCCASIONS,
    ON_REQUEST,
    PROMPTLY,
    WHEN,
    WHEN_CALLED,
    WITHIN,
)
from engine.deadlines.tree import Count, Elsewhere, Event, Span

_NEED_AN_OCCASION = frozenset(("trước", "sau", "ngay sau", "ngay trước"))


def event(c: Cursor) -> Event | None:
    """Once something happens; None, with nothing read, where nothing of the kind stands."""
    before = c.position
    found = c.first_of(_counted, _called, _when, _manner)
    return None if found is None else replace(found, at=c.span_from(before))


def elsewhere(c: Cursor) -> Elsewhere | None:
    """ "theo" and what sets the date: "theo Kế hoạch của UBND tỉnh"."""
    before = c.position
    c.sequence("thực", "hiện")
    c.sequence("thời", "gian")
    if c.take("theo") and not c.at("yêu", "dõi", "thực", "phát"):
        found = clause(c)
        if found is not None:
            return Elsewhere(c.span_from(before), "set-elsewhere", (found,))
    c.position = before
    return None


def _counted(c: Cursor) -> Event | None:
    """A count of days and what it is counted from."""
    opening = c.phrase(WITHIN)
    c.take("là") or c.phrase(AT_LEAST)
    count = days_counted(c)
    if count is None:
        return None
    here = c.position
    if c.ahead(-1).word not in ("ngày", "việc") and c.at("ngày", "thứ", "hàng", "sáng", "chiều"):
        return None
    c.take(",")
    anchor = c.phrase(ANCHORS)
    ahead = opening.startswith("trước") or opening.endswith("trước")
    if not anchor and not (ahead and (c.at("khi") or c.phrase(OCCASIONS))):
        c.position = here
        if not opening or ahead:
            return None
        return Event((0, 0), "count-without-anchor", "", (), None, count)
    if count.months and (anchor == "trước" or ahead):
        return None
    if anchor and c.at("sau"):
        c.position += 1
    if not anchor:
        c.position = here
    if anchor == "trước" or ahead:
        count = replace(count, days=-count.days, months=-count.months)
    elif opening == "sau":
        count = replace(count, rough=True)
    return _anchored(c, anchor, count)


def _anchored(c: Cursor, anchor: str, count: Count) -> Event | None:
    relation = "before" if count.days < 0 else None
    here = c.position
    day = timed(c)
    if day is not None and day.op == "within" and len(day.stretches) == 1 and day.stretches[0].last is None:
        first = day.stretches[0].first
        if first.unit in ("day", "month", "quarter", "year") and (first.month or first.unit != "day"):
            return Event((0, 0), "count-from-day", "", (), relation, count, day)
    c.position = here
    c.take("ngay")
    c.take("sau") and c.take("khi")
    opening = "khi" if c.at("khi") else "ngày" if c.at("ngày") and count.days > 0 else anchor
    found = clause(c)
    if found is None:
        return None
    return Event((0, 0), "count-from-event", opening, (found,), relation, count)


def _called(c: Cursor) -> Event | None:
    """ "đột xuất [khi có yêu cầu]"."""
    if not c.phrase(WHEN_CALLED):
        return None
    here = c.position
    bracket = c.take("(")
    c.take(",") or c.take("và")
    inner = _when(c)
    if inner is not None and (not bracket or c.take(")")):
        return replace(inner, rule="called-when")
    c.position = here
    return Event((0, 0), "called", "đột xuất", ())


def _manner(c: Cursor) -> Event | None:
    """ "kịp thời", "ngay", alone or with "khi …"."""
    prompt = c.phrase(PROMPTLY)
    rule = "promptly"
    if not prompt:
        if not c.phrase(AT_ONCE):
            return None
        rule = "at-once"
    here = c.position
    while c.take(",", "và") and c.phrase(MANNER):
        here = c.position
    c.position = here
    c.take(",")
    inner = _when(c)
    if inner is not None:
        return inner
    c.position = here
    if rule == "at-once" and c.token.kind is Kind.WORD and not c.at("và"):
        return None
    return Event((0, 0), rule, rule, ())


def _when(c: Cursor) -> Event | None:
    before = c.position
    opening, relation = "", None
    if c.phrase(DEPENDING):
        c.position = before
    elif c.phrase(ON_REQUEST):
        c.position = before
        c.take("theo")
        opening = "theo"
    else:
        opening = c.phrase(WHEN)
        if not opening or (opening in _NEED_AN_OCCASION and not _occasion_stands(c)):
            return None
        relation = "before" if "trước" in opening else "after" if "sau" in opening else None
    start = c.position
    found = clause(c)
    if found is None:
        return None
    found, count = _count_at_end(c, start, found, relation)
    rule = f"when-{relation or 'it-happens'}"
    return Event((0, 0), rule, opening, (found,), relation, count or _count_behind(c))


def _occasion_stands(c: Cursor) -> bool:
    """An event that has a name: "kỳ họp", "ngày bầu cử"; no day of the calendar, no unknown word."""
    here = c.position
    named = bool(c.phrase(OCCASIONS))
    c.position = here
    return named


def _count_at_end(c: Cursor, first: int, found: Span, relation: str | None) -> tuple[Span, Count | None]:
    """ "trước ngày bầu cử 10 ngày", "sau khi nhận được văn bản 05 ngày làm việc"."""
    end = c.position
    for back in (2, 4, 5):
        start = end - back
        if start > first and c.tokens[start].kind in (Kind.NUMBER, Kind.CLOCK):
            c.position = start
            count = days_counted(c)
            if count is not None and c.position == end:
                sign = -1 if relation == "before" else 1
                keep = start - 1
                if c.tokens[keep].word in ("nhất", "thiểu"):
                    keep -= 2
                elif c.tokens[keep].word in ("là", "trong", ","):
                    keep -= 1
                days = replace(count, days=sign * count.days, months=sign * count.months)
                return (found[0], c.tokens[keep].end), days
            c.position = end
    return found, None


def _count_behind(c: Cursor) -> Count | None:
    """ "khi có yêu cầu (trong vòng 3 ngày)", "…, chậm nhất 05 ngày làm việc"."""
    before = c.position
    bracket = c.take("(")
    if not bracket:
        c.take(",")
    if c.phrase(WITHIN):
        c.take("là")
        count = days_counted(c)
        if (
            count is not None
            and (not bracket or c.take(")"))
            and c.token.word in ("", ";", ",", ".", "và", ")")
        ):
            return count
    c.position = before
    return None
