"""Under which name people find the office's bot."""

from __future__ import annotations

from engine.errors import DondocError
from engine.zalo.bot import Way, open_bot, way_in
from notifiers.errors import ChannelError
from web.site import Site


def is_open(site: Site) -> bool:
    """Whether the installation has a bot at all."""
    return way_in(site.settings) is not Way.NONE


def bot_name(site: Site) -> str:
    """What the bot is called on Zalo; empty while Zalo does not say. Asked once."""
    try:
        return site.remembered("zalo bot", site.settings.base_url or "-", lambda: _asked(site))
    except (ChannelError, DondocError):
        return ""


def _asked(site: Site) -> str:
    bot = open_bot(site.settings)
    try:
        return bot.called()
    finally:
        bot.close()
