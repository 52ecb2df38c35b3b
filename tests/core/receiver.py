"""Another system that hears webhooks: a real HTTP server on this machine that can be told to misbehave."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from engine.webhooks.signature import signature_of

CERTIFICATES = Path(__file__).resolve().parents[1] / "notifiers" / "certificates"


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> int:
        return int(self.headers["x-dondoc-event-id"])

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """What the guide tells the other system to do."""
        timestamp = int(self.headers["x-dondoc-timestamp"])
        return self.headers["x-dondoc-signature"] == signature_of(secret, timestamp, self.body)


@dataclass(slots=True)
class Receiver:
    """``answer`` is a status, or "hang", "drip", "garbage", "close", "redirect"."""

    port: int = 0
    scheme: str = "http"
    answer: int | str = 204
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/nhan", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def events(self) -> list[int]:
        return [each.event for each in self.heard]


class _Handler(BaseHTTPRequestHandler):
    receiver: ClassVar[Receiver]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver = self.receiver
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        receiver.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        match receiver.answer:
            case "hang":
                receiver.over.wait(20)
            case "drip":
                self._drip()
            case "garbage":
                self.wfile.write(b"\x00\xff khong phai HTTP\r\n\r\n")
            case "close":
                pass
            case "redirect":
                self.send_response(307)
                self.send_header("location", receiver.url("/noi-khac"))
                self.send_header("content-length", "0")
                self.end_headers()
            case int(status):
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()
        self.close_connection = True

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
        while not self.receiver.over.is_set():
            try:
                self.wfile.write(b"a")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is what is tested."""


@contextmanager
def receiver(certificate: str | None = None) -> Iterator[Receiver]:
    """A running receiver; over https where a certificate is named."""
    made = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": made})
    server: socketserver.TCPServer = _Server(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / f"{certificate}-key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        made.scheme = "https"
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
