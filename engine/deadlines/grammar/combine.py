"""How the parts of a cell go together: "Hàng tháng" + "từ tháng 7 đến hết năm" is one deadline."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.cell import Piece
from engine.deadlines.grammar.cycles import PERIOD_END, only_days, with_days
from engine.deadlines.grammar.tree import (
    Cycle,
    Cycles,
    Dated,
    Elsewhere,
    Event,
    Node,
    Parts,
    Steady,
    Stretch,
    Timed,
)
from engine.deadlines.problems import Unreadable

_LADDER = frozenset(("quarter", "opening", "closing", "year"))
ENDS = {"quarter": (3, 6, 9, 12), "half": (6, 12), "year": (12,)}
_HAS_WINDOW_UNITS = frozenset(("year", "opening", "closing", "quarter", "month"))


def combine(pieces: list[Piece]) -> Node:
    """One reading of the whole cell; Unreadable when two are possible and nothing decides."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if not groups or piece.joint == "apart" or piece.label:
            groups.append([piece])
        else:
            groups[-1].append(piece)
    folded = [part for group in groups for part in _fold(group)]
    merged = _across(folded)
    if len(merged) == 1:
        return merged[0].node
    at = (merged[0].at[0], merged[-1].at[1])
    return Parts(at, "milestones", tuple((part.label or part.remark, replace(part.node, at=part.at)) for part in merged))


def _fold(group: list[Piece]) -> list[Piece]:
    done: list[Piece] = []
    for piece in group:
        if _plain_year(piece.node) and piece.joint in ("", "list") and (yearly := _yearly(done, piece)):
            done = [yearly]
            continue
        node = _pair(done[-1].node, piece.node, piece.joint) if done else None
        if node is None:
            if done and piece.joint == "or":
                _refuse_or(done[-1], piece)
            done.append(piece)
        else:
            last = done[-1]
            remark = last.remark or piece.remark
            done[-1] = replace(last, node=node, at=(last.at[0], piece.at[1]), remark=remark)
    return done


def _across(parts: list[Piece]) -> list[Piece]:
    """Recurrences that stand apart but unlabelled are one list; an ad-hoc event joins them."""
    merged: list[Piece] = []
    for part in parts:
        last = merged[-1] if merged else None
        joined = None
        if last is not None and not last.label and not part.label and isinstance(last.node, Cycles):
            if isinstance(part.node, Cycles | Event | Elsewhere):
                joined = _pair(last.node, part.node, "list")
        elif last is not None and isinstance(last.node, Elsewhere | Event) and type(part.node) is type(last.node):
            joined = None if part.label or last.label else _pair(last.node, part.node, "list")
        if last is not None and joined is not None:
            merged[-1] = replace(last, node=joined, at=(last.at[0], part.at[1]))
        else:
            merged.append(part)
    return merged


def _refuse_or(first: Piece, second: Piece) -> None:
    raise Unreadable(
        "two-readings",
        "Có hai thời hạn nối bằng “hoặc”, không rõ lấy thời hạn nào.",
        "Hãy ghi một thời hạn, hoặc tách thành hai mốc bằng dấu chấm phẩy.",
        (first.at[0], second.at[1]),
    )


def _pair(first: Node, second: Node, joint: str) -> Node | None:
    """The two as one node; None when they are two deadlines."""
    at = (first.at[0], second.at[1])
    found: Node | None = None
    if isinstance(first, Cycles):
        found = _with_cycles(first, second, joint)
    elif isinstance(first, Steady):
        found = _with_steady(first, second)
    elif isinstance(first, Timed | Dated):
        found = _with_timed(first, second, joint)
    elif isinstance(first, Event):
        found = _with_event(first, second)
    elif isinstance(first, Elsewhere):
        found = _with_elsewhere(first, second)
    return None if found is None else replace(found, at=at)


# --- dates ---------------------------------------------------------------------------------------


