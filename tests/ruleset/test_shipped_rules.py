"""The rules that come with the software: tested, in force, and sparing with people's time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import date, timedelta

import pytest

from engine.ruleset.load import load_rules
from engine.ruleset.parse_tests import parse_tests
from engine.ruleset.rule import Role
from engine.ruleset.run_tests import run_suite, untested_rules
from engine.ruleset.schema import rule_schema
from engine.ruleset.tests_format import Suite, Timeline
from engine.tracking.fact_types import FactValue
from engine.tracking.situations import FACTS, neutral_situation
from tests.ruleset.production import ROOT, Production, shipped_calendar, shipped_files

FOUND, PROBLEMS = load_rules(shipped_files())
assert FOUND is not None
RULESET = FOUND
CALENDAR = shipped_calendar()
PRODUCTION = Production(RULESET, CALENDAR)
FILES = sorted((ROOT / "rules" / "tests").glob("*.yaml"))


def suites() -> list[Suite]:
    found = []
    for path in FILES:
        suite, problems = parse_tests(path.read_bytes(), f"rules/tests/{path.name}", RULESET.by_id)
        assert problems == ()
        assert suite is not None
        found.append(suite)
    return found


def test_the_shipped_rules_have_no_problem() -> None:
    assert PROBLEMS == ()
    assert len(RULESET.rules) >= 25


@pytest.mark.parametrize("suite", suites(), ids=lambda suite: suite.file)
def test_the_shipped_rule_tests_pass(suite: Suite) -> None:
    outcomes = run_suite(suite, RULESET, PRODUCTION.tell, CALENDAR.is_working_day)
    assert [line for outcome in outcomes for line in outcome.details] == []


def test_every_shipped_rule_has_a_test_that_sees_it_speak_and_one_that_sees_it_silent() -> None:
    assert untested_rules(RULESET, suites()) == ()


def neglected(kind: str, due: date | None, *, starts: date = date(2023, 2, 1), **more: object) -> Timeline:
    """An assignment that nobody ever answers."""
    values: dict[str, object] = {
        "name": "bỏ quên",
        "kind": kind,
        "in_force": date(2023, 2, 1),
        "starts": starts,
        "due": due,
        "ends": None,
        "after_days": None,
        "after_working": False,
        "level": "commune",
        "collective": False,
        "completion": "reported",
        "events": (),
        "expect": (),
        "complete": False,
        "rules": frozenset(),
        "file": "",
        "line": 0,
    }
    return Timeline(**{**values, **more})  # type: ignore[arg-type]


def year_of(timeline: Timeline) -> Counter[Role]:
    """How often each role hears of the assignment in 2023."""
    heard: Counter[Role] = Counter()
    keys: set[Hashable] = set()
    day = date(2023, 2, 1)
    while day.year == 2023:
        if CALENDAR.is_working_day(day):
            for told, key in PRODUCTION.tell(timeline, day, frozenset(keys)):
                keys.add(key)
                heard[told.role] += 1
        day += timedelta(days=1)
    return heard


@pytest.mark.parametrize(
    ("timeline", "expected"),
    [
        # one long task, due in June and forgotten for the rest of the year
        (neglected("date", date(2023, 6, 30)), {"lead": 21, "coordinating": 1, "monitor": 7, "leader": 6}),
        # one weekly report that never comes
        (neglected("recurring", date(2023, 6, 8), starts=date(2023, 6, 5)), {"lead": 2}),
        # one monthly report that never comes
        (
            neglected("recurring", date(2023, 6, 30), starts=date(2023, 6, 1)),
            {"lead": 11, "coordinating": 1, "monitor": 6},
        ),
        (neglected("continuous", None), {"lead": 8, "coordinating": 1, "monitor": 3}),
        (neglected("external", None), {"lead": 1, "coordinating": 1, "monitor": 12}),
        (neglected("event", None, after_days=30), {"lead": 1, "coordinating": 1, "monitor": 6}),
    ],
    ids=["long task", "weekly", "monthly", "continuous", "undated", "event"],
)
def test_a_year_of_neglect_is_not_a_flood(timeline: Timeline, expected: dict[str, int]) -> None:
    assert {role.value: times for role, times in year_of(timeline).items()} == expected


def test_the_schema_names_every_key_and_fact_in_vietnamese() -> None:
    schema = rule_schema()
    rule = schema["$defs"]["RuleSchema"]
    assert set(rule["properties"]["when"]["properties"]) == set(FACTS)
    for name, key in rule["properties"].items():
        assert not key["title"].isascii(), name
    assert rule["additionalProperties"] is False
    assert {"id", "why", "tell", "tone"} == set(rule["required"])
    assert (rule["then"], rule["else"]) == ({"required": ["occasions"]}, {"required": ["when"]})


@pytest.mark.parametrize(
    ("about", "facts", "kept"),
    [
        ("assignment", {"timeliness": "overdue", "days_left": 0, "days_late": 5}, "leo-thang-theo-doi"),
        ("assignment", {"timeliness": "overdue", "days_left": 0, "days_late": 35}, "leo-thang-lanh-dao"),
        (
            "assignment",
            {"kind": "recurring", "timeliness": "overdue", "days_left": 0, "days_late": 30, "length": 21},
            "dinh-ky-leo-thang",
        ),
        ("assignment", {"timeliness": "due_soon", "days_left": 0, "length": 90}, "dung-han"),
        ("assignment", {"timeliness": "due_soon", "days_left": 3, "length": 90}, "truoc-han-dai"),
        ("assignment", {"timeliness": "due_soon", "days_left": 3, "length": 30}, "truoc-han-vua"),
        ("assignment", {"timeliness": "due_soon", "days_left": 1, "length": 9}, "truoc-han-ngan"),
        (
            "assignment",
            {"kind": "recurring", "timeliness": "due_soon", "days_left": 0, "length": 90},
            "dinh-ky-dung-han",
        ),
        (
            "assignment",
            {"kind": "continuous", "state": "received", "timeliness": "no_deadline", "days_silent": 90},
            "thuong-xuyen-im-lang-lau",
        ),
        ("assignment", {"collective": 1, "days_left": 90, "length": 99}, "nhom-chua-ro-thanh-vien"),
        ("unit", {"overdue": 20}, "don-vi-qua-han-keo-dai"),
    ],
)
def test_an_office_in_every_role_hears_of_one_thing_once(
    about: str, facts: dict[str, FactValue], kept: str
) -> None:
    situation = neutral_situation(about, facts)
    hit = [finding.rule_id for finding in RULESET.evaluate([situation])[situation]]
    assert len(hit) > 1
    assert set(hit) - set(RULESET.inhibited(hit)) == {kept}
