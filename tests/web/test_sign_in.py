"""Signing in and out, one's own password: the cookie, foreign forms, planted sessions, being led away."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from argon2 import PasswordHasher
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from engine.installation.settings import Settings
from engine.model.access import Role
from engine.store.access import accounts, passwords
from engine.store.database import reading, writing
from engine.store.tables import AuditRow, SessionRow
from tests.web.sites import Web
from web.entrance.door import local_path
from web.security.access import FORM_KEY

GOOD = "bốn từ không dính nhau"
_SESSION = SessionRow.__table__  # type: ignore[attr-defined]
_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]


def made(web: Web, login: str = "an", role: Role = Role.MANAGER, *, must_change: bool = False) -> int:
    with writing(web.site.engine) as connection:
        added = accounts.add(
            connection, login, "Người thử", role, web.clock.now, password=GOOD, must_change=must_change
        )
    return added.id


def key_in(page: str) -> str:
    found = re.search(rf'name="{FORM_KEY}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def entered(client: TestClient, login: str = "an", password: str = GOOD, tiep: str = "/") -> Response:
    shown = client.get("/dang-nhap")
    form = {FORM_KEY: key_in(shown.text), "ten": login, "mat-khau": password, "tiep": tiep}
    return client.post("/dang-nhap", data=form)


def sessions(web: Web) -> int:
    with reading(web.site.engine) as connection:
        return connection.execute(select(func.count()).select_from(_SESSION)).scalar_one()


def test_without_any_account_the_page_says_how_to_make_one(web: Web) -> None:
    assert "dondoc account add" in web.visitor().get("/dang-nhap").text
    made(web)
    assert "dondoc account add" not in web.visitor().get("/dang-nhap").text


def test_the_way_in_and_out(web: Web) -> None:
    made(web)
    client = web.visitor()
    answer = entered(client, tiep="/qua-han?trang=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/qua-han?trang=2")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("dondoc="))
    assert re.search("HttpOnly", cookie)
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie
    assert client.get("/").headers["location"] == "/qua-han"
    assert client.get("/dang-nhap").status_code == 303
    page = client.get("/mat-khau").text
    left = client.post("/dang-xuat", data={FORM_KEY: key_in(page)})
    assert (left.status_code, left.headers["location"]) == (303, "/dang-nhap?da=dang-xuat")
    assert sessions(web) == 0
    assert client.get("/").headers["location"].startswith("/dang-nhap")


def test_over_https_the_cookie_belongs_to_this_host_alone(web: Web) -> None:
    made(web)
    web.site.settings = with_base(web.site.settings, "https://dondoc.example")
    client = web.visitor()
    client.base_url = "https://testserver"
    cookies = entered(client).headers.get_list("set-cookie")
    session = next(c for c in cookies if c.startswith("__Host-dondoc="))
    assert "Secure" in session
    assert "Path=/" in session
    assert "Domain" not in session


def with_base(settings: Settings, base_url: str) -> Settings:
    return Settings(home=settings.home, database_url=settings.database_url, base_url=base_url)


def test_wrong_login_and_wrong_password_look_the_same(web: Web) -> None:
    made(web)
    answers = [entered(web.visitor(), *each) for each in (("an", "sai " * 4), ("khong-co", "sai " * 4))]
    assert [a.status_code for a in answers] == [401, 401]
    texts = [re.sub(r'value="[^"]*"', "", a.text) for a in answers]
    assert texts[0] == texts[1]
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in texts[0]
    assert all("sai sai" not in a.text for a in answers)


def test_too_many_failures_say_when_to_come_back(web: Web) -> None:
    made(web)
    client = web.visitor()
    for _ in range(4):
        assert entered(client, password="sai " * 4).status_code == 401
    answer = entered(client, password="sai " * 4)
    assert answer.status_code == 429
    assert "Thử lại sau 5 phút, lúc 10:05." in answer.text
    assert 295 <= int(answer.headers["retry-after"]) <= 301
    assert entered(web.visitor()).status_code == 429
    web.clock.advance(minutes=5)
    assert entered(web.visitor()).status_code == 303


def test_a_form_of_another_browser_signs_nobody_in(web: Web) -> None:
    made(web)
    foreign = key_in(web.visitor().get("/dang-nhap").text)
    victim = web.visitor()
    victim.get("/dang-nhap")
    for key in (foreign, "", "x"):
        form = {FORM_KEY: key, "ten": "an", "mat-khau": GOOD}
        answer = victim.post("/dang-nhap", data=form)
        assert answer.status_code == 403
        assert "Trang đăng nhập mở đã lâu" in answer.text
    without_cookie = web.visitor().post("/dang-nhap", data={FORM_KEY: foreign, "ten": "an", "mat-khau": GOOD})
    assert without_cookie.status_code == 403
    assert sessions(web) == 0


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://xau.example"}, {"sec-fetch-site": "same-site"}],
)
def test_a_form_of_another_site_signs_nobody_in(web: Web, headers: dict[str, str]) -> None:
    made(web)
    client = web.visitor()
    form = {FORM_KEY: key_in(client.get("/dang-nhap").text), "ten": "an", "mat-khau": GOOD}
    assert client.post("/dang-nhap", data=form, headers=headers).status_code == 403
    assert sessions(web) == 0


def test_a_planted_or_older_session_is_worth_nothing(web: Web) -> None:
    made(web)
    client = web.visitor()
    client.cookies.set("dondoc", "trong-san-boi-ke-khac")
    first = entered(client)
    token = first.cookies["dondoc"]
    assert token != "trong-san-boi-ke-khac"
    shown = TestClient(client.app, base_url="http://testserver", follow_redirects=False)
    shown.cookies.set("dondoc", "trong-san-boi-ke-khac")
    assert shown.get("/").headers["location"].startswith("/dang-nhap")
    # A second sign-in in the same browser ends the first session.
    door = web.visitor()
    form = {FORM_KEY: key_in(door.get("/dang-nhap").text), "ten": "an", "mat-khau": GOOD}
    door.cookies.set("dondoc", token)
    again = door.post("/dang-nhap", data=form)
    assert again.status_code == 303
    assert again.cookies["dondoc"] != token
    assert sessions(web) == 1


def test_a_session_ends_when_unused_and_in_any_case_after_a_working_day(web: Web) -> None:
    made(web)
    client = web.visitor()
    entered(client)
    web.clock.advance(hours=2, seconds=1)
    assert client.get("/").headers["location"].startswith("/dang-nhap")
    entered(client)
    for _ in range(12):
        web.clock.advance(minutes=59)
        assert client.get("/").headers["location"] == "/qua-han"
    web.clock.advance(minutes=13)
    assert client.get("/").headers["location"].startswith("/dang-nhap")


@pytest.mark.parametrize(
    "tiep",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nSet-Cookie: x=1",
        "/a\x00",
        " //evil.example",
        "",
        "/" + "a" * 1001,
        "/dang-nhap?tiep=/dang-nhap",
        "/dang-xuat",
        "/sso",
        "http://[",
    ],
)
def test_nobody_is_led_away(web: Web, tiep: str) -> None:
    assert local_path(tiep) == "/"


@pytest.mark.parametrize(
    "tiep", ["/qua-han", "/tat-ca?tim=a%20b&trang=2", "/%2f%2fevil.example", "/viec/a:b%2Fc"]
)
def test_a_path_of_this_site_is_kept(tiep: str) -> None:
    assert local_path(tiep) == tiep


def test_the_way_on_is_checked_where_it_is_used(web: Web) -> None:
    made(web)
    for tiep in ("//evil.example", "/\\evil.example", "/x\r\nSet-Cookie: a=b"):
        answer = entered(web.visitor(), tiep=tiep)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
    client = web.visitor()
    entered(client)
    assert client.get("/dang-nhap", params={"tiep": "//evil.example"}).headers["location"] == "/"
    assert "evil" not in web.visitor().get("/dang-nhap", params={"tiep": "https://evil.example"}).text


def test_what_was_typed_is_escaped_and_the_password_never_shown(web: Web) -> None:
    answer = entered(web.visitor(), login='"><script>alert(1)</script>', password="bi-mat-khong-ke-1")
    assert "<script" not in answer.text
    assert "bi-mat-khong-ke-1" not in answer.text


def test_the_first_password_must_be_changed(web: Web) -> None:
    made(web, must_change=True)
    client = web.visitor()
    assert entered(client).headers["location"] == "/mat-khau"
    assert client.get("/").status_code == 403
    key = key_in(client.get("/mat-khau").text)
    new = "sáu con mèo trên mái"
    answer = client.post("/mat-khau", data={FORM_KEY: key, "cu": GOOD, "moi": new, "lai": new})
    assert (answer.status_code, answer.headers["location"]) == (303, "/mat-khau?da=doi")
    assert "Đã đổi mật khẩu." in client.get("/mat-khau?da=doi").text
    assert client.get("/").headers["location"] == "/qua-han"
    assert entered(web.visitor()).status_code == 401
    assert entered(web.visitor(), password=new).status_code == 303


def test_who_knows_the_password_never_waits_for_new_ones_that_will_not_do(web: Web) -> None:
    made(web, must_change=True)
    client = web.visitor()
    entered(client)
    key = key_in(client.get("/mat-khau").text)
    for new in ("ngắn", GOOD) * 6:
        form = {FORM_KEY: key, "cu": GOOD, "moi": new, "lai": new}
        assert client.post("/mat-khau", data=form).status_code == 400
    new = "bốn con ngựa qua cầu"
    assert (
        client.post("/mat-khau", data={FORM_KEY: key, "cu": GOOD, "moi": new, "lai": new}).status_code == 303
    )


def test_a_new_password_ends_the_other_sessions(web: Web) -> None:
    made(web)
    one, other = web.visitor(), web.visitor()
    entered(one)
    entered(other)
    key = key_in(one.get("/mat-khau").text)
    new = "sáu con mèo trên mái"
    one.post("/mat-khau", data={FORM_KEY: key, "cu": GOOD, "moi": new, "lai": new})
    assert one.get("/").headers["location"] == "/qua-han"
    assert other.get("/").headers["location"].startswith("/dang-nhap")
    with reading(web.site.engine) as connection:
        kept = "\n".join(map(str, connection.execute(select(_AUDIT)).all()))
    assert "account.password" in kept
    assert new not in kept


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("sai hết cả rồi", "sáu con mèo trên mái", "sáu con mèo trên mái", "Mật khẩu hiện nay không đúng"),
        (GOOD, "sáu con mèo trên mái", "bảy con mèo trên mái", "Hai lần nhập mật khẩu mới khác nhau"),
        (GOOD, GOOD, GOOD, "phải khác mật khẩu hiện nay"),
        (GOOD, "ngắn", "ngắn", "ít nhất 12 ký tự"),
        (GOOD, "matkhau123456", "matkhau123456", "nhiều người dùng"),
    ],
)
def test_a_password_that_will_not_do(web: Web, old: str, new: str, again: str, said: str) -> None:
    made(web)
    client = web.visitor()
    entered(client)
    key = key_in(client.get("/mat-khau").text)
    answer = client.post("/mat-khau", data={FORM_KEY: key, "cu": old, "moi": new, "lai": again})
    assert answer.status_code == 400
    assert said in answer.text
    assert client.get("/").headers["location"] == "/qua-han"


def test_guessing_the_old_password_is_limited_too(web: Web) -> None:
    made(web)
    client = web.visitor()
    entered(client)
    key = key_in(client.get("/mat-khau").text)
    form = {
        FORM_KEY: key,
        "cu": "sai hết cả rồi",
        "moi": "sáu con mèo trên mái",
        "lai": "sáu con mèo trên mái",
    }
    assert [client.post("/mat-khau", data=form).status_code for _ in range(6)] == [400] * 5 + [429]


def test_a_form_without_its_key_changes_nothing(web: Web) -> None:
    made(web)
    client = web.visitor()
    entered(client)
    new = "sáu con mèo trên mái"
    assert client.post("/mat-khau", data={"cu": GOOD, "moi": new, "lai": new}).status_code == 403
    assert client.post("/dang-xuat").status_code == 403
    assert sessions(web) == 1


def test_known_and_unknown_logins_cost_the_same_work(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            checked.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    made(web)
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for login in ("an", "khong-co"):
        entered(web.visitor(), login, "sai hết cả rồi")
    assert len(checked) == 2
    assert checked[0] == checked[1]
