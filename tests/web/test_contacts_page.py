"""/danh-ba: the address book on the page, masked in lists; files in and out; what is held; erasure."""

from __future__ import annotations

import io
import re

import pytest
from httpx2 import Response
from openpyxl import load_workbook

from engine.model.access import Role
from engine.store.access import audit_reading
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading, writing
from engine.store.people import address_book
from engine.store.people.contacts import Contact
from tests.web.sites import Browser, Web

UNIT = "UBND xã Thạch Châu"
FORM = {
    "don-vi": UNIT,
    "vai-tro": "head",
    "ho-ten": "Nguyễn Đức Ánh",
    "thu": "anh@xa.example",
    "muc-dich": "nhắc việc",
}


@pytest.fixture
def admin(web: Web) -> Browser:
    return web.signed_in(Role.ADMINISTRATOR)


def sent(browser: Browser, path: str, form: dict[str, str] | None = None, **more: object) -> Response:
    answer = browser.post(path, dict(form or {}), **more)
    assert isinstance(answer, Response)
    return answer


def added(browser: Browser, **other: str) -> int:
    fields = {name.replace("_", "-"): value for name, value in other.items()}
    answer = sent(browser, "/danh-ba/them", FORM | fields)
    assert answer.status_code == 303, answer.text
    return int(re.findall(r"\d+", answer.headers["location"])[0])


def audit_text(web: Web) -> str:
    with reading(web.site.engine) as connection:
        return repr(audit_reading.entries(connection, AuditFilter(), at_most=1000))


def test_an_empty_book_says_what_that_means(web: Web, admin: Browser) -> None:
    assert "Danh bạ còn trống" in admin.client.get("/danh-ba").text


def test_a_person_is_added_masked_in_the_list_whole_on_their_page(web: Web, admin: Browser) -> None:
    id = added(admin)
    listed = admin.client.get("/danh-ba").text
    assert "Nguyễn Đức Ánh" in listed
    assert "a***@xa.example" in listed
    assert "anh@xa.example" not in listed
    own = admin.client.get(f"/danh-ba/{id}").text
    assert 'value="anh@xa.example"' in own
    assert UNIT in own
    noted = audit_text(web)
    assert "contact.add" in noted
    assert "anh@xa" not in noted
    assert "Ánh" not in noted


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nguyen duc", True),
        ("ĐỨC ánh", True),
        ("thach chau", True),
        ("Thạch Châu đức", True),
        ("anh@xa.example", True),
        ("tran", False),
        ("%", False),
        ("<script>", False),
    ],
)
def test_the_search_ignores_accents(web: Web, admin: Browser, words: str, found: bool) -> None:
    added(admin)
    page = admin.client.get("/danh-ba", params={"tim": words}).text
    assert ("a***@xa.example" in page) is found
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("don-vi", "", "Hãy ghi đơn vị"),
        ("don-vi", "UBND xã Không Có", "Không có đơn vị hay nhóm đơn vị nào"),
        ("don-vi", "UBND các xã, thị trấn", "là một nhóm đơn vị"),
        ("vai-tro", "boss", "Hãy chọn vai trò"),
        ("thu", "", "Thiếu địa chỉ thư"),
        ("thu", "a@b", "Phần sau @"),
        ("thu", "a@xa.example\r\nBcc: x@y.example", "không đúng dạng"),
        ("muc-dich", "", "mục đích lưu"),
        ("muc-dich", "a\x07b", "ký tự lạ"),
        ("muc-dich", "a\u202eb", "ký tự lạ"),
    ],
)
def test_a_wrong_entry_is_said_and_kept(web: Web, admin: Browser, field: str, value: str, said: str) -> None:
    answer = sent(admin, "/danh-ba/them", FORM | {field: value})
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="Nguyễn Đức Ánh"' in answer.text
    with reading(web.site.engine) as connection:
        assert address_book.entries(connection) == []


def test_the_same_person_twice_is_refused(web: Web, admin: Browser) -> None:
    added(admin)
    answer = sent(admin, "/danh-ba/them", FORM | {"thu": "ANH@xa.example"})
    assert answer.status_code == 400
    assert "đã có liên hệ" in answer.text


def test_changing_says_in_the_log_that_the_address_changed_not_to_what(web: Web, admin: Browser) -> None:
    id = added(admin)
    sent(admin, f"/danh-ba/{id}/sua", FORM | {"thu": "moi@xa.example", "ho-ten": "<i>Tên"})
    assert "&lt;i&gt;Tên" in admin.client.get("/danh-ba").text
    with reading(web.site.engine) as connection:
        (row,) = audit_reading.entries(connection, AuditFilter(action="contact.change"))
    assert row.after["address_changed"] is True
    assert "moi@xa" not in repr(row)
    wrong = sent(admin, f"/danh-ba/{id}/sua", FORM | {"thu": "x"})
    assert wrong.status_code == 400
    assert 'value="moi@xa.example"' in admin.client.get(f"/danh-ba/{id}").text


def test_out_of_use_and_back(web: Web, admin: Browser) -> None:
    id = added(admin)
    sent(admin, f"/danh-ba/{id}/ngung")
    assert "a***@" not in admin.client.get("/danh-ba").text
    assert "đã ngừng" in admin.client.get("/danh-ba?ngung=1").text
    sent(admin, f"/danh-ba/{id}/dung-lai")
    assert "a***@" in admin.client.get("/danh-ba").text
    noted = audit_text(web)
    assert "contact.close" in noted
    assert "contact.reopen" in noted


