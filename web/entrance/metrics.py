"""``/metrics``: figures for Prometheus. With a token for whoever knows it, without one for this machine."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from engine.store.access.tokens import same
from engine.store.database import reading
from engine.watching.metrics import CONTENT_TYPE, exposition
from notifiers.registry import configured
from web.errors import not_found
from web.security.access import anyone, origin_of, site_of

router = APIRouter()

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""What servers in front of ours add: such a request only seems to come from this machine."""


@router.get("/metrics", dependencies=[Depends(anyone)])
def metrics(request: Request) -> Response:
    """All figures in text form; for who may not ask there is no such page."""
    if not _may_scrape(request):
        raise not_found()
    site = site_of(request)
    names = [kind.name for kind in configured(site.settings.channels)]
    with reading(site.engine) as connection:
        text = exposition(connection, names, site.now())
    return Response(text, headers={"content-type": CONTENT_TYPE})


def _may_scrape(request: Request) -> bool:
    token = site_of(request).settings.metrics_token
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and same(given.strip(), token)
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(origin_of(request)).is_loopback
    except ValueError:
        return False
