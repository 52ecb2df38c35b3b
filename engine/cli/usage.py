"""What is wrong with a command line, in Vietnamese, whatever part of Typer noticed it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from engine.cli.help import value_word
from engine.vietnamese import nearest

_CHOICES = re.compile(r"'([^']*)'")


def usage_error(error: Any) -> str:
    """Two or three lines: what is wrong, how the command is written, where the help is.

    Typer's own exceptions are told apart by their names: it does not publish the classes.
    """
    context = getattr(error, "ctx", None)
    lines = [f"Lỗi: {_what(error, context)}"]
    if context is not None:
        lines.append(context.command.get_usage(context))
        lines.append(f"Xem thêm: {_path(context)} --help")
    return "\n".join(lines)


def _path(context: Any) -> str:
    """ "dondoc plan show" without the places of arguments."""
    names = []
    while context is not None:
        names.append(context.info_name or "")
        context = context.parent
    return " ".join(reversed(names))


def _what(error: Any, context: Any) -> str:
    kind = type(error).__name__
    message = str(getattr(error, "message", "") or "")
    if kind == "NoSuchOption":
        return _unknown_option(error.option_name, context)
    if kind == "MissingParameter":
        return _missing(error.param)
    if kind == "BadOptionUsage":
        if "does not take" in message:
            return f"tùy chọn {error.option_name} không nhận giá trị."
        return f"tùy chọn {error.option_name} còn thiếu giá trị đi sau."
    if kind == "BadParameter":
        return _bad_value(error, message)
    if message.startswith("Missing command"):
        return "còn thiếu tên lệnh."
    if found := re.match(r"No such command (.*?)\.?(?: Did you mean .*)?$", message, re.DOTALL):
        return _unknown_command(found.group(1).strip("'\""), context)
    if found := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", message, re.DOTALL):
        return f"thừa tham số: {found.group(1)}. Tên có dấu cách phải đặt trong ngoặc kép."
    if re.match(r"Argument .* takes", message):
        return "số tham số chưa đúng."
    return message if any(ord(c) > 0x7F for c in message) else "câu lệnh chưa đúng."


def _unknown_option(name: str, context: Any) -> str:
    known = [o for p in context.command.get_params(context) for o in p.opts] if context else []
    return f"không có tùy chọn {name}.{_suggestion(name, known)}"


def _unknown_command(name: str, context: Any) -> str:
    known = context.command.list_commands(context) if context else []
    listed = "" if (close := _suggestion(name, known)) else f" Các lệnh: {', '.join(known)}."
    return f"không có lệnh “{name}”.{close}{listed}"


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f" Có phải là: {', '.join(close)}?" if close else ""


def _missing(parameter: Any) -> str:
    if parameter is None:
        return "còn thiếu tham số."
    if getattr(parameter, "param_type_name", "") == "option":
        return f"còn thiếu tùy chọn {parameter.opts[0]} {value_word(parameter)}."
    return f"còn thiếu tham số {_shown(parameter)}."


def _shown(parameter: Any) -> str:
    if getattr(parameter, "param_type_name", "") == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or (parameter.name or "").upper())


def _bad_value(error: Any, message: str) -> str:
    parameter, hint = getattr(error, "param", None), getattr(error, "param_hint", None)
    named = hint or (_shown(parameter) if parameter is not None else "")
    place = f"{named}: " if named else ""
    if any(ord(c) > 0x7F for c in message) and "is not one of" not in message:
        return f"{place}{message}."
    if "is not one of" in message:
        said, _, allowed = message.partition("is not one of")
        choices = _CHOICES.findall(allowed)
        typed = next(iter(_CHOICES.findall(said)), "")
        return f"{place}không nhận giá trị “{typed}”. Chọn một trong: {', '.join(choices)}."
    for detail in getattr(error.__cause__, "errors", list)():
        # heavy: only for a value of a wrong kind
        from engine.loading.schema_words import wording

        _, words, advice = wording(detail, "", (), ())
        return f"{place}{words[:1].lower()}{words[1:]}" + (f" ({advice})." if advice else ".")
    return f"{place}giá trị không hợp lệ."
