"""What every page of the reports shows around its own: the sections, the form, what window it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.reports.windows import Kind
from web.pages import page
from web.reports.asked import KIND_NAMES, KINDS, PARTS_OF_YEAR, Wanted
from web.security.access import Person

_SECTIONS = {
    "/bao-cao": "Lập báo cáo",
    "/bao-cao/ban-thao": "Bản thảo lời văn",
    "/bao-cao/da-chot": "Kỳ đã chốt",
}
_SHARED = ("ke-hoach", "don-vi", "ky", "nam", "tu", "den")


def sections(wanted: Wanted | None = None) -> list[tuple[str, str]]:
    """The addresses and names of the sections; those that take a report keep plan, unit and days."""
    if wanted is None:
        return list(_SECTIONS.items())
    others = {name: None for name in wanted.base.typed if name not in _SHARED}
    return [
        (path if path == "/bao-cao/da-chot" else wanted.base.to(path, **others), name)
        for path, name in _SECTIONS.items()
    ]


def report_page(
    request: Request,
    template: str,
    person: Person,
    wanted: Wanted,
    book: Book,
    *,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page with the form of what is wanted; where that is wrong, 400."""
    asked = wanted.base
    return page(
        request,
        template,
        status=400 if wanted.wrong else status,
        person=person,
        wanted=wanted,
        sections=sections(wanted),
        plans=sorted(book.plans.values(), key=lambda plan: (plan.year, plan.number, plan.id)),
        unit_name=book.registry.full_name(asked.unit) if asked.unit else asked.typed["don-vi"],
        kinds={word: KIND_NAMES[kind] for word, kind in KINDS.items()},
        parts=PARTS_OF_YEAR,
        **context,
    )


def days_told(wanted: Wanted, today: date) -> str:
    """Which days the figures are of, and when the report is to be sent."""
    window = wanted.window
    if window is None:
        asked_for = wanted.day or today
        day = min(asked_for, today)
        later = " (ngày được hỏi chưa đến)" if asked_for > today else ""
        return f"Lũy kế: mọi việc từ đầu đến hết ngày {day:%d/%m/%Y}{later}."
    told = f"Kỳ {window.title}" + ("" if window.kind is Kind.OWN else f": {window.days}")
    if window.last > today:
        told += f"; kỳ chưa hết, số liệu tính đến hôm nay, {today:%d/%m/%Y}"
    if window.send_before is not None:
        told += f". Gửi trước ngày {window.send_before:%d/%m/%Y}"
    return told + "."
