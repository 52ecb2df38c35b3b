"""What messages and lists need to know of a plan and of a task, whether read from file or database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.model.plan import PlanSettings

_GROUP_NUMBER = re.compile(r"^\s*[\dIVXLC]+(?:\.\d+)*[.)]\s+")


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The head of a plan; ``issuer``, ``monitor`` and ``leader`` are unit ids."""

    id: str
    number: str
    title: str
    issuer: str
    issued: date | None
    starts: date
    year: int
    monitor: str
    leader: str
    settings: PlanSettings


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """The words of a task; ``milestones`` holds title, deadline as worded, and deliverable of each."""

    plan: str
    id: str
    position: int
    stt: str | None
    appendix: str | None
    section: str | None
    group: str | None
    title: str
    leads: str
    coordinating: str
    coordinating_units: tuple[str, ...]
    deadline_text: str
    deliverable: str
    milestones: tuple[tuple[str, str, str], ...]

    def heading(self, milestone: int | None) -> str:
        """The title as a reader needs it on its own: with its numbered head row and its milestone."""
        head = _GROUP_NUMBER.sub("", self.group or "").rstrip(" .:;")
        if milestone is not None and milestone <= len(self.milestones):
            own = self.milestones[milestone - 1][0] or f"mốc {milestone}"
            # Bullets in the title are the milestones themselves; anything else belongs to the name.
            whole = "" if "\n" in self.title else self.title.rstrip(" .:;")
            return " – ".join(part for part in (head, whole, own) if part)
        return f"{head}: {self.title}" if head else self.title

    def product(self, milestone: int | None) -> str:
        """The deliverable of the task, or of one of its milestones."""
        if milestone is not None and milestone <= len(self.milestones):
            return self.milestones[milestone - 1][2] or self.deliverable
        return self.deliverable
