"""Numbers as people type them in Viet Nam ("1.234,5", "76,7 %", "-") and back.

A point parts thousands and a comma the decimals (Thông tư 01/2011/TT-BNV and every official table). What
could be meant either way ("99.5", "1,234.5") is refused with what to type instead, never guessed at.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from engine.errors import DondocError
from engine.vietnamese import tidy, without_marks

LONGEST = 30
"""Characters of a number; longer ones are not numbers."""

_NUMBER = re.compile(r"-?(?:\d{1,3}(?:[. ]\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_WITH_POINT = re.compile(r"(-?\d+)\.(\d+)", re.ASCII)
_ENGLISH = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_EITHER = re.compile(r"-?[1-9]\d{0,2},\d{3}", re.ASCII)
_NOTHING = frozenset(
    {"", "-", "--", "/", "x", "khong", "khong co", "khong co so lieu", "chua co", "chua co so lieu", "k/c"}
)


class NotANumber(DondocError):
    """A text that is no number, or could be two; says what to type instead."""


def typed_number(text: str) -> Decimal | None:
    """The number that somebody typed, exactly; None for "-", "không có" and an empty field (nothing
    reported, never 0). A per cent sign may stand behind it and changes nothing: "80 %" is 80.

    Raises NotANumber; also for "1,051", which a printed table of 2022 has for 1.051.
    """
    shown = tidy(text)
    if without_marks(shown).rstrip(".") in _NOTHING:
        return None
    bare = shown.removesuffix("%").strip().removeprefix("+")
    if len(bare) <= LONGEST and _NUMBER.fullmatch(bare) and not _EITHER.fullmatch(bare):
        return _exact(bare)
    raise NotANumber(_refusal(shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…", bare))


def printed_number(cell: str) -> Decimal | None:
    """The number in a cell of a printed table; None for everything else. A percentage keeps its size."""
    bare = tidy(cell).removesuffix("%").strip()
    return _exact(bare) if _NUMBER.fullmatch(bare) else None


def printed_places(cell: str) -> int:
    """How many decimals a printed number shows."""
    return len(tidy(cell).removesuffix("%").strip().partition(",")[2])


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, as official tables round."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def written(value: Decimal | int | None, places: int | None = None) -> str:
    """1.234,5; a dash for None. ``places``: rounded half up to as many; all that it has when None."""
    if value is None:
        return "–"
    exact = Decimal(value)
    shown = f"{rounded(exact, places):,f}" if places is not None else _bare(exact)
    return shown.translate(str.maketrans(",.", ".,"))


def _bare(value: Decimal) -> str:
    whole, point, rest = f"{value:,f}".partition(".")
    rest = rest.rstrip("0")
    return f"{whole}{point}{rest}" if rest else whole


def _exact(bare: str) -> Decimal:
    return Decimal(bare.replace(".", "").replace(" ", "").replace(",", "."))


def _refusal(shown: str, bare: str) -> str:
    wrong = f"“{shown}” không phải là số"
    if _EITHER.fullmatch(bare):
        whole = bare.replace(",", ".")
        return (
            f"“{shown}” hiểu được hai cách; số nguyên thì viết “{whole}”, số thập phân thì viết “{bare[:-1]}”"
        )
    if _ENGLISH.fullmatch(bare) and ("." in bare or bare.count(",") > 1):
        meant = bare.translate(str.maketrans(",.", ".,"))
        return f"{wrong} viết theo kiểu Việt Nam; có phải là “{meant}”? (dấu phẩy trước phần thập phân)"
    if (point := _WITH_POINT.fullmatch(bare)) is not None:
        meant = f"{point[1]},{point[2]}"
        return f"{wrong} viết theo kiểu Việt Nam; có phải là “{meant}”? (dấu phẩy trước phần thập phân)"
    return f"{wrong}; viết như 1.234,5 hoặc 76,7%, ghi “-” nếu chưa có số liệu"
