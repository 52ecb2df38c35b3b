"""/danh-ba: the address book on the page, masked in lists; files in and out; what is held; erasure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx2 import Response
from openpyxl import load_workbook
from sqlalchemy import insert, update

from engine.model.access import Role
from engine.store.access import audit_reading
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading, writing
from engine.store.messages import channel_states, refusals
from engine.store.messages.refusals import Refusal
from engine.store.people import address_book
from engine.store.people.contacts import Contact
from engine.store.tables import ChannelStateRow
from tests.notifiers.smtp_server import Say, SmtpSink, smtp_server
from tests.web.sites import Browser, Clock, Web
from web.site import Site

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


@pytest.mark.parametrize(
    "path", ["", "/du-lieu", "/xoa", "/sua", "/ngung", "/dung-lai", "/thu-lai", "/gui-thu"]
)
def test_nobody_there(web: Web, admin: Browser, path: str) -> None:
    for id in ("999", "0", "99999999999999999999", "khong"):
        if path in ("", "/du-lieu", "/xoa"):
            assert admin.client.get(f"/danh-ba/{id}{path}").status_code == 404
        if path:
            answer = sent(admin, f"/danh-ba/{id}{path}", FORM | {"dong-y": "co"})
            assert answer.status_code == 404


# --- telephone, order, copies --------------------------------------------------------------------------

WAYS = {
    "dien-thoai": "0900 000 001",
    "uu-tien-1": "zns",
    "uu-tien-2": "email",
    "uu-tien-3": "",
    "tin-de-biet": "khong",
}


def stored(web: Web, id: int) -> Contact:
    with reading(web.site.engine) as connection:
        found = address_book.entry(connection, id)
    assert found is not None
    return found.contact


def revision(page: str) -> str:
    found = re.search(r'name="luot" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def test_telephone_order_and_copies_are_kept_and_shown(web: Web, admin: Browser) -> None:
    id = added(admin, **{name.replace("-", "_"): value for name, value in WAYS.items()})
    contact = stored(web, id)
    assert (contact.phone, contact.channels, contact.copies) == ("84900000001", ("zns", "email"), False)
    page = admin.client.get(f"/danh-ba/{id}").text
    assert 'value="0900 000 001"' in page
    assert page.count(" selected") == 4
    listed = admin.client.get("/danh-ba").text
    assert "•••001; a***@xa.example" in listed
    assert "0900 000" not in listed
    for words in ("0900 000 001", "84900000001", "000001"):
        assert "•••001" in admin.client.get("/danh-ba", params={"tim": words}).text
    noted = audit_text(web)
    assert "900000001" not in noted
    assert "ZNS, Thư điện tử" in noted


def test_a_telephone_alone_is_enough(web: Web, admin: Browser) -> None:
    id = added(admin, thu="", dien_thoai="+84 900 000 001")
    assert stored(web, id).ways() == (("zns", "84900000001"),)
    assert "(đã xóa)" not in admin.client.get(f"/danh-ba/{id}/du-lieu").text
    assert "0900 000 001" in admin.client.get(f"/danh-ba/{id}/du-lieu").text
    assert sent(admin, f"/danh-ba/{id}/xoa", {"dong-y": "co"}).status_code == 303
    assert admin.client.get(f"/danh-ba/{id}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("dien-thoai", "024 3825 0001", "Điện thoại: số máy bàn"),
        ("dien-thoai", "<b>", "Điện thoại: số điện thoại chỉ gồm chữ số"),
        ("uu-tien-2", "zns", "Mỗi kênh chỉ chọn một lần"),
        ("uu-tien-1", "fax", "chọn lại thứ tự kênh"),
    ],
)
def test_wrong_ways_are_said_and_kept(web: Web, admin: Browser, field: str, value: str, said: str) -> None:
    answer = sent(admin, "/danh-ba/them", FORM | WAYS | {field: value})
    assert (answer.status_code, said in answer.text) == (400, True)
    assert 'value="Nguyễn Đức Ánh"' in answer.text


def test_the_second_of_two_is_told_and_keeps_what_they_wrote(web: Web, admin: Browser) -> None:
    id = added(admin)
    first = second = revision(admin.client.get(f"/danh-ba/{id}").text)
    assert sent(admin, f"/danh-ba/{id}/sua", FORM | {"luot": first, "ho-ten": "Tên Một"}).status_code == 303
    answer = sent(admin, f"/danh-ba/{id}/sua", FORM | {"luot": second, "ho-ten": "Tên Hai", "thu": "x@y"})
    assert answer.status_code == 400
    # What was wrong besides must not hide that somebody was faster.
    assert revision(answer.text) == second
    answer = sent(admin, f"/danh-ba/{id}/sua", FORM | {"luot": second, "ho-ten": "Tên Hai"})
    assert answer.status_code == 409
    assert "Họ tên: đang lưu “Tên Một”, bạn viết “Tên Hai”" in answer.text
    assert 'value="Tên Hai"' in answer.text
    assert stored(web, id).name == "Tên Một"
    again = FORM | {"luot": revision(answer.text), "ho-ten": "Tên Hai"}
    assert sent(admin, f"/danh-ba/{id}/sua", again).status_code == 303
    assert stored(web, id).name == "Tên Hai"


def test_a_form_that_lacks_fields_clears_nothing(web: Web, admin: Browser) -> None:
    id = added(admin, **{name.replace("-", "_"): value for name, value in WAYS.items()})
    before = stored(web, id)
    with writing(web.site.engine) as connection:
        paired = replace(before, zalo="chat-1")
        address_book.change(connection, id, paired, active=True)
    assert sent(admin, f"/danh-ba/{id}/sua", FORM).status_code == 303
    assert stored(web, id) == paired
    answer = sent(admin, f"/danh-ba/{id}/sua", FORM | {"ho-ten": "Người khác"})
    assert "Zalo vẫn ghép như cũ" in admin.client.get(answer.headers["location"]).text


def refuse(web: Web, channel: str, address: str) -> None:
    with writing(web.site.engine) as connection:
        refusals.record(
            connection, Refusal(channel, address, 550, "Không có <b>hộp</b> này", "m1", web.clock.now)
        )


def test_a_refusal_is_shown_and_can_be_taken_back(web: Web, admin: Browser) -> None:
    id = added(admin, dien_thoai="0900000001")
    refuse(web, "email", "anh@xa.example")
    page = admin.client.get(f"/danh-ba/{id}").text
    assert (
        "Máy chủ thư từ chối địa chỉ này từ 15/06/2023: Không có &lt;b&gt;hộp&lt;/b&gt; này (mã 550)." in page
    )
    assert page.count("Thử lại địa chỉ này") == 1
    assert "tin không đến được:" not in admin.client.get("/danh-ba").text
    refuse(web, "zns", "84900000001")
    assert "Zalo không gửi được ZNS tới số này" in admin.client.get(f"/danh-ba/{id}").text
    listed = admin.client.get("/danh-ba?khong_toi=1").text
    assert "tin không đến được: mọi địa chỉ đều bị từ chối" in listed
    assert "Chỉ người mà tin không đến được (1)" in listed
    assert sent(admin, f"/danh-ba/{id}/thu-lai", {"kenh": "fax"}).status_code == 404
    answer = sent(admin, f"/danh-ba/{id}/thu-lai", {"kenh": "email"})
    assert "lại được gửi tới địa chỉ này" in admin.client.get(answer.headers["location"]).text
    assert "Máy chủ thư từ chối" not in admin.client.get(f"/danh-ba/{id}").text
    with reading(web.site.engine) as connection:
        assert list(refusals.everything(connection)) == [("zns", "84900000001")]
        [row] = audit_reading.entries(connection, AuditFilter(action="contact.unrefuse"))
    assert row.after == {"channel": "email"}
    assert "Không có ai như vậy" in admin.client.get("/danh-ba?khong_toi=1").text


def test_another_address_leaves_the_refusal_behind(web: Web, admin: Browser) -> None:
    id = added(admin)
    refuse(web, "email", "anh@xa.example")
    sent(admin, f"/danh-ba/{id}/sua", FORM | {"thu": "moi@xa.example"})
    assert "từ chối" not in admin.client.get(f"/danh-ba/{id}").text
    sent(admin, f"/danh-ba/{id}/sua", FORM)
    assert "Máy chủ thư từ chối" in admin.client.get(f"/danh-ba/{id}").text


# --- a trial message -----------------------------------------------------------------------------------


@pytest.fixture
def mailing(web: Web) -> Iterator[tuple[Web, SmtpSink]]:
    """A site whose settings name a mail server."""
    with smtp_server() as sink:
        url = f"smtp://127.0.0.1:{sink.port}?from=dondoc@thu.example"
        (web.site.home / "dondoc.toml").write_text(f'smtp_url = "{url}"\n', encoding="utf-8")
        clock = Clock()
        mailing = Web(Site(web.site.home, clock), clock)
        yield mailing, sink
        for client in mailing.clients:
            client.close()
        mailing.site.engine.dispose()


def tried(browser: Browser, id: int, channel: str = "") -> str:
    answer = sent(browser, f"/danh-ba/{id}/gui-thu", {"kenh": channel})
    assert answer.status_code == 303, answer.text
    page = browser.client.get(answer.headers["location"])
    assert isinstance(page, Response)
    return str(page.text)


def test_a_trial_tells_what_became_of_it(mailing: tuple[Web, SmtpSink]) -> None:
    web, sink = mailing
    admin = web.signed_in(Role.ADMINISTRATOR)
    id = added(admin, dien_thoai="0900 000 001", uu_tien_1="zns")
    page = tried(admin, id)
    assert "ZNS: chưa thử: chưa khai kênh này trong cấu hình." in page
    assert "Thư điện tử: đã gửi" in page
    assert "Vừa gửi thử" in page
    assert "Lần gửi thử gần nhất" in admin.client.get(f"/danh-ba/{id}").text
    sink.will("RCPT", Say("550 5.1.1 No such user"))
    assert "Thư điện tử: từ chối địa chỉ này" in tried(admin, id, "email")
    assert "Máy chủ thư từ chối địa chỉ này từ 15/06/2023" in admin.client.get(f"/danh-ba/{id}").text
    # What is left is a channel that nobody has set up.
    assert "tin không đến được: kênh chưa được khai" in admin.client.get("/danh-ba").text
    # One that arrives takes the refusal back.
    assert "Thư điện tử: đã gửi" in tried(admin, id, "email")
    assert "Máy chủ thư từ chối" not in admin.client.get(f"/danh-ba/{id}").text
    sink.will("RCPT", Say("451 4.7.1 Greylisted"))
    assert "lát nữa thử lại" in tried(admin, id, "email")
    assert len(sink.received) == 2
    noted = audit_text(web)
    assert noted.count("contact.trial") == 4
    assert "anh@xa" not in noted
    assert "No such user" not in noted, "what a server says of a person could not be erased there"
    log = admin.client.get("/nhat-ky").text
    assert "gửi tin thử" in log
    assert "Thư điện tử: từ chối địa chỉ này (mã 550)." in log


def test_a_channel_that_stopped_is_left_alone(mailing: tuple[Web, SmtpSink]) -> None:
    web, sink = mailing
    admin = web.signed_in(Role.ADMINISTRATOR)
    id = added(admin)
    rows = ChannelStateRow.__table__  # type: ignore[attr-defined]
    with writing(web.site.engine) as connection:
        connection.execute(
            insert(rows).values(
                channel="email", state="stopped", detail="Sai mật khẩu", changed_at=web.clock.now
            )
        )
    assert "chưa thử: kênh đang dừng (Sai mật khẩu)" in tried(admin, id)
    with writing(web.site.engine) as connection:
        rest = {"state": "resting", "until": web.clock.now + timedelta(minutes=5)}
        connection.execute(update(rows).values(rest))
    assert "chưa thử: kênh nghỉ đến 10:05 15/06/2023" in tried(admin, id)
    assert sink.received == []
    with writing(web.site.engine) as connection:
        assert channel_states.resume(connection, "email", web.clock.now)
    assert "đã gửi" in tried(admin, id)


def test_a_trial_needs_an_address(web: Web, admin: Browser) -> None:
    id = added(admin)
    assert sent(admin, f"/danh-ba/{id}/gui-thu", {"kenh": "zalo"}).status_code == 404
    page = tried(admin, id)
    assert "chưa khai kênh này trong cấu hình" in page
