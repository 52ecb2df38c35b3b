"""The tables of a plan that are not tasks: targets (Phụ lục 2) and procedure lists (Phụ lục 3)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Protocol

from engine.loading.plan_schema import IndicatorTableSchema, PlanSchema, UnderMarker
from engine.loading.report import Loc, Report
from engine.model.plan import CatalogueItem, Indicator, IndicatorTable, NameRef

_NUMBERED = re.compile(r"^(\d+(?:\.\d+)*)\s*[.)]\s+(.*)$", re.DOTALL)
_NUMBER = re.compile(r"^-?\d{1,3}(?:[. ]\d{3})*(?:,\d+)?$|^-?\d+(?:,\d+)?$")


class _Names(Protocol):
    @property
    def report(self) -> Report: ...

    def one(self, name: str, loc: Loc, scope: str | None = None) -> NameRef | None: ...


def number_of(cell: str) -> Decimal | None:
    """The number in a cell as Vietnamese documents print it: "1.234,5", "76,7%", "1 920".

    None for an empty cell, "-" and anything that is no number; a percentage keeps its printed size.
    """
    text = cell.replace("\u00a0", " ").strip().removesuffix("%").strip()
    if not _NUMBER.match(text):
        return None
    return Decimal(text.replace(".", "").replace(" ", "").replace(",", "."))


def read_indicators(
    content: PlanSchema, names: _Names
) -> tuple[tuple[IndicatorTable, ...], tuple[Indicator, ...]]:
    """All target tables and their rows; a row of the wrong width is a problem with its line."""
    tables: list[IndicatorTable] = []
    rows: list[Indicator] = []
    for index, table in enumerate(content.indicators):
        loc: Loc = ("indicators", index)
        columns = tuple(table.columns)
        if table.target not in columns:
            names.report.error(
                (*loc, "target"),
                "indicator-target",
                f"Cột chỉ tiêu “{table.target}” không có trong columns",
                f"Các cột: {'; '.join(columns)}",
            )
            continue
        total = _cells(table.printed_total) if table.printed_total else ()
        if total and len(total) != len(columns):
            names.report.error(
                (*loc, "printed_total"),
                "indicator-width",
                f"Dòng “Tổng cộng” có {len(total)} ô, bảng có {len(columns)} cột",
            )
        tables.append(
            IndicatorTable(table.appendix or None, table.table, table.name, columns, table.target, total)
        )
        rows.extend(_rows(table, loc, names))
    return tuple(tables), tuple(rows)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.split("|"))


def _rows(table: IndicatorTableSchema, loc: Loc, names: _Names) -> list[Indicator]:
    found: list[Indicator] = []
    scope: str | None = None
    place = table.columns.index(table.target)
    for index, row in enumerate(table.rows):
        at = (*loc, "rows", index)
        if isinstance(row, UnderMarker):
            under = names.one(row.under, (*at, "under"))
            scope = under.id if under else None
            continue
        cells = _cells(row)
        if len(cells) != len(table.columns) + 2:
            names.report.error(
                at,
                "indicator-width",
                f"Dòng có {len(cells)} ô, phải có {len(table.columns) + 2} ô: "
                f"STT | đơn vị | {len(table.columns)} cột",
                "Ô trống vẫn phải có dấu “|”",
            )
            continue
        unit = names.one(cells[1], at, scope)
        if unit is None:
            continue
        values = cells[2:]
        target = values[place] or None
        found.append(
            Indicator(
                appendix=table.appendix or None,
                table=table.table,
                stt=cells[0] or None,
                unit=unit,
                name=table.name,
                target=target,
                target_value=number_of(target) if target else None,
                cells=tuple(zip(table.columns, values, strict=True)),
            )
        )
    return found


def read_catalogue(content: PlanSchema, report: Report) -> tuple[CatalogueItem, ...]:
    """Every procedure as one item, with its printed number apart from its name."""
    items: list[CatalogueItem] = []
    for index, block in enumerate(content.catalogue):
        seen: dict[str, str] = {}
        for position, line in enumerate(block.procedures):
            numbered = _NUMBERED.match(line)
            stt, name = (numbered.group(1), numbered.group(2)) if numbered else (None, line)
            if name in seen:
                report.warning(
                    ("catalogue", index, "procedures", position),
                    "catalogue-twice",
                    f"Thủ tục ghi hai lần: “{name}”",
                )
            seen[name] = line
            items.append(
                CatalogueItem(
                    block.appendix or None, block.level, block.unit, block.field or None, stt, name.strip()
                )
            )
    return tuple(items)
