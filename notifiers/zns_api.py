"""ZNS over HTTP: a template message to a phone number, the template's description, the quota, the keys.

https://developers.zalo.me/docs/zalo-notification-service. A refusal usually is HTTP 200 with ``error`` ≠ 0 in
the body; numbers may be strings. Renamed "ZBS Template Message" in 2026.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from notifiers.http import HttpFailure, Limits, Reply, base_address, request
from notifiers.vault import RefreshRefused, TokenPair

API = "https://business.openapi.zalo.me"
OAUTH_API = "https://oauth.zaloapp.com/v4/oa"
_LIMITS = Limits(connect=5.0, whole=15.0)
_ACCESS_SECONDS = 90_000  # 25 hours: what Zalo says today, where an answer says nothing
_MOST_SECONDS = 90 * 86_400  # no key lasts longer than the token that buys the next one


@dataclass(frozen=True, slots=True)
class Answer:
    """``error`` is Zalo's number, 0 for yes; None where the answer was none that we understand."""

    error: int | None
    message: str
    data: Mapping[str, Any] = field(repr=False)


class ZnsApi:
    """Safe between threads: every call has a connection of its own. Calls raise HttpFailure."""

    def __init__(
        self,
        app_id: str,
        secret: str,
        api: str | None = None,
        oauth_api: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._app_id, self._secret, self._clock = app_id, secret, clock
        self._api = base_address(api or API, "DONDOC_ZNS_API")
        self._oauth = base_address(oauth_api or OAUTH_API, "DONDOC_ZNS_OAUTH_API")

    def __repr__(self) -> str:
        return f"ZnsApi({self._api!r})"

    def send(
        self, access: str, phone: str, template: str, data: Mapping[str, str | int], tracking: str
    ) -> Answer:
        """One template message. ``tracking`` comes back in Zalo's own reports; it prevents no double."""
        body = {"phone": phone, "template_id": template, "template_data": data, "tracking_id": tracking}
        return self._ask("POST", "/message/template", access, json.dumps(body, ensure_ascii=False).encode())

    def template(self, access: str, template: str) -> Answer:
        """The description of a template."""
        return self._ask("GET", f"/template/info/v2?{urlencode({'template_id': template})}", access)

    def quota(self, access: str) -> Answer:
        """How many messages the account may send today, and how many are left."""
        return self._ask("GET", "/message/quota", access)

    def exchange(self, refresh: str) -> TokenPair:
        """A new pair for a refresh token, which is spent by it. RefreshRefused when Zalo says no, OSError
        (ConnectionError) when it gave no answer that can be used."""
        form = {"app_id": self._app_id, "grant_type": "refresh_token", "refresh_token": refresh}
        headers = {"secret_key": self._secret, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            reply = request("POST", f"{self._oauth}/access_token", headers, urlencode(form).encode(), _LIMITS)
        except HttpFailure as failure:
            raise ConnectionError(str(failure)) from None
        body = reply.body or {}
        access, renewed = str(body.get("access_token") or ""), str(body.get("refresh_token") or "")
        if access and renewed:
            return TokenPair(access, renewed, self._clock() + _lasts(body.get("expires_in")))
        if _number(body.get("error")) in (None, 0) or reply.status >= 500:
            raise ConnectionError("Máy chủ cấp mã của Zalo trả lời không hiểu được")
        raise RefreshRefused(f"Zalo không nhận mã làm mới (lỗi {_number(body.get('error'))})")

    def _ask(self, method: str, path: str, access: str, body: bytes | None = None) -> Answer:
        headers = {"access_token": access}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return _answer(request(method, self._api + path, headers, body, _LIMITS))


def _answer(reply: Reply) -> Answer:
    if reply.body is None or reply.status >= 500:
        return Answer(None, f"HTTP {reply.status}", {})
    data = reply.body.get("data")
    return Answer(
        _number(reply.body.get("error")),
        str(reply.body.get("message", ""))[:200],
        data if isinstance(data, Mapping) else {},
    )


def _lasts(value: Any) -> timedelta:
    seconds = _number(value)
    return timedelta(seconds=min(seconds, _MOST_SECONDS) if seconds and seconds > 0 else _ACCESS_SECONDS)


def _number(value: Any) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def number_of(data: Mapping[str, Any], *path: str) -> int | None:
    """The number at the end of a path of keys; None where there is none."""
    found: Any = data
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return _number(found)
