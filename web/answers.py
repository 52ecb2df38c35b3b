"""A refusal as an answer: a page for people, JSON for other systems."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web.errors import Refused
from web.pages import failure_page
from web.security.access import Person

API = "/api/"


def refusal(request: Request, refused: Refused, person: Person | None = None) -> Response:
    """What is answered instead of what was asked for."""
    if not request.url.path.startswith(API):
        return failure_page(request, refused, person)
    headers = {"retry-after": str(refused.retry_after)} if refused.retry_after is not None else None
    body = {"error": refused.message, "hint": refused.hint}
    return JSONResponse(body, status_code=refused.status, headers=headers)
