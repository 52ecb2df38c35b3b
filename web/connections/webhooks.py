"""``/ket-noi/webhook``: adds and ends the addresses that hear of events; calls again what was given up."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.model.event import EventKind
from engine.store import webhooks as store
from engine.store.access import audit
from engine.store.database import writing
from engine.units import NameProblem
from engine.webhooks.addresses import AddressRefused, target_of
from engine.webhooks.signature import secret_of
from web.api.webhooks import NO_SECRET_KEY
from web.connections.overview import Returned, Shown, overview, unit_of
from web.security.access import Administrator, Form, Person, field, site_of

router = APIRouter()

_KINDS = {kind.value for kind in EventKind}


@router.post("/ket-noi/webhook")
def add(request: Request, person: Administrator, form: Form) -> HTMLResponse:
    """Adds an address and shows the secret of its signatures, once."""
    site = site_of(request)
    values: dict[str, Any] = {
        "dia_chi": field(form, "dia_chi", most=500),
        "don_vi_nghe": field(form, "don_vi_nghe", most=200),
        "loai": [str(each) for each in form.getlist("loai")],
    }

    def back(message: str) -> HTMLResponse:
        return overview(request, person, returned=Returned("webhook", message, values))

    secret_key = site.settings.secret_key
    if secret_key is None:
        return back(f"{NO_SECRET_KEY}. Đặt DONDOC_SECRET_KEY rồi khởi động lại")
    if not set(values["loai"]) <= _KINDS:
        return back("Loại cập nhật không đúng; hãy chọn lại")
    unit: str | NameProblem | None = unit_of(site, values["don_vi_nghe"]) if values["don_vi_nghe"] else None
    if isinstance(unit, NameProblem):
        return back(f"{unit.message}. {unit.hint}".strip())
    try:
        target = target_of(values["dia_chi"], allow_private=site.settings.webhook_allow_private)
    except AddressRefused as error:
        return back(str(error))
    now = site.now()
    with writing(site.engine) as connection:
        kinds = [EventKind(kind) for kind in values["loai"]]
        made = store.add(connection, values["dia_chi"], kinds, person.actor.name, now, unit=unit)
        after = {"host": target.host, "kinds": sorted(made.kinds), "unit": unit}
        audit.append(connection, person.actor, "webhook.add", f"webhook:{made.id}", now, after=after)
    hint = "Bên nhận dùng khóa này để kiểm chữ ký X-Dondoc-Signature; rời trang này là không xem lại được."
    shown = Shown(f"Khóa ký của webhook {target.host}", secret_of(secret_key, made.id), hint)
    return overview(request, person, shown=shown)


@router.post("/ket-noi/webhook/{id}/dung")
def end(request: Request, person: Administrator, id: int) -> Response:
    """Ends a webhook; what waits for it is dropped."""
    site = site_of(request)
    now = site.now()
    with writing(site.engine) as connection:
        ended = store.end(connection, id, now) if 0 < id < 2**31 else None
        if ended is not None:
            before = {"host": urlsplit(ended.url).hostname, "created_by": ended.created_by}
            audit.append(connection, person.actor, "webhook.end", f"webhook:{id}", now, before=before)
    return RedirectResponse(f"/ket-noi?da={'dung-webhook' if ended else 'khong-con'}", status_code=303)


@router.post("/ket-noi/tin-hong/goi-lai")
def retry_all(request: Request, person: Administrator) -> Response:
    """Queues every call that was given up once more."""
    return _retry(request, person, None)


@router.post("/ket-noi/tin-hong/{id}/goi-lai")
def retry(request: Request, person: Administrator, id: int) -> Response:
    """Queues one call once more."""
    return _retry(request, person, id)


def _retry(request: Request, person: Person, id: int | None) -> Response:
    site = site_of(request)
    now = site.now()
    with writing(site.engine) as connection:
        count = store.retry(connection, now, id) if id is None or 0 < id < 2**31 else 0
        if count:
            subject = "webhook_call" if id is None else f"webhook_call:{id}"
            audit.append(connection, person.actor, "webhook.retry", subject, now, after={"count": count})
    return RedirectResponse(f"/ket-noi?da={'goi-lai' if count else 'khong-con'}", status_code=303)
