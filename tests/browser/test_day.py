"""A day of each of the three people, in a real browser without JavaScript.

SCREENSHOTS=docs/images makes the pictures of the guides anew while the day is walked (some minutes).
"""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.model.access import Role
from engine.store.access import accounts
from engine.store.database import writing
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, Contact
from tests.browser.chromium import DESK, PHONE, served
from tests.browser.pictures import picture
from tests.core.evidence_files import png
from tests.tick.desk import FarEnd
from tests.web.desk_scene import pass_now
from tests.web.sites import Clock, Web
from web.site import Site

CLERK = "ha-tinh.loc-ha.thach-chau.van-phong-thong-ke"
WORD = "mot-mat-khau-du-dai"


@dataclass(slots=True)
class Day:
    """The office of a commune on 15 June 2023, its people and its mail."""

    web: Web
    address: str
    browser: Browser
    mail: FarEnd

    def context(self, size: dict[str, int]) -> BrowserContext:
        """A browser without JavaScript."""
        return self.browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            java_script_enabled=False,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )

    def signs_in(self, login: str) -> Page:
        """The page that somebody of the office comes to after signing in with the form."""
        page = self.context(DESK).new_page()
        page.goto(self.address)
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu").fill(WORD)
        page.get_by_role("button", name="Đăng nhập").click()
        return page

    def looks(self, page: Page, path: str, name: str, *, height: int = 0, below: str = "") -> None:
        """Opens a page and keeps its picture."""
        answer = page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert "/dang-nhap" not in page.url
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        picture(page, name, height=height, below=below)

    def morning(self) -> None:
        """The first pass of the day over the rules; mail arrives."""
        pass_now(self.web, self.mail)

    def letter_to(self, unit: str) -> str:
        """The newest message to a unit."""
        wanted = f"{unit.rpartition('.')[2]}@don-vi.example"
        return [m.text for m in self.mail.arrived if m.recipient.value == wanted][-1]


@pytest.fixture
def day(pristine_web_home: Path, tmp_path: Path, browser: Browser) -> Iterator[Day]:
    home = tmp_path / "home"
    shutil.copytree(pristine_web_home, home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "dondoc.toml").write_text(f'base_url = "http://127.0.0.1:{port}"\n', encoding="utf-8")
    clock = Clock()
    web = Web(Site(home, clock), clock)
    with writing(web.site.engine) as connection:
        for login, name, role in (
            ("soan-ke-hoach", "Chuyên viên A", Role.AUTHOR),
            ("van-phong", "Chuyên viên B", Role.MANAGER),
            ("lanh-dao", "Lãnh đạo C", Role.LEADER),
            ("quan-tri", "Quản trị D", Role.ADMINISTRATOR),
        ):
            accounts.add(connection, login, name, role, clock.now, password=WORD, must_change=False)
        units = [u for u in web.site.registry.units if u.startswith("ha-tinh.loc-ha.thach-chau")]
        heads = [
            Contact(unit, HEAD, f"Cán bộ {n}", f"{unit.rpartition('.')[2]}@don-vi.example", "đôn đốc")
            for n, unit in enumerate(units, 1)
        ]
        contacts.replace_all(connection, heads, set(units))
    with served(web.site, port) as address:
        yield Day(web, address, browser, FarEnd())
    web.site.engine.dispose()


def test_the_author_checks_a_plan(day: Day) -> None:
    page = day.signs_in("soan-ke-hoach")
    expect(page.get_by_role("heading", level=1)).to_have_text("Soạn kế hoạch")
    picture(page, "soan-ke-hoach")
    plan = (day.web.site.home / "plans" / "thach-chau-15-2023.yaml").read_text(encoding="utf-8")
    wrong = plan.replace("lead: Các ngành chuyên môn", "lead: Các nghành chuyên môn", 1)
    assert wrong != plan
    page.get_by_role("link", name="Kiểm tra một tệp").click()
    page.locator("#van-ban").fill(wrong)
    page.get_by_role("button", name=re.compile("Kiểm tra")).click()
    expect(
        page.get_by_text("Không có đơn vị hay nhóm đơn vị nào tên là “Các nghành chuyên môn”").first
    ).to_be_visible()
    picture(page, "kiem-tra-ke-hoach")
    page.locator("#van-ban").fill(plan)
    page.get_by_role("button", name=re.compile("Kiểm tra")).click()
    expect(page.locator("main")).not_to_contain_text("nghành")
    picture(page, "ke-hoach-khong-con-loi")
    cell = "?chu=Trước ngày 20 hàng tháng&nam=2023&ban-hanh=10/03/2023"
    day.looks(page, f"/soan-ke-hoach/thoi-han{cell}", "thu-mot-o-thoi-han", height=840)
    day.looks(page, "/soan-ke-hoach/thach-chau-15-2023", "doc-mot-ke-hoach")
    day.looks(page, "/soan-ke-hoach/thach-chau-15-2023/mo-phong", "tin-se-gui-trong-nam")
    page.context.close()


