"""One rule test file → frozen tests, and everything that is wrong with it, each at its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from engine.errors import Problem, Severity
from engine.loading.report import Report
from engine.loading.strict_yaml import Loc, read_strict
from engine.loading.validate import validate
from engine.model.event import EventKind
from engine.ruleset.phrases import BadPhrase, known_fact, parse_value, suggestion
from engine.ruleset.rule import MONTHLY, ONCE, WEEKLY, Role, Silence
from engine.ruleset.tests_format import (
    Case,
    Expected,
    RuleTestFileSchema,
    SituationSchema,
    SituationTest,
    Suite,
    Timeline,
    TimelineEvent,
    TimelineSchema,
    Told,
)
from engine.tracking.fact_types import FactValue
from engine.tracking.situations import FACTS, neutral_situation


def parse_tests(
    data: bytes, file: str, rule_ids: Collection[str]
) -> tuple[Suite | None, tuple[Problem, ...]]:
    """The tests of one file and its problems; None as soon as one is an error. Never raises.

    ``rule_ids`` are the rules that there are; naming another one is an error.
    """
    document = read_strict(data, file)
    schema, found = validate(RuleTestFileSchema, document, file)
    if schema is None:
        return None, found
    reader = _Reader(file, document)
    reader.rule_ids = sorted(rule_ids)
    suite = Suite(
        file,
        tuple(reader.situation_test(t, ("situations", i)) for i, t in enumerate(schema.situations)),
        tuple(reader.timeline(t, ("timelines", i)) for i, t in enumerate(schema.timelines)),
    )
    if not suite.situations and not suite.timelines:
        reader.error((), "test-none", "Tệp không có phép thử nào", "thêm mục situations hoặc timelines")
    problems = tuple(sorted({*found, *reader.problems}))
    return (None if any(p.severity is Severity.ERROR for p in problems) else suite), problems


class _Reader(Report):
    """Reads the entries of one file; what cannot be read is reported and replaced by something harmless."""

    rule_ids: Sequence[str] = ()

    def situation_test(self, entry: SituationSchema, loc: Loc) -> SituationTest:
        shared = self._facts(entry.given, entry.about, (*loc, "given"))
        cases = []
        for index, case in enumerate(entry.cases):
            here = (*loc, "cases", index)
            facts = shared | self._facts(case.given, entry.about, (*here, "given"))
            quiet = self._quiet(case.quiet, (*here, "quiet"))
            if facts.get("extension") == "pending":
                quiet |= {Silence.EXTENSION_PENDING}
            told = self._told(case.expect, (*here, "expect"))
            cases.append(Case(neutral_situation(entry.about, facts), quiet, told, self.line(here)))
        rules = self._rules(entry.rules, (*loc, "rules"))
        return SituationTest(entry.name, tuple(cases), rules, self.file, self.line(loc))

    def timeline(self, entry: TimelineSchema, loc: Loc) -> Timeline:
        given = entry.assignment
        here = (*loc, "assignment")
        kind = self._facts({"kind": given.kind}, "assignment", here).get("kind", "date")
        level = self._facts({"level": given.level}, "assignment", here).get("level", "none")
        if given.due is not None and given.due < given.starts:
            self.error(
                (*here, "due"), "test-dates", "Ngày hết hạn đứng trước ngày bắt đầu", "xem lại hai ngày"
            )
        events = []
        for index, event in enumerate(entry.events):
            said = self._event_kind(event.said, (*loc, "events", index, "said"))
            events.append(TimelineEvent(event.on, said, event.day, event.cures))
        self._in_order([event.on for event in events], (*loc, "events"), strictly=False)
        expect = []
        for index, expected in enumerate(entry.expect):
            place = (*loc, "expect", index)
            told = self._told(expected.told, (*place, "told"))
            expect.append(Expected(expected.on, told, self.line(place)))
        self._in_order([expected.on for expected in expect], (*loc, "expect"), strictly=True)
        return Timeline(
            name=entry.name,
            kind=str(kind),
            in_force=given.in_force or given.starts,
            starts=given.starts,
            due=given.due,
            ends=given.ends,
            after_days=given.after_days,
            after_working=given.after_working,
            level=str(level),
            collective=given.collective,
            completion=given.completion,
            events=tuple(events),
            expect=tuple(expect),
            complete=entry.complete,
            rules=self._rules(entry.rules, (*loc, "rules")),
            file=self.file,
            line=self.line(loc),
        )

    def _facts(self, given: Mapping[str, str], about: str, loc: Loc) -> dict[str, FactValue]:
        facts: dict[str, FactValue] = {}
        for name, text in given.items():
            try:
                facts[name] = parse_value(known_fact(name, about), text)
            except BadPhrase as problem:
                self.error((*loc, name), problem.code, problem.message, problem.hint)
        return facts

    def _quiet(self, texts: Sequence[str], loc: Loc) -> frozenset[Silence]:
        for text in texts:
            if text not in list(Silence):
                self.error(
                    loc, "test-quiet", f"Không có lý do tạm im “{text}”", suggestion(text, list(Silence))
                )
        return frozenset(silence for silence in Silence if silence.value in texts)

    def _rules(self, names: Sequence[str], loc: Loc) -> frozenset[str]:
        for name in names:
            self._known_rule(name, loc)
        return frozenset(names)

    def _known_rule(self, name: str, loc: Loc) -> None:
        if name not in self.rule_ids:
            self.error(loc, "test-rule", f"Không có luật “{name}”", suggestion(name, self.rule_ids))

    def _event_kind(self, text: str, loc: Loc) -> EventKind:
        if text in list(EventKind):
            return EventKind(text)
        self.error(loc, "test-event", f"Không có cập nhật “{text}”", suggestion(text, list(EventKind)))
        return EventKind.PROGRESS

    def _told(self, texts: Sequence[str], loc: Loc) -> frozenset[Told]:
        found: set[Told] = set()
        for index, text in enumerate(texts):
            here = (*loc, index)
            role, _, rest = text.partition(" ")
            rule_id, _, occasion = rest.partition(" ")
            if role not in list(Role):
                self.error(here, "test-role", f"Không có vai trò “{role}”", suggestion(role, list(Role)))
                continue
            self._known_rule(rule_id, here)
            fact, colon, number = occasion.partition(":")
            counted = colon and fact in FACTS and number.isdecimal()
            if not counted and occasion not in ("", ONCE, WEEKLY, MONTHLY):
                message = f"Không hiểu dịp “{occasion}”"
                hint = "viết như days_late:3, weekly, hoặc bỏ trống nếu báo một lần"
                self.error(here, "test-occasion", message, hint)
            told = Told(Role(role), rule_id, occasion or ONCE)
            if told in found:
                self.error(here, "test-double", f"“{text}” viết hai lần", "bỏ một lần")
            found.add(told)
        return frozenset(found)

    def _in_order(self, days: Sequence[date], loc: Loc, *, strictly: bool) -> None:
        for index in range(1, len(days)):
            if days[index] < days[index - 1] or (strictly and days[index] == days[index - 1]):
                message = f"Ngày {days[index]:%d/%m/%Y} không đúng thứ tự thời gian"
                self.error((*loc, index), "test-order", message, "xếp các ngày tăng dần, mỗi ngày một mục")
