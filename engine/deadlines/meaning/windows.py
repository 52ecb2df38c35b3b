"""The stretches of days that the periods of a cell name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from engine.deadlines.meaning.calendar_days import DAY, Days, days_of, with_years
from engine.deadlines.meaning.setting import Setting
from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import Span, Stretch, Timed


def window(timed: Timed, setting: Setting) -> tuple[Days, ...]:
    """The stretches of days that the periods name, those that touch made one."""
    done: list[Days] = []
    for stretch in with_years(timed.stretches):
        found = _stretch(stretch, setting)
        if done and done[-1].first <= found.first <= done[-1].last + DAY:
            last = done[-1]
            done[-1] = Days(last.first, max(last.last, found.last), last.opens, last.rough or found.rough)
        else:
            done.append(found)
    return tuple(done)


def _stretch(stretch: Stretch, setting: Setting) -> Days:
    first = days_of(stretch.first, setting.anchor)
    if stretch.first.part == "last_working_day":
        first = _last_working_day(first, setting)
    if stretch.last is None:
        return first
    last = days_of(stretch.last, setting.anchor)
    end = last.first - DAY if stretch.short else last.last
    if end < first.first:
        raise Unreadable(
            "reversed",
            f"Khoảng thời gian kết thúc ({end:%d/%m/%Y}) trước khi bắt đầu ({first.first:%d/%m/%Y}).",
            "Hãy kiểm tra lại ngày, tháng, năm ở hai đầu.",
            (stretch.first.at[0], stretch.last.at[1]),
        )
    rough = (last.rough and stretch.last.part != "last") or (first.rough and stretch.first.part != "first")
    return Days(first.first, end, True, rough, first.notes + last.notes if rough else ())


def _last_working_day(days: Days, setting: Setting) -> Days:
    day = days.last
    calendar = setting.calendar
    if calendar is not None and calendar.covers(day.year) and calendar.covers((day + DAY).year):
        day = calendar.add_working_days(day + DAY, -1)
    else:
        while day.weekday() > 4:
            day -= DAY
    return replace(days, first=day, last=day)


def limits(windows: tuple[Timed, ...], setting: Setting) -> tuple[date | None, date | None, tuple[str, ...]]:
    """The first and the last day that the windows of a cell state."""
    start: date | None = None
    end: date | None = None
    notes: tuple[str, ...] = ()
    for each in windows:
        found = window(each, setting)
        notes += found[0].notes
        if each.op == "from":
            start = found[0].first
        elif each.op == "after":
            start = found[-1].last + DAY
        elif each.op == "before":
            end = found[0].first - DAY
        elif each.op == "by":
            end = found[-1].last
        else:
            start, end = found[0].first, found[-1].last
    return start, end, notes


def hour_of(clock: tuple[int, Span] | None) -> time | None:
    """The hour that a clock token names; 24h00 is 23:59. Unreadable when there is no such hour."""
    if clock is None:
        return None
    hour, minute = divmod(clock[0], 100)
    if (hour, minute) == (24, 0):
        return time(23, 59)
    if hour > 23 or minute > 59:
        raise Unreadable(
            "no-such-hour",
            f"Không có giờ {hour}h{minute:02}.",
            "Giờ chỉ từ 0h00 đến 24h00; hãy kiểm tra lại.",
            clock[1],
        )
    return time(hour, minute)
