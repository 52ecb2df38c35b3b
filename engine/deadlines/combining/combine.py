"""How the parts of a cell go together: "Hàng tháng" + "từ tháng 7 đến hết năm" is one deadline."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.combining.cycles import (
    cycles_then_timed,
    in_each_period,
    is_window,
    ladder,
    months_of,
    on_ladder,
    on_weekday,
    plain,
    plain_year,
    same_rung,
    timed_then_cycles,
    two_cycles,
)
from engine.deadlines.combining.events import joined, with_elsewhere, with_event
from engine.deadlines.grammar.cell import Piece
from engine.deadlines.problems import Unreadable
from engine.deadlines.tree import Cycle, Cycles, Dated, Elsewhere, Event, Node, Parts, Steady, Timed
from engine.vietnamese import tidy


def combine(pieces: list[Piece], text: str) -> Node:
    """One reading of the whole cell, ``text``; Unreadable when two are possible and nothing decides."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if not groups or piece.joint == "apart" or piece.label:
            groups.append([piece])
        else:
            groups[-1].append(piece)
    folded = [part for group in groups for part in _fold(group, text)]
    merged = _across(folded)
    if len(merged) == 1:
        return merged[0].node
    at = (merged[0].at[0], merged[-1].at[1])
    return Parts(
        at,
        "milestones",
        tuple((part.label or part.remark, replace(part.node, at=part.at)) for part in merged),
    )


def _fold(group: list[Piece], text: str) -> list[Piece]:
    done: list[Piece] = []
    for piece in group:
        if plain_year(piece.node) and piece.joint in ("", "list") and (yearly := _yearly(done, piece)):
            done = yearly
            continue
        node = _pair(done[-1].node, piece.node, piece.joint) if done else None
        if node is None:
            if done and piece.joint == "or":
                _refuse_or(done[-1], piece, text)
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
        elif (
            last is not None
            and isinstance(last.node, Elsewhere | Event)
            and type(part.node) is type(last.node)
        ):
            joined = None if part.label or last.label else _pair(last.node, part.node, "list")
        if last is not None and joined is not None:
            merged[-1] = replace(last, node=joined, at=(last.at[0], part.at[1]))
        else:
            merged.append(part)
    return merged


def _refuse_or(first: Piece, second: Piece, text: str) -> None:
    one, other = (tidy(text[piece.at[0] : piece.at[1]]) for piece in (first, second))
    raise Unreadable(
        "two-readings",
        f"Có hai thời hạn nối bằng “hoặc”: “{one}” hay “{other}”? Không có gì quyết định.",
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
        found = with_event(first, second)
    elif isinstance(first, Elsewhere):
        found = with_elsewhere(first, second)
    return None if found is None else replace(found, at=at)


def _with_timed(first: Timed | Dated, second: Node, joint: str) -> Node | None:
    if isinstance(second, Elsewhere):
        if isinstance(first, Dated):
            return replace(first, authority=second)
        return Dated(first.at, "date-set-elsewhere", first, None, second)
    if isinstance(first, Dated):
        return None
    if isinstance(second, Timed):
        return _two_timed(first, second, joint)
    if isinstance(second, Steady) and not second.window and is_window(first):
        return replace(second, window=(first,))
    if isinstance(second, Cycles):
        if second.cycles[0].pending and second.cycles[0].weekdays and joint == "bracket":
            return on_weekday(second, first)
        return timed_then_cycles(first, second, joint)
    return None


def _two_timed(first: Timed, second: Timed, joint: str) -> Node | None:
    if joint == "list" and on_ladder(first) and on_ladder(second) and not same_rung(first, second):
        return ladder((first, second))
    if first.op == "from" and second.op in ("by", "before", "within") and joint != "or":
        return Dated(first.at, "from-until", second, first)
    if joint == "bracket":
        outer, inner = (first, second) if _holds(first) else (second, first)
        return Dated(first.at, "date-within", inner, outer)
    if (
        joint in ("list", "")
        and _holds(first)
        and second.op in ("by", "before")
        and _months_inside(first, second)
    ):
        named = first.stretches[0].first.bare  # "báo cáo năm trước ngày 10/12" names the report
        return Dated(first.at, "date-within", second, first, rough=not named)
    return None


def _holds(timed: Timed) -> bool:
    """A period long enough for a day in it."""
    return timed.op == "within" and timed.stretches[0].first.unit != "day"


def _months_inside(outer: Timed, inner: Timed) -> bool:
    months = months_of(outer)
    days = [stretch.last or stretch.first for stretch in inner.stretches]
    years = {p.year for s in outer.stretches for p in (s.first, s.last) if p}
    return all(
        day.unit == "day" and day.month in months and (day.year in years or None in (day.year, *years))
        for day in days
    )


def _yearly(done: list[Piece], piece: Piece) -> list[Piece] | None:
    """Days or periods with "hàng năm" behind them: all that have no year of their own come every year."""
    first = len(done) - 1
    while first > 0 and _without_year(done[first].node) and _without_year(done[first - 1].node):
        first -= 1
    cycles: list[Cycle] = []
    for part in done[max(first, 0) :]:
        year = piece.node.cycles[0] if isinstance(piece.node, Cycles) else None
        specified = in_each_period(year, part.node) if year and isinstance(part.node, Timed) else None
        if specified is None:
            return None
        cycles.extend(specified)
    if not cycles:
        return None
    at = (done[first].at[0], piece.at[1])
    return [*done[:first], replace(done[first], node=Cycles(at, cycles[0].rule, tuple(cycles)), at=at)]


def _without_year(node: Node) -> bool:
    return isinstance(node, Timed) and all(stretch.first.year is None for stretch in node.stretches)


def _with_cycles(first: Cycles, second: Node, joint: str) -> Node | None:
    if isinstance(second, Event):
        return (
            first
            if second.rule in ("promptly", "at-once")
            else replace(first, event=joined(first.event, second))
        )
    if isinstance(second, Elsewhere):
        return replace(first, authority=second)
    if isinstance(second, Steady):
        return replace(first, steady=True, window=first.window + second.window)
    if isinstance(second, Cycles):
        return two_cycles(first, second)
    if isinstance(second, Timed):
        return on_weekday(first, second) or cycles_then_timed(first, second, joint)
    return None


def _with_steady(first: Steady, second: Node) -> Node | None:
    if isinstance(second, Timed) and (is_window(second) or second.op == "by"):
        return replace(first, window=(*first.window, second))
    if isinstance(second, Steady):
        return replace(first, window=first.window + second.window)
    if isinstance(second, Event):
        return (
            first
            if second.rule in ("promptly", "at-once")
            else replace(first, event=joined(first.event, second))
        )
    if isinstance(second, Elsewhere):
        return replace(first, authority=second)
    if isinstance(second, Cycles):
        if all(cycle.unit in ("day", "year") and plain(cycle) for cycle in second.cycles):
            return first
        return replace(second, steady=True, window=first.window + second.window)
    return None
