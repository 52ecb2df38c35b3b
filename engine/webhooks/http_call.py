"""One POST to one address: the name is resolved once, what it led to is checked, and the connection goes
to exactly that; no redirect is followed, no proxy used, and all of it ends within a set time."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.errors import os_reason
from engine.webhooks.addresses import AddressRefused, Target, checked, target_of

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
"""From the connection to the last header of the answer, however slowly it drips."""

Resolve = Callable[[str, int], list[str]]
"""A host name and a port → its addresses."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call. ``code`` is the HTTP status, None where there was none; ``detail`` is said to
    a person; ``refused``: the address must not be called."""

    code: int | None
    detail: str = ""
    refused: bool = False

    @property
    def heard(self) -> bool:
        """Whether the other system said that it took the call."""
        return self.code is not None and 200 <= self.code < 300


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_private: bool,
    resolve: Resolve = resolve,
    total_seconds: float = TOTAL_SECONDS,
) -> Answer:
    """POSTs ``body`` once; never raises for what the address or the network does."""
    try:
        target = target_of(url, allow_private=allow_private)
        found = resolve(target.host, target.port)
        # One bad address among good ones is no accident: all must be fit to be called.
        places = [checked(address, target, allow_private=allow_private) for address in found]
    except AddressRefused as error:
        return Answer(None, str(error), refused=True)
    except (OSError, UnicodeError):
        return Answer(None, "Không tìm thấy máy mang tên trong địa chỉ")
    if not places:
        return Answer(None, "Không tìm thấy máy mang tên trong địa chỉ")
    ended = threading.Event()
    connection = _Pinned(target, places, ended)
    watch = threading.Timer(total_seconds, _cut, (connection, ended))
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", target.path, body, {"Host": target.authority, **headers})
        code = connection.getresponse().status
        if ended.is_set():
            # Cut off between its headers: an answer that was never whole is none.
            raise TimeoutError
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, _words(error, cut=ended.is_set()))
    finally:
        watch.cancel()
        connection.close()
    return Answer(code, "" if 200 <= code < 300 else _status_words(code))


class _Pinned(http.client.HTTPConnection):
    """Connects to addresses that were checked, whatever the name means by now; TLS still asks for the
    name's certificate."""

    def __init__(self, target: Target, places: list[str], ended: threading.Event) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self._target = target
        self._places = places
        self._ended = ended

    def connect(self) -> None:
        failure: OSError | None = None
        for place in self._places[:3]:
            try:
                self.sock = socket.create_connection((place, self._target.port), CONNECT_SECONDS)
                break
            except OSError as error:
                failure = error
        else:
            raise failure or OSError
        self.sock.settimeout(TOTAL_SECONDS)
        if self._target.secure:
            context = ssl.create_default_context()
            # The handshake comes after the assignment: whoever ends the call must find the socket.
            secured = context.wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock = secured
            secured.do_handshake()
        if self._ended.is_set():
            raise TimeoutError


def _cut(connection: http.client.HTTPConnection, ended: threading.Event) -> None:
    """Ends a call that takes too long, in whatever step it is."""
    ended.set()
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _words(error: Exception, *, cut: bool) -> str:
    if cut or isinstance(error, TimeoutError):
        return "Quá thời gian chờ trả lời"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Chứng thư TLS của máy nhận không hợp lệ"
    if isinstance(error, ssl.SSLError):
        return "Không lập được kết nối TLS với máy nhận"
    if isinstance(error, http.client.HTTPException):
        return "Máy nhận trả lời không đúng giao thức HTTP"
    assert isinstance(error, OSError)  # noqa: S101 - all that is left
    return f"Không nối được tới máy nhận: {os_reason(error)}"


def _status_words(code: int) -> str:
    if 300 <= code < 400:
        return f"Máy nhận trả lời {code} (chuyển hướng); địa chỉ chuyển tới không được gọi"
    return f"Máy nhận trả lời {code}"
