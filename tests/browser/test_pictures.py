"""A picture for the guides shows what the page showed."""

from __future__ import annotations

from base64 import b64encode

from playwright.sync_api import Browser

from tests.browser.pictures import points, with_few_colours

STRIPES = "".join(
    f"<div style='height:9px;background:linear-gradient(90deg,#{left} 37px,#{right} 37px)'></div>"
    for left, right in (("8b1a1a", "fff"), ("1a1a1a", "f2f1ed"), ("14602f", "fff"), ("0b4fb3", "8b1a1a"))
)
BODY = "<body style='margin:0;overflow:hidden'>"


def test_few_colours_stay_what_they_are(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 101, "height": 40})
    page.set_content(BODY + STRIPES)
    taken = page.screenshot()
    kept = with_few_colours(taken)
    page.set_content(
        f"{BODY}<img style='display:block' src='data:image/png;base64,{b64encode(kept).decode()}'>"
    )
    assert page.evaluate("document.images[0].naturalWidth") == 101
    shown = points(page.screenshot())
    assert shown == points(taken)
    assert len({colour for row in shown[1] for colour in row}) == 6
    page.close()
