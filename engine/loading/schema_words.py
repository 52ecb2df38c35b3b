"""The words for what pydantic finds wrong; an error type not known here gets a general sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from engine.vietnamese import nearest

Wording = tuple[str, str, str]
"""Code, message and hint of a Problem."""

_SHAPES = {
    "string_type": "một đoạn chữ",
    "list_type": "một danh sách (mỗi mục một dòng bắt đầu bằng '- ')",
    "tuple_type": "một danh sách (mỗi mục một dòng bắt đầu bằng '- ')",
    "set_type": "một danh sách (mỗi mục một dòng bắt đầu bằng '- ')",
    "frozen_set_type": "một danh sách (mỗi mục một dòng bắt đầu bằng '- ')",
    "model_type": "một nhóm khóa (mỗi dòng một “khóa: giá trị”)",
    "model_attributes_type": "một nhóm khóa (mỗi dòng một “khóa: giá trị”)",
    "dataclass_type": "một nhóm khóa (mỗi dòng một “khóa: giá trị”)",
    "dict_type": "một nhóm khóa (mỗi dòng một “khóa: giá trị”)",
    "mapping_type": "một nhóm khóa (mỗi dòng một “khóa: giá trị”)",
    "int_type": "số nguyên",
    "float_type": "số",
    "decimal_type": "số",
    "bool_type": "có hoặc không",
    "date_type": "ngày (ngày/tháng/năm)",
    "none_required": "để trống",
}
# What the patterns of the schemas mean, for people who do not read regular expressions.
_PATTERNS: dict[str, str] = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "chỉ dùng chữ thường không dấu, chữ số và dấu '-', ví dụ an-duong-2023",
    r"^[a-z0-9]+([.-][a-z0-9]+)*$": (
        "chỉ dùng chữ thường không dấu, chữ số, dấu '-' và dấu '.' ở giữa, ví dụ hai-phong.an-duong"
    ),
}
_NUMBERS = {"int_parsing", "int_parsing_size", "int_from_float", "int_type"}
_DECIMALS = {"float_parsing", "decimal_parsing", "finite_number"}
_ENGLISH_ALTERNATIVES = re.compile(r"'((?:[^']|'(?!,| or |$))*)'")


def wording(detail: ErrorDetails, name: str, known: tuple[str, ...], shapes: tuple[str, ...]) -> Wording:
    """What to tell the author.

    ``name`` is the key that the error is about ("" at the top of the file), ``known`` the keys
    allowed beside an unknown one, ``shapes`` the types that the alternatives of a union ask for.
    """
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "dondoc":
        return context["code"], _about(name, context["message"]), context["hint"]
    if kind == "extra_forbidden":
        return _unknown_key(name, detail["input"], known)
    if kind == "missing":
        return "missing-key", f"Thiếu khóa “{name}”", f"thêm dòng “{name}: …” vào nhóm này"
    if detail["input"] is None and kind in _SHAPES:
        return "empty-value", _about(name, "Chưa có giá trị"), "điền giá trị sau dấu ':' hoặc xóa dòng này"
    if kind in _SHAPES:
        asked = dict.fromkeys(_SHAPES[shape] for shape in shapes or (kind,) if shape in _SHAPES)
        message = _about(name, f"Ở đây phải là {' hoặc '.join(asked)}")
        return "wrong-type", message, _shape_hint(detail["input"])
    if kind in _WORDS:
        message, hint = _WORDS[kind](context, _shown(detail["input"]))
        return "bad-value", _about(name, message), hint
    if kind in {"value_error", "assertion_error"}:
        said = str(context.get("error", ""))
        return "bad-value", _about(name, said if _is_vietnamese(said) else _general(detail)), ""
    return "bad-value", _about(name, _general(detail)), "xem hướng dẫn soạn tệp và một tệp mẫu đúng"


def _general(detail: ErrorDetails) -> str:
    return f"Giá trị {_shown(detail['input'])} không hợp lệ"


def _about(name: str, message: str) -> str:
    return f"Khóa “{name}”: {message[:1].lower() + message[1:]}" if name else message


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"“{value if len(value) <= 40 else value[:39] + '…'}”"
    return "trong danh sách" if isinstance(value, list) else "ở đây"


def _is_vietnamese(text: str) -> bool:
    return any(ord(c) > 0x7F for c in text)


def _shape_hint(value: object) -> str:
    if isinstance(value, dict):
        return "nếu giá trị là chữ có dấu ': ' thì đặt cả giá trị trong ngoặc kép"
    if isinstance(value, list):
        return "bỏ dấu '- ' hoặc [ ] nếu chỉ có một giá trị"
    return ""


def _unknown_key(name: str, value: object, known: tuple[str, ...]) -> Wording:
    close = nearest(name, known, at_most=1)
    if close:
        hint = f"có phải là “{close[0]}”?"
    elif value is None and " " in name:
        hint = "nếu đây là một phần của giá trị trong { … } thì đặt cả giá trị trong ngoặc kép"
    elif known:
        hint = f"các khóa được dùng ở đây: {', '.join(known)}"
    else:
        hint = "xóa khóa này"
    return "unknown-key", f"Không có khóa “{name}”", hint


def _choices(context: dict[str, Any]) -> str:
    """The allowed values as "a, b, c" from pydantic's "'a', 'b' or 'c'"."""
    return ", ".join(_ENGLISH_ALTERNATIVES.findall(str(context.get("expected", ""))))


