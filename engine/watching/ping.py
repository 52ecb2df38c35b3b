"""The dead man's switch: one GET to an address of the office's choice after each good pass.

Whoever watches there (healthchecks.io, Uptime Kuma, a script) raises the alarm when the GETs stay away: the
only sign that also works when this machine is off. A failed pass says nothing, which is the sign.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from urllib.parse import urlsplit

from engine.errors import os_reason

TOTAL_SECONDS = 5.0
"""From the look-up of the name to the last header, however slowly the answer drips."""


def ping(url: str, total_seconds: float = TOTAL_SECONDS) -> str | None:
    """GETs ``url`` once; why it did not go well, in Vietnamese and without the address, or None.

    Follows no redirect: what the office named is called and nothing else. Never raises for what the address
    or the network does, and is back within ``total_seconds``, even where the name's look-up hangs.
    """
    said: list[str | None] = []
    call = _Call(url, total_seconds)

    def run() -> None:
        said.append(call.made())

    # A thread of its own, because nothing can end a look-up of a name.
    thread = threading.Thread(target=run, name="ping", daemon=True)
    thread.start()
    thread.join(total_seconds)
    if thread.is_alive():
        call.cut()
        return "Quá thời gian chờ trả lời"
    return said[0] if said else "Gặp lỗi ngoài dự kiến"


class _Call:
    """One call, which another thread may cut off."""

    def __init__(self, url: str, total_seconds: float) -> None:
        self._url = url
        self._seconds = total_seconds
        self._connection: http.client.HTTPConnection | None = None

    def made(self) -> str | None:
        """Makes the call; why it did not go well, or None."""
        try:
            code = self._code()
        except ssl.SSLCertVerificationError:
            return "Chứng thư TLS của máy nhận không hợp lệ"
        except ssl.SSLError:
            return "Không lập được kết nối TLS với máy nhận"
        except TimeoutError:
            return "Quá thời gian chờ trả lời"
        except socket.gaierror:
            return "Không tìm thấy máy mang tên trong địa chỉ"
        except OSError as error:
            return f"Không nối được tới máy nhận: {os_reason(error)}"
        except (http.client.InvalidURL, ValueError):  # of urlsplit and of names that no resolver takes
            return "Địa chỉ báo hiệu không đúng dạng"
        except http.client.HTTPException:
            return "Máy nhận trả lời không đúng giao thức HTTP"
        if 300 <= code < 400:
            return f"Máy nhận trả lời {code} (chuyển hướng): ghi thẳng địa chỉ cuối cùng vào DONDOC_PING_URL"
        return None if 200 <= code < 300 else f"Máy nhận trả lời {code}"

    def cut(self) -> None:
        """Ends the call in whatever step it is."""
        sock = self._connection.sock if self._connection is not None else None
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def _code(self) -> int:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(
                host, parts.port, timeout=self._seconds, context=ssl.create_default_context()
            )
        else:
            self._connection = http.client.HTTPConnection(host, parts.port, timeout=self._seconds)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            headers = {"User-Agent": "dondoc", "Connection": "close"}
            self._connection.request("GET", path, headers=headers)
            return self._connection.getresponse().status
        finally:
            self._connection.close()
