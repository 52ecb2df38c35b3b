"""``/healthz``: whether the page and its database are well."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse

from engine.store.database import DatabaseUnavailable, reading
from web.security.access import anyone, site_of

router = APIRouter()


@router.get("/healthz", dependencies=[Depends(anyone)])
def healthz(request: Request) -> JSONResponse:
    """200 and {"status": "ok"} when the database answers, 503 otherwise."""
    try:
        with reading(site_of(request).engine) as connection:
            connection.execute(text("SELECT 1"))
    except DatabaseUnavailable:
        return JSONResponse({"status": "database"}, status_code=503)
    return JSONResponse({"status": "ok"})
