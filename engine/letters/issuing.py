"""Who issues a letter, as its head and foot name them (Nghị định 30/2020/NĐ-CP, phụ lục I, phần II)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.model.unit import Unit
from engine.units import Registry

_COMMITTEE = "UBND "
# An area named after a number or a person keeps its form in front: "Quận 1", "Thành phố Hồ Chí Minh".
_KEEPS_FORM = re.compile(r"[0-9]+|Hồ Chí Minh")


@dataclass(frozen=True, slots=True)
class Issuing:
    """The issuing body: ``above`` the body over it (empty for a people's committee, which has none),
    ``own`` its name in lines, both in capitals; ``symbol`` what follows the number; ``authority`` for
    whom the signer signs; ``name`` as running text has it. What nobody can know stands in brackets."""

    above: str
    own: tuple[str, ...]
    place: str
    symbol: str
    authority: tuple[str, ...]
    name: str


UNKNOWN = Issuing(
    above="[TÊN CƠ QUAN CHỦ QUẢN]",
    own=("[TÊN CƠ QUAN BAN HÀNH]",),
    place="……",
    symbol="/…",
    authority=("[CHỨC VỤ CỦA NGƯỜI KÝ]",),
    name="Văn phòng",
)
"""Where plans of several issuers come together: the person who drafts decides."""


def issuing_body(registry: Registry, id: str) -> Issuing:
    """How the unit ``id`` stands in the head and foot of its letters."""
    unit = registry.units.get(id)
    if unit is None:
        return UNKNOWN
    if unit.kind == "committee":
        area = unit.name.removeprefix(_COMMITTEE)
        return Issuing(
            above="",
            own=("ỦY BAN NHÂN DÂN", area.upper()),
            place=_place(unit),
            symbol="/UBND-…",
            authority=("TM. ỦY BAN NHÂN DÂN", "[CHỨC VỤ CỦA NGƯỜI KÝ]"),
            name=unit.name,
        )
    committees = (u for a in registry.ancestors(id) if (u := registry.units[a]).kind == "committee")
    nearest = next(committees, None)
    return Issuing(
        above=registry.name(unit.parent).upper() if unit.parent else "",
        own=(unit.name.upper(),),
        place=_place(nearest) if nearest else "……",
        symbol="/…",
        authority=("[CHỨC VỤ CỦA NGƯỜI KÝ]",),
        name=unit.name,
    )


def _place(committee: Unit) -> str:
    """ "Thạch Châu" of "UBND xã Thạch Châu"."""
    area = committee.name.removeprefix(_COMMITTEE)
    bare = area.removeprefix(committee.form or "").strip()
    if not bare or _KEEPS_FORM.fullmatch(bare):
        return area[:1].upper() + area[1:]
    return bare
