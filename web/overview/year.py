"""``/tong-quan/lich``: a year of deadlines on one page, and the list of one of its days."""

from __future__ import annotations

import calendar as months_and_weeks
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.store.database import reading
from engine.store.figures import year as figures
from engine.store.figures.year import DayOfDeadlines, deadlines_of_year, due_on
from engine.tracking.assess import Tracked, assess
from engine.workdays import MissingYear, WorkCalendar
from web.overview.asked import Asked, asked, overview_page, refuse_wrong
from web.overview.charts import columns_chart
from web.overview.lines import sheet
from web.security.access import Reader, site_of
from web.site import Site
from web.wording import instant, timeliness, weekday

router = APIRouter()

PAGE = 100
_FIRST, _LAST = 2000, 2100
_LINED = 5
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month: its deadlines, whether nobody works, why, and where its list is."""

    day: date
    due: int
    owed: int
    off: bool
    mark: str
    why: str
    address: str


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks of a month from Monday on (None: a day of another month), and its sums."""

    number: int
    weeks: tuple[tuple[Cell | None, ...], ...]
    due: int
    owed: int
    marked: tuple[Cell, ...]


@router.get("/tong-quan/lich")
def year(request: Request, person: Reader) -> Response:
    """Twelve months; each day says how many deadlines fall on it and how many are still owed."""
    site = site_of(request)
    wanted, book, number, days, known = _asked_and_counted(request, site)
    months = [_month(number, month, days, site.calendar, wanted) for month in range(1, 13)]
    chart = None
    if any(month.due for month in months):
        chart = columns_chart(
            "lich-nam",
            f"Số thời hạn rơi vào mỗi tháng của năm {number}",
            "Mỗi cột là số thời hạn của một tháng; các con số có trong bảng.",
            [(f"T{month.number}", month.due) for month in months],
            pattern=_LINED,
        )
    return overview_page(
        request,
        "overview/year.html",
        person,
        wanted,
        book,
        year=number,
        months=months,
        chart=chart,
        known=known,
        held=site.calendar.covers(number),
        provisional=number in site.calendar.provisional,
        earlier=wanted.to(nam=number - 1) if number > _FIRST else None,
        later=wanted.to(nam=number + 1) if number < _LAST else None,
        now=site.now(),
        sheet_address=wanted.to("/tong-quan/lich.xlsx"),
    )


@router.get("/tong-quan/lich.xlsx")
def year_sheet(request: Request, _person: Reader) -> Response:
    """The days with deadlines as a spreadsheet."""
    site = site_of(request)
    wanted, _book, number, days, _known = _asked_and_counted(request, site)
    refuse_wrong(wanted)
    rows = [(each.day, weekday(each.day).partition(",")[0], each.due, each.owed) for each in days.values()]
    notes = (f"Thời hạn trong năm {number} (đã lùi ngày nghỉ) – số liệu lúc {instant(site.now())}",)
    headings = ("Ngày", "Thứ", "Số thời hạn", "Chưa xong")
    return sheet(f"lich-thoi-han-{number}", f"Năm {number}", notes, headings, sorted(rows))


@router.get("/tong-quan/lich/{day}")
def one_day(request: Request, person: Reader, day: date) -> Response:
    """What falls due on one day."""
    site = site_of(request)
    today = site.today()
    with reading(site.engine) as connection:
        book = site.book(connection)
        wanted = asked(request, book, "trang")
        number = wanted.number("trang", 1, 1, 100_000)
        found: list[Tracked] = []
        count = 0
        if not wanted.wrong:
            scope: dict[str, Any] = {"plan": wanted.plan, "units": wanted.units, "limit": PAGE}
            count, found = due_on(connection, day, today, **scope, offset=(number - 1) * PAGE)
            if not found and count:
                number = -(-count // PAGE)
                count, found = due_on(connection, day, today, **scope, offset=(number - 1) * PAGE)
    rows = [
        {
            "tracked": each,
            "title": book.task_of(each).heading(each.promise.milestone),
            "stt": book.task_of(each).stt,
            "plan": book.plan_of(each),
            "unit": book.registry.full_name(each.promise.unit),
            "timeliness": _timeliness(each, today, site.calendar),
        }
        for each in found
    ]
    return overview_page(
        request,
        "overview/day.html",
        person,
        wanted,
        book,
        day=day,
        count=count,
        rows=rows,
        first=(number - 1) * PAGE,
        number=number,
        pages=max(1, -(-count // PAGE)),
        back=wanted.to("/tong-quan/lich", nam=day.year, trang=None),
    )


def _timeliness(tracked: Tracked, today: date, calendar: WorkCalendar) -> str:
    try:
        return timeliness(assess(tracked, today, calendar).timeliness)
    except MissingYear as error:
        return f"chưa tính được: lịch làm việc chưa có năm {error.year}"


def _asked_and_counted(
    request: Request, site: Site
) -> tuple[Asked, Book, int, Mapping[date, DayOfDeadlines], tuple[int, int] | None]:
    today = site.today()
    with reading(site.engine) as connection:
        book = site.book(connection)
        wanted = asked(request, book, "nam")
        number = wanted.number("nam", today.year, _FIRST, _LAST)
        days: Mapping[date, DayOfDeadlines] = {}
        if not wanted.wrong:
            days = deadlines_of_year(connection, number, today, plan=wanted.plan, units=wanted.units)
        return wanted, book, number, days, figures.years(connection)


def _month(
    year: int, month: int, days: Mapping[date, DayOfDeadlines], calendar: WorkCalendar, wanted: Asked
) -> Month:
    weeks = [
        tuple(_cell(day, days.get(day), calendar, wanted) if day.month == month else None for day in week)
        for week in months_and_weeks.Calendar().monthdatescalendar(year, month)
    ]
    cells = [cell for week in weeks for cell in week if cell]
    return Month(
        month,
        tuple(weeks),
        sum(cell.due for cell in cells),
        sum(cell.owed for cell in cells),
        tuple(cell for cell in cells if cell.mark),
    )


def _cell(day: date, found: DayOfDeadlines | None, calendar: WorkCalendar, wanted: Asked) -> Cell:
    off, mark, why = day.weekday() >= _SATURDAY, "", ""
    if calendar.covers(day.year):
        off = not calendar.is_working_day(day)
        if day in calendar.working_saturdays:
            mark, why = "B", "Làm bù"
        elif day in calendar.days_off:
            mark, why = "N", calendar.days_off[day]
    due, owed = (found.due, found.owed) if found else (0, 0)
    address = wanted.to(f"/tong-quan/lich/{day.isoformat()}", nam=None) if due else ""
    return Cell(day, due, owed, off, mark, why, address)
