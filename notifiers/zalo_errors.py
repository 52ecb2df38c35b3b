"""What Zalo's error numbers mean for a message: two tables, nothing else.

Gathered from Zalo's published table and its mirrors; a number that is missing counts as temporary, capped by
the ledger, and is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from notifiers.outcome import Cause, Status


@dataclass(frozen=True, slots=True)
class Verdict:
    """``words`` are for the office. ``pause`` is how long to wait, ``spent`` that the day's share is used up,
    ``renew`` that a new key may help at once."""

    status: Status
    cause: Cause
    words: str
    pause: timedelta | None = None
    spent: bool = False
    renew: bool = False


_HOUR = timedelta(hours=1)
_QUARTER_DAY = timedelta(hours=6)
"""A day's share that is used up: whenever that was, the next try stands in the next day's night or later,
after at most two useless ones."""


def _gives_up(words: str) -> Verdict:
    """This person cannot be reached here: the next channel."""
    return Verdict(Status.PERMANENT, Cause.RECIPIENT, words)


def _stops(words: str) -> Verdict:
    """The channel stops until the office has put it right."""
    return Verdict(Status.PERMANENT, Cause.CHANNEL, words)


def _ours(words: str) -> Verdict:
    """A mistake of ours in this message: never repeated."""
    return Verdict(Status.PERMANENT, Cause.MESSAGE, words)


def _rests(
    words: str, pause: timedelta | None = None, *, spent: bool = False, renew: bool = False
) -> Verdict:
    """The channel itself, for a while."""
    return Verdict(Status.TEMPORARY, Cause.CHANNEL, words, pause, spent, renew)


BOT_UNKNOWN_ERROR = Verdict(Status.TEMPORARY, Cause.MESSAGE, "Zalo báo lỗi chưa có trong bảng lỗi")
BOT_ERRORS: Mapping[int, Verdict] = {
    400: _gives_up("Zalo không nhận cuộc trò chuyện này; cần ghép lại"),
    401: _stops("Zalo không nhận mã của bot; kiểm tra DONDOC_ZALO_BOT_TOKEN"),
    403: _gives_up("Người nhận đã chặn bot hoặc không cho nhận tin"),
    404: _gives_up("Cuộc trò chuyện với bot không còn; cần ghép lại"),
    408: _rests("Zalo hết thời gian chờ"),
    429: _rests("Zalo báo gửi quá nhanh", timedelta(minutes=1)),
    -216: _stops("Zalo không nhận mã của bot; kiểm tra DONDOC_ZALO_BOT_TOKEN"),
    -220: _stops("Mã của bot Zalo đã hết hạn; kiểm tra DONDOC_ZALO_BOT_TOKEN"),
}

_MONEY = "Tài khoản ZNS không đủ tiền hoặc không được trừ tiền; nạp thêm rồi cho chạy lại kênh"
_CONFIGURATION = "Cấu hình ZNS chưa đúng (ứng dụng, Official Account, mẫu tin hoặc quyền gửi)"
_PAYLOAD = "Nội dung gửi cho mẫu ZNS không hợp lệ"

ZNS_UNKNOWN_ERROR = Verdict(Status.TEMPORARY, Cause.MESSAGE, "ZNS báo lỗi chưa có trong bảng lỗi")
ZNS_ERRORS: Mapping[int, Verdict] = {
    -124: _rests("Mã truy cập ZNS không còn hiệu lực", renew=True),
    -133: _rests("ZNS không gửi từ 22:00 đến 06:00", _HOUR),
    -144: _rests("Đã hết số tin ZNS của tài khoản trong ngày", _QUARTER_DAY, spent=True),
    -147: _rests("Đã hết số tin ZNS của mẫu tin trong ngày", _QUARTER_DAY, spent=True),
    -100: _rests("ZNS đang trục trặc"),
    -32: _rests("ZNS báo gửi quá nhanh", timedelta(minutes=1)),
    -108: _gives_up("Số điện thoại không dùng được trên Zalo"),
    -110: _gives_up("Ứng dụng Zalo của người nhận quá cũ"),
    -118: _gives_up("Số điện thoại không có tài khoản Zalo"),
    -119: _gives_up("Tài khoản Zalo này không nhận được tin"),
    -134: _gives_up("Người nhận chưa đồng ý nhận tin ZNS"),
    -139: _gives_up("Người nhận từ chối loại tin ZNS này"),
    -140: _gives_up("Người nhận không được nhận tin ZNS này"),
    -141: _gives_up("Người nhận từ chối tin của Official Account này"),
    -114: Verdict(Status.TEMPORARY, Cause.RECIPIENT, "Zalo của người nhận tạm thời không nhận tin", _HOUR),
    -115: _stops(_MONEY),
    -137: _stops(_MONEY),
    **{
        code: _stops(_CONFIGURATION)
        for code in (
            *(-101, -102, -103, -104, -105, -106, -117, -120, -125, -127, -131, -135, -136, -138, -145),
            *(-146, -1241),
        )
    },
    **{code: _ours(_PAYLOAD) for code in (-109, -111, -112, -113, -116, -121, -122, -130, -132, -161, -162)},
    -1121: _ours("Một giá trị dài hơn mẫu ZNS cho phép"),
    -1122: _ours("Thiếu một giá trị mà mẫu ZNS cần"),
    -1124: _ours("Một giá trị không đúng dạng mà mẫu ZNS cần"),
}
