"""A message as the bytes of an internet mail (RFC 5322, 2045-2047).

Headers are encoded here and not by `email.message.EmailMessage`: up to Python 3.11.9 and 3.12.4 that reads an
encoded word in a plain subject, decodes the line break inside it and writes it out as a header of its own
(CVE-2024-6923). Here every text that is not plain becomes encoded words, and `_header` refuses whatever is
not one printable ASCII line folded by us.
"""

import base64
import re
from collections.abc import Sequence
from email.utils import format_datetime
from urllib.parse import quote

from notifiers.address import Address
from notifiers.message import Attachment, OutgoingMessage

_PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?()/&'+_-]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '+_-]+")
_SAFE = re.compile(r"[\x21-\x7e][\x20-\x7e]*(?:\r\n [\x21-\x7e][\x20-\x7e]*)*")
_PLAIN_FILE_NAME = re.compile(r"[A-Za-z0-9 ._-]{1,60}")
# "_" never occurs in base64, so no body can hold one of these.
_ALTERNATIVE = "=_dondoc_alternative"
_MIXED = "=_dondoc_mixed"


def message_id(message: OutgoingMessage, sender: Address) -> str:
    """The Message-ID with its angle brackets: the same for each resend of `message` from `sender`."""
    return f"<{message.id}@{sender.value.rpartition('@')[2]}>"


def mail_bytes(message: OutgoingMessage, sender: Address, reply_to: Address | None = None) -> bytes:
    """The whole mail with CRLF lines, all ASCII, the same bytes each time.

    The addresses must have passed `mail_address_problem`.
    """
    headers = [
        _header("From", _mailbox("From", sender)),
        _header("To", _mailbox("To", message.recipient)),
        _header("Subject", _encoded("Subject", message.subject)),
        _header("Date", format_datetime(message.date)),
        _header("Message-ID", message_id(message, sender)),
        _header("Auto-Submitted", "auto-generated"),  # RFC 3834: no vacation replies
        _header("X-Auto-Response-Suppress", "All"),  # the same for Microsoft Exchange
        _header("Content-Language", "vi"),
        _header("MIME-Version", "1.0"),
    ]
    if reply_to is not None:
        headers.insert(2, _header("Reply-To", _mailbox("Reply-To", reply_to)))
    headers.extend(_header(name, value) for name, value in message.headers.items())
    body = _body(message)
    if message.attachments:
        body = _multipart("mixed", _MIXED, [body, *map(_file, message.attachments)])
    return "".join([*headers, body]).encode("ascii")


def _body(message: OutgoingMessage) -> str:
    plain = _text("plain", message.text)
    if message.html is None:
        return plain
    return _multipart("alternative", _ALTERNATIVE, [plain, _text("html", message.html)])


def _multipart(subtype: str, boundary: str, parts: Sequence[str]) -> str:
    kind = _header("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')
    return "".join([kind, "\r\n", *(f"--{boundary}\r\n{part}" for part in parts), f"--{boundary}--\r\n"])


def _text(subtype: str, body: str) -> str:
    canonical = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    kind = _header("Content-Type", f"text/{subtype}; charset=utf-8")
    return kind + _base64(canonical.encode("utf-8"))


def _file(file: Attachment) -> str:
    kind = _header("Content-Type", file.media_type)
    disposition = _header("Content-Disposition", f"attachment;\r\n {_file_name(file.name)}")
    return kind + disposition + _base64(file.content)


def _file_name(name: str) -> str:
    """The parameter `filename`: quoted where plain, else percent-encoded and cut (RFC 2231, 3 and 4)."""
    if _PLAIN_FILE_NAME.fullmatch(name):
        return f'filename="{name}"'
    pieces, piece = [], "utf-8''"
    for letter in name:
        encoded = quote(letter, safe="")
        if len(piece) + len(encoded) > 60:
            pieces.append(piece)
            piece = ""
        piece += encoded
    pieces.append(piece)
    if len(pieces) == 1:
        return f"filename*={pieces[0]}"
    return ";\r\n ".join(f"filename*{number}*={piece}" for number, piece in enumerate(pieces))


def _base64(content: bytes) -> str:
    """A body in base64: no line of it can be too long, start with a dot or be read as anything else."""
    whole = base64.b64encode(content).decode("ascii")
    lines = "".join([whole[start : start + 76] + "\r\n" for start in range(0, len(whole), 76)])
    return _header("Content-Transfer-Encoding", "base64") + "\r\n" + lines


def _header(name: str, value: str) -> str:
    if not _SAFE.fullmatch(value):
        raise ValueError(f"unsafe value for header {name}")
    return f"{name}: {value}\r\n"


def _encoded(name: str, text: str) -> str:
    """Free text as it stands in header `name`: plain, or RFC 2047 encoded words folded at 76 characters."""
    if len(name) + 2 + len(text) <= 76 and _PLAIN.fullmatch(text):
        return text
    return _encoded_words(text, len(name) + 2)


def _encoded_words(text: str, indent: int) -> str:
    """`text` in base64 encoded words of whole characters, a word a line of at most 76 (RFC 2047, 2)."""
    words: list[bytes] = []
    left = text.encode("utf-8")
    room = (64 - indent) // 4 * 3  # bytes: 76 less "=?utf-8?b?" and "?=", four letters for three bytes
    while left or not words:
        end = min(room, len(left))
        while end < len(left) and left[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        words.append(left[:end])
        left, room = left[end:], 45
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)


def _mailbox(name: str, address: Address) -> str:
    if not address.name:
        return f"<{address.value}>"
    if len(address.name) <= 60 and _PLAIN_NAME.fullmatch(address.name):
        shown = f'"{address.name}"'
    else:
        shown = _encoded_words(address.name, len(name) + 2)
    return f"{shown}\r\n <{address.value}>"
