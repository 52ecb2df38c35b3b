"""Whether the printed target tables of a plan add up: sums against "Tổng cộng", derived columns against what
they follow from. Differences are named, never mended: the source is what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.formulas import Formula, Look, read_formula
from engine.model.plan import Indicator, IndicatorTable, Plan
from engine.numbers import printed_number, printed_places, rounded, written
from engine.reports.document import Column, ReportDocument, Row, Table

TOTAL = "Tổng cộng"

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that is not what it follows from. ``printed`` is the cell as printed, ``computed`` what it
    would be, to as many places; ``rule`` says how."""

    plan: str
    table: str
    row: str
    column: str
    printed: str
    computed: str
    rule: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked: tables, cells, and the cells that differ."""

    plan: str
    tables: int
    cells: int
    differences: tuple[Difference, ...]


def printed_totals(plan: Plan) -> Checked:
    """All target tables of a plan."""
    found: list[Difference] = []
    cells = 0
    for table in plan.indicator_tables:
        rows = [row for row in plan.indicators if (row.appendix, row.table) == (table.appendix, table.table)]
        sheet = _Sheet(plan.id, table, rows)
        found.extend(sheet.differences())
        cells += sheet.checked
    return Checked(plan.id, len(plan.indicator_tables), cells, tuple(found))


class _Sheet:
    """One table as numbers."""

    def __init__(self, plan: str, table: IndicatorTable, rows: Sequence[Indicator]) -> None:
        self._plan = plan
        self._table = table
        self._lines = [(_name(row), [cell for _, cell in row.cells]) for row in rows]
        self._total = list(table.printed_total)
        self._formulas = [read_formula(text, len(table.columns)) for text in table.checks]
        self._sums = [self._sum(place) for place in range(len(table.columns))]
        self.checked = 0

    def differences(self) -> Iterator[Difference]:
        """Those of the sums first, then row by row."""
        for place, cell in enumerate(self._total):
            if printed_number(cell) is not None and not self._is_share(place):
                total = self._sums[place]
                yield from self._compare(TOTAL, place, cell, total, "cộng các dòng", in_percent=False)
        for name, cells in [*self._lines, (TOTAL, self._total)]:
            for formula in self._formulas:
                # In the line of sums only shares follow from its own cells.
                if cells and (name != TOTAL or self._is_share(formula.column)):
                    yield from self._derived(name, cells, formula)

    def _derived(self, name: str, cells: list[str], formula: Formula) -> Iterator[Difference]:
        cell = cells[formula.column]
        in_percent = self._is_share(formula.column)
        value = formula.value(self._look(cells))
        if value is None or (name == TOTAL and not cell):
            return
        if in_percent:
            value *= _HUNDRED
        yield from self._compare(name, formula.column, cell, value, formula.text, in_percent=in_percent)

    def _compare(
        self, name: str, place: int, cell: str, value: Decimal, rule: str, *, in_percent: bool
    ) -> Iterator[Difference]:
        self.checked += 1
        printed = printed_number(cell)
        places = printed_places(cell) if printed is not None else self._usual_places(place)
        computed = rounded(value, places)
        if printed == computed or (printed is None and not computed):
            return
        shown = written(computed, places) + ("%" if in_percent else "")
        yield Difference(
            self._plan, self._table.table, name, self._table.columns[place], cell or "(để trống)", shown, rule
        )

    def _look(self, cells: list[str]) -> Look:
        def look(name: str) -> Decimal | None:
            place = ord(name.rstrip(")")[-1]) - ord("A")
            if name.startswith("sum("):
                return self._sums[place]
            if name.startswith("total("):
                return printed_number(self._total[place]) if self._total else None
            # Some rows print "-" for none of them.
            return Decimal(0) if cells[place] == "-" else printed_number(cells[place])

        return look

    def _is_share(self, place: int) -> bool:
        return any("%" in cells[place] for _, cells in self._lines)

    def _sum(self, place: int) -> Decimal:
        numbers = (printed_number(cells[place]) for _, cells in self._lines)
        return sum((number for number in numbers if number is not None), Decimal(0))

    def _usual_places(self, place: int) -> int:
        return max((printed_places(cells[place]) for _, cells in self._lines), default=0)


def _name(row: Indicator) -> str:
    return f"{row.stt}. {row.unit.text}" if row.stt else row.unit.text


def totals_json(checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """For programs."""
    return [
        {
            "plan": each.plan,
            "tables": each.tables,
            "cells": each.cells,
            "differences": [
                {
                    "table": d.table,
                    "row": d.row,
                    "column": d.column,
                    "printed": d.printed,
                    "computed": d.computed,
                    "rule": d.rule,
                }
                for d in each.differences
            ],
        }
        for each in checked
    ]


def totals_document(checked: Sequence[Checked], issuer: str, day: date) -> ReportDocument:
    """For people: one table of differences for each plan."""
    columns = (
        Column("table", "Bảng", width=24),
        Column("row", "Dòng", width=24),
        Column("column", "Cột", width=28),
        Column("printed", "In trong văn bản", width=14),
        Column("computed", "Tính lại", width=14),
        Column("rule", "Cách tính", width=20),
    )
    tables = tuple(
        Table(
            f"Kế hoạch {each.plan}: {len(each.differences)} ô không khớp",
            columns,
            tuple(
                Row(
                    {
                        "table": d.table,
                        "row": d.row,
                        "column": d.column,
                        "printed": d.printed,
                        "computed": d.computed,
                        "rule": d.rule,
                    }
                )
                for d in each.differences
            ),
            notes=(f"Đã so {written(each.cells)} ô của {each.tables} bảng chỉ tiêu.",),
            sheet=each.plan[:31],
        )
        for each in checked
    )
    notes = (
        "Số trong văn bản được giữ nguyên; danh sách này chỉ nêu chỗ tự văn bản không khớp.",
        "Trong cách tính, A là cột đầu tiên sau tên đơn vị; total(F) là ô “Tổng cộng” của cột F.",
    )
    return ReportDocument(
        title="Kiểm tra các bảng chỉ tiêu in trong kế hoạch",
        subtitle="So dòng “Tổng cộng” và các cột suy ra với số in trong bảng",
        issuer=issuer,
        day=day,
        tables=tables,
        notes=notes,
    )
