"""Rule files: what the grammar means, and a clear Vietnamese problem at its place for each mistake."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Problem, Severity
from engine.ruleset.load import MOST_RULES, is_rule_file, load_rules
from engine.ruleset.parse import parse_rules
from engine.ruleset.phrases import BadPhrase, parse_condition, parse_occasions
from engine.ruleset.rule import Attach, Between, Condition, Occasions, OneOf, Other, Role, Silence, Tone
from engine.tracking.fact_types import HIGHEST
from engine.tracking.situations import FACTS
from tests.ruleset.production import shipped_files

RULE = """\
rules:
- id: qua-han
  why: Nhiệm vụ quá hạn
  when: {timeliness: overdue, length: over 30}
  occasions: days_late in 1, 3, then every 10
  tell: lead
  tone: remind
  unless: [extension_pending]
"""


def test_a_rule_reads_as_it_is_written() -> None:
    rules, problems = parse_rules(RULE.encode(), "rules/a.yaml")
    assert problems == ()
    (rule,) = rules
    assert (rule.id, rule.why, rule.about) == ("qua-han", "Nhiệm vụ quá hạn", "assignment")
    assert rule.when == (OneOf("timeliness", ("overdue",)), Between("length", 31, None))
    assert rule.occasions == Occasions("days_late", (1, 3), 10)
    assert (rule.tell, rule.tone) == ((Role.LEAD,), Tone.REMIND)
    assert rule.unless == {Silence.EXTENSION_PENDING}
    assert (rule.file, rule.line) == ("rules/a.yaml", 2)


@pytest.mark.parametrize(
    ("fact", "texts", "condition"),
    [
        ("state", ["received"], OneOf("state", ("received",))),
        ("state", ["received", "returned"], OneOf("state", ("received", "returned"))),
        ("state", ["not received"], Other("state", "received")),
        ("collective", ["true"], OneOf("collective", (1,))),
        ("collective", ["không"], OneOf("collective", (0,))),
        ("length", ["12"], OneOf("length", (12,))),
        ("length", ["1", "5"], OneOf("length", (1, 5))),
        ("length", ["not 12"], Other("length", 12)),
        ("length", ["over 12"], Between("length", 13, None)),
        ("length", ["at least 12"], Between("length", 12, None)),
        ("length", ["under 12"], Between("length", None, 11)),
        ("length", ["at most 12"], Between("length", None, 12)),
        ("length", ["3 to 12"], Between("length", 3, 12)),
        ("days_left", ["none"], OneOf("days_left", (HIGHEST,))),
        # "Over 5 days left" never means those that have no date.
        ("days_left", ["over 5"], Between("days_left", 6, HIGHEST - 1)),
        ("days_left", ["at least 5"], Between("days_left", 5, HIGHEST - 1)),
    ],
)
def test_conditions(fact: str, texts: list[str], condition: Condition) -> None:
    assert parse_condition(FACTS[fact], texts) == condition


@pytest.mark.parametrize(
    ("fact", "texts", "said"),
    [
        ("state", ["recieved"], "received"),
        ("state", ["đang thực hiện"], "in_progress"),
        ("state", ["not"], "dùng được"),
        ("state", ["over 3"], "dùng được"),
        ("state", ["received", "not returned"], "liệt kê"),
        ("state", ["received", "received"], "bỏ một lần"),
        ("collective", ["yes"], "true hoặc false"),
        ("collective", ["not true"], "true hoặc false"),
        ("length", ["> 30"], "over 12"),
        ("length", ["hơn 30"], "over 12"),
        ("length", ["over 30 days"], "over 12"),
        ("length", ["under 0"], "viết 0"),
        ("length", ["12 to 3"], "3 to 12"),
        ("length", ["-1"], "over 12"),
        ("length", ["1.5"], "over 12"),
        ("length", ["٣"], "over 12"),
        ("length", ["9999"], "9998"),
        ("length", ["9" * 100_000], "9998"),
        ("length", ["none"], "over 12"),
        ("days_left", ["over 9999"], "9998"),
    ],
)
def test_bad_conditions_name_a_way_out(fact: str, texts: list[str], said: str) -> None:
    with pytest.raises(BadPhrase) as caught:
        parse_condition(FACTS[fact], texts)
    assert said in caught.value.hint


@pytest.mark.parametrize(
    ("text", "series", "name"),
    [
        ("weekly", Occasions("week_day", (1,)), "weekly"),
        ("monthly", Occasions("month_day", (1,)), "monthly"),
        ("week_day in 1", Occasions("week_day", (1,)), "weekly"),
        ("week_day in 2, 4", Occasions("week_day", (2, 4)), "week_day:2"),
        ("days_stopped in 0, then every 5", Occasions("days_stopped", (0,), 5), "days_stopped:0"),
    ],
)
def test_occasions_of_an_office(text: str, series: Occasions, name: str) -> None:
    assert parse_occasions(text, "office") == series
    assert series.name(series.thresholds[0]) == name


@pytest.mark.parametrize(
    ("text", "about", "message"),
    [
        ("weekly", "assignment", "tin tổng hợp"),
        ("monthly", "unit", "tin tổng hợp"),
        ("weekli", "office", "Không hiểu các dịp nhắc"),
        ("hằng tuần", "office", "Không hiểu các dịp nhắc"),
        ("days_late in 3", "office", "không dùng được"),
        ("channels_stopped in 1", "office", "không chạy theo ngày"),
        ("week_day in 8", "office", "không bao giờ đến 8"),
        ("month_day in 1, 32", "office", "không bao giờ đến 32"),
    ],
)
def test_bad_occasions_of_an_office(text: str, about: str, message: str) -> None:
    with pytest.raises(BadPhrase) as caught:
        parse_occasions(text, about)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("days_late", "Không hiểu các dịp nhắc"),
        ("days_late: 1, 2", "Không hiểu các dịp nhắc"),
        ("days_lat in 1", "Không có dữ kiện"),
        ("length in 1", "không chạy theo ngày"),
        ("overdue in 5", "không dùng được"),
        ("days_late in", "Không hiểu các dịp nhắc"),
        ("days_late in ", "Không hiểu các dịp nhắc"),
        ("days_late in 1, x", "Không hiểu mốc"),
        ("days_late in 1,, 3", "Không hiểu mốc"),
        ("days_late in 1 3", "Không hiểu mốc"),
        ("days_late in 3, 1", "tăng dần"),
        ("days_late in 1, 1", "tăng dần"),
        ("days_left in 1, 3", "giảm dần"),
        ("days_left in 3, 1, then every 2", "đếm lùi"),
        ("days_late in 1, then every 0", "nhắc không ngừng"),
        ("days_late in 1, then every", "Không hiểu mốc"),
        ("days_late in 99999", "quá lớn"),
        ("days_late in " + ", ".join(map(str, range(1, 200))), "Hơn 100 mốc"),
    ],
)
def test_bad_occasions(text: str, message: str) -> None:
    with pytest.raises(BadPhrase) as caught:
        parse_occasions(text.strip(), "assignment")
    assert message in caught.value.message
    assert caught.value.hint


SECOND = RULE.removeprefix("rules:\n").replace("id: qua-han", "id: hai")


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "said"),
    [
        ("timeliness: overdue", "timelines: overdue", 4, 10, "timeliness"),
        ("timeliness: overdue", "timeliness: late", 4, 22, "done_late"),
        ("timeliness: overdue", "overdue: 3", 4, 10, "about: assignment"),
        ("over 30", "hơn 30", 4, 39, "over 12"),
        ("days_late in 1, 3", "days_late in 3, 1", 5, 14, "days_late in 1, 3"),
        ("tell: lead", "tell: leed", 6, 9, "lead"),
        ("tell: lead", "tell: đơn vị chủ trì", 6, 9, "viết “lead”"),
        ("tell: lead", "tell: [lead, lead]", 6, 9, "hai lần"),
        ("tone: remind", "tone: remaind", 7, 9, "remind"),
        ("[extension_pending]", "[extension]", 8, 11, "extension_pending"),
        ("  why: Nhiệm vụ quá hạn\n", "", 2, 3, "why"),
        ("  tell: lead\n", "", 2, 3, "tell"),
        ("  tone:", "  tones:", 7, 3, "tone"),
        ("id: qua-han", "id: Quá hạn", 2, 7, ""),
        ("when: {timeliness: overdue, length: over 30}", "when: {}", 4, 9, ""),
        ("when: {timeliness: overdue, length: over 30}", "when: overdue", 4, 9, ""),
        ("length: over 30", "days_late: 0", 4, 42, "không bao giờ"),
        ("  tone:", "  silences: qua-han\n  tone:", 7, 13, "tự thay"),
        ("  tone:", "  silences: khac\n  tone:", 2, 1, "không có luật đó"),
        ("  tone:", "  about: units\n  tone:", 7, 10, "unit"),
        ("  unless:", "  tone: warn\n  unless:", 8, 3, "tone"),
    ],
)
def test_each_mistake_is_named_at_its_place(old: str, new: str, line: int, column: int, said: str) -> None:
    assert old in RULE
    ruleset, problems = load_rules({"rules/a.yaml": RULE.replace(old, new, 1).encode()})
    assert ruleset is None
    assert (problems[0].file, problems[0].severity) == ("rules/a.yaml", Severity.ERROR)
    places = [(p.line, p.column) for p in problems]
    assert (line, column) in places, problems
    assert any(said in f"{p.message} {p.hint}" for p in problems), problems


def test_all_mistakes_of_a_file_come_at_once() -> None:
    bad = RULE.replace("overdue", "late").replace("lead", "leed").replace("  tone: remind\n", "")
    worse = SECOND.replace("days_late in 1, 3", "days_late in 3, 1").replace("over 30", "hơn 30")
    _, problems = load_rules({"rules/a.yaml": (bad + worse).encode()})
    assert {p.line for p in problems} == {2, 10, 11}
    # What is wrong inside an entry that lacks a key shows once the key is there.
    _, problems = load_rules({"rules/a.yaml": (bad + "  tone: remind\n" + worse).encode()})
    assert {p.code for p in problems} >= {"rule-condition", "rule-tell", "rule-occasions"}


def test_rules_of_several_files_are_held_together() -> None:
    first = RULE.replace("  unless:", "  silences: [hai]\n  unless:").encode()
    second = ("rules:\n" + SECOND).encode()
    ruleset, problems = load_rules({"rules/b.yaml": second, "rules/a.yaml": first})
    assert problems == ()
    assert ruleset is not None
    assert [rule.id for rule in ruleset.rules] == ["qua-han", "hai"]


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}


def test_what_only_shows_across_files() -> None:
    twice, problems = load_rules({"rules/a.yaml": RULE.encode(), "rules/b.yaml": RULE.encode()})
    assert twice is None
    assert codes(problems) == {"rule-id"}
    assert "rules/a.yaml, dòng 2" in problems[0].message
    circle, problems = load_rules(
        {
            "rules/a.yaml": RULE.replace("  unless:", "  silences: hai\n  unless:").encode(),
            "rules/b.yaml": ("rules:\n" + SECOND + "  silences: qua-han\n").encode(),
        }
    )
    assert circle is None
    assert codes(problems) == {"rule-silences"}
    unit = SECOND.replace("{timeliness: overdue, length: over 30}", "{overdue: over 3}").replace(
        "days_late in", "overdue in"
    )
    mixed, problems = load_rules(
        {"rules/a.yaml": (RULE + unit + "  about: unit\n  silences: qua-han\n").encode()}
    )
    assert mixed is None
    assert [p.line for p in problems] == [9]
    none, problems = load_rules({})
    assert none is None
    assert codes(problems) == {"rules-none"}


def test_a_unit_rule_speaks_of_units_only() -> None:
    text = RULE.replace("  why:", "  about: unit\n  why:").replace("lead", "coordinating")
    _, problems = load_rules({"rules/a.yaml": text.encode()})
    assert {(p.line, p.code) for p in problems} == {
        (5, "rule-fact"),
        (6, "rule-fact"),
        (7, "rule-tell"),
    }


OFFICE_RULE = """\
rules:
- id: tong-hop-tuan
  about: office
  why: Tổng hợp tuần
  occasions: weekly
  tell: [monitor, leader]
  tone: inform
  attach: overdue
