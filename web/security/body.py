"""A limit on what may be sent in, whatever its header claims, and forms from other sites refused."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.answers import refusal
from web.errors import Refused, not_found

MEGABYTE = 1024 * 1024
LARGEST_FORM = 1 * MEGABYTE
LARGEST_UPLOAD = 32 * MEGABYTE
"""The whole of one request with files; a single file has a limit of its own (engine/evidence)."""

_ELSEWHERE = Refused(403, "Yêu cầu đến từ một trang khác nên không được nhận", "Mở lại trang rồi thử lại.")
_ODD_LETTERS = Refused(400, "Dữ liệu gửi lên dùng bảng mã lạ", "Gửi lại bằng bảng mã UTF-8.")
_LONGEST_PATH = 4000
_CHARSET = re.compile(r"charset\*?=", re.IGNORECASE)
_UTF_8 = re.compile(r'charset="?utf-?8"?\s*(;|$)', re.IGNORECASE)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class TooLarge(Exception):
    """The body passed the limit while it was read."""


class BodyLimit:
    """Refuses bodies over the limit (413) and changes asked for by a page of another site (403)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) > _LONGEST_PATH:
            # Longer numbers than this are more than int() takes, and no page of ours has such an address.
            await refusal(Request(scope), not_found())(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        limit = LARGEST_UPLOAD if _has_files(request) else LARGEST_FORM
        wrong = _wrong_at_first_sight(request, limit)
        if wrong is not None:
            await refusal(request, wrong)(scope, receive, send)
            return
        taken = 0
        started = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except TooLarge:
            if not started:
                await refusal(request, too_large(limit))(scope, receive, send)


def _wrong_at_first_sight(request: Request, limit: int) -> Refused | None:
    """What the headers alone tell."""
    if _has_files(request) and _odd_letters(request):
        return _ODD_LETTERS
    if _from_elsewhere(request):
        return _ELSEWHERE
    claimed = request.headers.get("content-length", "0")
    is_size = claimed.isascii() and claimed.isdigit() and len(claimed) < 20
    return None if is_size and int(claimed) <= limit else too_large(limit)


def too_large(limit: int) -> Refused:
    """What to say about a body over ``limit`` bytes."""
    return Refused(
        413, f"Dữ liệu gửi lên quá lớn (nhiều nhất {limit // MEGABYTE} MB)", "Chia nhỏ rồi gửi lại."
    )


def _has_files(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def _odd_letters(request: Request) -> bool:
    """Whether a form wants its letters read in another way than all browsers write them: some of Python's
    codecs make half letters, which neither page nor database can hold."""
    kind = request.headers.get("content-type", "")
    return len(_CHARSET.findall(kind)) != len(_UTF_8.findall(kind))


def _from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site asked for this. Programs send neither header."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    if origin == "null":
        # With "no-referrer" browsers hide the origin of a form; the header above has decided, and a
        # browser too old to send it still needs the form's key or the link's token.
        return False
    try:
        return urlsplit(origin).netloc != request.headers.get("host", "")
    except ValueError:  # what browser would say "http://["
        return True
