"""Why an office was told of its own affairs (summaries, stopped channels), and why it was not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.notices.notice import OFFICE_SUBJECTS, Book, Notice
from engine.notices.office import Office, OfficeFacts, offices_of, raise_office_notices, situation_of_office
from engine.notices.period import period_of
from engine.notices.wording import day_name
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.reasons import describe, met, unmet
from engine.ruleset.rule import PERIODS, Role, Rule
from engine.store.messages import notices
from engine.store.messages.notices import Stored
from engine.summaries import office_facts
from engine.workdays import MissingYear, WorkCalendar
from notifiers.registry import kind_of


def about_office(
    notice: Notice,
    rule: Rule | None,
    book: Book,
    calendar: WorkCalendar,
    day: date,
    stopped: Mapping[str, date],
) -> list[str]:
    """The dates and the sum behind a notice of ``day``; ``stopped`` are the channels that stand still now."""
    unit = notice.subject.partition(":")[2]
    parts = [f"Về mọi kế hoạch mà {book.registry.full_name(unit)} theo dõi hoặc phụ trách."]
    if period := period_of(notice.occasion, calendar):
        parts.append(
            f"Tổng hợp từ {day_name(period.first)} đến {day_name(period.last)}, "
            f"gửi từ ngày làm việc đầu tiên sau đó."
        )
    began = _stopped_on(notice.occasion)
    facts = OfficeFacts()
    if began is not None:
        same = {channel: since for channel, since in stopped.items() if since == began}
        facts = OfficeFacts(same or {"": began})
        parts.append(_stop_words([*same], began, day, calendar))
    if rule is None:
        return parts
    office = Office(unit, notice.role, (), date.min)
    try:
        situation = situation_of_office(office, 0, facts, day, calendar)
    except MissingYear:
        return parts
    if unmet(rule, situation):  # what it counted is not known any more
        said = describe(rule).partition(". ")[2]
        return [*parts, said] if said else parts
    return [*parts, f"{met(rule, situation)}."]


def explain_office_silence(
    connection: Connection, subject: str, day: date, ruleset: RuleSet, book: Book, calendar: WorkCalendar
) -> str:
    """Why ``day`` brought an office ("office:UNIT", "leader:UNIT") no summary or warning, or which it did.
    Stopped channels are looked at as they are now. DondocError where nobody knows the unit."""
    prefix, _, unit = subject.partition(":")
    role = next(role for role, start in OFFICE_SUBJECTS.items() if start == f"{prefix}:")
    if unit not in book.registry.units:
        raise DondocError(f"Không có đơn vị nào mang mã “{unit}”. Xem mã ở: plans/units/")
    name = book.registry.full_name(unit)
    parts = [f"{_capital(day_name(day))}. Tin về chính văn phòng cho {name}."]
    in_force = [plan for plan in book.plans.values() if plan.starts <= day]
    office = next((o for o in offices_of(in_force, book, day) if (o.unit, o.role) == (unit, role)), None)
    if office is None:
        what = "theo dõi" if role is Role.MONITOR else "phụ trách"
        return f"{parts[0]} Đơn vị này không {what} kế hoạch nào có hiệu lực vào ngày đó, nên không có tin."
    if off := calendar.reason_off(day):
        parts.append(f"Ngày này không gửi tin vì là ngày nghỉ ({off}); tin chờ đến ngày làm việc kế tiếp.")
    facts = office_facts(connection)
    situation = situation_of_office(office, 0, facts, day, calendar)
    told = notices.of_subject(connection, subject)
    parts.extend(
        f"Có thông báo số {s.id} theo luật “{s.notice.rule}” trong ngày." for s in told if s.day == day
    )
    findings = ruleset.evaluate([situation])[situation]
    spoke = [(ruleset.by_id[finding.rule_id], finding) for finding in findings]
    raised = {n.rule: n for n in raise_office_notices(office, spoke, facts, day)}
    for rule in ruleset.rules:
        if rule.about == "office" and role in rule.tell:
            parts.extend(_of_rule(rule, raised.get(rule.id), told, unmet(rule, situation), day))
            if facts.stopped and rule.occasions is not None and rule.occasions.fact == "days_stopped":
                newest = max(facts.stopped.values())
                parts.append(_stop_words([*facts.stopped], newest, day, calendar))
    return " ".join(parts)


def _of_rule(
    rule: Rule, notice: Notice | None, told: Sequence[Stored], missed: Sequence[str], day: date
) -> list[str]:
    if notice is None:
        return [f"Luật “{rule.id}” chưa khớp: {'; '.join(missed)}."] if missed else []
    before = [s for s in told if s.notice.key == notice.key]
    if not before:
        return [f"Luật “{rule.id}” có điều để báo, nhưng chưa có lượt xét nào trong ngày."]
    if before[0].day == day:
        return []
    said = f"thông báo số {before[0].id}, {day_name(before[0].day)}"
    return [f"Luật “{rule.id}” đã báo kỳ này rồi ({said}), mỗi kỳ chỉ một lần."]


def _stop_words(channels: Sequence[str], began: date, day: date, calendar: WorkCalendar) -> str:
    """ "Kênh ZNS dừng từ thứ Tư 07/06/2023; từ hôm sau đến thứ Năm 08/06/2023 có 1 ngày làm việc." """
    kinds = ((channel, kind_of(channel)) for channel in channels)
    named = ", ".join(kind.title if kind else channel for channel, kind in kinds)
    said = f"Kênh {named} dừng" if named else "Có kênh gửi tin dừng"
    try:
        count = max(calendar.working_days_between(began, day), 0)
    except MissingYear:
        return f"{said} từ {day_name(began)}."
    return f"{said} từ {day_name(began)}; từ hôm sau đến {day_name(day)} có {count} ngày làm việc."


def _stopped_on(occasion: str) -> date | None:
    name, _, key = occasion.partition("@")
    if name.partition(":")[0] in {*PERIODS, *PERIODS.values()}:
        return None
    try:
        return date.fromisoformat(key)
    except ValueError:
        return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
