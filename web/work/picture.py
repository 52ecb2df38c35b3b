"""How one assignment stands, in words: what its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.model.assignment import Extension, Promise, Standing, State, Timeliness
from engine.model.event import UNIT_KINDS, Event, EventKind
from engine.notices.notice import Book
from engine.notices.wording import day_name, period_name
from engine.store.messages import notices, outbox
from engine.store.work.dossiers import Contribution, Dossier, Numbered, Proof, Told
from engine.tracking.assess import Assessment, Tracked, assess
from engine.tracking.next_step import next_step
from engine.tracking.progress import EVENT_NAMES, limit
from engine.workdays import MissingYear, WorkCalendar
from web.wording import instant

_DAYS = {
    EventKind.EXTENSION: "đến ngày",
    EventKind.EXTEND: "đến ngày",
    EventKind.TRIGGER: "xảy ra ngày",
    EventKind.DATE: "thời hạn",
    EventKind.SNOOZE: "nhắc lại từ ngày",
}
_SENDING = {
    outbox.QUEUED: "đang chờ gửi",
    outbox.SENDING: "đang gửi",
    outbox.FAILED: "không gửi được",
    outbox.NO_ADDRESS: "đơn vị chưa có địa chỉ liên hệ",
}
_UNSENT = {
    notices.PENDING: "chờ đưa vào tin",
    notices.COMPOSED: "đã đưa vào tin",
    notices.SUPERSEDED: "không gửi",
    notices.WITHDRAWN: "không gửi",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the history."""

    number: int
    what: str
    who: str
    at: str
    details: tuple[str, ...]
    words: str
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Helper:
    """A coordinating unit, and what it said of its part (None: nothing yet)."""

    name: str
    contribution: Contribution | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message about the assignment, or one that was not sent."""

    day: date
    to: str
    why: str
    rule: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything about one assignment, worded."""

    tracked: Tracked
    seen: Assessment | None
    missing_year: int | None
    title: str
    lead: str
    answering: str
    worded: str
    due: tuple[str, ...]
    lateness: str
    helpers: tuple[Helper, ...]
    history: tuple[Said, ...]
    extensions: int
    reminders: tuple[Reminder, ...]
    next_step: str
    product: str


def picture(found: Dossier, book: Book, calendar: WorkCalendar, today: date) -> Picture:
    """How an assignment stands today, in words."""
    tracked = found.tracked
    promise = tracked.promise
    task, plan = book.task_of(tracked), book.plan_of(tracked)
    seen, missing = judged(tracked, today, calendar)
    answering = book.answering(promise.unit, plan, today)
    period = period_name(promise.period)
    return Picture(
        tracked=tracked,
        seen=seen,
        missing_year=missing,
        title=task.heading(promise.milestone) + (f" (kỳ {period})" if period else ""),
        lead=book.registry.full_name(promise.unit),
        answering=book.registry.full_name(answering) if answering != promise.unit else "",
        worded=_worded(promise, task.milestones, task.deadline_text),
        due=due_lines(promise, tracked.standing, calendar, rolls=plan.settings.roll),
        lateness=lateness(tracked, seen),
        helpers=_helpers(found, book),
        history=tuple(said(each, found.proofs) for each in reversed(found.history)),
        extensions=sum(each.event.kind is EventKind.EXTEND for each in found.history),
        reminders=tuple(_reminder(told, book) for told in reversed(found.told)),
        next_step=next_step(tracked, seen, today),
        product=task.product(promise.milestone),
    )


def judged(tracked: Tracked, today: date, calendar: WorkCalendar) -> tuple[Assessment | None, int | None]:
    """The assessment, or the year that the calendar lacks for it."""
    try:
        return assess(tracked, today, calendar), None
    except MissingYear as error:
        return None, error.year


def said(each: Numbered, proofs: tuple[Proof, ...] = ()) -> Said:
    """One event in words."""
    event = each.event
    return Said(
        number=each.number,
        what=EVENT_NAMES[event.kind],
        who=event.by or ("đơn vị" if event.kind in UNIT_KINDS else "văn phòng"),
        at=instant(event.at),
        details=_details(event),
        words=event.note or "",
        proofs=tuple(proof for proof in proofs if proof.event == each.number),
    )


def _details(event: Event) -> tuple[str, ...]:
    found = []
    if event.percent is not None:
        found.append(f"hoàn thành {event.percent}%")
    if event.document:
        found.append(f"văn bản {event.document}")
    if event.day is not None:
        found.append(f"{_DAYS.get(event.kind, 'ngày')} {day_name(event.day)}")
    if event.cures:
        found.append("coi như chưa từng quá hạn")
    return tuple(found)


