"""Holds durable_rules against the plain evaluator over random rule sets; run as a process of its own,
because the engine, should it err, may take the process with it. Prints how much was compared."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.ruleset.boundaries import grid
from engine.ruleset.durable import Matcher
from engine.ruleset.plain import matching_ids
from engine.ruleset.rule import Rule
from engine.tracking.situations import AnySituation
from tests.ruleset.random_rules import rule_lists, situations

counted: Counter[str] = Counter()


@settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(rule_lists(), st.lists(situations(), min_size=10, max_size=20), st.integers(0, 1000))
def agree(rules: list[Rule], random: list[AnySituation], seed: int) -> None:
    """Both evaluators name the same rules, at the boundaries and anywhere else."""
    matcher = Matcher(rules)
    for situation in [*random, *grid(rules, most=40, seed=seed)]:
        expected = matching_ids(rules, situation)
        assert matcher.match(situation) == expected, (rules, situation)
        counted["evaluations"] += len(rules)
        counted["matches"] += len(expected)


if __name__ == "__main__":
    agree()
    json.dump(counted, sys.stdout)
