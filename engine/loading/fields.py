"""The kinds of value that a schema may ask for, made from the text that the strict reader gives.

Each refuses in Vietnamese, and each says to editors (JSON Schema) how the value is written in YAML,
not what it becomes.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1990, 2100
_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_SMALL = re.compile(r"[0-9]{1,4}")
_FLAGS = {"true": True, "false": False, "có": True, "không": False}
_SPACES = re.compile(r"\s+")


def refusal(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """What a validator raises so that its own Vietnamese words reach the person, whole."""
    return PydanticCustomError("dondoc", "{message}", {"code": code, "message": message, "hint": hint})


class StrictModel(BaseModel):
    """The base of every schema: an unknown key is an error, a value read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_line(value: str) -> str:
    text = _SPACES.sub(" ", value).strip()
    if not text:
        raise refusal("empty-value", "Chưa có giá trị")
    return text


def _to_date(value: Any) -> Any:
    if value is None or isinstance(value, date):
        return value
    if not isinstance(value, str) or not (match := _DATE.fullmatch(value.strip())):
        shown = f"“{_short(value)}” không phải ngày" if isinstance(value, str) else "Giá trị phải là ngày"
        raise refusal("bad-date", shown, "viết ngày/tháng/năm, ví dụ 10/03/2023")
    day, month, year = (int(part) for part in match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        raise refusal("bad-date", f"Không có ngày {value.strip()}", "xem lại ngày, tháng trên lịch") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = f"Năm {year} nằm ngoài khoảng {FIRST_YEAR}–{LAST_YEAR}"
        raise refusal("bad-date", message, "xem lại năm, có thể gõ nhầm một chữ số")
    return found


def _to_flag(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip().lower() not in _FLAGS:
        raise refusal(
            "bad-flag", f"“{_short(value)}” không phải có/không", "viết có hoặc không (true, false)"
        )
    return _FLAGS[value.strip().lower()]


def _to_small_int(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _SMALL.fullmatch(value.strip()):
        message = f"“{_short(value)}” không phải số nguyên từ 0 đến 9999"
        raise refusal("bad-number", message, "chỉ viết chữ số, ví dụ 15")
    return int(value)


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


Text = Annotated[
    str,
    AfterValidator(_one_line),
    WithJsonSchema({"type": ["string", "number"], "minLength": 1}),
]
"""Text in one line, never empty: white space and line ends become one blank; dashes stay as printed."""

VietnameseDate = Annotated[
    date,
    BeforeValidator(_to_date),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$"}),
]
"""A date written dd/mm/yyyy, from 1990 to 2100."""

Flag = Annotated[bool, BeforeValidator(_to_flag), WithJsonSchema({"enum": [True, False, "có", "không"]})]
"""true, false, có or không."""

SmallInt = Annotated[
    int, BeforeValidator(_to_small_int), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 9999})
]
"""A whole number from 0 to 9999, in digits."""
