"""Why a notice was sent, and why none was: Vietnamese, with the rule, the dates and the arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.engine import Connection

from engine.day import trace
from engine.errors import DondocError
from engine.notices.notice import UNIT_SUBJECT, Book
from engine.notices.wording import day_name, due_words, standing_words
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.reasons import explain_rule
from engine.store import views
from engine.store.events import unknown_assignment
from engine.store.messages import notices
from engine.store.messages.deliveries import delivery_words
from engine.store.messages.notices import Stored
from engine.tracking.assess import Tracked, assess, situation_of
from engine.tracking.progress import STATE_NAMES
from engine.tracking.situations import neutral_situation
from engine.workdays import WorkCalendar

NOTICE_STATES = {
    "pending": "đang chờ đưa vào tin",
    "composed": "đã đưa vào tin",
    "superseded": "không gửi vì đã có dịp nhắc mới hơn",
    "withdrawn": "không gửi vì khi đến giờ gửi lý do không còn nữa",
}


def explain_stored(
    connection: Connection, numbers: Sequence[int], ruleset: RuleSet, book: Book, calendar: WorkCalendar
) -> list[tuple[Stored, str]]:
    """The notices with these numbers, each with why it was raised; unknown numbers are passed over."""
    found = [s for number in numbers if (s := notices.find(connection, number)) is not None]
    subjects: dict[date, set[str]] = {}
    for each in found:
        if not each.notice.subject.startswith(UNIT_SUBJECT):
            subjects.setdefault(each.day, set()).add(each.notice.subject)
    then = {
        (day, t.promise.id): t
        for day, ids in subjects.items()
        for t in views.tracked_as_of(connection, book.registry, calendar, day, ids=sorted(ids))
    }
    return [
        (
            s,
            explain(
                s,
                then.get((s.day, s.notice.subject)),
                ruleset,
                book,
                calendar,
                delivery_words(connection, s.id),
            ),
        )
        for s in found
    ]


def explain_silence(
    connection: Connection, assignment: str, day: date, ruleset: RuleSet, book: Book, calendar: WorkCalendar
) -> str:
    """Why ``day`` brought no notice about an assignment, or which it did. DondocError for an unknown
    assignment, with the nearest; MissingYear for a day without a calendar."""
    now = views.tracked(connection, book.registry, ids=[assignment])
    if not now:
        raise DondocError(unknown_assignment(connection, assignment))
    then = views.tracked_as_of(connection, book.registry, calendar, day, ids=[assignment]) or now
    told = notices.of_subject(connection, assignment)
    return why_not(then[0], ruleset, book, calendar, day, told)


def explain(
    stored: Stored,
    tracked: Tracked | None,
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    delivery: str,
) -> str:
    """Why the notice was raised; ``tracked`` as it stood on that day (None for a whole unit).

    ``delivery`` says what became of its message.
    """
    notice = stored.notice
    rule = ruleset.by_id.get(notice.rule)
    told = book.registry.full_name(notice.recipient)
    ground = f"Luật “{notice.rule}”: {notice.why}. Dịp nhắc: {_occasion_words(notice.occasion)}."
    if notice.is_chase:
        ground = f"{notice.why}. Đây là việc văn phòng trực tiếp đôn đốc, không theo luật nào."
    lines = [f"Thông báo số {stored.id} cho {told}, lập {day_name(stored.day)}.", ground]
    if tracked is not None:
        seen = assess(tracked, stored.day, calendar)
        task = book.task_of(tracked)
        lines.append(f"Nhiệm vụ: {task.heading(tracked.promise.milestone)} [{tracked.promise.id}].")
        due = due_words(seen)
        lines.append((f"Hạn {due}; " if due else "") + f"ngày đó {standing_words(tracked, seen)}.")
        situation = trace(tracked, ruleset, book, calendar, stored.day, ())[0]
        if rule is not None and situation is not None and not notice.is_chase:
            lines.extend(explain_rule(rule, situation))
    else:
        unit = notice.subject.removeprefix(UNIT_SUBJECT)
        lines.append(f"Về cả đơn vị {book.registry.full_name(unit)}.")
        reached = notice.occasion.partition("@")[0].partition(":")[2]
        if rule is not None and reached.isdigit():
            lines.extend(explain_rule(rule, neutral_situation("unit", {"overdue": int(reached)})))
    if rule is None and not notice.is_chase:
        lines.append("Luật này không còn trong thư mục rules/.")
    state = NOTICE_STATES.get(stored.state, stored.state)
    lines.append(f"Tình trạng: {state}. {stored.reason} {delivery}".strip())
    return "\n".join(lines)


def why_not(
    tracked: Tracked, ruleset: RuleSet, book: Book, calendar: WorkCalendar, day: date, told: list[Stored]
) -> str:
    """Why ``day`` brought no notice about an assignment (``tracked`` as it stood then) — or which it did.

    ``told`` are the notices already in the database about it. Raises MissingYear.
    """
    task, plan = book.task_of(tracked), book.plan_of(tracked)
    lines = [f"Nhiệm vụ: {task.heading(tracked.promise.milestone)} [{tracked.promise.id}], {day_name(day)}."]
    before = [s for s in told if s.day < day]
    on_day = [s for s in told if s.day == day]
    situation, fresh, dropped = trace(tracked, ruleset, book, calendar, day, {s.notice.key for s in before})
    if situation is None and day >= plan.starts:
        situation = situation_of(tracked, day, calendar, plan.starts)  # MissingYear says what is missing
    if situation is None:
        lines.append(f"Kế hoạch có hiệu lực từ {day_name(plan.starts)}, nên trước đó không nhắc.")
        return "\n".join(lines)
    seen = assess(tracked, day, calendar)
    due = due_words(seen)
    lines.append(
        f"Trạng thái: {STATE_NAMES[tracked.standing.state]}. "
        + (f"Hạn {due}; " if due else "")
        + f"{standing_words(tracked, seen)}."
    )
    off = calendar.reason_off(day)
    if off is not None:
        lines.append(f"Ngày này không gửi tin vì là ngày nghỉ ({off}); tin chờ đến ngày làm việc kế tiếp.")
    lines.extend(f"Có thông báo số {s.id} {_by_whom(s)} trong ngày này." for s in on_day)
    keys = {s.notice.key for s in on_day}
    for notice in fresh:
        if notice.key not in keys:
            to = book.registry.full_name(notice.recipient)
            lines.append(
                f"Luật “{notice.rule}” có điều để báo cho {to}, nhưng chưa có lượt xét nào trong ngày."
            )
    for drop in dropped:
        when = next((s for s in before if s.notice.key == drop.notice.key), None)
        said = f" (thông báo số {when.id}, {day_name(when.day)})" if when else ""
        to = book.registry.full_name(drop.notice.recipient)
        lines.append(f"Luật “{drop.notice.rule}” cho {to}: {drop.reason}{said}.")
    if not fresh and not dropped and not on_day:
        lines.append("Không luật nào áp dụng:")
        for rule in ruleset.rules:
            if rule.about != "assignment":
                continue
            failed = [line for line in explain_rule(rule, situation) if line.startswith("✗")]
            lines.append(f"- {rule.id}: {failed[0].removeprefix('✗ ')}" if failed else f"- {rule.id}")
    return "\n".join(lines)


def _by_whom(stored: Stored) -> str:
    return "do văn phòng đôn đốc" if stored.notice.is_chase else f"theo luật “{stored.notice.rule}”"


def _occasion_words(occasion: str) -> str:
    name, _, rest = occasion.partition("@")
    fact, _, threshold = name.partition(":")
    words = {
        "days_left": f"còn {threshold} ngày làm việc",
        "days_late": f"quá hạn {threshold} ngày làm việc",
        "days_silent": f"đơn vị im lặng {threshold} ngày làm việc",
        "days_waiting": f"chờ xác nhận {threshold} ngày làm việc",
        "opens_in": f"kỳ mở sau {threshold} ngày làm việc",
        "age": f"{threshold} ngày làm việc từ khi giao",
        "overdue": f"từ {threshold} nhiệm vụ quá hạn",
    }
    return words.get(fact, "một lần") + (f" (tính từ {rest})" if rest else "")
