"""The report of tasks: how what was assigned stands, and that its parts add up.

Counted twice over: by assignment (task × unit × milestone × period, "lượt giao") and by task as the
document prints it. Without a window it is the whole plan as it stood at the end of ``day``; within one, what
was given in it or carried into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.reports.windows import Window
from engine.store.figures.counts import Counts
from engine.store.figures.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: these plans (all in force when None), one unit with those below it (all when
    None)."""

    plans: tuple[str, ...] | None = None
    unit: str | None = None

    @property
    def key(self) -> str:
        """A stable name for it."""
        return f"{'+'.join(sorted(self.plans)) if self.plans is not None else '*'}|{self.unit or '*'}"


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of one unit, plan or level. ``id`` is stable, ``name`` is for people."""

    id: str
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of a document: how its assignments stand, and by that the task as a whole: late or overdue
    as soon as one of them is, done only when all are."""

    plan: str
    task: str
    stt: str
    title: str
    counts: Counts
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TasksReport:
    """The whole report. ``total`` = ``this_year`` + ``backlog`` = ``carried`` + ``given``, each of them the
    sum of its parts; units, plans and levels each add up to ``total``; ``by_task`` counts ``tasks``.
    ``previous`` are the totals of the window before; ``outside`` counts what stood in neither part of the
    window."""

    scope: Scope
    window: Window | None
    day: date
    total: Counts
    this_year: Counts
    backlog: Counts
    carried: Counts
    given: Counts
    levels: tuple[Line, ...]
    plans: tuple[Line, ...]
    units: tuple[Line, ...]
    by_task: Counts
    tasks: tuple[TaskLine, ...]
    previous_window: Window | None = None
    previous: Counts | None = None
    previous_by_task: Counts | None = None
    outside: int = 0
