"""What people type into the forms of decisions: days as they are written here, and words."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

MOST_WORDS = 2000
DAY_HINT = "ngày/tháng/năm, ví dụ 30/06/2023"

_PATTERNS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")
_BREAKS = frozenset("\n\t")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


class NotADay(ValueError):
    """The text is not a day; the message says in Vietnamese how to write one."""


def typed_day(text: str) -> date | None:
    """30/6/2023, 30-06-2023, 30.06.2023 or 2023-06-30; None for nothing. NotADay otherwise."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if not plain:
        return None
    for pattern in _PATTERNS:
        try:
            return datetime.strptime(plain, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise NotADay(f"“{text[:40]}” không phải là một ngày; viết theo {DAY_HINT}")


def typed_words(text: str) -> str:
    """The text in NFC without control characters and hidden ones; line breaks stay."""
    normal = unicodedata.normalize("NFC", text)
    kept = (c for c in normal if c in _BREAKS or unicodedata.category(c) not in _UNSEEN)
    return "".join(kept).strip()
