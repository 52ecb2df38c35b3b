"""A small OpenID Connect provider on loopback: real HTTP, real signatures, and a will to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "don-doc"
SECRET = "bí mật: 100%"


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


@dataclass(slots=True)
class Provider:
    """What it knows, and what it does wrong when told to."""

    clock: Callable[[], datetime]
    key: RSAKey = field(default_factory=_key)
    issuer: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "u-1", "preferred_username": "an", "email": "an@thu.example"}
    )
    wrong_claims: dict[str, Any] = field(default_factory=dict)
    leave_out: set[str] = field(default_factory=set)
    sign: Callable[[dict[str, Any]], str] | None = None
    discovery: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    raw: bytes | None = None
    slow: float = 0.0

    def authorize(self, query: dict[str, str]) -> str:
        """What the browser is sent back to once the person has signed in at the provider."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = f"ma-{len(self.codes) + 1}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint."""
        self.asked.append(form)
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (_form(user), _form(password)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        code = form["code"]
        query = self.codes.get(code)
        if query is None or code in self.used or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        self.used.append(code)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != query["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": query["nonce"],
            **self.person,
            **self.wrong_claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.leave_out}
        signed = (
            self.sign(claims) if self.sign else jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        )
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": signed}

    def document(self, path: str) -> dict[str, Any] | None:
        """What lies open at a path."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/vao",
                "token_endpoint": f"{self.issuer}/doi",
                "jwks_uri": f"{self.issuer}/khoa",
                **self.discovery,
            }
        if path == "/khoa":
            return {"keys": [self.key.as_dict(private=False)]}
        return None


def _form(text: str) -> str:
    return parse_qs(f"a={text}")["a"][0]


@contextmanager
def running(clock: Callable[[], datetime]) -> Iterator[Provider]:
    """The provider, listening."""
    provider = Provider(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, provider.document(urlsplit(self.path).path))

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            self._answer(*provider.exchange(form, self.headers.get("authorization", "")))

        def _answer(self, status: int, found: dict[str, Any] | None) -> None:
            time.sleep(provider.slow)
            body = provider.raw if provider.raw is not None else json.dumps(found).encode()
            self.send_response(404 if found is None else provider.status if status == 200 else status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
