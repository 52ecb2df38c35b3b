"""Random rules inside the grammar, and random situations, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.ruleset.compile import MOST_BRANCHES, count_branches
from engine.ruleset.rule import Between, Condition, Occasions, OneOf, Other, Role, Rule, Tone
from engine.tracking.fact_types import HIGHEST, About, FactType, FactValue, Measure
from engine.tracking.situations import FACTS, AnySituation, facts_about, neutral_situation

NUMBERS = st.integers(0, 25) | st.sampled_from([30, 60, 100, 2000, HIGHEST - 1])


def numbers(fact: FactType) -> st.SearchStrategy[int]:
    """Numbers that the fact can have."""
    return st.integers(0, fact.highest) if fact.highest < HIGHEST else NUMBERS


@st.composite
def conditions(draw: st.DrawFn, fact: FactType) -> Condition:
    """Any condition that the grammar can put on the fact."""
    if fact.measure is Measure.FLAG:
        return OneOf(fact.name, (draw(st.integers(0, 1)),))
    if fact.choices:
        words = st.sampled_from(sorted(fact.choices))
        if draw(st.booleans()):
            return Other(fact.name, draw(words))
        return OneOf(fact.name, tuple(draw(st.lists(words, min_size=1, unique=True))))
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    shapes: list[Condition] = [
        Between(fact.name, low, high),
        Between(fact.name, low, None),
        Between(fact.name, None, high),
        Other(fact.name, low),
        OneOf(fact.name, tuple(draw(st.lists(NUMBERS, min_size=1, max_size=6, unique=True)))),
    ]
    return draw(st.sampled_from(shapes))


@st.composite
def occasions(draw: st.DrawFn, about: str) -> Occasions:
    """Any series of occasions on a fact of this thing."""
    fact = draw(st.sampled_from([f for f in facts_about(about) if f.has_occasions]))
    thresholds = sorted(draw(st.lists(numbers(fact), min_size=1, max_size=6, unique=True)))
    if fact.measure is Measure.COUNTDOWN:
        return Occasions(fact.name, tuple(thresholds[::-1]))
    return Occasions(fact.name, tuple(thresholds), draw(st.none() | st.integers(1, 40)))


@st.composite
def rules(draw: st.DrawFn, id: str) -> Rule:
    """Any rule that passes the door."""
    about: About = draw(
        st.sampled_from(["assignment", "assignment", "assignment", "unit", "office", "indicator"])
    )
    names = [fact.name for fact in facts_about(about)]
    fewest = 0 if about == "office" else 1
    chosen = draw(st.lists(st.sampled_from(names), min_size=fewest, max_size=5, unique=True))
    when = tuple(draw(conditions(FACTS[name])) for name in chosen)
    while count_branches(when) > MOST_BRANCHES:
        when = when[:-1]
    series = draw(occasions(about) if about == "office" else st.none() | occasions(about))
    return Rule(id, "Lý do", about, when, series, (Role.LEAD,), Tone.REMIND, file="rules/a.yaml", line=1)


@st.composite
def rule_lists(draw: st.DrawFn, most: int = 12) -> list[Rule]:
    """Some rules with different ids."""
    return [draw(rules(f"luat-{number}")) for number in range(draw(st.integers(1, most)))]


@st.composite
def situations(draw: st.DrawFn) -> AnySituation:
    """Any situation."""
    about = draw(st.sampled_from(["assignment", "assignment", "unit", "office", "indicator"]))
    facts: dict[str, FactValue] = {}
    for fact in facts_about(about):
        if fact.choices:
            facts[fact.name] = draw(st.sampled_from(sorted(fact.choices)))
        else:
            facts[fact.name] = draw(st.integers(0, 1) if fact.measure is Measure.FLAG else numbers(fact))
    return neutral_situation(about, facts)
