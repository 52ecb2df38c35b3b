"""The address of a mail server as a settings URL, for example `smtp://user:pass@host:587?starttls=yes`."""

import difflib
import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from notifiers.address import Address, mail_address_problem, mask
from notifiers.errors import ChannelError, MessageError

_TIMES = ("connect_timeout", "read_timeout", "timeout", "idle_timeout")
_PARAMETERS = ("from", "name", "reply", "starttls", "ca", "helo", "slots", *_TIMES)
_MOST_SLOTS = 8
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_PORTS = {"none": 25, "starttls": 587, "ssl": 465}


class Security(StrEnum):
    """How the connection is protected. Certificates are always verified; there is no switch against it."""

    NONE = "none"
    STARTTLS = "starttls"
    SSL = "ssl"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One mail server and who writes from it. Times are seconds.

    `connect_timeout` per address tried, `read_timeout` per reply, `timeout` for one message as a whole. A
    connection idle for longer than `idle_timeout` is not used again: it may be dead without a sign. `slots`
    is how many connections are held at once, 1 to 8.
    """

    host: str
    port: int
    security: Security
    sender: Address
    reply_to: Address | None = None
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca_file: str = ""
    helo: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    timeout: float = 120.0
    idle_timeout: float = 30.0
    slots: int = 2

    def url(self, *, masked: bool) -> str:
        """The settings as a URL again; with `masked` fit for logs and people."""
        login = ""
        if self.user:
            user = mask(self.user) if masked else quote(self.user, safe="")
            password = "***" if masked else quote(self.password, safe="")
            login = f"{user}:{password}@" if self.password else f"{user}@"
        reply_to = "" if self.reply_to is None else self.reply_to.value
        query = {
            "from": mask(self.sender.value) if masked else self.sender.value,
            "name": self.sender.name,
            "starttls": "yes" if self.security is Security.STARTTLS else "",
            "reply": mask(reply_to) if masked else reply_to,
            "ca": self.ca_file,
            "helo": self.helo,
            "connect_timeout": f"{self.connect_timeout:g}",
            "read_timeout": f"{self.read_timeout:g}",
            "timeout": f"{self.timeout:g}",
            "idle_timeout": f"{self.idle_timeout:g}",
            "slots": str(self.slots),
        }
        scheme = "smtps" if self.security is Security.SSL else "smtp"
        host = f"[{self.host}]" if ":" in self.host else self.host
        pairs = urlencode({key: value for key, value in query.items() if value}, safe="@*")
        return f"{scheme}://{login}{host}:{self.port}?{pairs}"


def parse_smtp_url(url: str) -> SmtpSettings:
    """Reads a settings URL strictly. Raises ChannelError (Vietnamese, without the password)."""
    split = _split(url)
    if split is None:
        raise ChannelError(
            "Địa chỉ máy chủ thư không đọc được: tên máy hoặc cổng sai. Nếu tài khoản, mật khẩu có ký tự "
            "đặc biệt (/ ? # @ : %) thì phải viết dạng %XX, ví dụ @ thành %40."
        )
    parts, host, port = split
    if parts.scheme not in ("smtp", "smtps"):
        raise ChannelError("Địa chỉ máy chủ thư phải bắt đầu bằng smtp:// hoặc smtps://.")
    shown = f"{parts.scheme}://{'***@' if parts.username else ''}{host}"
    if not host or not (_HOST.fullmatch(host) or _is_ip(host)):
        raise ChannelError(f"{shown}: thiếu hoặc sai tên máy chủ thư.")
    if parts.path not in ("", "/") or parts.fragment:
        raise ChannelError(
            f"{shown}: sau tên máy chủ và cổng chỉ được có ?tham số. "
            "Nếu mật khẩu có ký tự / ? # thì viết %2F %3F %23."
        )
    if port == 0:
        raise ChannelError(f"{shown}: cổng phải từ 1 đến 65535.")
    query = _query(parts.query, shown)
    security = _security(parts.scheme, query.get("starttls", ""), shown)
    user, password = _login(parts, security, host, shown)
    sender = _sender(query, user, host, shown)
    return SmtpSettings(
        host=host,
        port=port or _PORTS[security],
        security=security,
        sender=sender,
        reply_to=_address(query["reply"], "", "reply", shown) if query.get("reply") else None,
        user=user,
        password=password,
        ca_file=_existing_file(query.get("ca", ""), shown),
        helo=_helo(query.get("helo", "") or sender.value.rpartition("@")[2], shown),
        connect_timeout=_seconds(query, "connect_timeout", 10.0, shown),
        read_timeout=_seconds(query, "read_timeout", 60.0, shown),
        timeout=_seconds(query, "timeout", 120.0, shown),
        idle_timeout=_seconds(query, "idle_timeout", 30.0, shown),
        slots=_slots(query.get("slots", "") or "2", shown),
    )


def _split(url: str) -> tuple[SplitResult, str, int | None] | None:
    """The URL with its host and port, or None. The ValueError goes no further: it may quote a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return parts, parts.hostname or "", port


