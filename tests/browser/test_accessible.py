"""Every page that each role can open, on a phone and on a desk: axe-core finds nothing against WCAG 2.2 AA,
nothing is wider than the screen, nothing reports an error to the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from engine.model.access import Permission, Role, may
from tests.browser.chromium import DESK, PHONE, served
from tests.web.addresses import table
from tests.web.scene import Scene, make_scene
from web.security.access import cookie_name

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TABLE = table()
NOT_A_PAGE = (".xlsx", ".docx", ".ics", "/healthz", "/metrics", "/minh-chung/", "/api/", "/sso", "/xong")
PAGES = sorted(p for (m, p) in TABLE if m == "GET" and p != "/" and not any(x in p for x in NOT_A_PAGE))
# The last role to which a page opens: the one that sees most of it.
ROLES = (Role.LEADER, Role.AUTHOR, Role.ADMINISTRATOR, Role.MANAGER)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = make_scene(tmp_path_factory.mktemp("accessible") / "home")
    yield made
    for client in made.web.clients:
        client.close()
    made.web.site.engine.dispose()


@pytest.fixture(scope="module")
def at(scene: Scene) -> Iterator[str]:
    with served(scene.web.site) as url:
        yield url


def visiting(browser: Browser, scene: Scene, url: str, pattern: str) -> BrowserContext:
    """A browser signed in with a role that may open the page, if it needs one."""
    context = browser.new_context(bypass_csp=True, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    needed = TABLE["GET", pattern]
    if needed in set(Permission):
        role = next(r for r in reversed(ROLES) if may(r, Permission(needed)))
        token = scene.web.signed_in(role).client.cookies[cookie_name(scene.web.site)]
        context.add_cookies([{"name": cookie_name(scene.web.site), "value": token, "url": url}])
    return context


def problems(page: Page) -> list[str]:
    """What axe-core and the width of the page say."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    said = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found.response["violations"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*said, *([f"{over} px too wide"] if over > 0 else [])]


@pytest.mark.parametrize("pattern", PAGES)
def test_a_page_is_accessible(browser: Browser, scene: Scene, at: str, pattern: str) -> None:
    context = visiting(browser, scene, at, pattern)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        answer = page.goto(at + scene.path(pattern))
        assert answer is not None
        assert answer.status == 200
        assert page.locator("h1").count() == 1
        assert problems(page) == []
    assert complaints == []
    context.close()


def test_the_check_finds_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.set_content("<html><body><img src='data:,'><p style='width:500px;color:#aaa'>mờ</p></body></html>")
    found = " ".join(problems(page))
    assert all(word in found for word in ("image-alt", "html-has-lang", "color-contrast", "too wide"))
    page.close()
