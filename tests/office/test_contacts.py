"""``contacts``: the address book in and out, whole or not at all, and never shown where it should not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from engine.exchange.contact_file import PURPOSE
from tests.office.offices import Office

HEAD = "Đơn vị,Vai trò,Họ tên,Thư điện tử\n"
BOOK = (
    HEAD
    + "Phòng Nội vụ,thủ trưởng,Trưởng phòng,Noi-Vu@thu.example\n"
    + "huyen.noi-vu,Chuyên viên,,cv@thu.example\n"
    + "phòng vh&tt,,,van-hoa@thu.example\n"
    + "UBND huyện Thử,lãnh đạo,Chủ tịch,lanh-dao@thu.example\n"
)
ACTIVE = "SELECT unit, role, name, email, purpose FROM contact WHERE active ORDER BY unit, role, email"
BOOK_ROWS = [
    ("huyen", "leader", "Chủ tịch", "lanh-dao@thu.example", PURPOSE),
    ("huyen.noi-vu", "head", "Trưởng phòng", "Noi-Vu@thu.example", PURPOSE),
    ("huyen.noi-vu", "officer", "", "cv@thu.example", PURPOSE),
    ("huyen.van-hoa", "head", "", "van-hoa@thu.example", PURPOSE),
]


def book(office: Office, text: str = BOOK) -> Path:
    return office.write("danh-ba.csv", text)


def exported(path: Path) -> list[tuple[Any, ...]]:
    return list(load_workbook(path).worksheets[0].iter_rows(min_row=2, values_only=True))


def test_in_and_out_and_in_again(office: Office, tmp_path: Path) -> None:
    assert office.good("contacts", "import", book(office)).out == "Đã nhận 4 liên hệ của 3 đơn vị.\n"
    assert office.rows(ACTIVE) == BOOK_ROWS
    out = tmp_path / "ra.xlsx"
    assert office.good("contacts", "export", out).out == f"Đã ghi 4 liên hệ ra {out}.\n"
    rows = exported(out)
    assert ("huyen.noi-vu", "Phòng Nội vụ", "chuyên viên", None, "cv@thu.example", PURPOSE) in rows
    office.good("contacts", "import", out)
    assert office.rows(ACTIVE) == BOOK_ROWS
    office.good("contacts", "export", tmp_path / "again.xlsx")
    assert sorted(exported(tmp_path / "again.xlsx")) == sorted(rows)


def test_a_new_book_replaces_those_of_its_units_only(office: Office) -> None:
    office.good("contacts", "import", book(office))
    office.good("contacts", "import", book(office, HEAD + "Phòng Nội vụ,,Người mới,moi@thu.example\n"))
    found = office.rows(ACTIVE)
    assert [row for row in found if row[0] == "huyen.noi-vu"] == [
        ("huyen.noi-vu", "head", "Người mới", "moi@thu.example", PURPOSE)
    ]
    assert [row for row in found if row[0] != "huyen.noi-vu"] == [
        row for row in BOOK_ROWS if row[0] != "huyen.noi-vu"
    ]
    office.good("contacts", "import", book(office))
    assert office.rows(ACTIVE) == BOOK_ROWS


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("Phòng Nội vu,,,a@thu.example", 1, "“Phòng Nội vụ”"),
        (",,,a@thu.example", 1, "thiếu đơn vị"),
        ("UBND các xã,,,a@thu.example", 1, "là một nhóm đơn vị"),
        ("Phòng Nội vụ,trưởng thôn,,a@thu.example", 2, "vai trò “trưởng thôn” không có"),
        ("Phòng Nội vụ,,,", 4, "thiếu địa chỉ thư"),
        ("Phòng Nội vụ,,,thư@thu.example", 4, "địa chỉ thư có chữ có dấu"),
        ("Phòng Nội vụ,,,a.thu.example", 4, "thiếu ký tự @"),
        ('Phòng Nội vụ,,,"a@thu.example, b@thu.example"', 4, "không đúng dạng"),
        ("Phòng Nội vụ,,,VAN-HOA@thu.example\nPhòng Nội vụ,,,van-hoa@thu.example", 4, "đã có ở dòng trên"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(
    office: Office, row: str, column: int, said: str
) -> None:
    office.good("contacts", "import", book(office))
    first = "UBND xã Một,,,mot@thu.example\n"
    told = office.refused("contacts", "import", book(office, f"{HEAD}{first}{row}\n"))
    number = 3 + row.count("\n")
    assert f"dòng {number}, cột {column}: " in told
    assert said in told
    assert "@thu.example" not in told, "an address is personal data"


def test_all_wrong_rows_at_once(office: Office) -> None:
    told = office.refused("contacts", "import", book(office, HEAD + "Không có,,,a\nPhòng Nội vụ,sếp,,b\n"))
    assert "4 lỗi trong 1 tệp" in told


def test_a_book_without_rows_replaces_nobody(office: Office) -> None:
    assert "chưa có dòng nào" in office.refused("contacts", "import", book(office, HEAD))


def test_an_export_that_cannot_be_written(office: Office, tmp_path: Path) -> None:
    assert "Không ghi được tệp" in office.refused("contacts", "export", tmp_path / "không có" / "a.xlsx")


def test_a_unit_that_left_the_registry_stays_in_the_export(office: Office, tmp_path: Path) -> None:
    office.good("contacts", "import", book(office, HEAD + "UBND xã Một,,,mot@thu.example\n"))
    units = office.home / "plans" / "units" / "thu.yaml"
    units.write_text(
        units.read_text(encoding="utf-8").replace("id: huyen.mot,", "id: huyen.moi,"), encoding="utf-8"
    )
    office.good("contacts", "export", tmp_path / "ra.xlsx")
    assert exported(tmp_path / "ra.xlsx")[0][:2] == ("huyen.mot", "huyen.mot")
