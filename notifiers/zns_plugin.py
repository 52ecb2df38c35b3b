"""ZNS inside Apprise: zns://{access key}@{template}/{phone}/…?don_vi=…&so_viec=5, and the channel behind it.

A URL holds a key for as long as that lasts and renews nothing: a refresh token is spent by its first use and
belongs to the vault of an installation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from notifiers import facts
from notifiers.errors import ChannelError
from notifiers.message import OutgoingMessage
from notifiers.outcome import Outcome
from notifiers.plugin import CarrierPlugin, Reading, driven, register
from notifiers.vault import TokenPair, TokenVault, VaultTrouble
from notifiers.zns import ZnsChannel
from notifiers.zns import open_from as open_direct
from notifiers.zns_api import ZnsApi
from notifiers.zns_template import read_mapping

SCHEMES = ("zns",)
TITLE = "ZNS"

_NEVER = datetime.max.replace(tzinfo=UTC)


class ZnsCarrier:
    """Hands template messages to ZNS. ``base`` is the URL without targets, ``shown`` the same without the
    key: the keys of an installation stand in no URL at all."""

    def __init__(self, channel: ZnsChannel, base: str, shown: str) -> None:
        self.channel, self._base, self._shown = channel, base, shown

    def __repr__(self) -> str:
        return f"ZnsCarrier({self._shown!r})"

    def deliver(self, message: OutgoingMessage) -> Outcome:
        """One attempt; never raises for anything the far end does."""
        return self.channel.send(message)

    def close(self) -> None:
        """Nothing is held open."""
        self.channel.close()

    def url(self, *, masked: bool, targets: Sequence[str]) -> str:
        """The URL with a part for each target; `masked` says only how many there are."""
        base, _, query = (self._shown if masked else self._base).partition("?")
        shown = [f"{len(targets)}***"] if masked and targets else [quote(target) for target in targets]
        return "/".join([base, *shown]) + (f"?{query}" if query else "")


class ZnsPluginChannel:
    """The channel of an installation: the plugin's carrier behind the `Channel` protocol."""

    name = ZnsChannel.name
    slots = ZnsChannel.slots

    def __init__(self, plugin: CarrierPlugin, channel: ZnsChannel) -> None:
        self._plugin, self._channel = plugin, channel

    def __repr__(self) -> str:
        return repr(self._channel)

    def closed_until(self, now: datetime) -> datetime | None:
        """The night's end at night."""
        return self._channel.closed_until(now)

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt."""
        return self._plugin.carrier.deliver(message)

    def close(self) -> None:
        """Nothing is held open."""
        self._plugin.close()


class _OneKey:
    """A vault for a key that nobody renews."""

    def __init__(self, access: str) -> None:
        self._pair = TokenPair(access, "", _NEVER)

    def current(self) -> TokenPair:
        return self._pair

    def is_stale(self, pair: TokenPair) -> bool:
        return False

    def renewed(self, stale: TokenPair, exchange: Callable[[str], TokenPair]) -> TokenPair:
        raise VaultTrouble("Mã truy cập trong địa chỉ zns:// đã hết hạn; hãy thay mã khác", lasting=True)


def open_from(values: Mapping[str, str], vault: TokenVault | None) -> ZnsPluginChannel:
    """The channel of the settings ``zns_…``, driven through Apprise. Raises ChannelError."""
    channel = open_direct(values, vault)
    base = f"zns://***@{values['zns_template_id'].strip()}"
    return ZnsPluginChannel(driven(plugin_class(), ZnsCarrier(channel, base, base)), channel)


def plugin_class() -> type[CarrierPlugin]:
    """The plugin for `zns://`, known to Apprise from the first call on."""
    return register(SCHEMES, TITLE, read_url)


def read_url(url: str) -> Reading:
    """The carrier, the phone numbers and the values of a URL. Raises ChannelError without quoting it."""
    parts = urlsplit(url)
    secret, at, template = parts.netloc.rpartition("@")
    access = unquote(secret)
    if not at or not access or "*" in access or not template.isdigit():
        raise ChannelError("Địa chỉ ZNS không đúng dạng; dạng đúng: zns://mã-truy-cập@số-của-mẫu/84900000001")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    values = {name: query[name] for name in facts.NAMES if name in query}
    api = ZnsApi("", "", query.get("api"))
    channel = ZnsChannel(api, template, read_mapping(query.get("params", "")), _OneKey(access))
    rest = f"?{parts.query}" if parts.query else ""
    carrier = ZnsCarrier(channel, f"zns://{secret}@{template}{rest}", f"zns://***@{template}")
    targets = tuple(unquote(piece) for piece in parts.path.split("/") if piece)
    return Reading(carrier, targets, values)
