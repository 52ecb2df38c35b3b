"""A day of each of the three people, in a real browser without JavaScript.

SCREENSHOTS=docs/images makes the pictures of the guides anew while the day is walked.
"""

from __future__ import annotations

import os
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
from engine.store import contacts
from engine.store.access import accounts
from engine.store.contacts import HEAD, Contact
from engine.store.database import writing
from tests.browser.chromium import DESK, PHONE, served
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
        ):
            accounts.add(connection, login, name, role, clock.now, password=WORD, must_change=False)
        units = [u for u in web.site.registry.units if u.startswith("ha-tinh.loc-ha.thach-chau")]
        heads = [Contact(u, HEAD, "", f"{u.rpartition('.')[2]}@don-vi.example", "đôn đốc") for u in units]
        contacts.replace_all(connection, heads, set(units))
    with served(web.site, port) as address:
        yield Day(web, address, browser, FarEnd())
    web.site.engine.dispose()


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keeps a picture of the page where the guides look for it, if asked to."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


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
    page.context.close()


def test_the_head_reports_from_a_phone_and_the_manager_confirms_exports_and_chases(day: Day) -> None:
    day.morning()
    letter = day.letter_to(CLERK)
    [link] = re.findall(r"http://\S+/u/\S+", letter)

    # The head of the unit: opens the link, looks, answers.
    phone = day.context(PHONE).new_page()
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Văn phòng - Thống kê")
    picture(phone, "trang-don-vi")
    first = phone.locator("ul.cards a").first
    title = first.inner_text()
    first.click()
    picture(phone, "tra-loi", whole=True)
    phone.get_by_role("button", name="Gửi trả lời").click()
    expect(phone.get_by_role("alert")).to_contain_text("Hãy chọn")
    phone.get_by_label("Báo cáo hoàn thành").check()
    phone.get_by_label("Số, ký hiệu văn bản").fill("12/BC-UBND")
    phone.get_by_label("Ngày của văn bản").fill("14/6/2023")
    phone.locator("#tep").set_input_files(
        {"name": "bìa báo cáo.png", "mimeType": "image/png", "buffer": png()}
    )
    picture(phone, "bao-cao-hoan-thanh", whole=True)
    phone.get_by_role("button", name="Gửi trả lời").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Đã ghi nhận")
    picture(phone, "da-ghi-nhan")
    phone.context.close()

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
    picture(page, "xem-truoc-don-doc", whole=True)
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
    picture(page, "tong-quan", whole=True)
    for name, file in (("xu-huong", "xu-huong"), ("lich?nam=2023", "lich-nam"), ("xep-hang", "xep-hang")):
        page.goto(f"{day.address}/tong-quan/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        picture(page, file, whole=True)
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
