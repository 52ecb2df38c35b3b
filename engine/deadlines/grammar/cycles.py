"""Rules for what comes again: "hàng tháng", "02 lần/năm", "ngày 15 tháng cuối quý", "thứ Sáu hàng tuần"."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.bounds import timed, weekday
from engine.deadlines.grammar.cursor import Cursor
from engine.deadlines.grammar.lexer import Kind
from engine.deadlines.grammar.periods import is_year, ordinal
from engine.deadlines.grammar.tree import Cycle, Cycles, CycleUnit, Op, Period, Span, Stretch, Timed
from engine.deadlines.grammar.words import (
    AGAIN,
    AT_LEAST,
    BEFORE,
    BY,
    COUNTED,
    EACH,
    FOLLOWING,
    NEUTRAL,
    OF_THE_REPORT,
    RANGE_JOINTS,
)

_UNITS: dict[str, CycleUnit] = {
    "ngày": "day", "tuần": "week", "tháng": "month", "quý": "quarter", "năm": "year",
}  # fmt: skip
_BY_MONTHS: dict[int, CycleUnit] = {1: "month", 3: "quarter", 6: "half", 12: "year"}
_QUARTER_MONTHS = {"đầu": (1, 4, 7, 10), "giữa": (2, 5, 8, 11), "cuối": (3, 6, 9, 12)}
_IN_QUARTER = {"nhất": "đầu", "hai": "giữa", "ba": "cuối", "1": "đầu", "2": "giữa", "3": "cuối"}
PERIOD_END = "cycle/period-end"  # "của tháng cuối kỳ báo cáo": which period, other words say
_MONTH_PART_ENDS = {"đầu": 10, "giữa": 20, "cuối": -1}


def cycles(c: Cursor) -> Cycles | None:
    """One periodicity or several; None, with nothing read, where there is none."""
    before = c.position
    found = c.first_of(_weekdays, _month_days, _edges, _counted, _once_in, _each)
    if found is None:
        return None
    at = (c.tokens[before].start, c.tokens[c.position - 1].end)
    return Cycles(at, found[0].rule, tuple(replace(cycle, at=at) for cycle in found))


# --- "hàng tháng, quý, 6 tháng, năm" -------------------------------------------------------------


def _each(c: Cursor) -> list[Cycle] | None:
    """The frequencies themselves, the first with "hàng/mỗi/định kỳ" or two and more without."""
    again = c.phrase(AGAIN)
    each = c.phrase(EACH) if not (c.at("các") and c.ahead().word == "ngày" and c.ahead(2).word == "lễ") else ""
    if each in ("một", "các") and again == "theo":
        return None
    if again == "theo" and c.ahead().word in ("năm", "học") and c.at("năm"):
        return None
    first = _unit(c, elided=not each)
    if first is None or (each == "một" and not again):
        return None
    found = [first]
    while True:
        before = c.position
        joined = c.take(",", "/", "+", "&", "-")
        joined = c.take("và") or joined
        nxt = _unit(c, elided=not c.phrase(EACH)) if joined else None
        if nxt is None:
            c.position = before
            break
        found.append(nxt)
    if not (again or each) and (len(found) < 2 or any(x.unit == "day" for x in found)):
        return None
    if each == "các" and len(found) == 1:
        c.take("trong") and c.take("năm", "tuần")
    if found[-1].every == 1 and len(found) == 1:
        found[-1] = _with_times(c, found[-1])
    return found


def _unit(c: Cursor, *, elided: bool) -> Cycle | None:
    """"tháng", "6 tháng", "nửa năm", "2 tuần"; ``elided``: it must not name one certain period."""
    before = c.position
    c.phrase(NEUTRAL) if c.at("trong") else ""
    if c.at("cả", "cuối") and c.ahead().word == "năm" and not is_year(c.ahead(2)) and elided:
        c.position += 2
        return Cycle((0, 0), "cycle/year", "year")
    number = 1
    if c.sequence("nửa", "năm"):
        return Cycle((0, 0), "cycle/half", "half")
    spelled = c.token.kind is Kind.NUMBER or c.ahead().word in _UNITS or c.ahead(2).word in _UNITS
    if spelled and c.token.word not in _UNITS and (value := c.number()) is not None:
        number = value
    unit = _UNITS.get(c.token.word)
    c.position += 1
    if unit is None or not 1 <= number <= 60 or not _unit_ends(c, unit, number, elided=elided):
        c.position = before
        return None
    if number == 9 and unit == "month":
        return Cycle((0, 0), "cycle/nine-months", "quarter", months=(9,))
    return _every(number, unit)


def _unit_ends(c: Cursor, unit: CycleUnit, number: int, *, elided: bool) -> bool:
    """Whether a bare unit ends here: "quý IV", "năm 2024", "6 tháng đầu", "ngày 15" are other things."""
    following = c.token
    if unit == "year" and (is_year(following) or following.word in ("học", "nay", "sau", "tới")):
        return False
    if number > 1 and following.word in ("đầu", "cuối"):
        return False
    if elided:
        numbered = following.kind is Kind.NUMBER or (unit == "quarter" and following.word in ("i", "ii", "iii", "iv"))
        return not numbered and following.word not in ("làm", "đầu", "cuối", "một", "hai", "học", "tiếp", "sau", "cuối")
    return not (unit == "quarter" and following.word in ("i", "ii", "iii", "iv"))


def _every(number: int, unit: CycleUnit) -> Cycle | None:
    if unit == "quarter":
        number, unit = number * 3, "month"
    if unit == "month":
        plain = _BY_MONTHS.get(number)
        if plain:
            return Cycle((0, 0), f"cycle/{plain}", plain)
        if 12 % number:
            return None
        return Cycle((0, 0), "cycle/months", "month", every=number)
    if unit == "year" and number > 1:
        return Cycle((0, 0), "cycle/years", "year", every=number)
    return Cycle((0, 0), f"cycle/{unit}", unit, every=number)


def _with_times(c: Cursor, cycle: Cycle) -> Cycle:
    """"mỗi tháng một lần", "hàng quý ít nhất 01 lần"."""
    before = c.position
    c.take(",")
    bracket = c.take("(")
    c.phrase(AT_LEAST)
    number = c.number()
    c.take("-") and c.number()
    if number is None or c.token.word not in COUNTED - {"ngày"} and not c.at("ngày"):
        c.position = before
        return cycle
    c.position += 1
    while c.take("bài", "mục", "đề", "viết") or c.sequence(",", "bài"):
        pass
    if c.at("làm", "/", "kể", "sau", "trước") or (bracket and not c.take(")")):
        c.position = before
        return cycle
    return replace(cycle, times=number)


# --- "02 lần/năm", "6 tháng/lần" -----------------------------------------------------------------


def _counted(c: Cursor) -> list[Cycle] | None:
    """"ít nhất 02 ngày/tuần", "01 lần trong quý", "1-2 lần/tháng"."""
    c.phrase(AGAIN)
    c.phrase(AT_LEAST) or c.take("từ")
    number = c.number()
    if c.take("-", "đến"):
        c.number()
    if number is None or c.token.word not in COUNTED:
        return None
    days = c.at("ngày")
    c.position += 1
    c.take("mục", "đề")
    if c.sequence("trở", "lên") and days:
        return None
    if not (c.take("/") or c.phrase(EACH) or c.take("trong", "trên")):
        return None
    c.phrase(EACH)
    unit = _unit(c, elided=True)
    if unit is None:
        return None
    return [replace(unit, times=number, rule="cycle/count")]


def _once_in(c: Cursor) -> list[Cycle] | None:
    """"6 tháng/lần", "3 tháng một lần", "quý 01 lần", "một năm hai lần"."""
    c.phrase(AGAIN)
    plain = c.token.word in _UNITS
    unit = _unit_before_times(c)
    if unit is None:
        return None
    if c.take("/"):
        number = c.number()
        if not c.take("lần", "kỳ"):
            return None
        return [unit if number in (None, 1) else replace(unit, times=number)]
    c.phrase(AT_LEAST)
    number = c.number()
    if number is None or not c.take("lần", "đợt", "cuộc"):
        return None
    single = unit.every == 1 and unit.unit in ("month", "quarter", "year", "week", "half")
    return [replace(unit, times=number) if number > 1 or (plain and single) else unit]


def _unit_before_times(c: Cursor) -> Cycle | None:
    number = 1
    if c.token.word not in _UNITS:
        value = c.number()
        if value is None or not 1 <= value <= 60:
            return None
        number = value
    unit = _UNITS.get(c.token.word)
    if unit is None:
        return None
    c.position += 1
    return _every(number, unit)


# --- days of the month and quarter ---------------------------------------------------------------


def _month_days(c: Cursor) -> list[Cycle] | None:
    """"trước ngày 20 hàng tháng", "ngày 15 của tháng cuối quý", "ngày 15 và 30 mỗi tháng"."""
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
    opens: int | None = None
    if only.last is not None:
        opens, days = only.first.number, (only.last.number,)
    else:
        days = tuple(stretch.first.number for stretch in bound.stretches)
    before = (bound.op == "before" and bound.clock is None) or only.short
    rule = f"{place.rule}-{'before-' if before else ''}day"
    return replace(place, days=days, before=before, opens=opens, clock=bound.clock, rule=rule)


def _plain_number(c: Cursor) -> Timed | None:
    """"trước 05 hàng tháng": the noun left out."""
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
        if (of or each or lag or reported) and not _names_one(c):
            c.take("trong") and c.take("năm")
            return Cycle((0, 0), "cycle/month", "month", lag=lag)
    elif each and c.take("quý") and not _names_one(c):
        return Cycle((0, 0), "cycle/quarter", "quarter", rough=True)
    c.position = before
    return None


def _names_one(c: Cursor) -> bool:
    return c.token.kind is Kind.NUMBER or c.at("i", "ii", "iii", "iv")


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
        if c.take("quý") and not _names_one(c):
            c.phrase(OF_THE_REPORT)
            lag = 1 if c.phrase(FOLLOWING) else 0
            c.phrase(OF_THE_REPORT)
            months = _QUARTER_MONTHS[which]
            return Cycle((0, 0), "cycle/quarter-month", "quarter", months=months, lag=lag)
    c.position = before
    return None


# --- "cuối tháng", "tuần cuối hàng tháng" --------------------------------------------------------


def _edges(c: Cursor) -> list[Cycle] | None:
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
    unit = _UNITS.get(c.token.word)
    c.position += 1
    if unit is None or _names_one(c) or c.at("học") or (unit == "year" and not each):
        return None
    c.phrase(OF_THE_REPORT)
    return _edge(unit, which, by=by)


def _edge(unit: CycleUnit, which: str, *, by: bool) -> list[Cycle] | None:
    rough = which != "cuối" or unit == "week"
    if unit == "month":
        opens = {"đầu": 1, "giữa": 11, "cuối": 21}[which]
        days = (_MONTH_PART_ENDS[which],)
        return [Cycle((0, 0), "cycle/month-part", "month", days=days, opens=None if by else opens, rough=rough)]
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
    """"tuần cuối hàng tháng", "tuần đầu tiên của mỗi tháng"."""
    c.position += 1
    week = ordinal(c)
    c.take("của", "trong")
    each = c.phrase(EACH)
    if week is None or not 0 <= week <= 4:
        return None
    opens, day = ((week - 1) * 7 + 1, week * 7) if week else (22, -1)
    if week < 2 and c.take("quý") and not _names_one(c):
        months = _QUARTER_MONTHS["đầu" if week else "cuối"]
        return [Cycle((0, 0), "cycle/quarter-week", "quarter", days=(day,), months=months, rough=True)]
    if not c.take("tháng") or _names_one(c) or c.at("đầu", "cuối", "giữa") or (not each and c.at("một", "hai")):
        return None
    return [Cycle((0, 0), "cycle/month-week", "month", days=(day,), opens=opens, rough=True)]


def _last_day(c: Cursor, *, before: bool) -> list[Cycle] | None:
    """"ngày cuối tháng", "ngày làm việc cuối cùng của quý", "ngày đầu hàng tháng"."""
    working = c.sequence("làm", "việc")
    which = c.token.word
    if which not in ("cuối", "đầu"):
        return None
    c.position += 1
    c.take("cùng", "tiên")
    c.take("của", "trong")
    each = bool(c.phrase(EACH))
    unit = _UNITS.get(c.token.word)
    c.position += 1
    if unit not in ("month", "quarter", "year") or _names_one(c) or (unit == "year" and not each):
        return None
    day = -1 if which == "cuối" else 1
    months: tuple[int, ...] = ()
    if unit != "month":
        months = _QUARTER_MONTHS[which] if unit == "quarter" else ((12,) if day < 0 else (1,))
    name = "cycle/working-day" if working else "cycle/edge-day"
    return [Cycle((0, 0), name, unit, days=(day,), months=months, before=before, working=working)]


# --- weekdays ------------------------------------------------------------------------------------


def _weekdays(c: Cursor) -> list[Cycle] | None:
    """"Thứ 2, thứ 5 hàng tuần", "từ thứ Hai đến thứ Sáu", "thứ Sáu tuần cuối tháng"."""
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
        return [Cycle((0, 0), "cycle/month-weekday", "month", weekdays=days, week=week, clock=clock, before=before)]
    here = c.position
    c.take("của", "trong")
    if c.phrase(EACH) and c.take("tuần"):
        late = bool(c.phrase(FOLLOWING))
        return [Cycle((0, 0), "cycle/weekday", "week", weekdays=days, clock=clock, before=before, lag=int(late))]
    c.position = here
    if c.token.kind is Kind.NUMBER or c.at("ngày", ","):
        return None
    return [Cycle((0, 0), "cycle/weekday", "week", weekdays=days, clock=clock, before=before, pending=True)]


def _daily_clock(c: Cursor, clock: tuple[int, Span] | None) -> list[Cycle] | None:
    """"trước 16h hằng ngày"; no weekday is read here."""
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
    if again and token.kind is Kind.NUMBER and 2 <= token.value <= 7 and not c.at("/") and following.word != "/":
        c.position += 1
        return token.value - 2
    return None


def _which_week(c: Cursor) -> int | None:
    """"… tuần cuối [của] tháng", "… đầu tiên của tháng": 1, 2, …, -1 for the last."""
    before = c.position
    c.take("của")
    c.take("tuần")
    week = ordinal(c) if not c.at("hàng", "mỗi", "tháng") else None
    c.take("của", "trong")
    each = bool(c.phrase(EACH))
    if week is not None and 0 <= week <= 4 and c.take("tháng") and (each or not _names_one(c)):
        return week or -1
    c.position = before
    return None


def _day_stretch(day: int, at: Span) -> Stretch:
    return Stretch(Period("day", day, at))
