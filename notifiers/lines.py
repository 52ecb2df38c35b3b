"""Text that must stay on one line: subjects and names, which come from plan files and contacts."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_BREAKING = {"Cc", "Zl", "Zp"}  # control characters, line and paragraph separators
_HIDDEN = {"Cf", "Cs"}  # zero-width, direction overrides, lone surrogates
_NAME_DASHES = re.compile(r"\s*[,;]+\s*")
_NAME_SPECIALS = re.compile(r"[<>()\[\]\\:@\"]+")

CLEANED_BREAKS = "đã thay ký tự xuống dòng hoặc ký tự điều khiển bằng dấu cách"
CLEANED_HIDDEN = "đã bỏ ký tự ẩn"
CLEANED_SPECIALS = "đã thay dấu phẩy và ký tự đặc biệt trong tên"
CLEANED_LENGTH = "đã rút ngắn cho vừa một dòng"


def single_line(text: str, limit: int) -> tuple[str, tuple[str, ...]]:
    """`text` as one NFC line of at most `limit` characters, and Vietnamese remarks on what was changed.

    Spaces are collapsed and trimmed silently: that changes nothing a reader sees.
    """
    remarks: list[str] = []
    # What is printable holds neither kind; asking each letter for its category takes long.
    kinds = set() if text.isprintable() else {unicodedata.category(letter) for letter in text}
    if kinds & _BREAKING:
        remarks.append(CLEANED_BREAKS)
        text = "".join(" " if unicodedata.category(letter) in _BREAKING else letter for letter in text)
    if kinds & _HIDDEN:
        remarks.append(CLEANED_HIDDEN)
        text = "".join(letter for letter in text if unicodedata.category(letter) not in _HIDDEN)
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if len(line) > limit:
        remarks.append(CLEANED_LENGTH)
        line = line[: limit - 1].rstrip() + "…"
    return line, tuple(remarks)


def display_name(text: str, limit: int = 120) -> tuple[str, tuple[str, ...]]:
    """A name that no mail program can read as an address or as two names, and remarks as `single_line`.

    Commas and semicolons part addresses (RFC 5322, 3.4); they become " - ".
    """
    line, remarks = single_line(text, limit)
    plain = _NAME_SPECIALS.sub(" ", _NAME_DASHES.sub(" - ", line))
    plain = _SPACES.sub(" ", plain).strip(" -")
    if plain != line:
        remarks = (*remarks, CLEANED_SPECIALS)
    return plain, remarks
