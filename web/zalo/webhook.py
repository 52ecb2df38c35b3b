"""``/zalo/webhook``: what people write to the bot, brought by Zalo's server."""

from __future__ import annotations

import json
from typing import Any

import structlog
from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.errors import DondocError
from engine.store.access.tokens import same
from engine.store.database import writing
from engine.zalo.answering import answer
from engine.zalo.bot import WEBHOOK_PATH, Way, open_bot, way_in, webhook_secret
from engine.zalo.reading import Said, read
from notifiers.outcome import Status
from web.errors import Refused, not_found
from web.people.reaching import open_names
from web.security.access import anyone, site_of
from web.site import Site

router = APIRouter()

_HEADER = "x-bot-api-secret-token"


@router.post(WEBHOOK_PATH, dependencies=[Depends(anyone)])
async def receive(request: Request) -> Response:
    """200 for whatever comes with the right secret, understood or not: Zalo would bring the rest again and
    again. What it means is written down first, the answer goes out behind it."""
    site = site_of(request)
    if not same(request.headers.get(_HEADER, ""), _secret(site)):
        raise Refused(403, "Yêu cầu không mang đúng khóa bí mật")
    said = read(_parsed(await request.body()))
    text = await run_in_threadpool(_answer, site, said) if said else None
    later = BackgroundTask(_say, site, said.chat, text) if said and text else None
    return JSONResponse({"ok": True}, background=later)


def _secret(site: Site) -> str:
    """The secret of the settings; Refused (404) where messages do not come this way."""
    if way_in(site.settings) is not Way.WEBHOOK:
        raise not_found()
    try:
        return webhook_secret(site.settings.channels)
    except DondocError as error:  # one that is easy to guess opens nothing
        raise not_found() from error


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _answer(site: Site, said: Said) -> str | None:
    registry, channels = site.registry, open_names(site)
    with writing(site.engine) as connection:
        return answer(connection, said, site.now(), registry, channels)


def _say(site: Site, chat: str, text: str) -> None:
    try:
        bot = open_bot(site.settings)
    except DondocError as error:
        structlog.get_logger().warning("zalo_answer_failed", outcome=type(error).__name__)
        return
    try:
        status = bot.say(chat, text).status
    finally:
        bot.close()
    if status is not Status.SENT:
        structlog.get_logger().warning("zalo_answer_failed", outcome=str(status))
