"""Why a notice about an indicator was raised, and why a day brought none: rule, dates and arithmetic."""

from __future__ import annotations

from datetime import date

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.indicator_watch import as_of
from engine.notices.indicator import figures_words, raise_indicator_notices
from engine.notices.notice import Book
from engine.notices.wording import day_name
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.reasons import met, unmet
from engine.ruleset.rule import Rule
from engine.store.messages import notices
from engine.tracking.watched import Watched, situation_of_indicator
from engine.workdays import MissingYear, WorkCalendar


def about_indicator(
    watched: Watched | None, rule: Rule | None, book: Book, calendar: WorkCalendar, day: date
) -> list[str]:
    """The indicator as it stood at the end of ``day``, and how the rule came to speak."""
    if watched is None:
        return ["Về một chỉ tiêu của kế hoạch."]
    parts = [_figures(watched, book, day)]
    if rule is None:
        return parts
    try:
        situation = situation_of_indicator(watched, _level(watched, book), day, calendar)
    except MissingYear:
        return parts
    if missed := unmet(rule, situation):
        return [*parts, f"Tính đến hết ngày đó thì luật không còn khớp: {'; '.join(missed)}."]
    return [*parts, f"{met(rule, situation)}."]


def explain_indicator_silence(
    connection: Connection, subject: str, day: date, ruleset: RuleSet, book: Book, calendar: WorkCalendar
) -> str:
    """Why ``day`` brought no notice about an indicator ("PLAN/indicator"), or which it did. DondocError for
    an unknown one; MissingYear."""
    known = book.indicators.get(subject)
    if known is None:
        raise DondocError(f"Không có chỉ tiêu nào mang mã “{subject}”. Xem mã ở: dondoc report indicators")
    watched = as_of(connection, known, day)
    name = day_name(day)
    parts = [f"{name[:1].upper()}{name[1:]}. {_figures(watched, book, day)}"]
    if not watched.starts <= day <= watched.ends:
        span = f"từ {day_name(watched.starts)} đến {day_name(watched.ends)}"
        return f"{parts[0]} Luật về chỉ tiêu chỉ xét {span}, nên ngày này không nhắc."
    if off := calendar.reason_off(day):
        parts.append(f"Ngày này không gửi tin vì là ngày nghỉ ({off}); tin chờ đến ngày làm việc kế tiếp.")
    situation = situation_of_indicator(watched, _level(watched, book), day, calendar)
    told = notices.of_subject(connection, subject)
    findings = ruleset.evaluate([situation])[situation]
    spoke = [(ruleset.by_id[finding.rule_id], finding) for finding in findings]
    raised = {n.rule: n for n in raise_indicator_notices(watched, spoke, book, day)}
    for rule in ruleset.rules:
        if rule.about != "indicator":
            continue
        notice = raised.get(rule.id)
        if notice is None:
            parts.append(f"Luật “{rule.id}” chưa khớp: {'; '.join(unmet(rule, situation))}.")
            continue
        before = [s for s in told if s.notice.key == notice.key and s.day <= day]
        if not before:
            parts.append(f"Luật “{rule.id}” có điều để báo, nhưng chưa có lượt xét nào trong ngày.")
        elif before[0].day == day:
            parts.append(f"Có thông báo số {before[0].id} theo luật “{rule.id}” trong ngày.")
        else:
            said = f"thông báo số {before[0].id}, {day_name(before[0].day)}"
            parts.append(f"Luật “{rule.id}” đã báo dịp này rồi ({said}), mỗi dịp chỉ một lần.")
    return " ".join(parts)


def _figures(watched: Watched, book: Book, day: date) -> str:
    unit = book.registry.full_name(watched.unit)
    since = "có số liệu gần nhất" if watched.measured_on else "kế hoạch có hiệu lực"
    counted = f"ngày im lặng tính từ khi {since}, {day_name(watched.counts_from)}"
    return f"Chỉ tiêu “{watched.name}” của {unit}: {figures_words(watched, day)}; {counted}."


def _level(watched: Watched, book: Book) -> str:
    unit = book.registry.units.get(watched.unit)
    return unit.level if unit else "none"
