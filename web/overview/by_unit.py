"""``/tong-quan/don-vi``: the counts of each unit, or of each unit together with all below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.store.database import reading
from engine.store.figures.counts import Counts, Group, chosen, total
from engine.units import Registry
from engine.vietnamese import without_marks
from web.overview.asked import Asked, asked, figures_of, overview_page, refuse_wrong
from web.overview.lines import HEADINGS, Line, added_up, cells, chart_of, sheet
from web.security.access import Reader, site_of
from web.site import Site
from web.wording import instant

router = APIRouter()

PAGE = 100
_CHARTED = 15

# By what the lines may be sorted; the greatest first, but for names.
_SORTS: dict[str, tuple[str, Callable[[Counts], float]]] = {
    "qua-han": ("chưa xong, quá hạn", lambda c: c.open_overdue),
    "ty-le-qua-han": ("tỷ lệ quá hạn", lambda c: c.overdue_of_dated or 0),
    "duoc-giao": ("được giao", lambda c: c.assigned),
    "hoan-thanh": ("tỷ lệ hoàn thành", lambda c: c.done_of_dated or 0),
    "dung-han": ("tỷ lệ đúng hạn", lambda c: c.on_time_of_judged or 0),
    "ten": ("tên đơn vị", lambda _: 0),
}


@router.get("/tong-quan/don-vi")
def by_unit(request: Request, person: Reader) -> Response:
    """A page of units, sorted and searched as the address says."""
    site = site_of(request)
    wanted, book, lines = _asked_and_counted(request, site)
    pages = max(1, -(-len(lines) // PAGE))
    number = min(wanted.number("trang", 1, 1, 100_000), pages)
    shown = lines[(number - 1) * PAGE : number * PAGE]
    context: dict[str, Any] = {
        "lines": shown,
        "count": len(lines),
        "everything": total(line.counts for line in lines),
        "sorts": {key: name for key, (name, _) in _SORTS.items()},
        "number": number,
        "pages": pages,
        "charted": min(_CHARTED, len(shown)),
        "chart": chart_of("theo-don-vi", "Tình hình thực hiện theo đơn vị", shown, _CHARTED),
        "now": site.now(),
        "sheet_address": wanted.to("/tong-quan/don-vi.xlsx", trang=None),
    }
    return overview_page(request, "overview/by_unit.html", person, wanted, book, **context)


@router.get("/tong-quan/don-vi.xlsx")
def by_unit_sheet(request: Request, _person: Reader) -> Response:
    """All units as a spreadsheet."""
    site = site_of(request)
    wanted, _book, lines = _asked_and_counted(request, site)
    refuse_wrong(wanted)
    rows = [(n, line.label, *cells(line.counts)) for n, line in enumerate(lines, start=1)]
    notes = (f"Tình hình thực hiện theo đơn vị – số liệu lúc {instant(site.now())} – {len(lines)} đơn vị",)
    return sheet("theo-don-vi", "Theo đơn vị", notes, ("STT", "Đơn vị", *HEADINGS), rows)


def _asked_and_counted(request: Request, site: Site) -> tuple[Asked, Book, list[Line]]:
    with reading(site.engine) as connection:
        book = site.book(connection)
        wanted = asked(request, book, "xep", "tim", "gop", "trang")
        if wanted.typed["xep"] and wanted.typed["xep"] not in _SORTS:
            wanted.wrong["xep"] = "Không có cách sắp xếp này; hãy chọn trong danh sách"
        groups: Mapping[Group, Counts] = {}
        if not wanted.wrong:
            groups = chosen(figures_of(site).now(connection, site.today()), wanted.plan, wanted.units)
    return wanted, book, _lines(groups, wanted, book.registry) if groups else []


def _lines(groups: Mapping[Group, Counts], wanted: Asked, registry: Registry) -> list[Line]:
    together = wanted.typed["gop"] == "1"
    heads = _heads({unit for unit, _ in groups}, wanted.unit, registry) if together else None
    search = " " + without_marks(wanted.typed["tim"])
    lines = []
    for id, counts in added_up(groups, heads, 0).items():
        name = registry.full_name(id)
        if counts.assigned and search in f" {without_marks(name)}":
            # The line of the chosen unit itself holds nothing of those below: they have their own.
            alone = None if together and id != wanted.unit else "1"
            address = wanted.to(don_vi=id, trang=None, tim=None)
            lines.append(Line(name, counts, address, wanted.overdue(don_vi=id, rieng=alone)))
    _label, worth = _SORTS[wanted.typed["xep"] or "qua-han"]
    return sorted(lines, key=lambda line: (-worth(line.counts), without_marks(line.label), line.address))


def _heads(units: set[str], root: str | None, registry: Registry) -> dict[str, str]:
    """For each unit the one directly below ``root`` (or without a parent) that it belongs to."""
    heads = {}
    for unit in units:
        line = [unit, *registry.ancestors(unit)]
        if root in line:
            line = line[: line.index(root)] or [unit]
        heads[unit] = line[-1]
    return heads
