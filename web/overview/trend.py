"""``/tong-quan/xu-huong``: how many were overdue at the end of each of the last weeks or months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.store.database import reading
from engine.store.figures.counts import chosen
from web.overview.asked import Asked, asked, figures_of, overview_page, refuse_wrong
from web.overview.charts import columns_chart
from web.overview.lines import sheet
from web.security.access import Reader, site_of
from web.site import Site
from web.wording import instant

router = APIRouter()

POINTS = 12
_CROSSED = 3
_STEPS = {"tuan": "week", "thang": "month"}


@dataclass(frozen=True, slots=True)
class Point:
    """One day of the series; ``change`` is against the one before (None for the first)."""

    day: date
    overdue: int
    change: int | None


@router.get("/tong-quan/xu-huong")
def trend(request: Request, person: Reader) -> Response:
    """The last twelve weeks or months as columns and as a table."""
    site = site_of(request)
    wanted, book, points = _asked_and_counted(request, site)
    title = "Số việc quá hạn vào cuối mỗi tháng" if _by_month(wanted) else "Số việc quá hạn vào cuối mỗi tuần"
    rows = [(f"{p.day:%m/%Y}" if _by_month(wanted) else f"{p.day:%d/%m}", p.overdue) for p in points]
    chart = None
    if points:
        rows[-1] = (f"{points[-1].day:%d/%m}", rows[-1][1])
        text = "Mỗi cột là số việc quá hạn tính đến hết ngày ghi dưới cột; các con số có trong bảng."
        chart = columns_chart("xu-huong", title, text, rows, pattern=_CROSSED)
    return overview_page(
        request,
        "overview/trend.html",
        person,
        wanted,
        book,
        points=points,
        chart=chart,
        title=title,
        now=site.now(),
        sheet_address=wanted.to("/tong-quan/xu-huong.xlsx"),
    )


@router.get("/tong-quan/xu-huong.xlsx")
def trend_sheet(request: Request, _person: Reader) -> Response:
    """The same numbers as a spreadsheet."""
    site = site_of(request)
    wanted, _book, points = _asked_and_counted(request, site)
    refuse_wrong(wanted)
    rows = [(point.day, point.overdue, point.change) for point in points]
    notes = (f"Số việc quá hạn tính đến hết mỗi ngày – lập lúc {instant(site.now())}",)
    return sheet("xu-huong-qua-han", "Xu hướng", notes, ("Đến hết ngày", "Quá hạn", "Tăng, giảm"), rows)


def _asked_and_counted(request: Request, site: Site) -> tuple[Asked, Book, list[Point]]:
    with reading(site.engine) as connection:
        book = site.book(connection)
        wanted = asked(request, book, "theo")
        if wanted.typed["theo"] not in ("", *_STEPS):
            wanted.wrong["theo"] = "Chọn theo tuần hoặc theo tháng"
        if wanted.wrong:
            return wanted, book, []
        days = months_until(site.today()) if _by_month(wanted) else weeks_until(site.today())
        step = _STEPS[wanted.typed["theo"] or "tuan"]
        kept = figures_of(site).trend(connection, site.calendar, step, days)
        groups = chosen(kept, wanted.plan, wanted.units)
    sums = [sum(counts[n] for counts in groups.values()) for n, _ in enumerate(days)]
    changes = [None, *(b - a for a, b in pairwise(sums))]
    return wanted, book, [Point(*point) for point in zip(days, sums, changes, strict=True)]


def _by_month(wanted: Asked) -> bool:
    return wanted.typed["theo"] == "thang"


def weeks_until(today: date) -> list[date]:
    """The Sundays of the last weeks, and today as the last day of all."""
    sunday = today - timedelta(days=today.weekday() + 1)
    return [sunday - timedelta(weeks=n) for n in reversed(range(POINTS - 1))] + [today]


def months_until(today: date) -> list[date]:
    """The last days of the last months, and today as the last day of all."""
    days = [today]
    while len(days) < POINTS:
        days.insert(0, days[0].replace(day=1) - timedelta(days=1))
    return days