def _worded(promise: Promise, milestones: tuple[tuple[str, str, str], ...], whole: str) -> str:
    if promise.milestone is not None and promise.milestone <= len(milestones):
        return milestones[promise.milestone - 1][1] or whole
    return whole


def due_lines(
    promise: Promise, standing: Standing, calendar: WorkCalendar, *, rolls: bool
) -> tuple[str, ...]:
    """The day in force, where it rolls to and why, and the days before it."""
    due, last = standing.due or promise.due, limit(promise, standing)
    lines = []
    if due is not None and last is not None:
        lines.append(_day_off(due, last, calendar, rolls=rolls))
    if standing.due is not None and promise.due is not None and standing.due != promise.due:
        lines.append(f"Thời hạn đầu tiên: {day_name(promise.due)}.")
    if standing.triggered_on is not None:
        lines.append(f"Tính từ sự kiện xảy ra {day_name(standing.triggered_on)}.")
    if due is None and promise.trigger and standing.state is State.DORMANT:
        lines.append(f"Tính từ khi: {promise.trigger}{_offset(promise)}.")
    if due is None and promise.ends is not None:
        lines.append(f"Thực hiện đến {day_name(promise.ends)}.")
    lines.extend(_extension(standing, due))
    return tuple(lines)


def _day_off(due: date, last: date, calendar: WorkCalendar, *, rolls: bool) -> str:
    try:
        reason = calendar.reason_off(due)
    except MissingYear as error:
        return f"{day_name(due)} (lịch làm việc chưa có năm {error.year})."
    why = "" if reason in (None, "Thứ Bảy", "Chủ nhật") else f" ({reason})"
    if last != due:
        return f"{day_name(due)}, là ngày nghỉ{why} nên tính đến hết {day_name(last)}."
    if reason is not None and not rolls:
        return f"{day_name(due)}, là ngày nghỉ{why}; kế hoạch này không lùi hạn."
    return f"{day_name(due)}."


def _offset(promise: Promise) -> str:
    if promise.offset_days is None:
        return ""
    unit = "ngày làm việc" if promise.offset_working else "ngày"
    return f", trong {promise.offset_days} {unit}"


def _extension(standing: Standing, due: date | None) -> list[str]:
    to = f" đến {day_name(standing.extension_to)}" if standing.extension_to else ""
    if standing.extension is Extension.PENDING:
        return [f"Đơn vị xin gia hạn{to}, đang chờ văn phòng trả lời."]
    if standing.extension is Extension.GRANTED:
        kept = standing.extension_to is not None and standing.extension_to != due
        late = " Cho sau khi đã quá hạn nên việc vẫn tính theo thời hạn trước." if kept else ""
        return [f"Đã cho gia hạn{to}.{late}"]
    if standing.extension is Extension.REFUSED:
        return ["Đề nghị gia hạn gần nhất không được chấp nhận."]
    return []


def lateness(tracked: Tracked, seen: Assessment | None) -> str:
    """How late, in working days with all days beside them; empty when not late."""
    if seen is None or seen.rolled is None:
        return ""
    standing = tracked.standing
    if seen.timeliness is Timeliness.OVERDUE:
        return f"chậm {seen.days_late} ngày làm việc ({-(seen.calendar_days or 0)} ngày)"
    if seen.timeliness is Timeliness.DONE_LATE:
        done = standing.confirmed_on if tracked.completion == "confirmed" else standing.reported_on
        days = (done - seen.rolled).days if done else 0
        return f"chậm {seen.days_late} ngày làm việc ({days} ngày)"
    if seen.days_left is not None and seen.calendar_days is not None:
        if seen.calendar_days == 0:
            return "hạn cuối là hôm nay"
        return seen.time_left
    return ""


def _helpers(found: Dossier, book: Book) -> tuple[Helper, ...]:
    told = {contribution.unit: contribution for contribution in found.contributions}
    units = dict.fromkeys((*book.task_of(found.tracked).coordinating_units, *told))
    return tuple(Helper(book.registry.full_name(unit), told.get(unit)) for unit in units)


def _reminder(told: Told, book: Book) -> Reminder:
    notice = told.notice
    outcomes = [
        f"đã gửi lúc {instant(sent_at)}" if sent_at else _SENDING.get(state, state)
        for state, sent_at in told.messages
    ]
    if not outcomes:
        reason = f": {notice.reason}" if notice.reason else ""
        outcomes = [_UNSENT.get(notice.state, notice.state) + reason]
    return Reminder(
        day=notice.day,
        to=book.registry.full_name(notice.notice.recipient),
        why=notice.notice.why,
        rule=notice.notice.rule,
        outcome="; ".join(dict.fromkeys(outcomes)),
    )
