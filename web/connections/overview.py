"""``GET /ket-noi``: keys, calendar feeds, webhooks and the calls that were given up, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.model.event import EventKind
from engine.store import webhooks
from engine.store.access import keys, links
from engine.store.access.keys import SCOPE_NAMES
from engine.store.database import reading
from engine.store.webhooks import Tallied
from engine.tracking.progress import EVENT_NAMES
from engine.units import NameProblem
from web.pages import page
from web.security.access import Administrator, Person, site_of
from web.site import Site

router = APIRouter()

MOST = 200
"""Rows of each table; the newest come first."""

_SAID = {
    "thu-hoi-khoa": "Đã thu hồi khóa API và dừng các webhook mà khóa ấy đăng ký.",
    "thu-hoi-lich": "Đã thu hồi địa chỉ lịch.",
    "dung-webhook": "Đã dừng webhook.",
    "goi-lai": "Đã xếp hàng để gọi lại; tin đi trong lượt xét kế tiếp.",
    "khong-con": "Dòng ấy không còn nữa: có thể vừa có người khác thu hồi hoặc gọi lại.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret that is on the page this one time."""

    what: str
    secret: str
    hint: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that was not taken: which, why, and what had been typed."""

    form: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@router.get("/ket-noi")
def connections(request: Request, person: Administrator) -> HTMLResponse:
    """The page as it stands."""
    return overview(request, person, said=_SAID.get(request.query_params.get("da", "")))


def overview(
    request: Request,
    person: Person,
    *,
    said: str | None = None,
    shown: Shown | None = None,
    returned: Returned | None = None,
) -> HTMLResponse:
    """The page, with what was just done, what is shown once, or a form that came back."""
    site = site_of(request)
    now = site.now()
    with reading(site.engine) as connection:
        known = keys.all_keys(connection)
        feeds = links.working(connection, now, links.FEED)
        listening = webhooks.active(connection, now)
        tallies = webhooks.tallies(connection)
        dead = webhooks.dead_letters(connection, MOST)
    registry = site.registry
    return page(
        request,
        "connections/overview.html",
        status=422 if returned else 200,
        person=person,
        said=said,
        shown=shown,
        returned=returned,
        values=returned.values if returned else {},
        working=[key for key in known if key.holds(now)][:MOST],
        over=[key for key in known if not key.holds(now)][:MOST],
        feeds=feeds[:MOST],
        webhooks=[(webhook, tallies.get(webhook.id, Tallied())) for webhook in listening],
        dead=dead,
        failed=sum(tallies[w.id].failed for w in listening if w.id in tallies),
        scopes=SCOPE_NAMES,
        kinds={kind: EVENT_NAMES[kind] for kind in EventKind},
        unit_name=registry.full_name,
        host_of=lambda url: urlsplit(url).netloc,
        can_sign=site.settings.secret_key is not None,
    )


def unit_of(site: Site, text: str) -> str | NameProblem:
    """The unit that an administrator named, by its name or id; groups are no units here."""
    registry = site.registry
    found = text if text in registry.units else registry.resolve(text, None)
    if isinstance(found, NameProblem) or found in registry.units:
        return found
    return NameProblem(
        "unit-group", f"“{text}” là một nhóm đơn vị, không phải một đơn vị", "Ghi tên từng đơn vị"
    )
