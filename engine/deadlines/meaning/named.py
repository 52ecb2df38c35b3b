"""The words of triggers and authorities in a cell."""

from __future__ import annotations

from engine.deadlines.meaning.setting import Setting
from engine.deadlines.meaning.wording import (
    AD_HOC,
    PROMPTLY,
    authority_words,
    is_own_plan,
    trigger_words,
)
from engine.deadlines.tree import Elsewhere, Event
from engine.model.deadline import OWN_PLAN_ISSUED


def authority(node: Elsewhere, setting: Setting) -> str:
    """The documents or offices that set the date, in Vietnamese."""
    return "; ".join(authority_words(setting.words(each)) for each in node.clauses)


def is_own(node: Event, setting: Setting) -> bool:
    """Whether the event is the issue of the plan that the cell stands in."""
    return len(node.clauses) == 1 and is_own_plan(setting.words(node.clauses[0]))


def trigger(node: Event, *, own: bool, setting: Setting) -> str:
    """What has to happen, in Vietnamese."""
    if own or node.rule == "at-once":
        return OWN_PLAN_ISSUED
    if node.rule == "promptly":
        return PROMPTLY
    if not node.clauses:
        return AD_HOC
    return " hoặc ".join(trigger_words(setting.words(each), node.opening) for each in node.clauses)


def plus(node: Event | None, setting: Setting) -> str | None:
    """What besides the dates calls for the work ("và đột xuất khi có yêu cầu")."""
    if node is None:
        return None
    return trigger(node, own=is_own(node, setting), setting=setting)
