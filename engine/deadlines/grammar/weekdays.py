"""Rules for days of the week: "thứ Sáu", "Thứ 2, thứ 5 hàng tuần", "thứ Sáu tuần cuối tháng"."""

from __future__ import annotations

from engine.deadlines.grammar.periods import ordinal
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import BEFORE, BY, EACH, FOLLOWING, NEUTRAL, RANGE_JOINTS
from engine.deadlines.tree import Cycle, Span

_WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "bốn": 2, "năm": 3, "sáu": 4, "bảy": 5}


def weekday(c: Cursor) -> int | None:
    """ "thứ Sáu", "thứ 6", "Chủ nhật", "CN": Monday is 0; 99 for a number that is no weekday."""
    if c.sequence("chủ", "nhật") or c.take("cn"):
        return 6
    if c.at("thứ"):
        following = c.ahead()
        if following.kind is Kind.NUMBER:
            c.position += 2
            return following.value - 2 if 2 <= following.value <= 7 else 99
        if following.word in _WEEKDAYS:
            c.position += 2
            return _WEEKDAYS[following.word]
    return None


def weekdays(c: Cursor) -> list[Cycle] | None:
    """ "Thứ 2, thứ 5 hàng tuần", "từ thứ Hai đến thứ Sáu", "thứ Sáu tuần cuối tháng"."""
    before = bool(c.phrase(BEFORE))
    c.phrase(BY)
    while c.phrase(NEUTRAL) or c.take("từ"):
        pass
    clock: tuple[int, Span] | None = None
    if c.token.kind is Kind.CLOCK:
        clock = (c.token.value, (c.token.start, c.token.end))
        c.position += 1
    while c.phrase(NEUTRAL) or c.take("ngày", ","):
        pass
    if (daily := _daily_clock(c, clock)) is not None:
        return daily
    days = _weekday_list(c)
    if not days:
        return None
    clock = clock or _clock_after(c)
    before = before and clock is None
    week = _which_week(c)
    if week:
        return [
            Cycle(
                (0, 0), "cycle/month-weekday", "month", weekdays=days, week=week, clock=clock, before=before
            )
        ]
    here = c.position
    c.take("của", "trong")
    if c.phrase(EACH) and c.take("tuần"):
        late = bool(c.phrase(FOLLOWING))
        return [
            Cycle((0, 0), "cycle/weekday", "week", weekdays=days, clock=clock, before=before, lag=int(late))
        ]
    c.position = here
    if c.token.kind is Kind.NUMBER or c.at("ngày", ","):
        return None
    return [Cycle((0, 0), "cycle/weekday", "week", weekdays=days, clock=clock, before=before, pending=True)]


def _daily_clock(c: Cursor, clock: tuple[int, Span] | None) -> list[Cycle] | None:
    """ "trước 16h hằng ngày"; no weekday is read here."""
    if clock is None or not c.at("hàng", "mỗi"):
        return None
    before = c.position
    if c.phrase(EACH) and c.tokens[before + 1].word == "ngày":
        c.position += 1
        return [Cycle((0, 0), "cycle/day", "day", clock=clock)]
    c.position = before
    return None


def _clock_after(c: Cursor) -> tuple[int, Span] | None:
    before = c.position
    c.take(",")
    c.take("lúc", "trước")
    if c.token.kind is Kind.CLOCK:
        c.position += 1
        token = c.tokens[c.position - 1]
        return token.value, (token.start, token.end)
    c.position = before
    return None


def _weekday_list(c: Cursor) -> tuple[int, ...]:
    days: list[int] = []
    ranged = False
    while True:
        before = c.position
        if days:
            ranged = bool(c.take("-") or c.phrase(RANGE_JOINTS))
            if not ranged and not (c.take(",", "và", "&") and (c.take("và") or True)):
                break
            c.phrase(NEUTRAL)
        day = _one_weekday(c, again=bool(days))
        if day is None:
            c.position = before
            break
        if ranged and day > days[-1]:
            days.extend(range(days[-1] + 1, day))
        days.append(day)
    return tuple(dict.fromkeys(days))


def _one_weekday(c: Cursor, *, again: bool) -> int | None:
    day = weekday(c)
    if day is not None:
        return day
    token, following = c.token, c.ahead()
    if token.word == "t" and following.kind is Kind.NUMBER and 2 <= following.value <= 7:
        place = c.position
        while c.token.kind is Kind.NUMBER or c.at("t", ",", "và", "-"):
            c.position += 1
        weekly = c.at("hàng", "mỗi") and c.ahead().word == "tuần"
        c.position = place
        if weekly:
            c.position += 2
            return following.value - 2
    if (
        again
        and token.kind is Kind.NUMBER
        and 2 <= token.value <= 7
        and not c.at("/")
        and following.word != "/"
    ):
        c.position += 1
        return token.value - 2
    return None


def _which_week(c: Cursor) -> int | None:
    """ "… tuần cuối [của] tháng", "… đầu tiên của tháng": 1, 2, …, -1 for the last."""
    before = c.position
    c.take("của")
    c.take("tuần")
    week = ordinal(c) if not c.at("hàng", "mỗi", "tháng") else None
    c.take("của", "trong")
    each = bool(c.phrase(EACH))
    if week is not None and 0 <= week <= 4 and c.take("tháng") and (each or not c.at_number):
        return week or -1
    c.position = before
    return None
