"""Puts the web page together: routes, what every answer carries, and what is said when something fails."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import DondocError
from engine.store.database import DatabaseUnavailable
from engine.store.events import EventsRefused
from web.answers import API, refusal
from web.errors import Refused, SignInFirst, not_found
from web.request_lines import RequestLog
from web.routes import ROUTERS
from web.security.access import Person, is_secure, signed_in
from web.security.body import LARGEST_UPLOAD, BodyLimit, TooLarge, too_large
from web.security.headers import SecurityHeaders
from web.site import Site

_STATIC = Path(__file__).parent / "static"


def create_app(site: Site) -> FastAPI:
    """The application for one installation."""
    app = FastAPI(title="dondoc", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders, secure=is_secure(site))
    app.add_middleware(RequestLog)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(SignInFirst, _sign_in)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(DondocError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    return app


def _answer(request: Request, refused: Refused) -> Response:
    person = None
    if refused.status < 500 and not request.url.path.startswith(API):
        person = getattr(request.state, "person", None) or _signed_in(request)
    return refusal(request, refused, person)


def _signed_in(request: Request) -> Person | None:
    try:
        return signed_in(request)
    except DatabaseUnavailable:  # the refusal can be said all the same
        return None


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for it
    return _answer(request, error)


def _sign_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInFirst)  # noqa: S101 - as above
    return RedirectResponse(f"/dang-nhap?tiep={quote(error.back, safe='')}", status_code=303)


def _too_large(request: Request, _error: Exception) -> Response:
    return _answer(request, too_large(LARGEST_UPLOAD))


def _expected(request: Request, error: Exception) -> Response:
    if isinstance(error, DatabaseUnavailable):
        structlog.get_logger().error("database_unavailable")
        refused = Refused(503, "Hiện không dùng được cơ sở dữ liệu", "Thử lại sau ít phút.", retry_after=30)
        refused.__cause__ = error
        return _answer(request, refused)
    status = 409 if isinstance(error, EventsRefused) else 400
    return _answer(request, Refused(status, str(error)))


def _invalid(request: Request, _error: Exception) -> Response:
    return _answer(
        request, Refused(400, "Địa chỉ hoặc dữ liệu gửi lên không đúng dạng", "Quay lại rồi thử lại.")
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    if error.status_code == 404:
        return _answer(request, not_found())
    if error.status_code == 405:
        answer = _answer(request, Refused(405, "Trang này không nhận yêu cầu kiểu đó", "Quay về trang đầu."))
        answer.headers["allow"] = (error.headers or {}).get("allow", "GET")
        return answer
    return _answer(request, Refused(error.status_code, "Yêu cầu không được nhận", "Quay lại rồi thử lại."))


class LastResort:
    """What nobody expected ends here, below the middleware that adds the headers: one line in the log and a
    page. Further out the server would log the error with its words, which may hold addresses and tokens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:  # noqa: BLE001 - the last resort
            _note(error)
            # An answer that was half sent stays without its end: the server then cuts the connection.
            if not started and scope["type"] == "http":
                await refusal(Request(scope), _UNEXPECTED)(scope, receive, send)


_UNEXPECTED = Refused(500, "Phần mềm gặp lỗi ngoài dự kiến", "Thử lại; nếu vẫn lỗi, báo người quản trị.")


def _note(error: Exception) -> None:
    # What went wrong may quote personal data; its kind and place are enough to find it.
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else ""
    structlog.get_logger().error("request_failed", kind=type(error).__name__, place=place)
