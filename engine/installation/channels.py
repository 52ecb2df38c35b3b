"""The channels of an installation, opened from its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from engine.errors import DondocError
from engine.installation.opening import Installation
from engine.store.access.vault import DatabaseVault
from engine.store.people.contacts import ZNS
from engine.watching.log import quiet_libraries
from engine.worker import is_dead, this_worker
from notifiers.channel import Channel
from notifiers.errors import ChannelError
from notifiers.registry import configured, open_kind


def open_channels(installation: Installation, clock: Callable[[], datetime]) -> dict[str, Channel]:
    """Every configured channel by its name; nothing is connected yet. ``clock`` tells the real time, for keys
    that end. DondocError for settings that cannot be used."""
    quiet_libraries()
    values = installation.settings.channels
    found: dict[str, Channel] = {}
    for kind in configured(values):
        vault = vault_of(installation, clock) if kind.name == ZNS else None
        try:
            found[kind.name] = open_kind(kind, values, vault)
        except ChannelError as error:
            raise DondocError(f"DONDOC_{kind.settings[0].upper()}: {error}") from None
    return found


def vault_of(installation: Installation, clock: Callable[[], datetime]) -> DatabaseVault:
    """Where the keys of ZNS are kept. DondocError without a secret key to seal them with."""
    settings = installation.settings
    if settings.secret_key is None:
        raise DondocError(
            "Kênh ZNS cần khóa bí mật để cất mã truy cập: đặt DONDOC_SECRET_KEY_FILE chỉ tới một tệp có "
            "chuỗi ngẫu nhiên, ví dụ từ: openssl rand -hex 32"
        )
    seed = settings.channels.get("zns_refresh_token", "").strip()
    return DatabaseVault(installation.engine, ZNS, settings.secret_key, this_worker(), is_dead, clock, seed)


def close_channels(channels: Mapping[str, Channel]) -> None:
    """Gives back the connections of all."""
    for channel in channels.values():
        channel.close()
