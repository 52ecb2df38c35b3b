"""Plans → assignments: task × lead unit × milestone × period, each with an identity of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.model.assignment import Promise
from engine.model.deadline import DayUnit, Deadline, DeadlineKind
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import Plan, Task
from engine.units import Registry


@dataclass(frozen=True, slots=True)
class Part:
    """One deadline of a task, before it is multiplied by units: a milestone, a period, or all of it."""

    milestone: int | None
    period: str | None
    kind: DeadlineKind
    starts: date
    due: date | None
    rolled: date | None
    ends: date | None
    trigger: str | None
    offset_days: int | None
    offset_working: bool


def expand(plan: Plan, registry: Registry) -> list[Promise]:
    """Every assignment of a plan, in the document's order.

    The identity is made of ids, numbers and the names of periods, never of wording or dates, so
    that mending a title or moving a day keeps it.
    """
    return [
        _promise(plan, task, unit, part, collective)
        for task in plan.tasks
        for unit, collective in lead_units(plan, task, registry)
        for part in parts(task, plan)
    ]


def lead_units(plan: Plan, task: Task, registry: Registry) -> list[tuple[str, bool]]:
    """The units that answer for a task, each once; True marks a group that nobody has listed."""
    units: dict[str, bool] = {}
    for ref in task.leads:
        for unit in registry.expand(ref.id, plan.issuer.id, plan.starts):
            units.setdefault(unit, unit in registry.groups)
    return list(units.items())


def helping_units(plan: Plan, task: Task, registry: Registry) -> list[str]:
    """The coordinating units: told, never held accountable; without those that lead the task."""
    leading = {unit for unit, _ in lead_units(plan, task, registry)}
    helping = dict.fromkeys(
        unit
        for ref in task.coordinating
        for unit in registry.expand(ref.id, plan.issuer.id, plan.starts)
        if unit in registry.units and unit not in leading
    )
    return list(helping)


def plan_facts(plan: Plan) -> PlanFacts:
    """What messages need of the plan."""
    return PlanFacts(
        id=plan.id,
        number=plan.number,
        title=plan.title,
        issuer=plan.issuer.id,
        issued=plan.issued,
        starts=plan.starts,
        year=plan.year,
        monitor=plan.monitor.id,
        leader=plan.leader.id,
        settings=plan.settings,
    )


def task_facts(plan: Plan, registry: Registry) -> list[TaskFacts]:
    """What messages need of each task of the plan, in the document's order."""
    return [
        TaskFacts(
            plan=plan.id,
            id=task.id,
            position=position,
            stt=task.stt,
            appendix=task.appendix,
            section=task.section,
            group=task.group,
            title=task.title,
            leads="; ".join(ref.name for ref in task.leads),
            coordinating="; ".join(ref.name for ref in task.coordinating),
            coordinating_units=tuple(helping_units(plan, task, registry)),
            deadline_text=task.deadline.text,
            deliverable=task.deliverable,
            milestones=tuple((m.title, m.deadline.text, m.deliverable) for m in task.milestones),
        )
        for position, task in enumerate(plan.tasks, start=1)
    ]


def parts(task: Task, plan: Plan) -> Iterator[Part]:
    """The deadlines of a task one by one."""
    if not task.milestones:
        yield from _of(task.deadline, None, plan)
        return
    for number, milestone in enumerate(task.milestones, start=1):
        yield from _of(milestone.deadline, number, plan)


def is_daily(deadline: Deadline) -> bool:
    """Whether a recurring deadline falls on every day."""
    return not deadline.occurrences and any("DAILY" in rule for rule in deadline.rrules)


def _of(deadline: Deadline, milestone: int | None, plan: Plan) -> Iterator[Part]:
    opens = max(deadline.start or plan.starts, plan.starts)
    if deadline.kind is DeadlineKind.MILESTONES:
        for number, inner in enumerate(deadline.milestones, start=1):
            yield from _of(inner, number, plan)
        return
    if deadline.kind is DeadlineKind.RECURRING and not is_daily(deadline):
        for each in deadline.occurrences:
            starts = max(each.start, plan.starts)
            yield _part(DeadlineKind.RECURRING, milestone, starts, each.period, each.due, each.rolled)
        if deadline.plus_event:
            yield _part(DeadlineKind.EVENT, milestone, opens, "dot-xuat", trigger=deadline.plus_event)
        return
    if deadline.kind in (DeadlineKind.RECURRING, DeadlineKind.CONTINUOUS):
        # A daily duty has no single due day to chase: like a continuous one, silence is watched.
        ends = deadline.end or date(plan.year, 12, 31)
        yield _part(DeadlineKind.CONTINUOUS, milestone, opens, ends=ends)
        if deadline.plus_event:
            yield _part(DeadlineKind.EVENT, milestone, opens, "dot-xuat", trigger=deadline.plus_event)
        return
    if deadline.kind is DeadlineKind.EVENT:
        offset = deadline.offset
        yield Part(
            milestone=milestone,
            period=None,
            kind=DeadlineKind.EVENT,
            starts=opens,
            due=None,
            rolled=None,
            ends=None,
            trigger=deadline.trigger,
            offset_days=offset.days if offset else None,
            offset_working=offset is not None and offset.unit is DayUnit.WORKING,
        )
        return
    yield _part(deadline.kind, milestone, opens, due=deadline.due, rolled=deadline.rolled)


def _part(
    kind: DeadlineKind,
    milestone: int | None,
    starts: date,
    period: str | None = None,
    due: date | None = None,
    rolled: date | None = None,
    ends: date | None = None,
    trigger: str | None = None,
) -> Part:
    return Part(milestone, period, kind, starts, due, rolled, ends, trigger, None, False)


def _promise(plan: Plan, task: Task, unit: str, part: Part, collective: bool) -> Promise:
    pieces = [plan.id, task.id, unit]
    if part.milestone is not None:
        pieces.append(f"m{part.milestone}")
    if part.period is not None:
        pieces.append(part.period.lower())
    return Promise(
        id=":".join(pieces),
        plan=plan.id,
        task=task.id,
        unit=unit,
        milestone=part.milestone,
        period=part.period,
        kind=part.kind,
        starts=part.starts,
        due=part.due,
        rolled=part.rolled,
        ends=part.ends,
        trigger=part.trigger,
        offset_days=part.offset_days,
        offset_working=part.offset_working,
        collective=collective,
    )
