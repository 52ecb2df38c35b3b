"""``/u/{token}/danh-muc``: the procedures that a unit is to offer, each with its tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.exchange.catalogue_file import record_marks
from engine.model.plan import CatalogueItem, Plan
from engine.reports.catalogue_list import items_of
from engine.store.database import reading, writing
from engine.store.reports.catalogue import marks
from web.errors import not_found
from web.in_force import home_of
from web.pages import page
from web.security.access import Form, by_token
from web.security.access import field as posted
from web.unit_page.door import Visit, enter
from web.unit_page.shown import plan_name

router = APIRouter(dependencies=[Depends(by_token)])

_ASKED_UNTIL = (1, 31)
"""Month and day of the year after a plan's own until which its list is shown."""


@dataclass(frozen=True, slots=True)
class CheckList:
    """One unit's list in one plan; each procedure with its id, and whether it is offered (None: not said)."""

    number: int
    key: str
    unit: str
    place: str
    items: tuple[tuple[CatalogueItem, bool | None], ...]

    @property
    def offered(self) -> int:
        """How many are ticked."""
        return sum(said is True for _, said in self.items)


def lists_of(visit: Visit) -> tuple[tuple[Plan, str, tuple[CatalogueItem, ...]], ...]:
    """The lists that the units of the link answer for: plan, unit, procedures."""
    found: list[tuple[Plan, str, tuple[CatalogueItem, ...]]] = []
    for plan in home_of(visit.site).plans:
        facts = visit.book.plans.get(plan.id)
        if not plan.catalogue or facts is None or plan.starts > visit.today:
            continue
        if visit.today > date(plan.year + 1, *_ASKED_UNTIL):
            continue
        for unit, items in sorted(items_of(plan, visit.registry).items()):
            if visit.book.answering(unit, facts, visit.today) in visit.link.units:
                found.append((plan, unit, items))
    return tuple(found)


@router.get("/u/{token}/danh-muc")
def show(request: Request, token: str) -> Response:
    """The unit's lists."""
    return _page(request, enter(request, token))


@router.post("/u/{token}/danh-muc")
def tick(request: Request, token: str, form: Form) -> Response:
    """One list as it is ticked now: what is not ticked is not offered."""
    visit = enter(request, token)
    key = posted(form, "danh_muc", most=300)
    mine = {f"{plan.id}/{unit}": (plan, unit, items) for plan, unit, items in lists_of(visit)}
    if key not in mine:
        raise not_found("danh mục này của đơn vị")
    # A mail scanner sends every form as it finds it: without this tick nothing is written.
    if posted(form, "dong_y", most=10) != "co":
        return _page(request, visit, wrong="Hãy đánh dấu ô “Đã xem hết danh mục”, rồi bấm nút.", status=422)
    plan, unit, items = mine[key]
    ticked = {each for each in form.getlist("thu_tuc") if isinstance(each, str)}
    said = {unit: {item.id: item.id in ticked for item in items}}
    by = visit.signature([visit.book.answering(unit, visit.book.plans[plan.id], visit.today)])
    with writing(visit.site.engine) as connection:
        record_marks(connection, plan.id, said, by, visit.actor, visit.now)
    place = list(mine).index(key) + 1
    return RedirectResponse(f"{visit.path}/danh-muc?da={place}", status_code=303)


def _page(request: Request, visit: Visit, *, wrong: str = "", status: int = 200) -> Response:
    lists: list[CheckList] = []
    with reading(visit.site.engine) as connection:
        for number, (plan, unit, items) in enumerate(lists_of(visit), start=1):
            known = marks(connection, plan.id, visit.today, units=[unit])
            said = {item: mark.offered for (_, item), mark in known.items()}
            lists.append(
                CheckList(
                    number=number,
                    key=f"{plan.id}/{unit}",
                    unit=visit.registry.full_name(unit),
                    place=plan_name(visit.book.plans[plan.id]),
                    items=tuple((item, said.get(item.id)) for item in items),
                )
            )
    done = request.query_params.get("da", "")
    recorded = next((each for each in lists if str(each.number) == done), None)
    return page(
        request,
        "unit_page/catalogue.html",
        status=status,
        visit=visit,
        lists=lists,
        recorded=recorded if not wrong else None,
        wrong=wrong,
    )
