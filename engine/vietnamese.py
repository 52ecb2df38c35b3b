"""Vietnamese text as people type it: one spelling for comparison, the nearest known name."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_SPACES = re.compile(r"[\s\u00a0\u200b\u200c\u200d\u2060\ufeff]+")
# Tone marks on oa/oe/uy stand on either vowel ("hoà"/"hòa"); the second place is the newer habit.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_OLD_TONE = re.compile(rf"(?<![qQ])([oOuU])([{_TONES}])([aAeEyY])(?![\w\u0300-\u036f])")


def tidy(text: str) -> str:
    """NFC, every dash as ``-``, runs of any white space as one blank, no blanks at the ends."""
    text = unicodedata.normalize("NFC", text).translate(_DASHES)
    return _SPACES.sub(" ", text).strip()


def same_tone_place(text: str) -> str:
    """Writes "hòa", "thủy" as "hoà", "thuỷ", so that both spellings compare equal (NFC)."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _OLD_TONE.sub(r"\1\3\2", decomposed))


def match_key(text: str) -> str:
    """Equal for spellings that mean the same name: case, spaces, dashes and tone place ignored."""
    return same_tone_place(tidy(text)).casefold()


def without_marks(text: str) -> str:
    """Lower case without accents, đ as d: what a search box compares."""
    decomposed = unicodedata.normalize("NFD", tidy(text).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def nearest(text: str, known: Iterable[str], *, at_most: int = 3) -> tuple[str, ...]:
    """The known spellings most like ``text``, best first; accents count for little."""
    by_key: dict[str, str] = {}
    for name in known:
        by_key.setdefault(without_marks(name), name)
    keys = difflib.get_close_matches(without_marks(text), by_key, n=at_most, cutoff=0.6)
    return tuple(by_key[key] for key in keys)
