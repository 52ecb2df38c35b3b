"""What a ZNS template asks for, by its own description, and our short values fitted to it.

GET /template/info/v2: data.listParams, each {name, require, type, maxLength, minLength, acceptNull}; numbers
may come as strings.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notifiers import facts
from notifiers.errors import ChannelError, MessageError

_MAY_BE_CUT = frozenset({facts.RECIPIENT})
"""Cutting a number, a date, a code or a link would say something else."""

_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+")  # "1.234" as it is written in Vietnamese

_LIST_LIMIT = 30  # letters, where a description names no length


@dataclass(frozen=True, slots=True)
class Param:
    """One value that the template has a place for. ``longest`` and ``shortest`` are in letters."""

    name: str
    required: bool
    kind: str
    longest: int
    shortest: int


def described(data: Mapping[str, Any]) -> tuple[Param, ...]:
    """The places of a template from ``data`` of its description, read leniently."""
    listed = data.get("listParams")
    found = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return tuple(_param(each) for each in found if isinstance(each, Mapping) and each.get("name"))


def read_mapping(text: str) -> dict[str, str]:
    """The setting ``zns_template_params``: "ten=don_vi; so=so_viec" → template's name to ours. Empty: every
    name is ours already. ChannelError for what cannot be read."""
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;,\n]", text))):
        theirs, equals, ours = (word.strip() for word in part.partition("="))
        if not equals or not theirs or ours not in facts.NAMES:
            known = ", ".join(facts.NAMES)
            raise ChannelError(
                f"DONDOC_ZNS_TEMPLATE_PARAMS: không hiểu “{part[:60]}”; viết tên_trong_mẫu=tên_của_ta, "
                f"các tên của ta: {known}"
            )
        found[theirs] = ours
    return found


def unfilled(params: Sequence[Param], mapping: Mapping[str, str]) -> list[str]:
    """The required places that nothing of ours is meant for: the setting does not fit the template."""
    return [p.name for p in params if p.required and mapping.get(p.name, p.name) not in facts.NAMES]


def fitted(
    values: Mapping[str, str], params: Sequence[Param], mapping: Mapping[str, str]
) -> dict[str, str | int]:
    """``template_data`` for one message. MessageError (Vietnamese) where a value does not fit."""
    found: dict[str, str | int] = {}
    for param in params:
        ours = mapping.get(param.name, param.name)
        value = " ".join(values.get(ours, "").split())
        if not value and not param.required:
            continue
        if not value or len(value) < param.shortest:
            raise MessageError(f"Mẫu ZNS cần “{param.name}” mà tin này không có giá trị vừa cho nó.")
        if len(value) > param.longest:
            if ours not in _MAY_BE_CUT:
                raise MessageError(f"Mẫu ZNS chỉ cho “{param.name}” dài {param.longest} ký tự.")
            value = _cut(value, param.longest)
        found[param.name] = _typed(param, value)
    return found


def _typed(param: Param, value: str) -> str | int:
    if param.kind != "NUMBER":
        return value
    if not _NUMBER.fullmatch(value):
        raise MessageError(f"Mẫu ZNS cần “{param.name}” là một số.")
    return int(value.replace(".", ""))


def _cut(text: str, longest: int) -> str:
    """At a word, with "…" in place of the rest."""
    if longest <= 1:
        return text[:longest]
    head = text[: longest - 1]
    if text[longest - 1] != " " and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ;,–-") + "…"


def _param(described: Mapping[str, Any]) -> Param:
    return Param(
        name=str(described["name"]),
        required=_yes(described.get("require", True)) and not _yes(described.get("acceptNull", False)),
        kind=str(described.get("type", "STRING")).upper(),
        longest=_number(described.get("maxLength"), _LIST_LIMIT),
        shortest=_number(described.get("minLength"), 0),
    )


def _yes(value: Any) -> bool:
    return value is True or str(value).lower() in {"true", "1"}


def _number(value: Any, otherwise: int) -> int:
    try:
        found = int(str(value))
    except ValueError:
        return otherwise
    return found if found > 0 else otherwise
