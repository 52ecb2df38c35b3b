"""A rule (luật) and what it concludes, as frozen values that every part of this room shares."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from engine.tracking.fact_types import About, FactValue, Measure, Origin
from engine.tracking.situations import FACTS

ONCE = "once"
"""The occasion of a rule that names no ``occasions``."""

WEEKLY = "weekly"
"""The occasion that is the first working day of each ISO week; a week without one has none."""

MONTHLY = "monthly"
"""The occasion that is the first working day of each month."""

PERIODS = {"week_day": WEEKLY, "month_day": MONTHLY}
"""The facts of an office whose occasions are summaries of a period, and what their first day is called."""


class Role(StrEnum):
    """Who is told, by the part they play in the assignment."""

    LEAD = "lead"
    COORDINATING = "coordinating"
    MONITOR = "monitor"
    LEADER = "leader"
    LEAD_SUPERIOR = "lead_superior"


class Tone(StrEnum):
    """How urgent a notice sounds."""

    INFORM = "inform"
    REMIND = "remind"
    WARN = "warn"
    ESCALATE = "escalate"


class Silence(StrEnum):
    """What makes a rule keep quiet although its conditions hold."""

    EXTENSION_PENDING = "extension_pending"
    SNOOZED = "snoozed"
    PAUSED = "paused"


class Attach(StrEnum):
    """What a message about the office brings as a file."""

    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact has one of these values."""

    fact: str
    values: tuple[FactValue, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """The fact has any value but this one."""

    fact: str
    value: FactValue


@dataclass(frozen=True, slots=True)
class Between:
    """The fact is a number from ``low`` to ``high``, both included; None where it is open."""

    fact: str
    low: int | None
    high: int | None


Condition: TypeAlias = OneOf | Other | Between


@dataclass(frozen=True, slots=True)
class Occasions:
    """When a rule speaks again: the thresholds of one fact, in the order in which they are passed.

    A countdown (``days_left``) passes a threshold when it is at or below it; a count (``days_late``)
    when it is at or above it. The current occasion is the last threshold passed, so that a missed
    day is caught up exactly once. ``every`` goes on beyond the last threshold of a count.
    """

    fact: str
    thresholds: tuple[int, ...]
    every: int | None = None

    def name(self, threshold: int) -> str:
        """The occasion of this threshold: "days_late:3", or "weekly" for the first day of a week."""
        alias = PERIODS.get(self.fact) if threshold == 1 else None
        return alias or f"{self.fact}:{threshold}"

    @property
    def counts_down(self) -> bool:
        """Whether the fact runs towards zero."""
        return FACTS[self.fact].measure is Measure.COUNTDOWN

    def current(self, value: int) -> int | None:
        """The last threshold that ``value`` has passed, None before the first."""
        if self.counts_down:
            rising = self.thresholds[::-1]
            index = bisect_left(rising, value)
            return rising[index] if index < len(rising) else None
        index = bisect_right(self.thresholds, value)
        if index == 0:
            return None
        last = self.thresholds[index - 1]
        if self.every is None or index < len(self.thresholds):
            return last
        return value - (value - last) % self.every


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``file`` and ``line`` say where it stands; ``silences`` names the rules that it
    replaces for the same assignment and person; ``attach`` what its message brings along."""

    id: str
    why: str
    about: About
    when: tuple[Condition, ...]
    occasions: Occasions | None
    tell: tuple[Role, ...]
    tone: Tone
    unless: frozenset[Silence] = frozenset()
    silences: tuple[str, ...] = ()
    attach: tuple[Attach, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def origin(self) -> Origin:
        """What this rule's occasions count from."""
        return FACTS[self.occasions.fact].origin if self.occasions else Origin.DEADLINE

    @property
    def sums_up(self) -> bool:
        """Whether its notices are summaries of the week or the month before."""
        return self.occasions is not None and self.occasions.fact in PERIODS


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule met a situation (kết luận): on this occasion, these roles must be told why.

    ``occasion`` is "once", or a fact and the threshold passed ("days_late:3"), or "weekly", "monthly".
    """

    rule_id: str
    occasion: str
    tell: tuple[Role, ...]
    tone: Tone
    why: str


def occasion_key(
    rule: Rule,
    occasion: str,
    *,
    last_word: date | None,
    reported: date | None,
    day: date,
    stopped: date | None = None,
) -> str:
    """The occasion as the notice's unique key needs it: with the day that its count began.

    A silence of 30 days, an answer and another silence of 30 days are two occasions, though both
    are "days_silent:30". Counts of a unit begin anew each month, summaries of a week each ISO week;
    a channel that stops again is told again. Everything else hangs on the deadline, which is a part
    of the unique key itself.
    """
    match rule.origin:
        case Origin.LAST_WORD:
            return f"{occasion}@{last_word or 'start'}"
        case Origin.REPORTED:
            return f"{occasion}@{reported or 'start'}"
        case Origin.WEEK:
            return f"{occasion}@{day:%G-W%V}"
        case Origin.MONTH:
            return f"{occasion}@{day:%Y-%m}"
        case Origin.STOPPED:
            return f"{occasion}@{stopped or 'start'}"
        case Origin.DEADLINE:
            return occasion
