"""One line for each request, without what is secret or personal: the pattern of the address, never the
address itself (it may hold a token)."""

from __future__ import annotations

import sys
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RequestLog:
    """Logs method, pattern, status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = scope.get("route")
            structlog.get_logger("web").info(
                "request",
                method=scope["method"],
                route=getattr(route, "path", "-"),
                status=status,
                ms=round((time.perf_counter() - started) * 1000),
            )


def configure_log() -> None:
    """One JSON object per line on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Asked for anew each time: whoever replaced the stream may have closed his own since.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
