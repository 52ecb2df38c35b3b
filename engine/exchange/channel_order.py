"""In which order a person's channels are tried, in words: "Zalo, Thư điện tử, ZNS"."""

from __future__ import annotations

import re

from engine.errors import DondocError
from engine.store.people.contacts import EMAIL, USUAL_ORDER, ZALO, ZNS
from engine.vietnamese import without_marks

CHANNEL_TITLES = {EMAIL: "Thư điện tử", ZALO: "Zalo", ZNS: "ZNS"}

_PARTED = re.compile(r"[,;>/\n]|->|→|\brồi\b")
_MEANT = {without_marks(title): name for name, title in CHANNEL_TITLES.items()}
_MEANT |= {name: name for name in USUAL_ORDER}
_MEANT |= {"thu": EMAIL, "e-mail": EMAIL, "mail": EMAIL, "zalo bot": ZALO, "tin zns": ZNS, "zalo zns": ZNS}


class OrderRefused(DondocError):
    """Words that name no channel, or one twice; the text is Vietnamese."""


def order_of(text: str) -> tuple[str, ...]:
    """The channels that are named, the preferred one first; nothing for no words. Raises OrderRefused."""
    named = [part.strip() for part in _PARTED.split(text) if part.strip()]
    found: list[str] = []
    for word in named:
        name = _MEANT.get(without_marks(word))
        if name is None:
            known = ", ".join(CHANNEL_TITLES.values())
            raise OrderRefused(f"không có kênh “{word[:40]}”; các kênh: {known}")
        if name in found:
            raise OrderRefused(f"kênh {CHANNEL_TITLES[name]} được ghi hai lần")
        found.append(name)
    return tuple(found)


def order_words(channels: tuple[str, ...]) -> str:
    """The same as words that read back; empty for the usual order."""
    return ", ".join(CHANNEL_TITLES.get(name, name) for name in channels)


def usual_order_words() -> str:
    """The order of whoever has none of their own."""
    return order_words(USUAL_ORDER)
