"""A finished message: everything a channel needs, nothing that could change its meaning on the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from notifiers.address import Address
from notifiers.errors import MessageError
from notifiers.lines import single_line

SUBJECT_LIMIT = 250  # characters

_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_HEADER_NAME = re.compile(r"(?i:X-[A-Z0-9-]{1,60}|List-[A-Z-]{1,40}|References|In-Reply-To)")
_OURS = {"x-auto-response-suppress"}
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: `name` as the reader sees it, `media_type` like "text/csv"."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one recipient.

    `id` is stable over resends: letters, digits, "-", "_", single dots, at most 100 characters; channels
    derive the Message-ID or their own deduplication key from it. `date` is an aware instant: when the message
    was made, not when it is sent, so that a resend is the same message to the last byte. `text` and `html`
    say the same; `html` may be None. `headers` adds mail headers in ASCII (X-…, List-…, References,
    In-Reply-To). `facts` are the few short values that a template message is made of (see `facts.py`); `text`
    then says the same in words. `attachments` go where the channel can carry them.

    Raises MessageError for what cannot be sent; cleans `subject` and bodies, `cleaned` says how (Vietnamese).
    """

    id: str
    recipient: Address
    subject: str
    text: str = field(repr=False)
    date: datetime
    html: str | None = field(repr=False, default=None)
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(repr=False, default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    cleaned: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if len(self.id) > 100 or not _ID.fullmatch(self.id):
            raise MessageError(
                f"Mã tin {self.id[:40]!a} không hợp lệ: chỉ dùng chữ không dấu, số, “-”, “_”, “.”."
            )
        if self.date.tzinfo is None:
            raise MessageError("Thời điểm lập tin phải có múi giờ.")
        if not self.text.strip():
            raise MessageError("Tin không có nội dung.")
        for name, value in self.headers.items():
            _check_header(name, value)
        subject, remarks = single_line(self.subject, SUBJECT_LIMIT)
        if not subject:
            raise MessageError("Tin không có tiêu đề.")
        text = _sendable(self.text)
        html = None if self.html is None else _sendable(self.html)
        if text != self.text or html != self.html:
            remarks = (*remarks, "đã bỏ ký tự không gửi được trong nội dung")
        object.__setattr__(self, "subject", subject)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "html", html)
        object.__setattr__(self, "headers", MappingProxyType(dict(self.headers)))
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        object.__setattr__(self, "cleaned", (*remarks, *self.recipient.cleaned))


def _sendable(body: str) -> str:
    return _UNSENDABLE.sub("", body)


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
        raise MessageError(
            f"Không được đặt trường đầu thư {name[:60]!a}: chỉ X-…, List-…, References, In-Reply-To."
        )
    if len(value) > 900 or not _HEADER_VALUE.fullmatch(value):
        raise MessageError(f"Giá trị trường đầu thư {name} chỉ được là một dòng ASCII, nhiều nhất 900 ký tự.")
