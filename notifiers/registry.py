"""From a settings URL to a channel. A new channel is one module and one line in KINDS."""

import importlib
from dataclasses import dataclass
from typing import Protocol, cast

from notifiers.channel import Channel
from notifiers.errors import ChannelError


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel: its stable `name`, its Vietnamese `title`, the URL schemes that it answers to.

    `module` offers `open_channel(url: str) -> Channel` and is imported only when such a channel is opened.
    """

    name: str
    title: str
    schemes: tuple[str, ...]
    module: str
    example: str


class _ChannelModule(Protocol):
    def open_channel(self, url: str) -> Channel: ...


KINDS: tuple[ChannelKind, ...] = (
    ChannelKind(
        name="email",
        title="Thư điện tử",
        schemes=("smtp", "smtps"),
        module="notifiers.mail",
        example="smtps://tai-khoan:mat-khau@may-chu:465?from=dondoc@don-vi.gov.vn",
    ),
)


def open_channel(url: str) -> Channel:
    """The channel that `url` describes; nothing is connected yet. Raises ChannelError (Vietnamese)."""
    scheme = url.strip().partition("://")[0].lower()
    for kind in KINDS:
        if scheme in kind.schemes:
            module = cast(_ChannelModule, importlib.import_module(kind.module))
            return module.open_channel(url.strip())
    known = "; ".join(f"{kind.title}: {kind.example}" for kind in KINDS)
    # The URL itself is not quoted: whatever stands in it may be a secret.
    raise ChannelError(f"Địa chỉ kênh gửi không đúng dạng hoặc chưa được hỗ trợ. Dạng đúng — {known}")
