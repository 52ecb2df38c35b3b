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
FILE_NAME_LIMIT = 120  # characters
ATTACHMENTS_LIMIT = 10_000_000
"""Bytes of all files of a message together. Base64 adds a third, and many servers stop at 20 MB or less."""

_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_HEADER_NAME = re.compile(r"(?i:X-[A-Z0-9-]{1,60}|List-[A-Z-]{1,40}|References|In-Reply-To)")
_OURS = {"x-auto-response-suppress"}
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_FILE_NAME = re.compile(r'[^/\\:*?"<>|]+\.[A-Za-z0-9]{1,10}')
_MEDIA_TYPE = re.compile(r"(application|image|text)/[a-z0-9][a-z0-9.+-]{0,90}")
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: `name` as the reader sees it, `media_type` like "text/csv".

    Checked with the message that it goes with.
    """

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
    then says the same in words. `attachments` go where the channel can carry them: at most 10 MB together,
    each with a name that is a plain file name with an ending.

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
        _check_files(self.attachments)
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


def _check_files(files: tuple[Attachment, ...]) -> None:
    for file in files:
        line, changed = single_line(file.name, FILE_NAME_LIMIT)
        if changed or line != file.name or not _FILE_NAME.fullmatch(file.name):
            raise MessageError(
                f"Tên tệp kèm theo “{line[:60]}” không dùng được: viết trên một dòng, có phần đuôi, không có "
                f'các ký tự / \\ : * ? " < > |, dài nhất {FILE_NAME_LIMIT} ký tự.'
            )
        if not _MEDIA_TYPE.fullmatch(file.media_type):
            raise MessageError(f"Loại của tệp kèm theo “{file.name}” không dùng được.")
    if sum(len(file.content) for file in files) > ATTACHMENTS_LIMIT:
        limit = ATTACHMENTS_LIMIT // 1_000_000
        raise MessageError(f"Các tệp kèm theo lớn quá {limit} MB. Hãy gửi liên kết thay cho tệp.")