def _with_timed(first: Timed | Dated, second: Node, joint: str) -> Node | None:
    if isinstance(second, Elsewhere):
        if isinstance(first, Dated):
            return replace(first, authority=second)
        return Dated(first.at, "date-set-elsewhere", first, None, second)
    if isinstance(first, Dated):
        return None
    if isinstance(second, Timed):
        return _two_timed(first, second, joint)
    if isinstance(second, Steady) and not second.window and _is_window(first):
        return replace(second, window=(first,))
    if isinstance(second, Cycles):
        if second.cycles[0].pending and second.cycles[0].weekdays and joint == "bracket":
            return _on_weekday(second, first)
        return _timed_then_cycles(first, second, joint)
    return None


def _two_timed(first: Timed, second: Timed, joint: str) -> Node | None:
    if joint in ("list", "") and _on_ladder(first) and _on_ladder(second) and not _same_rung(first, second):
        if joint == "list":
            return _ladder((first, second))
    if first.op == "from" and second.op in ("by", "before", "within") and joint != "or":
        return Dated(first.at, "from-until", second, first)
    if joint == "bracket":
        outer, inner = (first, second) if _holds(first) else (second, first)
        return Dated(first.at, "date-within", inner, outer)
    if joint in ("list", "") and _holds(first) and second.op in ("by", "before") and _months_inside(first, second):
        return Dated(first.at, "date-within", second, first, rough=True)
    return None


def _holds(timed: Timed) -> bool:
    """A period long enough for a day in it."""
    return timed.op == "within" and timed.stretches[0].first.unit != "day"


def _months_inside(outer: Timed, inner: Timed) -> bool:
    months = _months_of(outer)
    days = [stretch.last or stretch.first for stretch in inner.stretches]
    years = {p.year for s in outer.stretches for p in (s.first, s.last) if p}
    return all(
        day.unit == "day" and day.month in months and (day.year in years or None in (day.year, *years))
        for day in days
    )


def _months_of(timed: Timed) -> set[int]:
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


# --- the ladder "quý I, 6 tháng, 9 tháng, năm" ---------------------------------------------------


def _on_ladder(timed: Timed) -> bool:
    return timed.op == "within" and all(
        s.last is None and s.first.unit in _LADDER and s.first.part is None for s in timed.stretches
    )


def _same_rung(first: Timed, second: Timed) -> bool:
    one, two = first.stretches[0].first, second.stretches[0].first
    return one.unit == two.unit and one.unit in ("quarter", "year")


def _ladder(timed: tuple[Timed, ...]) -> Cycles:
    ends: set[int] = set()
    for each in timed:
        for stretch in each.stretches:
            ends.add(max(_months_of(replace(each, stretches=(stretch,)))))
    at = (timed[0].at[0], timed[-1].at[1])
    months = tuple(sorted(ends))
    name = "half" if set(months) <= {6, 12} else "quarter" if not any(m % 3 for m in months) else "month"
    unit = name if name != "month" else "month"
    cycle = Cycle(at, "cycle/reports-of-the-year", unit, days=(-1,), months=months)  # type: ignore[arg-type]
    years = [p for each in timed for s in each.stretches if (p := s.first).year is not None]
    window = tuple(
        Timed(at, "within/year", "within", (Stretch(replace(p, unit="year", number=p.year or 0)),)) for p in years[:1]
    )
    return Cycles(at, "cycle/reports-of-the-year", (cycle,), window)


# --- recurrences ---------------------------------------------------------------------------------


def _plain(cycle: Cycle) -> bool:
    return not (cycle.days or cycle.months or cycle.weekdays)


def _plain_year(node: Node) -> bool:
    return isinstance(node, Cycles) and len(node.cycles) == 1 and node.cycles[0].unit == "year" and _plain(node.cycles[0])


