"""The pages of the reports: what an address asks for, figures on pages and in files, closing and amending."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from starlette.requests import Request

from engine.model.plan import Reporting
from engine.notices.notice import Book
from engine.reports.document import Column, Content, ReportDocument, Row, Table
from engine.reports.windows import BY_DECREE
from engine.units import Registry
from tests.web.sites import Web
from web.reports.asked import DAY_WRONG, Wanted, wanted
from web.reports.shown import shown, words

TODAY = date(2023, 6, 15)


def asked_for(query: str, rule: Reporting = BY_DECREE) -> Wanted:
    scope = {"type": "http", "path": "/bao-cao", "query_string": query.encode(), "headers": []}
    return wanted(Request(scope), Book(Registry((), ()), {}, {}), TODAY, lambda _: rule)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("ky=2023-06", date(2023, 5, 15), date(2023, 6, 14)),
        ("ky=06&nam=2023", date(2023, 5, 15), date(2023, 6, 14)),
        ("ky=Q2&nam=2023", date(2023, 3, 15), date(2023, 6, 14)),
        ("ky=H1&nam=2023", date(2022, 12, 15), date(2023, 6, 14)),
        ("ky=Y&nam=2022", date(2021, 12, 15), date(2022, 12, 14)),
        ("ky=2022", date(2021, 12, 15), date(2022, 12, 14)),
        ("tu=1/2/2023&den=2023-03-15", date(2023, 2, 1), date(2023, 3, 15)),
        ("tu=1/2/2023", date(2023, 2, 1), TODAY),
    ],
)
def test_a_window_is_read_by_its_name_its_parts_or_its_days(query: str, first: date, last: date) -> None:
    found = asked_for(query)
    assert found.wrong == {}
    assert found.window is not None
    assert (found.window.first, found.window.last) == (first, last)


def test_days_of_a_named_window_are_recognised_and_a_plan_closes_when_it_says() -> None:
    found = asked_for("tu=15/12/2022&den=14/6/2023")
    assert found.window is not None
    assert (found.window.name, found.part, found.year) == ("2023-H1", "", "")
    of_plan = asked_for("ky=06&nam=2023", Reporting(15, 20)).window
    assert of_plan is not None
    assert (of_plan.first, of_plan.last, of_plan.send_before) == (
        date(2023, 5, 16),
        date(2023, 6, 15),
        date(2023, 6, 20),
    )


def test_without_a_window_it_is_everything_up_to_a_day() -> None:
    assert (asked_for("").window, asked_for("").day) == (None, None)
    assert asked_for("den=31/3/2023").day == date(2023, 3, 31)
    assert asked_for("den=31/3/2030").wrong == {}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("loai=la", {"loai"}),
        ("ke-hoach=khong-co", {"ke-hoach"}),
        ("ky=13&nam=2023", {"ky"}),
        ("ky=2023-13", {"ky"}),
        ("ky=06", {"nam"}),
        ("ky=06&nam=23", {"nam"}),
        ("ky=06&nam=9999", {"nam"}),
        ("ky=Y&nam=²²²²", {"nam"}),
        ("ky=2023-06&den=1/1/2023", {"ky"}),
        ("ky=2023-09", {"ky"}),
        ("tu=1/7/2023", {"den"}),
        ("tu=2/3/2023&den=1/3/2023", {"den"}),
        ("tu=hom-qua", {"tu"}),
        ("den=9999-12-31", {"den"}),
        ("tu=1/7/2023&den=1/8/2023", {"tu"}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(query: str, fields: set[str]) -> None:
    assert set(asked_for(query).wrong) == fields


def test_the_form_is_filled_in_again() -> None:
    found = asked_for("loai=bieu-mau-1&ky=2023-Q2")
    assert (found.slug, found.part, found.year) == ("bieu-mau-1", "Q2", "2023")
    assert asked_for("tu=x").wrong["tu"] == DAY_WRONG


# --- tables ----------------------------------------------------------------------------------------------

COUNT = Column("assigned", "Được giao", Content.COUNT, sums=True)
SHARE = Column("done", "Hoàn thành", Content.SHARE, share=("a", "b"), places=2)


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (None, COUNT, ""),
        (0, COUNT, "0"),
        (1234567, COUNT, "1.234.567"),
        (Decimal("60.55"), Column("x", "x", Content.SHARE), "60,6 %"),
        (Decimal("99.925"), SHARE, "99,93 %"),
        (Decimal("1234.50"), Column("x", "x", Content.NUMBER), "1.234,5"),
        (Decimal(100), Column("x", "x", Content.NUMBER), "100"),
        (date(2023, 6, 5), Column("x", "x", Content.DATE), "05/06/2023"),
        ("<b>", Column("x", "x"), "<b>"),
    ],
)
def test_a_cell_is_written_as_people_write_it(value: object, column: Column, text: str) -> None:
    assert words(value, column) == text  # type: ignore[arg-type]


def a_table(rows: int) -> Table:
    columns = (
        Column("stt", "STT", Content.COUNT),
        Column("name", "Đơn vị"),
        Column("done_on_time", "Đúng hạn", Content.COUNT, sums=True),
        Column("open_overdue", "Quá hạn", Content.COUNT, sums=True),
        Column("share", "Tỷ lệ", Content.SHARE, share=("done_on_time", "open_overdue")),
    )
    cells = [
        Row({"stt": n, "name": f"Xã {n} <i>", "done_on_time": n, "open_overdue": 2}) for n in range(1, rows + 1)
    ]
    return Table("Theo đơn vị", columns, tuple(cells), charted=("done_on_time", "open_overdue"))


def test_a_long_table_shows_its_first_rows_says_so_and_draws_a_few() -> None:
    (table,) = shown(ReportDocument("a", "b", "c", TODAY, (a_table(30),)), most=20)
    assert (len(table.lines), table.whole, table.charted, table.head) == (20, 30, 15, 1)
    assert [cell.text for cell in table.lines[0].cells] == ["1", "Xã 1 <i>", "1", "2", "50,0 %"]
    assert table.lines[0].cells[3].late
    assert table.chart is not None
    assert "Xã 1 &lt;i&gt; (3)" in table.chart
    assert "<script" not in table.chart


def test_nothing_is_drawn_of_nothing() -> None:
    (table,) = shown(ReportDocument("a", "b", "c", TODAY, (a_table(0),)))
    assert (table.chart, table.lines) == (None, ())
