"""What somebody typed about an indicator → a measurement, or what is wrong with it, whichever way it came:
command line, file, another system, the unit's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.model.plan import Indicator, Plan
from engine.numbers import NotANumber, typed_number
from engine.reports.windows import BY_DECREE, Kind, Window, before, holding, named
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.reports.measurements import Said, say
from engine.units import NameProblem, Registry
from engine.vietnamese import nearest

MOST_WORDS = 2000
"""Characters of a note."""

_HUNDRED = Decimal(100)
_MOST_WHOLE_DIGITS = 15


class Unfit(DondocError):
    """What was typed cannot be taken; ``field``: value, part, whole, window, indicator or note."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Typed:
    """As people type it: a value, or a part of a whole. A Decimal comes from a cell that holds a number."""

    value: str | Decimal = ""
    part: str | Decimal = ""
    whole: str | Decimal = ""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no number was typed at all, not even "-"."""
        return not any(str(each).strip() for each in (self.value, self.part, self.whole))

    @property
    def words(self) -> str:
        """What is kept of it."""
        if str(self.part).strip() or str(self.whole).strip():
            return f"{self.part} / {self.whole}"[:200]
        return str(self.value)[:200]


def read_said(plan: Plan, indicator: Indicator, window: Window, typed: Typed) -> Said:
    """The measurement; with no number at all ("-") it takes back what was said for the window. Raises
    Unfit."""
    if len(typed.note) > MOST_WORDS:
        raise Unfit("note", f"Ghi chú dài quá {MOST_WORDS} chữ")
    value, part, whole = (
        _number(name, text)
        for name, text in (("value", typed.value), ("part", typed.part), ("whole", typed.whole))
    )
    if part is not None or whole is not None:
        if value is not None:
            raise Unfit("value", "Ghi số liệu, hoặc ghi số đạt và tổng số; không ghi cả hai")
        if not indicator.in_percent:
            raise Unfit("part", "Chỉ tiêu này không phải tỷ lệ; chỉ ghi số liệu")
        if part is None or whole is None:
            raise Unfit("part" if part is None else "whole", "Phải ghi đủ số đạt và tổng số")
        if not whole:
            raise Unfit("whole", "Tổng số bằng 0 nên không có tỷ lệ; ghi “-” nếu kỳ này không phát sinh")
        if part > whole:
            raise Unfit("part", "Số đạt lớn hơn tổng số")
    elif value is not None and indicator.in_percent and value > _HUNDRED:
        raise Unfit("value", "Tỷ lệ lớn hơn 100 %")
    return Said(
        plan=plan.id,
        indicator=indicator.id,
        unit=indicator.unit.id,
        first=window.first,
        last=window.last,
        value=value,
        part=part,
        whole=whole,
        typed=typed.words,
        note=typed.note.strip(),
    )


def record_said(
    connection: Connection,
    said: Sequence[Said],
    source: str,
    by: str,
    actor: Actor,
    at: datetime,
    now: datetime,
) -> None:
    """Writes measurements and their line in the audit log; commit is the caller's."""
    say(connection, said, source, by, at, now)
    for each in said:
        after = {
            "indicator": each.indicator,
            "from": each.first.isoformat(),
            "to": each.last.isoformat(),
            "value": str(each.value) if each.value is not None else None,
            "part": str(each.part) if each.part is not None else None,
            "whole": str(each.whole) if each.whole is not None else None,
        }
        shown = {name: value for name, value in after.items() if value is not None}
        audit.append(connection, actor, "measurement.submit", each.plan, now, after=shown)


def usual_window(plan: Plan, today: date) -> Window:
    """The month that people report now: the last one that is over, on its last day already; the present
    one where that ended before the plan began."""
    rule = plan.reporting or BY_DECREE
    present = holding(Kind.MONTH, today, rule)
    if present.last == today:
        return present
    over = before(present, rule)
    return over if over.last >= plan.starts else present


def window_called(plan: Plan, text: str, today: date) -> Window:
    """The window of a name, the usual one of an empty one. Unfit for others and for one not yet begun."""
    if not text.strip():
        return usual_window(plan, today)
    found = named(text, plan.reporting or BY_DECREE)
    if found is None:
        raise Unfit("window", f"“{text}” không phải là một kỳ; viết như 2023-06, 2023-Q2, 2023-H1 hoặc 2023")
    if found.first > today:
        raise Unfit("window", f"Kỳ {found.title} chưa bắt đầu")
    return found


def indicator_called(plan: Plan, text: str, registry: Registry) -> Indicator:
    """By its id, or by the name or id of a unit that has one indicator. Raises Unfit with what there is."""
    for indicator in plan.indicators:
        if indicator.id == text:
            return indicator
    unit = text if text in registry.units or text in registry.groups else None
    resolved = unit or registry.resolve(text, plan.issuer.id)
    if isinstance(resolved, NameProblem):
        near = nearest(text, [i.id for i in plan.indicators] + [i.unit.text for i in plan.indicators])
        hint = f" Có phải là: {'; '.join(near)}?" if near else f" {resolved.hint}".rstrip()
        raise Unfit("indicator", f"Kế hoạch {plan.id} không có chỉ tiêu hoặc đơn vị “{text}”.{hint}")
    found = [indicator for indicator in plan.indicators if indicator.unit.id == resolved]
    if not found:
        raise Unfit("indicator", f"{registry.name(resolved)} không có chỉ tiêu nào trong kế hoạch {plan.id}")
    if len(found) > 1:
        listed = "; ".join(f"{indicator.id} ({indicator.name})" for indicator in found)
        raise Unfit("indicator", f"{registry.name(resolved)} có {len(found)} chỉ tiêu, ghi mã: {listed}")
    return found[0]


def _number(field: str, text: str | Decimal) -> Decimal | None:
    try:
        found = text if isinstance(text, Decimal) else typed_number(text)
    except NotANumber as error:
        raise Unfit(field, str(error)) from None
    if found is None:
        return None
    if found < 0:
        raise Unfit(field, "Số liệu không được âm")
    if found.adjusted() >= _MOST_WHOLE_DIGITS:
        raise Unfit(field, "Số quá lớn")
    return found
