"""``/lich/{token}.ics``: the calendar of the units of a link."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from engine.store.access import attempts, links
from engine.store.access.links import Link
from engine.store.database import reading, writing
from engine.store.work.assignment_pages import owed_by
from web.errors import Refused
from web.feed.calendar_text import calendar_text
from web.security.access import by_token, origin_of, site_of

router = APIRouter()

MOST = 2000
"""Events in one calendar; the earliest come first."""


@router.api_route("/lich/{token}.ics", methods=["GET", "HEAD"], dependencies=[Depends(by_token)])
def feed(request: Request, token: str) -> Response:
    """What is owed and by when, as a calendar; 304 when the program has it already."""
    site = site_of(request)
    link = _link(request, token)
    with reading(site.engine) as connection:
        book = site.book(connection)
        rows = owed_by(connection, link.units, book, site.calendar, site.today(), MOST)
    units = "; ".join(map(book.registry.full_name, link.units))
    content = calendar_text(f"Hạn nhiệm vụ – {link.name or units}", rows, book)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="lich-nhiem-vu.ics"'
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


def _link(request: Request, token: str) -> Link:
    """The link behind the token. Refused alike for one that is wrong, expired or revoked."""
    site, now = site_of(request), site_of(request).now()
    with reading(site.engine) as connection:
        link = links.find(connection, token, now, links.FEED)
    if link is not None:
        return link
    with writing(site.engine) as connection:
        until = attempts.admit(connection, [attempts.origin_key(origin_of(request), "link")], now)
    if until is not None:
        seconds = max(1, int((until - now).total_seconds()))
        raise Refused(
            429, "Thử địa chỉ lịch sai quá nhiều lần", attempts.again_words(until, now), retry_after=seconds
        )
    raise Refused(
        404,
        "Địa chỉ lịch này không dùng được",
        "Địa chỉ có thể đã hết hạn, bị thu hồi hoặc chép thiếu. Xin văn phòng một địa chỉ mới.",
    )


def _has(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in known.split(",")}
