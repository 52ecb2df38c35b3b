"""``/tong-quan``: how all assignments stand today, by plan and by level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.store.database import reading
from engine.store.figures.counts import Counts, Group, chosen, percent, total
from engine.tracking.fact_types import LEVELS
from engine.vietnamese import without_marks
from web.overview.asked import Asked, asked, figures_of, overview_page, refuse_wrong
from web.overview.lines import HEADINGS, Line, added_up, cells, chart_of, sheet
from web.security.access import Reader, site_of
from web.site import Site
from web.wording import instant

router = APIRouter()


@dataclass(frozen=True, slots=True)
class _Picture:
    everything: Counts
    by_plan: list[Line]
    by_level: list[Line]


@router.get("/tong-quan")
def summary(request: Request, person: Reader) -> Response:
    """Six numbers that add up, and the same by plan and by level."""
    site = site_of(request)
    wanted, book, picture = _asked_and_counted(request, site)
    return overview_page(
        request,
        "overview/summary.html",
        person,
        wanted,
        book,
        picture=picture,
        share=percent,
        now=site.now(),
        plan_chart=chart_of("theo-ke-hoach", "Tình hình thực hiện theo kế hoạch", picture.by_plan),
        level_chart=chart_of("theo-cap", "Tình hình thực hiện theo cấp", picture.by_level),
        sheet_address=wanted.to("/tong-quan/tong-hop.xlsx"),
    )


@router.get("/tong-quan/tong-hop.xlsx")
def summary_sheet(request: Request, _person: Reader) -> Response:
    """The same numbers as a spreadsheet."""
    site = site_of(request)
    wanted, _book, picture = _asked_and_counted(request, site)
    refuse_wrong(wanted)
    rows = [("Tất cả", "", *cells(picture.everything))]
    rows += [("Theo kế hoạch", line.label, *cells(line.counts)) for line in picture.by_plan]
    rows += [("Theo cấp", line.label, *cells(line.counts)) for line in picture.by_level]
    notes = (f"Tổng quan tình hình thực hiện nhiệm vụ – số liệu lúc {instant(site.now())}",)
    return sheet("tong-quan", "Tổng quan", notes, ("Nhóm", "Tên", *HEADINGS), rows)


def _asked_and_counted(request: Request, site: Site) -> tuple[Asked, Book, _Picture]:
    with reading(site.engine) as connection:
        book = site.book(connection)
        wanted = asked(request, book)
        groups: Mapping[Group, Counts] = {}
        if not wanted.wrong:
            groups = chosen(figures_of(site).now(connection, site.today()), wanted.plan, wanted.units)
    return (
        wanted,
        book,
        _Picture(total(groups.values()), _by_plan(groups, book, wanted), _by_level(groups, book)),
    )


def _by_plan(groups: Mapping[Group, Counts], book: Book, wanted: Asked) -> list[Line]:
    lines = []
    for id, counts in added_up(groups, None, 1).items():
        facts = book.plans.get(id)
        label = f"{facts.number}, {book.registry.name(facts.issuer)}" if facts else id
        lines.append(Line(label, counts, wanted.to("/tong-quan", ke_hoach=id), wanted.overdue(ke_hoach=id)))
    return sorted(lines, key=lambda line: (without_marks(line.label), line.label))


def _by_level(groups: Mapping[Group, Counts], book: Book) -> list[Line]:
    levels = {id: unit.level for id, unit in book.registry.units.items()}
    found = added_up(groups, {unit: levels.get(unit, "none") for unit, _ in groups}, 0)
    names = {**LEVELS, "none": "giao chung cho một nhóm đơn vị"}
    return [Line(name.capitalize(), found[level]) for level, name in names.items() if level in found]
