"""What an SMTP failure means for the message: the one table of it.

The stage decides first. Before the mail was handed over whole, a failure is certain: the far end has nothing.
After that only its own answer counts, and without one nobody knows. What a server answers about a mail is
read in `_MEANINGS`: by its enhanced status code (RFC 3463, the registry of RFC 5248), by its words where the
code says only "policy", by the plain reply code where there is nothing else.
"""

import re
from dataclasses import dataclass
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


Verdict = tuple[Status, Cause | None]

_ADDRESS: Verdict = (Status.PERMANENT, Cause.RECIPIENT)
_ADDRESS_LATER: Verdict = (Status.TEMPORARY, Cause.RECIPIENT)
_MAIL: Verdict = (Status.PERMANENT, Cause.MESSAGE)
_MAIL_LATER: Verdict = (Status.TEMPORARY, Cause.MESSAGE)
_CHANNEL_LATER: Verdict = (Status.TEMPORARY, Cause.CHANNEL)
_CHANNEL_STOPS: Verdict = (Status.PERMANENT, Cause.CHANNEL)
_NOBODY_KNOWS: Verdict = (Status.UNKNOWN, None)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What an answer means whose codes match whole and whose words are found; an empty one asks nothing."""

    verdict: Verdict
    code: str = ""
    enhanced: str = ""
    words: str = ""

    def fits(self, code: int, enhanced: str, text: str) -> bool:
        return (
            (not self.code or re.fullmatch(self.code, str(code)) is not None)
            and (not self.enhanced or re.fullmatch(self.enhanced, enhanced) is not None)
            and (not self.words or re.search(self.words, text, re.IGNORECASE) is not None)
        )


_WHO_WE_ARE = (
    r"\brelay|rcpthosts|authenticat|client host|\bblocked using|black ?list|block ?list|spamhaus|"
    r"sender address|\bspf\b|\bdkim\b|\bdmarc\b|\bhelo\b|reverse (?:dns|host)|\bptr\b|sending (?:quota|limit)"
)
"""How servers say that they do not take mail from this machine or account: relaying, block lists, SPF. A mend
of the settings lets the very same mails through, so none of them fails for it; the breaker stops the rush."""

_MEANINGS: tuple[_Meaning, ...] = (
    # Of the address.
    _Meaning(_ADDRESS_LATER, r"4\d\d", words=r"gr[ae]y-?list"),
    _Meaning(_CHANNEL_LATER, enhanced=r"\d\.1\.[78]"),  # of the sender's address
    _Meaning(_ADDRESS, r"5\d\d", r"\d\.1\.\d+"),
    _Meaning(_ADDRESS_LATER, enhanced=r"\d\.2\.2"),  # a full mailbox will be emptied, whatever the class says
    _Meaning(_MAIL, enhanced=r"5\.(?:2\.3|3\.4|6\.\d+)"),  # too large, or content that is not taken
    _Meaning(_ADDRESS, r"5\d\d", r"\d\.2\.\d+"),
    _Meaning(_ADDRESS, enhanced=r"5\.7\.1[78]"),  # the mailbox or domain changed hands
    # Of the system and the way to it.
    _Meaning(_CHANNEL_LATER, enhanced=r"\d\.3\.\d+"),
    _Meaning(_CHANNEL_LATER, enhanced=r"\d\.4\.5"),  # the account's daily number (Gmail), congestion
    _Meaning(_ADDRESS, r"5\d\d", r"5\.4\.\d+"),  # no route; Exchange Online: no such recipient (5.4.1)
    # Of policy.
    _Meaning(_MAIL, enhanced=r"5\.7\.1[2-3]\d"),  # Exchange: this list or mailbox takes no mail from us
    _Meaning(_CHANNEL_LATER, enhanced=r"\d\.7\.(?:[89]|1[0-4]|2\d|30|5\d\d?|6\d\d?|7\d\d)"),
    _Meaning(_CHANNEL_LATER, enhanced=r"(?:\d\.[57]\.\d+)?", words=_WHO_WE_ARE),
    _Meaning(_MAIL, enhanced=r"5\.7\.\d+"),
)

_AT_RECIPIENT: tuple[_Meaning, ...] = (
    *_MEANINGS,
    _Meaning(_MAIL, "552", words=r"\bsize|too (?:large|big)|message length"),
    _Meaning(_ADDRESS_LATER, "552"),  # RFC 5321: "exceeded storage allocation"
    _Meaning(_ADDRESS, "55[0136]|501"),
    _Meaning(_MAIL, r"5\d\d"),
    _Meaning(_ADDRESS_LATER),
)
_AT_CONTENT: tuple[_Meaning, ...] = (*_MEANINGS, _Meaning(_MAIL, r"5\d\d"), _Meaning(_MAIL_LATER))


def failure_outcome(failure: SmtpFailure) -> Outcome:
    """The outcome to record for `failure`.

    A certificate that is not trusted or a sender that is refused is temporary with cause `channel`: once the
    office has mended it, the same message can go. A refused login stops the channel: a wrong password tried
    every few minutes locks the mailbox.
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


def _verdict(failure: SmtpFailure) -> Verdict:
    stage, code = failure.stage, failure.code or 0
    if failure.trouble is not Trouble.REFUSED:
        return _NOBODY_KNOWS if stage is Stage.ANSWER else _CHANNEL_LATER
    enhanced = _enhanced(failure.text)
    if stage is Stage.LOGIN:
        # 4xx and X.7.x with class 4: the server cannot check passwords now, or has seen too many tries.
        return _CHANNEL_STOPS if 500 <= code < 600 and not enhanced.startswith("4.") else _CHANNEL_LATER
    if stage in (Stage.CONNECT, Stage.TLS) or code in (421, 530):
        return _CHANNEL_LATER
    if stage is Stage.SENDER:  # the same for every mail, unless it is about this one's size
        return _MAIL if code == 552 or enhanced in ("5.2.3", "5.3.4") else _CHANNEL_LATER
    meanings = _AT_RECIPIENT if stage is Stage.RECIPIENT else _AT_CONTENT
    words = re.sub(r"\S*@\S*", "", failure.text)  # an address may be called relay@…
    return next(each.verdict for each in meanings if each.fits(code, enhanced, words))


def _enhanced(text: str) -> str:
    """The enhanced status code: at the start of the text, or "(#5.7.1)" at its end (qmail); "" for none."""
    found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", text) or re.search(r"\(#(\d\.\d{1,3}\.\d{1,3})\)", text)
    return found[1] if found else ""


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
