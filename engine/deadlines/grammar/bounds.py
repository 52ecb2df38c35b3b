"""Rules that bind periods: "trước ngày X", "đến hết …", "từ … đến …", lists of days or months."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.deadlines.grammar.periods import issue_or_period, period
from engine.deadlines.grammar.weekdays import weekday
from engine.deadlines.grammar.years import is_year, year
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import (
    AND_ALL,
    BEFORE,
    BY,
    FROM,
    LIST_JOINTS,
    NEUTRAL,
    ONWARD,
    PERIODIC,
    RANGE_JOINTS,
    REMAINING,
    ROUGHLY,
)
from engine.deadlines.tree import Op, Period, Span, Stretch, Timed

_NOT_ELIDED = frozenset("tháng ngày lần quý tuần làm buổi đợt cuộc".split())
_MOST_WORDS_BEFORE = 8  # phrases in front of a period: "hoàn thành chậm nhất là vào …"
_CLOSED_UNITS = frozenset(("opening", "closing", "week", "issue"))


@dataclass(slots=True)
class Opening:
    """The words in front of a period."""

    op: Op = "within"
    rough: bool = False
    clock: tuple[int, Span] | None = None
    weekday: int | None = None


def timed(c: Cursor) -> Timed | None:
    """A period or several with their binding word; None, with nothing read, where there is none."""
    before = c.position
    periodic = bool(c.phrase(PERIODIC))
    opening = _opening(c)
    first = issue_or_period(c) if opening.op in ("from", "after") else period(c)
    if first is None or (first.unit == "year" and c.position == before + 1 and _no_year(c, first)):
        c.position = before
        return None
    chain, again = _chain(c, first, opening.op)
    stretches = _with_nouns(chain)
    if stretches is None or not _sensible(opening, stretches):
        c.position = before
        return None
    if opening.weekday is not None:
        stretches = (_on_weekday(stretches[0], opening.weekday), *stretches[1:])
    op, onward = _onward(c, opening, stretches)
    clock = opening.clock or (clock_behind(c) if stretches[-1].first.unit == "day" else None)
    at = (c.tokens[before].start, c.tokens[c.position - 1].end)
    return Timed(at, _name(op, stretches), op, stretches, clock, again, opening.rough, onward, periodic)


def _no_year(c: Cursor, first: Period) -> bool:
    """ "năm" alone says nothing; "năm (trước ngày 15/12)" is the report of the year."""
    if not first.bare or (c.at("trước", "chậm") and c.ahead().word in ("ngày", "nhất")):
        return False
    after_list = c.ahead(-2).word in (",", "và") and c.token.kind is not Kind.WORD
    return not (after_list and any(token.word == "quý" for token in c.tokens[: c.position]))


def _opening(c: Cursor) -> Opening:
    found = Opening()
    for _ in range(_MOST_WORDS_BEFORE):
        if c.phrase(BEFORE):
            found.op = "before"
        elif found.op not in ("from", "after") and c.phrase(BY):
            if found.op != "before":
                found.op = "by"
            c.take(":")
        elif c.phrase(ROUGHLY):
            found.rough = True
        elif c.at("sau") and found.op == "within" and c.position + 1 < len(c.tokens):
            found.op = "after"
            c.position += 1
        elif c.phrase(FROM):
            found.op = "from"
        elif not (_clock(c, found) or _weekday_before_day(c, found) or c.phrase(NEUTRAL)):
            break
    return found


def _clock(c: Cursor, found: Opening) -> bool:
    token = c.token
    if token.kind is not Kind.CLOCK or found.clock is not None:
        return False
    c.position += 1
    found.clock = (token.value, (token.start, token.end))
    c.take(",")
    return True


def clock_behind(c: Cursor) -> tuple[int, Span] | None:
    """The hour after the day: "ngày 20/12, 17h00", "ngày 20/12/2023 lúc 17h", "… (trước 17h)"."""
    before = c.position
    c.take(",")
    c.take("lúc", "vào", "trước")
    token = c.token
    if token.kind is Kind.CLOCK and c.ahead().word in ("", ")", ",", ";", "."):
        c.position += 1
        return token.value, (token.start, token.end)
    c.position = before
    return None


def _weekday_before_day(c: Cursor, found: Opening) -> bool:
    """ "Thứ Sáu, ngày 24/11/2023": the weekday only where a day follows."""
    before = c.position
    day = weekday(c)
    if day is not None:
        bracket = c.take("(")
        c.take(",")
        c.take("ngày")
        if c.token.kind is Kind.NUMBER and c.ahead().word in ("/", ".", "-", "tháng") and not bracket:
            if c.tokens[c.position - 1].word == "ngày":
                c.position -= 1
            found.weekday = day
            return True
    c.position = before
    return False


def _chain(c: Cursor, first: Period, op: Op) -> tuple[tuple[Stretch, ...], bool]:
    stretches = [Stretch(first)]
    again = False
    while True:
        before = c.position
        joint, short = _joint(c)
        if not joint:
            c.position = before
            break
        last = stretches[-1].last or stretches[-1].first
        if op == "before" and joint == "list":
            c.phrase(BEFORE)
        found, noun = _next(c, last, ranged=joint == "range")
        if found is None:
            c.position = before
            break
        again = again or noun
        if joint == "list":
            stretches.append(Stretch(found))
        elif stretches[-1].last is None:
            stretches[-1] = Stretch(stretches[-1].first, found, short)
        else:
            c.position = before
            break
    return tuple(stretches), again


def _joint(c: Cursor) -> tuple[str, bool]:
    """What joins two periods: ("range" | "list" | "", whether the last day is left out)."""
    if c.at("-"):
        if c.token.line:
            return "", False
        c.position += 1
        c.phrase(RANGE_JOINTS)
        return "range", False
    if c.take(","):
        if c.phrase(RANGE_JOINTS):
            return "range", c.take("trước")
        c.phrase(LIST_JOINTS)
        return "list", False
    if c.phrase(RANGE_JOINTS):
        if c.sequence("thời", "điểm"):
            c.take("hết")
        return "range", c.take("trước")
    if c.phrase(LIST_JOINTS) or c.take("&", "+"):
        return "list", False
    return "", False


def _next(c: Cursor, last: Period, *, ranged: bool) -> tuple[Period | None, bool]:
    """The next period of a chain, and whether it names its noun again."""
    found = _elided(c, last)
    if found is not None:
        return found, False
    c.phrase(NEUTRAL)
    start = c.position
    if not ranged and last.unit == "day" and last.month and c.at("tháng"):
        other = period(c)
        if other is not None and other.unit == "month":
            return replace(other, unit="day", number=last.number, month=other.number), False
        c.position = start
    found = period(c)
    if found is None or (found.bare and found.unit == "year"):
        return None, False
    if found.unit == "number" or last.unit == "number":
        return found, False
    if ranged:
        return (None, False) if found.unit in ("opening", "closing") else (found, True)
    if found.unit != last.unit or found.part != last.part or found.unit in _CLOSED_UNITS:
        return None, False
    return found, True


def _elided(c: Cursor, last: Period) -> Period | None:
    """A number that shares the noun of the one before: the 8 of "tháng 6-8", the III of "quý II, III"."""
    before = c.position
    start = c.token.start
    number = c.number(roman=last.unit == "quarter", words=last.unit in ("month", "quarter", "day"))
    if number is None or c.token.word in _NOT_ELIDED or last.part is not None:
        c.position = before
        return None
    written = c.tokens[before]
    found: Period | None = None
    if last.unit == "year" and is_year(written):
        found = Period("year", number, (0, 0))
    elif last.unit in ("month", "quarter") and not is_year(written):
        year_found, on = year(c)
        found = Period(last.unit, number, (0, 0), year=year_found, years_on=on)
        if c.at("/", ".") and not c.token.gap and c.ahead().kind is Kind.NUMBER:
            found = None
    elif (
        last.unit == "day"
        and last.month is None
        and not is_year(written)
        and c.token.word not in ("/", ".", "-")
    ):
        found = Period("day", number, (0, 0))
    if found is None:
        c.position = before
        return None
    return replace(found, at=(start, c.tokens[c.position - 1].end))


def _with_nouns(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...] | None:
    """Gives lone numbers the noun, and days without a month the month, of what stands behind them."""
    flat = [p for s in stretches for p in (s.first, s.last) if p is not None]
    following: Period | None = None
    for place in range(len(flat) - 1, -1, -1):
        p = flat[place]
        if p.unit == "number":
            if following is None or following.unit not in ("day", "month"):
                return None
            p = replace(p, unit=following.unit, month=following.month if following.unit == "day" else None)
        elif p.unit == "day" and p.month is None and following is not None and following.unit == "day":
            p = replace(p, month=following.month)
        flat[place] = following = p
    again = iter(flat)
    return tuple(Stretch(next(again), next(again) if s.last else None, s.short) for s in stretches)


def _sensible(opening: Opening, stretches: tuple[Stretch, ...]) -> bool:
    only = stretches[0]
    if opening.clock and only.first.unit != "day":
        return False
    if only.first.unit == "issue":
        return opening.op == "from"
    return True


def _on_weekday(stretch: Stretch, day: int) -> Stretch:
    return replace(stretch, first=replace(stretch.first, weekday=day))


def _onward(c: Cursor, opening: Opening, stretches: tuple[Stretch, ...]) -> tuple[Op, bool]:
    if c.phrase(ONWARD):
        return "from", False
    before = c.position
    c.take(",")
    if c.phrase(AND_ALL) and c.take("tháng", "quý", "năm") and c.phrase(REMAINING):
        c.sequence("trong", "năm")
        return opening.op, True
    c.position = before
    if opening.op == "from" and (len(stretches) > 1 or stretches[0].last is not None):
        return "within", False
    return opening.op, False


def _name(op: Op, stretches: tuple[Stretch, ...]) -> str:
    unit = stretches[0].first.unit
    shape = "list" if len(stretches) > 1 else "range" if stretches[0].last else "period"
    part = stretches[0].first.part
    return f"{op}/{unit}" + (f"-{part}" if part else "") + ("" if shape == "period" else f"-{shape}")
