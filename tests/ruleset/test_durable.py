"""durable_rules behind its matcher: the same answers as the plain evaluator, inside its limits."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.ruleset.boundaries import grid
from engine.ruleset.compile import MOST_BRANCHES, compile_rules, count_branches
from engine.ruleset.durable import EngineFailure, Matcher
from engine.ruleset.plain import matching_ids
from engine.ruleset.rule import Between, Occasions, OneOf, Other, Role, Rule, Tone
from engine.tracking.situations import neutral_situation


def rule(number: int, *when: Any, occasions: Occasions | None = None) -> Rule:
    return Rule(f"luat-{number}", "Lý do", "assignment", when, occasions, (Role.LEAD,), Tone.REMIND)


def test_random_rule_sets_agree_with_the_plain_evaluator() -> None:
    child = Path(__file__).with_name("agreement.py")
    done = subprocess.run(
        [sys.executable, str(child)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    counted = json.loads(done.stdout)
    assert counted["evaluations"] >= 20_000
    assert counted["matches"] >= 1_000


@pytest.mark.parametrize("count", [1, 70, 300])
def test_many_rules_that_all_match_are_split_and_all_fire(count: int) -> None:
    rules = [rule(n, Between("age", None, n)) for n in range(count)]
    sets = compile_rules(rules)
    assert all(len(each.definition) <= MOST_BRANCHES for each in sets)
    assert len(sets) == -(-count // MOST_BRANCHES)
    situation = neutral_situation("assignment", {"age": 0})
    assert Matcher(rules).match(situation) == {r.id for r in rules}


def test_300_rules_with_the_very_same_condition_all_fire() -> None:
    rules = [rule(n, OneOf("state", ("received", "returned"))) for n in range(300)]
    matcher = Matcher(rules)
    assert len(matcher.match(neutral_situation("assignment", {"state": "returned"}))) == 300
    assert matcher.match(neutral_situation("assignment", {"state": "reported"})) == frozenset()


def test_alternatives_fire_once_and_stay_inside_the_limit() -> None:
    scattered = rule(1, OneOf("age", (1, 3, 5, 7)), OneOf("length", (2, 4, 6)), Other("level", "none"))
    assert count_branches(scattered.when) == 12
    matcher = Matcher([scattered])
    hit = neutral_situation("assignment", {"age": 5, "length": 4, "level": "commune"})
    miss = neutral_situation("assignment", {"age": 4, "length": 4, "level": "commune"})
    assert matcher.match(hit) == {"luat-1"}
    assert matcher.match(miss) == frozenset()


def test_a_list_of_every_word_always_holds() -> None:
    every = rule(1, OneOf("extension", ("none", "pending", "granted", "refused")))
    assert Matcher([every]).match(neutral_situation("assignment", {})) == {"luat-1"}


def test_a_rule_about_units_never_sees_an_assignment() -> None:
    unit = Rule("luat", "Lý do", "unit", (Between("overdue", 0, None),), None, (Role.LEAD,), Tone.WARN)
    matcher = Matcher([unit, rule(1, Between("age", 0, None))])
    assert matcher.match(neutral_situation("unit", {})) == {"luat"}
    assert matcher.match(neutral_situation("assignment", {})) == {"luat-1"}


def test_no_threads_are_left_running() -> None:
    before = threading.active_count()
    Matcher([rule(1, Between("age", 0, None))]).match(neutral_situation("assignment", {}))
    assert threading.active_count() == before


def test_threads_that_share_a_matcher_get_right_answers() -> None:
    rules = [rule(n, Between("age", n, n + 3)) for n in range(20)]
    matcher = Matcher(rules)
    wrong: list[object] = []

    def work(start: int) -> None:
        for age in range(start, start + 200):
            situation = neutral_situation("assignment", {"age": age % 25})
            if matcher.match(situation) != matching_ids(rules, situation):
                wrong.append(situation)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_after_an_engine_error_a_new_host_answers() -> None:
    matcher = Matcher([rule(1, Between("age", 3, None))])
    host = matcher._host
    host.assert_fact("assignment-0", {"id": "x", "about": "assignment", "age": 9})  # left over, unretracted
    situation = neutral_situation("assignment", {"age": 4})
    assert matcher.match(situation) == {"luat-1"}
    assert matcher._host is not host


def test_an_engine_that_errs_twice_says_so() -> None:
    matcher = Matcher([rule(1, Between("age", 3, None))])
    matcher._sets = (*matcher._sets, *compile_rules([rule(2)]))
    object.__setattr__(matcher._sets[1], "name", "unknown")
    matcher._new_host = lambda: matcher._host  # type: ignore[method-assign]
    with pytest.raises(EngineFailure):
        matcher.match(neutral_situation("assignment", {"age": 4}))


def test_the_grid_reaches_both_sides_of_every_rule() -> None:
    rules = [
        rule(1, Other("state", "reported"), occasions=Occasions("days_left", (15, 7, 3))),
        rule(2, OneOf("collective", (1,)), Between("age", 400, 401)),
    ]
    tried = grid(rules, most=300)
    assert len(set(tried)) == len(tried) <= 300
    for each in rules:
        spoken = {each.id in matching_ids([each], situation) for situation in tried}
        assert spoken == {True, False}
    assert tried == grid(rules, most=300)
