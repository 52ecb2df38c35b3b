"""The name that a file is offered under: as people gave it, without what could deceive or do harm."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 120

# Controls, marks that turn the direction of writing, halves of letters, letters that nobody assigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_SAME = {"jpg": ("jpg", "jpeg", "jpe", "jfif")}


def clean_name(name: str, ending: str) -> str:
    """``name`` in NFC without folders, control characters and turned writing, at most LONGEST_NAME letters,
    with the ``ending`` that its content calls for."""
    last = re.split(r"[\\/]", name)[-1]
    text = unicodedata.normalize("NFC", last)
    text = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN
    )
    text = _FORBIDDEN.sub("_", " ".join(text.split())).strip(". ")
    stem, dot, given = text.rpartition(".")
    if not dot or given.lower() not in _SAME.get(ending, (ending,)):
        stem, given = text, ending
    stem = stem.strip(". ") or "minh-chung"
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem[: LONGEST_NAME - len(given) - 1].rstrip('. ')}.{given}"
