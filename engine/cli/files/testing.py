"""Finds, reads and runs the rule tests of a home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.cli.files.timelines import Stage
from engine.errors import DondocError, InputError, Problem, Severity
from engine.installation.sources import FileKind, Source, home_sources, merged, named_sources, test_sources
from engine.loading.calendar import load_calendar
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.load import load_rules
from engine.ruleset.parse_tests import parse_tests
from engine.ruleset.run_tests import Outcome, run_situation_test, untested_rules
from engine.ruleset.tests_format import Suite
from engine.workdays import MissingYear, WorkCalendar


@dataclass(frozen=True, slots=True)
class Ran:
    """The outcomes of all tests, what is wrong with their files, and how many rules there are."""

    sources: tuple[Source, ...]
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    rules: int


def run_tests(home: Path, paths: Sequence[Path]) -> Ran:
    """Runs the named test files, or all of the home; then a rule without a test is a problem too.

    InputError when the rules or the calendar are broken, DondocError where there is no home.
    """
    around = home_sources(home)
    ruleset, calendar = _rules(around), _calendar(around)
    sources = named_sources(paths) if paths else test_sources(home)
    if not sources:
        raise DondocError(f"Chưa có phép thử nào trong {home}/rules/tests/.")
    problems: list[Problem] = []
    suites: list[Suite] = []
    for source in sources:
        problems += source.unread
        if not source.unread:
            suite, found = parse_tests(source.data, source.shown, list(ruleset.by_id))
            problems += found
            suites += [suite] if suite is not None else []
    stage = Stage(ruleset, calendar)
    outcomes = [outcome for suite in suites for outcome in _run(suite, stage)]
    broken = any(problem.severity is Severity.ERROR for problem in problems)
    if not paths and not broken:
        problems += untested_rules(ruleset, suites)
    return Ran((*around, *sources), tuple(outcomes), tuple(problems), len(ruleset.rules))


def _run(suite: Suite, stage: Stage) -> list[Outcome]:
    outcomes = [run_situation_test(test, stage.ruleset) for test in suite.situations]
    for timeline in suite.timelines:
        try:
            outcomes.append(stage.play(timeline))
        except MissingYear as error:
            outcomes.append(Outcome(timeline.name, timeline.file, timeline.line, 0, (str(error),)))
    return outcomes


def _rules(around: Sequence[Source]) -> RuleSet:
    unread = [problem for source in around if source.kind is FileKind.RULES for problem in source.unread]
    ruleset, problems = load_rules(merged(around, (), FileKind.RULES))
    if ruleset is None or unread:
        raise InputError([*unread, *problems])
    return ruleset


def _calendar(around: Sequence[Source]) -> WorkCalendar:
    for source in around:
        if source.kind is FileKind.CALENDAR:
            calendar, problems = load_calendar(source.data, source.shown)
            if calendar is None:
                raise InputError([*source.unread, *problems])
            return calendar
    raise DondocError("Thiếu lịch ngày nghỉ rules/calendar.yaml; không tính được ngày làm việc.")