def _yearly(done: list[Piece], piece: Piece) -> Piece | None:
    """Days or periods with "hàng năm" behind them: all of them come every year."""
    timed = [part.node for part in done]
    if not timed or not isinstance(piece.node, Cycles):
        return None
    cycles: list[Cycle] = []
    for each in timed:
        specified = _in_each_period(piece.node.cycles[0], each) if isinstance(each, Timed) else None
        if specified is None:
            return None
        cycles.extend(specified)
    at = (done[0].at[0], piece.at[1])
    return replace(done[0], node=Cycles(at, cycles[0].rule, tuple(cycles)), at=at)


def _in_each_period(cycle: Cycle, timed: Timed) -> list[Cycle] | None:
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
            day, month = -1, max(_months_of(Timed(timed.at, "", "within", (Stretch(p),))))
            if timed.op == "before" and timed.clock is None:
                first = min(_months_of(Timed(timed.at, "", "within", (Stretch(p),))))
                month = (first - 2) % 12 + 1
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


def _with_cycles(first: Cycles, second: Node, joint: str) -> Node | None:
    if isinstance(second, Event):
        return first if second.rule in ("promptly", "at-once") else replace(first, event=_joined(first.event, second))
    if isinstance(second, Elsewhere):
        return replace(first, authority=second)
    if isinstance(second, Steady):
        return replace(first, steady=True, window=first.window + second.window)
    if isinstance(second, Cycles):
        return _two_cycles(first, second)
    if isinstance(second, Timed):
        return _on_weekday(first, second) or _cycles_then_timed(first, second, joint)
    return None


def _on_weekday(first: Cycles, second: Timed) -> Timed | None:
    """"Thứ Sáu (ngày 24/5/2024)": the weekday of one day, not of every week."""
    only, stretch = first.cycles[0], second.stretches[0]
    if not (only.pending and len(first.cycles) == len(second.stretches) == len(only.weekdays) == 1):
        return None
    if stretch.first.unit != "day" or stretch.first.month is None or stretch.last is not None:
        return None
    day = replace(stretch.first, weekday=only.weekdays[0])
    before = second.op == "before" or only.before
    return replace(second, stretches=(Stretch(day),), op="before" if before else second.op, clock=second.clock or only.clock)


def _joined(first: Event | None, second: Event) -> Event:
    if first is None:
        return second
    return _with_event(first, second) or first


def _two_cycles(first: Cycles, second: Cycles) -> Cycles:
    """A list of periodicities; a second that says more of one in the first takes its place."""
    cycles = list(first.cycles)
    if second.cycles[0].rule.startswith(PERIOD_END) and any(map(_plain, cycles)):
        end = second.cycles[0]
        found = tuple(
            replace(old, days=end.days, before=end.before, clock=end.clock, months=ENDS.get(old.unit, ()))
            if _plain(old) and old.unit in ("month", *ENDS)
            else old
            for old in cycles
        )
        return replace(first, cycles=found)
    for new in second.cycles:
        for place, old in enumerate(cycles):
            bare = _plain(old) and old.times is None
            if old.unit == new.unit and (bare or old.pending or new.pending or new == old) and old.every == new.every:
                detailed = new if _plain(old) or new.weekdays else old
                cycles[place] = replace(detailed, pending=False, clock=new.clock or old.clock, at=new.at, times=new.times or old.times)
                break
        else:
            cycles.append(new)
    return replace(
        first, cycles=tuple(cycles), window=first.window + second.window, event=first.event or second.event,
        authority=first.authority or second.authority, steady=first.steady or second.steady,
    )  # fmt: skip


def _cycles_then_timed(first: Cycles, second: Timed, joint: str) -> Node | None:
    if first.rule == "cycle/reports-of-the-year" and joint == "list" and _on_ladder(second):
        return _longer_ladder(first, second)
    if only_days(second):
        fitting = [cycle for cycle in first.cycles if cycle.unit in ("month", "quarter") and _plain(cycle)]
        if not fitting:
            return None
        cycles = tuple(with_days(_quarter_end(x), second) if x in fitting else x for x in first.cycles)
        return replace(first, cycles=cycles)
    last = first.cycles[-1]
    if last.unit in ("year", "half", "quarter") and _plain(last) and not _long(second):
        specified = _in_each_period(last, second)
        if specified is not None and (joint == "bracket" or second.op in ("before", "by", "within")):
            return replace(first, cycles=(*first.cycles[:-1], *specified))
    if second.op != "before" and (_is_window(second) or second.op == "by"):
        return replace(first, window=(*first.window, second))
    return None


