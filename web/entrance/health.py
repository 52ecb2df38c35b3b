"""``/healthz``: whether the page, its database and the scheduler beside it are well."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse

from engine.store.database import DatabaseUnavailable, reading
from engine.store.messages.channel_figures import last_slot
from web.security.access import anyone, site_of

router = APIRouter()


@router.get("/healthz", dependencies=[Depends(anyone)])
def healthz(request: Request) -> JSONResponse:
    """200 and the status "ok" when all is well. 503 and "database" when the database does not answer, or
    "scheduler" when the scheduler of this very process has had no good pass for an hour."""
    site = site_of(request)
    try:
        with reading(site.engine) as connection:
            slot = last_slot(connection)
    except DatabaseUnavailable:
        return JSONResponse({"status": "database", "database": False, "last_pass": None}, status_code=503)
    # By any process: where the page runs alone, whoever watches can judge by it.
    found = {"database": True, "last_pass": slot.done_at.isoformat() if slot else None}
    if site.pulse is not None and not site.pulse.alive(site.now()):
        return JSONResponse({"status": "scheduler", **found}, status_code=503)
    return JSONResponse({"status": "ok", **found})
