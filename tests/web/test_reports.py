"""The pages of the reports: what an address asks for, figures on pages and in files, closing and amending."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select
from starlette.requests import Request

from engine.model.access import Role
from engine.model.event import Event, EventKind
from engine.model.plan import Reporting
from engine.notices.notice import Book
from engine.reports.document import Column, Content, ReportDocument, Row, Table
from engine.reports.windows import BY_DECREE
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.figures import as_of
from engine.store.tables import AuditRow
from engine.units import Registry
from tests.web.scene import LATE, Scene, make_scene
from tests.web.sites import Browser
from web.reports.asked import DAY_WRONG, Wanted, wanted
from web.reports.shown import shown

TODAY = date(2023, 6, 15)


def asked_for(query: str, rule: Reporting = BY_DECREE) -> Wanted:
    scope = {"type": "http", "path": "/bao-cao", "query_string": query.encode(), "headers": []}
    return wanted(Request(scope), Book(Registry({}, {}), {}, {}), TODAY, lambda _: rule)


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


def a_table(rows: int) -> Table:
    columns = (
        Column("stt", "STT", Content.COUNT),
        Column("name", "Đơn vị", width=40),
        Column("done_on_time", "Đúng hạn", Content.COUNT, sums=True),
        Column("open_overdue", "Quá hạn", Content.COUNT, sums=True),
        Column("share", "Tỷ lệ", Content.SHARE, share=("done_on_time", "open_overdue")),
    )
    cells = [
        Row({"stt": n, "name": f"Xã {n} <i>", "done_on_time": n, "open_overdue": 2, "share": Decimal("50.5")})
        for n in range(1, rows + 1)
    ]
    return Table("Theo đơn vị", columns, tuple(cells), charted=("done_on_time", "open_overdue"))


def test_a_long_table_shows_its_first_rows_says_so_and_draws_a_few() -> None:
    (table,) = shown(ReportDocument("a", "b", "c", TODAY, (a_table(30),)), most=20)
    assert (len(table.lines), table.whole, table.charted, table.head) == (20, 30, 15, 1)
    assert [cell.text for cell in table.lines[0].cells] == ["1", "Xã 1 <i>", "1", "2", "50,5\u00a0%"]
    assert table.lines[0].cells[3].late
    assert table.chart is not None
    assert "Xã 1 &lt;i&gt; (3)" in table.chart
    assert "<script" not in table.chart


def test_nothing_is_drawn_of_nothing() -> None:
    (table,) = shown(ReportDocument("a", "b", "c", TODAY, (a_table(0),)))
    assert (table.chart, table.lines) == (None, ())


# --- the pages ---------------------------------------------------------------------------------------------
# Three tasks, due before 1, 2 and 3 April 2023; today is 10 April. One was reported done on 8 April, one
# asked for more time and got none yet, one is late. The window of March (15/2-14/3) is closed and
# amended in the scene already.

_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]
PLAN: dict[str, Any] = {"ke-hoach": "xau-2023"}
OWN: dict[str, Any] = {**PLAN, "tu": "2023-03-01", "den": "2023-04-09"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = make_scene(tmp_path_factory.mktemp("reports") / "home")
    yield made
    for client in made.web.clients:
        client.close()
    made.web.site.engine.dispose()


def got(browser: Browser, path: str, status: int = 200, **fields: Any) -> Any:
    answer: Any = browser.get(f"{path}?{urlencode(fields)}" if fields else path)
    assert answer.status_code == status, answer.text[:2000]
    return answer


def parts_in(content: bytes) -> list[int]:
    """The five parts in the sheet of units, added up by hand: its own sums are formulas."""
    rows = load_workbook(BytesIO(content))["Theo đơn vị"].iter_rows(values_only=True)
    counts = [row[2:7] for row in rows if isinstance(row[2], int)]
    return [sum(column) for column in zip(*counts, strict=True)]


def test_the_page_and_both_files_hold_the_same_figures(scene: Scene) -> None:
    leader = scene.web.signed_in(Role.LEADER)
    page = got(leader, "/bao-cao", **PLAN).text
    assert '<th scope="row">Lượt giao</th>' in page
    assert page.count("<caption") == page.count("<table")
    summed = page.partition("Tổng hợp</caption>")[2].partition("</tr>\n</tbody>")[0]
    numbers = [part.partition("<")[0] for part in summed.split('<td class="number')[1:7]]
    assert [number.rpartition(">")[2] for number in numbers] == ["3", "0", "1", "0", "2", "0"]
    sheet = got(leader, "/bao-cao.xlsx", **PLAN)
    assert "attachment" in sheet.headers["content-disposition"]
    assert parts_in(sheet.content) == [0, 1, 0, 2, 0]
    word = Document(BytesIO(got(leader, "/bao-cao.docx", **PLAN).content))
    (line,) = [
        [cell.text for cell in row.cells]
        for table in word.tables
        for row in table.rows
        if row.cells[0].text == "Lượt giao"
    ]
    assert line[1:7] == ["3", "0", "1", "0", "2", "0"]


def test_a_chart_stands_beside_its_table(scene: Scene) -> None:
    page = got(scene.web.signed_in(Role.LEADER), "/bao-cao", **PLAN).text
    assert 'role="img"' in page
    assert "Mỗi thanh là tỷ lệ phần trăm" in page


def test_the_form_leaves_empty_what_nobody_knows(scene: Scene) -> None:
    page = got(scene.web.signed_in(Role.LEADER), "/bao-cao", loai="bieu-mau-1", **PLAN).text
    assert "Số nhiệm vụ đề ra trong kế hoạch" in page
    own = page.partition("Số nhiệm vụ đề ra trong kế hoạch")[2].partition("</tr>")[0]
    assert '<td class="number">3</td>' in own
    above = page.partition("Tổng số nhiệm vụ được giao")[2].partition("</tr>")[0]
    assert ">0<" not in above


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ke-hoach": "khong-co"}, "Không có kế hoạch này"),
        ({"don-vi": "xã không có"}, "xã không có"),
        ({"ky": "2023-13"}, "Không có kỳ này"),
        ({"ky": "12", "nam": "2023"}, "chưa bắt đầu"),
        ({"tu": "hôm qua"}, "Ngày phải viết"),
    ],
)
def test_what_is_wrong_in_the_address_is_said_on_the_page_and_no_file_is_made(
    scene: Scene, fields: dict[str, Any], words: str
) -> None:
    leader = scene.web.signed_in(Role.LEADER)
    for path in ("/bao-cao", "/bao-cao.xlsx", "/bao-cao.docx"):
        assert words in got(leader, path, 400, **fields).text


def test_a_day_that_has_not_come_is_today_and_a_past_day_is_that_day(scene: Scene) -> None:
    leader = scene.web.signed_in(Role.LEADER)
    assert "ngày được hỏi chưa đến" in got(leader, "/bao-cao", den="2023-12-31", **PLAN).text
    page = got(leader, "/bao-cao", den="2023-03-31", **PLAN).text
    assert "đến hết ngày 31/03/2023" in page
    summed = page.partition("Tổng hợp</caption>")[2].partition("</tr>\n</tbody>")[0]
    numbers = [part.partition("<")[0].rpartition(">")[2] for part in summed.split('<td class="number')[1:7]]
    assert numbers == ["3", "0", "0", "3", "0", "0"]


def seen_on(page: str) -> str:
    return page.partition('name="da_xem" value="')[2].partition('"')[0]


def test_closing_freezes_what_was_previewed_and_amending_keeps_both(tmp_path: Path) -> None:
    scene = make_scene(tmp_path / "home")
    site = scene.web.site
    leader, manager = scene.web.signed_in(Role.LEADER), scene.web.signed_in(Role.MANAGER)
    assert "Chốt kỳ này" not in got(leader, "/bao-cao", **OWN).text
    assert "Chốt kỳ này" in got(manager, "/bao-cao", **OWN).text
    assert got(leader, "/bao-cao/chot", 403, **OWN)
    path = f"/bao-cao/chot?{urlencode(OWN)}"
    seen = seen_on(got(manager, path).text)
    stale: Any = manager.post(path, {"da_xem": "0" * 64})
    assert (stale.status_code, "khác với lần bạn xem trước" in stale.text) == (409, True)
    closed: Any = manager.post(path, {"da_xem": seen})
    assert closed.status_code == 303
    address = closed.headers["location"].partition("?")[0]
    assert address in got(leader, "/bao-cao/da-chot").text
    assert "vẫn đúng như số đã chốt" in got(leader, address).text
    again: Any = manager.post(path, {"da_xem": seen})
    assert (again.status_code, "đã chốt ngày" in again.text) == (409, True)

    scene.web.clock.advance(hours=1)
    late = Event(LATE, EventKind.DONE, scene.web.clock.now - timedelta(days=2), "đơn vị")
    with writing(site.engine) as connection:
        record(connection, [late], site.calendar, scene.web.clock.now)
    # What was reported stays; the page of the window names the cells that are others today.
    report = got(leader, "/bao-cao", **OWN).text
    assert "Đã chốt ngày 10/04/2023" in report
    assert parts_in(got(leader, "/bao-cao.xlsx", **OWN).content) == [0, 1, 0, 2, 0]
    one = got(manager, address).text
    assert "Tổng cộng – hoàn thành quá hạn: 1 → 2" in one
    assert "Ghi đính chính" not in got(leader, address).text
    form: dict[str, object] = {"da_xem": seen_on(one), "ly_do": "Đơn vị gửi bổ sung"}
    assert manager.post(address, {**form, "ly_do": " "}).status_code == 409  # type: ignore[attr-defined]
    assert leader.post(address, form).status_code == 403  # type: ignore[attr-defined]
    assert manager.post(address, form).status_code == 303  # type: ignore[attr-defined]
    page = got(leader, address).text
    assert "Lý do: Đơn vị gửi bổ sung" in page
    assert "vẫn đúng như số đã chốt" in page
    assert "Đính chính lần 1" in got(leader, "/bao-cao", **OWN).text
    with reading(site.engine) as connection:
        actions = select(_AUDIT.c.action).where(_AUDIT.c.actor.like("account:%")).order_by(_AUDIT.c.id)
        assert list(connection.execute(actions).scalars())[-2:] == ["report_close", "report_amend"]
    for client in scene.web.clients:
        client.close()
    site.engine.dispose()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ky": "04", "nam": "2023"}, "mới xong nên chưa chốt được"),
        ({"den": "2023-03-31"}, "Chọn một kỳ"),
        ({}, "Chưa ghi gì cho đến khi"),
    ],
)
def test_only_a_window_that_is_over_can_be_closed(scene: Scene, fields: dict[str, Any], words: str) -> None:
    manager = scene.web.signed_in(Role.MANAGER)
    page = got(manager, "/bao-cao/chot", **PLAN, **fields).text
    assert words in page
    assert 'name="da_xem"' not in page


def test_an_unknown_closing_is_not_found(scene: Scene) -> None:
    assert "kỳ đã chốt này" in got(scene.web.signed_in(Role.LEADER), "/bao-cao/da-chot/abc", 404).text


def test_figures_that_contradict_each_other_are_named_and_not_shown(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database cannot be made to; the report's own check is told of one row too many instead."""
    counted = as_of.rows
    monkeypatch.setattr(as_of, "rows", lambda *asked: counted(*asked) + 1)
    leader = scene.web.signed_in(Role.LEADER)
    page = got(leader, "/bao-cao", 409, **PLAN).text
    assert "Đếm lại toàn bộ lượt giao: 4 ≠ 3" in page
    assert "<table" not in page
    assert "không khớp" in got(leader, "/bao-cao.xlsx", 409, **PLAN).text


