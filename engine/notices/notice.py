"""A notice (thông báo): somebody must be told something about one assignment, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from engine.model.facts import PlanFacts, TaskFacts
from engine.ruleset.rule import Role, Tone
from engine.tracking.assess import Tracked
from engine.tracking.watched import Watched
from engine.units import Registry

UNIT_SUBJECT = "unit:"
"""Prefix of the subject of a notice that is about a unit as a whole, not about one assignment."""

OFFICE_SUBJECTS = {Role.MONITOR: "office:", Role.LEADER: "leader:"}
"""Prefixes of the subject of a notice about an office as a whole: all that a unit monitors, or leads."""


CHASED = "don-doc"
"""Stands for the rule where a person of the office chased (đôn đốc), and begins the notice's occasion."""


class NoticeKey(NamedTuple):
    """What may be told once only; the database holds it unique."""

    rule: str
    subject: str
    deadline: str
    recipient: str
    occasion: str


@dataclass(frozen=True, slots=True)
class Notice:
    """``subject`` is an assignment's id, or ``unit:``, ``office:`` or ``leader:`` and a unit's id,
    or a plan's and an indicator's id ("an-2023/pl2.1");
    ``recipient`` is a unit's id.

    ``deadline`` is the due day in force (ISO) where the occasion hangs on it, "-" otherwise: a moved
    deadline re-arms the rule. ``occasion`` names the threshold passed.
    """

    rule: str
    subject: str
    deadline: str
    recipient: str
    occasion: str
    role: Role
    tone: Tone
    why: str

    @property
    def key(self) -> NoticeKey:
        """What the database holds unique."""
        return NoticeKey(self.rule, self.subject, self.deadline, self.recipient, self.occasion)

    @property
    def is_copy(self) -> bool:
        """Whether it is only for information: nothing that the recipient owes or must decide."""
        if self.role is Role.COORDINATING:
            return True
        return self.tone is Tone.INFORM and self.role is not Role.LEAD

    @property
    def is_of_office(self) -> bool:
        """Whether it is about all that the recipient monitors or leads. The id of an assignment, whatever
        its plan is called, has a second colon."""
        prefix, _, unit = self.subject.partition(":")
        return f"{prefix}:" in OFFICE_SUBJECTS.values() and ":" not in unit

    @property
    def is_of_indicator(self) -> bool:
        """Whether it is about an indicator: plan and indicator, where every other subject has a colon."""
        return "/" in self.subject and ":" not in self.subject

    @property
    def is_chase(self) -> bool:
        """Whether a person asked for it. No rule has such an occasion, whatever it is called."""
        return self.rule == CHASED and self.occasion.startswith(f"{CHASED}@")


@dataclass(frozen=True, slots=True)
class Drop:
    """A notice that is not sent, and the reason in Vietnamese; ``code`` is for programs."""

    notice: Notice
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that turns ids into words and roles into units; ``indicators`` are those that rules look
    at, by the subject of their notices."""

    registry: Registry
    plans: Mapping[str, PlanFacts]
    tasks: Mapping[tuple[str, str], TaskFacts]
    indicators: Mapping[str, Watched] = field(default_factory=dict)

    def plan_of(self, tracked: Tracked) -> PlanFacts:
        """The plan of an assignment."""
        return self.plans[tracked.promise.plan]

    def task_of(self, tracked: Tracked) -> TaskFacts:
        """The task of an assignment."""
        return self.tasks[tracked.promise.plan, tracked.promise.task]

    def answering(self, unit: str, plan: PlanFacts, today: date) -> str:
        """The unit that answers for ``unit`` today: itself, its successor once it was abolished, or the
        plan's monitor where there is neither (a group nobody listed, a successor nobody recorded)."""
        if unit not in self.registry.units:
            return plan.monitor
        if self.registry.units[unit].is_valid_on(today):
            return unit
        heir = self.registry.units.get(self.registry.final_heir(unit) or "")
        return heir.id if heir and heir.is_valid_on(today) else plan.monitor
