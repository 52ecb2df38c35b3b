"""``/ket-noi/khoa``: makes and revokes the keys of other systems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.store import webhooks
from engine.store.access import audit, keys
from engine.store.access.keys import Scope
from engine.store.database import writing
from engine.units import NameProblem
from web.connections.overview import Returned, Shown, overview, unit_of
from web.security.access import Administrator, Form, field, site_of

router = APIRouter()

_LASTS = {"90": timedelta(days=90), "365": timedelta(days=365), "730": timedelta(days=730), "0": None}


@router.post("/ket-noi/khoa")
def add(request: Request, person: Administrator, form: Form) -> HTMLResponse:
    """Makes a key and shows it, once."""
    site = site_of(request)
    values = _values(form)
    unit: str | NameProblem | None = unit_of(site, values["don_vi"]) if values["don_vi"] else None
    wrong = _wrong(values)
    if isinstance(unit, NameProblem):
        wrong = f"{unit.message}. {unit.hint}".strip()
    if wrong or isinstance(unit, NameProblem):
        return overview(request, person, returned=Returned("khoa", wrong, values))
    now, lasts = site.now(), _LASTS[values["thoi_han"]]
    scopes = frozenset(map(Scope, values["quyen"]))
    with writing(site.engine) as connection:
        key, secret = keys.make(
            connection,
            values["ten"],
            scopes,
            person.actor.name,
            now,
            unit=unit,
            expires_at=now + lasts if lasts is not None else None,
        )
        after = {
            "name": key.name,
            "scopes": sorted(scopes),
            "unit": unit,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
        audit.append(connection, person.actor, "key.add", f"key:{key.id}", now, after=after)
    hint = "Chép ngay và giao cho hệ thống dùng nó qua đường kín; rời trang này là không xem lại được."
    return overview(request, person, shown=Shown(f"Khóa API “{key.name}”", secret, hint))


@router.post("/ket-noi/khoa/{id}/thu-hoi")
def revoke(request: Request, person: Administrator, id: int) -> Response:
    """Ends a key, and the webhooks that it asked for."""
    site = site_of(request)
    now = site.now()
    with writing(site.engine) as connection:
        key = keys.revoke(connection, id, now) if 0 < id < 2**31 else None
        if key is not None:
            ended = webhooks.end_of_key(connection, id, now)
            before = {"name": key.name, "scopes": sorted(key.scopes), "webhooks": ended}
            audit.append(connection, person.actor, "key.revoke", f"key:{id}", now, before=before)
    return RedirectResponse(f"/ket-noi?da={'thu-hoi-khoa' if key else 'khong-con'}", status_code=303)


def _values(form: FormData) -> dict[str, Any]:
    return {
        "ten": field(form, "ten", most=120),
        "don_vi": field(form, "don_vi", most=200),
        "thoi_han": field(form, "thoi_han", most=10),
        "quyen": [str(each) for each in form.getlist("quyen")],
    }


def _wrong(values: dict[str, Any]) -> str:
    if not values["ten"]:
        return "Hãy ghi tên hệ thống sẽ dùng khóa này"
    if not values["ten"].isprintable():
        return "Tên hệ thống có ký tự không dùng được"
    if not values["quyen"] or not set(values["quyen"]) <= {scope.value for scope in Scope}:
        return "Hãy chọn ít nhất một quyền cho khóa"
    return "" if values["thoi_han"] in _LASTS else "Hãy chọn thời hạn của khóa"
