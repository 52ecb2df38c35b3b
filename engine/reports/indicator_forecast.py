"""Where an indicator will stand at the end of its plan's year if it goes on as now; the method is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from engine.model.plan import Indicator
from engine.numbers import rounded, written

_MONTH = Decimal(365) / 12
_MOST = Decimal(100)
_PLACES = 1


class Point(Protocol):
    """A figure at the end of its window."""

    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...

    @property
    def value(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Forecast:
    """``value`` on ``day`` in the indicator's own unit; None where nothing can be said, and ``method`` then
    says why."""

    value: Decimal | None
    day: date
    method: str


def forecast(indicator: Indicator, points: Sequence[Point], year: int) -> Forecast:
    """By ``points`` in the order of their windows, to 31 December of ``year``.

    A cumulative count: by the share of the year that its last window ends after. Everything else: on the
    straight line through the last two windows, never below 0, a percentage never above 100.
    """
    end = date(year, 12, 31)
    known = [point for point in points if point.last.year >= year or indicator.cumulative]
    ends = {point.last: point for point in known}
    line = [ends[day] for day in sorted(ends)]
    if not line:
        return Forecast(None, end, "Chưa dự báo được: chưa có số liệu")
    latest = line[-1]
    if latest.last >= end:
        return Forecast(latest.value, end, f"Số liệu đến {latest.last:%d/%m/%Y}, không cần dự báo")
    if indicator.cumulative:
        return _by_elapsed_share(latest, end)
    if len(line) < 2:
        return Forecast(None, end, "Chưa dự báo được: mới có số liệu của một kỳ")
    return _on_the_line(indicator, line[-2], latest, end)


def _by_elapsed_share(latest: Point, end: date) -> Forecast:
    begin = date(end.year, 1, 1)
    elapsed, whole = (latest.last - begin).days + 1, (end - begin).days + 1
    if elapsed <= 0:
        return Forecast(None, end, "Chưa dự báo được: chưa có số liệu của năm")
    value = latest.value * whole / elapsed
    percent = written(Decimal(100) * elapsed / whole, 0)
    return Forecast(value, end, f"Theo số lũy kế đến {latest.last:%d/%m/%Y}, {percent} % thời gian của năm")


def _on_the_line(indicator: Indicator, before: Point, latest: Point, end: date) -> Forecast:
    days = (latest.last - before.last).days
    daily = (latest.value - before.value) / days
    value = max(Decimal(0), latest.value + daily * (end - latest.last).days)
    if indicator.in_percent:
        value = min(_MOST, value)
    monthly = rounded(daily * _MONTH, _PLACES)
    since = f"từ {before.last:%d/%m} đến {latest.last:%d/%m/%Y}"
    if not monthly:
        return Forecast(value, end, f"Theo đà hiện tại: {since} không đổi")
    way = "tăng" if monthly > 0 else "giảm"
    unit = " điểm" if indicator.in_percent else ""
    method = f"Theo đà hiện tại: {since} {way} {written(abs(monthly), _PLACES)}{unit} mỗi tháng"
    return Forecast(value, end, method)
