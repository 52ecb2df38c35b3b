"""Telephone numbers as people type them, and the one form in which they are kept: "84" and nine digits."""

import re

_SEPARATORS = re.compile(r"[\s.()\[\]\-\u2010-\u2015\u2212\u00ad\u200b-\u200f\u2060\ufeff]+")
_KEPT = re.compile(r"84[35789][0-9]{8}")
_SEVERAL = re.compile(r"[,;/|]|\bvà\b|\bhoặc\b", re.IGNORECASE)

# Mobile numbers had eleven digits until 2018; the ministry's own table of what became of their beginnings.
_RENUMBERED = {
    **{f"016{last}": f"03{last}" for last in "23456789"},
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}


class PhoneError(ValueError):
    """What was typed is no number that Zalo reaches; the text is Vietnamese and does not repeat it."""


def plain_phone(text: str) -> str:
    """The number in `text` as "84" and nine digits. Raises PhoneError.

    Takes 0912 345 678, +84 912…, 84912…, 0084912…, with spaces, dots, dashes and brackets, and 912345678: a
    spreadsheet drops the zero of what it takes for a number. Mobile numbers of Viet Nam only: whom Zalo does
    not reach is refused at the door, with the reason.

    >>> plain_phone("+84 (0) 900-000-001")
    '84900000001'
    """
    if _SEVERAL.search(text.strip(" ,;")):
        raise PhoneError("chỉ ghi một số điện thoại")
    bare = _SEPARATORS.sub("", text.strip(" ,;"))
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneError("số điện thoại chỉ gồm chữ số, ví dụ 0912 345 678")
    national = _without_country(digits, international=bare.startswith("+"))
    if national is None:
        raise PhoneError("chỉ nhận số di động của Việt Nam, bắt đầu bằng 0 hoặc +84")
    if _KEPT.fullmatch(f"84{national}"):
        return f"84{national}"
    raise PhoneError(_why_not(national))


def is_plain_phone(text: str) -> bool:
    """Whether `text` is a mobile number in the kept form."""
    return _KEPT.fullmatch(text) is not None


def spoken_phone(phone: str) -> str:
    """A kept number as people write it at home; anything else as it is.

    >>> spoken_phone("84900000001")
    '0900 000 001'
    """
    if not is_plain_phone(phone):
        return phone
    return f"0{phone[2:5]} {phone[5:8]} {phone[8:]}"


def _without_country(digits: str, *, international: bool) -> str | None:
    """The digits after the country code and the zero of a trunk call; None for another country."""
    if digits.startswith("00"):
        digits, international = digits[2:], True
    if international:
        return digits[2:].removeprefix("0") if digits.startswith("84") else None
    if digits.startswith("0"):
        return digits[1:]
    # 84… is the country from eleven digits on; with nine it is a mobile number without its zero.
    if digits.startswith("84") and len(digits) >= 11:
        return digits[2:].removeprefix("0")
    return digits


def _why_not(national: str) -> str:
    if national.startswith("2"):
        return "số máy bàn không nhận được Zalo; ghi số di động"
    new = _RENUMBERED.get(f"0{national[:3]}")
    if new and len(national) == 10:
        return f"đầu số 0{national[:3]} đã đổi thành {new} từ năm 2018; ghi số mới"
    if len(national) != 9:
        return f"số di động có 10 chữ số kể cả số 0 ở đầu; ở đây có {len(national) + 1}"
    return "đầu số này không phải của di động Việt Nam (03, 05, 07, 08, 09)"
