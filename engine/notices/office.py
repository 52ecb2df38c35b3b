"""What rules conclude about an office: the one that monitors plans, and the one that leads them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.model.facts import PlanFacts
from engine.notices.notice import OFFICE_SUBJECTS, Book, Notice
from engine.notices.raising import NO_DEADLINE
from engine.ruleset.rule import Finding, Role, Rule, occasion_key
from engine.tracking.fact_types import HIGHEST
from engine.tracking.situations import OfficeSituation
from engine.workdays import MissingYear, WorkCalendar


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What only the database knows of an office's own affairs: since which day (in Viet Nam) each stopped
    channel has been so, and the units that have a contact; None where nobody looked."""

    stopped: Mapping[str, date] = field(default_factory=dict)
    reachable: Collection[str] | None = None

    @property
    def stopped_on(self) -> date | None:
        """The day of the newest stop that lasts."""
        return max(self.stopped.values(), default=None)


@dataclass(frozen=True, slots=True)
class Office:
    """A unit in the part it plays for some plans, MONITOR or LEADER; ``plans`` are their ids, ``since`` is
    the day from which the first of them is in force."""

    unit: str
    role: Role
    plans: tuple[str, ...]
    since: date


def offices_of(plans: Iterable[PlanFacts], book: Book, today: date) -> tuple[Office, ...]:
    """Who monitors and who leads these plans today, each once; an abolished unit's successor in its place."""
    found: dict[tuple[str, Role], list[PlanFacts]] = {}
    for plan in sorted(plans, key=lambda each: each.id):
        for role, unit in ((Role.MONITOR, plan.monitor), (Role.LEADER, plan.leader)):
            found.setdefault((book.answering(unit, plan, today), role), []).append(plan)
    return tuple(
        Office(unit, role, tuple(plan.id for plan in mine), min(plan.starts for plan in mine))
        for (unit, role), mine in sorted(found.items())
    )


def unreachable_units(
    work: Iterable[tuple[str, str]], facts: OfficeFacts, book: Book, today: date
) -> set[str]:
    """The units that answer for some work, given as unit and plan, and have no contact."""
    if facts.reachable is None:
        return set()
    return {book.answering(unit, book.plans[plan], today) for unit, plan in work} - set(facts.reachable)


def situation_of_office(
    office: Office, unreachable: int, facts: OfficeFacts, today: date, calendar: WorkCalendar
) -> OfficeSituation:
    """The facts that rules about an office may name, on ``today``. Nothing is summed up in the week and in
    the month in which its first plan begins."""
    stopped_on = facts.stopped_on
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    return OfficeSituation(
        week_day=_worked(monday, today, calendar) if office.since < monday else 0,
        month_day=_worked(first, today, calendar) if office.since < first else 0,
        channels_stopped=min(len(facts.stopped), HIGHEST),
        days_stopped=_days_since(stopped_on, today, calendar) if stopped_on else 0,
        unreachable=min(unreachable, HIGHEST),
    )


def raise_office_notices(
    office: Office, findings: Sequence[tuple[Rule, Finding]], facts: OfficeFacts, today: date
) -> Iterator[Notice]:
    """One notice for each finding that wants this office told."""
    for rule, finding in findings:
        if office.role in finding.tell:
            yield Notice(
                rule=rule.id,
                subject=OFFICE_SUBJECTS[office.role] + office.unit,
                deadline=NO_DEADLINE,
                recipient=office.unit,
                occasion=occasion_key(
                    rule,
                    finding.occasion,
                    last_word=None,
                    reported=None,
                    day=today,
                    stopped=facts.stopped_on,
                ),
                role=office.role,
                tone=finding.tone,
                why=finding.why,
            )


def _worked(first: date, today: date, calendar: WorkCalendar) -> int:
    """Working days from ``first`` to ``today``, both included; days of a year not held are days off."""
    days = (first + timedelta(days=n) for n in range((today - first).days + 1))
    return sum(calendar.covers(day.year) and calendar.is_working_day(day) for day in days)


def _days_since(day: date, today: date, calendar: WorkCalendar) -> int:
    try:
        return min(max(calendar.working_days_between(day, today), 0), HIGHEST)
    except MissingYear:
        return HIGHEST
