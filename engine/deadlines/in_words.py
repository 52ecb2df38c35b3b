"""A deadline as people read it: what was understood, which days, what was moved and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.model.deadline import DayUnit, Deadline, DeadlineKind
from engine.workdays import MissingYear, WorkCalendar

KIND_WORDS = {
    DeadlineKind.DATE: "xong trong một ngày hạn",
    DeadlineKind.RECURRING: "lặp lại theo kỳ",
    DeadlineKind.CONTINUOUS: "thường xuyên, không có một ngày hạn",
    DeadlineKind.EVENT: "khi một việc xảy ra",
    DeadlineKind.EXTERNAL: "do văn bản khác ấn định",
    DeadlineKind.MILESTONES: "nhiều mốc trong một ô",
    DeadlineKind.UNSPECIFIED: "ô trống, chưa có thời hạn",
    DeadlineKind.INVALID: "chưa hiểu được",
}
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_MOST_DAYS = 12
_LABEL = 15


def deadline_lines(deadline: Deadline, calendar: WorkCalendar) -> Iterator[str]:
    """The lines of the answer, the innermost milestones indented."""
    yield f"“{deadline.text}”"
    for label, words in deadline_facts(deadline, calendar):
        yield f"  {label + ':':<{_LABEL}} {words}"
    for number, milestone in enumerate(deadline.milestones, start=1):
        yield f"  Mốc {number}:"
        for line in deadline_lines(milestone, calendar):
            yield f"    {line}"


def problem_lines(text: str, problem: Mapping[str, Any]) -> Iterator[str]:
    """A problem of a cell, with the words that it is about marked underneath."""
    hint = f" → {problem['hint']}" if problem.get("hint") else ""
    yield f"{problem['message']}{hint}"
    start, end = problem["start"], problem["end"]
    if "\n" not in text and 0 <= start < end <= len(text) and end - start < len(text):
        yield f"  {text}"
        yield f"  {' ' * start}{'^' * (end - start)}"


def short_words(deadline: Deadline) -> str:
    """The deadline in a few words, for a column: a day, a number of periods, or its kind."""
    if deadline.kind is DeadlineKind.DATE and deadline.due:
        moved = deadline.rolled if deadline.rolled != deadline.due else None
        return _day(deadline.due) + (f" → {_day(moved)}" if moved else "")
    if deadline.kind is DeadlineKind.RECURRING and deadline.occurrences:
        return f"{len(deadline.occurrences)} kỳ"
    if deadline.kind is DeadlineKind.MILESTONES:
        return "; ".join(short_words(m) for m in deadline.milestones)
    return {
        DeadlineKind.CONTINUOUS: "thường xuyên",
        DeadlineKind.RECURRING: "thường xuyên",
        DeadlineKind.EVENT: f"khi {deadline.trigger}" if deadline.trigger else "theo sự kiện",
        DeadlineKind.EXTERNAL: f"theo {deadline.authority}" if deadline.authority else "văn bản khác",
    }.get(deadline.kind, "chưa có")


def deadline_facts(deadline: Deadline, calendar: WorkCalendar) -> Iterator[tuple[str, str]]:
    """What was understood, as pairs of a label and the words; milestones are left to the caller."""
    yield "Hiểu là", KIND_WORDS[deadline.kind]
    if deadline.start:
        yield "Bắt đầu", _weekday(deadline.start)
    if deadline.due:
        at = f"{deadline.due_time:%H:%M} " if deadline.due_time else ""
        yield "Thời hạn", at + _weekday(deadline.due)
        yield from _rolling(deadline.due, deadline.rolled, calendar)
    if deadline.end:
        yield "Đến hết", _weekday(deadline.end)
    if deadline.occurrences:
        yield "Các kỳ", _days([o.due for o in deadline.occurrences])
    if deadline.times_per_period:
        yield "Số lần", f"{deadline.times_per_period} lần mỗi kỳ"
    yield from _conditions(deadline)
    if deadline.ambiguous:
        other = f"; cách hiểu khác: {_weekday(deadline.alt_due)}" if deadline.alt_due else ""
        yield "Lưu ý", f"chữ có thể hiểu nhiều cách{other}; nên ghi rõ ngày"
    elif deadline.alt_due:
        yield "Cách hiểu khác", _weekday(deadline.alt_due)
    for each in deadline.notes:
        yield "Ghi chú", each
    if deadline.rule and deadline.kind is not DeadlineKind.INVALID:
        yield "Quy tắc đọc", deadline.rule


def _conditions(deadline: Deadline) -> Iterator[tuple[str, str]]:
    if deadline.trigger:
        yield "Sự kiện", deadline.trigger
    if deadline.plus_event:
        yield "Và khi", deadline.plus_event
    if deadline.offset:
        unit = "ngày làm việc" if deadline.offset.unit is DayUnit.WORKING else "ngày"
        side = "sau" if deadline.offset.days >= 0 else "trước"
        yield "Khoảng", f"{abs(deadline.offset.days)} {unit} {side} sự kiện"
    if deadline.authority:
        yield "Theo", deadline.authority


def _rolling(due: date, rolled: date | None, calendar: WorkCalendar) -> Iterator[tuple[str, str]]:
    if rolled is None:
        yield "Ngày nghỉ", f"lịch chưa có năm {due.year} nên chưa biết có phải lùi hạn không"
    elif rolled != due:
        try:
            why = calendar.reason_off(due)
        except MissingYear:
            why = None
        yield "Lùi đến", f"{_weekday(rolled)}, vì ngày hạn là ngày nghỉ" + (f" ({why})" if why else "")


def _days(days: list[date]) -> str:
    shown = ", ".join(_day(day) for day in days[:_MOST_DAYS])
    return f"{len(days)} kỳ: {shown}" + (f", … {_day(days[-1])}" if len(days) > _MOST_DAYS else "")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _weekday(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"
