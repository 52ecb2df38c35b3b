"""A sheet on which units say which procedures of a catalogue they offer, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from engine.errors import DondocError, InputError, Problem
from engine.exchange.sheets import read_sheet, write_sheet
from engine.model.plan import CatalogueItem
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.reports.catalogue import mark
from engine.units import NameProblem, Registry
from engine.vietnamese import without_marks

COLUMNS = {
    "unit": ("Mã đơn vị", "Đơn vị"),
    "name": ("Tên đơn vị",),
    "item": ("Mã thủ tục",),
    "procedure": ("Thủ tục", "Tên thủ tục"),
    "offered": ("Đã cung cấp", "Có/không"),
}

_YES = frozenset({"co", "x", "da", "roi", "1", "yes"})
_NO = frozenset({"khong", "chua", "0", "no"})

Marks = Mapping[str, Mapping[str, bool]]
"""By unit, then by procedure, whether it is offered."""


def read_catalogue_file(
    path: Path, items: Mapping[str, Sequence[CatalogueItem]], scope: str, registry: Registry
) -> Marks:
    """What units say; rows with nothing in the last column are passed over. InputError names every wrong
    row, DondocError what is wrong with the whole file. Names are looked up below the unit
    ``scope``."""
    problems: list[Problem] = []
    found: dict[str, dict[str, bool]] = {}
    for row in read_sheet(path, COLUMNS, ("unit", "item", "offered"), problems):
        said = without_marks(row.text("offered"))
        if not said:
            continue
        name, item = row.text("unit"), row.text("item")
        unit = name if name in registry.units else registry.resolve(name, scope)
        if isinstance(unit, NameProblem) or unit not in items:
            message = f"“{name}” không có thủ tục nào trong danh mục"
            problems.append(row.problem(path, "unit", "row-unit", message))
        elif all(item != each.id for each in items[unit]):
            message = f"“{item}” không có trong danh mục của đơn vị"
            problems.append(row.problem(path, "item", "row-item", message))
        elif said not in _YES and said not in _NO:
            message = f"không hiểu “{row.text('offered')}”"
            problems.append(row.problem(path, "offered", "row-offered", message, "Ghi có hoặc không"))
        elif item in found.get(unit, {}):
            problems.append(row.problem(path, "item", "row-twice", "thủ tục này đã có ở dòng trên"))
        else:
            found.setdefault(unit, {})[item] = said in _YES
    if problems:
        raise InputError(problems)
    if not found:
        raise DondocError(f"{path}: chưa có dòng nào ghi có hoặc không")
    return found


def write_catalogue_sheet(
    path: Path, items: Mapping[str, Sequence[CatalogueItem]], registry: Registry
) -> int:
    """An Excel file with a row for each unit and procedure; gives back how many."""
    rows = [
        (unit, registry.full_name(unit), item.id, item.procedure, None)
        for unit in sorted(items)
        for item in items[unit]
    ]
    write_sheet(path, "Danh mục thủ tục", (), [known[0] for known in COLUMNS.values()], rows)
    return len(rows)


def record_marks(connection: Connection, plan: str, said: Marks, by: str, actor: Actor, now: datetime) -> int:
    """Writes what units say with its lines in the audit log; gives back how many marks are new."""
    new = {unit: mark(connection, plan, unit, offered, by, now, now) for unit, offered in said.items()}
    for unit, count in new.items():
        if count:
            after = {"unit": unit, "procedures": count, "offered": sum(said[unit].values())}
            audit.append(connection, actor, "catalogue.mark", plan, now, after=after)
    return sum(new.values())
