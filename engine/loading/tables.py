"""The tables of a plan that are not tasks: targets (Phụ lục 2) and procedure lists (Phụ lục 3)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

from engine.formulas import FormulaError, read_formula
from engine.loading.plan_schema import IndicatorTableSchema, PlanSchema, UnderMarker
from engine.loading.report import Loc, Report
from engine.model.plan import CatalogueItem, Indicator, IndicatorTable, NameRef
from engine.numbers import printed_number
from engine.vietnamese import without_marks

_NUMBERED = re.compile(r"^(\d+(?:\.\d+)*)\s*[.)]\s+(.*)$", re.DOTALL)
_NUMERAL = re.compile(r"^\s*([IVXLC]+|\d+(?:\.\d+)*)\s*[.)]")
_APPENDIX = re.compile(r"(?i)phụ lục\s+(?:số\s+)?([IVXLC]+|\d+|[A-Z])\b")
_LONGEST_SLUG = 30


class _Names(Protocol):
    @property
    def report(self) -> Report: ...

    def one(self, name: str, loc: Loc, scope: str | None = None) -> NameRef | None: ...


def read_indicators(
    content: PlanSchema, names: _Names
) -> tuple[tuple[IndicatorTable, ...], tuple[Indicator, ...]]:
    """All target tables and their rows; a row of the wrong width is a problem with its line."""
    tables: list[IndicatorTable] = []
    rows: list[Indicator] = []
    places: dict[str, Loc] = {}
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
        for number, check in enumerate(table.checks):
            try:
                read_formula(check, len(columns))
            except FormulaError as error:
                names.report.error((*loc, "checks", number), "indicator-check", str(error), error.hint)
        tables.append(
            IndicatorTable(
                table.appendix or None,
                table.table,
                table.name,
                columns,
                table.target,
                total,
                tuple(table.checks),
            )
        )
        place = table.id or _table_id(table)
        if place in places:
            names.report.error(
                loc,
                "indicator-duplicate",
                f"Hai bảng chỉ tiêu cùng có mã “{place}”",
                "Đặt khóa id riêng cho một trong hai bảng",
            )
        places[place] = loc
        rows.extend(_identified(place, _rows(table, loc, names)))
    return tuple(tables), tuple(rows)


def _table_id(table: IndicatorTableSchema) -> str:
    """ "pl2.3" of "Phụ lục 2", "3. Cấp xã"; a table without a number goes by its name."""
    numeral = _NUMERAL.match(table.table)
    own = _slug(numeral.group(1)) if numeral else _cut(_slug(table.table))
    return f"{_appendix_id(table.appendix)}.{own}"


def _appendix_id(appendix: str) -> str:
    found = _APPENDIX.search(appendix)
    return f"pl{_slug(found.group(1))}" if found else _cut(_slug(appendix)) or "than"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", without_marks(text)).strip("-")


def _cut(slug: str) -> str:
    """At most thirty characters of whole words."""
    if len(slug) <= _LONGEST_SLUG:
        return slug
    return slug[: _LONGEST_SLUG + 1].rpartition("-")[0] or slug[:_LONGEST_SLUG]


def _identified(place: str, rows: list[Indicator]) -> list[Indicator]:
    """Ids of table and unit; where a unit has several rows, all but its first carry their number too. They
    do not change when rows are added below or words of the table's name are mended behind its numeral."""
    in_percent = any(row.target is not None and "%" in row.target for row in rows)
    taken: set[str] = set()
    found: list[Indicator] = []
    for row in rows:
        id = f"{place}.{row.unit.id}"
        if id in taken:
            id = next(i for i in _further(id, row.stt, len(rows)) if i not in taken)
        taken.add(id)
        found.append(replace(row, id=id, in_percent=in_percent))
    return found


def _further(id: str, stt: str | None, most: int) -> list[str]:
    own = f"{id}.{_slug(stt)}" if stt and _slug(stt) else id
    return [own, *(f"{own}-{number}" for number in range(2, most + 2))]


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
                target_value=printed_number(target) if target else None,
                cells=tuple(zip(table.columns, values, strict=True)),
                at_most=table.at_most,
                cumulative=table.cumulative,
            )
        )
    return found


def read_catalogue(content: PlanSchema, report: Report) -> tuple[CatalogueItem, ...]:
    """Every procedure as one item, with its printed number apart from its name."""
    items: list[CatalogueItem] = []
    taken: set[str] = set()
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
            field = block.field or None
            head = f"{_appendix_id(block.appendix)}.{_cut(_slug(block.unit))}"
            short = f"{head}.{_cut(_slug(name))}"
            id = next(i for i in (short, *(f"{short}-{n}" for n in range(2, 10_000))) if i not in taken)
            taken.add(id)
            items.append(
                CatalogueItem(block.appendix or None, block.level, block.unit, field, stt, name.strip(), id)
            )
    return tuple(items)
