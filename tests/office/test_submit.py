"""``submit``: one word of a unit, or a whole file of them, which is taken whole or not at all."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from engine.exchange.sheet_rows import MAX_ROWS
from tests.cli.command_line import Answer
from tests.office.offices import ALWAYS, FORMULA, FORMULA_TOO, REPORT, Office

ENGLISH = ["assignment", "status", "percent", "document", "note", "at", "day", "by"]
VIETNAMESE = [
    "Mã nhiệm vụ được giao",
    "Nội dung cập nhật",
    "Tỷ lệ hoàn thành (%)",
    "Số văn bản",
    "Ghi chú",
    "Ngày cập nhật",
    "Ngày đề nghị",
    "Người cập nhật",
]
EVENTS = "SELECT assignment, kind, percent, document, note, day, by, at FROM event ORDER BY id"


def csv_file(office: Office, *rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = office.home / "cap-nhat.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def xlsx_file(office: Office, *rows: Sequence[Any], formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    path = office.home / "cap-nhat.xlsx"
    book.save(path)
    return path


moment = datetime.fromisoformat


# --- one by one --------------------------------------------------------------------------------------------


def test_one_word_is_recorded_and_said(office: Office) -> None:
    answer = office.good("submit", REPORT, "progress", "--percent", "40", "--at", "2023-03-20T08:00")
    assert answer.out == f"Đã ghi: cập nhật tiến độ – {REPORT}. Trạng thái: đang thực hiện.\n"
    done = office.good(
        *("submit", REPORT, "done", "--document", "12/BC-UBND", "--note", "Đã xong", "--by", "chuyên viên"),
        *("--at", "2023-03-31T23:30", "--json"),
    ).json
    assert done == {
        "recorded": 1,
        "assignments": [
            {
                "id": REPORT,
                "state": "reported",
                "timeliness": "done_on_time",
                "due": "2023-03-31",
                "rolled": "2023-03-31",
            }
        ],
    }
    assert [row[:7] for row in office.rows(EVENTS)] == [
        (REPORT, "progress", 40, None, None, None, ""),
        (REPORT, "done", None, "12/BC-UBND", "Đã xong", None, "chuyên viên"),
    ]


@pytest.mark.parametrize("at", ["2023-04-01T00:30", "2023-03-31T17:30+00:00"])
def test_the_day_is_that_of_viet_nam(office: Office, at: str) -> None:
    found = office.good("submit", REPORT, "progress", "--at", at, "--json").json
    assert found["assignments"][0]["timeliness"] == "overdue"


@pytest.mark.parametrize(
    ("word", "kind"), [("đã nhận", "received"), ("Báo cáo hoàn thành", "done"), ("hoan thanh", "done")]
)
def test_the_words_may_be_vietnamese(office: Office, word: str, kind: str) -> None:
    office.good("submit", REPORT, word, "--at", "2023-03-20")
    assert [row[1] for row in office.rows(EVENTS)] == [kind]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([REPORT, "dne"], 1, "Có phải là “done”?"),
        ([REPORT, "confirm"], 1, "Không hiểu nội dung cập nhật “confirm”"),
        (["thu-2023:1:huyen.noi-vuu", "done"], 1, f"Có phải là: {REPORT}?"),
        (["zzz", "done"], 1, "Xem danh sách: dondoc assignments"),
        ([REPORT, "done", "--percent", "101"], 1, "từ 0 đến 100"),
        ([REPORT, "done", "--percent", "-1"], 1, "từ 0 đến 100"),
        ([REPORT, "extension", "--until", "2023-04-30"], 1, "phải nêu lý do"),
        ([REPORT, "extension", "--until", "2023-03-30", "--note", "a"], 1, "phải sau thời hạn 31/03/2023"),
        ([ALWAYS, "extension", "--note", "a"], 1, "không có thời hạn"),
        ([REPORT, "extension", "--until", "mai", "--note", "a"], 2, "“mai” không phải là một ngày"),
        ([REPORT, "done", "--percent", "nửa"], 2, "--percent"),
        ([REPORT], 2, "cần mã việc và nội dung"),
        ([], 2, "cần mã việc và nội dung"),
        (["--file", "a.csv", "--note", "a"], 2, "dùng --file thì không ghi gì thêm"),
        (["--file", "a.csv", "--by", "a"], 2, "dùng --file thì không ghi gì thêm"),
        ([REPORT, "done", "--file", "a.csv"], 2, "dùng --file thì không ghi gì thêm"),
        (["--file", "không-có.csv"], 1, "Không có tệp không-có.csv"),
    ],
)
def test_a_wrong_word_is_explained_and_nothing_is_written(
    office: Office, words: list[str], status: int, said: str
) -> None:
    assert said in office.refused("submit", *words, status=status)


def test_what_cannot_be_said_afterwards_is_not_recorded(office: Office) -> None:
    """The calendar does not reach the year 2050, so that nobody can say how late that would be."""
    said = office.refused("submit", REPORT, "progress", "--at", "2050-01-03", "--json")
    assert "Lịch làm việc chưa có năm" in said


# --- files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("headings", [ENGLISH, VIETNAMESE], ids=["english", "vietnamese"])
def test_csv_as_offices_save_it(office: Office, encoding: str, delimiter: str, headings: list[str]) -> None:
    note = 'Chờ số liệu,\nđã có "ý kiến"; sẽ báo'
    file = csv_file(
        office,
        headings,
        [REPORT, "đang thực hiện", "60%", "12/BC, 15/3", note, "15/03/2023", "", "Phòng Nội vụ"],
        ["", "", "", "", "", "", "", ""],
        [FORMULA, "extension", "", "", "chờ", "2023-04-03", "12/5/2023", ""],
        delimiter=delimiter,
        encoding=encoding,
    )
    assert office.good("submit", "--file", file).out == "Đã ghi 2 cập nhật.\n"
    assert [row[:7] for row in office.rows(EVENTS)] == [
        (REPORT, "progress", 60, "12/BC, 15/3", 'Chờ số liệu, đã có "ý kiến"; sẽ báo', None, "Phòng Nội vụ"),
        (FORMULA, "extension", None, None, "chờ", "2023-05-12", ""),
    ]
    assert office.assignment(FORMULA, "--as-of", "2023-04-03")["extension"] == "pending"
    assert office.assignment(FORMULA, "--as-of", "2023-04-02")["extension"] == "none"


def test_excel_cells_are_taken_as_they_show(office: Office) -> None:
    file = xlsx_file(
        office,
        VIETNAMESE,
        [REPORT, "Cập nhật tiến độ", 1, 12, None, moment("2023-03-15"), None, None],
        [REPORT, "Cập nhật tiến độ", 0.75, None, None, moment("2023-03-16 15:30"), None, None],
        [FORMULA, "xin gia hạn", 30.0, None, "chờ", date(2023, 4, 3), date(2023, 5, 12), None],
        formats={"C2": "0%", "C3": "0.00%"},
    )
    assert office.good("submit", "--file", file, "--json").json["recorded"] == 3
    assert [(*row[1:4], row[5], row[7][:16]) for row in office.rows(EVENTS)] == [
        ("progress", 100, "12", None, "2023-03-15 05:00"),
        ("progress", 75, None, None, "2023-03-16 08:30"),
        ("extension", 30, None, "2023-05-12", "2023-04-03 05:00"),
    ]


def test_one_assignment_may_stand_in_a_file_twice(office: Office) -> None:
    rows = [[REPORT, "progress", "50", "2023-03-15"], [REPORT, "done", "", "2023-03-20"]]
    file = csv_file(office, ["Mã", "Trạng thái", "Tỷ lệ", "Ngày"], *rows)
    office.good("submit", "--file", file)
    assert office.assignment(REPORT, "--as-of", "2023-03-20")["state"] == "reported"
    assert office.assignment(REPORT, "--as-of", "2023-03-16")["state"] == "in_progress"
    backwards = [[FORMULA, "done", "", "2023-03-20"], [FORMULA, "progress", "50", "2023-03-21"]]
    said = office.refused(
        "submit", "--file", csv_file(office, ["Mã", "Trạng thái", "Tỷ lệ", "Ngày"], *backwards)
    )
    assert "dòng 3" in said
    assert "Không thể cập nhật tiến độ" in said
    assert "dòng 2" not in said


WRONG_ROWS = [
    (["", "done", "", ""], 1, "thiếu mã nhiệm vụ được giao"),
    ([REPORT, "", "", ""], 2, "thiếu nội dung cập nhật"),
    ([REPORT, "hoàn tất xong", "", ""], 2, "không hiểu “hoàn tất xong”"),
    ([REPORT, "confirm", "", ""], 2, "không hiểu “confirm”"),
    ([REPORT, "done", "101", ""], 3, "tỷ lệ “101” phải là số nguyên từ 0 đến 100"),
    ([REPORT, "done", "-5", ""], 3, "tỷ lệ “-5”"),
    ([REPORT, "done", "0,5", ""], 3, "tỷ lệ “0,5”"),
    ([REPORT, "done", "một nửa", ""], 3, "tỷ lệ “một nửa”"),
    ([REPORT, "done", "nan", ""], 3, "tỷ lệ “nan”"),
    ([REPORT, "done", "", "31/02/2023"], 4, "ngày “31/02/2023” không đọc được"),
    ([REPORT, "done", "", "05/06/23"], 4, "ngày “05/06/23” không đọc được"),
    ([REPORT, "done", "#N/A", ""], 3, "ô báo lỗi #N/A"),
    ([REPORT, "done", "", "", "thừa"], 5, "ô “thừa” không nằm dưới cột nào có tiêu đề"),
    (["thu-2023:1:huyen.noi-vuu", "done", "", ""], 1, f"Có phải là: {REPORT}?"),
    ([FORMULA_TOO, "extension", "", ""], 1, "Xin gia hạn phải nêu lý do"),
]


@pytest.mark.parametrize(("row", "column", "said"), WRONG_ROWS, ids=[row[2] for row in WRONG_ROWS])
@pytest.mark.parametrize("kind", [csv_file, xlsx_file])
def test_a_wrong_row_is_named_and_nothing_of_the_file_is_taken(
    office: Office, row: list[str], column: int, said: str, kind: Any
) -> None:
    good = [FORMULA, "done", "", "2023-04-20"]
    file = kind(office, ["Mã", "Trạng thái", "%", "Ngày"], good, row)
    told = office.refused("submit", "--file", file)
    assert f"lỗi: dòng 3, cột {column}: " in told
    assert said in told
    assert "dòng 2" not in told


def test_all_wrong_rows_are_named_by_the_number_that_a_spreadsheet_shows(office: Office) -> None:
    rows = [
        [FORMULA, "done", "", 'hai\ndòng "trong" một ô'],
        ["", "", "", ""],
        [REPORT, "xong", "", ""],
        [REPORT, "done", "200", ""],
    ]
    told = office.refused("submit", "--file", csv_file(office, ["Mã", "Trạng thái", "%", "Ghi chú"], *rows))
    assert "dòng 4, cột 2: không hiểu “xong”" in told
    assert "dòng 5, cột 3: tỷ lệ “200”" in told
    assert "2 lỗi trong 1 tệp" in told


def raw(office: Office, name: str, content: bytes) -> Path:
    path = office.home / name
    path.write_bytes(content)
    return path


HEAD = "Mã,Trạng thái\n"
LINE = f"{REPORT},đã nhận\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", (HEAD + LINE).encode("cp1258", errors="replace"), "không phải UTF-8"),
        ("a.csv", (HEAD + LINE).encode("utf-16"), "không phải UTF-8"),
        ("a.csv", "id,event\na,done\n".encode("utf-16-le"), "không phải UTF-8"),
        ("a.csv", b"", "tệp không có dòng nào"),
        ("a.csv", b"\xef\xbb\xbf\r\n , \r\n", "tệp không có dòng nào"),
        ("a.csv", HEAD.encode(), "dưới dòng tiêu đề chưa có dòng nào"),
        ("a.csv", LINE.encode(), f"cột lạ “{REPORT}”"),
        ("a.csv", f"Mã,Trạng thai cập nhật,Ghi chu\n{LINE}".encode(), "Có phải là"),
        ("a.csv", f"Mã,Mã,Trạng thái\n{LINE}".encode(), "cột “Mã” có hai lần"),
        ("a.csv", f"Mã,Ghi chú\n{LINE}".encode(), "thiếu cột “Nội dung cập nhật”"),
        ("a.csv", f'{HEAD}{LINE}{REPORT},"đã nhận\n{LINE}'.encode(), "dòng 3 hỏng (dấu ngoặc kép"),
        ("a.csv", f'{HEAD}{REPORT},"{"x" * 200_000}"\n'.encode(), "dòng 2 hỏng"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "chỉ đọc được tệp .csv hoặc .xlsx"),
        ("a.xlsx", b"", "không phải Excel .xlsx hoặc đã hỏng"),
        ("a.xlsx", b"PK\x03\x04 broken", "không phải Excel .xlsx hoặc đã hỏng"),
        ("a.xlsx", HEAD.encode(), "không phải Excel .xlsx hoặc đã hỏng"),
        ("a.csv", b"x" * 30_000_000, "tệp lớn hơn 20 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(
    office: Office, name: str, content: bytes, said: str
) -> None:
    told = office.refused("submit", "--file", raw(office, name, content))
    assert said in told
    assert name in told


def test_too_many_rows(office: Office) -> None:
    line = f"{REPORT},đã nhận\n"
    too_many = raw(office, "a.csv", (HEAD + line * (MAX_ROWS + 1)).encode())
    assert "có hơn 200.000 dòng; chia thành nhiều tệp" in office.refused("submit", "--file", too_many)


def packed_sheet(office: Office, rows: str, dimension: str = "A1") -> Path:
    """An .xlsx as another program may write it."""
    file = xlsx_file(office, ["x"])
    with zipfile.ZipFile(file) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    ).encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return file


def packed_row(*cells: str) -> str:
    return (
        "<row>"
        + "".join(c if c.startswith("<") else f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in cells)
        + "</row>"
    )


HEAD_ROW = packed_row("Mã", "Trạng thái", "%")


def test_an_excel_file_with_too_many_rows(office: Office) -> None:
    rows = HEAD_ROW + "<row><c><v>1</v></c></row>" * (MAX_ROWS + 1)
    assert "có hơn 200.000 dòng" in office.refused("submit", "--file", packed_sheet(office, rows))


def test_an_excel_file_that_swells(office: Office) -> None:
    file = xlsx_file(office, ["Mã", "Trạng thái"], [REPORT, "đã nhận"])
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
        target.open("xl/media/image1.png", "w", force_zip64=True) as picture,
    ):
        for _ in range(301):
            picture.write(bytes(1 << 20))
    assert file.stat().st_size < 2_000_000
    assert "tệp mở ra lớn hơn 300 MB" in office.refused("submit", "--file", file)


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576"])
def test_what_a_file_says_of_its_own_size_is_not_believed(office: Office, dimension: str) -> None:
    rows = HEAD_ROW + packed_row(REPORT, "đã nhận")
    assert office.good("submit", "--file", packed_sheet(office, rows, dimension)).out.startswith("Đã ghi")


def test_a_formula_counts_by_its_stored_result_only(office: Office) -> None:
    stored = packed_row(REPORT, "progress", "<c><f>30+30</f><v>60</v></c>")
    office.good("submit", "--file", packed_sheet(office, HEAD_ROW + stored))
    assert [row[2] for row in office.rows(EVENTS)] == [60]
    unknown = packed_row(REPORT, "progress", "<c><f>30+30</f></c>")
    told = office.refused("submit", "--file", packed_sheet(office, HEAD_ROW + stored + unknown))
    assert "dòng 3, cột 3: ô có công thức chưa có kết quả" in told
    wrong = packed_row(REPORT, "progress", '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    told = office.refused("submit", "--file", packed_sheet(office, HEAD_ROW + wrong))
    assert "dòng 2, cột 3: ô báo lỗi #DIV/0!" in told


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("content", [b"", b"<a", b"\x00\xff", None])
def test_a_broken_part_of_an_excel_file_is_no_traceback(
    office: Office, part: str, content: bytes | None
) -> None:
    file = xlsx_file(office, ["Mã", "Trạng thái"], [REPORT, "đã nhận"])
    with zipfile.ZipFile(file) as source:
        parts = {name: source.read(name) for name in source.namelist() if content is not None or name != part}
    if content is not None:
        parts[part] = content
    with zipfile.ZipFile(file, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    answer: Answer = office("submit", "--file", file)
    if answer.status == 1:
        assert "không phải Excel .xlsx hoặc đã hỏng" in answer.err
    else:
        assert (answer.status, part) == (0, "xl/styles.xml")
