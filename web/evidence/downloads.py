"""Evidence files as downloads: never shown in a browser, whatever they hold."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from engine.evidence import shelf
from engine.evidence.shelf import EvidenceGone
from engine.store.database import reading
from engine.store.work import evidence
from engine.store.work.evidence import Evidence
from engine.vietnamese import without_marks
from web.errors import Refused, not_found
from web.security.access import Reader, by_token, site_of
from web.site import Site
from web.unit_page.door import enter, row_of

router = APIRouter()

_WHAT = "tệp minh chứng này"


@router.get("/viec/{id}/minh-chung/{file}")
def for_the_office(request: Request, id: str, file: str, person: Reader) -> Response:
    """A file of an assignment, for who may read everything."""
    site = site_of(request)
    with reading(site.engine) as connection:
        found = evidence.find(connection, file)
    if found is None or found.assignment != id:
        raise not_found(_WHAT)
    return _download(site, found)


@router.get("/u/{token}/minh-chung/{file}", dependencies=[Depends(by_token)])
def for_the_unit(request: Request, token: str, file: str) -> Response:
    """A file that the unit itself handed in."""
    visit = enter(request, token)
    with reading(visit.site.engine) as connection:
        found = evidence.find(connection, file)
        if found is None:
            raise not_found(_WHAT)
        row_of(connection, visit, found.assignment)
    return _download(visit.site, found)


def _download(site: Site, found: Evidence) -> Response:
    try:
        content = shelf.get(site.home, found.id, found.sha256)
    except EvidenceGone as error:
        raise Refused(404, str(error), "Báo người quản trị; tệp có thể còn trong bản sao lưu.") from error
    return Response(
        content,
        media_type=found.media_type,
        headers={
            "content-disposition": disposition(found.name),
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
        },
    )


def disposition(name: str) -> str:
    """The header that makes a browser save a file under ``name`` (RFC 6266; RFC 8187 for its letters)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ()") else "_" for c in without_marks(name))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
