"""Rule files → one rule set: each file by itself, then what only shows when they stand together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.errors import Problem, Severity
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.parse import parse_rules
from engine.ruleset.phrases import suggestion
from engine.ruleset.rule import Rule

NO_RULE_FILES = frozenset({"calendar.yaml"})
"""Files of the ``rules`` folder that hold something else."""

MOST_RULES = 500


def is_rule_file(name: str) -> bool:
    """Whether a file directly in ``rules`` holds rules, by its name without folders."""
    return name.endswith((".yaml", ".yml")) and not name.startswith(".") and name not in NO_RULE_FILES


def load_rules(files: Mapping[str, bytes]) -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """All rules of these files (name → content), in the order of the names, and every problem.

    The set is None as soon as one problem is an error: half of a set sends what the other half would
    have silenced. Each problem names its file, so a caller can put in that file's last good content.
    """
    rules: list[Rule] = []
    problems: list[Problem] = []
    for file in sorted(files):
        found, wrong = parse_rules(files[file], file)
        rules.extend(found)
        problems.extend(wrong)
    broken = any(problem.severity is Severity.ERROR for problem in problems)
    problems += _duplicate_ids(rules)
    if len(rules) <= MOST_RULES:
        problems += _bad_silences(rules, complete=not broken)
        problems += _circles(rules)
    if not rules and not broken:
        problems.append(_problem("rules", 0, "rules-none", "Chưa có luật nào", "thêm tệp vào thư mục rules"))
    if len(rules) > MOST_RULES:
        last = rules[MOST_RULES]
        message = f"Có {len(rules)} luật, nhiều nhất là {MOST_RULES}"
        problems.append(_problem(last.file, last.line, "rules-many", message, "gộp bớt luật"))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return None, tuple(sorted(problems))
    return RuleSet(rules), tuple(sorted(problems))


def _problem(file: str, line: int, code: str, message: str, hint: str) -> Problem:
    return Problem(file, line, 1 if line else 0, Severity.ERROR, code, message, hint)


def _at(rule: Rule, code: str, message: str, hint: str) -> Problem:
    return _problem(rule.file, rule.line, code, message, hint)


def _duplicate_ids(rules: Iterable[Rule]) -> list[Problem]:
    first: dict[str, Rule] = {}
    problems = []
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            place = f"{other.file}, dòng {other.line}"
            message = f"Mã luật “{rule.id}” đã dùng ở {place}"
            problems.append(_at(rule, "rule-id", message, "đặt mã khác"))
    return problems


def _bad_silences(rules: Sequence[Rule], *, complete: bool) -> list[Problem]:
    by_id = {rule.id: rule for rule in rules}
    problems = []
    for rule in rules:
        for name in rule.silences:
            other = by_id.get(name)
            if other is None:
                # A rule that was left out for an error of its own is no second mistake.
                if complete:
                    message = f"Luật “{rule.id}” thay cho “{name}”, nhưng không có luật đó"
                    problems.append(_at(rule, "rule-silences", message, suggestion(name, list(by_id))))
            elif other.about != rule.about:
                message = f"Luật “{rule.id}” và “{name}” không xét cùng một thứ nên không thay nhau được"
                problems.append(_at(rule, "rule-silences", message, "bỏ khỏi silences"))
    return problems


def _circles(rules: Sequence[Rule]) -> list[Problem]:
    """Rules that replace each other in a circle would all fall silent."""
    after = {rule.id: rule.silences for rule in rules}
    problems = []
    for rule in rules:
        seen: set[str] = set()
        queue = list(rule.silences)
        while queue:
            name = queue.pop()
            if name == rule.id:
                message = f"Luật “{rule.id}” qua silences lại thay cho chính nó, cả vòng sẽ im lặng"
                problems.append(_at(rule, "rule-silences", message, "bỏ một luật trong vòng"))
                break
            if name not in seen:
                seen.add(name)
                queue.extend(after.get(name, ()))
    return problems
