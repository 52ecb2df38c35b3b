"""The state machine: what each event does to an assignment, and which events make no sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.model.assignment import Extension, Promise, Standing, State
from engine.model.deadline import OWN_PLAN_ISSUED, DeadlineKind
from engine.model.event import UNIT_KINDS, Event, EventKind
from engine.model.plan import PlanSettings
from engine.workdays import WorkCalendar

_Move = Callable[..., "Standing | Refusal"]

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

OPEN_STATES = frozenset({State.NOT_STARTED, State.RECEIVED, State.IN_PROGRESS, State.RETURNED})
_ANSWERABLE = OPEN_STATES | {State.DECLINED}

STATE_NAMES = {
    State.DORMANT: "chưa phát sinh",
    State.NOT_STARTED: "chưa bắt đầu",
    State.RECEIVED: "đã nhận",
    State.IN_PROGRESS: "đang thực hiện",
    State.REPORTED: "đã báo cáo, chờ xác nhận",
    State.RETURNED: "bị trả lại, phải làm tiếp",
    State.CONFIRMED: "đã hoàn thành",
    State.DECLINED: "đơn vị báo không thuộc trách nhiệm",
    State.WITHDRAWN: "đã rút",
}

EVENT_NAMES = {
    EventKind.RECEIVED: "đã nhận",
    EventKind.PROGRESS: "cập nhật tiến độ",
    EventKind.DONE: "báo cáo hoàn thành",
    EventKind.EXTENSION: "xin gia hạn",
    EventKind.DECLINED: "báo không thuộc trách nhiệm",
    EventKind.CONFIRM: "xác nhận hoàn thành",
    EventKind.RETURN: "trả lại",
    EventKind.EXTEND: "cho gia hạn",
    EventKind.REFUSE: "không cho gia hạn",
    EventKind.WITHDRAW: "rút nhiệm vụ",
    EventKind.REINSTATE: "giao lại",
    EventKind.TRIGGER: "ghi nhận sự kiện phát sinh",
    EventKind.DATE: "đặt thời hạn",
    EventKind.SNOOZE: "tạm ngừng nhắc",
}

# Which states an event may meet. An event outside its row is refused, never half-applied.
_ALLOWED: dict[EventKind, frozenset[State]] = {
    EventKind.RECEIVED: frozenset({State.NOT_STARTED, State.RETURNED, State.DECLINED, State.RECEIVED}),
    EventKind.PROGRESS: _ANSWERABLE,
    EventKind.DONE: _ANSWERABLE,
    EventKind.EXTENSION: _ANSWERABLE,
    EventKind.DECLINED: OPEN_STATES | {State.DORMANT},
    EventKind.CONFIRM: frozenset({State.REPORTED}),
    EventKind.RETURN: frozenset({State.REPORTED, State.CONFIRMED, State.DECLINED}),
    EventKind.EXTEND: _ANSWERABLE,
    EventKind.REFUSE: _ANSWERABLE,
    EventKind.WITHDRAW: frozenset(State) - {State.WITHDRAWN},
    EventKind.REINSTATE: frozenset({State.WITHDRAWN}),
    EventKind.TRIGGER: frozenset({State.DORMANT}),
    EventKind.DATE: _ANSWERABLE,
    EventKind.SNOOZE: frozenset(State) - {State.WITHDRAWN, State.CONFIRMED},
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event was not accepted, in Vietnamese."""

    message: str


def local_day(at: datetime) -> date:
    """The day of an aware instant in Viet Nam, where all deadlines are counted."""
    return at.astimezone(VIETNAM).date()


def opening(promise: Promise) -> Standing:
    """The standing of an assignment about which nobody has said anything yet."""
    # What waits for the plan itself to be issued waits no longer.
    dormant = promise.kind is DeadlineKind.EVENT and promise.trigger != OWN_PLAN_ISSUED
    return Standing(State.DORMANT if dormant else State.NOT_STARTED)


def effective_due(promise: Promise, standing: Standing) -> date | None:
    """The due day in force: the one that replaced the promise, else the promise."""
    return standing.due or promise.due


def limit(promise: Promise, standing: Standing) -> date | None:
    """The last day that counts as on time: the rolled day in force, else the due day."""
    if standing.due is not None:
        return standing.rolled or standing.due
    return promise.rolled or promise.due


def apply(
    promise: Promise, standing: Standing, event: Event, settings: PlanSettings, calendar: WorkCalendar
) -> Standing | Refusal:
    """The standing after ``event``; a refusal where the event does not fit (nothing changes then).

    Raises MissingYear where a date lies in a year that the calendar does not have.
    """
    if standing.state not in _ALLOWED[event.kind]:
        return Refusal(
            f"Không thể {EVENT_NAMES[event.kind]}: nhiệm vụ đang ở trạng thái “{STATE_NAMES[standing.state]}”"
        )
    if event.percent is not None and not 0 <= event.percent <= 100:
        return Refusal(f"Tỷ lệ hoàn thành phải từ 0 đến 100, không phải {event.percent}")
    moved = _MOVES[event.kind](promise, standing, event, settings, calendar)
    if isinstance(moved, Refusal):
        return moved
    if moved.state is not standing.state:
        moved = replace(moved, since=local_day(event.at))
    if event.kind in UNIT_KINDS:
        words = event.note or (f"{event.percent}%" if event.percent is not None else None)
        moved = replace(
            moved,
            last_word_at=event.at,
            last_word=EVENT_NAMES[event.kind] + (f": {words}" if words else ""),
            percent=event.percent if event.percent is not None else moved.percent,
        )
    return moved