def test_pages_hold_fifty(web: Web, admin: Browser) -> None:
    with writing(web.site.engine) as connection:
        for number in range(101):
            unit = "ha-tinh.loc-ha.thach-chau"
            address_book.add(
                connection, Contact(unit, "officer", f"Người {number:03}", f"n{number}@xa.example", "x")
            )
    shown = [
        admin.client.get("/danh-ba", params={"trang": n, "tim": "nguoi"}).text for n in (1, 2, 3, 99, 0, -1)
    ]
    assert [text.count("@xa.example") for text in shown] == [50, 50, 1, 1, 50, 50]
    assert "trang 2/3" in shown[1]
    assert 'rel="next"' not in shown[2]
    assert "tim=nguoi" in shown[0]


def test_a_file_comes_in_whole(web: Web, admin: Browser) -> None:
    added(admin)
    text = "Đơn vị,Vai trò,Họ tên,Thư điện tử\nUBND xã Thạch Châu,,Người mới,moi@xa.example\n"
    answer = sent(admin, "/danh-ba/tep", files={"tep": ("Danh bạ.csv", text.encode(), "text/csv")})
    assert answer.headers["location"] == "/danh-ba?da=nhap"
    page = admin.client.get("/danh-ba?da=nhap").text
    assert "m***@xa.example" in page
    assert "a***@xa.example" not in page
    assert "contact.import" in audit_text(web)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "x.csv",
            "Đơn vị,Thư điện tử\nkhông có,sai\n".encode(),
            "Dòng 2, cột 1",
        ),
        ("x.csv", b"a,b\n1,2\n", "cột lạ"),
        ("x.xlsx", b"PK\x03\x04 gia", "không phải Excel"),
        ("x.exe", b"MZ", "Chỉ đọc được tệp .xlsx hoặc .csv"),
        ("../../etc/passwd", b"", "Chỉ đọc được tệp"),
        ("", b"", "Hãy chọn một tệp"),
    ],
)
def test_a_bad_file_changes_nothing(web: Web, admin: Browser, name: str, content: bytes, said: str) -> None:
    added(admin)
    answer = sent(admin, "/danh-ba/tep", files={"tep": (name, content, "text/csv")})
    assert answer.status_code == 400
    assert said in answer.text
    assert "/tmp" not in answer.text
    assert "a***@xa.example" in admin.client.get("/danh-ba").text


def test_the_book_goes_out_as_a_file_that_is_noted(web: Web, admin: Browser) -> None:
    added(admin, ho_ten="=1+1")
    answer = sent(admin, "/danh-ba/tep/xuat")
    assert answer.headers["content-disposition"] == 'attachment; filename="danh-ba-2023-06-15.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2))
    assert rows[0][4].value == "anh@xa.example"
    assert (rows[0][3].value, rows[0][3].data_type) == ("=1+1", "s")
    assert "contact.export" in audit_text(web)
    assert admin.client.get("/danh-ba/tep/xuat").status_code == 405


def test_what_is_held_is_readable_and_can_be_taken(web: Web, admin: Browser) -> None:
    id = added(admin)
    page = admin.client.get(f"/danh-ba/{id}/du-lieu").text
    assert "anh@xa.example" in page
    assert "Mục đích lưu" in page
    answer = sent(admin, f"/danh-ba/{id}/du-lieu")
    found = answer.json()
    assert found["contacts"][0]["email"] == "anh@xa.example"
    assert found["messages"] == []
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "contact.held" in audit_text(web)


def test_erasure_needs_a_tick_and_leaves_no_trace_in_the_log(web: Web, admin: Browser) -> None:
    id = added(admin)
    asked = admin.client.get(f"/danh-ba/{id}/xoa").text
    assert "không lấy lại được" in asked
    assert sent(admin, f"/danh-ba/{id}/xoa", {"ly-do": "đơn"}).status_code == 400
    assert admin.client.get(f"/danh-ba/{id}").status_code == 200
    reason = "theo đơn của Nguyễn Đức Ánh, anh@xa.example, 0912 345 678"
    answer = sent(admin, f"/danh-ba/{id}/xoa", {"dong-y": "co", "ly-do": reason})
    assert answer.headers["location"] == "/danh-ba?da=xoa"
    assert admin.client.get(f"/danh-ba/{id}").status_code == 404
    noted = audit_text(web)
    assert "contact.erase" in noted
    assert "anh@xa" not in noted
    assert "Đức" not in noted
    assert "0912" not in noted
    page = admin.client.get("/nhat-ky").text
    assert "xóa thông tin cá nhân theo yêu cầu" in page


@pytest.mark.parametrize("path", ["", "/du-lieu", "/xoa", "/sua", "/ngung", "/dung-lai"])
def test_nobody_there(web: Web, admin: Browser, path: str) -> None:
    for id in ("999", "0", "99999999999999999999", "khong"):
        if path not in ("/sua", "/ngung", "/dung-lai"):
            assert admin.client.get(f"/danh-ba/{id}{path}").status_code == 404
        if path:
            answer = sent(admin, f"/danh-ba/{id}{path}", FORM | {"dong-y": "co"})
            assert answer.status_code == 404