"""


def test_a_rule_about_the_office_reads_as_it_is_written() -> None:
    (rule,), problems = parse_rules(OFFICE_RULE.encode(), "rules/a.yaml")
    assert problems == ()
    assert (rule.about, rule.when, rule.occasions) == ("office", (), Occasions("week_day", (1,)))
    assert (rule.tell, rule.attach) == ((Role.MONITOR, Role.LEADER), (Attach.OVERDUE,))
    assert rule.sums_up


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "column", "code", "said"),
    [
        (OFFICE_RULE, "  occasions: weekly\n", "", 2, 3, "rule-occasions", "weekly, monthly"),
        (OFFICE_RULE, "occasions: weekly", "occasions: weekli", 5, 14, "rule-occasions", "weekly"),
        (OFFICE_RULE, "[monitor, leader]", "lead", 6, 9, "rule-tell", "monitor, leader"),
        (OFFICE_RULE, "attach: overdue", "attach: overdu", 8, 11, "rule-attach", "overdue"),
        (OFFICE_RULE, "attach: overdue", "unless: snoozed", 8, 11, "rule-unless", "bỏ unless"),
        (OFFICE_RULE, "  attach:", "  when: {days_late: 3}\n  attach:", 8, 10, "rule-fact", "week_day"),
        (OFFICE_RULE, "  attach:", "  when: {week_day: 0}\n  attach:", 8, 20, "rule-never", "so lại"),
        (RULE, "  unless:", "  attach: overdue\n  unless:", 8, 11, "rule-attach", "about: office"),
        (RULE, "days_late in 1, 3, then every 10", "weekly", 5, 14, "rule-occasions", "about: office"),
        (RULE, "  when: {timeliness: overdue, length: over 30}\n", "", 2, 3, "rule-when", "when"),
    ],
)
def test_each_mistake_about_an_office_is_named_at_its_place(
    text: str, old: str, new: str, line: int, column: int, code: str, said: str
) -> None:
    assert old in text
    ruleset, problems = load_rules({"rules/a.yaml": text.replace(old, new, 1).encode()})
    assert ruleset is None
    found = [(p.line, p.column, p.code) for p in problems]
    assert (line, column, code) in found, problems
    assert any(said in f"{p.message} {p.hint}" for p in problems), problems


def test_a_rule_that_would_need_too_many_branches_is_refused() -> None:
    numbers = ", ".join(str(2 * n) for n in range(9))
    text = RULE.replace("length: over 30", f"length: [{numbers}], age: [{numbers}]")
    _, problems = load_rules({"rules/a.yaml": text.encode()})
    assert codes(problems) == {"rule-too-wide"}


def test_too_many_rules_are_refused_quickly() -> None:
    many = "rules:\n" + "".join(SECOND.replace("id: hai", f"id: l-{n}") for n in range(MOST_RULES + 1))
    ruleset, problems = load_rules({"rules/a.yaml": many.encode()})
    assert ruleset is None
    assert codes(problems) == {"rules-many"}


def test_which_files_hold_rules() -> None:
    assert is_rule_file("qua-han.yaml")
    assert not is_rule_file("calendar.yaml")
    assert not is_rule_file(".qua-han.yaml")
    assert not is_rule_file("qua-han.yaml~")


PIECES = [
    b"- ",
    b": ",
    b"\n",
    b"{",
    b"]",
    b"'",
    b"not ",
    b"over 99999",
    b"\x00",
    b"\xff",
    b"&a *a",
    b"\t",
    b"  ",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed))
        until = at + chance.randint(0, 12)
        match chance.randint(0, 3):
            case 0:
                changed[at:until] = b""
            case 1:
                changed[at:at] = chance.choice(PIECES)
            case 2:
                changed[at:until] = changed[chance.randrange(len(changed)) :][:20]
            case _:
                changed[at] = chance.randrange(256)
    return bytes(changed)


@given(st.integers(0, 10**9))
def test_mutated_rule_files_never_raise_and_never_speak_english(seed: int) -> None:
    chance = random.Random(seed)
    name, data = chance.choice(sorted(shipped_files().items()))
    began = time.perf_counter()
    ruleset, problems = load_rules({name: mutated(data, chance)})
    assert time.perf_counter() - began < 2
    assert (ruleset is None) == any(p.severity is Severity.ERROR for p in problems)
    for problem in problems:
        assert problem.message.isascii() is False, problem
    for rule in ruleset.rules if ruleset else ():
        assert rule.tell
        assert rule.when or (rule.about == "office" and rule.occasions)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    ruleset, problems = load_rules({"rules/a.yaml": data})
    assert ruleset is None
    assert problems
