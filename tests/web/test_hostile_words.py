"""What people type never becomes part of a page's or a database's language, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from engine.model.access import Role
from tests.web.addresses import table
from tests.web.scene import BROKEN, Scene, make_scene

TABLE = table()
PAGES = sorted(p for (method, p) in TABLE if method == "GET" and TABLE[method, p] != "key")

# Every name that some page reads from its address; each page gets all of them at once.
FIELDS = (
    "tim ky lap don-vi rieng ke-hoach cap cham chu-y trang-thai xep trang tiep da so tu den ngay nam viec "
    "nguoi loai kenh muc the-van-ban nhan-biet plan unit state timeliness due_from due_to changed_since "
    "cursor limit code state error sort q"
).split()
NASTY = (
    "' OR '1'='1",
    "\x00", "\r\nSet-Cookie: a=b", "-1", "9" * 40, "1e309", "9999-12-31",
    "../../etc/passwd", "a" * 1000, BROKEN,
)  # fmt: skip


class Suspicious(HTMLParser):
    """Collects what no page of ours holds: scripts, handlers, addresses with code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if (
                name.startswith("on")
                or name == "style"
                or (value or "").strip().lower().startswith("javascript:")
            ):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One site for all tests of this file: looking changes nothing."""
    made = make_scene(tmp_path_factory.mktemp("hostile") / "home", BROKEN)
    yield made
    for client in made.web.clients:
        client.close()
    made.web.site.engine.dispose()


def assert_harmless(page: str) -> str:
    """The visible text of a page that holds nothing suspicious."""
    reader = Suspicious()
    reader.feed(page)
    reader.close()
    assert reader.found == []
    assert "49<" not in page.replace("{{7*7}}", "")
    return "".join(reader.text)


def test_the_check_itself_finds_what_it_looks_for() -> None:
    for page in (f"<p>{BROKEN}</p>", "<a href='javascript:x'>", "<p style='x'>", "<p onclick=x>"):
        reader = Suspicious()
        reader.feed(page)
        assert reader.found


@pytest.mark.parametrize("pattern", PAGES)
def test_stored_words_are_shown_as_words(site: Scene, pattern: str) -> None:
    for role in (Role.MANAGER, Role.ADMINISTRATOR):
        answer = site.web.signed_in(role).client.get(site.path(pattern))
        assert answer.status_code < 500
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert_harmless(answer.text)


def test_the_words_are_really_there(site: Scene) -> None:
    """Without this, the test above would pass on empty pages."""
    manager, administrator = site.web.signed_in(Role.MANAGER), site.web.signed_in(Role.ADMINISTRATOR)
    for pattern in ("/viec/{id}", "/qua-han", "/don-doc/{id}", "/thong-bao/{id}", "/nhiem-vu/{plan}/{task}"):
        assert "alert(1)" in manager.client.get(site.path(pattern)).text, pattern
    for pattern in ("/danh-ba", "/nguoi-dung", "/ket-noi", "/nhat-ky", "/lien-ket"):
        assert "alert(1)" in administrator.client.get(site.path(pattern)).text, pattern
    assert "alert(1)" in site.web.visitor().get(site.path("/u/{token}")).text


@pytest.mark.parametrize("pattern", [p for p in PAGES if not p.endswith(".xlsx")])
@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_nothing_in_an_address_breaks_a_page(site: Scene, pattern: str, nasty: str) -> None:
    client = site.web.signed_in(
        Role.ADMINISTRATOR if "manage" in TABLE["GET", pattern] else Role.MANAGER
    ).client
    answer = client.get(site.path(pattern), params=dict.fromkeys(FIELDS, nasty))
    assert answer.status_code < 500, answer.text
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert_harmless(answer.text)
    assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
    location = answer.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


OUTSIDE = (
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/....//app.py",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_file_outside_the_static_folder_is_served(site: Scene, path: str) -> None:
    answer = site.web.visitor().get(path)
    assert answer.status_code == 404
    assert "create_app" not in answer.text
