"""What people and the bot say to each other on the server that plays Zalo."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.far_end.zalo import BOT_TOKEN, Zalo

CHAT = "e4ea2cd5189df1c3a88c"
BOT_NAME = "Bot Đôn đốc"
_NUMBERS = count()


def settings(server: Zalo, **more: str) -> str:
    """Lines of dondoc.toml for the bot alone."""
    values = {"zalo_bot_token": BOT_TOKEN, "zalo_bot_api": server.url} | more
    return "".join(f'{name} = "{value}"\n' for name, value in values.items())


def update(text: object, number: str = "", **other: Any) -> dict[str, Any]:
    """A message as Zalo hands it over; ``other`` are further fields of it."""
    message = {
        "message_id": number or f"m{next(_NUMBERS)}",
        "chat": {"id": CHAT, "chat_type": "PRIVATE"},
        "from": {"id": CHAT, "display_name": "Bà An", "is_bot": False},
        "text": text,
        "date": 1_766_619_597_466,
    }
    return {"event_name": "message.text.received", "message": message | other}


def said(server: Zalo) -> list[tuple[str, str]]:
    """Chat and text of what the bot sent."""
    return [(each["chat_id"], each["text"]) for each in server.said]
