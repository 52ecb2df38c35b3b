"""Reports in Excel: real values, formulas that say what the report says, text that stays text."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from engine.errors import DondocError
from engine.reports.document import Column, Content, ReportDocument, Row, Table, Value
from engine.reports.excel import LONGEST_NAME, excel_bytes, write_excel
from engine.reports.excel_formulas import formulas, lines
from tests.reports.samples import (
    CHARTED,
    DAY,
    NUMBERS,
    counted,
    form1,
    levels_table,
    tasks_report,
    tasks_table,
    units_table,
)

_RANGE = re.compile(r"([A-Z]+)(\d+)(?::[A-Z]+(\d+))?")


def opened(document: ReportDocument) -> Workbook:
    return load_workbook(io.BytesIO(excel_bytes(document)))


def of(*tables: Table) -> ReportDocument:
    return ReportDocument("Báo cáo", "", "", DAY, tables)


def header_row(sheet: Worksheet) -> int:
    assert sheet.print_title_rows is not None
    return int(sheet.print_title_rows.rpartition("$")[2])


def value_of(sheet: Worksheet, place: str) -> Decimal | None:
    """The value of a cell, by a reading of its own for the few formulas that reports have."""
    shown = sheet[place].value
    if shown is None:
        return None
    if not isinstance(shown, str):
        return Decimal(str(shown))
    if found := re.fullmatch(r'=IF\((\w+)=0,"",ROUND\((\w+)/(\w+),(\d)\)\)', shown):
        below, part, whole, places = found.groups()
        assert below == whole
        divided, by = value_of(sheet, part), value_of(sheet, whole)
        if divided is None or not by:
            return None
        return (divided / by).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)
    if found := re.fullmatch(r"=SUM\((.+)\)", shown):
        places_added = [
            f"{letter}{row}"
            for letter, first, last in _RANGE.findall(found[1])
            for row in range(int(first), int(last or first) + 1)
        ]
        return sum((value_of(sheet, each) or Decimal() for each in places_added), Decimal())
    assert re.fullmatch(r"=\w+(\+\w+)*", shown), shown
    return sum((value_of(sheet, each) or Decimal() for each in shown[1:].split("+")), Decimal())


def assert_says_what_the_report_says(table: Table, sheet: Worksheet) -> None:
    top = header_row(sheet)
    for index, line in enumerate(lines(table), start=1):
        for place, column in enumerate(table.columns, start=1):
            cell, expected = sheet.cell(top + index, place), line.cells.get(column.key)
            if expected is None or isinstance(expected, str):
                assert (cell.value or "") == (expected or "")
            elif isinstance(expected, date):
                assert isinstance(cell.value, datetime)
                assert cell.value.date() == expected
            else:
                whole = Decimal(expected) / 100 if column.content is Content.SHARE else Decimal(expected)
                assert value_of(sheet, cell.coordinate) == whole, cell.coordinate


@pytest.mark.parametrize("document", [tasks_report(), form1()])
def test_every_cell_says_what_the_report_says(document: ReportDocument) -> None:
    book = opened(document)
    for table in document.tables:
        assert_says_what_the_report_says(table, book[table.sheet])


def test_a_reader_can_follow_sums_parts_and_shares() -> None:
    sheet = opened(of(units_table(12)))["Theo đơn vị"]
    top = header_row(sheet)
    last = top + 12
    assert sheet.cell(last + 1, 3).value == f"=SUM(C{top + 1}:C{last})"
    assert sheet.cell(top + 2, 6).value == f"=D{top + 2}+E{top + 2}"
    assert sheet.cell(last + 1, 10).value == f'=IF(C{last + 1}=0,"",ROUND(F{last + 1}/C{last + 1},3))'
    assert sheet.cell(top + 2, 10).number_format == "0.0%"
    assert sheet.cell(top + 2, 3).number_format == "#,##0"


def test_headings_add_up_their_rows_and_the_total_the_headings() -> None:
    sheet = opened(of(levels_table()))["Theo cấp"]
    first = header_row(sheet) + 1
    assert sheet.cell(first, 2).value == f"=SUM(B{first + 1}:B{first + 2})"
    assert sheet.cell(first + 7, 2).value == f"=SUM(B{first},B{first + 3})"


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"assigned": 99}, "assigned"),  # more than the rows say
        ({"done": 99}, "done"),
        ({"share": Decimal("12.3")}, "share"),
    ],
)
def test_a_value_that_the_rows_do_not_explain_stays_a_number(cells: dict[str, Value], key: str) -> None:
    table = units_table(5)
    assert table.total is not None
    wrong = replace(table, total=Row({**table.total.cells, **cells}))
    assert (5, key) in formulas(table, 4)
    assert (5, key) not in formulas(wrong, 4)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5) | st.none(), st.integers(0, 5)), max_size=7),
    total=st.integers(0, 12),
)
def test_no_formula_ever_says_something_else(rows: list[tuple[int, int | None, int]], total: int) -> None:
    columns = (
        Column("name", "Tên", width=30),
        Column("a", "A", Content.COUNT, sums=True),
        Column("b", "B", Content.COUNT, sums=True),
        Column("c", "C", Content.COUNT, parts=("a", "b")),
        Column("d", "D", Content.SHARE, share=("a", "c")),
    )

    def line(level: int, a: int | None, b: int) -> Row:
        whole = (a or 0) + b
        share = (
            None
            if not whole or a is None
            else (Decimal(a) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
        )
        return Row({"name": "x", "a": a, "b": b, "c": whole, "d": share}, level=level, strong=level == 0)

    table = Table(
        "Bảng", columns, tuple(line(*row) for row in rows), total=line(0, total, sum(b for _, _, b in rows))
    )
    book = Workbook()
    sheet = book.worksheets[0]
    known = formulas(table, 2)
    for index, each in enumerate(lines(table)):
        for place, column in enumerate(columns, start=1):
            sheet.cell(index + 2, place).value = known.get((index, column.key), each.cells[column.key])
    for index, key in known:
        place = [column.key for column in columns].index(key) + 1
        expected = lines(table)[index].cells[key]
        assert isinstance(expected, int | Decimal)
        whole = Decimal(expected) / 100 if key == "d" else Decimal(expected)
        assert value_of(sheet, sheet.cell(index + 2, place).coordinate) == whole


def test_what_was_not_reported_is_empty_and_zero_is_zero() -> None:
    sheet = opened(form1())["Biểu mẫu 1"]
    values = {row[1].value: row[3].value for row in sheet.iter_rows(min_row=header_row(sheet) + 1)}
    assert values["Số nhiệm vụ quá hạn chưa hoàn thành"] is None
    zero = Table("Bảng", NUMBERS, (Row(counted("", (0, 0, 0, 0, 0))),))
    sheet = opened(of(zero))["Bảng"]
    cells = [cell.value for cell in sheet[header_row(sheet) + 1]]
    assert cells[0] == 0
    assert cells[-1] is None


def test_numbers_show_as_many_places_as_they_have() -> None:
    sheet = opened(form1())["Biểu mẫu 1"]
    formats = {str(row[3].value): row[3].number_format for row in sheet.iter_rows(min_row=header_row(sheet))}
    assert (formats["38"], formats["60.5"], formats["99.93"]) == ("#,##0", "#,##0.0", "#,##0.00")


def test_text_that_begins_like_a_formula_stays_text() -> None:
    table = tasks_table()
    sheet = opened(of(table))[table.sheet]
    first = header_row(sheet) + 1
    for index, row in enumerate(table.rows):
        cell = sheet.cell(first + index, 2)
        assert (cell.value, cell.data_type) == (row.cells["title"], "s")
        assert cell.quotePrefix, "or it becomes a formula when somebody edits the cell"


def test_titles_and_notes_cannot_be_formulas_either() -> None:
    table = replace(units_table(2), title="=1+1", notes=("=2+2",), sheet="")
    document = ReportDocument("=3+3", "@x", "+4", DAY, (table,), notes=("-5",), paragraphs=("=6",))
    for sheet in opened(document).worksheets:
        bare = [
            c.value
            for row in sheet.iter_rows()
            for c in row
            if isinstance(c.value, str) and c.data_type == "f"
        ]
        assert all(text.startswith(("=SUM(", "=IF(", "=")) and not re.match(r"=\d", text) for text in bare)


def test_characters_that_no_file_can_hold_are_left_out() -> None:
    table = Table("Bảng\x01\ud800", (Column("a", "A\x0b"),), (Row({"a": "x\x00y"}),))
    assert [c.value for c in opened(of(table)).worksheets[0]["A"]][-1] == "xy"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Theo cấp", "theo cấp"), ["Theo cấp", "theo cấp (2)"]),
        (("a/b:c[d]*?", "'x'"), ["a b c d", "x"]),
        (("", "History"), ["Bảng", "Bảng (2)"]),
    ],
)
def test_names_of_sheets_are_such_as_excel_takes(names: tuple[str, ...], expected: list[str]) -> None:
    tables = [replace(units_table(1), title="", sheet=name, charted=()) for name in names]
    assert opened(of(*tables)).sheetnames == expected


def test_long_names_of_sheets_are_cut_and_stay_different() -> None:
    name = "Kết quả thực hiện nhiệm vụ theo từng đơn vị trong kỳ báo cáo"
    names = opened(of(*[replace(units_table(1), sheet=name, charted=())] * 3)).sheetnames
    assert len(set(names)) == 3
    assert max(map(len, names)) <= LONGEST_NAME


def test_a_sheet_is_ready_to_read_and_to_print() -> None:
    sheet = opened(of(units_table()))["Theo đơn vị"]
    top = header_row(sheet)
    assert sheet.freeze_panes == f"A{top + 1}"
    assert sheet.auto_filter.ref == f"A{top}:J{top + 60}", "the total is never filtered away"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.oddFooter is not None
    assert "&P" in str(sheet.oddFooter.center.text)


def test_charts_stand_on_a_sheet_of_their_own() -> None:
    book = opened(tasks_report())
    charts: Any = book["Biểu đồ"]
    assert [len(chart.series) for chart in charts._charts] == [len(CHARTED)] * 2
    areas = [chart.series[0].val.numRef.f for chart in charts._charts]
    # Units without any work have no bar; of the levels only the headings.
    assert areas[0].startswith("('Theo đơn vị'!$D$8:$D$15,'Theo đơn vị'!$D$17:$D$24,")
    assert areas[1] == "('Theo cấp'!$C$7:$C$7,'Theo cấp'!$C$10:$C$10)"
    assert "Biểu đồ" not in opened(form1()).sheetnames


def test_equal_reports_give_equal_bytes() -> None:
    assert excel_bytes(form1()) == excel_bytes(form1())


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DondocError, match="Không ghi được tệp"):
        write_excel(tmp_path / "khong-co" / "a.xlsx", form1())
    write_excel(tmp_path / "a.xlsx", form1())
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
