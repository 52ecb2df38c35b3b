"""Why a notice was sent, why none was, what a rule says: one Vietnamese paragraph each, with the rule, the
dates and the arithmetic."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from sqlalchemy.engine import Connection

from engine.day import trace
from engine.errors import DondocError
from engine.explain_indicator import about_indicator, explain_indicator_silence
from engine.explain_office import about_office, explain_office_silence
from engine.indicator_watch import as_of
from engine.notices.digest import MOST_LETTERS, MOST_UNITS
from engine.notices.notice import OFFICE_SUBJECTS, UNIT_SUBJECT, Book, Drop, Notice, NoticeKey
from engine.notices.wording import day_name, due_words, standing_words
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.reasons import describe, met, role_name, unmet
from engine.ruleset.rule import Rule
from engine.store import views
from engine.store.events import unknown_assignment
from engine.store.messages import notices
from engine.store.messages.deliveries import delivery_words
from engine.store.messages.notices import Stored
from engine.summaries import office_facts
from engine.tracking.assess import Tracked, assess, situation_of
from engine.tracking.counted import how_counted
from engine.tracking.progress import STATE_NAMES
from engine.tracking.situations import Situation, neutral_situation
from engine.tracking.watched import Watched
from engine.workdays import MissingYear, WorkCalendar

NOTICE_STATES = {
    "pending": "đang chờ đưa vào tin",
    "composed": "đã đưa vào tin",
    "superseded": "không gửi vì đã có dịp nhắc mới hơn",
    "withdrawn": "không gửi vì khi đến giờ gửi lý do không còn nữa",
    "unwanted": "không gửi vì người nhận không nhận tin chỉ để biết",
}

NEAREST_RULES = 3
"""Rules that came nearest to speaking and are named where none did."""

LOOK_AHEAD = 400
"""Days in which the next notice is looked for."""


def explain_stored(
    connection: Connection, numbers: Sequence[int], ruleset: RuleSet, book: Book, calendar: WorkCalendar
) -> list[tuple[Stored, str]]:
    """The notices with these numbers, each with why it was raised; unknown numbers are passed over."""
    found = [s for number in numbers if (s := notices.find(connection, number)) is not None]
    subjects: dict[date, set[str]] = {}
    for each in found:
        if not each.notice.subject.startswith(UNIT_SUBJECT):
            subjects.setdefault(each.day, set()).add(each.notice.subject)
    stopped = office_facts(connection).stopped
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
                stopped,
                as_of(connection, known, s.day) if (known := book.indicators.get(s.notice.subject)) else None,
            ),
        )
        for s in found
    ]


def explain_silence(
    connection: Connection, assignment: str, day: date, ruleset: RuleSet, book: Book, calendar: WorkCalendar
) -> str:
    """Why ``day`` brought no notice about an assignment, or which it did. DondocError for an unknown
    assignment, with the nearest; MissingYear for a day without a calendar. Also about an office
    ("office:UNIT", "leader:UNIT") or an indicator ("PLAN/indicator")."""
    if assignment.startswith(tuple(OFFICE_SUBJECTS.values())) and assignment.count(":") == 1:
        return explain_office_silence(connection, assignment, day, ruleset, book, calendar)
    if "/" in assignment and ":" not in assignment:
        return explain_indicator_silence(connection, assignment, day, ruleset, book, calendar)
    now = views.tracked(connection, book.registry, ids=[assignment])
    if not now:
        raise DondocError(unknown_assignment(connection, assignment))
    then = views.tracked_as_of(connection, book.registry, calendar, day, ids=[assignment]) or now
    told = notices.of_subject(connection, assignment)
    return why_not(then[0], ruleset, book, calendar, day, told)


def explain_rule_named(id: str, ruleset: RuleSet) -> str | None:
    """What the rule with this id says; None when there is none."""
    rule = ruleset.by_id.get(id)
    return describe(rule) if rule else None


def explain(
    stored: Stored,
    tracked: Tracked | None,
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    delivery: str,
    stopped: Mapping[str, date] = MappingProxyType({}),
    watched: Watched | None = None,
) -> str:
    """Why the notice was raised; ``tracked`` as it stood on that day (None for a whole unit).

    ``delivery`` says what became of its message, ``stopped`` which channels stand still now,
    ``watched`` is the indicator on that day.
    """
    notice = stored.notice
    rule = ruleset.by_id.get(notice.rule)
    told = f"{book.registry.full_name(notice.recipient)} ({role_name(notice.role.value)})"
    parts = [f"Thông báo số {stored.id} cho {told}, lập {day_name(stored.day)}."]
    if notice.is_chase:
        parts.append(f"{notice.why}. Đây là việc văn phòng trực tiếp đôn đốc, không theo luật nào.")
    else:
        parts.append(f"Luật “{notice.rule}”: {notice.why}.")
    if tracked is not None:
        parts.extend(_about_assignment(notice, tracked, rule, ruleset, book, calendar, stored.day))
    elif notice.is_of_indicator:
        parts.extend(about_indicator(watched, rule, book, calendar, stored.day))
    else:
        many = about_office(notice, rule, book, calendar, stored.day, stopped) if notice.is_of_office else ()
        parts.extend(many or _about_unit(notice, rule, book))
    if rule is None and not notice.is_chase:
        parts.append("Luật này không còn trong thư mục rules/.")
    state = NOTICE_STATES.get(stored.state, stored.state)
    parts.append(f"Tình trạng: {state}." + (f" {stored.reason}." if stored.reason else ""))
    return " ".join([*parts, delivery]).strip()


def _about_assignment(
    notice: Notice,
    tracked: Tracked,
    rule: Rule | None,
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    day: date,
) -> list[str]:
    """The task, its dates on that day, and how the rule came to speak."""
    parts = [_task_words(tracked, book), _dates_words(tracked, calendar, day)]
    situation = trace(tracked, ruleset, book, calendar, day, ())[0]
    if rule is None or situation is None or notice.is_chase:
        return parts
    counted = _arithmetic(rule, tracked, book, calendar, day)
    return [*parts, *counted, f"{met(rule, situation)}."]


def _about_unit(notice: Notice, rule: Rule | None, book: Book) -> list[str]:
    """A notice about a whole unit: what was counted there."""
    unit = notice.subject.partition(":")[2]
    parts = [f"Về cả đơn vị {book.registry.full_name(unit)}."]
    reached = notice.occasion.partition("@")[0].partition(":")[2]
    if rule is not None and rule.about == "unit" and reached.isdigit():
        parts.append(f"{met(rule, neutral_situation('unit', {'overdue': int(reached)}))}.")
    return parts


def why_not(
    tracked: Tracked, ruleset: RuleSet, book: Book, calendar: WorkCalendar, day: date, told: list[Stored]
) -> str:
    """Why ``day`` brought no notice about an assignment (``tracked`` as it stood then) — or which it did.

    ``told`` are the notices already in the database about it. Raises MissingYear.
    """
    plan = book.plan_of(tracked)
    parts = [f"{_capital(day_name(day))}.", _task_words(tracked, book)]
    before = [s for s in told if s.day < day]
    on_day = [s for s in told if s.day == day]
    known = {s.notice.key for s in before}
    situation, fresh, dropped = trace(tracked, ruleset, book, calendar, day, known)
    if situation is None and day >= plan.starts:
        situation = situation_of(tracked, day, calendar, plan.starts)  # MissingYear says what is missing
    if situation is None:
        parts.append(f"Kế hoạch có hiệu lực từ {day_name(plan.starts)}, nên trước đó không nhắc.")
        return " ".join(parts)
    parts.append(f"Trạng thái: {STATE_NAMES[tracked.standing.state]}. {_dates_words(tracked, calendar, day)}")
    off = calendar.reason_off(day)
    if off is not None:
        parts.append(f"Ngày này không gửi tin vì là ngày nghỉ ({off}); tin chờ đến ngày làm việc kế tiếp.")
    parts.extend(f"Có thông báo số {s.id} {_by_whom(s)} trong ngày này." for s in on_day)
    spoke = {s.notice.key for s in on_day}
    unsaid = [notice for notice in fresh if notice.key not in spoke]
    for id, units in _by_rule(unsaid).items():
        names = _names(units, book)
        parts.append(f"Luật “{id}” có điều để báo cho {names}, nhưng chưa có lượt xét nào trong ngày.")
    parts.extend(_dropped_words(dropped, before, ruleset, situation, tracked, book, calendar, day))
    if not fresh and not dropped and not on_day:
        parts.extend(_nearest(ruleset, situation, tracked, book, calendar, day))
    if not fresh:
        told_by_then = known | {s.notice.key for s in on_day}
        parts.append(_next_time(tracked, ruleset, book, calendar, day, told_by_then))
    return " ".join(parts)


def _by_rule(notices: Sequence[Notice]) -> dict[str, list[str]]:
    """The recipients of each rule, each once."""
    found: dict[str, list[str]] = {}
    for notice in notices:
        units = found.setdefault(notice.rule, [])
        if notice.recipient not in units:
            units.append(notice.recipient)
    return found


def _names(units: Sequence[str], book: Book) -> str:
    named = ", ".join(map(book.registry.full_name, units[:MOST_UNITS]))
    return named if len(units) <= MOST_UNITS else f"{named} và {len(units) - MOST_UNITS} nơi khác"


def _dropped_words(
    dropped: Sequence[Drop],
    before: Sequence[Stored],
    ruleset: RuleSet,
    situation: Situation,
    tracked: Tracked,
    book: Book,
    calendar: WorkCalendar,
    day: date,
) -> Iterator[str]:
    """What each rule would have said and why it did not, with the sum behind it once for each fact."""
    alike: dict[tuple[str, str], list[Drop]] = {}
    for drop in dropped:
        alike.setdefault((drop.notice.rule, drop.reason), []).append(drop)
    summed: set[str] = set()
    for (id, reason), drops in alike.items():
        rule = ruleset.by_id[id]
        names = _names(list(dict.fromkeys(drop.notice.recipient for drop in drops)), book)
        keys = {drop.notice.key for drop in drops}
        when = [s for s in before if s.notice.key in keys]
        numbers = ", ".join(str(s.id) for s in when[:MOST_UNITS])
        said = f" (thông báo số {numbers}, {day_name(when[0].day)})" if when else ""
        yield f"Luật “{id}” cho {names}: {reason}{said}."
        if rule.occasions is not None and rule.occasions.fact not in summed:
            summed.add(rule.occasions.fact)
            yield from _arithmetic(rule, tracked, book, calendar, day)
        yield f"{met(rule, situation)}."


def _nearest(
    ruleset: RuleSet, situation: Situation, tracked: Tracked, book: Book, calendar: WorkCalendar, day: date
) -> list[str]:
    """Which rules came nearest to speaking, and what kept each of them from it."""
    rules = [rule for rule in ruleset.rules if rule.about == "assignment"]
    missed = sorted(((unmet(rule, situation), rule) for rule in rules), key=lambda pair: len(pair[0]))
    parts = ["Không luật nào áp dụng."]
    for reasons, rule in missed[:NEAREST_RULES]:
        counted = "".join(
            f" ({text.rstrip('.')})" for text in _arithmetic(rule, tracked, book, calendar, day)
        )
        parts.append(f"Luật “{rule.id}” chưa khớp: {'; '.join(reasons)}{counted}.")
    if len(missed) > NEAREST_RULES:
        parts.append(f"{len(missed) - NEAREST_RULES} luật còn lại xét trường hợp khác hẳn.")
    return parts


def _next_time(
    tracked: Tracked,
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    day: date,
    told: Collection[NoticeKey],
) -> str:
    """The next working day that would bring a notice if nobody says anything."""
    try:
        for offset in range(1, LOOK_AHEAD):
            later = day + timedelta(days=offset)
            if not calendar.is_working_day(later):
                continue
            fresh = trace(tracked, ruleset, book, calendar, later, told)[1]
            if fresh:
                named = ", ".join(dict.fromkeys(f"“{notice.rule}”" for notice in fresh))
                return f"Nếu không có gì thay đổi, lần nhắc tới là {day_name(later)}, theo luật {named}."
    except MissingYear as error:
        return f"Nếu không có gì thay đổi thì không có lần nhắc nào nữa trước năm {error.year}."
    return "Nếu không có gì thay đổi thì hơn một năm tới không có lần nhắc nào."


def _task_words(tracked: Tracked, book: Book) -> str:
    task = book.task_of(tracked)
    unit = book.registry.full_name(tracked.promise.unit)
    title = " ".join(task.heading(tracked.promise.milestone).split())
    if len(title) > MOST_LETTERS:
        title = title[: MOST_LETTERS - 1].rstrip() + "…"
    return f"Nhiệm vụ: {title} [{tracked.promise.id}], chủ trì: {unit}."


def _dates_words(tracked: Tracked, calendar: WorkCalendar, day: date) -> str:
    seen = assess(tracked, day, calendar)
    due = due_words(seen)
    return _capital((f"hạn {due}; " if due else "") + f"ngày đó {standing_words(tracked, seen)}.")


def _arithmetic(rule: Rule, tracked: Tracked, book: Book, calendar: WorkCalendar, day: date) -> list[str]:
    """The sum behind the number that the rule's occasions count, as a sentence."""
    if rule.occasions is None:
        return []
    text = how_counted(rule.occasions.fact, tracked, day, calendar, book.plan_of(tracked).starts)
    return [f"{_capital(text)}."] if text else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _by_whom(stored: Stored) -> str:
    return "do văn phòng đôn đốc" if stored.notice.is_chase else f"theo luật “{stored.notice.rule}”"
