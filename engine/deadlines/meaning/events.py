"""What is due once something happens, and days counted from a known day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from engine.deadlines.meaning.calendar_days import DAY
from engine.deadlines.meaning.named import authority, is_own, trigger
from engine.deadlines.meaning.setting import Setting
from engine.deadlines.meaning.windows import window
from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import Count, Event
from engine.model.deadline import DayUnit, Deadline, DeadlineKind, Offset
from engine.workdays import MissingYear


def event(node: Event, setting: Setting) -> Deadline:
    """Once something happens; a date where what happens is the issue of this plan, or a known day."""
    if node.rule == "count-without-anchor":
        raise Unreadable(
            "missing-anchor",
            "Có số ngày nhưng không rõ tính từ ngày nào.",
            "Hãy ghi thêm, ví dụ “kể từ ngày ban hành Kế hoạch” hoặc “kể từ khi nhận được văn bản”.",
            node.at,
        )
    count = node.count
    if node.anchor is not None and count is not None:
        days = window(node.anchor, setting)[0]
        return _counted(node, count, days.last if count.days > 0 else days.first, setting)
    own = is_own(node, setting)
    issued = setting.issued or setting.counts_from
    if own and issued is not None:
        if count is not None and count.days > 0:
            return _counted(node, count, issued, setting)
        if count is None and setting.words(node.at).casefold().startswith("ngay"):
            return _at_issue(node, issued, setting)
    unit = DayUnit.WORKING if count is not None and count.working else DayUnit.CALENDAR
    return Deadline(
        DeadlineKind.EVENT, setting.words(node.at), trigger=trigger(node, own=own, setting=setting),
        relation=node.relation, offset=Offset(count.days, unit) if count else None, rule=node.rule,
        ambiguous=node.rule == "at-once" or (count is not None and bool(count.months)),
        authority=authority(node.authority, setting) if node.authority else None,
    )  # fmt: skip


def _at_issue(node: Event, issued: date, setting: Setting) -> Deadline:
    return Deadline(
        DeadlineKind.DATE,
        setting.words(node.at),
        due=issued,
        rolled=setting.rolled(issued),
        alt_kind=DeadlineKind.EVENT,
        ambiguous=True,
        rule="at-issue",
        notes=("“Ngay sau khi ban hành” được hiểu là chính ngày ban hành; cần người soạn xác nhận.",),
    )


def _counted(node: Event, count: Count, day: date, setting: Setting) -> Deadline:
    """N days from a known day, which is not counted itself (Bộ luật Dân sự 2015, Điều 147)."""
    due = _months_later(day, count.months) if count.months else day + count.days * DAY
    if count.working:
        due = _working_days_later(node, count, day, setting)
    unit = DayUnit.WORKING if count.working else DayUnit.CALENDAR
    span = count.days if count.working else (due - day).days
    notes: tuple[str, ...] = ()
    if count.rough and not count.months:
        notes = (f"“Sau {abs(count.days)} ngày” được hiểu là hạn vào ngày {due:%d/%m/%Y}; cần xác nhận.",)
    return Deadline(
        DeadlineKind.DATE,
        setting.words(node.at),
        due=due,
        rolled=setting.rolled(due),
        offset=Offset(span, unit),
        basis="issued" if node.anchor is None else "day",
        ambiguous=bool(notes),
        rule=node.rule,
        notes=notes,
    )


def _working_days_later(node: Event, count: Count, day: date, setting: Setting) -> date:
    try:
        if setting.calendar is not None and setting.calendar.covers(day.year):
            return setting.calendar.add_working_days(day, count.days)
    except MissingYear:
        pass
    raise Unreadable(
        "calendar-missing",
        f"Chưa có lịch làm việc năm {day.year} để tính {abs(count.days)} ngày làm việc.",
        "Hãy bổ sung ngày nghỉ của năm đó vào lịch làm việc.",
        node.at,
    )


def _months_later(day: date, months: int) -> date:
    serial = day.year * 12 + day.month - 1 + months
    year, month = divmod(serial, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
