"""Runs rule tests against the rules in force: who is told what, and what went differently."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.errors import DondocError, Problem, Severity
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.reasons import explain_rule
from engine.ruleset.rule import Role, Silence
from engine.ruleset.tests_format import Case, SituationTest, Suite, Timeline, Told
from engine.tracking.situations import AnySituation

Tell = Callable[[Timeline, date, Collection[Hashable]], Iterable[tuple[Told, Hashable]]]
"""What the production code tells on a day beyond the keys already told: each with its own key."""

IsTickDay = Callable[[date], bool]
"""Whether notices go out on a day at all (working days)."""


class TimelineRefused(DondocError):
    """Raised by ``Tell`` when an event of the timeline cannot happen as written (Vietnamese)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test. ``details`` are Vietnamese lines about every difference."""

    name: str
    file: str
    line: int
    checks: int
    details: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.details


def run_suite(suite: Suite, ruleset: RuleSet, tell: Tell, is_tick_day: IsTickDay) -> tuple[Outcome, ...]:
    """The outcomes of all tests of a file, in its order."""
    situations = (run_situation_test(test, ruleset) for test in suite.situations)
    timelines = (run_timeline(test, tell, is_tick_day) for test in suite.timelines)
    return (*situations, *timelines)


def run_situation_test(test: SituationTest, ruleset: RuleSet) -> Outcome:
    """Compares what each role is told in each case."""
    details: list[str] = []
    for case in test.cases:
        told = told_in(ruleset, case.situation, case.quiet)
        told = frozenset(t for t in told if not test.rules or t.rule_id in test.rules)
        details.extend(_situation_details(case, told, ruleset))
    return Outcome(test.name, test.file, test.line, len(test.cases), tuple(details))


def told_in(ruleset: RuleSet, situation: AnySituation, quiet: Collection[Silence]) -> frozenset[Told]:
    """Who is told what in a situation, were every role another person: silenced rules dropped first,
    then those that another rule replaces for the same role."""
    by_role: dict[Role, dict[str, str]] = {}
    for finding in ruleset.evaluate([situation])[situation]:
        if ruleset.by_id[finding.rule_id].unless.isdisjoint(quiet):
            for role in finding.tell:
                by_role.setdefault(role, {})[finding.rule_id] = finding.occasion
    return frozenset(
        Told(role, rule_id, occasion)
        for role, occasions in by_role.items()
        for rule_id, occasion in occasions.items()
        if rule_id not in ruleset.inhibited(occasions)
    )


def run_timeline(timeline: Timeline, tell: Tell, is_tick_day: IsTickDay) -> Outcome:
    """Plays the assignment day by day, as production would tick, and compares the days listed.

    With ``complete`` every other day up to the last one listed must be silent.
    """
    expected = {entry.on: entry for entry in timeline.expect}
    details: list[str] = []
    keys: set[Hashable] = set()
    checks = 0
    for day in _days(min(timeline.in_force, timeline.expect[0].on), timeline.expect[-1].on):
        told: set[Told] = set()
        if is_tick_day(day):
            try:
                news = list(tell(timeline, day, frozenset(keys)))
            except TimelineRefused as refusal:
                details.append(f"Ngày {day:%d/%m/%Y}: {refusal}")
                break
            keys.update(key for _, key in news)
            told.update(each for each, _ in news)
        told = {t for t in told if not timeline.rules or t.rule_id in timeline.rules}
        entry = expected.get(day)
        if entry is not None or timeline.complete:
            checks += 1
            line = entry.line if entry else timeline.line
            details.extend(_differences(f"Ngày {day:%d/%m/%Y}", line, entry.told if entry else (), told))
    return Outcome(timeline.name, timeline.file, timeline.line, checks, tuple(details))


def untested_rules(ruleset: RuleSet, suites: Iterable[Suite]) -> tuple[Problem, ...]:
    """An error for every rule that no test sees speak, or that no test sees keep quiet beside it."""
    speaks: set[str] = set()
    quiet: set[str] = set()
    for suite in suites:
        for said in _expectations(suite):
            spoken = set().union(*said)
            speaks |= spoken
            quiet |= {rule_id for rule_id in spoken if any(rule_id not in each for each in said)}
    problems = []
    for rule in ruleset.rules:
        if rule.id not in speaks:
            message = f"Luật “{rule.id}” chưa có phép thử nào"
            hint = "thêm vào rules/tests một trường hợp mà luật này lên tiếng"
        elif rule.id not in quiet:
            message = f"Luật “{rule.id}” chưa có phép thử im lặng"
            hint = "thêm vào cùng phép thử một trường hợp mà luật này không lên tiếng"
        else:
            continue
        problems.append(Problem(rule.file, rule.line, 1, Severity.ERROR, "rule-untested", message, hint))
    return tuple(problems)


def _expectations(suite: Suite) -> Iterator[list[set[str]]]:
    """Of each test the rules that speak, case by case or day by day."""
    for test in suite.situations:
        yield [{told.rule_id for told in case.expect} for case in test.cases]
    for timeline in suite.timelines:
        days = [{told.rule_id for told in entry.told} for entry in timeline.expect]
        yield [*days, set()] if timeline.complete else days


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _differences(where: str, line: int, wanted: Collection[Told], told: Collection[Told]) -> list[str]:
    missing = [f"{where} (dòng {line}): thiếu “{t}”" for t in sorted(set(wanted) - set(told))]
    extra = [f"{where} (dòng {line}): thừa “{t}”" for t in sorted(set(told) - set(wanted))]
    return missing + extra


def _situation_details(case: Case, told: Collection[Told], ruleset: RuleSet) -> list[str]:
    details = _differences("Trường hợp", case.line, case.expect, told)
    for rule_id in sorted({each.rule_id for each in set(case.expect) ^ set(told)}):
        rule = ruleset.by_id[rule_id]
        details.extend(f"    {line}" for line in explain_rule(rule, case.situation))
    return details
