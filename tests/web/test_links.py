"""Links by hand: the administrator's page and the command."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Response
from typer.testing import CliRunner

import engine.cli.office.link  # noqa: F401 - registers the command
from engine.cli.frame import app
from engine.store.access import audit_reading, links
from engine.store.database import reading, writing
from tests.web.sites import Browser, Web
from tests.web.unit_links import OTHER, UNIT, rows, unit_by_link, words

_TOKEN = re.compile(r"/u/([A-Za-z0-9_-]{43})")


def make(browser: Browser, **fields: object) -> Response:
    data = {"don_vi": UNIT, "ten": "Bà An", "so_ngay": "30", **fields}
    answer = browser.post("/lien-ket", data)
    assert isinstance(answer, Response)
    return answer


def test_a_link_is_shown_once_and_opens_the_page(web: Web) -> None:
    administrator = web.signed_in("administrator")
    answer = make(administrator)
    found = _TOKEN.search(answer.text)
    assert found is not None
    page = web.visitor().get(f"/u/{found[1]}")
    assert (page.status_code, "gửi cho Bà An" in page.text) == (200, True)
    assert found[1] not in administrator.client.get("/lien-ket").text
    assert found[1] not in str(rows(web, "SELECT * FROM audit") + rows(web, "SELECT * FROM link"))
    assert rows(web, "SELECT action, subject FROM audit") == [("link.make", "link:1")]
    web.clock.advance(days=30)
    assert web.visitor().get(f"/u/{found[1]}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"don_vi": ""}, "Hãy ghi tên hoặc mã của đơn vị"),
        ({"don_vi": "Sở Phép Thuật"}, "Không có đơn vị hay nhóm đơn vị nào tên là"),
        ({"don_vi": "UBND các quận, huyện"}, "nhóm đơn vị"),
        ({"so_ngay": "0"}, "Số ngày phải từ 1 đến 400"),
        ({"so_ngay": "401"}, "Số ngày phải từ 1 đến 400"),
        ({"so_ngay": "x"}, "Số ngày phải từ 1 đến 400"),
        ({"ten": "a" * 121}, "dài quá 120 ký tự"),
    ],
)
def test_what_is_wrong_with_a_link_is_said(web: Web, fields: dict[str, str], said: str) -> None:
    answer = make(web.signed_in("administrator"), **fields)
    assert answer.status_code == 422
    assert said in words(answer)
    assert rows(web, "SELECT count(*) FROM link") == [(0,)]


def test_the_list_masks_addresses_and_knows_units(web: Web) -> None:
    unit_by_link(web, UNIT)
    unit_by_link(web, OTHER, name="<b>Ông</b>")
    administrator = web.signed_in("administrator").client
    page = administrator.get("/lien-ket").text
    assert "an@thu.test" not in page
    assert "a***@thu.test" in page
    assert "&lt;b&gt;Ông&lt;/b&gt;" in page
    only = words(administrator.get("/lien-ket", params={"don_vi": UNIT}))
    assert "Đang dùng được (1)" in only
    assert "Đang dùng được (0)" in words(administrator.get("/lien-ket", params={"don_vi": "hai-phong"}))
    assert "Không có đơn vị" in words(administrator.get("/lien-ket", params={"don_vi": "' OR 1=1"}))
    assert administrator.get("/lien-ket?trang=99999").status_code == 200
    assert administrator.get("/lien-ket?trang=-1").status_code == 200


def test_a_revoked_link_opens_nothing(web: Web) -> None:
    unit, other = unit_by_link(web), unit_by_link(web)
    administrator = web.signed_in("administrator")
    answer = administrator.post("/lien-ket/1/thu-hoi")
    assert isinstance(answer, Response)
    assert answer.headers["location"] == "/lien-ket?da=thu-hoi"
    assert (unit.get().status_code, other.get().status_code) == (404, 200)
    again = administrator.post("/lien-ket/1/thu-hoi")
    assert isinstance(again, Response)
    assert again.headers["location"] == "/lien-ket?da=khong-con"
    assert rows(web, "SELECT action, subject FROM audit") == [("link.revoke", "link:1")]
    for wrong in ("0", "99", "x", "9" * 30):
        refused = administrator.post(f"/lien-ket/{wrong}/thu-hoi")
        assert isinstance(refused, Response)
        assert refused.status_code in (400, 404)


def test_only_the_administrator_may(web: Web) -> None:
    for role in ("author", "manager", "leader"):
        browser = web.signed_in(role)
        assert browser.client.get("/lien-ket").status_code == 403
        assert make(browser).status_code == 403
    assert web.visitor().get("/lien-ket").status_code == 303
    administrator = web.signed_in("administrator")
    assert administrator.client.post("/lien-ket", data={"don_vi": UNIT, "so_ngay": "5"}).status_code == 403
    assert rows(web, "SELECT count(*) FROM link") == [(0,)]


def test_the_links_of_an_address_end_together(web: Web) -> None:
    units = [unit_by_link(web), unit_by_link(web, OTHER)]
    stays = unit_by_link(web)
    with writing(web.site.engine) as connection:
        token = links.make(connection, [UNIT], "khac@thu.test", "", now=web.clock.now)
        stays.token = token
        assert links.revoke_of_address(connection, "AN@thu.test", web.clock.now) == 3
        assert links.revoke_of_address(connection, "an@thu.test", web.clock.now) == 0
    assert [unit.get().status_code for unit in units] == [404, 404]
    assert stays.get().status_code == 200


@pytest.fixture
def link(web: Web, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Runs ``dondoc link`` over the site's home."""
    monkeypatch.setenv("DONDOC_BASE_URL", "https://don-doc.test")

    def run(*words: str | Path) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["link", *map(str, words), "--home", str(web.site.home)])
        return done.exit_code, done.output + str(done.exception or "")

    return run


def test_the_command_prints_a_link_and_ends_it(web: Web, link: Callable[..., tuple[int, str]]) -> None:
    code, out = link("Sở Nội vụ", "--days", "10", "--name", "Bà An")
    found = re.search(r"https://don-doc\.test/u/([A-Za-z0-9_-]{43})", out)
    assert (code, found is not None) == (0, True)
    assert found is not None
    assert "Đường dẫn số 1 mở trang của Sở Nội vụ" in out
    with reading(web.site.engine) as connection:
        made = links.by_id(connection, 1)
    assert made is not None
    assert (made.units, made.name, (made.expires_at - made.created_at).days) == ((UNIT,), "Bà An", 10)
    assert link("--revoke", "1") == (0, "Đã thu hồi 1 đường dẫn.\n")
    assert link("--revoke", UNIT) == (0, "Đã thu hồi 0 đường dẫn.\n")
    assert rows(web, "SELECT action, actor FROM audit") == [
        ("link.make", "system"),
        ("link.revoke", "system"),
    ]
    with reading(web.site.engine) as connection:
        assert audit_reading.wholeness(connection).broken is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "ghi một đơn vị"),
        ((UNIT, "--revoke", "1"), "ghi một đơn vị"),
        (("Sở Phép Thuật",), "Không có đơn vị"),
        (("UBND các quận, huyện",), "nhóm đơn vị"),
        ((UNIT, "--days", "401"), "nhiều nhất là 400"),
        (("--revoke", "77"), "Không có đường dẫn số 77"),
    ],
)
def test_the_command_says_what_is_wrong(
    link: Callable[..., tuple[int, str]], words: tuple[str, ...], said: str
) -> None:
    code, out = link(*words)
    assert code != 0
    assert said in " ".join(out.replace("│", " ").split())
