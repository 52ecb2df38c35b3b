"""Checks files against each other: every problem of every file, not only the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from engine.errors import Problem, Severity
from engine.installation.sources import FileKind, Source, home_sources, merged, named_sources
from engine.loading.calendar import load_calendar
from engine.loading.home import CALENDAR
from engine.loading.plan_schema import PlanSchema
from engine.loading.plans import load_plan
from engine.loading.strict_yaml import read_strict
from engine.loading.units import load_units
from engine.loading.validate import validate
from engine.ruleset.load import load_rules
from engine.ruleset.parse_tests import parse_tests
from engine.ruleset.trial import try_rules
from engine.units import Registry
from engine.workdays import WorkCalendar

_Loaded = TypeVar("_Loaded")


@dataclass(slots=True)
class Checked:
    """What was checked and what is wrong with it. ``sources`` are the files whose problems count."""

    sources: Sequence[Source]
    problems: list[Problem] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps a file out of force."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def check_home(home: Path) -> Checked:
    """Checks every file of a home. DondocError where there is none."""
    sources = home_sources(home)
    checked = Checked(sources, _not_there(sources))
    _Check(sources, sources, checked).run()
    return checked


def check_files(home: Path, paths: Sequence[Path]) -> Checked:
    """Checks the named files; what they lean on (units, calendar, other rules) comes from the home.

    DondocError where a plan is named and the home has no units to check it against.
    """
    return check_sources(home, named_sources(paths))


def check_sources(home: Path, named: Sequence[Source]) -> Checked:
    """The same for sources wherever they came from."""
    needs_units = any(source.kind is FileKind.PLAN and not source.unread for source in named)
    checked = Checked(named, [])
    around = home_sources(home) if needs_units or (home / "plans").is_dir() else []
    _Check(around, named, checked).run()
    return checked


def _not_there(sources: Sequence[Source]) -> list[Problem]:
    hint = "lấy tệp mẫu bằng lệnh: dondoc init THƯ_MỤC_KHÁC rồi chép sang"
    kinds = {source.kind for source in sources}
    wanted = (
        (FileKind.CALENDAR, CALENDAR, "no-calendar", "Thiếu lịch ngày nghỉ và ngày làm bù"),
        (FileKind.UNITS, "plans/units", "no-units", "Chưa có tệp đơn vị nào"),
        (FileKind.RULES, "rules", "rules-none", "Chưa có luật nào"),
    )
    return [
        Problem(file, 0, 0, Severity.ERROR, code, message, hint)
        for kind, file, code, message in wanted
        if kind not in kinds
    ]


class _Check:
    """One run over ``named``, which lean on ``home``; only the problems of ``named`` are reported."""

    def __init__(self, home: Sequence[Source], named: Sequence[Source], checked: Checked) -> None:
        self._home = home
        self._named = named
        self._checked = checked
        self._shown = {source.shown for source in named}

    def run(self) -> None:
        for source in self._named:
            self._checked.problems += source.unread
        calendar = self._calendar()
        if self._asks(FileKind.UNITS) or self._asks(FileKind.PLAN):
            registry = self._load(FileKind.UNITS, load_units)
            self._plans(registry, calendar)
        if self._asks(FileKind.RULES):
            self._rules()
        if self._asks(FileKind.TESTS):
            self._tests()

    def _asks(self, kind: FileKind) -> bool:
        return any(source.kind is kind and not source.unread for source in self._named)

    def _of(self, kind: FileKind) -> list[Source]:
        return [source for source in self._named if source.kind is kind and not source.unread]

    def _report(self, problems: Sequence[Problem]) -> list[Problem]:
        """Keeps those about the named files, or about the rules as a whole."""
        own = [problem for problem in problems if problem.file in self._shown or problem.file == "rules"]
        self._checked.problems += own
        return own

    def _load(
        self,
        kind: FileKind,
        load: Callable[[dict[str, bytes]], tuple[_Loaded | None, tuple[Problem, ...]]],
    ) -> _Loaded | None:
        files = merged(self._home, self._named, kind)
        if not files:
            return None
        loaded, found = load(files)
        own = self._report(found)
        if loaded is None and not any(problem.severity is Severity.ERROR for problem in own):
            # What stops them stands in a file that was not named: it must be seen all the same.
            self._checked.problems += [p for p in found if p not in own]
        return loaded

    def _calendar(self) -> WorkCalendar | None:
        for source in self._of(FileKind.CALENDAR):
            calendar, found = load_calendar(source.data, source.shown)
            self._report(found)
            if calendar is not None:
                return calendar
        for source in self._home:
            if source.kind is FileKind.CALENDAR and not source.unread:
                return load_calendar(source.data, source.shown)[0]
        return None

    def _plans(self, registry: Registry | None, calendar: WorkCalendar | None) -> None:
        for source in self._of(FileKind.PLAN):
            if registry is not None:
                self._report(load_plan(source.data, source.shown, registry, calendar)[1])
                continue
            document = read_strict(source.data, source.shown)
            self._report(validate(PlanSchema, document, source.shown)[1])
            message = "Chưa kiểm tra được tên đơn vị và thời hạn vì sổ đơn vị còn thiếu hoặc có lỗi"
            hint = "sửa các tệp trong plans/units/ trước (dondoc check), rồi kiểm tra lại"
            self._checked.problems.append(_not_checked(source, message, hint))

    def _rules(self) -> None:
        if self._load(FileKind.RULES, load_rules) is not None:
            self._report(try_rules(merged(self._home, self._named, FileKind.RULES)))

    def _tests(self) -> None:
        ruleset, _ = load_rules(merged(self._home, self._named, FileKind.RULES))
        for source in self._of(FileKind.TESTS):
            if ruleset is not None:
                self._report(parse_tests(source.data, source.shown, list(ruleset.by_id))[1])
                continue
            message = "Chưa kiểm tra được phép thử vì bộ luật còn lỗi"
            self._checked.problems.append(_not_checked(source, message, "chạy dondoc check để xem"))


def _not_checked(source: Source, message: str, hint: str) -> Problem:
    return Problem(source.shown, 0, 0, Severity.ERROR, "not-checked", message, hint)
