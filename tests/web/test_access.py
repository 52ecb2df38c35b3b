"""Each role against each address: who is let in, who is shown the door, and that no address is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.model.access import Permission, Role, may
from tests.web.addresses import stated, table
from tests.web.scene import Scene, make_scene

TABLE = table()
READING = sorted(pattern for (method, pattern) in TABLE if method == "GET")
WRITING = sorted((method, pattern) for (method, pattern) in TABLE if method not in ("GET", "HEAD"))
SIGNED_IN = frozenset(Permission)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One site for all tests of this file: none of them changes what it holds."""
    made = make_scene(tmp_path_factory.mktemp("access") / "home")
    yield made
    for client in made.web.clients:
        client.close()
    made.web.site.engine.dispose()


def test_every_address_says_who_may_open_it_and_the_table_agrees() -> None:
    said = {address: "/".join(sorted(marks)) for address, marks in stated().items()}
    assert {a: w.removesuffix("/token") for a, w in said.items()} == TABLE


def test_the_application_has_no_other_addresses(site: Scene) -> None:
    paths = {getattr(route, "path", None) for route in site.web.visitor().app.routes}  # type: ignore[attr-defined]
    assert paths <= {None, "/static"}


@pytest.mark.parametrize("pattern", [p for p in READING if TABLE["GET", p] in SIGNED_IN])
def test_a_page_opens_for_the_roles_that_may_and_for_nobody_else(site: Scene, pattern: str) -> None:
    path = site.path(pattern)
    needed = Permission(TABLE["GET", pattern])
    for role in Role:
        answer = site.web.signed_in(role).client.get(path)
        if may(role, needed):
            assert answer.status_code in (200, 303), (role, answer.status_code, answer.text[:3000])
        else:
            assert answer.status_code == 403, role
            assert "không có quyền" in answer.text
    stranger = site.web.visitor().get(path)
    assert stranger.status_code == 303
    assert stranger.headers["location"].startswith("/dang-nhap?tiep=")


@pytest.mark.parametrize(("method", "pattern"), [a for a in WRITING if TABLE[a] in SIGNED_IN])
def test_a_change_needs_the_role_the_session_and_the_form_of_a_page(
    site: Scene, method: str, pattern: str
) -> None:
    path = site.path(pattern)
    needed = Permission(TABLE[method, pattern])
    stranger = site.web.visitor().request(method, path)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/dang-nhap?tiep=%2F")
    for role in Role:
        browser = site.web.signed_in(role)
        for key in (None, "", "0" * 64, site.web.signed_in(role).key):
            forged = browser.client.request(method, path, data={} if key is None else {"khoa": key})
            assert forged.status_code == 403, (role, key)
            assert "Trang này đã cũ" in forged.text
        elsewhere = {"origin": "https://xau.example", "sec-fetch-site": "cross-site"}
        assert browser.post(path, headers=elsewhere).status_code == 403  # type: ignore[attr-defined]
        if not may(role, needed):
            refused = browser.post(path)
            assert refused.status_code == 403  # type: ignore[attr-defined]
            assert "không có quyền" in refused.text  # type: ignore[attr-defined]


@pytest.mark.parametrize("pattern", [p for p in READING if TABLE["GET", p] == "key"])
def test_the_api_answers_a_key_and_nothing_else(site: Scene, pattern: str) -> None:
    path = site.path(pattern)
    key = {"authorization": f"Bearer {site.parts['secret']}"}
    assert site.web.visitor().get(path, headers=key).status_code == 200
    for wrong in ({}, {"authorization": "Bearer dondoc_x"}, {"authorization": "Basic eDp5"}):
        assert site.web.visitor().get(path, headers=wrong).status_code == 401
    assert site.web.signed_in(Role.ADMINISTRATOR).client.get(path).status_code == 401


@pytest.mark.parametrize("pattern", [p for p in READING if TABLE["GET", p] == "token" and "xong" not in p])
def test_an_address_with_a_token_opens_with_that_token_only(site: Scene, pattern: str) -> None:
    right = site.path(pattern)
    token = site.parts["u token" if right.startswith("/u/") else "lich token"]
    other = site.parts["lich token" if right.startswith("/u/") else "u token"]
    site.web.clock.advance(minutes=20)  # who tries many tokens within a quarter must wait
    assert site.web.visitor().get(right).status_code == 200
    for wrong in (other, token[:-1], token + "A", token.swapcase(), "A" * 43):
        assert site.web.visitor().get(right.replace(token, wrong)).status_code == 404


@pytest.mark.parametrize("address", sorted(TABLE))
def test_every_answer_carries_the_headers(site: Scene, address: tuple[str, str]) -> None:
    answer = site.web.visitor().request(address[0], site.path(address[1]))
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "no-store" in answer.headers["cache-control"] or "private" in answer.headers["cache-control"]
    assert "server" not in answer.headers
