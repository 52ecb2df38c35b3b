"""A message as the bytes of an internet mail (RFC 5322, 2045-2047).

Headers are encoded here and not by `email.message.EmailMessage`: up to Python 3.11.9 and 3.12.4 that reads an
encoded word in a plain subject, decodes the line break inside it and writes it out as a header of its own
(CVE-2024-6923). Here every text that is not plain becomes encoded words, and `_header` refuses whatever is
not one printable ASCII line folded by us.
"""

import base64
import re
from email.utils import format_datetime

from notifiers.address import Address
from notifiers.message import OutgoingMessage

_PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?()/&'+_-]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 '+_-]+")
_SAFE = re.compile(r"[\x21-\x7e]([\x20-\x7e]|\r\n [\x21-\x7e])*")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_BOUNDARY = "=_dondoc_alternative"  # "_" never occurs in base64, so no body can hold it


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
    if message.html is None:
        return "".join([*headers, _part("plain", message.text)]).encode("ascii")
    return "".join(
        [
            *headers,
            _header("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"'),
            f"\r\n--{_BOUNDARY}\r\n",
            _part("plain", message.text),
            f"--{_BOUNDARY}\r\n",
            _part("html", message.html),
            f"--{_BOUNDARY}--\r\n",
        ]
    ).encode("ascii")


def _part(subtype: str, body: str) -> str:
    """A body in base64: no line of it can be too long, start with a dot or be read as anything else."""
    canonical = _LINE_BREAK.sub("\r\n", body)
    lines = base64.encodebytes(canonical.encode("utf-8")).decode("ascii").replace("\n", "\r\n")
    kind = _header("Content-Type", f"text/{subtype}; charset=utf-8")
    return kind + _header("Content-Transfer-Encoding", "base64") + "\r\n" + lines


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
    word = b""
    room = (64 - indent) // 4 * 3  # bytes: 76 less "=?utf-8?b?" and "?=", four letters for three bytes
    for letter in text:
        encoded = letter.encode("utf-8")
        if len(word) + len(encoded) > room:
            words.append(word)
            word, room = b"", 45
        word += encoded
    words.append(word)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)


def _mailbox(name: str, address: Address) -> str:
    if not address.name:
        return f"<{address.value}>"
    if len(address.name) <= 60 and _PLAIN_NAME.fullmatch(address.name):
        shown = f'"{address.name}"'
    else:
        shown = _encoded_words(address.name, len(name) + 2)
    return f"{shown}\r\n <{address.value}>"
