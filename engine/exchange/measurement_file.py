"""A sheet of measurements, to be filled in by people and read back, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.errors import InputError, Problem
from engine.exchange.sheets import SheetRow, read_sheet, write_sheet
from engine.model.plan import Plan
from engine.reports.measuring import Typed, Unfit, indicator_called, read_said, window_called
from engine.reports.windows import Window
from engine.store.reports.measurements import Said
from engine.units import Registry
from engine.vietnamese import nearest

COLUMNS = {
    "plan": ("Kế hoạch", "Mã kế hoạch"),
    "indicator": ("Mã chỉ tiêu", "Chỉ tiêu có mã"),
    "unit": ("Đơn vị", "Tên đơn vị"),
    "name": ("Chỉ tiêu", "Tên chỉ tiêu"),
    "target": ("Chỉ tiêu giao", "Được giao"),
    "window": ("Kỳ", "Kỳ báo cáo"),
    "part": ("Số đạt", "HS trực tuyến"),
    "whole": ("Tổng số", "Tổng HS"),
    "value": ("Số liệu", "Tỷ lệ %", "Giá trị"),
    "note": ("Ghi chú",),
}

_HEADINGS = tuple(known[0] for known in COLUMNS.values())
_FROM_PERCENT_CELL = re.compile(r"(-?\d+\.\d{1,2}|-?\d+\.\d{4,})%")


def read_measurement_file(
    path: Path, plans: Mapping[str, Plan], plan: str | None, window: str, registry: Registry, today: date
) -> list[Said]:
    """The measurements of a file; rows without any number are passed over. ``plan`` and ``window`` hold for
    rows that name none. InputError names every wrong row, DondocError what is wrong with the whole file."""
    problems: list[Problem] = []
    rows = read_sheet(path, COLUMNS, (), problems)
    found: list[Said] = []
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        said = _said(row, path, plans, plan, window, registry, today, problems)
        if said is None:
            continue
        key = (said.plan, said.indicator, said.unit, said.first, said.last)
        if key in seen:
            message = f"cùng chỉ tiêu, đơn vị và kỳ với dòng {seen[key]}"
            problems.append(row.problem(path, "indicator", "row-twice", message, "Chỉ giữ một dòng"))
        seen[key] = row.number
        found.append(said)
    if problems:
        raise InputError(problems)
    return found


def _said(
    row: SheetRow,
    path: Path,
    plans: Mapping[str, Plan],
    usual: str | None,
    window: str,
    registry: Registry,
    today: date,
    problems: list[Problem],
) -> Said | None:
    typed = Typed(_cell(row, "value"), _cell(row, "part"), _cell(row, "whole"), row.text("note"))
    if typed.is_empty:
        return None
    id = row.text("plan") or usual or ""
    plan = plans.get(id)
    if plan is None:
        near = nearest(id, plans)
        message = f"không có kế hoạch mang mã “{id}”" if id else "thiếu mã kế hoạch"
        hint = f"Có phải là: {'; '.join(near)}?" if near else "Ghi cột “Kế hoạch” hoặc dùng --plan"
        problems.append(row.problem(path, "plan", "row-plan", message, hint))
        return None
    try:
        wanted = row.text("indicator") or row.text("unit")
        if not wanted:
            raise Unfit("indicator", "Thiếu mã chỉ tiêu hoặc tên đơn vị")
        indicator = indicator_called(plan, wanted, registry)
        return read_said(plan, indicator, window_called(plan, row.text("window") or window, today), typed)
    except Unfit as error:
        problems.append(row.problem(path, error.field, f"row-{error.field}", str(error)))
        return None


def _cell(row: SheetRow, name: str) -> str | Decimal:
    value = row.cells.get(name)
    if isinstance(value, bool) or value is None:
        return row.text(name)
    if isinstance(value, int | float):
        return Decimal(str(value))
    text = row.text(name)
    # What a spreadsheet stores as a percentage arrives with a point, whatever it shows.
    percent = _FROM_PERCENT_CELL.fullmatch(text)
    return Decimal(percent[1]) if percent is not None else text


def write_measurement_sheet(path: Path, plan: Plan, window: Window, registry: Registry) -> int:
    """An Excel file with one row for each indicator of a plan, to be filled in; gives back how many."""
    rows = [
        (
            plan.id,
            indicator.id,
            registry.full_name(indicator.unit.id),
            indicator.name,
            indicator.target or "",
            window.name,
            *[None] * 4,
        )
        for indicator in plan.indicators
    ]
    # No notes above: the heading must be the first row when the file is read back.
    write_sheet(path, "Số liệu chỉ tiêu", (), _HEADINGS, rows)
    return len(rows)