def _query(text: str, shown: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        if key not in _PARAMETERS:
            near = difflib.get_close_matches(key, _PARAMETERS, n=1)
            hint = f"Có phải là “{near[0]}”?" if near else f"Các tham số có: {', '.join(_PARAMETERS)}."
            # The key is not quoted: after an unescaped "?" it is a piece of the password.
            raise ChannelError(f"{shown}: có một tham số không được hỗ trợ. {hint}")
        if key in found:
            raise ChannelError(f"{shown}: tham số “{key}” viết hai lần.")
        found[key] = value.strip()
    return found


def _security(scheme: str, starttls: str, shown: str) -> Security:
    if starttls not in ("", "yes", "no"):
        raise ChannelError(f"{shown}: starttls chỉ nhận yes hoặc no.")
    if scheme == "smtps":
        if starttls == "yes":
            raise ChannelError(f"{shown}: smtps:// đã mã hóa sẵn, hãy bỏ starttls hoặc dùng smtp://.")
        return Security.SSL
    return Security.STARTTLS if starttls == "yes" else Security.NONE


def _login(parts: SplitResult, security: Security, host: str, shown: str) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not user:
        raise ChannelError(f"{shown}: có mật khẩu mà thiếu tên tài khoản.")
    if not (user + password).isascii() or not (user + password).isprintable():
        raise ChannelError(f"{shown}: tài khoản và mật khẩu chỉ được gồm chữ không dấu, số và ký hiệu ASCII.")
    if password and security is Security.NONE and not _is_loopback(host):
        raise ChannelError(
            f"{shown}: mật khẩu sẽ đi qua mạng mà không được mã hóa. Hãy thêm ?starttls=yes hoặc dùng smtps://."
        )
    return user, password


def _sender(query: dict[str, str], user: str, host: str, shown: str) -> Address:
    value = query.get("from", "")
    if not value and "@" in user:
        value = user
    if not value and user and mail_address_problem(f"{user}@{host}") is None:
        value = f"{user}@{host}"  # "smtps://user:pass@host:465" alone must do
    if not value and _is_loopback(host):
        value = "dondoc@localhost"
    if not value:
        raise ChannelError(f"{shown}: chưa biết gửi từ địa chỉ nào. Hãy thêm ?from=dia-chi@don-vi.gov.vn")
    return _address(value, query.get("name", "") or "Đôn đốc", "from", shown)


def _address(value: str, name: str, parameter: str, shown: str) -> Address:
    problem = mail_address_problem(value)
    if problem is None:
        try:
            return Address(value, name)
        except MessageError as error:
            problem = str(error)
    raise ChannelError(f"{shown}: tham số “{parameter}”: {problem}.")


def _existing_file(path: str, shown: str) -> str:
    if path and not Path(path).is_file():
        raise ChannelError(f"{shown}: không thấy tệp chứng thư ghi ở tham số “ca”.")
    return path


def _helo(name: str, shown: str) -> str:
    if not _HOST.fullmatch(name):
        raise ChannelError(f"{shown}: tham số “helo” phải là một tên máy.")
    return name


def _seconds(query: dict[str, str], parameter: str, default: float, shown: str) -> float:
    text = query.get(parameter, "")
    if not text:
        return default
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text) or float(text) <= 0:
        raise ChannelError(f"{shown}: tham số “{parameter}” phải là số giây lớn hơn 0, ví dụ 10.")
    return float(text)


def _slots(text: str, shown: str) -> int:
    if not re.fullmatch(r"\d", text) or not 1 <= int(text) <= _MOST_SLOTS:
        raise ChannelError(f"{shown}: tham số “slots” phải là một số từ 1 đến {_MOST_SLOTS}.")
    return int(text)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)
