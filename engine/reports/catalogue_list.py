"""The catalogue of procedures as a check-list per unit: which ones a unit says that it offers, n of m."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from engine.model.plan import CatalogueItem, Plan
from engine.model.unit import Unit
from engine.numbers import written
from engine.reports.document import Column, Content, ReportDocument, Row, Table
from engine.reports.json_form import plain
from engine.reports.shares import percentage
from engine.store.reports.catalogue import marks
from engine.units import NameProblem, Registry
from engine.vietnamese import without_marks

# A list for a whole level names it by its kinds of unit, not by a unit.
_KINDS = {
    "xa": ("xã", "phường", "thị trấn", "đặc khu"),
    "phuong": ("xã", "phường", "thị trấn", "đặc khu"),
    "thi tran": ("xã", "phường", "thị trấn", "đặc khu"),
    "quan": ("quận", "huyện", "thị xã"),
    "huyen": ("quận", "huyện", "thị xã"),
}


@dataclass(frozen=True, slots=True)
class UnitList:
    """One unit's list: each procedure with what the unit said of it, None where it said nothing."""

    unit: str
    name: str
    items: tuple[tuple[CatalogueItem, bool | None], ...]

    @property
    def offered(self) -> int:
        """Procedures that the unit says it offers."""
        return sum(said is True for _, said in self.items)

    @property
    def answered(self) -> int:
        """Procedures of which it said anything."""
        return sum(said is not None for _, said in self.items)


def items_of(plan: Plan, registry: Registry) -> dict[str, tuple[CatalogueItem, ...]]:
    """The procedures of each unit that a catalogue concerns: the unit it names, or all units of the kinds
    that it names ("XÃ, PHƯỜNG, THỊ TRẤN") below the plan's issuer on the plan's first day."""
    found: dict[str, list[CatalogueItem]] = {}
    units: dict[str, tuple[str, ...]] = {}
    for item in plan.catalogue:
        if item.unit not in units:
            units[item.unit] = _units_called(item.unit, plan, registry)
        for unit in units[item.unit]:
            found.setdefault(unit, []).append(item)
    return {unit: tuple(items) for unit, items in found.items()}


def unplaced(plan: Plan, registry: Registry) -> tuple[str, ...]:
    """The headings of a catalogue that name no unit known."""
    return tuple(
        name
        for name in dict.fromkeys(item.unit for item in plan.catalogue)
        if not _units_called(name, plan, registry)
    )


def count_catalogue(
    connection: Connection, plan: Plan, registry: Registry, units: Collection[str] | None, day: date
) -> tuple[UnitList, ...]:
    """The lists as known at the end of ``day``, of some units or of all, by name."""
    known = marks(connection, plan.id, day)
    lists = [
        UnitList(id, registry.full_name(id), tuple((item, _said(known, id, item)) for item in items))
        for id, items in items_of(plan, registry).items()
        if units is None or id in units
    ]
    return tuple(sorted(lists, key=lambda each: without_marks(each.name)))


def catalogue_json(plan: Plan, lists: Sequence[UnitList], day: date) -> dict[str, Any]:
    """For programs; ``offered`` of an item is null where the unit said nothing."""
    return {
        "plan": plan.id,
        "as_of": day.isoformat(),
        "units": [
            {
                "unit": each.unit,
                "name": each.name,
                "procedures": len(each.items),
                "offered": each.offered if each.answered else None,
                "answered": each.answered,
                "percent": plain(percentage(each.offered, len(each.items))) if each.answered else None,
                "items": [
                    {"item": item.id, "procedure": item.procedure, "field": item.field, "offered": said}
                    for item, said in each.items
                ],
            }
            for each in lists
        ],
    }


def catalogue_document(
    plan: Plan, lists: Sequence[UnitList], missing: Sequence[str], issuer: str, day: date
) -> ReportDocument:
    """For people: n/m per unit, then each unit's list where it is only one."""
    columns = (
        Column("unit", "Đơn vị", width=36),
        Column("offered", "Đã cung cấp", Content.COUNT, 12, sums=True),
        Column("procedures", "Số thủ tục", Content.COUNT, 12, sums=True),
        Column("percent", "Tỷ lệ %", Content.SHARE, 10, share=("offered", "procedures")),
        Column("answered", "Đã trả lời", Content.COUNT, 12, sums=True),
    )
    rows = tuple(Row({"unit": each.name, **_counts([each])}) for each in lists)
    total = Row({"unit": "Tổng cộng", **_counts(lists)}, strong=True) if len(rows) > 1 else None
    tables = [Table("Theo đơn vị", columns, rows, total, sheet="Theo đơn vị")]
    if len(lists) == 1:
        tables.append(_own_table(lists[0]))
    notes = ["Tỷ lệ = số thủ tục báo đã cung cấp / số thủ tục trong danh mục; ô trống là chưa trả lời."]
    if missing:
        notes.append(f"Danh mục ghi tên chưa có trong sổ đơn vị, nên không tính: {'; '.join(missing)}.")
    return ReportDocument(
        title="Danh mục thủ tục theo đơn vị",
        subtitle=f"Kế hoạch {plan.number}, đến hết ngày {day:%d/%m/%Y}",
        issuer=issuer,
        day=day,
        tables=tuple(tables),
        notes=tuple(notes),
    )


def _own_table(own: UnitList) -> Table:
    columns = (
        Column("stt", "STT", width=6),
        Column("procedure", "Thủ tục", width=60),
        Column("said", "Đã cung cấp", width=14),
    )
    words = {True: "có", False: "chưa", None: ""}
    rows = tuple(
        Row({"stt": item.stt or "", "procedure": item.procedure, "said": words[said]})
        for item, said in own.items
    )
    note = f"{written(own.offered)}/{written(len(own.items))} thủ tục đã cung cấp; ô trống là chưa trả lời."
    return Table(own.name, columns, rows, notes=(note,), sheet="Danh mục")


def _counts(lists: Sequence[UnitList]) -> dict[str, Any]:
    """Who said nothing offers neither none nor any: not reported, never 0."""
    answered = sum(each.answered for each in lists)
    offered = sum(each.offered for each in lists) if answered else None
    procedures = sum(len(each.items) for each in lists)
    return {
        "offered": offered,
        "procedures": procedures,
        "percent": percentage(offered, procedures) if offered is not None else None,
        "answered": answered or None,
    }


def _said(known: Mapping[tuple[str, str], Any], unit: str, item: CatalogueItem) -> bool | None:
    mark = known.get((unit, item.id))
    return mark.offered if mark is not None else None


def _units_called(name: str, plan: Plan, registry: Registry) -> tuple[str, ...]:
    kinds = [_KINDS.get(without_marks(part)) for part in name.split(",")]
    if all(kinds):
        wanted = {kind for each in kinds if each is not None for kind in each}
        below = (registry.units[id] for id in registry.subtree(plan.issuer.id))
        found = (unit.id for unit in below if _is_of(unit, wanted) and unit.is_valid_on(plan.starts))
        return tuple(sorted(found))
    resolved = registry.resolve(name, plan.issuer.id)
    if isinstance(resolved, NameProblem):
        return ()
    if resolved in registry.units:
        return (resolved,)
    return registry.expand(resolved, plan.issuer.id, plan.starts)


def _is_of(unit: Unit, kinds: set[str]) -> bool:
    return unit.kind == "committee" and (unit.form or "").casefold() in kinds
