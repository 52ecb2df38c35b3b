"""From settings to channels. A new channel is one module and one entry in KINDS."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

from notifiers.channel import Channel
from notifiers.errors import ChannelError
from notifiers.vault import TokenVault


class Form(StrEnum):
    """What a channel carries: a whole letter, a short plain text, or a template's few values."""

    MAIL = "mail"
    CHAT = "chat"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel: its stable `name`, its Vietnamese `title`, what it carries.

    `settings` are the keys without which it is not configured, `further` those that it also reads.
    `resends_unknown`: whether a message that may have arrived is sent again by itself; where a second one
    would cost money or annoy, a person settles it. `module` offers `open_from(values, vault) -> Channel`
    and is imported only when such a channel is opened.
    """

    name: str
    title: str
    form: Form
    settings: tuple[str, ...]
    further: tuple[str, ...]
    resends_unknown: bool
    module: str
    example: str


class _ChannelModule(Protocol):
    def open_from(self, values: Mapping[str, str], vault: TokenVault | None) -> Channel: ...


KINDS: tuple[ChannelKind, ...] = (
    ChannelKind(
        name="email",
        title="Thư điện tử",
        form=Form.MAIL,
        settings=("smtp_url",),
        further=(),
        resends_unknown=True,
        module="notifiers.mail",
        example="smtps://tai-khoan:mat-khau@may-chu:465?from=dondoc@don-vi.gov.vn",
    ),
    ChannelKind(
        name="zalo",
        title="Zalo",
        form=Form.CHAT,
        settings=("zalo_bot_token",),
        further=("zalo_bot_api", "zalo_bot_webhook_secret"),
        resends_unknown=True,
        module="notifiers.zalo",
        example="123456789:abcXYZ",
    ),
    ChannelKind(
        name="zns",
        title="ZNS",
        form=Form.TEMPLATE,
        settings=("zns_app_id", "zns_secret", "zns_template_id"),
        further=("zns_api", "zns_oauth_api", "zns_refresh_token", "zns_template_params"),
        resends_unknown=False,
        module="notifiers.zns_plugin",
        example="số của ứng dụng trên developers.zalo.me",
    ),
)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> ChannelKind | None:
    """The kind of the channel with this name; None for one that is not (or no longer) known."""
    return _BY_NAME.get(name)


def configured(values: Mapping[str, str]) -> tuple[ChannelKind, ...]:
    """The kinds whose every necessary setting is there."""
    return tuple(kind for kind in KINDS if all(values.get(key) for key in kind.settings))


def open_kind(kind: ChannelKind, values: Mapping[str, str], vault: TokenVault | None = None) -> Channel:
    """The channel of this kind; nothing is connected yet. Raises ChannelError (Vietnamese)."""
    module = cast(_ChannelModule, importlib.import_module(kind.module))
    return module.open_from(values, vault)


def open_channel(smtp_url: str) -> Channel:
    """The e-mail channel that an address describes. Raises ChannelError (Vietnamese)."""
    if smtp_url.strip().partition("://")[0].lower() not in {"smtp", "smtps"}:
        # The address itself is not quoted: whatever stands in it may be a secret.
        example = _BY_NAME["email"].example
        raise ChannelError(f"Địa chỉ kênh gửi không đúng dạng hoặc chưa được hỗ trợ. Dạng đúng: {example}")
    return open_kind(_BY_NAME["email"], {"smtp_url": smtp_url})
