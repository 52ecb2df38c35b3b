"""What is wrong with the ways to send, and with who watches that they work."""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.errors import os_reason
from engine.installation.examined import Examined, Level
from engine.installation.opening import Installation
from engine.store.database import reading
from engine.store.messages import refusals
from engine.store.messages.channel_figures import last_sent
from engine.store.messages.channel_states import OPEN, STOPPED
from engine.store.people import contacts
from engine.store.people.contacts import ZALO, ZNS
from engine.store.tables import TokenRow
from engine.tracking.progress import VIETNAM
from engine.watching.channels import ChannelView, channels_now
from notifiers.errors import ChannelError
from notifiers.registry import KINDS, ChannelKind, configured
from notifiers.smtp_settings import parse_smtp_url
from notifiers.zalo import ZaloBot

_TOKEN = TokenRow.__table__  # type: ignore[attr-defined]

_CONNECT_SECONDS = 5
_WAITS_LONG = timedelta(days=1)
_REFRESH_LASTS = timedelta(days=90)
"""How long a refresh token of Zalo can be used, counted from when it was bought."""
_REFRESH_SOON_OVER = timedelta(days=14)
_FEW = 50
_WEBHOOK_SECRET = range(8, 257)
"""How many characters Zalo takes."""


def channels(installation: Installation, now: datetime) -> Iterator[Examined]:
    """Each way to send: whether it is set up, reached, in use, and what waits for it."""
    values = installation.settings.channels
    ready = [kind.name for kind in configured(values)]
    with reading(installation.engine) as connection:
        views = channels_now(connection, ready, now)
        sent = last_sent(connection, [each.name for each in views])
        tokens = _zns_token(connection, installation, now) if ZNS in ready else []
        unreached = _without_a_way(connection, ready)
    yield from _settings(values, ready)
    if "email" in ready:
        yield from _mail_server(installation.settings.smtp_url or "")
    if ZALO in ready:
        yield from _zalo_bot(values, installation.settings.base_url)
    yield from tokens
    for view in views:
        yield from _channel(view, sent.get(view.name), now)
    if unreached:
        what = f"{unreached} người trong danh bạ không có kênh nào tới được"
        yield Examined("warning", what, "Bổ sung địa chỉ ở trang Danh bạ; xem trang Chưa có ai để báo")


