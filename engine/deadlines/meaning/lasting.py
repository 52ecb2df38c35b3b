"""What goes on all the time or comes again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.deadlines.meaning.calendar_days import Days
from engine.deadlines.meaning.named import authority, plus
from engine.deadlines.meaning.repeating import recurring
from engine.deadlines.meaning.setting import Setting
from engine.deadlines.meaning.windows import hour_of, limits
from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import (
    Cycle,
    Cycles,
    CycleUnit,
    Steady,
    Timed,
)
from engine.model.deadline import Deadline, DeadlineKind


def steady(node: Steady, setting: Setting) -> Deadline:
    """All the while: from the plan's day (or the stated one) to the end of its year (or the stated day)."""
    start, end, notes = limits(node.window, setting)
    if start is None:
        start = setting.floor if end is None or setting.floor <= end else date(end.year, 1, 1)
    if end is None:
        end = setting.close if start <= setting.close else date(start.year, 12, 31)
    if end < start:
        raise Unreadable(
            "reversed", "Thời gian kết thúc trước khi bắt đầu.", "Hãy kiểm tra lại ngày, tháng, năm.", node.at
        )
    return Deadline(
        DeadlineKind.CONTINUOUS, setting.words(node.at), start=start, end=end, rule=node.rule, notes=notes,
        plus_event=plus(node.event, setting),
        authority=authority(node.authority, setting) if node.authority else None,
    )  # fmt: skip


def cycles(node: Cycles, setting: Setting) -> Deadline:
    """Again and again, with the due days in the plan year and the stated window."""
    start, end, notes = limits(node.window, setting)
    first, last = _plan_days(start, end, setting)
    clock = next((cycle.clock for cycle in node.cycles if cycle.clock), None)
    read = recurring(node.cycles, (first, last), setting.rolled, inclusive=setting.inclusive)
    alt_kind = DeadlineKind.CONTINUOUS if node.steady else None
    return replace(
        read, text=setting.words(node.at), start=start, end=end, due_time=hour_of(clock), rule=node.rule,
        notes=read.notes + notes, plus_event=plus(node.event, setting),
        authority=authority(node.authority, setting) if node.authority else None,
        alt_kind=DeadlineKind.EXTERNAL if node.authority else alt_kind,
    )  # fmt: skip


def _plan_days(start: date | None, end: date | None, setting: Setting) -> tuple[date, date]:
    """The days in which due days are wanted: the plan year, from its issue on, within the stated window."""
    if end is not None and start is not None and end < start:
        return start, end
    if start is not None and end is not None and (start > setting.close or end.year < setting.plan_year):
        return start, end
    first = max(setting.floor, start) if start is not None else setting.floor
    if start is not None and start > setting.close:
        return start, date(start.year, 12, 31)
    return first, (min(setting.close, end) if end is not None else setting.close)


def recurring_from_periods(node: Timed, found: tuple[Days, ...], setting: Setting) -> Deadline:
    """Months or quarters named one by one, or "và các tháng tiếp theo": due at the end of each."""
    first = found[0].first
    if node.onward:
        last = setting.close if first <= setting.close else date(first.year, 12, 31)
        start: date | None = first
        days = (max(first, setting.floor), last)
        alt = DeadlineKind.CONTINUOUS
    else:
        start, last = None, found[-1].last
        days = (setting.floor if setting.floor.year == first.year else date(first.year, 1, 1), last)
        alt = DeadlineKind.DATE
    read = recurring((_cycle_of_periods(node),), days, setting.rolled, inclusive=setting.inclusive)
    return replace(read, text=setting.words(node.at), start=start, rule=node.rule, alt_kind=alt)


def _cycle_of_periods(node: Timed) -> Cycle:
    named = node.stretches[0].first.unit
    unit: CycleUnit = "quarter" if named == "quarter" else "year" if named == "year" else "month"
    months: tuple[int, ...] = ()
    if not node.onward:
        size = 3 if unit == "quarter" else 1
        months = tuple(sorted({stretch.first.number * size for stretch in node.stretches}))
    return Cycle(node.at, node.rule, unit, days=(-1,), months=months)
