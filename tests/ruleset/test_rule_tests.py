"""Rule tests as data: their format, what they compare, and which rules they leave untested."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from datetime import date

import pytest

from engine.ruleset.load import load_rules
from engine.ruleset.parse_tests import parse_tests
from engine.ruleset.run_tests import TimelineRefused, run_suite, run_timeline, untested_rules
from engine.ruleset.tests_format import Suite, Timeline, Told
from tests.ruleset.production import Production, shipped_calendar, shipped_files

FOUND, _ = load_rules(shipped_files())
assert FOUND is not None
RULESET = FOUND
CALENDAR = shipped_calendar()
PRODUCTION = Production(RULESET, CALENDAR)

TESTS = """\
situations:
- name: Quá hạn
  given: {state: received, timeliness: overdue, days_left: 0, length: 40}
  cases:
  - given: {days_late: 1}
    expect: [lead qua-han-nhac-lai days_late:1]
  - given: {days_late: 1, extension: pending}
    expect: monitor xin-gia-han days_silent:0
  - quiet: snoozed
    given: {days_late: 9}
    expect: []
timelines:
- name: Bỏ quên
  assignment: {starts: 01/06/2023, due: 15/06/2023, level: commune}
  events:
  - {on: 02/06/2023, said: received}
  expect:
  - {on: 15/06/2023, told: [lead dung-han days_left:0]}
  - {on: 17/06/2023, told: []}
  - {on: 19/06/2023, told: []}
