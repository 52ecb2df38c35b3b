"""Tries a new rule set in a process of its own before it comes into force.

durable_rules can crash the process or hang on rules that nobody thought of; here that costs a child
process and becomes a problem that the author reads. The child (``python -m engine.ruleset.trial``)
reads the rule files as JSON from standard input, evaluates a grid of situations around every
boundary with durable_rules and with the plain evaluator, and prints where the two differ.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import engine
from engine.errors import Problem, Severity
from engine.ruleset.boundaries import grid
from engine.ruleset.load import load_rules
from engine.ruleset.plain import matching_ids
from engine.tracking.situations import values_of

TIME_LIMIT = 30.0
"""Seconds that a trial may take."""

SITUATIONS = 2000
"""Situations that a trial evaluates."""

_MOST_DIFFERENCES = 20
_log = logging.getLogger(__name__)


def try_rules(
    files: Mapping[str, bytes], *, time_limit: float = TIME_LIMIT, command: Sequence[str] | None = None
) -> tuple[Problem, ...]:
    """What went wrong when these rule files were tried; () when they may come into force.

    The files are expected to have passed ``load_rules``. ``command`` replaces the child that is run.
    """
    sent = {name: base64.b64encode(data).decode("ascii") for name, data in files.items()}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            list(command or [sys.executable, "-P", "-m", "engine.ruleset.trial"]),
            input=json.dumps({"files": sent, "situations": SITUATIONS}),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=time_limit,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_import_path())},
        )
    except subprocess.TimeoutExpired:
        return (
            _refused(
                "rules-trial-hang",
                f"Chạy thử bộ luật quá {time_limit:g} giây vẫn chưa xong nên chưa đưa vào dùng",
                "xem lại những luật vừa sửa, tách luật có nhiều điều kiện",
            ),
        )
    except OSError as error:
        _log.error("the trial of the rules could not be started: %s", error)
        return (
            _refused(
                "rules-trial-start",
                "Không khởi động được phần chạy thử bộ luật",
                "chạy `dondoc doctor` để xem máy thiếu gì",
            ),
        )
    answer = _answer(done.stdout) if done.returncode == 0 else None
    if answer is None:
        _log.error("the trial of the rules ended with %s: %s", done.returncode, done.stderr[-2000:])
        return (
            _refused(
                "rules-trial-crash",
                f"Chạy thử bộ luật bị dừng giữa chừng (mã {done.returncode}) nên chưa đưa vào dùng",
                "xem lại những luật vừa sửa; nếu vẫn lỗi, chạy `dondoc doctor`",
            ),
        )
    return tuple(_difference(each) for each in answer["differences"])


def _import_path() -> list[str]:
    """Where the child finds this very engine first, and not one that stands in the current folder."""
    given = os.environ.get("PYTHONPATH")
    return [str(Path(engine.__file__).parent.parent), *([given] if given else [])]


def _answer(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("differences"), list) else None


def _refused(code: str, message: str, hint: str) -> Problem:
    return Problem("rules", 0, 0, Severity.ERROR, code, message, hint)


def _difference(each: dict[str, Any]) -> Problem:
    facts = ", ".join(f"{name}: {value}" for name, value in each["situation"].items())
    return Problem(
        each["file"],
        each["line"],
        1,
        Severity.ERROR,
        "rules-trial-differs",
        f"Luật “{each['rule']}” chạy thử ra kết quả sai ở tình huống {{{facts}}}",
        "viết luật này đơn giản hơn",
    )


def _try(source: TextIO, target: TextIO) -> None:
    """The child's work."""
    # heavy: only the child may meet the C extension
    from engine.ruleset.durable import Matcher

    asked = json.load(source)
    ruleset, problems = load_rules({name: base64.b64decode(data) for name, data in asked["files"].items()})
    if ruleset is None:
        raise SystemExit("\n".join(map(str, problems)))
    matcher = Matcher(ruleset.rules)
    tried = grid(ruleset.rules, most=asked["situations"])
    differences: dict[str, dict[str, Any]] = {}
    for situation in tried:
        for rule_id in matcher.match(situation) ^ matching_ids(ruleset.rules, situation):
            rule = ruleset.by_id[rule_id]
            differences.setdefault(
                rule_id,
                {"rule": rule_id, "file": rule.file, "line": rule.line, "situation": values_of(situation)},
            )
    found = list(differences.values())[:_MOST_DIFFERENCES]
    json.dump({"situations": len(tried), "differences": found}, target)


if __name__ == "__main__":
    _try(sys.stdin, sys.stdout)
