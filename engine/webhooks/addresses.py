"""Which addresses may be called. Whoever names a webhook must not make this machine talk to its neighbours
(server-side request forgery): not to itself, the office's network, or the metadata of a cloud."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.errors import DondocError

LONGEST = 500

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Cloud metadata that is-global or private tests alone do not tell from ordinary addresses.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
_RELAYS = ipaddress.ip_network("192.88.99.0/24")
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_NOT_PLAIN_6 = tuple(map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)


class AddressRefused(DondocError):
    """An address that must not be called, with the reason for a person."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: checked for its form, not yet for where its name leads."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == (443 if self.secure else 80) else f"{shown}:{self.port}"


def target_of(url: str, *, allow_private: bool) -> Target:
    """The parts of ``url``. AddressRefused for anything but https to a public host; with
    ``allow_private`` also private hosts, and http to this machine itself."""
    if len(url) > LONGEST or not url.isascii() or any(c <= " " or c in '\\"<>^`{|}\x7f' for c in url):
        raise AddressRefused("Địa chỉ nhận tin phải là một địa chỉ https:// viết liền, không dấu")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("Địa chỉ nhận tin không đúng dạng https://máy/đường-dẫn") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("https", "http") or not host:
        raise AddressRefused("Địa chỉ nhận tin phải bắt đầu bằng https://")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("Địa chỉ nhận tin không được chứa tên đăng nhập hay mật khẩu")
    if parts.fragment or port == 0:
        raise AddressRefused("Địa chỉ nhận tin không đúng dạng https://máy/đường-dẫn")
    literal = _literal(host)
    if literal is None and (not _HOST.fullmatch(host) or _odd_number(host)):
        raise AddressRefused("Tên máy trong địa chỉ nhận tin không đúng dạng")
    here = host == "localhost" or host.endswith(".localhost") or (literal is not None and literal.is_loopback)
    if parts.scheme == "http" and not (here and allow_private):
        raise AddressRefused("Địa chỉ nhận tin phải bắt đầu bằng https://")
    if (literal is not None and not may_be_called(literal, allow_private=allow_private)) or (
        here and not allow_private
    ):
        raise AddressRefused("Địa chỉ nhận tin thuộc mạng nội bộ nên không được gọi tới")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port or (443 if secure else 80), path)


def checked(found: str, target: Target, *, allow_private: bool) -> str:
    """An address that ``target``'s name led to, as it may be connected to; AddressRefused otherwise."""
    try:
        address = ipaddress.ip_address(found.partition("%")[0])
    except ValueError:
        raise AddressRefused("Tên máy dẫn tới một địa chỉ không hiểu được") from None
    if not may_be_called(address, allow_private=allow_private):
        raise AddressRefused("Tên máy dẫn tới mạng nội bộ nên không được gọi tới")
    if not target.secure and not address.is_loopback:
        raise AddressRefused("http chỉ dùng được với chính máy này")
    return str(address)


def may_be_called(address: _Address, *, allow_private: bool) -> bool:
    """Whether a connection to ``address`` may be made."""
    inner = _inside(address)
    if inner is not None:
        return may_be_called(inner, allow_private=allow_private)
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if allow_private and (address.is_loopback or (address.is_private and not address.is_reserved)):
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_reserved and address not in _RELAYS
    return address.is_global and address in _GLOBAL_6 and not any(address in net for net in _NOT_PLAIN_6)


def _inside(address: _Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 form carries."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _odd_number(host: str) -> bool:
    """Whether resolvers may read the name as a number: 2130706433, 0x7f.1, 0177.0.0.1."""
    last = host.rpartition(".")[2].lower()
    return last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) is not None
