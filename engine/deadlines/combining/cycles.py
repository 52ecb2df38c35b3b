"""Periodicities with the days, windows and further periodicities that stand beside them."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.days_in_periods import PERIOD_END, only_days, with_days
from engine.deadlines.tree import Cycle, Cycles, CycleUnit, Node, Stretch, Timed

_LADDER: dict[str, range] = {
    "quarter": range(1, 5),
    "opening": range(1, 13),
    "closing": range(1, 13),
    "year": range(3000),
}
ENDS = {"quarter": (3, 6, 9, 12), "half": (6, 12), "year": (12,)}
_HAS_WINDOW_UNITS = frozenset(("year", "opening", "closing", "quarter", "month"))


def months_of(timed: Timed) -> set[int]:
    found: set[int] = set()
    for stretch in timed.stretches:
        first = stretch.first
        last = stretch.last or first
        if first.unit == last.unit == "month":
            found |= set(range(first.number, last.number + 1))
        elif first.unit == last.unit == "quarter":
            found |= set(range(first.number * 3 - 2, last.number * 3 + 1))
        elif first.unit == "opening":
            found |= set(range(1, first.number + 1))
        elif first.unit == "closing":
            found |= set(range(13 - first.number, 13))
        elif first.unit == "year":
            found |= set(range(1, 13))
    return found


def on_ladder(timed: Timed) -> bool:
    """Whole parts of a year, named one by one: "quý I, II", "6 tháng", "năm"."""
    return timed.op == "within" and all(
        s.last is None and s.first.part is None and s.first.number in _LADDER.get(s.first.unit, ())
        for s in timed.stretches
    )


def same_rung(first: Timed, second: Timed) -> bool:
    one, two = first.stretches[0].first, second.stretches[0].first
    return one.unit == two.unit and one.unit in ("quarter", "year")


def ladder(timed: tuple[Timed, ...]) -> Cycles:
    """Reports at the end of each of these periods of one year."""
    ends = {max(months_of(replace(each, stretches=(s,)))) for each in timed for s in each.stretches}
    at = (timed[0].at[0], timed[-1].at[1])
    months = tuple(sorted(ends))
    unit: CycleUnit = "half" if ends <= {6, 12} else "quarter" if not any(m % 3 for m in months) else "month"
    cycle = Cycle(at, "cycle/reports-of-the-year", unit, days=(-1,), months=months)
    years = [p for each in timed for s in each.stretches if (p := s.first).year is not None]
    window = tuple(
        Timed(at, "within/year", "within", (Stretch(replace(p, unit="year", number=p.year or 0)),))
        for p in years[:1]
    )
    return Cycles(at, "cycle/reports-of-the-year", (cycle,), window)


def plain(cycle: Cycle) -> bool:
    return not (cycle.days or cycle.months or cycle.weekdays)


def plain_year(node: Node) -> bool:
    return (
        isinstance(node, Cycles)
        and len(node.cycles) == 1
        and node.cycles[0].unit == "year"
        and plain(node.cycles[0])
    )


def in_each_period(cycle: Cycle, timed: Timed) -> list[Cycle] | None:
    """A year, half-year or quarter cycle with the days or months that the text names for it."""
    if timed.op in ("from", "after") or timed.onward:
        return None
    by_day: dict[int, list[int]] = {}
    opens: int | None = None
    for stretch in timed.stretches:
        p = stretch.last or stretch.first
        if p.unit == "day" and p.month and p.part is None and not p.quarter_month:
            day, month = p.number, p.month
            opens = stretch.first.number if stretch.last and stretch.first.month == month else opens
        elif p.unit in ("month", "quarter", "opening", "closing") and p.part in (None, "last"):
            covered = months_of(replace(timed, stretches=(Stretch(p),)))
            if not covered <= set(range(1, 13)) or not covered:
                return None
            day, month = -1, max(covered)
            if timed.op == "before" and timed.clock is None:
                month = (min(covered) - 2) % 12 + 1
        else:
            return None
        by_day.setdefault(day, []).append(month)
    before = timed.op == "before" and timed.clock is None and -1 not in by_day
    return [
        replace(
            cycle, days=(day,), months=tuple(sorted(months)), before=before, opens=opens, clock=timed.clock,
            rule=f"{cycle.rule}-{'before-' if before else ''}date", at=timed.at,
        )
        for day, months in by_day.items()
    ]  # fmt: skip


def two_cycles(first: Cycles, second: Cycles) -> Cycles:
    """A list of periodicities; a second that says more of one in the first takes its place."""
    cycles = list(first.cycles)
    if second.cycles[0].rule.startswith(PERIOD_END) and any(map(plain, cycles)):
        end = second.cycles[0]
        found = tuple(
            replace(old, days=end.days, before=end.before, clock=end.clock, months=ENDS.get(old.unit, ()))
            if plain(old) and old.unit in ("month", *ENDS)
            else old
            for old in cycles
        )
        return replace(first, cycles=found)
    for new in second.cycles:
        for place, old in enumerate(cycles):
            bare = plain(old) and old.times is None
            if (
                old.unit == new.unit
                and (bare or old.pending or new.pending or new == old)
                and old.every == new.every
            ):
                detailed = new if plain(old) or new.weekdays else old
                cycles[place] = replace(
                    detailed,
                    pending=False,
                    clock=new.clock or old.clock,
                    at=new.at,
                    times=new.times or old.times,
                )
                break
        else:
            cycles.append(new)
    return replace(
        first, cycles=tuple(cycles), window=first.window + second.window, event=first.event or second.event,
        authority=first.authority or second.authority, steady=first.steady or second.steady,
    )  # fmt: skip


def cycles_then_timed(first: Cycles, second: Timed, joint: str) -> Node | None:
    if first.rule == "cycle/reports-of-the-year" and joint == "list" and on_ladder(second):
        return _longer_ladder(first, second)
    if only_days(second):
        fitting = [cycle for cycle in first.cycles if cycle.unit in ("month", "quarter") and plain(cycle)]
        if not fitting:
            return None
        cycles = tuple(with_days(_quarter_end(x), second) if x in fitting else x for x in first.cycles)
        return replace(first, cycles=cycles)
    last = first.cycles[-1]
    if last.unit in ("year", "half", "quarter") and plain(last) and not _long(second):
        specified = in_each_period(last, second)
        if specified is not None and (joint == "bracket" or second.op in ("before", "by", "within")):
            return replace(first, cycles=(*first.cycles[:-1], *specified))
    if second.op != "before" and (is_window(second) or second.op == "by"):
        return replace(first, window=(*first.window, second))
    return None


def _quarter_end(cycle: Cycle) -> Cycle:
    return replace(cycle, months=(3, 6, 9, 12), rough=True) if cycle.unit == "quarter" else cycle


def _long(timed: Timed) -> bool:
    """Spans at least a year, or states a beginning: a window, not a day in each period."""
    first = timed.stretches[0]
    return (
        timed.op == "from"
        or first.first.unit == "year"
        or (first.last is not None and first.first.unit != "day")
    )


def _longer_ladder(first: Cycles, second: Timed) -> Cycles:
    more = ladder((second,))
    old, new = first.cycles[0], more.cycles[0]
    months = tuple(sorted({*old.months, *new.months}))
    unit = old.unit if old.unit == new.unit else "quarter"
    return replace(
        first, cycles=(replace(old, months=months, unit=unit),), window=first.window or more.window
    )


def is_window(timed: Timed) -> bool:
    first = timed.stretches[0]
    if timed.op in ("from", "after") or first.last is not None:
        return True
    return first.first.unit in _HAS_WINDOW_UNITS and timed.op in ("within", "by", "before")


def timed_then_cycles(first: Timed, second: Cycles, joint: str) -> Node | None:
    if only_days(first) and not second.window:
        return cycles_then_timed(second, first, joint)
    if on_ladder(first) and joint == "list" and all(plain(c) or c.months == (9,) for c in second.cycles):
        rung = ladder((first,))
        units = {cycle.unit for cycle in second.cycles}
        if units <= {"half", "year", "quarter"} and first.stretches[0].first.unit in ("quarter", "opening"):
            return replace(second, cycles=(*rung.cycles, *second.cycles))
    if is_window(first) and first.op != "before":
        return replace(second, window=(first, *second.window))
    return None


def on_weekday(first: Cycles, second: Timed) -> Timed | None:
    """ "Thứ Sáu (ngày 24/5/2024)": the weekday of one day, not of every week."""
    only, stretch = first.cycles[0], second.stretches[0]
    if not (only.pending and len(first.cycles) == len(second.stretches) == len(only.weekdays) == 1):
        return None
    if stretch.first.unit != "day" or stretch.first.month is None or stretch.last is not None:
        return None
    day = replace(stretch.first, weekday=only.weekdays[0])
    before = second.op == "before" or only.before
    return replace(
        second,
        stretches=(Stretch(day),),
        op="before" if before else second.op,
        clock=second.clock or only.clock,
    )
