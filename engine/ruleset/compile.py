"""Rules compiled to the JSON form of durable_rules, inside the subset measured to be safe.

One pattern per rule, flat, typed and complete facts, only ``$and $neq $lte $gte`` and equality, one
key per condition, never an empty list. The engine has hard limits on branches that are true at the
same time (64) and crashes beyond others, so no set holds more than ``MOST_BRANCHES``; alternatives
become branches of their own instead of ``$or``, which would fire once per true branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from engine.ruleset.rule import Between, Condition, OneOf, Other, Rule
from engine.tracking.fact_types import FactValue
from engine.tracking.situations import FACTS

MOST_BRANCHES = 60
"""Branches per compiled set, and the most that a single rule may need."""

Term: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledSet:
    """One durable_rules set. ``definition`` maps branch names to patterns without their actions;
    ``rules`` gives each branch its rule; ``occasions`` names the integer fact of each rule that has
    occasions, −1 in a situation before the first threshold."""

    name: str
    about: str
    definition: Mapping[str, Term]
    rules: Mapping[str, Rule]
    occasions: Mapping[str, Rule]


def compile_rules(rules: Iterable[Rule]) -> tuple[CompiledSet, ...]:
    """All rules as few sets as the limits allow; their order is kept."""
    sets: list[CompiledSet] = []
    by_about: dict[str, list[Rule]] = {}
    for rule in rules:
        by_about.setdefault(rule.about, []).append(rule)
    for about, mine in by_about.items():
        for number, chunk in enumerate(_chunks(mine)):
            sets.append(_compile_set(f"{about}-{number}", about, chunk))
    return tuple(sets)


def count_branches(conditions: Iterable[Condition]) -> int:
    """How many branches these conditions need."""
    count = 1
    for condition in conditions:
        count *= len(_alternatives(condition))
    return count


def _chunks(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    chunk: list[Rule] = []
    filled = 0
    for rule in rules:
        size = count_branches(rule.when)
        if chunk and filled + size > MOST_BRANCHES:
            yield chunk
            chunk, filled = [], 0
        chunk.append(rule)
        filled += size
    if chunk:
        yield chunk


def _compile_set(name: str, about: str, rules: Sequence[Rule]) -> CompiledSet:
    definition: dict[str, Term] = {}
    owners: dict[str, Rule] = {}
    occasions: dict[str, Rule] = {}
    for number, rule in enumerate(rules):
        # Without a positive condition the engine would match its own internal facts, for ever.
        common: list[Term] = [{"about": about}]
        if rule.occasions is not None:
            occasions[f"occ_{number}"] = rule
            common.append({"$gte": {f"occ_{number}": 0}})
        for branch, terms in enumerate(product(*map(_alternatives, rule.when))):
            key = f"r{number}.{branch}"
            owners[key] = rule
            pattern = common + [term for group in terms for term in group]
            definition[key] = {"all": [{"t": pattern[0] if len(pattern) == 1 else {"$and": pattern}}]}
    return CompiledSet(name, about, definition, owners, occasions)


def _alternatives(condition: Condition) -> list[list[Term]]:
    """The condition as alternatives, each a list of terms that must all hold."""
    fact = condition.fact
    match condition:
        case Between(low=low, high=high):
            return [_range(fact, low, high)]
        case Other(value=value):
            return [[{"$neq": {fact: value}}]]
        case OneOf(values=(value,)):
            return [[{fact: value}]]
        case OneOf(values=values) if FACTS[fact].choices:
            # Facts are complete: one of several words is the same as none of the others.
            unwanted = [word for word in FACTS[fact].choices if word not in values]
            return [[{"$neq": {fact: word}} for word in unwanted]]
        case OneOf(values=values):
            return [_range(fact, low, high) for low, high in _runs(values)]


def _range(fact: str, low: int | None, high: int | None) -> list[Term]:
    if low is not None and low == high:
        return [{fact: low}]
    terms: list[Term] = []
    if low is not None:
        terms.append({"$gte": {fact: low}})
    if high is not None:
        terms.append({"$lte": {fact: high}})
    return terms


def _runs(values: Iterable[FactValue]) -> list[tuple[int, int]]:
    """Unbroken runs of numbers: 1, 2, 3, 7 are 1–3 and 7–7."""
    runs: list[tuple[int, int]] = []
    for number in sorted(map(int, values)):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
