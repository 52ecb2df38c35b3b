"""Reports in Word: the form of Nghị định 30/2020, tables that fit, an office's own template."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Sheet
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from engine.errors import DondocError
from engine.letters.issuing import UNKNOWN, Issuing
from engine.reports.document import ReportDocument
from engine.reports.excel import excel_bytes
from engine.reports.word import word_bytes, write_word
from engine.reports.word_places import BLOCKS, LINES, places
from engine.reports.word_tables import column_widths, is_wide
from engine.reports.word_template import (
    LARGEST,
    OWN_TEMPLATE,
    default_template,
    opened_template,
    own_template,
    read_template,
)
from tests.cli.command_line import dondoc
from tests.reports.samples import form1, levels_table, tasks_report, tasks_table, units_table


def opened(content: bytes) -> Sheet:
    return Document(io.BytesIO(content))


def saved(sheet: Sheet) -> bytes:
    raw = io.BytesIO()
    sheet.save(raw)
    return raw.getvalue()


def template(*lines: str) -> bytes:
    sheet = Document()
    for text in lines:
        sheet.add_paragraph(text)
    return saved(sheet)


def all_text(sheet: Sheet) -> str:
    return "\n".join(
        "".join(piece.text or "" for piece in paragraph.iter(qn("w:t")))
        for paragraph in sheet.element.body.iter(qn("w:p"))
    )


def rows_of(sheet: Sheet, number: int) -> list[list[str]]:
    table = list(sheet.element.body.iterchildren(qn("w:tbl")))[number]
    return [
        ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
        for row in table.iter(qn("w:tr"))
    ]


def test_the_head_and_foot_name_who_reports() -> None:
    text = all_text(opened(word_bytes(form1())))
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "XÃ AN THANH",
        "/BC-UBND",
        "BÁO CÁO",
        "tháng 6 năm 2023",
        "TM. ỦY BAN NHÂN DÂN",
        "Nơi nhận:",
        "(6 tháng đầu năm 2023, từ 15/12/2022 đến 14/06/2023)",
    ):
        assert expected in text
    assert "{{" not in text
    assert "CƠ QUAN CHỦ QUẢN" not in text, "a committee has nobody above it: its line goes"


def test_the_issuing_body_may_be_told() -> None:
    body = Issuing("UBND HUYỆN TỨ KỲ", ("PHÒNG NỘI VỤ",), "Tứ Kỳ", "/…", ("TRƯỞNG PHÒNG",), "Phòng Nội vụ")
    text = all_text(opened(word_bytes(form1(), issuing=body)))
    for expected in ("UBND HUYỆN TỨ KỲ", "PHÒNG NỘI VỤ", "Tứ Kỳ, ngày", "TRƯỞNG PHÒNG"):
        assert expected in text
    assert "TÊN CƠ QUAN" in all_text(opened(word_bytes(replace(form1(), issuer=""), issuing=UNKNOWN)))


def test_cells_are_words_as_the_form_prints_them() -> None:
    sheet = opened(word_bytes(form1()))
    shown = {row[1].strip(): row[3] for row in rows_of(sheet, 1)}
    assert shown["Số nhiệm vụ đề ra trong kế hoạch"] == "38"
    assert shown["Tỷ lệ hoàn thành (trên số nhiệm vụ đề ra)"] == "60,5"
    assert shown["Tổng số nhiệm vụ được giao"] == "1.387"
    assert shown["Tỷ lệ đúng hạn (trên tổng số nhiệm vụ được giao)"] == "99,93"
    assert shown["Số nhiệm vụ quá hạn chưa hoàn thành"] == ""


def test_wide_tables_are_appendices_on_pages_that_lie() -> None:
    sheet = opened(word_bytes(tasks_report()))
    assert [section.orientation for section in sheet.sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    assert sheet.sections[0].page_width == sheet.sections[1].page_height
    text = all_text(sheet)
    assert text.index("[Họ và tên người ký]") < text.index("PHỤ LỤC I") < text.index("PHỤ LỤC II")
    assert text.index("Kết quả theo nhiệm vụ") < text.index("Nơi nhận:")
    assert rows_of(sheet, -1)[-1][-1] == "58,3\u00a0%"


def test_without_a_place_for_appendices_the_page_turns_and_turns_back() -> None:
    content = template("Đầu", "{{noi_dung}}", "{{bang}}", "Cuối")
    sheet = opened(word_bytes(tasks_report(), content))
    assert [s.orientation for s in sheet.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    sheet = opened(word_bytes(replace(form1(), tables=(levels_table(),)), template("Đầu", "{{bang}}")))
    assert [s.orientation for s in sheet.sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]


def test_the_head_of_a_table_is_repeated_and_no_row_breaks() -> None:
    sheet = opened(word_bytes(tasks_report()))
    for table in list(sheet.element.body.iterchildren(qn("w:tbl")))[-2:]:
        rows = list(table.iter(qn("w:tr")))
        assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows[:2]] == [
            True,
            False,
        ]
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)


@pytest.mark.parametrize(
    ("table", "wide"), [(units_table(3), True), (tasks_table(), False), (form1().tables[0], False)]
)
@pytest.mark.parametrize("room", [60.0, 165.0, 252.0])
def test_columns_fill_the_page_and_no_more(table: object, wide: bool, room: float) -> None:
    widths = column_widths(table, room)  # type: ignore[arg-type]
    assert sum(widths) == pytest.approx(room)
    assert min(widths) > 0
    assert is_wide(table) is wide  # type: ignore[arg-type]


def test_page_numbers_begin_on_the_second_page_and_go_on() -> None:
    first, second = opened(word_bytes(tasks_report())).sections
    assert first.different_first_page_header_footer
    assert not second.different_first_page_header_footer
    assert "PAGE" in "".join(i.text or "" for i in first.header._element.iter(qn("w:instrText")))


def test_headings_in_the_words_are_bold() -> None:
    sheet = opened(word_bytes(tasks_report()))
    bold = {p.text for p in sheet.paragraphs if p.runs and all(run.bold for run in p.runs)}
    assert {"I. KẾT QUẢ CHUNG", "II. ĐỀ NGHỊ"} <= bold
    assert not any(text.startswith("Trong kỳ") for text in bold)


def test_a_file_opens_whatever_a_title_holds() -> None:
    nasty = "a\x00\x0b&<w:p>\ud800]]>{{bang}}\n\u2028x"
    document = replace(
        tasks_report(), title=nasty, subtitle=nasty, issuer=nasty, notes=(nasty,), paragraphs=(nasty,)
    )
    text = all_text(opened(word_bytes(document)))
    assert "{{bang}}" in text, "what a report says is never a place to fill"
    assert "<w:p>" in text


def test_equal_reports_give_equal_bytes() -> None:
    assert word_bytes(form1()) == word_bytes(form1())


# --- the template of an office ---------------------------------------------------------------------------


def test_the_shipped_template_has_known_places_only() -> None:
    assert places(opened_template(default_template())) <= set(LINES) | set(BLOCKS)


def test_places_are_filled_however_word_cuts_them_up() -> None:
    sheet = Document()
    cut = sheet.add_paragraph("Kỳ ")
    for piece in ("{", "{ky_", "bao", "_cao}", "} của {{don_vi}", "}; tính đến {{ so_lieu_tinh_den }}."):
        cut.add_run(piece)
    cut.runs[2].bold = True
    sheet.add_paragraph("{{bang}}")
    sheet.sections[0].header.paragraphs[0].text = "{{don_vi}}"
    sheet.add_table(1, 1).cell(0, 0).text = "{{tieu_de}}"
    made = opened(word_bytes(form1(), saved(sheet)))
    assert made.paragraphs[0].text == (
        "Kỳ 6 tháng đầu năm 2023, từ 15/12/2022 đến 14/06/2023 của UBND xã An Thanh; tính đến 14/06/2023."
    )
    assert made.sections[0].header.paragraphs[0].text == "UBND xã An Thanh"
    assert form1().title in all_text(made)


def test_words_take_the_shape_of_their_place() -> None:
    sheet = Document()
    place = sheet.add_paragraph("{{noi_dung}}", style="List Bullet")
    place.runs[0].italic = True
    sheet.add_paragraph("{{bang}}")
    made = opened(word_bytes(tasks_report(), saved(sheet)))
    first, second = made.paragraphs[:2]
    assert (first.style.name if first.style else "", first.runs[0].italic) == ("List Bullet", True)
    assert second.text.startswith("Trong kỳ có 1.387")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("{{bang}}", "{{ki_bao_cao}}"), r"\{\{ki_bao_cao\}\} \(có phải là \{\{ky_bao_cao\}\}\?\)"),
        (("{{bang}}", "{{xyz}} {{Bảng số 1}}"), r"\{\{xyz\}\}"),
        (("{{noi_dung}}",), r"chưa có chỗ cho bảng"),
        (("{{bang}}",), r"chưa có chỗ cho lời văn"),
        (("{{noi_dung}}", "Bảng: {{bang}}"), r"một mình trên một dòng"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(DondocError, match=said):
        word_bytes(tasks_report(), template(*lines))


def test_tables_find_no_place_in_a_cell() -> None:
    sheet = Document()
    sheet.add_table(1, 1).cell(0, 0).text = "{{bang}}"
    with pytest.raises(DondocError, match="phần thân"):
        word_bytes(form1(), saved(sheet))


def with_entry(content: bytes, name: str, data: bytes) -> bytes:
    raw = io.BytesIO(content)
    with zipfile.ZipFile(raw, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, data)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: b"", "rỗng"),
        (lambda: b"plain words", "tệp mẫu"),
        (lambda: default_template()[:-200], "hỏng"),
        (lambda: excel_bytes(form1()), r"không phải là Word"),
        (lambda: with_entry(default_template(), "word/vbaProject.bin", b"x"), "macro"),
        (lambda: with_entry(default_template(), "a.xml", b"0" * 30_000_000), "nén"),
        (lambda: b"\0" * (LARGEST + 1), "lớn quá"),
    ],
)
def test_a_file_that_is_no_template_is_refused(made: Callable[[], bytes], said: str, tmp_path: Path) -> None:
    path = tmp_path / "mau.docx"
    path.write_bytes(made())
    with pytest.raises(DondocError, match=said) as refused:
        read_template(path)
    assert "mau.docx" in str(refused.value)


def test_a_template_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DondocError, match="Không đọc được mẫu"):
        write_word(tmp_path / "a.docx", form1(), tmp_path / "khong-co.docx")
    assert own_template(tmp_path) is None


def test_an_office_makes_its_own_template(tmp_path: Path) -> None:
    file = tmp_path / OWN_TEMPLATE
    file.parent.mkdir()
    answer = dondoc("report", "template", file)
    assert answer.status == 0, answer.err
    assert "{{bang}}" in answer.out
    again = dondoc("report", "template", file)
    assert (again.status, "Đã có tệp" in again.err) == (1, True)
    assert dondoc("report", "template", tmp_path / "a.doc").status == 2
    sheet = Document(str(file))
    sheet.add_paragraph("Dấu riêng của cơ quan")
    sheet.save(str(file))
    found = own_template(tmp_path)
    assert found is not None
    write_word(tmp_path / "ra.docx", form1(), found)
    assert "Dấu riêng của cơ quan" in all_text(Document(str(tmp_path / "ra.docx")))


def test_reports_do_not_touch_the_template(tmp_path: Path) -> None:
    file = tmp_path / "mau.docx"
    file.write_bytes(default_template())
    document: ReportDocument = form1()
    write_word(tmp_path / "mot.docx", document, file)
    write_word(tmp_path / "hai.docx", document, file)
    assert file.read_bytes() == default_template()
    assert (tmp_path / "mot.docx").read_bytes() == (tmp_path / "hai.docx").read_bytes()
