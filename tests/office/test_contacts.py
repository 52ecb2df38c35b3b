"""``contacts``: the address book in and out, whole or not at all, and never shown where it should not be."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from engine.exchange.contact_file import PURPOSE
from tests.notifiers.smtp_server import Say, smtp_server
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


WIDE_HEAD = "Đơn vị,Vai trò,Họ tên,Thư điện tử,Điện thoại,Kênh nhận tin,Nhận tin để biết\n"
WIDE = (
    "SELECT role, name, email, phone, zalo, channels, copies FROM contact WHERE active "
    "AND unit = 'huyen.noi-vu' ORDER BY role, email, phone"
)


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
    officer = ("huyen.noi-vu", "Phòng Nội vụ", "chuyên viên", None, "cv@thu.example", None, None, None, "có")
    assert (*officer, PURPOSE) in rows
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


# --- telephone, order of channels, copies --------------------------------------------------------------


def wide(office: Office, *rows: str) -> None:
    office.good("contacts", "import", office.write("rong.csv", WIDE_HEAD + "\n".join(rows) + "\n"))


def pair(office: Office, chat: str, where: str = "1") -> None:
    """As if the person had paired a chat: only the database is touched."""
    with sqlite3.connect(office.home / "dondoc.db") as connection:
        connection.execute(f"UPDATE contact SET zalo = '{chat}' WHERE {where}")
    connection.close()


def test_telephone_order_and_copies_come_in_and_read_back(office: Office, tmp_path: Path) -> None:
    wide(
        office,
        'Phòng Nội vụ,,Bà An,an@thu.example,0900 000 001,"Zalo, Thư điện tử",không',
        "Phòng Nội vụ,chuyên viên,Ông Bình,,900000002,zns,có",
    )
    expected = [
        ("head", "Bà An", "an@thu.example", "84900000001", "", "zalo email", 0),
        ("officer", "Ông Bình", "", "84900000002", "", "zns", 1),
    ]
    assert office.rows(WIDE) == expected
    pair(office, "chat-1", "role = 'head'")
    before = office.rows("SELECT * FROM contact ORDER BY id")
    office.good("contacts", "export", tmp_path / "ra.xlsx")
    assert [row[4:9] for row in exported(tmp_path / "ra.xlsx")] == [
        ("an@thu.example", "0900 000 001", "đã ghép", "Zalo, Thư điện tử", "không"),
        (None, "0900 000 002", None, "ZNS", "có"),
    ]
    office.good("contacts", "import", tmp_path / "ra.xlsx")
    assert office.rows("SELECT * FROM contact ORDER BY id") == before


def test_a_column_that_is_missing_leaves_what_is_stored(office: Office) -> None:
    wide(office, "Phòng Nội vụ,,Bà An,an@thu.example,0900 000 001,zalo,không")
    pair(office, "chat-1")
    before = office.rows("SELECT * FROM contact")
    office.good("contacts", "import", book(office, "Đơn vị,Thư điện tử\nPhòng Nội vụ,AN@thu.example\n"))
    assert office.rows("SELECT * FROM contact") == before
    office.good("contacts", "import", book(office, "Đơn vị,Điện thoại\nPhòng Nội vụ,+84 900 000 001\n"))
    assert office.rows("SELECT * FROM contact") == before


def test_a_column_that_is_there_and_empty_clears(office: Office) -> None:
    wide(office, "Phòng Nội vụ,,Bà An,an@thu.example,0900 000 001,zalo,không")
    pair(office, "chat-1")
    wide(office, "Phòng Nội vụ,,Bà An,an@thu.example,,,")
    assert office.rows(WIDE) == [("head", "Bà An", "an@thu.example", "", "chat-1", "", 1)]


def test_a_person_keeps_their_entry_when_one_address_changes(office: Office) -> None:
    wide(office, "Phòng Nội vụ,,Bà An,an@thu.example,0900 000 001,,")
    pair(office, "chat-1")
    [(id,)] = office.rows("SELECT id FROM contact")
    wide(office, "Phòng Nội vụ,,bà an,an@thu.example,0900 000 002,,")
    wide(office, "Phòng Nội vụ,,Bà An,moi@thu.example,0900 000 002,,")
    assert office.rows("SELECT id, email, phone, zalo FROM contact") == [
        (id, "moi@thu.example", "84900000002", "chat-1")
    ]


def test_somebody_else_at_the_address_is_not_reached_in_the_old_chat(office: Office) -> None:
    wide(office, "Phòng Nội vụ,,Bà An,chung@thu.example,0900 000 001,,")
    pair(office, "chat-1")
    wide(office, "Phòng Nội vụ,,Ông Bình,chung@thu.example,0900 000 002,,")
    assert office.rows(WIDE) == [("head", "Ông Bình", "chung@thu.example", "84900000002", "", "", 1)]
    # Out of use and back under another name: the entry returns, its chat does not.
    wide(office, "Phòng Nội vụ,,Cô Chi,chung@thu.example,0900 000 001,,")
    assert office.rows(WIDE) == [("head", "Cô Chi", "chung@thu.example", "84900000001", "", "", 1)]


def test_two_people_at_one_mailbox_stay_two(office: Office) -> None:
    rows = [f"Phòng Nội vụ,,{n},chung@thu.example,090000000{i},," for i, n in ((1, "Bà An"), (2, "Ông Bình"))]
    wide(office, *rows)
    before = office.rows("SELECT * FROM contact ORDER BY id")
    assert len(before) == 2
    wide(office, *reversed(rows))
    assert office.rows("SELECT * FROM contact ORDER BY id") == before
    # A sheet without telephones cannot tell them apart: both stay, as they are.
    office.good("contacts", "import", book(office, HEAD + "Phòng Nội vụ,,Ai đó,chung@thu.example\n"))
    assert office.rows("SELECT * FROM contact ORDER BY id") == before


def test_two_people_who_swap_telephones(office: Office) -> None:
    wide(office, "Phòng Nội vụ,,,a@thu.example,0900000001,,", "Phòng Nội vụ,,,b@thu.example,0900000002,,")
    ids = office.rows("SELECT email, id FROM contact ORDER BY email")
    wide(office, "Phòng Nội vụ,,,b@thu.example,0900000001,,", "Phòng Nội vụ,,,a@thu.example,0900000002,,")
    assert [(row[2], row[3]) for row in office.rows(WIDE)] == [
        ("a@thu.example", "84900000002"),
        ("b@thu.example", "84900000001"),
    ]
    assert office.rows("SELECT email, id FROM contact ORDER BY email") == ids


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("Phòng Nội vụ,,,,,,", 4, "thiếu địa chỉ thư hoặc số điện thoại"),
        ("Phòng Nội vụ,,,,024 3825 0001,,", 5, "số máy bàn"),
        ("Phòng Nội vụ,,,,0900 000 001,Viber,", 6, "không có kênh “Viber”"),
        ('Phòng Nội vụ,,,,0900 000 001,"Zalo, zalo",', 6, "hai lần"),
        ("Phòng Nội vụ,,,,0900 000 001,,có lẽ", 7, "chỉ ghi “có” hoặc “không”"),
        ("Phòng Nội vụ,,,,0900 000 001,,\nPhòng Nội vụ,,,,+84900000001,,", 4, "đã có ở dòng trên"),
    ],
)
def test_wrong_telephones_and_wishes(office: Office, row: str, column: int, said: str) -> None:
    told = office.refused("contacts", "import", book(office, f"{WIDE_HEAD}{row}\n"))
    assert f"dòng {2 + row.count(chr(10))}, cột {column}: " in told
    assert said in told
    assert "900" not in told, "a number is personal data"


def test_the_zalo_column_is_not_for_typing(office: Office) -> None:
    text = "Đơn vị,Thư điện tử,Zalo\nPhòng Nội vụ,a@thu.example,0900000001\n"
    assert "chỉ cho biết đã ghép hay chưa" in office.refused("contacts", "import", book(office, text))
    assert "thiếu cột “Thư điện tử” (hoặc “Điện thoại”)" in office.refused(
        "contacts", "import", book(office, "Đơn vị,Họ tên\nPhòng Nội vụ,An\n")
    )


# --- a trial message -----------------------------------------------------------------------------------


def test_a_trial_says_at_once_what_became_of_it(office: Office) -> None:
    office.good("contacts", "import", book(office, HEAD + "Phòng Nội vụ,,Bà An,An@thu.example\n"))
    with smtp_server() as sink:
        office.write("dondoc.toml", f'smtp_url = "smtp://127.0.0.1:{sink.port}?from=dondoc@thu.example"\n')
        assert office.good("contacts", "test", "1").out.startswith("Thư điện tử: đã gửi")
        assert office.good("contacts", "test", "an@THU.example").out.startswith("Thư điện tử: đã gửi")
        sink.will("RCPT", Say("550 5.1.1 No such user"))
        refused = office("contacts", "test", "1")
    assert refused.status == 1
    assert "từ chối địa chỉ này" in refused.err
    assert "An@thu" not in refused.err
    first, second = (each.mail for each in sink.received)
    assert first["To"] == second["To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert "Phòng Nội vụ" in first.get_content()
    assert office.rows("SELECT channel, address, code FROM refusal") == [("email", "an@thu.example", 550)]
    tried = office.rows("SELECT actor_name, subject FROM audit WHERE action = 'contact.trial'")
    assert tried == [("dòng lệnh", "contact:1")] * 3
    assert office.rows("SELECT count(*) FROM message") == [(0,)]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("9", "Không có liên hệ số 9"),
        ("ai@thu.example", "Không có ai đang dùng địa chỉ này"),
        ("0900 000 009", "Không có ai đang dùng địa chỉ này"),
        ("024 3825 0001", "số máy bàn"),
    ],
)
def test_a_trial_to_nobody(office: Office, who: str, said: str) -> None:
    assert said in office.refused("contacts", "test", who)


def test_a_trial_without_a_channel_says_so(office: Office) -> None:
    office.good("contacts", "import", book(office, HEAD + "Phòng Nội vụ,,Bà An,an@thu.example\n"))
    answer = office("contacts", "test", "1")
    assert (answer.status, "chưa khai kênh này trong cấu hình" in answer.err) == (1, True)
