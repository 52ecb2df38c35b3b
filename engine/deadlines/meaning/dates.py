"""Timed parts of a cell: done by one day, or by several."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from engine.deadlines.meaning.calendar_days import DAY, Days, with_years
from engine.deadlines.meaning.lasting import recurring_from_periods, steady
from engine.deadlines.meaning.milestones import milestones
from engine.deadlines.meaning.named import authority
from engine.deadlines.meaning.setting import Setting
from engine.deadlines.meaning.windows import hour_of, window
from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import (
    Dated,
    Steady,
    Stretch,
    Timed,
)
from engine.model.deadline import Deadline, DeadlineKind

_JOINT = re.compile(r"(?:[\s,&+]|và\b)*", re.IGNORECASE)


def timed(node: Timed, setting: Setting) -> Deadline:
    """Periods with their binding word: a date, several dates, something in each, or from a day on."""
    _refuse_unclear(node)
    found = window(node, setting)
    if node.onward or _is_every(node, found):
        return recurring_from_periods(node, found, setting)
    if len(found) > 1:
        return _several(node, setting)
    if node.op in ("from", "after"):
        return steady(Steady(node.at, node.rule, (node,)), setting)
    return _due_by(node, found[0], setting)


def _refuse_unclear(node: Timed) -> None:
    first, months = node.stretches[0].first, node.stretches[0].first.number
    if first.bare and first.unit == "opening" and months in (1, 2, 4, 5):
        raise Unreadable(
            "two-readings",
            f"“{months} tháng” có thể là {months} tháng đầu năm, hoặc một khoảng {months} tháng.",
            f"Hãy ghi “{months} tháng đầu năm”, hoặc ghi tính từ ngày nào.",
            node.at,
        )
    if node.op == "before" and any(stretch.last for stretch in node.stretches):
        raise Unreadable(
            "two-readings",
            "“Trước” một khoảng thời gian: không rõ là trước khi bắt đầu hay trước khi kết thúc.",
            "Hãy ghi một ngày, ví dụ “trước ngày 15/6/2023”.",
            node.at,
        )


def _is_every(node: Timed, found: tuple[Days, ...]) -> bool:
    """Months or quarters apart ("tháng 3, 6, 9"), or all four quarters: something in each of them."""
    first = node.stretches[0].first
    if (
        first.unit not in ("month", "quarter")
        or node.op not in ("within", "by")
        or first.part not in (None, "last")
    ):
        return False
    if len({stretch.first.year for stretch in with_years(node.stretches)}) > 1:
        return False
    single = all(stretch.last is None for stretch in node.stretches)
    if single and node.periodic and len(node.stretches) > 1:
        return True
    return (len(found) > 1 and single) or len(node.stretches) == (4 if first.unit == "quarter" else 12)


def _several(node: Timed, setting: Setting) -> Deadline:
    stretches = with_years(node.stretches)
    ends = [(stretch.last or stretch.first).at[1] for stretch in stretches]
    starts = [node.at[0], *(_behind_joint(setting.text, end) for end in ends[:-1])]
    parts = tuple(
        replace(node, at=(start, end), stretches=(stretch,))
        for start, end, stretch in zip(starts, ends, stretches, strict=True)
    )
    return milestones(
        [("", _timed_alone(part, setting)) for part in parts], node.at, f"{node.rule}s", setting
    )


def _behind_joint(text: str, place: int) -> int:
    """Where the next words start behind a comma, "và", "&" or "+"."""
    joint = _JOINT.match(text, place)
    return joint.end() if joint else place


def _timed_alone(node: Timed, setting: Setting) -> Deadline:
    return _due_by(node, window(node, setting)[0], setting)


def _due_by(node: Timed, days: Days, setting: Setting) -> Deadline:
    only = node.stretches[0]
    half_yearly = only.first.bare and only.first.unit == "opening" and only.first.number in (3, 6)
    single_day = only.first.unit == "day" or only.first.part in ("first_day", "last_day", "last_working_day")
    unknown = only.first.unit == "issue" and not (setting.issued or setting.counts_from)
    opens = (
        days.opens and node.op == "within" and not unknown and not (single_day and days.first == days.last)
    )
    due, alt = days.last, None
    if node.op == "before":
        due, alt = _before(node, days, setting, single_day=single_day)
    elif only.short and only.last is not None and only.last.unit == "day":
        alt = due + DAY
        due, alt = (alt, due) if setting.inclusive else (due, alt)
    ends = node.op == "by" and (only.last or only.first).part == "last" and not node.rough
    again = node.noun_again and len(node.stretches) > 1
    notes = days.notes + (("Thời hạn ghi là dự kiến/khoảng.",) if node.rough else ())
    return Deadline(
        DeadlineKind.DATE,
        setting.words(node.at),
        start=days.first if opens else None,
        due=due,
        due_time=hour_of(node.clock),
        rolled=setting.rolled(due),
        alt_due=alt,
        alt_rolled=setting.rolled(alt),
        alt_kind=DeadlineKind.RECURRING if again or half_yearly else _also_continuous(node, setting),
        ambiguous=(days.rough and not ends) or node.rough or half_yearly,
        rule=node.rule,
        notes=() if ends else notes,
    )


def _before(node: Timed, days: Days, setting: Setting, *, single_day: bool) -> tuple[date, date | None]:
    if node.clock is not None:
        return days.last, None
    if not single_day:
        part = node.stretches[0].first.part
        return (days.last if part == "last" else days.first - DAY), None
    due, alt = days.first - DAY, days.first
    return (alt, due) if setting.inclusive else (due, alt)


def _also_continuous(node: Timed, setting: Setting) -> DeadlineKind | None:
    """ "Trong năm 2023", "7 tháng cuối năm", "từ nay đến …": the author may mean all the while."""
    first = node.stretches[0].first
    if first.unit == "issue" or (first.unit == "closing" and first.number not in (3, 6, 9)):
        return DeadlineKind.CONTINUOUS
    alone = first.unit == "year" and first.part is None and node.stretches[0].last is None
    inside = setting.text[node.at[0] : first.at[0]].strip().casefold().startswith("trong")
    return DeadlineKind.CONTINUOUS if alone and inside and node.op == "within" else None


def dated(node: Dated, setting: Setting) -> Deadline:
    """A date with the period around it ("Quý II (trước ngày 15/6)") or the document that it comes from."""
    main, inside = node.timed, node.inside
    if inside is not None:
        main = replace(main, stretches=_years_from(main.stretches, inside))
    read = timed(main, setting)
    if node.authority is not None:
        read = replace(read, authority=authority(node.authority, setting), alt_kind=DeadlineKind.EXTERNAL)
    if inside is not None and read.kind is DeadlineKind.DATE and read.due is not None:
        start = window(inside, setting)[0].first
        if start > read.due:
            raise Unreadable(
                "reversed",
                f"Hạn {read.due:%d/%m/%Y} đứng trước lúc bắt đầu {start:%d/%m/%Y}.",
                "Hãy kiểm tra lại hai thời điểm.",
                node.at,
            )
        read = replace(read, start=start, ambiguous=read.ambiguous or node.rough)
    return replace(read, text=setting.words(node.at), rule=node.rule)


def _years_from(stretches: tuple[Stretch, ...], outer: Timed) -> tuple[Stretch, ...]:
    """A day without a year inside "quý II/2024" is a day of 2024."""
    last = (outer.stretches[-1].last or outer.stretches[-1].first) if outer.op != "from" else None
    year = None if last is None else (last.number if last.unit == "year" else last.year)
    if not year:
        return stretches
    return tuple(
        replace(s, first=replace(s.first, year=year)) if s.last is None and s.first.year is None else s
        for s in stretches
    )
