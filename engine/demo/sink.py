"""A real SMTP server on this machine that keeps what it is sent."""

from __future__ import annotations

import email
import re
import socket
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from engine.errors import DondocError

_HEADINGS = ("MỚI", "CẦN LÀM", "ĐÃ QUÁ HẠN", "CẦN CHỈ ĐẠO")
# Taking a whole mail apart costs more than delivering it; the id begins with the day.
_DAY = re.compile(rb"^Message-ID: <([0-9]{8})-", re.MULTILINE)


class Sink:
    """Listens on a free port of 127.0.0.1; keeps every mail as a file and counts them by recipient."""

    def __init__(self, folder: Path) -> None:
        try:
            # heavy: aiosmtpd, which only the demo and the tests need
            from aiosmtpd.controller import Controller
        except ImportError:
            raise DondocError("Bản cài đặt này không kèm máy chủ thư cho diễn thử; chạy: make demo") from None

        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.count = 0
        self.by_day_and_address: dict[tuple[str, str], int] = {}
        self.first_with: dict[str, EmailMessage] = {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """The address for DONDOC_SMTP_URL."""
        return f"smtp://127.0.0.1:{self._port}?from=dondoc@ubnd.example&name=Đôn đốc"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keeps one mail."""
        self.count += 1
        found = _DAY.search(envelope.content)
        day = found.group(1).decode() if found else ""
        for address in envelope.rcpt_tos:
            key = (day, address)
            self.by_day_and_address[key] = self.by_day_and_address.get(key, 0) + 1
        if len(self.first_with) < len(_HEADINGS):
            self._look_for_headings(envelope.content)
        (self._folder / f"{self.count:05d}.eml").write_bytes(envelope.content)
        return "250 OK"

    def _look_for_headings(self, mail: bytes) -> None:
        message = email.message_from_bytes(mail, policy=default)
        text = plain_text(message)
        for heading in _HEADINGS:
            if heading in text:
                self.first_with.setdefault(heading, message)


def plain_text(message: EmailMessage) -> str:
    """The plain part of a mail."""
    part = message.get_body(("plain",))
    return str(part.get_content()) if part is not None else ""