def watching(installation: Installation, now: datetime) -> Iterator[Examined]:
    """Whether somebody would notice that nothing runs any more."""
    url = installation.settings.ping_url
    if url is None:
        yield Examined(
            "ok",
            "Chưa khai địa chỉ báo hiệu: máy này tắt thì không ai được báo",
            "Không bắt buộc. Đặt DONDOC_PING_URL là địa chỉ của nơi theo dõi, ví dụ healthchecks.io",
        )
        return
    parts = urlsplit(url)
    # No GET: it would be taken for a sign of life.
    failure = _unreachable(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    if failure:
        what = f"Không nối được tới nơi nhận báo hiệu {parts.hostname}: {failure}"
        yield Examined("warning", what, "Kiểm tra DONDOC_PING_URL, mạng và tường lửa")
    else:
        yield Examined("ok", f"Nơi nhận báo hiệu {parts.hostname} trả lời")


def _settings(values: Mapping[str, str], ready: Collection[str]) -> Iterator[Examined]:
    if "email" not in ready:
        hint = "Đặt DONDOC_SMTP_URL, ví dụ smtp://127.0.0.1:2525"
        yield Examined("warning", "Chưa cấu hình máy chủ thư", hint)
    for kind in KINDS:
        begun = [key for key in _all_keys(kind) if values.get(key)]
        missing = [f"DONDOC_{key.upper()}" for key in kind.settings if not values.get(key)]
        if begun and missing:
            what = f"Kênh {kind.title} mới cấu hình một phần nên chưa dùng được"
            yield Examined("warning", what, f"Còn thiếu: {', '.join(missing)}")


def _all_keys(kind: ChannelKind) -> tuple[str, ...]:
    return (*kind.settings, *kind.further)


def _mail_server(url: str) -> Iterator[Examined]:
    try:
        server = parse_smtp_url(url)
    except ChannelError as error:
        yield Examined("error", f"DONDOC_SMTP_URL: {error}")
        return
    place = f"{server.host}:{server.port}"
    failure = _unreachable(server.host, server.port)
    if failure:
        what = f"Không nối được tới máy chủ thư {place}: {failure}"
        yield Examined("error", what, "Kiểm tra DONDOC_SMTP_URL, mạng và tường lửa; tin vẫn chờ trong hàng")
    else:
        yield Examined("ok", f"Máy chủ thư {place} trả lời")


def _zalo_bot(values: Mapping[str, str], base_url: str | None) -> Iterator[Examined]:
    try:
        name = ZaloBot(values["zalo_bot_token"].strip(), values.get("zalo_bot_api")).called()
    except ChannelError as error:
        hint = "Kiểm tra DONDOC_ZALO_BOT_TOKEN, mạng và tường lửa; tin vẫn chờ trong hàng"
        yield Examined("error", f"Bot Zalo không trả lời: {error}", hint)
    else:
        yield Examined("ok", f"Bot Zalo trả lời{f': {name}' if name else ''}")
    secret = values.get("zalo_bot_webhook_secret")
    if not secret:
        yield Examined("ok", "Mã ghép nối Zalo được nhận bằng cách hỏi máy chủ Zalo (cần dondoc run)")
    elif not (base_url or "").startswith("https://"):
        what = "Có khóa webhook của Zalo nhưng địa chỉ trang web không phải https://: Zalo không gọi tới được"
        yield Examined("error", what, "Đặt DONDOC_BASE_URL là địa chỉ https://, hoặc bỏ khóa webhook")
    elif len(secret) not in _WEBHOOK_SECRET:
        what = "DONDOC_ZALO_BOT_WEBHOOK_SECRET phải dài từ 8 đến 256 ký tự"
        yield Examined("error", what, "Thay bằng chuỗi ngẫu nhiên, ví dụ từ: openssl rand -hex 32")
    else:
        yield Examined("ok", "Mã ghép nối Zalo được Zalo gọi tới trang web (webhook)")


def _zns_token(connection: Connection, installation: Installation, now: datetime) -> list[Examined]:
    settings = installation.settings
    if settings.secret_key is None:
        what = "Kênh ZNS cần khóa bí mật (secret_key) để cất khóa của Zalo"
        return [Examined("error", what, "Đặt DONDOC_SECRET_KEY_FILE; xem hướng dẫn kênh gửi")]
    row = connection.execute(select(_TOKEN).where(_TOKEN.c.channel == ZNS)).mappings().first()
    renew = "Lấy mã làm mới (refresh token) ở trang của Zalo rồi chạy: dondoc zns token"
    if row is None or not row["refresh"]:
        if settings.channels.get("zns_refresh_token"):
            return [Examined("ok", "Khóa ZNS sẽ được lấy ở lần gửi đầu tiên")]
        return [Examined("error", "Kênh ZNS chưa có khóa nào của Zalo", renew)]
    if row["trouble"]:
        return [Examined("error", f"Khóa ZNS: {row['trouble']}", renew)]
    over = row["changed_at"] + _REFRESH_LASTS
    day = f"{over.astimezone(VIETNAM):%d/%m/%Y}"
    if over <= now:
        return [Examined("error", f"Khóa ZNS đã hết hạn từ {day} vì lâu không dùng", renew)]
    if over - now <= _REFRESH_SOON_OVER:
        return [Examined("warning", f"Khóa ZNS sắp hết hạn ({day}) vì lâu không dùng", renew)]
    return [Examined("ok", f"Khóa ZNS còn dùng được, tự đổi mới; không dùng thì hết hạn {day}")]


def _channel(view: ChannelView, sent: datetime | None, now: datetime) -> Iterator[Examined]:
    if not view.configured and not view.waiting and view.state == OPEN:
        return
    level, how, hint = _judged(view, now)
    yield Examined(level, "; ".join([how, *_counts(view, sent)]), hint)
    if view.refused:
        what = f"{view.refused} địa chỉ bị kênh {view.title} từ chối"
        yield Examined("warning", what, "Xem trang Địa chỉ bị từ chối, sửa ở trang Danh bạ")


def _judged(view: ChannelView, now: datetime) -> tuple[Level, str, str]:
    """How bad it is, how the channel is, and what to do."""
    how = f"Kênh {view.title} {view.state_words}"
    if view.state != OPEN:
        how += f" từ {_at(view.since)}" + (f", đến {_at(view.until)}" if view.until else "")
        how += f": {view.detail or 'không rõ vì sao'}"
        hint = f"{view.advice} Lệnh: dondoc channels resume {view.name}"
        return ("error" if view.state == STOPPED else "warning"), how, hint
    if not view.configured:
        how = f"Kênh {view.title} không còn được cấu hình"
        return "warning", how, "Cấu hình lại kênh này, hoặc xem những tin đang chờ nó ở trang Thông báo"
    if view.oldest is not None and now - view.oldest > _WAITS_LONG:
        return "warning", how, "Kiểm tra dondoc run có đang chạy không, và giờ gửi tin (DONDOC_HOURS)"
    if view.remaining is not None and view.remaining < _FEW:
        return "warning", how, "Sắp hết hạn mức trong ngày; tin còn lại đợi sang ngày sau"
    return "ok", how, ""


def _counts(view: ChannelView, sent: datetime | None) -> Iterator[str]:
    yield f"gửi được gần nhất {_at(sent)}" if sent else "chưa gửi được tin nào"
    if view.waiting:
        yield f"{view.waiting} tin đang chờ, cũ nhất từ {_at(view.oldest)}"
    if view.in_doubt:
        yield f"{view.in_doubt} tin không rõ đã đến hay chưa"
    if view.remaining is not None:
        yield f"hôm nay còn gửi được {view.remaining} tin"
    if view.cost:
        yield f"tháng này tốn {view.cost:,} đồng".replace(",", ".")


def _without_a_way(connection: Connection, ready: Collection[str]) -> int:
    """How many people of the address book no configured channel reaches."""
    refused = refusals.everything(connection)
    return sum(
        not any(way[0] in ready and way not in refused for way in each.ways())
        for those in contacts.active(connection).values()
        for each in those
        if ready
    )


def _unreachable(host: str, port: int) -> str | None:
    """Why no connection can be made; None when it can."""
    try:
        socket.create_connection((host, port), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        return "không có máy nào tên như vậy" if isinstance(error, socket.gaierror) else os_reason(error)
    return None


def _at(instant: datetime | None) -> str:
    return f"{instant.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if instant else "–"
