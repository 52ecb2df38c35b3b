"""Rules that read named days and periods: "15/6/2022", "tháng 6-8/2022", "6 tháng đầu năm"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.deadlines.grammar.numeric_days import day_of_month, numeric_day
from engine.deadlines.grammar.years import is_year, slashed, with_year, year
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import ORDINALS, THE_ISSUE
from engine.deadlines.tree import Part, Period

_NOUNS_AFTER_NUMBER = frozenset("tháng ngày lần quý tuần năm buổi cuộc đợt giờ tin bài lượt học".split())
_PARTS: dict[str, Part] = {"đầu": "first", "giữa": "middle", "cuối": "last"}
_QUARTER_MONTHS: dict[str, Part] = {"đầu": "first_month", "giữa": "middle_month", "cuối": "last_month"}


def period(c: Cursor) -> Period | None:
    """One named day or period; None, with nothing read, where there is none."""
    before = c.position
    token = c.token
    if token.kind is Kind.NUMBER:
        found = _from_number(c)
    else:
        rule = _BY_WORD.get(token.word)
        found = rule(c) if rule else None
    if found is None:
        c.position = before
        return None
    return replace(found, at=(c.tokens[before].start, c.tokens[c.position - 1].end))


def _from_number(c: Cursor) -> Period | None:
    if is_year(c.token):
        return _bare_year(c)
    return numeric_day(c) or _opening(c) or _lonely(c)


def _bare_year(c: Cursor) -> Period | None:
    token = c.token
    c.position += 1
    if slashed(c.token) and c.ahead().kind is Kind.NUMBER:
        return None
    return Period("year", token.value, (0, 0))


def _opening(c: Cursor) -> Period | None:
    """ "6 tháng đầu năm 2023", "quý"-wise too; "9 tháng" alone is bare."""
    before = c.position
    number = c.number()
    if number is not None and c.at("tháng", "quý"):
        months = number * (3 if c.at("quý") else 1)
        c.position += 1
        ordinal = c.token.word
        if ordinal in ("đầu", "cuối"):
            c.position += 1
            c.take("tiên", "của")
            found, on = year(c)
            if found is None and on is None:
                c.take("năm")
            return Period(
                "closing" if ordinal == "cuối" else "opening", months, (0, 0), year=found, years_on=on
            )
        if months == number and c.token.word not in ("/", "một") and c.token.kind is not Kind.NUMBER:
            found, on = year(c)
            return Period("opening", months, (0, 0), year=found, years_on=on, bare=found is None)
    c.position = before
    return None


def _lonely(c: Cursor) -> Period | None:
    """A number whose noun stands further on: the 25 of "25-30/6"."""
    token = c.token
    value = c.number(words=False)
    if value is None or len(token.word) > 2 or c.token.word in _NOUNS_AFTER_NUMBER | {"/", "%", ")"}:
        return None
    return Period("number", value, (0, 0))


def _day(c: Cursor) -> Period | None:
    c.position += 1
    if edge := _edge_day(c):
        return edge
    c.take("mùng", "mồng")
    full = numeric_day(c)
    if full is not None:
        return full if full.unit == "day" else None
    number = c.number()
    if number is None or c.token.word in ("làm", "/"):
        return None
    after_day = c.position
    c.take("của")
    if c.take("tháng"):
        month = c.number()
        if month is not None and c.token.word != "lần":
            return day_of_month(c, number, month)
        if found := _day_of_quarter(c, number):
            return found
    c.position = after_day
    return Period("day", number, (0, 0))


def _day_of_quarter(c: Cursor, day: int) -> Period | None:
    """ "ngày 15 tháng cuối quý II/2024": ``month`` holds the quarter."""
    which = _QUARTER_MONTHS.get(c.token.word)
    c.position += 1
    c.take("cùng", "tiên")
    c.take("của")
    if which is None or not c.take("quý"):
        return None
    quarter = c.number(roman=True)
    if quarter is None:
        return None
    found = with_year(c, "quarter", quarter, which)
    return replace(found, unit="day", number=day, month=quarter, quarter_month=True)


def _edge_day(c: Cursor) -> Period | None:
    """ "ngày cuối cùng của tháng 6", "ngày làm việc cuối cùng của quý II", "ngày đầu tháng 7"."""
    before = c.position
    working = c.sequence("làm", "việc")
    which: Part | None = None
    if c.take("cuối"):
        c.take("cùng")
        which = "last_working_day" if working else "last_day"
    elif c.take("đầu") and not working:
        c.take("tiên")
        which = "first_day"
    if which:
        c.take("của", "trong")
        inner = period(c)
        if inner is not None and inner.unit in ("month", "quarter", "year") and inner.part is None:
            return replace(inner, part=which, bare=False)
    c.position = before
    return None


def _month(c: Cursor) -> Period | None:
    short = c.token.word == "t"
    c.position += 1
    if short:
        c.take(".")
        if c.token.kind is not Kind.NUMBER:
            return None
    elif c.token.word in _QUARTER_MONTHS and c.token.kind is Kind.WORD:
        return _month_of_quarter(c)
    number = c.number()
    if number is None or is_year(c.tokens[c.position - 1]) or c.token.word in ("lần", "tháng", "tin"):
        return None
    return with_year(c, "month", number)


def _month_of_quarter(c: Cursor) -> Period | None:
    """ "tháng cuối quý II/2024", "tháng cuối năm" (December)."""
    which = c.token.word
    c.position += 1
    c.take("tiên", "cùng")
    c.take("của")
    if c.take("quý"):
        number = c.number(roman=True)
        return None if number is None else with_year(c, "quarter", number, _QUARTER_MONTHS[which])
    if c.at("năm") and which in ("đầu", "cuối"):
        found, on = year(c)
        if found is None and on is None:
            c.position += 1
        return Period("month", 1 if which == "đầu" else 12, (0, 0), year=found, years_on=on)
    return None


def _quarter(c: Cursor) -> Period | None:
    c.position += 1
    c.take(".")
    number = c.number(roman=True)
    if number is None or is_year(c.tokens[c.position - 1]):
        return None
    return with_year(c, "quarter", number)


def _year_noun(c: Cursor) -> Period | None:
    c.position += 1
    if c.at("học", "lần", "ngày", "tháng"):
        return None
    if is_year(c.token):
        return _bare_year(c)
    if c.take("sau", "tới"):
        return Period("year", 0, (0, 0), years_on=1)
    c.take("nay", "này") or c.sequence("kế", "hoạch")
    return Period("year", 0, (0, 0), bare=True)


def _whole(c: Cursor) -> Period | None:
    c.position += 1
    return (
        replace(found, bare=False)
        if (found := period(c)) and found.unit in ("year", "quarter", "month")
        else None
    )


def _stage(c: Cursor) -> Period | None:
    """ "giai đoạn [từ] [năm] 2021-2025", "nhiệm kỳ 2020-2025": only the first year is read here."""
    if not (c.sequence("giai", "đoạn") or c.sequence("nhiệm", "kỳ")):
        return None
    c.take("từ")
    c.take("năm")
    return _bare_year(c) if is_year(c.token) else None


def _part(c: Cursor) -> Period | None:
    part = _PARTS[c.token.word]
    c.position += 1
    c.take("của", "cùng")
    inner = period(c)
    if inner is None or inner.part is not None or inner.unit not in ("month", "quarter", "year"):
        return None
    return replace(inner, part=part, bare=False)


def _half(c: Cursor) -> Period | None:
    c.position += 1
    if not c.at("đầu", "cuối", "sau"):
        return None
    part: Part = "first_half" if c.at("đầu") else "second_half"
    c.position += 1
    inner = period(c)
    if inner is None or inner.part is not None or inner.unit not in ("month", "year"):
        return None
    return replace(inner, part=part, bare=False)


def _week(c: Cursor) -> Period | None:
    """ "tuần đầu tháng 7", "tuần 2 tháng 4", "tuần thứ ba của tháng 5"; 0 is the last week."""
    c.position += 1
    number = ordinal(c)
    c.take("của", "trong")
    if number is None or not c.at("tháng", "t"):
        return None
    inner = _month(c)
    if inner is None or inner.unit != "month":
        return None
    return replace(inner, unit="week", number=number, month=inner.number)


def ordinal(c: Cursor) -> int | None:
    """Which week: đầu (1), cuối (0), thứ hai, 2, II."""
    if c.take("đầu"):
        c.take("tiên")
        return 1
    if c.take("cuối"):
        c.take("cùng")
        return 0
    if c.take("thứ") and c.token.word in ORDINALS:
        c.position += 1
        return ORDINALS[c.tokens[c.position - 1].word]
    return c.number(roman=True)


def _issue(c: Cursor) -> Period | None:
    return Period("issue", 0, (0, 0)) if c.phrase(THE_ISSUE) else None


def issue_or_period(c: Cursor) -> Period | None:
    """As ``period``, and "nay", "ngày ban hành Kế hoạch" after "từ"."""
    before = c.position
    found = _issue(c)
    if found is not None:
        return replace(found, at=(c.tokens[before].start, c.tokens[c.position - 1].end))
    return period(c)


_BY_WORD: dict[str, Callable[[Cursor], Period | None]] = {
    "ngày": _day,
    "mùng": _day,
    "mồng": _day,
    "tháng": _month,
    "t": _month,
    "quý": _quarter,
    "q": _quarter,
    "năm": _year_noun,
    "cả": _whole,
    "giai": _stage,
    "nhiệm": _stage,
    "đầu": _part,
    "giữa": _part,
    "cuối": _part,
    "nửa": _half,
    "tuần": _week,
    **dict.fromkeys(("hai", "ba", "bốn", "sáu", "bảy", "tám", "chín", "mười"), _opening),
}
