"""How values are written for people: dates, numbers, states. Filters of the templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from engine.model.access import ROLE_NAMES, Role
from engine.model.assignment import State, Timeliness
from engine.tracking.assess import TIMELINESS_NAMES
from engine.tracking.progress import STATE_NAMES, VIETNAM

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def day(value: date | None) -> str:
    """05/06/2023; a dash for none."""
    return f"{value:%d/%m/%Y}" if value else "–"


def weekday(value: date | None) -> str:
    """thứ Hai, 05/06/2023."""
    return f"{_WEEKDAYS[value.weekday()]}, {value:%d/%m/%Y}" if value else "–"


def instant(value: datetime | None) -> str:
    """08:05 05/06/2023, the time in Viet Nam."""
    return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if value else "–"


def number(value: int | None) -> str:
    """1.234; a dash for none: nothing reported is not zero."""
    return f"{value:,}".replace(",", ".") if value is not None else "–"


def decimal(value: float | None, places: int = 1) -> str:
    """60,5; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def state(value: State | str) -> str:
    """The Vietnamese name of a state."""
    return STATE_NAMES[State(value)]


def timeliness(value: Timeliness | str) -> str:
    """The Vietnamese name of a timeliness."""
    return TIMELINESS_NAMES[Timeliness(value)]


def role(value: Role | str) -> str:
    """The Vietnamese name of a role."""
    return ROLE_NAMES[Role(value)]


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "weekday": weekday,
    "instant": instant,
    "number": number,
    "decimal": decimal,
    "state": state,
    "timeliness": timeliness,
    "role": role,
}
