"""Plays the timelines of rule tests through the very functions that production ticks with."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from engine.day import conclude
from engine.model.assignment import Promise, Standing
from engine.model.deadline import DeadlineKind
from engine.model.event import Event
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import PlanSettings
from engine.model.unit import Level, Unit
from engine.notices.notice import Book, NoticeKey
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.run_tests import Outcome, run_timeline
from engine.ruleset.tests_format import Timeline, TimelineEvent, Told
from engine.tracking.assess import Tracked
from engine.tracking.progress import VIETNAM, Refusal, apply, opening
from engine.units import registry_of
from engine.workdays import WorkCalendar

_PLAN, _TASK = "thu", "1"
_SUPERIOR, _LEAD, _HELPING = "cap-tren", "cap-tren.chu-tri", "phoi-hop"
_MONITOR, _LEADER = "theo-doi", "lanh-dao"
_COLLECTIVE = "nhom-chua-liet-ke"
_LEVELS: dict[str, Level] = {
    "province": "province",
    "district": "district",
    "commune": "commune",
    "village": "village",
}
# Events that need a reason get one: a rule test is about who is told, not about wording.
_REASON = "phép thử"
_HOUR = time(9)


@dataclass(frozen=True, slots=True)
class Stage:
    """What every timeline is played on: the rules under test and the calendar of the home."""

    ruleset: RuleSet
    calendar: WorkCalendar

    def play(self, timeline: Timeline) -> Outcome:
        """The outcome of one timeline; an event that the state machine refuses fails it."""
        refused = self._refused(timeline)
        if refused:
            return Outcome(timeline.name, timeline.file, timeline.line, len(timeline.expect), refused)
        return run_timeline(timeline, self.tell, self.calendar.is_working_day)

    def tell(
        self, timeline: Timeline, today: date, told: Collection[Hashable]
    ) -> Iterator[tuple[Told, NoticeKey]]:
        """What a tick on ``today`` tells beyond ``told``, every role being another unit."""
        promise = _promise(timeline, self.calendar)
        tracked = Tracked(
            promise, self._standing(timeline, promise, today), timeline.completion, timeline.level
        )
        keys = {key for key in told if isinstance(key, NoticeKey)}
        day = conclude([tracked], self.ruleset, _book(timeline), self.calendar, today, keys)
        for notice in day.notices:
            occasion = notice.occasion.partition("@")[0]
            yield Told(notice.role, notice.rule, occasion), notice.key

    def _standing(self, timeline: Timeline, promise: Promise, today: date) -> Standing:
        standing = opening(promise)
        for said in timeline.events:
            if said.on <= today:
                after = apply(promise, standing, _event(promise, said), _settings(timeline), self.calendar)
                standing = after if isinstance(after, Standing) else standing
        return standing

    def _refused(self, timeline: Timeline) -> tuple[str, ...]:
        promise = _promise(timeline, self.calendar)
        standing = opening(promise)
        for said in timeline.events:
            after = apply(promise, standing, _event(promise, said), _settings(timeline), self.calendar)
            if isinstance(after, Refusal):
                return (f"Ngày {said.on:%d/%m/%Y}, “{said.said}”: {after.message}",)
            standing = after
        return ()


def _event(promise: Promise, said: TimelineEvent) -> Event:
    at = datetime.combine(said.on, _HOUR, VIETNAM)
    return Event(promise.id, said.said, at, note=_REASON, day=said.day, cures=said.cures)


def _settings(timeline: Timeline) -> PlanSettings:
    return PlanSettings(completion=timeline.completion)


def _promise(timeline: Timeline, calendar: WorkCalendar) -> Promise:
    unit = _COLLECTIVE if timeline.collective else _LEAD
    return Promise(
        id=f"{_PLAN}:{_TASK}:{unit}",
        plan=_PLAN,
        task=_TASK,
        unit=unit,
        milestone=None,
        period=None,
        kind=DeadlineKind(timeline.kind),
        starts=timeline.starts,
        due=timeline.due,
        rolled=calendar.roll(timeline.due) if timeline.due else None,
        ends=timeline.ends,
        trigger=None,
        offset_days=timeline.after_days,
        offset_working=timeline.after_working,
        collective=timeline.collective,
    )


def _book(timeline: Timeline) -> Book:
    level = _LEVELS.get(timeline.level, "commune")
    ids = (_SUPERIOR, _LEAD, _HELPING, _MONITOR, _LEADER)
    units = [Unit(id, id, (), level, "department", None, id.rpartition(".")[0] or None) for id in ids]
    plan = PlanFacts(
        id=_PLAN,
        number="",
        title="",
        issuer=_LEADER,
        issued=timeline.in_force,
        starts=timeline.in_force,
        year=timeline.in_force.year,
        monitor=_MONITOR,
        leader=_LEADER,
        settings=_settings(timeline),
    )
    task = TaskFacts(
        plan=_PLAN,
        id=_TASK,
        position=1,
        stt="1",
        appendix=None,
        section=None,
        group=None,
        title="",
        leads="",
        coordinating="",
        coordinating_units=(_HELPING,),
        deadline_text="",
        deliverable="",
        milestones=(),
    )
    return Book(registry_of(units, ()), {_PLAN: plan}, {(_PLAN, _TASK): task})
