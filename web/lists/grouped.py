"""``/theo-don-vi`` and ``/theo-ke-hoach``: how many of each kind; every number leads to its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.store.lists.counts import By, Counts, counts_by
from engine.store.lists.filters import Kind
from engine.vietnamese import without_marks
from web.lists import words
from web.lists.asked import Asked, in_words
from web.lists.shared import looking
from web.pages import page
from web.security.access import Person, Reader

router = APIRouter()

PAGE = 100
_SORTS = {"": "nhiều việc quá hạn trước", "ten": "theo tên"}


@dataclass(frozen=True, slots=True)
class Group:
    """One plan or unit; ``fields`` lead from its numbers to the lists, ``starts`` is a plan's first day
    where that is still to come."""

    name: str
    detail: str
    counts: Counts
    fields: dict[str, str]
    starts: date | None = None


@router.get("/theo-don-vi")
def by_unit(request: Request, person: Reader) -> Response:
    """The units that lead any assignment; each alone, without those below it."""

    def group(id: str, numbers: Counts, book: Book) -> Group:
        unit = book.registry.units.get(id)
        detail = words.LEVEL_NAMES[unit.level] if unit else "nhóm đơn vị"
        return Group(book.registry.full_name(id), detail, numbers, {"don-vi": id, "rieng": "1"})

    return _page(request, person, By.UNIT, "/theo-don-vi", group)


@router.get("/theo-ke-hoach")
def by_plan(request: Request, person: Reader) -> Response:
    """The plans with any assignment, and those not yet in force."""

    def group(id: str, numbers: Counts, book: Book) -> Group:
        plan = book.plans[id]
        issued = f", ngày {plan.issued:%d/%m/%Y}" if plan.issued else ""
        return Group(f"{plan.number}{issued}", plan.title, numbers, {"ke-hoach": id})

    return _page(request, person, By.PLAN, "/theo-ke-hoach", group)


def _page(
    request: Request, person: Person, by: By, path: str, group: Callable[[str, Counts, Book], Group]
) -> Response:
    with looking(request, Kind.ALL, path) as (site, connection, book, asked, lens):
        found = {} if asked.wrong else counts_by(connection, lens, by)
    sort = "ten" if request.query_params.get("thu-tu") == "ten" else ""
    groups = [group(id, numbers, book) for id, numbers in found.items()]
    groups.sort(key=lambda one: without_marks(one.name))
    if not sort:
        groups.sort(key=lambda one: -one.counts.kinds[Kind.OVERDUE])
    last = max(1, -(-len(groups) // PAGE))
    number = min(asked.page, last)
    future = [book.plans[id] for id in lens.future] if by is By.PLAN else []
    return page(
        request,
        "lists/grouped.html",
        status=400 if asked.wrong else 200,
        person=person,
        by=by.value,
        title="Theo đơn vị" if by is By.UNIT else "Theo kế hoạch",
        asked=asked,
        restricted=in_words(asked, book),
        groups=groups[(number - 1) * PAGE : number * PAGE],
        first=(number - 1) * PAGE,
        count=len(groups),
        columns=[_column(kind, asked, groups) for kind in Kind],
        done=sum(one.counts.done for one in groups),
        future=future,
        number=number,
        last=last,
        sorts=_SORTS,
        sort=sort,
        now=site.now(),
        plans=sorted(book.plans.values(), key=lambda plan: (-plan.year, plan.number, plan.id)),
        levels=[(slug, words.LEVEL_NAMES[level]) for slug, level in words.LEVELS.items()],
    )


def _column(kind: Kind, asked: Asked, groups: list[Group]) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": words.SHORT_TITLES[kind],
        "path": words.PATHS[kind],
        "total": sum(one.counts.kinds[kind] for one in groups),
        "address": asked.scope(words.PATHS[kind]),
    }
