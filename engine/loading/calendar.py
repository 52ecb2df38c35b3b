"""``rules/calendar.yaml`` → the working-day calendar, with every problem found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from engine.errors import Problem
from engine.loading.report import Loc, Report
from engine.loading.strict_yaml import read_strict
from engine.loading.validate import Flag, SmallInt, StrictModel, Text, VietnameseDate, validate
from engine.workdays import WorkCalendar

_SATURDAY = 5


class DayEntry(StrictModel):
    date: VietnameseDate = Field(title="Ngày", description="ngày/tháng/năm")
    name: Text = Field(title="Tên", description="Ngày gì, hoặc làm bù cho ngày nào")
    source: Text = Field(title="Căn cứ", description="Điều luật, quyết định, thông báo")


class YearEntry(StrictModel):
    year: Annotated[SmallInt, Field(ge=1990, le=2100)] = Field(title="Năm")
    source: Text = Field(title="Căn cứ", description="Thông báo nghỉ lễ, tết của năm")
    provisional: Flag = Field(False, title="Tạm tính", description="Lịch của năm chưa được công bố đầy đủ")
    days_off: list[DayEntry] = Field(
        title="Ngày nghỉ", description="Ngày nghỉ lễ, nghỉ bù, nghỉ hoán đổi rơi vào thứ Hai đến thứ Sáu"
    )
    working_days: list[DayEntry] = Field(
        default_factory=list, title="Ngày làm bù", description="Thứ Bảy, Chủ nhật phải đi làm"
    )


class CalendarSchema(StrictModel):
    """Lịch làm việc: ngày nghỉ và ngày làm bù của từng năm."""

    years: list[YearEntry] = Field(min_length=1, title="Các năm")


def load_calendar(data: bytes, file: str) -> tuple[WorkCalendar | None, tuple[Problem, ...]]:
    """The calendar in ``data``; None when the file has an error. Warnings come with a calendar."""
    document = read_strict(data, file)
    content, found = validate(CalendarSchema, document, file)
    if content is None:
        return None, found
    report = Report(file, document)
    _check(content, report)
    problems = (*found, *report.problems)
    if report.has_errors:
        return None, problems
    calendar = WorkCalendar(
        days_off={day.date: day.name for _, day in _entries(content, "days_off")},
        working_saturdays=frozenset(day.date for _, day in _entries(content, "working_days")),
        years=frozenset(year.year for year in content.years),
        provisional=frozenset(year.year for year in content.years if year.provisional),
    )
    return calendar, problems


def _entries(content: CalendarSchema, key: str) -> Iterator[tuple[Loc, DayEntry]]:
    """Every day of one kind with its place in the file."""
    for index, year in enumerate(content.years):
        days = year.days_off if key == "days_off" else year.working_days
        for number, day in enumerate(days):
            yield ("years", index, key, number, "date"), day


def _check(content: CalendarSchema, report: Report) -> None:
    _check_years(content, report)
    seen: dict[date, int] = {}
    for key in ("days_off", "working_days"):
        for loc, day in _entries(content, key):
            index = loc[1]
            year = content.years[index].year if isinstance(index, int) else 0
            shown = f"{day.date:%d/%m/%Y}"
            if day.date.year != year:
                report.error(
                    loc, "other-year", f"Ngày {shown} không thuộc năm {year}", "chuyển sang đúng mục"
                )
            if day.date in seen:
                message = f"Ngày {shown} đã có ở dòng {seen[day.date]}"
                report.error(loc, "duplicate-day", message, "mỗi ngày chỉ ghi một lần, nghỉ hoặc làm bù")
            seen.setdefault(day.date, report.line(loc))
            weekend = day.date.weekday() >= _SATURDAY
            if key == "days_off" and weekend:
                message = f"Ngày {shown} là {_weekday(day.date)}, vốn đã nghỉ"
                report.warning(loc, "weekend-off", message, "ghi ngày được nghỉ bù, hoặc xóa dòng này")
            if key == "working_days" and not weekend:
                message = f"Ngày {shown} là {_weekday(day.date)}, vốn đã làm việc"
                report.error(loc, "weekday-working", message, "ngày làm bù phải là thứ Bảy hoặc Chủ nhật")


def _check_years(content: CalendarSchema, report: Report) -> None:
    seen: dict[int, int] = {}
    for index, entry in enumerate(content.years):
        loc: Loc = ("years", index, "year")
        if entry.year in seen:
            message = f"Năm {entry.year} đã có ở dòng {seen[entry.year]}"
            report.error(loc, "duplicate-year", message, "gộp hai mục làm một")
        seen.setdefault(entry.year, report.line(loc))
        if entry.provisional:
            message = f"Lịch năm {entry.year} là tạm tính"
            hint = "khi có thông báo chính thức: sửa ngày nghỉ, ghi số thông báo rồi xóa dòng “provisional”"
            report.warning(("years", index, "provisional"), "provisional-year", message, hint)
    for year in range(min(seen), max(seen)):
        if year not in seen:
            report.warning(("years",), "missing-year", f"Lịch thiếu năm {year}", "thêm mục cho năm này")


def _weekday(day: date) -> str:
    return ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")[day.weekday()]
