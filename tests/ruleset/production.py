"""Timelines of rule tests played through the production code: expansion aside, nothing is made up."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from datetime import date, datetime, time
from pathlib import Path

from engine.day import trace
from engine.loading.calendar import load_calendar
from engine.model.assignment import Promise
from engine.model.deadline import DeadlineKind
from engine.model.event import Event
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import PlanSettings
from engine.model.unit import Level, Unit
from engine.notices.notice import Book
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.load import is_rule_file
from engine.ruleset.run_tests import TimelineRefused
from engine.ruleset.tests_format import Timeline, Told
from engine.tracking.assess import Tracked
from engine.tracking.progress import VIETNAM, Refusal, apply, opening
from engine.units import Registry
from engine.workdays import WorkCalendar

ROOT = Path(__file__).resolve().parents[2]


def shipped_files() -> dict[str, bytes]:
    """The rule files of this repository."""
    paths = sorted((ROOT / "rules").glob("*.yaml"))
    return {f"rules/{path.name}": path.read_bytes() for path in paths if is_rule_file(path.name)}


def shipped_calendar() -> WorkCalendar:
    """The working days of this repository."""
    calendar, _ = load_calendar((ROOT / "rules" / "calendar.yaml").read_bytes(), "rules/calendar.yaml")
    assert calendar is not None
    return calendar


def _unit(id: str, level: Level) -> Unit:
    return Unit(id, id, (), level, "department", None, "huyen" if id != "huyen" else None)


_PLAN = "ke-hoach"
_UNITS = {id: _unit(id, "district") for id in ("huyen", "chu-tri", "phoi-hop", "theo-doi")}


class Production:
    """Tells what the production code tells of a timeline's assignment."""

    def __init__(self, ruleset: RuleSet, calendar: WorkCalendar) -> None:
        self.ruleset = ruleset
        self.calendar = calendar

    def tell(
        self, timeline: Timeline, day: date, told: Collection[Hashable]
    ) -> Iterator[tuple[Told, Hashable]]:
        """The notices of ``day`` that are not among the keys ``told``."""
        tracked = self._tracked(timeline, day)
        book = _book(timeline)
        _, notices, _ = trace(tracked, self.ruleset, book, self.calendar, day, told)  # type: ignore[arg-type]
        for notice in notices:
            yield Told(notice.role, notice.rule, notice.occasion.partition("@")[0]), notice.key

    def _tracked(self, timeline: Timeline, day: date) -> Tracked:
        kind = DeadlineKind(timeline.kind)
        promise = Promise(
            id="viec",
            plan=_PLAN,
            task="nhiem-vu",
            unit="nhom" if timeline.collective else "chu-tri",
            milestone=None,
            period=f"{timeline.starts:%Y-%m}" if kind is DeadlineKind.RECURRING else None,
            kind=kind,
            starts=timeline.starts,
            due=timeline.due,
            rolled=self.calendar.roll(timeline.due) if timeline.due else None,
            ends=timeline.ends,
            trigger="sự kiện" if kind is DeadlineKind.EVENT else None,
            offset_days=timeline.after_days,
            offset_working=timeline.after_working,
            collective=timeline.collective,
        )
        standing = opening(promise)
        settings = PlanSettings(completion=timeline.completion)
        for event in timeline.events:
            if event.on > day:
                break
            said = Event(
                "viec",
                event.said,
                datetime.combine(event.on, time(9), VIETNAM),
                note="phép thử",
                day=event.day,
                cures=event.cures,
            )
            after = apply(promise, standing, said, settings, self.calendar)
            if isinstance(after, Refusal):
                raise TimelineRefused(f"{event.said} ngày {event.on:%d/%m/%Y}: {after.message}")
            standing = after
        return Tracked(promise, standing, timeline.completion, timeline.level)


def _book(timeline: Timeline) -> Book:
    plan = PlanFacts(
        id=_PLAN,
        number="1/KH",
        title="Kế hoạch",
        issuer="huyen",
        issued=timeline.in_force,
        starts=timeline.in_force,
        year=timeline.in_force.year,
        monitor="theo-doi",
        leader="huyen",
        settings=PlanSettings(completion=timeline.completion),
    )
    task = TaskFacts(
        plan=_PLAN,
        id="nhiem-vu",
        position=1,
        stt="1",
        appendix=None,
        section=None,
        group=None,
        title="Nhiệm vụ",
        leads="chu-tri",
        coordinating="phoi-hop",
        coordinating_units=("phoi-hop",),
        deadline_text="",
        deliverable="",
        milestones=(),
    )
    return Book(Registry(_UNITS, {}), {_PLAN: plan}, {(_PLAN, "nhiem-vu"): task})
