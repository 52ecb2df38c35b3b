"""Recurrence rules: the RFC 5545 wording, the due days, the stable names of the periods."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.deadlines.tree import Cycle, CycleUnit

_DAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_END_MONTHS: dict[CycleUnit, tuple[int, ...]] = {
    "quarter": (3, 6, 9, 12), "half": (6, 12), "year": (12,),
}  # fmt: skip
_MONTHS_IN: dict[CycleUnit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_RANKS: dict[CycleUnit, int] = {"day": 0, "week": 1, "month": 2, "quarter": 3, "half": 4, "year": 5}
_SHORTEST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """One RFC 5545 rule and the kind of period that its due days end.

    ``days`` are days of the month (-1 the last); ``clamped``: in a month that is too short the last day
    takes the place of the day (Bộ luật Dân sự 2015, Điều 148 khoản 3). ``opens``: day of the month on
    which the time to act begins. ``lag``: a due day belongs to the period so many before its own.
    """

    unit: CycleUnit
    every: int = 1
    months: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    week: int | None = None
    working: bool = False
    lag: int = 0
    opens: int | None = None

    @property
    def clamped(self) -> bool:
        shortest = min(_SHORTEST[month - 1] for month in self.months or range(1, 13))
        return len(self.days) == 1 and self.days[0] > shortest

    def rrule(self) -> str:
        """The rule in the order of deadlines.json: FREQ, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS."""
        if self.unit == "day":
            return _written("DAILY", self.every)
        if self.unit == "week":
            return _written("WEEKLY", self.every, weekdays=self.weekdays)
        if self.working:
            position = self.days[0]
            return _written("MONTHLY", 1, self.months, weekdays=(0, 1, 2, 3, 4), position=position)
        if self.weekdays:
            names = ",".join(f"{self.week}{_DAY_NAMES[day]}" for day in self.weekdays)
            return f"FREQ=MONTHLY;BYDAY={names}"
        every = self.every if self.unit == "year" else 1
        if self.clamped and self.days != (31,):
            days = tuple(range(28, self.days[0] + 1))
            return _written("MONTHLY", every, self.months, days, position=-1)
        days = (-1,) if self.days == (31,) else self.days
        if self.months == (12,) and days == (-1,) and self.unit == "year":
            days = (31,)
        return _written("YEARLY" if self.months else "MONTHLY", every, self.months, days)

    def due_days(self, first: date, last: date) -> Iterator[date]:
        """Every due day from ``first`` to ``last``, ascending; none for a daily rule."""
        if self.unit == "day" or first > last:
            return
        if self.unit == "week":
            yield from self._weekly(first, last)
            return
        step = self.every if self.unit == "year" else 1
        for year in range(first.year, last.year + 1, step):
            for month in self.months or range(1, 13):
                for day in self._in_month(year, month):
                    if first <= day <= last:
                        yield day

    def _weekly(self, first: date, last: date) -> Iterator[date]:
        monday = first - timedelta(days=first.weekday())
        while monday <= last:
            for weekday in sorted(self.weekdays):
                day = monday + timedelta(days=weekday)
                if first <= day <= last:
                    yield day
            monday += timedelta(days=7 * self.every)

    def _in_month(self, year: int, month: int) -> list[date]:
        size = monthrange(year, month)[1]
        if self.working:
            return [_working_edge(year, month, self.days[0])]
        if self.weekdays:
            return sorted(_nth_weekday(year, month, day, self.week or 1) for day in self.weekdays)
        found: set[int] = set()
        for day in self.days:
            number = size + 1 + day if day < 0 else min(day, size) if self.clamped else day
            if 1 <= number <= size:
                found.add(number)
        return [date(year, month, number) for number in sorted(found)]


def _written(
    freq: str,
    every: int,
    months: tuple[int, ...] = (),
    days: tuple[int, ...] = (),
    weekdays: tuple[int, ...] = (),
    position: int | None = None,
) -> str:
    parts = [f"FREQ={freq}"]
    if every > 1:
        parts.append(f"INTERVAL={every}")
    if months:
        parts.append("BYMONTH=" + ",".join(map(str, months)))
    if days:
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
    if weekdays:
        parts.append("BYDAY=" + ",".join(_DAY_NAMES[day] for day in weekdays))
    if position is not None:
        parts.append(f"BYSETPOS={position}")
    return ";".join(parts)


def _working_edge(year: int, month: int, edge: int) -> date:
    """The first or last Monday-to-Friday day of a month; holidays are the calendar's business."""
    size = monthrange(year, month)[1]
    numbers = range(size, 0, -1) if edge < 0 else range(1, size + 1)
    return next(day for n in numbers if (day := date(year, month, n)).weekday() < 5)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def recurrence_of(cycle: Cycle) -> Recurrence:
    """The rule of a cycle, open places filled: the last day of the period, Sunday of the week."""
    plain = Recurrence(
        unit=cycle.unit,
        every=cycle.every,
        months=cycle.months,
        days=cycle.days,
        weekdays=cycle.weekdays,
        week=cycle.week,
        working=cycle.working,
        lag=cycle.lag,
        opens=cycle.opens,
    )
    if cycle.unit == "day":
        return plain
    if cycle.unit == "week":
        return replace(plain, weekdays=cycle.weekdays or (6,))
    if cycle.week is not None:
        return plain
    months = cycle.months or _END_MONTHS.get(cycle.unit, ())
    if cycle.unit == "month" and cycle.every > 1:
        months = tuple(range(cycle.every, 13, cycle.every))
    return replace(plain, months=months, days=cycle.days or (-1,))


