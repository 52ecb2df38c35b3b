"""One thing that ``dondoc doctor`` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Examined:
    """How it is, and what to do where it is not well."""

    level: Level
    what: str
    hint: str = ""
