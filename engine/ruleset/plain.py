"""The rules evaluated in plain Python: the oracle that durable_rules is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.ruleset.rule import ONCE, Between, Condition, Finding, OneOf, Other, Rule
from engine.tracking.fact_types import FactValue
from engine.tracking.situations import AnySituation, values_of


def holds(condition: Condition, value: FactValue) -> bool:
    """Whether a fact of this value meets the condition."""
    match condition:
        case OneOf(values=values):
            return value in values
        case Other(value=unwanted):
            return value != unwanted
        case Between(low=low, high=high):
            number = int(value)
            return (low is None or number >= low) and (high is None or number <= high)


def occasion_of(rule: Rule, values: Mapping[str, FactValue]) -> int | None:
    """The threshold that the rule stands at (0 for a rule without occasions), None before the first."""
    if rule.occasions is None:
        return 0
    return rule.occasions.current(int(values[rule.occasions.fact]))


def finding_of(rule: Rule, values: Mapping[str, FactValue]) -> Finding:
    """What a rule that matched concludes from these facts."""
    threshold = occasion_of(rule, values)
    occasion = ONCE if rule.occasions is None or threshold is None else rule.occasions.name(threshold)
    return Finding(rule.id, occasion, rule.tell, rule.tone, rule.why)


def matches(rule: Rule, situation: AnySituation) -> bool:
    """Whether the rule speaks in this situation."""
    if rule.about != situation.about:
        return False
    values = values_of(situation)
    return occasion_of(rule, values) is not None and all(holds(c, values[c.fact]) for c in rule.when)


def matching_ids(rules: Iterable[Rule], situation: AnySituation) -> frozenset[str]:
    """The ids of all rules that speak in this situation."""
    return frozenset(rule.id for rule in rules if matches(rule, situation))
