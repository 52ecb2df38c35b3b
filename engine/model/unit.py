"""Units (đơn vị) and groups of units (nhóm đơn vị)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["province", "district", "commune", "village"]
UnitKind = Literal[
    "committee", "department", "agency", "organisation", "press", "school", "team", "party", "council"
]


@dataclass(frozen=True, slots=True)
class Unit:
    """An office that can be responsible. ``id`` is a dotted path below its parent."""

    id: str
    name: str
    aliases: tuple[str, ...]
    level: Level
    kind: UnitKind
    form: str | None
    parent: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: str | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether the unit exists on that day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which units below a plan's issuer a group stands for."""

    kind: UnitKind
    level: Level | None
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A name that stands for many units.

    Exactly one of: ``select`` (found below the plan's issuer), ``members`` (listed), or neither,
    when the document never lists them (``unlisted``). ``partial``: only those the document names.
    ``under``: this meaning of the name holds only for plans issued in that unit's subtree.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    under: str | None
    select: Selection | None
    members: tuple[str, ...]
    unlisted: bool
    partial: bool
