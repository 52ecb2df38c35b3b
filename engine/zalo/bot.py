"""The office's bot on Zalo as this room uses it, and which of the two ways in is open."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from engine.errors import DondocError
from engine.installation.settings import Settings
from notifiers.errors import ChannelError
from notifiers.outcome import Outcome
from notifiers.zalo import ZaloBot

TOKEN, API, SECRET = "zalo_bot_token", "zalo_bot_api", "zalo_bot_webhook_secret"
WEBHOOK_PATH = "/zalo/webhook"
SHORTEST_SECRET, LONGEST_SECRET = 8, 256
"""Letters; what Zalo takes as ``secret_token``."""


class Bot(Protocol):
    """Zalo's bot server, seen from a client: `notifiers.zalo.ZaloBot`. ChannelError (Vietnamese) for what
    fails, save ``say``."""

    def say(self, chat: str, text: str) -> Outcome:
        """Sends a plain text into a chat."""
        ...

    def updates(self, timeout_seconds: int) -> list[dict[str, Any]]:
        """What people wrote; waits up to so long for something."""
        ...

    def set_webhook(self, url: str, secret: str) -> None:
        """Has messages brought to ``url`` from now on."""
        ...

    def delete_webhook(self) -> None:
        """Has messages kept for ``updates`` from now on."""
        ...

    def called(self) -> str:
        """The bot's name on Zalo."""
        ...

    def close(self) -> None:
        """Gives back connections."""
        ...


class Way(StrEnum):
    """How messages come in. Both at a time is impossible: Zalo refuses ``updates`` while a webhook is set."""

    NONE = "none"
    POLL = "poll"
    WEBHOOK = "webhook"


def way_in(settings: Settings) -> Way:
    """Which way the settings open: the webhook where it has a secret, else asking, nothing without a bot."""
    if not settings.channels.get(TOKEN):
        return Way.NONE
    return Way.WEBHOOK if settings.channels.get(SECRET) else Way.POLL


def webhook_secret(values: Mapping[str, str]) -> str:
    """The secret that Zalo shows with every call. DondocError (Vietnamese) for one that Zalo does not
    take."""
    secret = values.get(SECRET, "")
    fits = secret.isascii() and secret.isprintable() and " " not in secret
    if not fits or not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise DondocError(
            f"DONDOC_{SECRET.upper()} phải dài từ {SHORTEST_SECRET} đến {LONGEST_SECRET} chữ, không dấu, "
            f"không khoảng trắng"
        )
    return secret


def webhook_url(settings: Settings) -> str:
    """Where Zalo brings messages. DondocError where the site has no https address of its own."""
    base = settings.base_url or ""
    if not base.startswith("https://"):
        raise DondocError(
            "Webhook của Zalo cần địa chỉ trang web bắt đầu bằng https://; đặt DONDOC_BASE_URL, "
            "ví dụ https://don-doc.don-vi.example"
        )
    return base + WEBHOOK_PATH


def open_bot(settings: Settings) -> Bot:
    """The bot of the settings; nothing is connected yet. DondocError where there is none, or its settings
    cannot be used."""
    token = settings.channels.get(TOKEN, "").strip()
    if not token:
        raise DondocError(f"Chưa khai bot Zalo; đặt DONDOC_{TOKEN.upper()}")
    try:
        return ZaloBot(token, settings.channels.get(API))
    except ChannelError as error:
        raise DondocError(str(error)) from None
