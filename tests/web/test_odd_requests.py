"""Requests that no page of ours makes: said to be wrong, never an error of the program; and what becomes
of an error of the program all the same."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.sites import Web
from tests.web.unit_links import unit_by_link
from web.app import create_app

_HALF_LETTER = (
    b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n1|\\ud800\r\n'
    b'--x\r\nContent-Disposition: form-data; name="khoa"\r\n\r\n\\ud800\r\n--x--\r\n'
)


@pytest.mark.parametrize("path", ["/nguoi-dung/", "/danh-ba/", "/viec/", "/api/v1/assignments/"])
def test_an_address_without_end_leads_nowhere(web: Web, path: str) -> None:
    assert web.signed_in("administrator").client.get(path + "9" * 5000).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/ket-noi/khoa/{}/thu-hoi",
        "/ket-noi/lich/{}/thu-hoi",
        "/ket-noi/webhook/{}/dung",
        "/ket-noi/tin-hong/{}/goi-lai",
    ],
)
@pytest.mark.parametrize("number", ["-99999999999999999999", "-1", "0", "99999999999999999999"])
def test_numbers_that_no_row_has(web: Web, path: str, number: str) -> None:
    administrator = web.signed_in("administrator")
    answer = administrator.client.post(path.format(number), data={"khoa": administrator.key})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ket-noi?da=khong-con")


@pytest.mark.parametrize("part", ["?nhom=qua-han&trang=", "/phoi-hop?trang="])
@pytest.mark.parametrize("number", ["00000199999999999999999999", "000001" + "9" * 5000, "0", "", "100000"])
def test_pages_that_no_list_has(web: Web, part: str, number: str) -> None:
    assert unit_by_link(web).get(part + number).status_code == 404


@pytest.mark.parametrize("where", ["da-nhan", "phoi-hop", "sign in"])
def test_half_letters_are_refused(web: Web, where: str) -> None:
    unit = unit_by_link(web)
    path = "/dang-nhap" if where == "sign in" else f"{unit.path}/{where}"
    name = {"da-nhan": b"viec", "phoi-hop": b"phan"}.get(where, b"ten")
    for charset in ("unicode_escape", '"raw-unicode-escape"', "utf-8; charset=utf-16"):
        kind = f"multipart/form-data; boundary=x; charset={charset}"
        answer = unit.client.post(path, content=_HALF_LETTER % name, headers={"content-type": kind})
        assert (answer.status_code, "bảng mã" in answer.text) == (400, True)
    kind = "multipart/form-data; boundary=x; charset=UTF-8"
    answer = unit.client.post(path, content=_HALF_LETTER % name, headers={"content-type": kind})
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "https://đâu.test", "x"])
def test_an_origin_that_is_none_is_elsewhere(web: Web, origin: str) -> None:
    answer = web.visitor().post("/dang-nhap", headers={b"origin": origin.encode()})
    assert answer.status_code == 403


def test_an_error_of_the_program_tells_nothing(web: Web) -> None:
    def broken() -> None:
        raise RuntimeError("token-of-somebody")

    app = create_app(web.site)
    app.add_api_route("/hong", broken)
    app.add_api_route("/api/v1/hong", broken)
    # The server's own log has every error that passes the application's outermost layer: none does.
    client = TestClient(app, raise_server_exceptions=True)
    web.clients.append(client)
    page = client.get("/hong")
    assert (page.status_code, "lỗi ngoài dự kiến" in page.text) == (500, True)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert client.get("/api/v1/hong").json()["error"] == "Phần mềm gặp lỗi ngoài dự kiến"
