"""What an SMTP failure means for the message: the one table of it.

The stage decides. Before the mail was handed over whole, a failure is certain: the far end has nothing. After
that only its own answer counts, and without one nobody knows.
"""

import re
from datetime import timedelta
from enum import Enum, StrEnum

from notifiers.outcome import Cause, Outcome, Status


class Stage(StrEnum):
    """Where in the exchange, as the office reads it."""

    CONNECT = "khi kết nối máy chủ thư"
    TLS = "khi thiết lập kết nối mã hóa với máy chủ thư"
    LOGIN = "khi đăng nhập máy chủ thư"
    SENDER = "khi khai báo địa chỉ gửi"
    RECIPIENT = "khi khai báo người nhận"
    DATA = "khi xin gửi nội dung"
    CONTENT = "khi đang chuyển nội dung"
    ANSWER = "sau khi đã chuyển xong nội dung"


class Trouble(Enum):
    """What happened there."""

    REFUSED = "máy chủ từ chối"
    LOST = "mất kết nối"
    TIMEOUT = "hết thời gian chờ"
    GARBLED = "máy chủ trả lời không hiểu được"
    UNTRUSTED = "chứng thư của máy chủ không được tin cậy"
    TLS_FAILED = "không mã hóa được kết nối"
    UNSUPPORTED = "máy chủ không hỗ trợ cách mã hóa hoặc đăng nhập đã đặt"


class SmtpFailure(Exception):
    """An exchange that did not end with "accepted". `code` and `text` are the server's reply, if any."""

    def __init__(self, stage: Stage, trouble: Trouble, code: int | None = None, text: str = "") -> None:
        super().__init__(f"{stage.name} {trouble.name} {code}")
        self.stage = stage
        self.trouble = trouble
        self.code = code
        self.text = text

    @property
    def stale(self) -> bool:
        """True when a connection kept from before had simply ended: nothing of this mail was said yet."""
        return self.stage is Stage.SENDER and (self.trouble is Trouble.LOST or self.code == 421)


def failure_outcome(failure: SmtpFailure) -> Outcome:
    """The outcome to record for `failure`.

    Settings that do not work (login, certificate, refused sender) are temporary with cause `channel`: once
    the office has mended them, the same message can go.
    """
    status, cause = _verdict(failure)
    answer = "" if failure.code is None else f": {failure.code}{_reply(failure)}"
    hint = " Không rõ thư đã đến hay chưa." if status is Status.UNKNOWN else ""
    detail = f"{failure.trouble.value.capitalize()} {failure.stage.value}{answer}.{hint}"
    retry = _asked_pause(failure.text) if status is Status.TEMPORARY else None
    return Outcome(status, failure.code, detail, retry, cause)


def accepted_outcome(code: int, text: str) -> Outcome:
    """The server took the mail: `text` often names its queue entry, worth keeping for tracing."""
    return Outcome(Status.SENT, code, f"Máy chủ thư đã nhận: {code} {text}")


def _verdict(failure: SmtpFailure) -> tuple[Status, Cause | None]:
    stage, code = failure.stage, failure.code or 0
    if failure.trouble is not Trouble.REFUSED:
        if stage is Stage.ANSWER:
            return Status.UNKNOWN, None
        return Status.TEMPORARY, Cause.CHANNEL
    if stage in (Stage.CONNECT, Stage.TLS, Stage.LOGIN) or code in (421, 530):
        return Status.TEMPORARY, Cause.CHANNEL
    if stage is Stage.SENDER:  # the same for every mail, unless it is about this one's size
        return (Status.PERMANENT, Cause.MESSAGE) if code == 552 else (Status.TEMPORARY, Cause.CHANNEL)
    status = Status.PERMANENT if 500 <= code < 600 else Status.TEMPORARY
    if stage is Stage.RECIPIENT:
        # RFC 3463: X.7.x is policy ("relaying denied"), which says nothing about the mailbox.
        return status, Cause.CHANNEL if _enhanced(failure.text).startswith("5.7.") else Cause.RECIPIENT
    return status, Cause.MESSAGE


def _enhanced(text: str) -> str:
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", text)
    return found.group() if found else ""


def _reply(failure: SmtpFailure) -> str:
    """The server's words; of a refused login only the status, as some servers repeat what was typed."""
    text = _enhanced(failure.text) if failure.stage is Stage.LOGIN else failure.text
    return f" {text}".rstrip(" .")


_PAUSE = re.compile(r"(?i)\b(?:in|for|after)\s+(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}


def _asked_pause(text: str) -> timedelta | None:
    """The pause a greylisting server asks for ("try again in 5 minutes"), at most a day."""
    found = _PAUSE.search(text)
    if found is None:
        return None
    return min(timedelta(seconds=int(found[1]) * _UNIT_SECONDS[found[2][0].lower()]), timedelta(days=1))
