"""Named periods of the calendar → first and last day, with the checks that such days exist."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import Period, Span, Stretch

DAY = timedelta(days=1)
_WEEKDAY_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_NEARLY_A_YEAR = 3  # months by which the beginning has to lie behind the end for a range over New Year
_FARTHEST = 30  # years between a plan and a date in it


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of days. ``opens`` False: only the end counts ("cuối quý III"). ``notes``: Vietnamese."""

    first: date
    last: date
    opens: bool = True
    rough: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anchor:
    """What open years and "nay" mean: the plan's year and the day from which it counts."""

    year: int
    today: date


def with_years(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    """A period without a year takes the year of the one behind it ("Từ 15/5 đến 15/6/2023").

    In a range that would run backwards it takes the year before ("tháng 11 đến tháng 3/2024"), and
    the end of a range with no year at all takes the year after ("tháng 11 đến tháng 3").
    """
    year: int | None = None
    years_on: int | None = None
    done: list[Stretch] = []
    for stretch in reversed(stretches):
        last = None if stretch.last is None else _filled(stretch.last, year, years_on)
        if last is not None:
            year, years_on = _year_of(last) or year, last.years_on
        first = _filled(stretch.first, year, years_on)
        if (
            last is not None
            and stretch.first.year is None
            and stretch.first.years_on is None
            and _backwards(first, last)
        ):
            first, last = _over_new_year(first, last)
        year, years_on = _year_of(first) or year, first.years_on
        done.append(Stretch(first, last, stretch.short))
    return tuple(reversed(done))


def _backwards(first: Period, last: Period) -> bool:
    """Runs backwards within one year; by a little is more likely a slip ("từ 30/6 đến 15/5")."""
    if first.unit in ("year", "issue"):
        return False
    return _order(first) > _order(last) and _order(first)[0] - _order(last)[0] >= _NEARLY_A_YEAR


def _over_new_year(first: Period, last: Period) -> tuple[Period, Period]:
    if last.year is not None:
        return replace(first, year=last.year - 1), last
    if last.years_on:
        return replace(first, years_on=last.years_on - 1), last
    return first, replace(last, years_on=1)


def _filled(p: Period, year: int | None, on: int | None) -> Period:
    if p.year is None and p.unit != "year" and p.years_on is None:
        return replace(p, year=year, years_on=None if year else on)
    return p


def _year_of(p: Period) -> int | None:
    return p.number or None if p.unit == "year" else p.year


def _order(p: Period) -> tuple[int, int]:
    """Month and day at which a period stands in its year; years are compared elsewhere."""
    if p.unit == "day":
        return p.month or 0, p.number
    if p.unit == "month":
        return p.number, 0
    if p.unit == "quarter":
        return p.number * 3 - 2, 0
    return (
        (0, 0)
        if p.unit in ("opening", "issue")
        else (13, 0)
        if p.unit in ("year", "closing")
        else (p.month or 0, 0)
    )


def days_of(p: Period, anchor: Anchor) -> Days:
    """The first and last day of a period; Unreadable when there is no such day, month or quarter."""
    if p.unit == "issue":
        return Days(anchor.today, anchor.today)
    year = _checked_year(p, anchor)
    if p.unit == "day":
        day = _day(p, year)
        return Days(day, day)
    whole = _whole(p, year)
    return _part(p, whole) if p.part else whole


def _checked_year(p: Period, anchor: Anchor) -> int:
    year = _year_of(p) or anchor.year + (p.years_on or 0)
    if abs(year - anchor.year) > _FARTHEST:
        raise Unreadable(
            "year-out-of-range",
            f"Năm {year} quá xa năm {anchor.year} của kế hoạch.",
            "Hãy kiểm tra lại năm.",
            p.at,
        )
    return year


def _day(p: Period, year: int) -> date:
    if p.quarter_month:
        whole = _whole(replace(p, unit="quarter", number=p.month or 0, part=None), year)
        month = _part(replace(p, unit="quarter"), whole)
        p = replace(p, month=month.first.month)
    if p.month is None:
        raise Unreadable(
            "missing-month",
            f"Có ngày {p.number} nhưng không có tháng.",
            "Hãy ghi đủ ngày và tháng (ví dụ: 15/6), hoặc “hằng tháng” nếu lặp lại.",
            p.at,
        )
    _checked(p.month, 12, "no-such-month", "tháng", p.at)
    if not 1 <= p.number <= monthrange(year, p.month)[1]:
        raise Unreadable(
            "no-such-day",
            f"Không có ngày {p.number}/{p.month}/{year}.",
            f"Tháng {p.month}/{year} có {monthrange(year, p.month)[1]} ngày; hãy kiểm tra lại ngày.",
            p.at,
        )
    found = date(year, p.month, p.number)
    if p.weekday is not None and p.weekday != found.weekday():
        raise Unreadable(
            "weekday-differs",
            f"Ngày {found:%d/%m/%Y} là {_WEEKDAY_NAMES[found.weekday()]}, không phải thứ đã ghi.",
            "Hãy kiểm tra lại thứ và ngày.",
            p.at,
        )
    return found


def _checked(number: int, highest: int, code: str, noun: str, at: Span) -> None:
    if not 1 <= number <= highest:
        raise Unreadable(
            code, f"Không có {noun} {number}.", f"{noun.capitalize()} chỉ từ 1 đến {highest}.", at
        )


def _whole(p: Period, year: int) -> Days:
    first_month, last_month = 1, 12
    if p.unit in ("month", "week"):
        first_month = last_month = p.number if p.unit == "month" else (p.month or 0)
        _checked(first_month, 12, "no-such-month", "tháng", p.at)
    elif p.unit == "quarter":
        _checked(p.number, 4, "no-such-quarter", "quý", p.at)
        first_month, last_month = p.number * 3 - 2, p.number * 3
    elif p.unit == "opening":
        _checked(p.number, 12, "no-such-month", "số tháng", p.at)
        last_month = p.number
    elif p.unit == "closing":
        _checked(p.number, 12, "no-such-month", "số tháng", p.at)
        first_month = 13 - p.number
    first = date(year, first_month, 1)
    last = date(year, last_month, monthrange(year, last_month)[1])
    return _week(p, Days(first, last)) if p.unit == "week" else Days(first, last)


def _week(p: Period, month: Days) -> Days:
    """Weeks of a month: 1–7, 8–14, …; the last is the last seven days."""
    _checked(p.number or 1, 5, "no-such-week", "tuần trong tháng", p.at)
    if p.number == 0:
        found = Days(month.last - 6 * DAY, month.last)
    else:
        first = month.first + (p.number - 1) * 7 * DAY
        if first > month.last:
            raise Unreadable("no-such-week", "Tháng này không có tuần thứ 5.", "Hãy kiểm tra lại tuần.", p.at)
        found = Days(first, min(first + 6 * DAY, month.last))
    note = f"Tuần trong tháng được hiểu là từ {found.first:%d/%m/%Y} đến {found.last:%d/%m/%Y}."
    return replace(found, rough=True, notes=(note,))


def _month_of(whole: Days, index: int) -> Days:
    """The ``index``-th month (0 the first, -1 the last) of a longer period."""
    month = whole.first.month + index if index >= 0 else whole.last.month + 1 + index
    return Days(
        date(whole.first.year, month, 1),
        date(whole.first.year, month, monthrange(whole.first.year, month)[1]),
    )


def _part(p: Period, whole: Days) -> Days:
    edges = _edges(p, whole)
    if edges is not None:
        return edges
    found = _thirds(p, whole)
    if not found.rough:
        return found
    note = (
        f"Mốc đầu/giữa/cuối kỳ được hiểu là từ {found.first:%d/%m/%Y} đến {found.last:%d/%m/%Y}; "
        "cần người soạn xác nhận."
    )
    return replace(found, notes=(note,))


def _edges(p: Period, whole: Days) -> Days | None:
    match p.part:
        case "first_day":
            return Days(whole.first, whole.first)
        case "last_day" | "last_working_day":
            return Days(whole.last, whole.last)
        case "first_month":
            return _month_of(whole, 0)
        case "middle_month":
            return _month_of(whole, 1)
        case "last_month":
            return _month_of(whole, -1)
        case "first_half" if p.unit == "month":
            return Days(whole.first, whole.first.replace(day=15))
        case "second_half" if p.unit == "month":
            return Days(whole.first.replace(day=16), whole.last)
        case "first_half":
            return Days(whole.first, whole.first.replace(month=6, day=30))
        case "second_half":
            return Days(whole.first.replace(month=7), whole.last)
    return None


def _thirds(p: Period, whole: Days) -> Days:
    """Đầu/giữa/cuối: thirds of a month, months of a quarter; the end of a quarter or year is its last day."""
    if p.unit == "month":
        first = {"first": 1, "middle": 11}.get(p.part or "", 21)
        last = {"first": 10, "middle": 20}.get(p.part or "", whole.last.day)
        return Days(whole.first.replace(day=first), whole.first.replace(day=last), rough=True)
    if p.part == "last":
        return replace(whole, opens=False)
    if p.unit == "quarter":
        return replace(_month_of(whole, 0 if p.part == "first" else 1), rough=True)
    year = whole.first.year
    if p.part == "first":
        return Days(whole.first, date(year, 3, 31), rough=True)
    return Days(date(year, 5, 1), date(year, 6, 30), rough=True)
