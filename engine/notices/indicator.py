"""What rules conclude about an indicator (chỉ tiêu): one unit's row of a target table, on one day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.model.facts import PlanFacts
from engine.notices.digest import Item
from engine.notices.notice import Book, Notice
from engine.notices.raising import NO_DEADLINE, of_unit
from engine.numbers import written
from engine.ruleset.rule import Finding, Rule, occasion_key
from engine.tracking.situations import IndicatorSituation
from engine.tracking.watched import Watched, situation_of_indicator, weeks_left
from engine.workdays import MissingYear, WorkCalendar

_CENT = Decimal("0.01")


def situate_indicators(
    book: Book, calendar: WorkCalendar, today: date
) -> Iterator[tuple[Watched, IndicatorSituation]]:
    """Those of plans in force today; one that the calendar cannot count is passed over."""
    for each in book.indicators.values():
        if each.plan not in book.plans or not each.starts <= today <= each.ends:
            continue
        known = book.registry.units.get(each.unit)
        try:
            yield each, situation_of_indicator(each, known.level if known else "none", today, calendar)
        except MissingYear:
            continue


def raise_indicator_notices(
    watched: Watched, findings: Sequence[tuple[Rule, Finding]], book: Book, today: date
) -> Iterator[Notice]:
    """One notice for each unit that each finding wants told. A silence counts afresh after each number;
    everything else hangs on the last day."""
    plan: PlanFacts = book.plans[watched.plan]
    for rule, finding in findings:
        silent = rule.occasions is not None and rule.occasions.fact == "days_silent"
        occasion = occasion_key(
            rule, finding.occasion, last_word=watched.counts_from, reported=None, day=today
        )
        for role in finding.tell:
            for unit in of_unit(watched.unit, role, plan, book, today):
                yield Notice(
                    rule=rule.id,
                    subject=watched.id,
                    deadline=NO_DEADLINE if silent else watched.ends.isoformat(),
                    recipient=unit,
                    occasion=occasion,
                    role=role,
                    tone=finding.tone,
                    why=finding.why,
                )


# --- words -------------------------------------------------------------------------------------------------


def worded(item: Item, book: Book, today: date) -> Item:
    """The item with the words of its indicator; as it was when it is about something else."""
    watched = book.indicators.get(item.notice.subject)
    if watched is None:
        return item
    title = f"{watched.name} ({book.registry.full_name(watched.unit)})"
    ask = () if item.notice.recipient != watched.unit else ("Báo số liệu tại đường dẫn của đơn vị",)
    return replace(item, title=title, details=(figures_words(watched, today), *ask))


def figures_words(watched: Watched, today: date) -> str:
    """ "76,7 % / chỉ tiêu 80 % (thiếu 3,3 điểm), còn 8 tuần; số liệu gần nhất: tháng 4 năm 2023" """
    weeks = weeks_left(watched, today)
    left = f"còn {weeks} tuần" if today < watched.ends else "hôm nay là ngày cuối"
    unit = " %" if watched.in_percent else ""
    target = "không có chỉ tiêu"
    if watched.target is not None:
        target = f"chỉ tiêu {'không quá ' if watched.at_most else ''}{_number(watched.target)}{unit}"
    if watched.value is None:
        return f"chưa có số liệu / {target}, {left}"
    # Rounded so that what is missing never looks met.
    value = watched.value.quantize(_CENT, ROUND_CEILING if watched.at_most else ROUND_FLOOR)
    text = f"{_number(value)}{unit} / {target}"
    if watched.gap:
        verb = "vượt" if watched.at_most else "thiếu"
        missing = _number(watched.gap.quantize(_CENT, ROUND_CEILING))
        text += f" ({verb} {missing}{' điểm' if watched.in_percent else ''})"
    elif watched.target is not None:
        text += " (đã đạt)"
    return f"{text}, {left}; số liệu gần nhất: {watched.window}"


def _number(value: Decimal) -> str:
    return written(value)
