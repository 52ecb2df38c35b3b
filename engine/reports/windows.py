"""Reporting windows (kỳ báo cáo): from which day to which a report's figures are taken.

Nghị định 09/2019/NĐ-CP, Điều 12: a month is counted from the 15th of the month before to the 14th;
quarter, half-year and year likewise from the 15th of the month before they begin to the 14th of their last
month. A plan may close on another day of the month (``Reporting``).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.model.plan import Reporting

BY_DECREE = Reporting(closes_on=14, send_before=None)
"""Nghị định 09/2019/NĐ-CP, Điều 12."""


class Kind(StrEnum):
    """How long a window is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    OWN = "own"


MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}

_NAMED = re.compile(r"(\d{4})(?:-(?:(\d{2})|[Qq]([1-4])|[Hh]([12])))?")
_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Window:
    """From ``first`` to ``last``, both included. ``number`` is the month, quarter or half of ``year``;
    ``send_before`` the day before which the report is to be sent, where somebody set one."""

    kind: Kind
    year: int
    number: int
    first: date
    last: date
    send_before: date | None = None

    @property
    def title(self) -> str:
        """ "tháng 6 năm 2023", "6 tháng đầu năm 2023", "từ 01/02/2023 đến 15/03/2023"."""
        match self.kind:
            case Kind.MONTH:
                return f"tháng {self.number} năm {self.year}"
            case Kind.QUARTER:
                return f"quý {_ROMAN[self.number - 1]} năm {self.year}"
            case Kind.HALF:
                return f"6 tháng {'đầu' if self.number == 1 else 'cuối'} năm {self.year}"
            case Kind.YEAR:
                return f"năm {self.year}"
            case Kind.OWN:
                return self.days

    @property
    def days(self) -> str:
        """ "từ 15/12/2022 đến 14/06/2023"."""
        return f"từ {self.first:%d/%m/%Y} đến {self.last:%d/%m/%Y}"

    @property
    def name(self) -> str:
        """As ``named`` reads it; two days for a window of one's own."""
        match self.kind:
            case Kind.MONTH:
                return f"{self.year}-{self.number:02}"
            case Kind.QUARTER:
                return f"{self.year}-Q{self.number}"
            case Kind.HALF:
                return f"{self.year}-H{self.number}"
            case Kind.YEAR:
                return f"{self.year}"
            case Kind.OWN:
                return f"{self.first.isoformat()}..{self.last.isoformat()}"


def window(kind: Kind, year: int, number: int = 1, rule: Reporting = BY_DECREE) -> Window:
    """The window of a kind by number. ValueError for a number that the year does not have."""
    months = MONTHS[kind]
    if not 1 <= number <= 12 // months or not 1900 <= year <= 9000:
        raise ValueError(f"{kind} {number}/{year}")
    end = number * months
    last = _closing(year, end, rule)
    first = _closing(*_months_before(year, end, months), rule) + timedelta(days=1)
    send = None
    if rule.send_before is not None:
        send = _day_of(last.year, last.month, rule.send_before)
        if send <= last:
            send = _day_of(*_months_before(last.year, last.month, -1), rule.send_before)
    return Window(kind, year, number, first, last, send)


def named(text: str, rule: Reporting = BY_DECREE) -> Window | None:
    """The window called "2023-06", "2023-Q2", "2023-H1" or "2023"; None for other texts."""
    match = _NAMED.fullmatch(text.strip())
    if match is None:
        return None
    year, month, quarter, half = (int(group) if group else None for group in match.groups())
    kinds = ((Kind.MONTH, month), (Kind.QUARTER, quarter), (Kind.HALF, half), (Kind.YEAR, 1))
    kind, number = next((kind, number) for kind, number in kinds if number is not None)
    try:
        return window(kind, year or 0, number or 0, rule)
    except ValueError:
        return None


def own(first: date, last: date) -> Window:
    """From one day to another. ValueError when they are the wrong way round."""
    if last < first:
        raise ValueError(f"{first} > {last}")
    return Window(Kind.OWN, last.year, 1, first, last)


def recognised(first: date, last: date, rule: Reporting = BY_DECREE) -> Window:
    """The named window with exactly these days, else a window of one's own. ValueError as ``own``."""
    for kind, months in MONTHS.items():
        for year in (last.year, last.year + 1):
            for number in range(1, 12 // months + 1):
                found = window(kind, year, number, rule)
                if (found.first, found.last) == (first, last):
                    return found
    return own(first, last)


def holding(kind: Kind, day: date, rule: Reporting = BY_DECREE) -> Window:
    """The window of a kind that ``day`` falls in."""
    for year in (day.year, day.year + 1):
        for number in range(1, 12 // MONTHS[kind] + 1):
            found = window(kind, year, number, rule)
            if found.first <= day <= found.last:
                return found
    raise ValueError(f"{kind} {day}")


def before(current: Window, rule: Reporting = BY_DECREE) -> Window:
    """The window just before: of the same kind, or as many days for one's own."""
    if current.kind is Kind.OWN:
        length = current.last - current.first
        last = current.first - timedelta(days=1)
        return Window(Kind.OWN, last.year, 1, last - length, last)
    if current.number > 1:
        return window(current.kind, current.year, current.number - 1, rule)
    return window(current.kind, current.year - 1, 12 // MONTHS[current.kind], rule)


def _closing(year: int, month: int, rule: Reporting) -> date:
    return _day_of(year, month, rule.closes_on)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _months_before(year: int, month: int, months: int) -> tuple[int, int]:
    count = year * 12 + month - 1 - months
    return count // 12, count % 12 + 1
