"""Where a message goes: an address of some channel, and the name to show beside it."""

import re
from dataclasses import dataclass, field

from notifiers.errors import MessageError
from notifiers.lines import display_name

_FORBIDDEN = re.compile(r"[^\x21-\x7e]|[,;:<>()\[\]\\\"]")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_IN_TEXT = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=]+")
_LONG_NUMBER = re.compile(r"\+?\d(?:[ .-]?\d){8,}")


@dataclass(frozen=True, slots=True)
class Address:
    """One recipient or sender: `value` as the channel knows it (e-mail address, chat id, phone number).

    `value` is refused with MessageError unless it is printable ASCII without spaces and separators, so that
    it can stand in a header or a URL. `name` is cleaned; `cleaned` says in Vietnamese what was changed.
    """

    value: str
    name: str = ""
    cleaned: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if not self.value:
            raise MessageError("Chưa có địa chỉ người nhận. Hãy bổ sung vào danh bạ.")
        found = _FORBIDDEN.search(self.value)
        if found:
            raise MessageError(
                f"Địa chỉ {mask(self.value)} có ký tự không dùng được ({_shown(found.group())}). "
                "Hãy viết đúng một địa chỉ, không dấu, không khoảng trắng."
            )
        name, remarks = display_name(self.name)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "cleaned", remarks)

    def __repr__(self) -> str:
        return f"Address({mask(self.value)!r})"


def mail_address_problem(value: str) -> str | None:
    """Why `value` is not one plain e-mail address, in Vietnamese; None if it is one.

    The dot-atom form of RFC 5321 only: no quoted local parts, no address literals, no non-ASCII (SMTPUTF8).
    """
    if not value.isascii():
        return "địa chỉ thư có chữ có dấu hoặc ký tự lạ; hãy viết không dấu"
    local, at, domain = value.rpartition("@")
    if not at:
        return "địa chỉ thư thiếu ký tự @"
    if len(local) > 64 or len(value) > 254:
        return "địa chỉ thư quá dài"
    if not _DOT_ATOM.fullmatch(local):
        return "phần trước @ của địa chỉ thư không đúng dạng"
    labels = domain.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or (len(labels) < 2 and domain != "localhost"):
        return "phần sau @ của địa chỉ thư không đúng dạng (ví dụ đúng: donvi.gov.vn)"
    return None


def mask(text: str) -> str:
    """`text` with each e-mail address and long number (phone, account) made unreadable, for logs and people.

    >>> mask("550 <vanphong@xa.vn> unknown, call 0912 345 678")
    '550 <v***@xa.vn> unknown, call •••'
    """
    text = _IN_TEXT.sub(lambda found: _masked_address(found.group()), text)
    return _LONG_NUMBER.sub("•••", text)


def masked(channel: str, value: str) -> str:
    """An address of a channel as lists may show it: "v***@xa.vn", "•••678"; empty for what is none.

    >>> masked("zns", "84912345678"), masked("none", "unit:huyen.noi-vu")
    ('•••678', '')
    """
    if channel == "none":
        return ""
    return mask(value) if "@" in value else f"•••{value[-3:]}"


def _masked_address(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _shown(letter: str) -> str:
    return f"“{letter}”" if letter.isprintable() and not letter.isspace() else f"mã U+{ord(letter):04X}"