def test_a_draft_links_each_sentence_to_what_it_stands_on(scene: Scene) -> None:
    leader = scene.web.signed_in(Role.LEADER)
    assert "bấm “Soạn bản thảo”" in got(leader, "/bao-cao/ban-thao", **PLAN).text
    page = got(leader, "/bao-cao/ban-thao", lap="1", **PLAN).text
    assert "1. Kết quả chung" in page
    assert f'href="/viec/{quote(LATE)}"' in page
    assert page.count("<details") == page.count('<p class="keep-lines">') > 2
    word = Document(BytesIO(got(leader, "/bao-cao/ban-thao.docx", **PLAN).content))
    assert "1. Kết quả chung" in [paragraph.text for paragraph in word.paragraphs]
    assert "Không có kế hoạch này" in got(leader, "/bao-cao/ban-thao", 400, **{**PLAN, "ke-hoach": "la"}).text


def test_the_office_can_have_a_template_of_its_own(scene: Scene) -> None:
    """And one that cannot be used is refused in words."""
    leader, place = scene.web.signed_in(Role.LEADER), scene.web.site.home / "mau" / "bao-cao.docx"
    place.parent.mkdir()
    own = Document()
    for text in ("Cơ quan mẫu", "{{tieu_de}}", "{{noi_dung}}", "{{bang}}"):
        own.add_paragraph(text)
    own.save(str(place))
    word = Document(BytesIO(got(leader, "/bao-cao.docx", **PLAN).content))
    assert word.paragraphs[0].text == "Cơ quan mẫu"
    place.write_bytes(b"PK")
    assert "mẫu" in got(leader, "/bao-cao.docx", 400, **PLAN).text
    place.unlink()
