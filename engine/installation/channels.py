"""The channels of an installation, opened from its settings."""

from __future__ import annotations

from engine.errors import DondocError
from engine.installation.opening import Installation
from notifiers.channel import Channel
from notifiers.errors import ChannelError
from notifiers.registry import configured, open_kind


def open_channels(installation: Installation) -> dict[str, Channel]:
    """Every configured channel by its name; nothing is connected yet. DondocError for settings that
    cannot be used."""
    values = installation.settings.channels
    found: dict[str, Channel] = {}
    for kind in configured(values):
        try:
            found[kind.name] = open_kind(kind, values)
        except ChannelError as error:
            raise DondocError(f"DONDOC_{kind.settings[0].upper()}: {error}") from None
    return found


def close_channels(channels: dict[str, Channel]) -> None:
    """Gives back the connections of all."""
    for channel in channels.values():
        channel.close()