def day_before(rule: Recurrence) -> Recurrence:
    """The rule whose days are the day before: what "trước ngày X" asks for."""
    if rule.unit in ("week", "day") or rule.week is not None:
        if len(rule.weekdays) == 1 and rule.weekdays[0] > 0 and rule.week is None:
            return replace(rule, weekdays=(rule.weekdays[0] - 1,))
        return rule
    if rule.days == (1,):
        months = tuple(sorted((month - 2) % 12 + 1 for month in rule.months))
        return replace(rule, months=months, days=(-1,), lag=max(0, rule.lag - 1))
    days = tuple(day - 1 for day in rule.days if day != 1)
    return replace(rule, days=days or (-1,))


def one_for_all(rules: tuple[Recurrence, ...]) -> Recurrence | None:
    """The single rule that falls on exactly the days of all of them together, if there is one."""
    if len(rules) == 1:
        return rules[0]
    if any(
        rule.days != (-1,) or rule.working or rule.every > 1 or rule.unit in ("week", "day") for rule in rules
    ):
        return None
    finest = min(rules, key=lambda rule: _RANKS[rule.unit])
    if any(not rule.months for rule in rules):
        return next(rule for rule in rules if not rule.months)
    return replace(finest, months=tuple(sorted({month for rule in rules for month in rule.months})))


def finest_first(rules: Iterable[Recurrence]) -> list[Recurrence]:
    """Rules by the length of their periods: the finest names the days that several share."""
    return sorted(rules, key=lambda rule: _RANKS[rule.unit])


def period_of(rule: Recurrence, due: date) -> tuple[str, date]:
    """The name of the period that a due day belongs to, and its first day."""
    if rule.unit == "week":
        monday = due - timedelta(days=due.weekday() + 7 * rule.lag)
        year, week, _ = monday.isocalendar()
        return f"{year}-W{week:02}", monday
    unit = rule.unit
    if unit == "year" and len(rule.months) > 1:
        unit = "month"
    size = _MONTHS_IN[unit] if unit != "month" else max(1, rule.every)
    serial = due.year * 12 + due.month - 1
    serial = (serial // size - rule.lag) * size
    year, month = divmod(serial, 12)
    first = date(year, month + 1, 1)
    if rule.opens and unit == "month" and rule.every == 1:
        opened = due.replace(day=min(rule.opens, monthrange(due.year, due.month)[1]))
        return f"{year}-{month + 1:02}", min(opened, due)
    names = {"month": f"{year}-{month + size:02}", "quarter": f"{year}-Q{month // 3 + 1}",
             "half": f"{year}-H{month // 6 + 1}", "year": f"{year}"}  # fmt: skip
    return names[unit], first