def _one_of(context: dict[str, Any], shown: str) -> tuple[str, str]:
    allowed = _choices(context)
    close = nearest(shown.strip("“”"), allowed.split(", "), at_most=1)
    hint = f"có phải là “{close[0]}”? " if close else ""
    return f"Giá trị {shown} không được dùng", f"{hint}chọn một trong: {allowed}"


def _bound(words: str, key: str) -> Callable[[dict[str, Any], str], tuple[str, str]]:
    return lambda context, shown: (f"Giá trị {shown} phải {words} {context.get(key)}", "")


def _size(words: str, key: str, unit: str) -> Callable[[dict[str, Any], str], tuple[str, str]]:
    return lambda context, shown: (f"{words} {context.get(key)} {unit}", "")


_WORDS: dict[str, Callable[[dict[str, Any], str], tuple[str, str]]] = {
    **dict.fromkeys(
        sorted(_NUMBERS),
        lambda _, shown: (f"Giá trị {shown} không phải số nguyên", "chỉ viết chữ số, ví dụ 15"),
    ),
    **dict.fromkeys(
        sorted(_DECIMALS), lambda _, shown: (f"Giá trị {shown} không phải số", "viết số, ví dụ 12 hoặc 12.5")
    ),
    "bool_parsing": lambda _, shown: (f"Giá trị {shown} không phải có/không", "viết có hoặc không"),
    "enum": _one_of,
    "literal_error": _one_of,
    "union_tag_invalid": lambda _, shown: (
        "Không nhận ra loại của mục này",
        "xem lại khóa đầu tiên của mục; so với một mục đúng",
    ),
    "union_tag_not_found": lambda _, shown: (
        "Không nhận ra loại của mục này",
        "mục thiếu khóa cho biết nó là gì; so với một mục đúng",
    ),
    "string_pattern_mismatch": lambda context, shown: (
        f"Giá trị {shown} không đúng dạng quy định",
        _PATTERNS.get(str(context.get("pattern")), f"dạng được nhận: {context.get('pattern')}"),
    ),
    "string_too_short": lambda context, shown: (
        ("Chưa có giá trị", "điền giá trị sau dấu ':'")
        if shown == "“”"
        else (f"Giá trị {shown} quá ngắn, ít nhất {context.get('min_length')} ký tự", "")
    ),
    "string_too_long": _size("Giá trị quá dài, tối đa", "max_length", "ký tự"),
    "too_short": _size("Quá ít mục, ít nhất", "min_length", "mục"),
    "too_long": _size("Quá nhiều mục, tối đa", "max_length", "mục"),
    "greater_than": _bound("lớn hơn", "gt"),
    "greater_than_equal": _bound("từ", "ge"),
    "less_than": _bound("nhỏ hơn", "lt"),
    "less_than_equal": _bound("không quá", "le"),
    "multiple_of": _bound("là bội số của", "multiple_of"),
    "string_unicode": lambda _, shown: ("Chữ có ký tự hỏng", "gõ lại giá trị này"),
}