"""


def parsed(text: str) -> Suite:
    suite, problems = parse_tests(text.encode(), "rules/tests/a.yaml", RULESET.by_id)
    assert suite is not None, problems
    return suite


def outcome_lines(text: str) -> list[str]:
    outcomes = run_suite(parsed(text), RULESET, PRODUCTION.tell, CALENDAR.is_working_day)
    return [line for outcome in outcomes for line in outcome.details]


def test_right_expectations_pass() -> None:
    outcomes = run_suite(parsed(TESTS), RULESET, PRODUCTION.tell, CALENDAR.is_working_day)
    assert [(o.name, o.line, o.checks, o.passed) for o in outcomes] == [
        ("Quá hạn", 2, 3, True),
        ("Bỏ quên", 13, 3, True),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "qua-han-nhac-lai days_late:1]",
            "qua-han-nhac-lai days_late:3]",
            "Trường hợp (dòng 5): thiếu “lead qua-han-nhac-lai days_late:3”",
        ),
        (
            "[lead qua-han-nhac-lai days_late:1]",
            "[]",
            "Trường hợp (dòng 5): thừa “lead qua-han-nhac-lai days_late:1”",
        ),
        ("quiet: snoozed", "quiet: []", "Trường hợp (dòng 9): thừa “lead qua-han-nhac-lai days_late:5”"),
        (
            "told: [lead dung-han days_left:0]",
            "told: []",
            "Ngày 15/06/2023 (dòng 18): thừa “lead dung-han days_left:0”",
        ),
        (
            "on: 17/06/2023, told: []",
            "on: 16/06/2023, told: []",
            "Ngày 16/06/2023 (dòng 19): thừa “lead qua-han-nhac-lai days_late:1”",
        ),
        (
            "19/06/2023, told: []",
            "20/06/2023, told: [lead qua-han-nhac-lai days_late:1]",
            "Ngày 20/06/2023 (dòng 20): thiếu “lead qua-han-nhac-lai days_late:1”",
        ),
        (
            "  expect:\n  - {on: 15",
            "  complete: true\n  expect:\n  - {on: 15",
            "Ngày 01/06/2023 (dòng 13): thừa “lead giao-nhiem-vu age:0”",
        ),
        (
            "said: received}",
            "said: confirm}",
            "Ngày 02/06/2023: confirm ngày 02/06/2023: Không thể xác nhận hoàn thành",
        ),
    ],
)
def test_wrong_expectations_fail_and_say_where(old: str, new: str, line: str) -> None:
    assert old in TESTS
    assert any(said.startswith(line) for said in outcome_lines(TESTS.replace(old, new)))


def test_a_failed_case_shows_the_conditions() -> None:
    lines = outcome_lines(TESTS.replace("{days_late: 1}", "{days_late: 0}"))
    assert any("chưa đến mốc đầu tiên là 1" in line for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("state: received", "stat: received", 3, "state"),
        ("state: received", "state: recieved", 3, "received"),
        ("days_late: 1}", "days_late: over 1}", 5, "over 12"),
        ("lead qua-han-nhac-lai days", "leed qua-han-nhac-lai days", 6, "lead"),
        ("lead qua-han-nhac-lai days", "lead qua-han-nhac days", 6, "qua-han-nhac-lai"),
        ("days_late:1]", "days_lat:1]", 6, "days_late:3"),
        ("quiet: snoozed", "quiet: snooze", 9, "snoozed"),
        ("said: received", "said: receive", 16, "received"),
        ("on: 17/06/2023", "on: 15/06/2023", 19, "tăng dần"),
        ("due: 15/06/2023", "due: 15/05/2023", 14, "đứng trước"),
        ("due: 15/06/2023", "due: 31/06/2023", 14, "31/06/2023"),
        ("name: Bỏ quên", "name: Bỏ quên\n  rules: qua-han", 14, "qua-han"),
        ("  cases:", "  case:", 4, "cases"),
        ("level: commune", "level: xã", 14, "dùng được"),
    ],
)
def test_each_mistake_in_a_test_file_is_named_at_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in TESTS
    suite, problems = parse_tests(TESTS.replace(old, new, 1).encode(), "rules/tests/a.yaml", RULESET.by_id)
    assert suite is None
    assert line in [p.line for p in problems], problems
    assert any(said in f"{p.message} {p.hint}" for p in problems), problems


def test_a_file_without_tests_is_an_error() -> None:
    suite, problems = parse_tests(b"situations: []\n", "rules/tests/a.yaml", RULESET.by_id)
    assert suite is None
    assert [p.code for p in problems] == ["test-none"]


def test_rules_without_a_test_are_named() -> None:
    problems = untested_rules(RULESET, [parsed(TESTS)])
    named = {p.message.split("“")[1].split("”")[0]: p for p in problems}
    assert set(named) == set(RULESET.by_id) - {"qua-han-nhac-lai", "xin-gia-han", "dung-han"}
    assert named["cho-xac-nhan"].file == "rules/van-phong.yaml"
    assert named["cho-xac-nhan"].line > 0


def test_a_rule_that_no_test_sees_silent_is_named() -> None:
    only = """\
situations:
- name: Quá hạn
  rules: qua-han-nhac-lai
  cases:
  - given: {timeliness: overdue, days_left: 0, days_late: 1}
    expect: [lead qua-han-nhac-lai days_late:1]
"""
    problems = untested_rules(RULESET, [parsed(only)])
    (problem,) = [p for p in problems if "“qua-han-nhac-lai”" in p.message]
    assert "chưa có phép thử im lặng" in problem.message


def test_told_keys_are_handed_on_and_idle_days_pass() -> None:
    (timeline,) = parsed(TESTS).timelines
    seen: list[tuple[date, frozenset[Hashable]]] = []

    def tell(_timeline: Timeline, day: date, told: Collection[Hashable]) -> Iterator[tuple[Told, Hashable]]:
        seen.append((day, frozenset(told)))
        return iter([])

    run_timeline(timeline, tell, lambda day: day.weekday() < 5)
    assert [day for day, _ in seen] == [
        date(2023, 6, n) for n in range(1, 20) if date(2023, 6, n).weekday() < 5
    ]

    def refuse(
        _timeline: Timeline, day: date, _told: Collection[Hashable]
    ) -> Iterator[tuple[Told, Hashable]]:
        raise TimelineRefused("không được")

    assert run_timeline(timeline, refuse, lambda _day: True).details == ("Ngày 01/06/2023: không được",)
