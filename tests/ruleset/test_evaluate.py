"""A rule set in force: findings per situation, which rule replaces which, and the reasons."""

from __future__ import annotations

import itertools
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ruleset.durable import EngineFailure, Matcher
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.plain import matches
from engine.ruleset.reasons import explain_rule
from engine.ruleset.rule import Between, Finding, Occasions, OneOf, Other, Role, Rule, Silence, Tone
from engine.tracking.assess import TIMELINESS_NAMES
from engine.tracking.fact_types import HIGHEST, STATES, TIMELINESS
from engine.tracking.progress import STATE_NAMES
from engine.tracking.situations import (
    FACTS,
    AnySituation,
    IndicatorSituation,
    OfficeSituation,
    Situation,
    UnitSituation,
    facts_about,
    neutral_situation,
    values_of,
)
from tests.ruleset.random_rules import rules, situations

LATE = Rule(
    "qua-han",
    "Nhiệm vụ quá hạn",
    "assignment",
    (OneOf("timeliness", ("overdue",)), Other("state", "reported"), Between("length", 31, None)),
    Occasions("days_late", (1, 3), 10),
    (Role.LEAD,),
    Tone.REMIND,
    unless=frozenset({Silence.EXTENSION_PENDING}),
)
ONCE = Rule(
    "tra-lai", "Bị trả lại", "assignment", (OneOf("state", ("returned",)),), None, (Role.LEAD,), Tone.WARN
)
SITUATION = neutral_situation("assignment", {"timeliness": "overdue", "days_late": 4, "length": 40})


def test_findings_name_rule_occasion_and_reason() -> None:
    silent = neutral_situation("assignment", {})
    returned = neutral_situation("assignment", {"state": "returned"})
    found = RuleSet([LATE, ONCE]).evaluate([SITUATION, silent, returned, SITUATION])
    assert found == {
        SITUATION: (Finding("qua-han", "days_late:3", (Role.LEAD,), Tone.REMIND, "Nhiệm vụ quá hạn"),),
        silent: (),
        returned: (Finding("tra-lai", "once", (Role.LEAD,), Tone.WARN, "Bị trả lại"),),
    }


def test_each_distinct_situation_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[AnySituation] = []
    match = Matcher.match

    def counting(self: Matcher, situation: AnySituation) -> frozenset[str]:
        asked.append(situation)
        return match(self, situation)

    monkeypatch.setattr(Matcher, "match", counting)
    RuleSet([LATE]).evaluate(neutral_situation("assignment", {"age": n % 3}) for n in range(1000))
    assert len(asked) == 3


def test_a_broken_engine_loses_no_finding(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Matcher, situation: AnySituation) -> frozenset[str]:
        raise EngineFailure("error 303")

    ruleset = RuleSet([LATE])
    expected = ruleset.evaluate([SITUATION])
    monkeypatch.setattr(Matcher, "match", broken)
    with caplog.at_level(logging.ERROR):
        assert ruleset.evaluate([SITUATION]) == expected
    assert "error 303" in caplog.text


def test_a_rule_replaces_those_it_silences_for_the_same_person() -> None:
    def rule(id: str, *silences: str) -> Rule:
        return Rule(id, "x", "assignment", (), None, (Role.LEAD,), Tone.WARN, silences=silences)

    ruleset = RuleSet([rule("nhac"), rule("theo-doi", "nhac"), rule("lanh-dao", "theo-doi")])
    assert ruleset.inhibited(["nhac"]) == {}
    assert ruleset.inhibited(["nhac", "lanh-dao"]) == {}
    assert ruleset.inhibited(["nhac", "theo-doi"]) == {"nhac": "theo-doi"}
    assert ruleset.inhibited(["nhac", "theo-doi", "lanh-dao"]) == {"nhac": "theo-doi", "theo-doi": "lanh-dao"}


def test_reasons_show_each_condition_with_its_value() -> None:
    assert explain_rule(LATE, SITUATION) == [
        "✓ tiến độ thời hạn (timeliness) là quá hạn (overdue); luật cần quá hạn (overdue)",
        (
            "✓ trạng thái (state) là chưa bắt đầu (not_started); "
            "luật cần khác đã báo cáo, chờ xác nhận (reported)"
        ),
        "✓ độ dài nhiệm vụ (length) là 40; luật cần từ 31 trở lên",
        "✓ dịp nhắc: số ngày làm việc quá hạn (days_late) là 4; mốc đã qua gần nhất là 3",
        "→ Luật qua-han áp dụng, dịp days_late:3",
    ]
    early = neutral_situation("assignment", {"days_late": 0, "length": 40})
    assert explain_rule(LATE, early)[0].startswith("✗ tiến độ thời hạn (timeliness) là trong hạn (on_track)")
    assert explain_rule(LATE, early)[-2:] == [
        "✗ dịp nhắc: số ngày làm việc quá hạn (days_late) là 0; chưa đến mốc đầu tiên là 1",
        "→ Luật qua-han không áp dụng: 2 điều kiện không đạt",
    ]
    pending = neutral_situation("assignment", {**values_without_about(SITUATION), "extension": "pending"})
    assert "tạm im vì đơn vị đang xin gia hạn" in explain_rule(LATE, pending)[-1]
    assert "không xét đơn vị" in explain_rule(LATE, neutral_situation("unit", {}))[0]


def values_without_about(situation: AnySituation) -> dict[str, str | int]:
    return {name: value for name, value in values_of(situation).items() if name != "about"}


@given(rules("luat"), situations())
def test_reasons_agree_with_the_evaluation(rule: Rule, situation: AnySituation) -> None:
    lines = explain_rule(rule, situation)
    failed = any(line.startswith("✗") for line in lines)
    assert failed != matches(rule, situation)
    assert "không áp dụng" in lines[-1] or rule.about != situation.about or not failed


def test_situations_are_complete_typed_and_shared() -> None:
    for about in ("assignment", "unit", "office", "indicator"):
        situation = neutral_situation(about, {})
        assert set(values_without_about(situation)) == {fact.name for fact in facts_about(about)}
        assert hash(situation) == hash(neutral_situation(about, {}))
        for name, value in values_of(situation).items():
            assert type(value) in (str, int), name
    kinds = {type(neutral_situation(a, {})) for a in ("assignment", "unit", "office", "indicator")}
    assert kinds == {Situation, UnitSituation, OfficeSituation, IndicatorSituation}


@pytest.mark.parametrize(
    "facts",
    [{"kind": "milestones"}, {"state": "lost"}, {"days_late": -1}, {"age": HIGHEST + 1}, {"undated": 2}],
)
def test_a_situation_that_no_rule_could_name_is_refused(facts: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match=next(iter(facts))):
        neutral_situation("assignment", facts)


def test_every_fact_speaks_vietnamese() -> None:
    for fact in FACTS.values():
        for text in (fact.title, fact.description, *fact.choices.values()):
            assert not text.isascii(), text
        assert fact.allows(fact.neutral)
    titles = [(fact.about, fact.title) for fact in FACTS.values()]
    assert len(set(titles)) == len(titles)
    assert FACTS["days_left"].wording(HIGHEST) == "không có"


def test_rules_call_states_and_timeliness_what_pages_and_messages_call_them() -> None:
    assert dict(STATES) == STATE_NAMES
    assert dict(TIMELINESS) == TIMELINESS_NAMES


@given(st.lists(situations(), max_size=5))
def test_the_answer_holds_exactly_the_situations_asked(asked: list[AnySituation]) -> None:
    found = RULES.evaluate(itertools.chain(asked, asked))
    assert set(found) == set(asked)


RULES = RuleSet([LATE, ONCE])
