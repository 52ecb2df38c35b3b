"""The words exchanged with an OpenID Connect provider: authorization code with PKCE, state and nonce.

OpenID Connect Core 1.0, Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer). Nothing is kept
between requests: sign-ins are rare, and a provider that changes its keys is understood at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.errors import DondocError
from engine.installation.settings import SingleSignOn

_TIMEOUT = httpx.Timeout(5)
_LARGEST = 1024 * 1024
_LEEWAY = 60
"""Seconds by which the provider's clock may differ."""

# Asymmetric only: with a shared secret or "none" whoever asks could sign.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_DISCOVERY = "/.well-known/openid-configuration"


class SingleSignOnFailed(DondocError):
    """Signing in by way of the provider led nowhere; nobody was signed in."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What ties an answer to the question: each known to this browser and to us only."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for; ``login`` None where it did not say."""

    subject: str
    login: str | None


def authorization_url(provider: SingleSignOn, back: str, secrets: Secrets) -> str:
    """Where to send the browser; the provider sends it on to ``back``."""
    with _client() as client:
        known = _discovered(client, provider)
    address: str = prepare_grant_uri(
        known["authorization_endpoint"],
        provider.client_id,
        "code",
        redirect_uri=back,
        scope="openid profile email",
        state=secrets.state,
        nonce=secrets.nonce,
        code_challenge=create_s256_code_challenge(secrets.verifier),
        code_challenge_method="S256",
    )
    return address


def vouched(provider: SingleSignOn, back: str, secrets: Secrets, code: str, now: datetime) -> Vouched:
    """Exchanges the code and checks the identity token: signature, issuer, audience, time, nonce."""
    with _client() as client:
        known = _discovered(client, provider)
        answer = _exchanged(client, provider, known, back, secrets, code)
        keys = _json(client, client.build_request("GET", known["jwks_uri"]))
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise SingleSignOnFailed("Nơi đăng nhập một lần không cho biết bạn là ai; báo người quản trị")
    claims = _checked(provider, secrets, token, answer.get("access_token"), keys, now)
    return Vouched(str(claims["sub"]), _login(provider, claims))


def _client() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers={"accept": "application/json"})


def _discovered(client: httpx.Client, provider: SingleSignOn) -> Mapping[str, str]:
    address = provider.issuer.rstrip("/") + _DISCOVERY
    found = _json(client, client.build_request("GET", address))
    if found.get("issuer") != provider.issuer:
        raise SingleSignOnFailed(
            "Nơi đăng nhập một lần tự xưng khác với oidc_issuer trong cấu hình; báo người quản trị"
        )
    known: dict[str, Any] = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        value = found.get(name)
        if not isinstance(value, str) or not _is_fit(value, provider):
            raise SingleSignOnFailed(
                "Nơi đăng nhập một lần khai báo thiếu hoặc dùng địa chỉ không an toàn; báo người quản trị"
            )
        known[name] = value
    methods = found.get("token_endpoint_auth_methods_supported")
    known["method"] = "client_secret_basic"
    if isinstance(methods, list) and known["method"] not in methods and "client_secret_post" in methods:
        known["method"] = "client_secret_post"
    return known


def _is_fit(address: str, provider: SingleSignOn) -> bool:
    """Everything goes over https, unless the provider itself is one of this machine, for trying out."""
    scheme = urlsplit(address).scheme
    return scheme == "https" or (scheme == "http" and provider.issuer.startswith("http://"))


def _exchanged(
    client: httpx.Client,
    provider: SingleSignOn,
    known: Mapping[str, str],
    back: str,
    secrets: Secrets,
    code: str,
) -> Mapping[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": secrets.verifier,
    }
    secret, auth = provider.client_secret, None
    if secret is None or known["method"] == "client_secret_post":
        fields |= {"client_id": provider.client_id} | ({"client_secret": secret} if secret else {})
    else:
        auth = httpx.BasicAuth(_form_encoded(provider.client_id), _form_encoded(secret))
    request = client.build_request("POST", known["token_endpoint"], data=fields)
    return _json(
        client, request, auth, refused="Nơi đăng nhập một lần không nhận mã vừa cấp; hãy đăng nhập lại"
    )


def _form_encoded(text: str) -> str:
    """RFC 6749, 2.3.1: both parts are encoded as in a form before they are joined."""
    return str(httpx.QueryParams({"": text}))[1:]


def _json(
    client: httpx.Client,
    request: httpx.Request,
    auth: httpx.BasicAuth | None = None,
    refused: str = "Nơi đăng nhập một lần trả lời không đúng; thử lại sau ít phút",
) -> Mapping[str, Any]:
    body = b""
    try:
        answer = client.send(request, auth=auth, stream=True)
        try:
            for part in answer.iter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise SingleSignOnFailed("Nơi đăng nhập một lần trả lời dài quá mức; báo người quản trị")
        finally:
            answer.close()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SingleSignOnFailed(
            "Không nối được tới nơi đăng nhập một lần; thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu"
        ) from error
    if answer.status_code != 200:
        raise SingleSignOnFailed(refused)
    try:
        found = json.loads(body)
    except ValueError as error:
        raise SingleSignOnFailed(refused) from error
    if not isinstance(found, dict):
        raise SingleSignOnFailed(refused)
    return found


def _checked(
    provider: SingleSignOn,
    secrets: Secrets,
    token: str,
    access_token: object,
    keys: Mapping[str, Any],
    now: datetime,
) -> CodeIDToken:
    try:
        key_set = KeySet.import_key_set({"keys": list(keys["keys"])})
        read = jwt.decode(token, key_set, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            params={
                "nonce": secrets.nonce,
                "client_id": provider.client_id,
                "access_token": access_token,
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SingleSignOnFailed(
            "Giấy chứng nhận của nơi đăng nhập một lần không dùng được "
            "(sai chữ ký, sai nơi nhận hoặc hết hạn); hãy đăng nhập lại"
        ) from error
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise SingleSignOnFailed("Nơi đăng nhập một lần không cho biết bạn là ai; báo người quản trị")
    return claims


def _login(provider: SingleSignOn, claims: Mapping[str, Any]) -> str | None:
    """An address that nobody verified is somebody's own word, and no reason to open an account."""
    value = claims.get(provider.login_claim)
    if provider.login_claim == "email" and claims.get("email_verified") is not True:
        return None
    return value if isinstance(value, str) and value.strip() else None
