"""A server that plays Zalo, both ways in, by its documented contract, and misbehaves on command."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT_TOKEN = "12345:bot-that-nobody-else-knows"
APP_ID, SECRET = "7700", "secret-of-the-app"
TEMPLATE = "9001"

Answer = int | str
"""A number: Zalo's error. Words: "ok", "drop" (not taken, the connection cut), "lost" (taken, then cut),
"hang", "drip", "500", "garbage", "redirect", "garbage-taken"."""

DESCRIPTION = (
    {"name": "don_vi", "require": True, "type": "STRING", "maxLength": "30", "minLength": 0},
    {"name": "so_viec", "require": True, "type": "NUMBER", "maxLength": 20, "minLength": 0},
    {"name": "han_gan_nhat", "require": True, "type": "STRING", "maxLength": 20, "minLength": 0},
    {"name": "ma", "require": False, "type": "STRING", "maxLength": 30, "minLength": 0, "acceptNull": True},
    {"name": "lien_ket", "require": True, "type": "STRING", "maxLength": 200, "minLength": 0},
)


@dataclass
class Zalo:
    """What tests see and set. ``script`` maps a phone number, a chat, or "oauth", "template", "quota" to the
    next answers; without one the server behaves."""

    port: int = 0
    script: dict[str, deque[Answer]] = field(default_factory=dict)
    template: tuple[dict[str, Any], ...] = DESCRIPTION
    night: bool = False
    daily: int = 1000
    access: str = "access-0"
    refresh: str = "refresh-0"
    hold: float = 0.0  # seconds that a refresh takes after it was counted
    sent: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    webhook: dict[str, Any] | None = None
    asked: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def will(self, key: str, *answers: Answer) -> None:
        """The next answers for a phone number, a chat or a call."""
        self.script.setdefault(key, deque()).extend(answers)

    def arrivals(self) -> Counter[str]:
        """How often a template message was taken, by its tracking id."""
        return Counter(each["tracking_id"] for each in self.sent)

    def settings(self) -> dict[str, str]:
        """The settings of an installation that speaks to this server."""
        return {
            "zalo_bot_token": BOT_TOKEN,
            "zalo_bot_api": self.url,
            "zns_app_id": APP_ID,
            "zns_secret": SECRET,
            "zns_template_id": TEMPLATE,
            "zns_api": self.url,
            "zns_oauth_api": self.url,
        }

    def next_answer(self, key: str) -> Answer:
        with self.lock:
            self.asked[key] += 1
            waiting = self.script.get(key)
            return waiting.popleft() if waiting else "ok"


@contextmanager
def zalo() -> Iterator[Zalo]:
    """A running server."""
    state = Zalo()

    class Handler(_Handler):
        zalo = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    zalo: Zalo

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Silence."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/bot"):
            token, _, method = path.removeprefix("/bot").partition("/")
            self._bot(token, method, json.loads(body or b"{}"))
        elif path == "/access_token":
            self._oauth({key: values[0] for key, values in parse_qs(body.decode()).items()})
        elif path == "/message/template":
            self._template_message(json.loads(body))
        elif path == "/template/info/v2":
            self._scripted("template", {"templateId": TEMPLATE, "listParams": list(self.zalo.template)})
        elif path == "/message/quota":
            left = self.zalo.daily - len(self.zalo.sent)
            self._scripted("quota", {"dailyQuota": str(self.zalo.daily), "remainingQuota": str(left)})
        else:
            self._say({"error": -1, "message": "no such path"}, 404)

    # --- the bot -------------------------------------------------------------------------------------------

    def _bot(self, token: str, method: str, body: dict[str, Any]) -> None:
        if token != BOT_TOKEN:
            self._say({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        elif method == "sendMessage":
            self._bot_message(body)
        elif method == "getUpdates":
            self._bot_updates(float(body.get("timeout", 0)))
        elif method == "setWebhook":
            self.zalo.webhook = body
            self._say({"ok": True, "result": {"url": body["url"]}})
        elif method == "deleteWebhook":
            self.zalo.webhook = None
            self._say({"ok": True, "result": {}})
        elif method == "getMe":
            self._say(
                {"ok": True, "result": {"id": "1", "account_name": "Bot Đôn đốc", "account_type": "BASIC"}}
            )
        else:
            self._say({"ok": False, "error_code": 404, "description": "Not Found"}, 404)

    def _bot_message(self, body: dict[str, Any]) -> None:
        answer = self.zalo.next_answer(str(body["chat_id"]))
        if not self._taken(answer, self.zalo.said, body):
            return
        if isinstance(answer, int):
            self._say({"ok": False, "error_code": answer, "description": "no"}, 200 if answer < 0 else answer)
        else:
            number = f"m{len(self.zalo.said)}"
            self._say({"ok": True, "result": {"message_id": number, "date": "1"}})

    def _bot_updates(self, wait: float) -> None:
        if self.zalo.webhook is not None:
            self._say({"ok": False, "error_code": 409, "description": "webhook is set"}, 409)
            return
        ends = time.monotonic() + min(wait, 5)
        while time.monotonic() < ends and not self.zalo.updates and not self.zalo.over.is_set():
            time.sleep(0.01)
        if not self.zalo.updates:
            self._say({"ok": False, "error_code": 408, "description": "Request timeout"}, 200)
            return
        self._say({"ok": True, "result": self.zalo.updates.popleft()})

    # --- ZNS -----------------------------------------------------------------------------------------------

    def _oauth(self, form: dict[str, str]) -> None:
        if self.headers.get("secret_key") != SECRET or form.get("app_id") != APP_ID:
            self._say({"error": -14003, "error_name": "Invalid app"})
            return
        answer = self.zalo.next_answer("oauth")
        if answer == "drop":
            self.close_connection = True
            self.connection.close()
            return
        with self.zalo.lock:
            known = form.get("refresh_token") == self.zalo.refresh and not isinstance(answer, int)
            if known:
                number = len(self.zalo.refreshes) + 1
                self.zalo.refreshes.append(self.zalo.refresh)
                self.zalo.access, self.zalo.refresh = f"access-{number}", f"refresh-{number}"
            pair = {
                "access_token": self.zalo.access,
                "refresh_token": self.zalo.refresh,
                "expires_in": "90000",
            }
        if not known:
            self._say({"error": -14014, "error_name": "Invalid refresh token."})
            return
        self.zalo.over.wait(self.zalo.hold)
        if answer == "lost":
            self.close_connection = True
            self.connection.close()
            return
        self._say(pair)

    def _template_message(self, body: dict[str, Any]) -> None:
        if self._key_is_wrong():
            return
        answer = self.zalo.next_answer(str(body["phone"]))
        if answer == "ok":
            answer = self._by_the_rules(body)
        if not self._taken(answer, self.zalo.sent, body):
            return
        if isinstance(answer, int):
            self._say({"error": answer, "message": "refused"})
            return
        left = self.zalo.daily - len(self.zalo.sent)
        quota = {"dailyQuota": str(self.zalo.daily), "remainingQuota": str(left)}
        number = f"zns-{len(self.zalo.sent)}"
        self._say(
            {"error": 0, "message": "Success", "data": {"msg_id": number, "sent_time": "1", "quota": quota}}
        )

    def _by_the_rules(self, body: dict[str, Any]) -> Answer:
        if self.zalo.night:
            return -133
        if len(self.zalo.sent) >= self.zalo.daily:
            return -144
        if len(str(body["phone"])) != 11 or not str(body["phone"]).startswith("84"):
            return -108
        data = body["template_data"]
        for param in self.zalo.template:
            value = data.get(param["name"])
            if value in (None, ""):
                if param["require"]:
                    return -1122
                continue
            if len(str(value)) > int(param["maxLength"]):
                return -1121
            if param["type"] == "NUMBER" and not isinstance(value, int):
                return -1124
        return "ok"

    def _key_is_wrong(self) -> bool:
        if self.headers.get("access_token") == self.zalo.access:
            return False
        self._say({"error": -124, "message": "Access token is invalid"})
        return True

    def _scripted(self, key: str, data: dict[str, Any]) -> None:
        if self._key_is_wrong():
            return
        answer = self.zalo.next_answer(key)
        if self._taken(answer, [], {}):
            self._say(
                {"error": answer, "message": "no"} if isinstance(answer, int) else {"error": 0, "data": data}
            )

    # --- answering -----------------------------------------------------------------------------------------

    def _taken(self, answer: Answer, kept: list[dict[str, Any]], body: dict[str, Any]) -> bool:
        """Keeps what is taken; False where the answer has been played already."""
        match answer:
            case "ok" | "lost" | "garbage-taken":
                with self.zalo.lock:
                    kept.append(body)
        match answer:
            case "drop" | "lost":
                self.close_connection = True
                self.connection.close()
            case "hang":
                self.zalo.over.wait(30)
            case "drip":
                for _ in range(200):
                    if self.zalo.over.wait(0.1):
                        break
                    with suppress(OSError):  # whoever asked has gone
                        self.wfile.write(b"H")
            case "500":
                self._raw(500, b"<html>oops</html>", {})
            case "garbage" | "garbage-taken":
                self._raw(200, b"<html>ok</html>", {})
            case "redirect":
                self._raw(302, b"", {"Location": f"{self.zalo.url}/message/template"})
            case _:
                return True
        return False

    def _say(self, answer: dict[str, Any], status: int = 200) -> None:
        self._raw(
            status, json.dumps(answer, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
        )

    def _raw(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
