"""Spelling variants of Vietnamese syllables and the way back to the text as it was typed."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
# Roman numerals of one character, full-width digits and letters.
_ROMAN_OR_WIDE = re.compile("[\u2160-\u217f\uff01-\uff5e]")
_ODD = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff\u2160-\u217f\uff01-\uff5e]")
# A syllable is written in two ways; the left one is read as the right one.
_ALIASES = {
    "hằng": "hàng",
    "bẩy": "bảy",
    "kì": "kỳ",
    "kí": "ký",
    "quí": "quý",
    "tuỳ": "tùy",
    "th": "t",
}


def compose(text: str) -> tuple[str, tuple[int, ...] | None]:
    """NFC without invisible characters, Ⅱ as II, and where each character of it stood in ``text``.

    The places are None when nothing had to change. One more place than characters: the end.
    """
    if unicodedata.is_normalized("NFC", text) and not _ODD.search(text):
        return text, None
    out: list[str] = []
    places: list[int] = []
    start, size = 0, len(text)
    while start < size:
        end = start + 1
        while end < size and unicodedata.combining(text[end]):
            end += 1
        form: Literal["NFC", "NFKC"] = "NFKC" if _ROMAN_OR_WIDE.match(text[start]) else "NFC"
        cluster = unicodedata.normalize(form, text[start:end])
        for character in cluster:
            if character not in _INVISIBLE:
                out.append(character)
                places.append(start)
        start = end
    places.append(size)
    return "".join(out), tuple(places)


def spelling_key(word: str) -> str:
    """Equal for a syllable with its tone on another letter or the horn of ``ươ`` left half out.

    ``word`` is NFC and folded: "qúy" and "quý", "thuờng" and "thường" have one key.
    """
    letters: list[str] = []
    tones: list[str] = []
    for character in unicodedata.normalize("NFD", word):
        (tones if character in _TONES else letters).append(character)
    bare = unicodedata.normalize("NFC", "".join(letters)).replace("uơ", "ươ").replace("ưo", "ươ")
    if bare == "qui":
        bare = "quy"
    return bare + "".join(tones)


class Vocabulary:
    """The syllables that the grammar knows, each found under every way to spell it."""

    __slots__ = ("_by_key", "words")

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self._by_key = {spelling_key(word): word for word in sorted(words)}
        self._by_key |= {spelling_key(alias): word for alias, word in _ALIASES.items()}

    def canonical(self, folded: str) -> str:
        """The grammar's spelling of a case-folded NFC syllable; itself when it is unknown."""
        if folded in self.words and folded not in _ALIASES:
            return folded
        return _ALIASES.get(folded) or self._by_key.get(spelling_key(folded), folded)
