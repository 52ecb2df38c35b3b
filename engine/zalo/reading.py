"""An update of the Zalo bot, from its webhook or from ``getUpdates`` → what somebody said.

The shape is taken as leniently as it can be: the documentation, the SDKs and what people saw differ in
whether the message stands below ``result``, in the type of ids, and in the names of events.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.store.people.pairing import DIGITS, LETTERS

_LONGEST_CHAT = 64
_LONGEST_ID = 400
_LONGEST_TEXT = 2000
"""Of a message on Zalo; what stands behind it is not read."""

_ID = re.compile(r"[\x21-\x7e]+")
_DASHES = r"\-‐‑‒–—−"
_HALF = rf"[{LETTERS}{DIGITS}]{{4}}"
_PARTED = re.compile(rf"(?<![A-Z0-9])({_HALF})\s?[{_DASHES}]\s?({_HALF})(?![A-Z0-9])")
_BARE = re.compile(rf"({_HALF})\s?({_HALF})")
_BEFORE_A_CODE = re.compile(r"^\s*(MÃ|MA|CODE)?\s*(GHÉP|GHEP)?\s*(LÀ|LA)?\s*:?\s*")

_STOP = frozenset({"dừng", "dừng lại", "dừng nhận tin", "dừng nhận", "stop"})
_PERHAPS_STOP = frozenset({"dung", "dung lai", "dung nhan tin", "huy", "hủy", "huỷ", "thoát", "thoat"})


class Wish(StrEnum):
    """What a text asks for. PERHAPS_STOP: without accents "dung" is also "đúng"."""

    PAIR = "pair"
    STOP = "stop"
    PERHAPS_STOP = "perhaps stop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Said:
    """One message to the bot. ``id`` tells it from others, ``text`` is empty for pictures and stickers."""

    id: str
    chat: str = field(repr=False)
    text: str = field(repr=False)
    is_group: bool = False


def read(update: object) -> Said | None:
    """The message in an update; None when there is none that can be answered."""
    if not isinstance(update, Mapping):
        return None
    message = _below(update, "message") or _below(_below(update, "result"), "message")
    sender = _below(message, "from")
    if not message or sender.get("is_bot") is True:
        return None
    place = _below(message, "chat")
    chat = _id(place.get("id") if place else sender.get("id"), _LONGEST_CHAT)
    if not chat:
        return None
    text = message.get("text")
    text = text[:_LONGEST_TEXT] if isinstance(text, str) else ""
    kind = place.get("chat_type", place.get("type", ""))
    is_group = isinstance(kind, str) and kind.strip().upper() in {"GROUP", "SUPERGROUP", "CHANNEL"}
    id = _id(message.get("message_id", message.get("msg_id")), _LONGEST_ID)
    return Said(id or _made_up_id(chat, text, message.get("date")), chat, text, is_group)


def wish(text: str) -> tuple[Wish, str]:
    """What a text asks for, and the code in it (PAIR)."""
    code = code_in(text)
    if code:
        return Wish.PAIR, code
    word = " ".join(re.sub(r"[^\w\s]+", " ", unicodedata.normalize("NFC", text)).casefold().split())
    if word in _STOP:
        return Wish.STOP, ""
    return (Wish.PERHAPS_STOP if word in _PERHAPS_STOP else Wish.OTHER), ""


def code_in(text: str) -> str:
    """The code that somebody means: eight letters and digits with a dash between them anywhere, or nothing
    else but such a code. Empty for none; a word or a number is never a code."""
    capitals = unicodedata.normalize("NFKC", text).upper()
    found = _PARTED.findall(capitals)
    bare = _BARE.fullmatch(_BEFORE_A_CODE.sub("", capitals).strip(" \t\n.,;:!“”\"'()"))
    if bare is not None:
        found.append(bare.groups())
    codes = [first + second for first, second in found]
    return next((code for code in codes if not code.isalpha() and not code.isdigit()), "")


def _below(value: object, name: str) -> Mapping[str, Any]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _id(value: object, longest: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    # A number of any length becomes text only while Python agrees to write it.
    text = str(value) if not isinstance(value, int) or value.bit_length() < 256 else ""
    return text if len(text) <= longest and _ID.fullmatch(text) else ""


def _made_up_id(chat: str, text: str, at: object) -> str:
    """For a message without a number: the same one handed over twice gets the same."""
    seen = json.dumps([chat, text, at if isinstance(at, str | int | float) else ""])
    return f"sha256:{hashlib.sha256(seen.encode()).hexdigest()}"
