"""A new rule set is tried in a process of its own: a crash, a hang or a wrong answer stays there."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from engine.ruleset.trial import try_rules
from tests.ruleset.production import shipped_files


def child(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_shipped_rules_pass_in_seconds() -> None:
    began = time.perf_counter()
    assert try_rules(shipped_files()) == ()
    assert time.perf_counter() - began < 20


def test_a_real_hang_of_the_engine_is_killed_in_time() -> None:
    # 513 different conditions under one parent; compile_rules never writes more than 60 branches.
    hang = (
        "from durable.engine import Host\n"
        "class Quiet(Host):\n"
        "    def _run(self): pass\n"
        "Quiet().set_rulesets({'a': {f'r{n}': {'all': [{'t': {'$and': [{'about': 'x'}, {'age': n}]}}],"
        " 'run': lambda c: None} for n in range(513)}})"
    )
    began = time.perf_counter()
    (problem,) = try_rules({}, time_limit=1.5, command=child(hang))
    assert time.perf_counter() - began < 6
    assert problem.code == "rules-trial-hang"
    assert "1.5 giây" in problem.message


@pytest.mark.parametrize(
    "code",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(3)",
        "raise ValueError('x')",
        "print('not json')",
        "print('[]')",
        "print('{}')",
    ],
)
def test_a_child_that_dies_or_talks_nonsense_is_a_problem(code: str) -> None:
    (problem,) = try_rules({}, command=child(code))
    assert problem.code == "rules-trial-crash"
    assert "dừng giữa chừng" in problem.message


def test_a_wrong_answer_names_the_rule_and_the_situation() -> None:
    different = {"rule": "a", "file": "rules/a.yaml", "line": 7, "situation": {"age": 3, "state": "received"}}
    answer = json.dumps({"situations": 1, "differences": [different]})
    (problem,) = try_rules({}, command=child(f"print({answer!r})"))
    assert (problem.file, problem.line, problem.code) == ("rules/a.yaml", 7, "rules-trial-differs")
    assert "age: 3, state: received" in problem.message


def test_a_program_that_is_not_there_is_a_problem_too() -> None:
    (problem,) = try_rules({}, command=["/nonexistent/python"])
    assert problem.code == "rules-trial-start"


def test_rule_files_with_errors_do_not_pass() -> None:
    (problem,) = try_rules({"rules/a.yaml": b"rules: [x"})
    assert problem.code == "rules-trial-crash"


def test_an_engine_folder_where_the_user_stands_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert try_rules(shipped_files()) == ()
