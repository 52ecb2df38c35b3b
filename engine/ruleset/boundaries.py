"""The values at which rules change their minds, and a grid of situations made of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from engine.ruleset.plain import holds
from engine.ruleset.rule import Between, Condition, Occasions, OneOf, Other, Rule
from engine.tracking.fact_types import FactType, FactValue, Measure
from engine.tracking.situations import FACTS, AnySituation, facts_about, neutral_situation


def candidates(
    name: str, condition: Condition | None, occasions: Occasions | None = None
) -> tuple[FactValue, ...]:
    """The values of a fact worth trying: all words, or each number named with its two neighbours."""
    fact = FACTS[name]
    if fact.choices:
        return tuple(fact.choices)
    if fact.measure is Measure.FLAG:
        return (0, 1)
    named = {0, fact.highest}
    match condition:
        case OneOf(values=values):
            named.update(map(int, values))
        case Other(value=value):
            named.add(int(value))
        case Between(low=low, high=high):
            named.update(end for end in (low, high) if end is not None)
    if occasions is not None:
        named.update(occasions.thresholds)
        if occasions.every:
            named.add(occasions.thresholds[-1] + occasions.every)
    near = {number + step for number in named for step in (-1, 0, 1)}
    return tuple(sorted(number for number in near if 0 <= number <= fact.highest))


def first_meeting(
    when: Sequence[Condition], occasions: Occasions | None
) -> tuple[dict[str, FactValue], str | None]:
    """For each fact named, a value that meets condition and occasions; and the first fact that has none."""
    conditions = {condition.fact: condition for condition in when}
    met: dict[str, FactValue] = {}
    for name in dict.fromkeys([*conditions, *([occasions.fact] if occasions else [])]):
        condition = conditions.get(name)
        series = occasions if occasions and occasions.fact == name else None
        for value in candidates(name, condition, series):
            if (condition is None or holds(condition, value)) and (
                series is None or series.current(int(value)) is not None
            ):
                met[name] = value
                break
        else:
            return met, name
    return met, None


def grid(rules: Sequence[Rule], *, most: int = 2000, seed: int = 0) -> list[AnySituation]:
    """Situations around every boundary of the rules: where each speaks, one fact off, and mixtures.

    At most ``most`` and always the same for the same rules, in which every rule that can speak does
    as long as there are fewer than ``most`` of them.
    """
    found: dict[AnySituation, None] = {}
    homes = [home for rule in rules if (home := _home(rule)) is not None]
    for home in homes:
        found[_situation(home)] = None
    for neighbour in _in_turn([list(_neighbours(rule)) for rule in rules]):
        if len(found) >= most * 2 // 3:
            break
        found[neighbour] = None
    chance = random.Random(seed)  # noqa: S311 - a reproducible choice, no secret
    values = {about: _all_candidates(rules, about) for about in {rule.about for rule in rules}}
    for _ in range(most):
        if len(found) >= most or not rules:
            break
        about = chance.choice(rules).about
        mixed = {name: chance.choice(some) for name, some in values[about].items()}
        found[_situation({"about": about, **mixed})] = None
    return list(found)[:most]


def _home(rule: Rule) -> dict[str, FactValue] | None:
    """Facts in which the rule speaks; None when there are none."""
    home, never = first_meeting(rule.when, rule.occasions)
    return None if never else {"about": rule.about, **home}


def _neighbours(rule: Rule) -> Iterator[AnySituation]:
    home = _home(rule)
    if home is None:
        return
    conditions = {condition.fact: condition for condition in rule.when}
    series = rule.occasions
    for fact in facts_about(rule.about):
        mine = series if series and series.fact == fact.name else None
        for value in candidates(fact.name, conditions.get(fact.name), mine):
            yield _situation({**home, fact.name: value})


def _in_turn(rows: Sequence[list[AnySituation]]) -> Iterator[AnySituation]:
    """One of each row, then the second of each: a limit then cuts all rules alike."""
    for number in range(max(map(len, rows), default=0)):
        for row in rows:
            if number < len(row):
                yield row[number]


def _all_candidates(rules: Sequence[Rule], about: str) -> dict[str, list[FactValue]]:
    def values(fact: FactType) -> list[FactValue]:
        found: set[FactValue] = set(candidates(fact.name, None))
        for rule in rules:
            if rule.about == about:
                series = rule.occasions if rule.occasions and rule.occasions.fact == fact.name else None
                mine = {condition.fact: condition for condition in rule.when}
                found.update(candidates(fact.name, mine.get(fact.name), series))
        return sorted(found, key=str)

    return {fact.name: values(fact) for fact in facts_about(about)}


def _situation(facts: dict[str, FactValue]) -> AnySituation:
    named = {name: value for name, value in facts.items() if name != "about"}
    return neutral_situation(str(facts["about"]), named)