def head_reports(day: Day, link: str) -> str:
    """The head of the unit opens the link, looks and answers; the title of what was reported."""
    phone = day.context(PHONE).new_page()
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Văn phòng - Thống kê")
    picture(phone, "trang-don-vi")
    first = phone.locator("ul.cards a").first
    title = first.inner_text()
    first.click()
    picture(phone, "mot-viec-tren-dien-thoai", height=1000)
    phone.get_by_role("button", name="Gửi trả lời").click()
    expect(phone.get_by_role("alert")).to_contain_text("Hãy chọn")
    phone.get_by_label("Báo cáo hoàn thành").check()
    phone.get_by_label("Số, ký hiệu văn bản").fill("12/BC-UBND")
    phone.get_by_label("Ngày của văn bản").fill("14/6/2023")
    phone.locator("#tep").set_input_files(
        {"name": "bìa báo cáo.png", "mimeType": "image/png", "buffer": png()}
    )
    picture(phone, "bao-cao-hoan-thanh", below="form.answer", height=860)
    phone.get_by_role("button", name="Gửi trả lời").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Đã ghi nhận")
    picture(phone, "da-ghi-nhan")
    phone.get_by_role("link", name="Về danh sách của đơn vị").click()
    phone.locator("ul.cards a").first.click()
    phone.get_by_role("radio", name="Xin gia hạn").check()
    picture(phone, "xin-gia-han", below="form.answer", height=610)
    phone.goto(f"{link}/phoi-hop")
    picture(phone, "phan-phoi-hop")
    phone.context.close()
    return title


