"""``zalo``: the office's bot on Zalo: how it stands, one look at what people wrote, the webhook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, HomeOption, add_group
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import say
from engine.errors import DondocError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from engine.installation.opening import Installation
    from engine.installation.settings import Settings
    from engine.zalo.bot import Bot
    from engine.zalo.polling import Poller

zalo = add_group("zalo", help="Bot Zalo: tình trạng, nhận tin nhắn tới bot, webhook.")

_ON, _OFF = "on", "off"
_PLAIN = {
    "none": "chưa khai (DONDOC_ZALO_BOT_TOKEN); không gửi, không nhận gì qua Zalo",
    "poll": "bộ hẹn giờ tự hỏi máy chủ Zalo (dondoc run hoặc dondoc worker)",
    "webhook": "Zalo chuyển tới trang web (webhook)",
}


@zalo.command("status", help="Bot Zalo đang thế nào: nhận tin nhắn bằng cách nào, bao nhiêu người đã ghép.")
def status(home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.store.database import reading
    from engine.store.people.pairing import count
    from engine.zalo.bot import Way, way_in, webhook_secret, webhook_url

    installation = opened(home)
    way = way_in(installation.settings)
    say(f"Nhận tin nhắn tới bot: {_PLAIN[way]}.")
    with reading(installation.engine) as connection:
        counted = count(connection, now_in_utc())
    say(f"Đã ghép: {counted.paired} liên hệ. Mã chưa dùng: {counted.codes}.")
    if way is Way.NONE:
        return
    if way is Way.WEBHOOK:
        webhook_secret(installation.settings.channels)
        say(f"Địa chỉ webhook: {webhook_url(installation.settings)}")
    say(f"Bot trên Zalo: {_with_bot(installation, lambda bot: bot.called()) or 'Zalo không cho biết tên'}.")


@zalo.command("poll", help="Hỏi máy chủ Zalo ngay bây giờ, trả lời những tin nhắn đang chờ rồi dừng.")
def poll(home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.zalo.bot import Way, open_bot, way_in
    from engine.zalo.polling import Pace, Poller
    from notifiers.errors import ChannelError

    installation = opened(home)
    way = way_in(installation.settings)
    if way is Way.WEBHOOK:
        raise DondocError(
            "Đang dùng webhook nên Zalo không trả lời khi hỏi; muốn hỏi thì chạy dondoc zalo webhook off "
            "và bỏ "
            "DONDOC_ZALO_BOT_WEBHOOK_SECRET"
        )
    poller = Poller(
        lambda: opened(home, remark=lambda _words: None),
        open_bot(installation.settings),
        now_in_utc,
        _to_the_log(),
        Pace(waits=1),
    )
    answered = 0
    try:
        while count := _asked(poller):
            answered += count
    except ChannelError as error:
        raise DondocError(str(error)) from None
    finally:
        poller.close()
    say(f"Đã nhận {answered} tin nhắn." if answered else "Không có tin nhắn nào đang chờ.")


def _asked(poller: Poller) -> int:
    count = poller.round()
    if count is None:
        raise DondocError("Bộ hẹn giờ đang hỏi máy chủ Zalo rồi; không cần chạy lệnh này")
    return count


@zalo.command(
    "webhook", help="Bảo Zalo chuyển tin nhắn tới trang web (on), hoặc thôi không chuyển nữa (off)."
)
def webhook(
    switch: Annotated[str, typer.Argument(metavar="on|off", help="on: chuyển tới trang web; off: thôi.")],
    home: HomeOption = HERE,
) -> None:
    if switch not in (_ON, _OFF):
        raise typer.BadParameter("ghi on hoặc off")
    # heavy: the settings
    from engine.zalo.bot import SECRET, webhook_secret, webhook_url

    installation = opened(home)
    settings = installation.settings
    if switch == _OFF:
        _with_bot(installation, lambda bot: bot.delete_webhook())
        say("Zalo không chuyển tin nhắn tới trang web nữa.")
        if settings.channels.get(SECRET):
            say(f"Bỏ DONDOC_{SECRET.upper()} rồi khởi động lại để bộ hẹn giờ tự hỏi máy chủ Zalo.")
        return
    if not settings.channels.get(SECRET):
        raise DondocError(
            f"Chưa có khóa bí mật của webhook; đặt DONDOC_{SECRET.upper()} (một chuỗi ngẫu nhiên, từ 8 đến "
            f"256 chữ)"
        )
    url, secret = webhook_url(settings), webhook_secret(settings.channels)
    _with_bot(installation, lambda bot: bot.set_webhook(url, secret))
    say(f"Từ nay Zalo chuyển tin nhắn tới {url}.")


def begin_answering(home: Path, settings: Settings, stop: threading.Event) -> threading.Thread | None:
    """Starts asking Zalo's server in a thread of its own, where the settings want that. It ends once
    ``stop`` is set, but for a question that is open: nobody need wait for that."""
    # heavy: the settings
    from engine.zalo.bot import Way, open_bot, way_in

    if way_in(settings) is not Way.POLL:
        return None
    # heavy: the database
    from engine.zalo.polling import Poller, begin

    def again() -> Installation:
        return opened(home, remark=lambda _words: None)

    return begin(Poller(again, open_bot(settings), now_in_utc, _to_the_log()), stop)


def _to_the_log() -> Callable[..., None]:
    # heavy: structlog
    from engine.watching.log import event_log

    def note(event: str, **words: Any) -> None:
        event_log().warning(event, **words)

    return note


def _with_bot(installation: Installation, act: Callable[[Bot], Any]) -> Any:
    # heavy: the client of Zalo
    from engine.zalo.bot import open_bot
    from notifiers.errors import ChannelError

    bot = open_bot(installation.settings)
    try:
        return act(bot)
    except ChannelError as error:
        raise DondocError(str(error)) from None
    finally:
        bot.close()
