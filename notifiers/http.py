"""One HTTP request with limits on everything: time, size, redirects. Says whether the far end may have it."""

import http.client
import io
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from notifiers.errors import ChannelError

MOST_BYTES = 1_000_000
"""Of an answer; more than that is none that we understand."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, and for everything after that together."""

    connect: float = 10.0
    whole: float = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``body`` is the JSON object in it, None when it is no JSON object."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = field(repr=False)


class HttpFailure(Exception):
    """No whole answer. ``sent``: the request had gone out, so that the far end may have acted on it.

    The text is Vietnamese and names neither address nor secret.
    """

    def __init__(self, text: str, *, sent: bool) -> None:
        super().__init__(text)
        self.sent = sent


def base_address(text: str, setting: str) -> str:
    """An address below which an API stands, without a last slash. ChannelError names the setting."""
    parts = urlsplit(text.strip())
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.scheme not in {"https", "http"} or parts.query or parts.fragment:
        raise ChannelError(f"{setting} phải là một địa chỉ bắt đầu bằng https://")
    if parts.scheme == "http" and not local:
        raise ChannelError(f"{setting} phải bắt đầu bằng https:// (http:// chỉ dùng được trên chính máy này)")
    return text.strip().rstrip("/")


def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Sends one request and reads its answer; never follows a redirect. Raises HttpFailure."""
    parts = urlsplit(url)
    connection = _connection(parts, limits, context)
    try:
        _send(connection, method, parts, headers, body, limits)
        return _read(connection)
    finally:
        connection.close()


def _connection(
    parts: SplitResult, limits: Limits, context: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        trusted = context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=limits.connect, context=trusted)
    return http.client.HTTPConnection(host, parts.port, timeout=limits.connect)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    parts: SplitResult,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
) -> None:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        connection.sock = _TimedSocket(connection.sock, time.monotonic() + limits.whole)
        connection.request(method, target, body, {"Connection": "close", **headers})
    except ssl.SSLCertVerificationError as error:
        raise HttpFailure("Chứng thư của máy chủ không được tin cậy", sent=False) from error
    except TimeoutError as error:
        raise HttpFailure("Hết thời gian chờ khi kết nối", sent=False) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # As long as the last byte has not left, the far end has no whole request.
        raise HttpFailure("Không kết nối được máy chủ", sent=False) from error


def _read(connection: http.client.HTTPConnection) -> Reply:
    try:
        with connection.getresponse() as response:
            content = response.read(MOST_BYTES + 1)
    except TimeoutError as error:
        raise HttpFailure("Hết thời gian chờ câu trả lời", sent=True) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise HttpFailure("Mất kết nối khi chờ câu trả lời", sent=True) from error
    return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, _object(content))


def _object(content: bytes) -> Mapping[str, Any] | None:
    if len(content) > MOST_BYTES:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class _TimedSocket:
    """A socket whose every wait ends at one instant: a byte now and then does not reset the clock."""

    def __init__(self, sock: Any, ends: float) -> None:
        self._sock, self._ends = sock, ends
        self._reads: _TimedReads | None = None

    def left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("time is used up")
        return left

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self.left())
        self._sock.sendall(data)

    def makefile(self, mode: str, *_: Any) -> io.BufferedReader:
        self._reads = _TimedReads(self._sock, self)
        return io.BufferedReader(self._reads)

    def close(self) -> None:
        # http.client lets go of the socket as soon as it has an answer that is still to be read.
        if self._reads is None:
            self._sock.close()


class _TimedReads(io.RawIOBase):
    def __init__(self, sock: Any, clock: _TimedSocket) -> None:
        self._sock, self._clock = sock, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._sock.settimeout(self._clock.left())
        received: int = self._sock.recv_into(buffer)
        return received

    def close(self) -> None:
        super().close()
        self._sock.close()
