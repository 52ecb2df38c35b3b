"""Which decisions make sense for an assignment as it stands, and what each one asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.model.assignment import Extension, State
from engine.model.event import EventKind
from engine.tracking.assess import Tracked, is_open
from engine.tracking.next_step import needs_date
from engine.tracking.progress import limit


class Ask(StrEnum):
    """Whether a decision carries a day or words."""

    NEVER = "never"
    MAY = "may"
    MUST = "must"


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: ``slug`` names it in forms and addresses, ``done`` is said once it is recorded."""

    slug: str
    kind: EventKind
    name: str
    button: str
    done: str
    reason: Ask = Ask.MAY
    reason_label: str = "Ghi chú"
    day: Ask = Ask.NEVER
    day_label: str = ""
    hint: str = ""


CONFIRM = Choice(
    "xac-nhan",
    EventKind.CONFIRM,
    "Xác nhận hoàn thành",
    "Xác nhận hoàn thành",
    "Đã xác nhận hoàn thành.",
)
RETURN = Choice(
    "tra-lai",
    EventKind.RETURN,
    "Trả lại để làm tiếp",
    "Trả lại",
    "Đã trả lại cho đơn vị kèm lý do.",
    Ask.MUST,
    "Lý do trả lại",
)
EXTEND = Choice(
    "gia-han",
    EventKind.EXTEND,
    "Cho gia hạn",
    "Cho gia hạn",
    "Đã cho gia hạn.",
    day=Ask.MUST,
    day_label="Thời hạn mới",
)
REFUSE = Choice(
    "khong-gia-han",
    EventKind.REFUSE,
    "Không cho gia hạn",
    "Không cho gia hạn",
    "Đã từ chối đề nghị gia hạn.",
    reason_label="Lý do không cho gia hạn",
)
DATE = Choice(
    "dat-thoi-han",
    EventKind.DATE,
    "Đặt thời hạn",
    "Đặt thời hạn",
    "Đã đặt thời hạn.",
    day=Ask.MUST,
    day_label="Thời hạn",
    hint="Kế hoạch không ghi ngày cho việc này. Đặt lại được nếu ngày thay đổi.",
)
TRIGGER = Choice(
    "phat-sinh",
    EventKind.TRIGGER,
    "Ghi nhận sự kiện đã xảy ra",
    "Ghi nhận sự kiện",
    "Đã ghi nhận sự kiện; việc bắt đầu tính.",
    day=Ask.MUST,
    day_label="Ngày xảy ra",
)
SNOOZE = Choice(
    "tam-ngung",
    EventKind.SNOOZE,
    "Tạm ngừng nhắc",
    "Tạm ngừng nhắc",
    "Đã ghi ngày nhắc lại.",
    day=Ask.MUST,
    day_label="Nhắc lại từ ngày",
    hint="Thời hạn không đổi; chỉ ngừng gửi lời nhắc cho đến ngày này. Muốn nhắc lại ngay thì ghi hôm nay.",
)
WITHDRAW = Choice(
    "rut",
    EventKind.WITHDRAW,
    "Rút nhiệm vụ",
    "Rút nhiệm vụ",
    "Đã rút nhiệm vụ; lịch sử vẫn giữ.",
    Ask.MUST,
    "Lý do rút",
    hint="Đơn vị không phải làm việc này nữa. Lịch sử vẫn giữ và có thể giao lại.",
)
REINSTATE = Choice(
    "giao-lai",
    EventKind.REINSTATE,
    "Giao lại",
    "Giao lại",
    "Đã giao lại; việc trở về trạng thái trước khi rút.",
)

ALL = (CONFIRM, RETURN, EXTEND, REFUSE, DATE, TRIGGER, SNOOZE, WITHDRAW, REINSTATE)
BY_SLUG = {choice.slug: choice for choice in ALL}

_A_YEAR = timedelta(days=366)
_RETURNABLE = frozenset({State.REPORTED, State.CONFIRMED, State.DECLINED})
_QUIET = frozenset({State.WITHDRAWN, State.CONFIRMED, State.DORMANT})


def choices(tracked: Tracked) -> tuple[Choice, ...]:
    """The decisions that fit, the likeliest first. The state machine accepts each of them when what it
    asks for is given."""
    standing = tracked.standing
    state = standing.state
    if state is State.WITHDRAWN:
        return (REINSTATE,)
    answerable = is_open(state)
    due = standing.due or tracked.promise.due
    fitting = {
        CONFIRM: state is State.REPORTED,
        RETURN: state in _RETURNABLE,
        TRIGGER: state is State.DORMANT,
        EXTEND: answerable and due is not None,
        REFUSE: answerable and standing.extension is Extension.PENDING,
        DATE: answerable and needs_date(tracked),
        SNOOZE: state not in _QUIET,
        WITHDRAW: True,
    }
    return tuple(choice for choice, fits in fitting.items() if fits)


def asked_for(tracked: Tracked) -> frozenset[str]:
    """The decisions that the assignment waits for: their forms stand open."""
    standing = tracked.standing
    if standing.state is State.REPORTED:
        return frozenset({CONFIRM.slug, RETURN.slug})
    if standing.state is State.DECLINED:
        return frozenset({RETURN.slug})
    if standing.extension is Extension.PENDING and is_open(standing.state):
        return frozenset({EXTEND.slug, REFUSE.slug})
    if standing.state is State.DORMANT:
        return frozenset({TRIGGER.slug})
    if needs_date(tracked) and standing.due is None:
        return frozenset({DATE.slug})
    return frozenset()


def may_cure(tracked: Tracked, today: date) -> bool:
    """Whether an extension granted now comes after the deadline, so that the office must say whether the
    assignment still counts as late."""
    last = limit(tracked.promise, tracked.standing)
    return is_open(tracked.standing.state) and last is not None and last < today


def day_problem(choice: Choice, day: date, starts: date, today: date) -> str | None:
    """Why ``day`` cannot be meant in a plan that ``starts`` then; the rest is left to the state machine."""
    if choice is SNOOZE and day < today:
        return "Ngày nhắc lại không thể ở trước hôm nay"
    if choice is TRIGGER and day > today:
        return "Ngày xảy ra không thể ở sau hôm nay; ghi nhận khi sự kiện đã xảy ra"
    if choice is DATE and day < starts:
        return f"Ngày này ở trước khi kế hoạch có hiệu lực ({starts:%d/%m/%Y}); kiểm tra lại năm"
    if choice is TRIGGER and day < starts - _A_YEAR:
        return f"Ngày này sớm hơn kế hoạch ({starts:%d/%m/%Y}) quá một năm; kiểm tra lại năm"
    return None