def replay(
    promise: Promise, events: Iterable[Event], settings: PlanSettings, calendar: WorkCalendar
) -> Standing:
    """The standing after all ``events`` in order; events that no longer fit are passed over."""
    standing = opening(promise)
    for event in events:
        after = apply(promise, standing, event, settings, calendar)
        if isinstance(after, Standing):
            standing = after
    return standing


def _rolled(day: date, settings: PlanSettings, calendar: WorkCalendar) -> date:
    return calendar.roll(day) if settings.roll else day


def _to(state: State) -> _Move:
    def move(promise: Promise, standing: Standing, *_: object) -> Standing:
        return replace(standing, state=state)

    return move


def _done(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing:
    # A pending request for more time is moot once the work is reported done.
    pending = standing.extension is Extension.PENDING
    return replace(
        standing,
        state=State.REPORTED,
        reported_on=local_day(event.at),
        percent=100,
        extension=Extension.NONE if pending else standing.extension,
    )


def _ask_extension(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing | Refusal:
    due = effective_due(promise, standing)
    if due is None:
        return Refusal("Không thể xin gia hạn: nhiệm vụ này không có thời hạn")
    if event.day is not None and event.day <= due:
        return Refusal(f"Ngày xin gia hạn {event.day:%d/%m/%Y} phải sau thời hạn {due:%d/%m/%Y}")
    if not event.note:
        return Refusal("Xin gia hạn phải nêu lý do")
    return replace(standing, extension=Extension.PENDING, extension_to=event.day)


def _confirm(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing:
    return replace(standing, state=State.CONFIRMED, confirmed_on=local_day(event.at))


def _return(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing | Refusal:
    if not event.note:
        return Refusal("Trả lại phải nêu lý do")
    # Declined before its event came: there is nothing to do yet, so it waits for the event again.
    waits = standing.state is State.DECLINED and standing.triggered_on is None
    state = State.DORMANT if waits and opening(promise).state is State.DORMANT else State.RETURNED
    return replace(standing, state=state, reported_on=None, confirmed_on=None)


def _extend(
    promise: Promise, standing: Standing, event: Event, settings: PlanSettings, calendar: WorkCalendar
) -> Standing | Refusal:
    due = effective_due(promise, standing)
    day = event.day or standing.extension_to
    if due is None:
        return Refusal("Không thể gia hạn: nhiệm vụ này không có thời hạn; hãy dùng “đặt thời hạn”")
    if day is None:
        return Refusal("Gia hạn phải ghi ngày mới")
    if day <= due:
        return Refusal(f"Ngày gia hạn {day:%d/%m/%Y} phải sau thời hạn {due:%d/%m/%Y}")
    granted = replace(standing, extension=Extension.GRANTED, extension_to=day)
    last = limit(promise, standing)
    if last is not None and local_day(event.at) > last and not event.cures:
        # Granted after the deadline: it stays late unless the office says otherwise in the grant.
        return granted
    return replace(granted, due=day, rolled=_rolled(day, settings, calendar))


def _refuse(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing | Refusal:
    if standing.extension is not Extension.PENDING:
        return Refusal("Không có đề nghị gia hạn nào đang chờ")
    return replace(standing, extension=Extension.REFUSED, extension_to=None)


def _trigger(
    promise: Promise, standing: Standing, event: Event, settings: PlanSettings, calendar: WorkCalendar
) -> Standing | Refusal:
    happened = event.day or local_day(event.at)
    started = replace(standing, state=State.NOT_STARTED, triggered_on=happened)
    if promise.offset_days is None:
        return started
    if promise.offset_working:
        due = calendar.add_working_days(happened, promise.offset_days)
    else:
        due = happened + timedelta(days=promise.offset_days)
    return replace(started, due=due, rolled=_rolled(due, settings, calendar))


def _date(
    promise: Promise, standing: Standing, event: Event, settings: PlanSettings, calendar: WorkCalendar
) -> Standing | Refusal:
    if promise.due is not None:
        return Refusal("Kế hoạch đã ghi thời hạn; muốn lùi thì dùng “cho gia hạn”")
    if event.day is None:
        return Refusal("Phải ghi ngày hết hạn")
    return replace(standing, due=event.day, rolled=_rolled(event.day, settings, calendar))


def _snooze(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing | Refusal:
    if event.day is None:
        return Refusal("Phải ghi ngày nhắc lại")
    return replace(standing, snoozed_until=event.day)


def _reinstate(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing:
    return replace(standing, state=standing.withdrawn_from or opening(promise).state, withdrawn_from=None)


def _withdraw(promise: Promise, standing: Standing, event: Event, *_: object) -> Standing:
    return replace(standing, state=State.WITHDRAWN, withdrawn_from=standing.state)


_MOVES: dict[EventKind, _Move] = {
    EventKind.RECEIVED: _to(State.RECEIVED),
    EventKind.PROGRESS: _to(State.IN_PROGRESS),
    EventKind.DONE: _done,
    EventKind.EXTENSION: _ask_extension,
    EventKind.DECLINED: _to(State.DECLINED),
    EventKind.CONFIRM: _confirm,
    EventKind.RETURN: _return,
    EventKind.EXTEND: _extend,
    EventKind.REFUSE: _refuse,
    EventKind.WITHDRAW: _withdraw,
    EventKind.REINSTATE: _reinstate,
    EventKind.TRIGGER: _trigger,
    EventKind.DATE: _date,
    EventKind.SNOOZE: _snooze,
}
