"""Rules for days that come again: "ngày 20 hàng tháng", "ngày 15 tháng cuối quý", "cuối mỗi quý"."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.bounds import timed
from engine.deadlines.grammar.frequencies import CYCLE_UNITS
from engine.deadlines.grammar.periods import ordinal
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import BEFORE, BY, EACH, FOLLOWING, NEUTRAL, OF_THE_REPORT
from engine.deadlines.tree import Cycle, CycleUnit, Op, Period, Span, Stretch, Timed

_QUARTER_MONTHS = {"đầu": (1, 4, 7, 10), "giữa": (2, 5, 8, 11), "cuối": (3, 6, 9, 12)}
_IN_QUARTER = {"nhất": "đầu", "hai": "giữa", "ba": "cuối", "1": "đầu", "2": "giữa", "3": "cuối"}
PERIOD_END = "cycle/period-end"  # "của tháng cuối kỳ báo cáo": which period, other words say
_MONTH_PART_ENDS = {"đầu": 10, "giữa": 20, "cuối": -1}


def month_days(c: Cursor) -> list[Cycle] | None:
    """ "trước ngày 20 hàng tháng", "ngày 15 của tháng cuối quý", "ngày 15 và 30 mỗi tháng"."""
    bound = timed(c)
    if bound is None:
        bound = _plain_number(c)
    if bound is None or not only_days(bound):
        return None
    place = _place(c)
    if place is None:
        return None
    return [with_days(place, bound)]


def only_days(bound: Timed) -> bool:
    """Days of the month without a month."""
    return all(p.unit == "day" and p.month is None for s in bound.stretches for p in (s.first, s.last) if p)


def with_days(place: Cycle, bound: Timed) -> Cycle:
    """The cycle with the days that ``bound`` (days without a month) names."""
    only = bound.stretches[0]
    opens = None if only.last is None else only.first.number
    days = tuple((stretch.last or stretch.first).number for stretch in bound.stretches)
    before = (bound.op == "before" and bound.clock is None) or only.short
    rule = f"{place.rule}-{'before-' if before else ''}day"
    return replace(place, days=days, before=before, opens=opens, clock=bound.clock, rule=rule)


def _plain_number(c: Cursor) -> Timed | None:
    """ "trước 05 hàng tháng": the noun left out."""
    start = c.position
    op: Op = "within"
    if c.phrase(BEFORE):
        op = "before"
    elif c.phrase(BY):
        op = "by"
    token = c.token
    if token.kind is not Kind.NUMBER or len(token.word) > 2 or c.position == start:
        return None
    c.position += 1
    at: Span = (token.start, token.end)
    return Timed(at, "day", op, (_day_stretch(token.value, at),))


def _place(c: Cursor) -> Cycle | None:
    """The period that a day belongs to: "hàng tháng", "của tháng", "tháng đầu quý sau"."""
    before = c.position
    of = c.take("của", "trong", "vào")
    each = bool(c.phrase(EACH))
    if c.take("tháng"):
        if part := _quarter_part(c):
            return part
        lag = 1 if c.phrase(FOLLOWING) else 0
        reported = bool(c.phrase(OF_THE_REPORT))
        if (of or each or lag or reported) and not c.at_number:
            c.take("trong") and c.take("năm")
            return Cycle((0, 0), "cycle/month", "month", lag=lag)
    elif each and c.take("quý") and not c.at_number:
        return Cycle((0, 0), "cycle/quarter", "quarter", rough=True)
    c.position = before
    return None


def _quarter_part(c: Cursor) -> Cycle | None:
    """Behind "tháng": "cuối quý", "đầu của mỗi quý", "đầu quý sau", "thứ hai của quý"."""
    before = c.position
    c.take("thứ")
    which = _IN_QUARTER.get(c.token.word, c.token.word)
    if which in _QUARTER_MONTHS:
        c.position += 1
        c.take("cùng", "tiên")
        c.take("của", "trong")
        c.phrase(EACH)
        if which == "cuối" and c.take("kỳ"):
            c.phrase(OF_THE_REPORT)
            return Cycle((0, 0), PERIOD_END, "quarter", pending=True)
        if c.take("quý") and not c.at_number:
            c.phrase(OF_THE_REPORT)
            lag = 1 if c.phrase(FOLLOWING) else 0
            c.phrase(OF_THE_REPORT)
            months = _QUARTER_MONTHS[which]
            return Cycle((0, 0), "cycle/quarter-month", "quarter", months=months, lag=lag)
    c.position = before
    return None


def edges(c: Cursor) -> list[Cycle] | None:
    """Ends and beginnings that come again: "ngày cuối tháng", "đầu mỗi quý", "tháng cuối quý"."""
    before = bool(c.phrase(BEFORE))
    by = bool(c.phrase(BY)) or before
    c.phrase(NEUTRAL)
    if c.take("tháng"):
        part = _quarter_part(c)
        return [replace(part, days=(-1,))] if part and not part.pending else None
    if c.at("tuần"):
        return _week_edge(c)
    if c.take("ngày"):
        return _last_day(c, before=before)
    which = c.token.word
    if which not in _MONTH_PART_ENDS:
        return None
    c.position += 1
    c.take("của", "cùng")
    each = bool(c.phrase(EACH))
    unit = CYCLE_UNITS.get(c.token.word)
    c.position += 1
    if unit is None or c.at_number or c.at("học") or (unit == "year" and not each):
        return None
    c.phrase(OF_THE_REPORT)
    return _edge(unit, which, by=by)


def _edge(unit: CycleUnit, which: str, *, by: bool) -> list[Cycle] | None:
    rough = which != "cuối" or unit == "week"
    if unit == "month":
        opens = {"đầu": 1, "giữa": 11, "cuối": 21}[which]
        days = (_MONTH_PART_ENDS[which],)
        return [
            Cycle((0, 0), "cycle/month-part", "month", days=days, opens=None if by else opens, rough=rough)
        ]
    if unit == "quarter":
        months = _QUARTER_MONTHS[which]
        return [Cycle((0, 0), "cycle/quarter-part", "quarter", months=months, days=(-1,), rough=rough)]
    if unit == "week":
        day = {"đầu": 0, "giữa": 2, "cuối": 6}[which]
        return [Cycle((0, 0), "cycle/week-part", "week", weekdays=(day,), rough=True)]
    if unit == "year" and which == "cuối":
        return [Cycle((0, 0), "cycle/year", "year")]
    return None


def _week_edge(c: Cursor) -> list[Cycle] | None:
    """ "tuần cuối hàng tháng", "tuần đầu tiên của mỗi tháng"."""
    c.position += 1
    week = ordinal(c)
    c.take("của", "trong")
    each = c.phrase(EACH)
    if week is None or not 0 <= week <= 4:
        return None
    opens, day = ((week - 1) * 7 + 1, week * 7) if week else (22, -1)
    if week < 2 and c.take("quý") and not c.at_number:
        months = _QUARTER_MONTHS["đầu" if week else "cuối"]
        return [Cycle((0, 0), "cycle/quarter-week", "quarter", days=(day,), months=months, rough=True)]
    if not c.take("tháng") or c.at_number or c.at("đầu", "cuối", "giữa") or (not each and c.at("một", "hai")):
        return None
    return [Cycle((0, 0), "cycle/month-week", "month", days=(day,), opens=opens, rough=True)]


def _last_day(c: Cursor, *, before: bool) -> list[Cycle] | None:
    """ "ngày cuối tháng", "ngày làm việc cuối cùng của quý", "ngày đầu hàng tháng"."""
    working = c.sequence("làm", "việc")
    which = c.token.word
    if which not in ("cuối", "đầu"):
        return None
    c.position += 1
    c.take("cùng", "tiên")
    c.take("của", "trong")
    each = bool(c.phrase(EACH))
    unit = CYCLE_UNITS.get(c.token.word)
    c.position += 1
    if unit not in ("month", "quarter", "year") or c.at_number or (unit == "year" and not each):
        return None
    day = -1 if which == "cuối" else 1
    months: tuple[int, ...] = ()
    if unit != "month":
        months = _QUARTER_MONTHS[which] if unit == "quarter" else ((12,) if day < 0 else (1,))
    name = "cycle/working-day" if working else "cycle/edge-day"
    return [Cycle((0, 0), name, unit, days=(day,), months=months, before=before, working=working)]


def _day_stretch(day: int, at: Span) -> Stretch:
    return Stretch(Period("day", day, at))
