"""``/ket-noi/lich``: makes and revokes the addresses of calendar feeds."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.store.access import audit, links
from engine.store.access.links import FEED, LONGEST_DAYS
from engine.store.database import writing
from engine.units import NameProblem
from web.connections.overview import Returned, Shown, overview, unit_of
from web.security.access import Administrator, Form, field, site_of

router = APIRouter()

MOST_UNITS = 50


@router.post("/ket-noi/lich")
def add(request: Request, person: Administrator, form: Form) -> HTMLResponse:
    """Makes the address of a calendar and shows it, once."""
    site = site_of(request)
    values = {"ten_lich": field(form, "ten_lich", most=120), "cac_don_vi": field(form, "cac_don_vi")}
    named = [line.strip() for line in values["cac_don_vi"].splitlines() if line.strip()]
    wrong = ""
    if not named:
        wrong = "Hãy ghi tên hoặc mã của ít nhất một đơn vị"
    elif len(named) > MOST_UNITS:
        wrong = f"Mỗi lịch có nhiều nhất {MOST_UNITS} đơn vị"
    elif not values["ten_lich"].isprintable():
        wrong = "Tên lịch có ký tự không dùng được"
    units: list[str] = []
    for text in [] if wrong else named:
        found = unit_of(site, text)
        if isinstance(found, NameProblem):
            wrong = f"{found.message}. {found.hint}".strip()
            break
        units.append(found)
    if wrong:
        return overview(request, person, returned=Returned("lich", wrong, values))
    now = site.now()
    with writing(site.engine) as connection:
        token = links.make(connection, units, "", values["ten_lich"], FEED, now=now, days=LONGEST_DAYS)
        made = links.find(connection, token, now, FEED)
        subject = f"link:{made.id if made else ''}"
        after = {"kind": FEED, "units": sorted(set(units)), "name": values["ten_lich"]}
        audit.append(connection, person.actor, "feed.add", subject, now, after=after)
    base = site.settings.base_url or str(request.base_url).rstrip("/")
    hint = (
        f"Dùng được {LONGEST_DAYS} ngày. Ai có địa chỉ này đều xem được hạn của đơn vị; rời trang này là "
        "không xem lại được."
    )
    what = f"Địa chỉ lịch của {'; '.join(map(site.registry.full_name, units))}"
    return overview(request, person, shown=Shown(what, f"{base}/lich/{token}.ics", hint))


@router.post("/ket-noi/lich/{id}/thu-hoi")
def revoke(request: Request, person: Administrator, id: int) -> Response:
    """Ends the address of a calendar."""
    site = site_of(request)
    now = site.now()
    with writing(site.engine) as connection:
        link = links.by_id(connection, id) if 0 < id < 2**31 else None
        ended = link is not None and link.kind == FEED and links.revoke(connection, [id], now) == 1
        if ended and link is not None:
            before = {"kind": FEED, "units": link.units, "name": link.name}
            audit.append(connection, person.actor, "feed.revoke", f"link:{id}", now, before=before)
    return RedirectResponse(f"/ket-noi?da={'thu-hoi-lich' if ended else 'khong-con'}", status_code=303)
