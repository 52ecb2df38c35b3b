"""A server on this machine that hears signs of life, and can be told to misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


@dataclass(slots=True)
class Watcher:
    """``asked`` holds the head of each request; ``answer`` is what each gets, None for nothing at all.

    With ``drip`` an answer comes a byte at a time, for as long as somebody listens.
    """

    port: int
    answer: bytes | None = OK
    drip: bool = False
    asked: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens, with a secret in the address as such services have it."""
        return f"http://127.0.0.1:{self.port}/bi-mat-2f6c"


@contextmanager
def watcher() -> Iterator[Watcher]:
    """Listens while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Watcher(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, found))
        thread.start()
        try:
            yield found
        finally:
            found.ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, found: Watcher) -> None:
    while not found.ended.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            try:
                found.asked.append(connection.recv(65536).decode("latin-1"))
                _answer(connection, found)
            except OSError:
                continue


def _answer(connection: socket.socket, found: Watcher) -> None:
    if found.answer is None:
        connection.settimeout(5)
        connection.recv(1)
    elif found.drip:
        for byte in found.answer * 1000:
            connection.sendall(bytes([byte]))
            if found.ended.wait(0.05):
                return
    else:
        connection.sendall(found.answer)
