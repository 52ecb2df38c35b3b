"""The words of triggers and authorities in a cell."""

from __future__ import annotations

from engine.deadlines.meaning.setting import Setting
from engine.deadlines.meaning.wording import (
    AD_HOC,
    OWN_PLAN_ISSUED,
    PROMPTLY,
    authority_words,
    trigger_words,
)
from engine.deadlines.tree import (
    Elsewhere,
    Event,
)


def authority(node: Elsewhere, setting: Setting) -> str:
    return "; ".join(authority_words(setting.words(each)) for each in node.clauses)


def trigger(node: Event, *, own: bool, setting: Setting) -> str:
    if own or node.rule == "at-once":
        return OWN_PLAN_ISSUED
    if node.rule == "promptly":
        return PROMPTLY
    if not node.clauses:
        return AD_HOC
    return " hoặc ".join(trigger_words(setting.words(each), node.opening) for each in node.clauses)


def plus(event: Event | None, setting: Setting) -> str | None:
    return None if event is None else event(event, setting).trigger
