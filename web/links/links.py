"""``/lien-ket``: the links that open units' pages: which work, a new one by hand, ending one."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.notices.wording import LINK_PATH
from engine.store.access import audit, links
from engine.store.access.links import DAYS, LONGEST_DAYS, UNIT
from engine.store.database import reading, writing
from engine.units import NameProblem
from notifiers.address import masked
from web.connections.overview import unit_of
from web.errors import not_found
from web.pages import page
from web.security.access import Administrator, Form, Person, field, site_of
from web.work.typed import typed_words

router = APIRouter()

_PER_PAGE = 100
_LONGEST_NAME = 120
_SAID = {
    "thu-hoi": "Đã thu hồi đường dẫn; từ nay không mở được nữa.",
    "khong-con": "Đường dẫn ấy đã hết hạn hoặc vừa có người khác thu hồi.",
}


@dataclass(frozen=True, slots=True)
class _Line:
    id: int
    units: str
    to: str
    name: str
    made: object
    expires: object


@dataclass(frozen=True, slots=True)
class _Typed:
    unit: str = ""
    name: str = ""
    days: str = str(DAYS)
    problem: str = ""


@router.get("/lien-ket")
def overview(request: Request, person: Administrator) -> HTMLResponse:
    """The links that work, the newest first."""
    return _page(request, person, said=_SAID.get(request.query_params.get("da", ""), ""))


@router.post("/lien-ket")
def make(request: Request, person: Administrator, form: Form) -> HTMLResponse:
    """A new link, shown this one time."""
    site, now = site_of(request), site_of(request).now()
    typed = _Typed(
        typed_words(field(form, "don_vi", most=300)),
        " ".join(typed_words(field(form, "ten", most=300)).split()),
        field(form, "so_ngay", most=20),
    )
    days = int(typed.days) if typed.days.isascii() and typed.days.isdigit() and len(typed.days) < 5 else 0
    problem = ""
    unit = unit_of(site, typed.unit) if typed.unit else None
    if unit is None:
        problem = "Hãy ghi tên hoặc mã của đơn vị"
    elif isinstance(unit, NameProblem):
        problem = f"{unit.message}. {unit.hint}".strip()
    elif not 1 <= days <= LONGEST_DAYS:
        problem = f"Số ngày phải từ 1 đến {LONGEST_DAYS}"
    elif len(typed.name) > _LONGEST_NAME:
        problem = f"Tên người nhận dài quá {_LONGEST_NAME} ký tự"
    if problem or not isinstance(unit, str):
        return _page(request, person, typed=_Typed(typed.unit, typed.name, typed.days, problem), status=422)
    with writing(site.engine) as connection:
        token = links.make(connection, [unit], "", typed.name, now=now, days=days)
        made = links.find(connection, token, now)
        after = {"kind": UNIT, "units": [unit], "name": typed.name, "days": days}
        subject = f"link:{made.id if made else ''}"
        audit.append(connection, person.actor, "link.make", subject, now, after=after)
    base = site.settings.base_url or str(request.base_url).rstrip("/")
    return _page(
        request,
        person,
        fresh=base + LINK_PATH + token,
        fresh_unit=site.registry.full_name(unit),
        fresh_until=made.expires_at if made else None,
    )


@router.post("/lien-ket/{id}/thu-hoi")
def revoke(request: Request, person: Administrator, id: int) -> Response:
    """Ends a link."""
    site, now = site_of(request), site_of(request).now()
    with writing(site.engine) as connection:
        link = links.by_id(connection, id) if 0 < id < 2**31 else None
        if link is None or link.kind != UNIT:
            raise not_found("đường dẫn này")
        ended = links.revoke(connection, [id], now) == 1
        if ended:
            before = {"kind": UNIT, "units": list(link.units), "name": link.name}
            audit.append(connection, person.actor, "link.revoke", f"link:{id}", now, before=before)
    return RedirectResponse(f"/lien-ket?da={'thu-hoi' if ended else 'khong-con'}", status_code=303)


def _page(
    request: Request,
    person: Person,
    *,
    said: str = "",
    typed: _Typed | None = None,
    fresh: str = "",
    fresh_unit: str = "",
    fresh_until: object = None,
    status: int = 200,
) -> HTMLResponse:
    site = site_of(request)
    registry = site.registry
    asked = request.query_params.get("don_vi", "")[:300].strip()
    unit = unit_of(site, asked) if asked else None
    at = request.query_params.get("trang", "1")
    number = int(at) if at.isascii() and at.isdigit() and 0 < len(at) < 6 else 1
    number = max(1, number)
    total, found = 0, list[links.Link]()
    if not isinstance(unit, NameProblem):
        with reading(site.engine) as connection:
            total, found = links.page_of(connection, site.now(), unit, (number - 1) * _PER_PAGE, _PER_PAGE)
    return page(
        request,
        "links/overview.html",
        status=status,
        person=person,
        said=said,
        typed=typed or _Typed(),
        fresh=fresh,
        fresh_unit=fresh_unit,
        fresh_until=fresh_until,
        asked=asked,
        unknown=unit.message if isinstance(unit, NameProblem) else "",
        total=total,
        lines=[
            _Line(
                each.id,
                "; ".join(map(registry.full_name, each.units)),
                masked("", each.address) if each.address else "cấp tay",
                each.name,
                each.created_at,
                each.expires_at,
            )
            for each in found
        ],
        number=number,
        pages=max(1, -(-total // _PER_PAGE)),
        query=urlencode({"don_vi": asked}) if asked else "",
        longest=LONGEST_DAYS,
    )
