"""A browser for the whole run; the site is the one of the web tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launch, served
from tests.web.conftest import pristine_web_home, web  # noqa: F401 - fixtures
from tests.web.sites import Web


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def address(web: Web) -> Iterator[str]:  # noqa: F811 - the fixture
    """Where the site of this test is served."""
    with served(web.site) as url:
        yield url
