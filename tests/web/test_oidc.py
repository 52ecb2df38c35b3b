"""Single sign-on against a real provider on loopback: who gets in, and everybody who does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from engine.errors import DondocError
from engine.installation.settings import SingleSignOn, load_settings
from engine.model.access import Role
from engine.store.access import accounts, audit_reading
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading, writing
from tests.web.oidc_provider import CLIENT, SECRET, Provider, running
from tests.web.sites import Web

BASE = "http://testserver"


@pytest.fixture
def provider(web: Web) -> Iterator[Provider]:
    """A provider that the site is set to, and one account that may come that way."""
    with running(web.clock) as made:
        settings = SingleSignOn(made.issuer, CLIENT, SECRET)
        web.site.settings = replace(web.site.settings, base_url=BASE, single_sign_on=settings)
        with writing(web.site.engine) as connection:
            accounts.add(connection, "an", "Người thử", Role.LEADER, web.clock.now)
        yield made


def sent(client: TestClient, tiep: str = "/") -> dict[str, str]:
    """What the browser is sent to the provider with."""
    answer = client.get("/sso", params={"tiep": tiep})
    assert answer.status_code == 303, answer.text
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def back(client: TestClient, provider: Provider, query: dict[str, str]) -> Response:
    """The browser comes back from the provider."""
    return client.get(provider.authorize(query).removeprefix(BASE))


def entered(web: Web, provider: Provider, tiep: str = "/") -> Response:
    client = web.visitor()
    return back(client, provider, sent(client, tiep))


def stays_out(answer: Response, said: str) -> None:
    assert answer.status_code in (403, 502)
    assert said in answer.text
    assert not any(c.startswith("dondoc=") for c in answer.headers.get_list("set-cookie"))


def test_somebody_with_an_account_gets_in(web: Web, provider: Provider) -> None:
    assert "/sso?tiep=" in web.visitor().get("/dang-nhap").text
    client = web.visitor()
    query = sent(client, "/qua-han?trang=2")
    assert query["redirect_uri"] == f"{BASE}/sso/ve"
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    answer = back(client, provider, query)
    assert (answer.status_code, answer.headers["location"]) == (303, "/qua-han?trang=2")
    assert client.get("/").headers["location"] == "/tong-quan"
    with reading(web.site.engine) as connection:
        acts = [row.action for row in audit_reading.entries(connection, AuditFilter())]
    assert acts == ["sign_in", "account.linked"]
    # The next time the subject decides, whatever the login says.
    provider.person["preferred_username"] = "ten-khac"
    assert entered(web, provider).status_code == 303


def test_every_question_is_another(web: Web, provider: Provider) -> None:
    client = web.visitor()
    one, other = sent(client), sent(client)
    assert all(one[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_nobody_makes_an_account_by_signing_in(web: Web, provider: Provider) -> None:
    provider.person = {"sub": "u-2", "preferred_username": "nguoi-la"}
    stays_out(entered(web, provider), "chưa được mở ở đây")
    provider.person = {"sub": "u-2"}
    stays_out(entered(web, provider), "chưa được mở ở đây")
    with reading(web.site.engine) as connection:
        assert accounts.count(connection) == 1


def test_a_second_person_does_not_get_the_account(web: Web, provider: Provider) -> None:
    assert entered(web, provider).status_code == 303
    provider.person = {"sub": "u-2", "preferred_username": "an"}
    stays_out(entered(web, provider), "chưa được mở ở đây")


def test_a_closed_account_stays_closed(web: Web, provider: Provider) -> None:
    assert entered(web, provider).status_code == 303
    with writing(web.site.engine) as connection:
        accounts.change(connection, 1, active=False)
    stays_out(entered(web, provider), "chưa được mở ở đây")


@pytest.mark.parametrize(("verified", "status"), [(True, 303), (False, 403), ("true", 403), (None, 403)])
def test_an_address_opens_only_when_it_was_verified(
    web: Web, provider: Provider, verified: object, status: int
) -> None:
    with writing(web.site.engine) as connection:
        accounts.add(connection, "an@thu.example", "Người thử", Role.LEADER, web.clock.now)
    known = web.site.settings.single_sign_on
    assert known is not None
    web.site.settings = replace(web.site.settings, single_sign_on=replace(known, login_claim="email"))
    provider.person["email_verified"] = verified
    assert entered(web, provider).status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "khác"},
        {"aud": "chuong-trinh-khac"},
        {"aud": ["chuong-trinh-khac"]},
        {"aud": [CLIENT, "chuong-trinh-khac"]},  # without azp
        {"azp": "chuong-trinh-khac"},
        {"iss": "https://noi-khac.example"},
        {"exp": 1},
        {"exp": "mai"},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": ""},
        {"sub": 7},
        {"at_hash": "khác"},
    ],
    ids=str,
)
def test_a_token_that_does_not_fit(web: Web, provider: Provider, wrong: dict[str, Any]) -> None:
    provider.wrong_claims = wrong
    answer = entered(web, provider)
    stays_out(answer, "không cho biết bạn là ai" if wrong == {"sub": ""} else "không dùng được")


@pytest.mark.parametrize("missing", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_a_token_that_lacks_something(web: Web, provider: Provider, missing: str) -> None:
    provider.leave_out = {missing}
    stays_out(entered(web, provider), "không dùng được")


def test_a_token_that_ran_out_a_moment_ago(web: Web, provider: Provider) -> None:
    now = int(web.clock.now.timestamp())
    provider.wrong_claims = {"exp": now - 59, "iat": now - 300}
    assert entered(web, provider).status_code == 303
    provider.wrong_claims = {"exp": now - 61, "iat": now - 300}
    stays_out(entered(web, provider), "hết hạn")


def unsigned(claims: dict[str, Any]) -> str:
    head = OctKey.import_key("x" * 32)
    whole = jwt.encode({"alg": "HS256"}, claims, head)
    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    return f"{none}.{whole.split('.')[1]}."


def test_a_token_that_somebody_else_signed(web: Web, provider: Provider) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "1"})
    public = json.dumps(provider.key.as_dict(private=False))
    for sign in (
        lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, stranger),
        unsigned,
        # The public key taken for a shared secret.
        lambda claims: jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(public)),
        lambda claims: "không.phải.thẻ",
        lambda claims: "",
    ):
        provider.sign = sign
        stays_out(entered(web, provider), "không dùng được")


def test_an_answer_is_used_once(web: Web, provider: Provider) -> None:
    client = web.visitor()
    query = sent(client)
    cookie = client.cookies["dondoc-sso"]
    path = provider.authorize(query).removeprefix(BASE)
    assert client.get(path).status_code == 303
    # The same address again, in the same browser: its cookie is used up.
    stays_out(client.get(path), "đã dùng rồi")
    # With the cookie put back by hand the provider itself refuses the code.
    client.cookies.set("dondoc-sso", cookie)
    stays_out(client.get(path), "không nhận mã vừa cấp")


def test_an_answer_meant_for_another_browser(web: Web, provider: Provider) -> None:
    mine, theirs = web.visitor(), web.visitor()
    path = provider.authorize(sent(theirs)).removeprefix(BASE)
    stays_out(mine.get(path), "trình duyệt khác")
    sent(mine)
    stays_out(mine.get(path), "trình duyệt khác")
    assert provider.used == []


def test_a_code_stolen_into_another_sign_in_fails_at_the_verifier(web: Web, provider: Provider) -> None:
    mine, theirs = web.visitor(), web.visitor()
    stolen = parse_qs(urlsplit(provider.authorize(sent(theirs))).query)["code"][0]
    query = sent(mine)
    answer = mine.get("/sso/ve", params={"code": stolen, "state": query["state"]})
    stays_out(answer, "không nhận mã vừa cấp")


@pytest.mark.parametrize(
    "given",
    [
        {"error": "access_denied", "error_description": "<script>"},
        {},
        {"code": "x", "iss": "https://khac.example"},
    ],
    ids=str,
)
def test_the_provider_says_no(web: Web, provider: Provider, given: dict[str, str]) -> None:
    client = web.visitor()
    state = sent(client)["state"]
    answer = client.get("/sso/ve", params={"state": state, **given})
    stays_out(answer, "không cho vào")
    assert "<script>" not in answer.text


def test_the_provider_is_down(web: Web, provider: Provider) -> None:
    client = web.visitor()
    path = provider.authorize(sent(client)).removeprefix(BASE)
    known = web.site.settings.single_sign_on
    assert known is not None
    nowhere = replace(known, issuer="http://127.0.0.1:9")
    web.site.settings = replace(web.site.settings, single_sign_on=nowhere)
    stays_out(client.get(path), "Không nối được tới nơi đăng nhập một lần")
    answer = web.visitor().get("/sso")
    stays_out(answer, "Không nối được tới nơi đăng nhập một lần")
    assert 'name="mat-khau"' in answer.text


@pytest.mark.parametrize(
    ("status", "raw"),
    [(500, None), (302, None), (200, b"<html>"), (200, b"[]"), (200, b"\xff"), (200, b" " * 2_000_000)],
    ids=["500", "302", "html", "list", "bytes", "large"],
)
def test_the_provider_talks_nonsense(web: Web, provider: Provider, status: int, raw: bytes | None) -> None:
    provider.status, provider.raw = status, raw
    stays_out(web.visitor().get("/sso"), "Nơi đăng nhập một lần")


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://noi-khac.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["x"]},
    ],
    ids=str,
)
def test_the_provider_names_what_it_should_not(web: Web, provider: Provider, wrong: dict[str, Any]) -> None:
    provider.discovery = wrong
    stays_out(web.visitor().get("/sso"), "báo người quản trị")


def test_nobody_is_led_away_after_signing_in(web: Web, provider: Provider) -> None:
    for tiep in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert entered(web, provider, tiep).headers["location"] == "/"


def test_without_the_setting_there_is_no_such_page(web: Web) -> None:
    client = web.visitor()
    assert client.get("/sso").status_code == 404
    assert client.get("/sso/ve?state=a&code=b").status_code == 404
    assert "/sso" not in client.get("/dang-nhap").text


# --- the settings -----------------------------------------------------------------------------------------

NEEDED = {"DONDOC_OIDC_CLIENT_ID": "a", "DONDOC_BASE_URL": "https://dondoc.example"}


def test_what_is_set(tmp_path: Path) -> None:
    found = load_settings(
        tmp_path,
        {**NEEDED, "DONDOC_OIDC_ISSUER": "https://tinh.example/realm", "DONDOC_OIDC_CLIENT_SECRET": "bi"},
    ).single_sign_on
    assert found == SingleSignOn("https://tinh.example/realm", "a", "bi", "preferred_username")
    assert "bi'" not in repr(found)
    assert load_settings(tmp_path, NEEDED).single_sign_on is None


@pytest.mark.parametrize(
    ("issuer", "more", "said"),
    [
        ("http://tinh.example", NEEDED, "phải bắt đầu bằng https://"),
        ("https://tinh.example?a=1", NEEDED, "phải bắt đầu bằng https://"),
        ("ldap://tinh.example", NEEDED, "phải bắt đầu bằng https://"),
        ("https://tinh.example", {}, "oidc_client_id và base_url"),
        ("https://tinh.example", {"DONDOC_OIDC_CLIENT_ID": "a"}, "phải có base_url"),
    ],
)
def test_what_is_set_wrongly(tmp_path: Path, issuer: str, more: dict[str, str], said: str) -> None:
    with pytest.raises(DondocError, match=said.replace("?", r"\?")):
        load_settings(tmp_path, {**more, "DONDOC_OIDC_ISSUER": issuer})