def test_the_head_reports_from_a_phone_and_the_manager_confirms_exports_and_chases(day: Day) -> None:
    day.morning()
    letter = day.letter_to(CLERK)
    [link] = re.findall(r"http://\S+/u/\S+", letter)
    title = head_reports(day, link)

    # The manager: what was reported waits; it is looked at and confirmed.
    day.web.clock.advance(hours=1)
    page = day.signs_in("van-phong")
    expect(page.get_by_role("heading", level=1)).to_contain_text("quá hạn")
    picture(page, "qua-han")
    page.get_by_role("link", name="Chờ xác nhận").first.click()
    picture(page, "cho-xac-nhan")
    page.locator("main").get_by_role("link", name=title.strip()[:40]).first.click()
    expect(page.locator("main")).to_contain_text("12/BC-UBND ngày 14/06/2023")
    expect(page.locator("main")).to_contain_text("bìa báo cáo.png")
    picture(page, "mot-viec")
    page.get_by_role("button", name="Xác nhận hoàn thành").click()
    expect(page.locator(".said")).to_contain_text("Đã xác nhận hoàn thành")

    # The overdue list as an Excel file, with real dates.
    page.goto(f"{day.address}/qua-han?ke-hoach=thach-chau-15-2023")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Excel")).first.click()
    sheet = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    assert any(isinstance(cell.value, datetime) for row in sheet.iter_rows() for cell in row)

    # Three units are chased; the next pass sends, one message to each.
    page.goto(f"{day.address}/qua-han?ke-hoach=thach-chau-15-2023")
    before = len(day.mail.arrived)
    boxes = page.locator("input[name=viec]")
    units: set[str] = set()
    for number in range(boxes.count()):
        unit = (boxes.nth(number).get_attribute("value") or "").split(":")[2]
        if len(units) < 3 and unit not in units:
            units.add(unit)
            boxes.nth(number).check()
    assert len(units) == 3
    page.get_by_role("button", name=re.compile("Đôn đốc")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("đôn đốc")
    picture(page, "xem-truoc-don-doc", height=1150)
    picture(page, "gui-don-doc", below="h2:text('Nhiệm vụ được đôn đốc')", height=700)
    assert len(day.mail.arrived) == before
    page.get_by_role("button", name=re.compile("Gửi đôn đốc")).click()
    picture(page, "da-don-doc")
    day.web.clock.advance(days=1)
    day.morning()
    chased = [m.recipient.value for m in day.mail.arrived[before:] if m.subject.startswith("Đôn đốc:")]
    assert sorted(chased) == sorted(f"{unit.rpartition('.')[2]}@don-vi.example" for unit in units)
    page.context.close()


def test_the_leader_looks_over_everything(day: Day) -> None:
    page = day.signs_in("lanh-dao")
    picture(page, "tong-quan", height=1150)
    for name, file in (("xu-huong", "xu-huong"), ("lich?nam=2023", "lich-nam"), ("xep-hang", "xep-hang")):
        page.goto(f"{day.address}/tong-quan/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        picture(page, file, height=1150)
    day.looks(page, "/tong-quan/don-vi?ke-hoach=thach-chau-15-2023", "tong-quan-theo-don-vi")
    day.looks(page, "/tong-quan/lich/2023-06-30", "mot-ngay-trong-lich")
    page.context.close()


def test_the_manager_sees_every_list_and_hands_over(day: Day) -> None:
    day.morning()
    page = day.signs_in("van-phong")
    plan = "?ke-hoach=thach-chau-15-2023"
    day.looks(page, f"/qua-han{plan}&don-vi=ha-tinh.loc-ha.thach-chau", "loc-danh-sach")
    page.emulate_media(media="print")
    picture(page, "in-danh-sach", height=700)
    page.emulate_media(media="screen")
    for path in ("tat-ca", "theo-don-vi", "theo-ke-hoach"):
        day.looks(page, f"/{path}" + (plan if path != "theo-ke-hoach" else ""), path)
    page.goto(f"{day.address}/qua-han{plan}")
    page.locator("main table a").first.click()
    assignment = page.locator("dd.code").inner_text()
    page.locator("#gia-han summary").click()
    page.locator("#gia-han-ngay").fill("30/6/2023")
    picture(page, "cho-gia-han", below="section.decisions", height=820)
    page.get_by_role("link", name="Cả nhiệm vụ, mọi đơn vị").click()
    picture(page, "ca-nhiem-vu")

    page.goto(f"{day.address}/thay-mat/them?tim=Cán bộ 1")
    page.locator("main").get_by_role("link", name="Cán bộ 1").first.click()
    page.get_by_label("Tìm người nhận thay khác").fill("Cán bộ 2")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_label("Cán bộ 2").first.check()
    page.get_by_label("Từ ngày").fill("19/6/2023")
    page.get_by_label("Đến hết ngày").fill("30/6/2023")
    page.get_by_label("Lý do vắng").fill("nghỉ phép")
    picture(page, "nhan-thay", height=900)
    page.get_by_role("button", name="Ghi người nhận thay").click()
    expect(page.locator("main table")).to_contain_text("Cán bộ 2")
    picture(page, "dang-nhan-thay")

    day.looks(page, "/thong-bao", "thong-bao-da-gui", height=900)
    page.goto(f"{day.address}/thong-bao?trang-thai=da-gui")
    page.locator("table.messages a").first.click()
    expect(page.locator("main")).to_contain_text("Lời đã gửi")
    picture(page, "mot-tin", height=1000)
    day.looks(page, "/thong-bao/chua-co-dia-chi", "chua-co-dia-chi")
    day.looks(page, f"/thong-bao/vi-sao?viec={assignment}&ngay=14/6/2023", "vi-sao-khong-nhac")
    page.context.close()

    day.web.clock.advance(days=11)
    page = day.signs_in("van-phong")
    day.looks(page, f"/sap-den-han{plan}", "sap-den-han")
    page.context.close()


def test_the_administrator_opens_and_closes_doors(day: Day) -> None:
    day.morning()
    page = day.signs_in("quan-tri")
    day.looks(page, "/nguoi-dung", "nguoi-dung", height=900)
    day.looks(page, "/danh-ba", "danh-ba")
    page.locator("main table a").first.click()
    picture(page, "mot-nguoi-trong-danh-ba", height=1100)
    day.looks(page, "/lien-ket", "duong-dan")
    page.goto(f"{day.address}/ket-noi")
    page.locator("summary", has_text="Cấp khóa").click()
    page.get_by_label("Tên hệ thống sẽ dùng khóa").fill("Phần mềm quản lý văn bản")
    page.get_by_label(re.compile("đọc nhiệm vụ", re.IGNORECASE)).first.check()
    page.get_by_role("button", name="Cấp khóa").click()
    expect(page.locator("#vua-tao")).to_be_visible()
    day.looks(page, "/ket-noi", "ket-noi", height=1000)
    day.looks(page, "/nhat-ky", "nhat-ky")
    page.goto(f"{day.address}/mat-khau")
    picture(page, "doi-mat-khau")
    page.get_by_role("button", name="Đăng xuất").or_(page.get_by_role("link", name="Đăng xuất")).click()
    picture(page, "dang-nhap")
    page.context.close()


def test_the_keyboard_is_enough(day: Day) -> None:
    """Signing in and opening the first overdue task, with Tab and Enter alone."""
    page = day.context(DESK).new_page()
    page.goto(day.address)
    press_until(page, "input#ten")
    page.keyboard.type("van-phong")
    page.keyboard.press("Tab")
    page.keyboard.type(WORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("quá hạn")
    press_until(page, "main table a")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/viec/"))
    page.context.close()


def press_until(page: Page, selector: str, most: int = 120) -> None:
    """Presses Tab until something that fits the selector has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.locator(f":is({selector}):focus").count():
            return
    raise AssertionError(f"{selector} was not reached with {most} Tabs")
