"""What the program made of a plan's words: deadlines and leads, ready for a template."""

from __future__ import annotations

from dataclasses import dataclass

from engine.deadlines.in_words import deadline_facts
from engine.model.deadline import Deadline
from engine.model.plan import NameRef, Plan, Task
from engine.units import Registry
from engine.workdays import WorkCalendar

_FOR_PROGRAMS = "Quy tắc đọc"
"""The name of the grammar's rule: for who mends the grammar."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A time cell: as worded, and label and words of what was understood; ``parts`` are its milestones."""

    text: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Understood, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A milestone of a task with a title and a product of its own."""

    title: str
    deliverable: str
    deadline: Understood


@dataclass(frozen=True, slots=True)
class Named:
    """A unit or group as the document names it, and how many units that is; 0 for a group that nobody
    listed, which is followed as a whole."""

    name: str
    is_group: bool
    units: int


@dataclass(frozen=True, slots=True)
class Row:
    """One task as a row of its appendix."""

    task: Task
    leads: tuple[Named, ...]
    coordinating: tuple[Named, ...]
    deadline: Understood
    parts: tuple[Part, ...]


def understood(deadline: Deadline, calendar: WorkCalendar) -> Understood:
    """A deadline in words."""
    return Understood(
        text=deadline.text,
        facts=tuple(f for f in deadline_facts(deadline, calendar) if f[0] != _FOR_PROGRAMS),
        parts=tuple(understood(each, calendar) for each in deadline.milestones),
    )


def rows_of(plan: Plan, registry: Registry, calendar: WorkCalendar) -> list[Row]:
    """Every task of a plan, in the document's order."""
    return [
        Row(
            task=task,
            leads=tuple(_named(ref, plan, registry) for ref in task.leads),
            coordinating=tuple(_named(ref, plan, registry) for ref in task.coordinating),
            deadline=understood(task.deadline, calendar),
            parts=tuple(
                Part(m.title, m.deliverable, understood(m.deadline, calendar))
                for m in task.milestones
                if m.title or m.deliverable
            ),
        )
        for task in plan.tasks
    ]


def _named(ref: NameRef, plan: Plan, registry: Registry) -> Named:
    units = registry.expand(ref.id, plan.issuer.id, plan.starts)
    unlisted = ref.is_group and units == (ref.id,)
    return Named(ref.name, ref.is_group, 0 if unlisted else len(units))
