"""What a page of the overview is asked for: the filters stay in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from engine.exchange.sheets import parse_day
from engine.notices.notice import Book
from engine.store.figures.kept import Figures
from engine.units import NameProblem, Registry
from engine.vietnamese import tidy, without_marks
from web.errors import Refused
from web.pages import page
from web.security.access import Person
from web.site import Site

_MOST = 200
_OFFERED = 10


@dataclass(slots=True)
class Asked:
    """The filters as typed, as understood, and what is wrong with some (``wrong``: field → message).

    ``units`` is the chosen unit with everything below it, None for all; ``offered`` are units that may have
    been meant, by id and name.
    """

    path: str
    typed: dict[str, str]
    plan: str | None = None
    unit: str | None = None
    units: frozenset[str] | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    offered: list[tuple[str, str]] = field(default_factory=list)

    def to(self, path: str | None = None, **changed: object) -> str:
        """An address of the overview with the same filters, some of them changed (`don_vi` is ``don-vi``);
        None and empty ones are left out."""
        fields: dict[str, object] = {**self.typed}
        fields |= {name.replace("_", "-"): value for name, value in changed.items()}
        query = urlencode({name: value for name, value in fields.items() if value not in (None, "")})
        base = path or self.path
        return f"{base}?{query}" if query else base

    def section(self, path: str) -> str:
        """The address of another page of the overview for the same plan and unit."""
        return self.to(path, **{name: None for name in self.typed if name not in ("ke-hoach", "don-vi")})

    def overdue(self, **changed: object) -> str:
        """The list of those counted as overdue; the lists read plan and unit as we do."""
        fields = {name: None for name in self.typed if name not in ("ke-hoach", "don-vi")}
        return self.to("/qua-han", **{**fields, **changed})

    def day(self, name: str, otherwise: date) -> date:
        """A day of the address; what is no day is noted in ``wrong``."""
        text = self.typed.get(name, "")
        if not text:
            return otherwise
        found = parse_day(text)
        if found is None:
            self.wrong[name] = "Ngày phải viết ngày/tháng/năm, ví dụ 31/03/2023"
            return otherwise
        return found

    def number(self, name: str, otherwise: int, least: int, most: int) -> int:
        """A whole number of the address between two bounds; anything else is noted in ``wrong``."""
        text = self.typed.get(name, "")
        if not text:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
            self.wrong[name] = f"Phải là số từ {least} đến {most}"
            return otherwise
        return int(text)


def asked(request: Request, book: Book, *more: str) -> Asked:
    """Reads plan and unit, and takes over the fields named in ``more`` as typed."""
    names = ("ke-hoach", "don-vi", *more)
    typed = {name: _clean(request.query_params.get(name, "")) for name in names}
    found = Asked(request.url.path, typed)
    if plan := typed["ke-hoach"]:
        if plan in book.plans:
            found.plan = plan
        else:
            found.wrong["ke-hoach"] = "Không có kế hoạch này; hãy chọn trong danh sách"
    if text := typed["don-vi"]:
        _choose_unit(found, text, book.registry)
    return found


def figures_of(site: Site) -> Figures:
    """The figures that this process keeps for the site."""
    return site.remembered("figures", "one for all", Figures)


def overview_page(
    request: Request, template: str, person: Person, asked: Asked, book: Book, **context: Any
) -> Response:
    """A page of the overview; where a filter is wrong, the form alone with what is wrong."""
    common: Mapping[str, Any] = {
        "asked": asked,
        "plans": sorted(book.plans.values(), key=lambda p: (p.year, p.number, p.id)),
        "unit_name": book.registry.full_name(asked.unit) if asked.unit else asked.typed["don-vi"],
    }
    if asked.wrong:
        return page(request, "overview/wrong.html", status=400, person=person, **common)
    return page(request, template, person=person, **common, **context)


def refuse_wrong(asked: Asked) -> None:
    """For a download, which has no form to show."""
    for message in asked.wrong.values():
        raise Refused(400, message, "Quay lại trang tổng quan, sửa bộ lọc rồi tải lại.")


def _clean(text: str) -> str:
    return tidy(text.replace("\x00", "")[:_MOST])


def _choose_unit(found: Asked, text: str, registry: Registry) -> None:
    if text in registry.units or (text in registry.groups and registry.groups[text].unlisted):
        _take(found, text, registry)
        return
    key = without_marks(text)
    names = {id: without_marks(registry.full_name(id)) for id in registry.units}
    exact = [id for id, name in names.items() if name == key]
    near = exact if len(exact) == 1 else [id for id, name in names.items() if key in name]
    if len(near) == 1:
        _take(found, near[0], registry)
        return
    if near:
        found.wrong["don-vi"] = f"Có {len(near)} đơn vị có tên như vậy; hãy chọn một, hoặc ghi đủ tên"
        near.sort(key=lambda id: (len(names[id]), names[id]))
        found.offered = [(id, registry.full_name(id)) for id in near[:_OFFERED]]
        return
    # Other spellings and short forms.
    resolved = text if text in registry.groups else registry.resolve(text, None)
    if isinstance(resolved, str) and resolved in registry.groups and not registry.groups[resolved].unlisted:
        found.wrong["don-vi"] = f"“{text}” là một nhóm đơn vị; hãy ghi tên một đơn vị"
    elif isinstance(resolved, NameProblem):
        found.wrong["don-vi"] = f"{resolved.message}. {resolved.hint}".strip(" .") + "."
    else:
        _take(found, resolved, registry)


def _take(found: Asked, id: str, registry: Registry) -> None:
    found.unit = found.typed["don-vi"] = id
    found.units = registry.subtree(id)
