"""Events and authorities that stand side by side."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.tree import Cycles, Dated, Elsewhere, Event, Node, Steady, Timed


def with_event(first: Event, second: Node) -> Event | None:
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


def joined(first: Event | None, second: Event) -> Event:
    if first is None:
        return second
    return with_event(first, second) or first


def with_elsewhere(first: Elsewhere, second: Node) -> Node | None:
    if isinstance(second, Elsewhere):
        return replace(first, clauses=first.clauses + second.clauses)
    if isinstance(second, Timed):
        return Dated(first.at, "date-set-elsewhere", second, None, first)
    if isinstance(second, Cycles | Steady | Event):
        return replace(second, authority=first)
    return None