def _quarter_end(cycle: Cycle) -> Cycle:
    return replace(cycle, months=(3, 6, 9, 12), rough=True) if cycle.unit == "quarter" else cycle


def _long(timed: Timed) -> bool:
    """Spans at least a year, or states a beginning: a window, not a day in each period."""
    first = timed.stretches[0]
    return timed.op == "from" or first.first.unit == "year" or first.last is not None and first.first.unit != "day"


def _longer_ladder(first: Cycles, second: Timed) -> Cycles:
    more = _ladder((second,))
    old, new = first.cycles[0], more.cycles[0]
    months = tuple(sorted({*old.months, *new.months}))
    unit = old.unit if old.unit == new.unit else "quarter"
    return replace(first, cycles=(replace(old, months=months, unit=unit),), window=first.window or more.window)


def _is_window(timed: Timed) -> bool:
    first = timed.stretches[0]
    if timed.op in ("from", "after") or first.last is not None:
        return True
    return first.first.unit in _HAS_WINDOW_UNITS and timed.op in ("within", "by", "before")


def _timed_then_cycles(first: Timed, second: Cycles, joint: str) -> Node | None:
    if only_days(first) and not second.window:
        return _cycles_then_timed(second, first, joint)
    if _on_ladder(first) and joint == "list" and all(_plain(c) or c.months == (9,) for c in second.cycles):
        rung = _ladder((first,))
        units = {cycle.unit for cycle in second.cycles}
        if units <= {"half", "year", "quarter"} and first.stretches[0].first.unit in ("quarter", "opening"):
            return replace(second, cycles=(*rung.cycles, *second.cycles))
    if _is_window(first) and first.op != "before":
        return replace(second, window=(first, *second.window))
    return None


# --- all the time, once something happens, set elsewhere -----------------------------------------


def _with_steady(first: Steady, second: Node) -> Node | None:
    if isinstance(second, Timed) and (_is_window(second) or second.op == "by"):
        return replace(first, window=(*first.window, second))
    if isinstance(second, Steady):
        return replace(first, window=first.window + second.window)
    if isinstance(second, Event):
        return first if second.rule in ("promptly", "at-once") else replace(first, event=_joined(first.event, second))
    if isinstance(second, Elsewhere):
        return replace(first, authority=second)
    if isinstance(second, Cycles):
        if all(cycle.unit in ("day", "year") and _plain(cycle) for cycle in second.cycles):
            return first
        return replace(second, steady=True, window=first.window + second.window)
    return None


def _with_event(first: Event, second: Node) -> Event | None:
    if isinstance(second, Elsewhere):
        return replace(first, authority=second)
    if not isinstance(second, Event):
        return None
    if second.rule in ("promptly", "at-once") or (second.rule == "called" and first.clauses):
        return first
    if first.rule in ("promptly", "at-once", "called"):
        return second
    if first.rule == "count-without-anchor" or second.rule == "count-without-anchor":
        counted, other = (first, second) if first.rule == "count-without-anchor" else (second, first)
        return None if other.count else replace(other, count=counted.count)
    if first.count or second.count or first.relation != second.relation:
        return None
    return replace(first, clauses=first.clauses + second.clauses)


def _with_elsewhere(first: Elsewhere, second: Node) -> Node | None:
    if isinstance(second, Elsewhere):
        return replace(first, clauses=first.clauses + second.clauses)
    if isinstance(second, Timed):
        return Dated(first.at, "date-set-elsewhere", second, None, first)
    if isinstance(second, Cycles | Steady | Event):
        return replace(second, authority=first)
    return None
