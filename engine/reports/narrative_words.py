"""Small words of the narrative: counts, lists, shares, quotations."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from engine.reports.shares import REPORT_PLACES, percentage

_INNER = str.maketrans("«»", "‹›")


def count_of(number: int, what: str) -> str:
    """ "không có lượt giao nào", "1 lượt giao", "1.234 lượt giao": nouns do not change, only none is said
    otherwise."""
    return f"{number:,} {what}".replace(",", ".") if number else f"không có {what} nào"


def enumerated(words: Sequence[str], rest: str = "") -> str:
    """ "a", "a và b", "a, b và c"; ``rest`` comes last where there is any."""
    every = [*words, rest] if rest else list(words)
    if len(every) < 2:
        return "".join(every)
    # Names may hold commas themselves.
    between = "; " if any("," in word for word in every) else ", "
    return f"{between.join(every[:-1])} và {every[-1]}"


def per_cent(part: int, whole: int) -> str:
    """ "60,53 %"; empty of nothing."""
    share = percentage(part, whole, REPORT_PLACES)
    return f"{share} %".replace(".", ",") if share is not None else ""


def quoted(text: str) -> str:
    """Somebody's words as they stand, between «…», on one line.

    Inner « » become ‹ ›, and what cannot be seen (control characters, marks that turn the direction of the
    writing) is left out, so that nobody's words can pass for the report's own.
    """
    seen = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN
    )
    return f"«{' '.join(seen.split()).translate(_INNER)}»"


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
