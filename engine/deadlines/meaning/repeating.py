"""Cycles of the text → the recurring Deadline: rules, due days, the other reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from engine.deadlines.meaning.recurrence import (
    Recurrence,
    day_before,
    finest_first,
    one_for_all,
    period_of,
    recurrence_of,
)
from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import Cycle
from engine.model.deadline import Deadline, DeadlineKind, Occurrence

_FRIDAY = (4,)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def recurring(
    cycles: tuple[Cycle, ...],
    days: tuple[date, date],
    rolled: Callable[[date | None], date | None],
    *,
    inclusive: bool,
) -> Deadline:
    """The deadline of one or several cycles, with every due day in ``days`` (both ends included)."""
    for cycle in cycles:
        _check(cycle)
    named = tuple(recurrence_of(cycle) for cycle in cycles)
    strict = tuple(
        day_before(rule) if cycle.before else rule for cycle, rule in zip(cycles, named, strict=True)
    )
    main, other = (named, strict) if inclusive else (strict, named)
    alternatives = tuple(second for first, second in zip(main, other, strict=True) if first != second)
    if len(main) == 1 and not alternatives and _open_week(cycles[0]):
        alternatives = (replace(main[0], weekdays=_FRIDAY),)
    single = one_for_all(main)
    rough = any(cycle.rough for cycle in cycles)
    return Deadline(
        DeadlineKind.RECURRING,
        "",
        rrule=single.rrule() if single else None,
        rrules=tuple(rule.rrule() for rule in main),
        alt_rrules=tuple(rule.rrule() for rule in alternatives),
        occurrences=_occurrences(main, days, rolled),
        alt_due_dates=tuple(sorted({day for rule in alternatives for day in rule.due_days(*days)})),
        times_per_period=next((cycle.times for cycle in cycles if cycle.times), None),
        ambiguous=rough,
        notes=("Ngày đến hạn trong mỗi kỳ là cách hiểu thông thường; cần người soạn xác nhận.",)
        if rough
        else (),
    )


def _check(cycle: Cycle) -> None:
    """Unreadable for a weekday, month or day that there never is, and for a day without its period."""
    if cycle.pending:
        raise Unreadable(
            "missing-period",
            "Không rõ kỳ nào: hằng tuần, hằng tháng hay hằng quý.",
            "Hãy ghi thêm, ví dụ “thứ Sáu hằng tuần”, “ngày 20 tháng cuối quý”, hoặc ghi đủ ngày.",
            cycle.at,
        )
    if any(day > 6 for day in cycle.weekdays):
        raise Unreadable(
            "no-such-weekday", "Không có thứ này.", "Thứ chỉ từ thứ 2 đến thứ 7 và Chủ nhật.", cycle.at
        )
    for month in cycle.months:
        if not 1 <= month <= 12:
            raise Unreadable("no-such-month", f"Không có tháng {month}.", "Tháng chỉ từ 1 đến 12.", cycle.at)
    longest = (
        min(_LONGEST[month - 1] for month in cycle.months) if cycle.months and cycle.unit != "quarter" else 31
    )
    for day in cycle.days:
        if day == 0 or day > longest:
            place = f"{day}/{cycle.months[0]}" if cycle.months and cycle.unit != "quarter" else str(day)
            raise Unreadable(
                "no-such-day", f"Không có ngày {place}.", "Hãy kiểm tra lại ngày và tháng.", cycle.at
            )


def _open_week(cycle: Cycle) -> bool:
    return cycle.unit == "week" and not cycle.weekdays and cycle.times is None and cycle.every == 1


def _occurrences(
    rules: tuple[Recurrence, ...], days: tuple[date, date], rolled: Callable[[date | None], date | None]
) -> tuple[Occurrence, ...]:
    """Due days of all rules, each once, named by the finest period; names never repeat."""
    by_due: dict[date, Occurrence] = {}
    used: dict[str, int] = {}
    for rule in finest_first(rules):
        for due in rule.due_days(*days):
            if due in by_due:
                continue
            period, start = period_of(rule, due)
            used[period] = used.get(period, 0) + 1
            name = period if used[period] == 1 else f"{period}/{used[period]}"
            by_due[due] = Occurrence(name, min(start, due), due, rolled(due))
    return tuple(by_due[due] for due in sorted(by_due))
