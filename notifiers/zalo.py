"""Zalo Bot: plain texts into a chat that a person opened with the office's bot.

https://bot.zaloplatforms.com: POST {api}/bot{token}/{method}, JSON in; {ok, result} or {ok: false,
error_code, description} out. Apprise's own zalo:// gives a truth value for an outcome and writes the token
into its log.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from notifiers.errors import ChannelError
from notifiers.http import HttpFailure, Limits, Reply, base_address, request
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status
from notifiers.vault import TokenVault
from notifiers.zalo_errors import BOT_ERRORS, BOT_UNKNOWN_ERROR, Verdict

API = "https://bot-api.zaloplatforms.com"
MOST_LETTERS = 2000
"""Of one text; longer ones are refused by Zalo."""

_SEND = Limits(connect=5.0, whole=15.0)
_TOO_MANY = 429
_MORE_THAN_THE_POLL = 10.0  # seconds beyond those that Zalo was asked to wait


class ZaloBot:
    """The bot's API. Safe between threads: every call has a connection of its own."""

    def __init__(self, token: str, api: str | None = None) -> None:
        if ":" not in token or not token.isascii() or any(letter in token for letter in " /?#"):
            raise ChannelError("DONDOC_ZALO_BOT_TOKEN không đúng dạng; dạng đúng: số:chuỗi ký tự")
        self._token = token
        self._api = base_address(api or API, "DONDOC_ZALO_BOT_API")

    def __repr__(self) -> str:
        return f"ZaloBot({self._api!r})"

    def say(self, chat: str, text: str) -> Outcome:
        """One attempt to send a plain text into a chat. Never raises."""
        try:
            reply = self._call("sendMessage", {"chat_id": chat, "text": text[:MOST_LETTERS]}, _SEND)
        except HttpFailure as failure:
            return _failed(failure)
        return _outcome(reply)

    def updates(self, timeout_seconds: int) -> list[dict[str, Any]]:
        """What people wrote since the last call; waits up to so long for something. There is no offset: what
        was handed over once does not come again. Raises ChannelError."""
        limits = Limits(connect=5.0, whole=timeout_seconds + _MORE_THAN_THE_POLL)
        result = self._result("getUpdates", {"timeout": str(timeout_seconds)}, limits, idle=408)
        found = result if isinstance(result, list) else [result]
        return [each for each in found if isinstance(each, dict)]

    def set_webhook(self, url: str, secret: str) -> None:
        """Has messages brought to ``url``, with ``secret`` in X-Bot-Api-Secret-Token. Raises ChannelError."""
        self._result("setWebhook", {"url": url, "secret_token": secret}, _SEND)

    def delete_webhook(self) -> None:
        """Has messages kept for ``updates``. Raises ChannelError."""
        self._result("deleteWebhook", {}, _SEND)

    def called(self) -> str:
        """The bot's name on Zalo; empty where Zalo does not say. Raises ChannelError."""
        result = self._result("getMe", {}, _SEND)
        if not isinstance(result, dict):
            return ""
        return str(result.get("account_name") or result.get("display_name") or result.get("name") or "")

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _call(self, method: str, body: Mapping[str, str], limits: Limits) -> Reply:
        url = f"{self._api}/bot{self._token}/{method}"
        content = json.dumps(body, ensure_ascii=False).encode()
        return request("POST", url, {"Content-Type": "application/json"}, content, limits)

    def _result(self, method: str, body: Mapping[str, str], limits: Limits, idle: int | None = None) -> Any:
        try:
            reply = self._call(method, body, limits)
        except HttpFailure as failure:
            raise ChannelError(f"Máy chủ Zalo: {failure}.") from None
        code = _code(reply)
        if reply.body is not None and reply.body.get("ok") is True:
            return reply.body.get("result")
        if idle is not None and code == idle:
            return []
        verdict = BOT_ERRORS.get(code or 0, BOT_UNKNOWN_ERROR)
        raise ChannelError(f"Máy chủ Zalo trả lời {code or reply.status}: {verdict.words}.")


class ZaloChannel:
    """The channel: what a message says, as a plain text into the recipient's chat."""

    name = "zalo"
    slots = 2

    def __init__(self, bot: ZaloBot) -> None:
        self._bot = bot

    def closed_until(self, now: datetime) -> datetime | None:
        """Never: people get what the bot says at any hour; the office's hours hold already."""
        return None

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt, at most 20 seconds."""
        return self._bot.say(message.recipient.value, message.text)

    def close(self) -> None:
        """Nothing is held open."""
        self._bot.close()

    def __repr__(self) -> str:
        return f"ZaloChannel({self._bot!r})"


def open_from(values: Mapping[str, str], vault: TokenVault | None) -> ZaloChannel:
    """The channel of ``zalo_bot_token`` and ``zalo_bot_api``; it needs no vault. Raises ChannelError."""
    return ZaloChannel(ZaloBot(values["zalo_bot_token"].strip(), values.get("zalo_bot_api")))


def _failed(failure: HttpFailure) -> Outcome:
    if failure.sent:
        return Outcome(Status.UNKNOWN, None, f"{failure}; không rõ Zalo đã nhận tin hay chưa")
    return Outcome(Status.TEMPORARY, None, f"{failure} Zalo", None, Cause.CHANNEL)


def _outcome(reply: Reply) -> Outcome:
    code = _code(reply)
    if reply.body is not None and reply.body.get("ok") is True:
        result = reply.body.get("result")
        reference = str(result.get("message_id", "")) if isinstance(result, dict) else ""
        return Outcome(Status.SENT, reply.status, "Zalo đã nhận", reference=reference[:80])
    if reply.status == _TOO_MANY:  # whoever says it, a gateway in front of Zalo too, took nothing
        return outcome_of(BOT_ERRORS[_TOO_MANY], _TOO_MANY, _asked_pause(reply))
    if reply.body is None or code is None or not _is_refusal(reply, code):
        return Outcome(
            Status.UNKNOWN, code or reply.status, "Zalo trả lời không hiểu được; không rõ tin đã đến hay chưa"
        )
    verdict = BOT_ERRORS.get(code, BOT_UNKNOWN_ERROR)
    return outcome_of(verdict, code, _asked_pause(reply))


def _is_refusal(reply: Reply, code: int) -> bool:
    """Whether Zalo itself says no: in its own form, and not with a failure in the middle of its work."""
    own = reply.body is not None and reply.body.get("ok") is False
    return own and not reply.status >= 500 and not 500 <= code < 600


def outcome_of(verdict: Verdict, code: int, asked: timedelta | None = None) -> Outcome:
    """The outcome that a row of an error table stands for; ``asked`` is a pause that the far end named."""
    remaining = 0 if verdict.spent else None
    pause = asked or verdict.pause if verdict.status is Status.TEMPORARY else None
    return Outcome(verdict.status, code, verdict.words, pause, verdict.cause, remaining=remaining)


def _code(reply: Reply) -> int | None:
    """Zalo's own number; the status of HTTP where the body says none."""
    if reply.body is None:
        return None
    found = reply.body.get("error_code")
    try:
        return int(found) if found is not None else (reply.status if reply.status != 200 else None)
    except (TypeError, ValueError, OverflowError):
        return None


def _asked_pause(reply: Reply) -> timedelta | None:
    seconds = reply.headers.get("retry-after", "")
    return timedelta(seconds=min(int(seconds), 86_400)) if seconds.isdigit() and len(seconds) < 7 else None
