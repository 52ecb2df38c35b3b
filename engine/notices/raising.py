"""Findings → notices: the roles that a rule names become units, each occasion gets its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from engine.model.facts import PlanFacts
from engine.notices.notice import UNIT_SUBJECT, Book, Notice
from engine.ruleset.rule import ONCE, Finding, Role, Rule, occasion_key
from engine.tracking.assess import Tracked, spoke_on
from engine.tracking.progress import effective_due

NO_DEADLINE = "-"


def raise_notices(
    tracked: Tracked, findings: Sequence[tuple[Rule, Finding]], book: Book, today: date
) -> Iterator[Notice]:
    """One notice for each unit that each finding wants told."""
    plan = book.plan_of(tracked)
    for rule, finding in findings:
        deadline, occasion = _when(tracked, rule, finding, plan, today)
        for role in finding.tell:
            for unit in recipients(tracked, role, book, today):
                yield Notice(
                    rule.id, tracked.promise.id, deadline, unit, occasion, role, finding.tone, finding.why
                )


def raise_unit_notices(
    unit: str, plans: Sequence[PlanFacts], findings: Sequence[tuple[Rule, Finding]], book: Book, today: date
) -> Iterator[Notice]:
    """Notices about a unit as a whole; ``plans`` are those under which it is overdue."""
    for rule, finding in findings:
        occasion = occasion_key(rule, finding.occasion, last_word=None, reported=None, day=today)
        for role in finding.tell:
            told = dict.fromkeys(
                recipient for plan in plans for recipient in of_unit(unit, role, plan, book, today)
            )
            for recipient in told:
                yield Notice(
                    rule.id,
                    UNIT_SUBJECT + unit,
                    NO_DEADLINE,
                    recipient,
                    occasion,
                    role,
                    finding.tone,
                    finding.why,
                )


def recipients(tracked: Tracked, role: Role, book: Book, today: date) -> tuple[str, ...]:
    """The units that play ``role`` in an assignment today, each once."""
    plan = book.plan_of(tracked)
    if role is Role.COORDINATING:
        helping = book.task_of(tracked).coordinating_units
        return tuple(dict.fromkeys(book.answering(unit, plan, today) for unit in helping))
    return of_unit(tracked.promise.unit, role, plan, book, today)


def of_unit(unit: str, role: Role, plan: PlanFacts, book: Book, today: date) -> tuple[str, ...]:
    """The units that play ``role`` for what ``unit`` owes under a plan today."""
    match role:
        case Role.LEAD:
            return (book.answering(unit, plan, today),)
        case Role.MONITOR:
            return (book.answering(plan.monitor, plan, today),)
        case Role.LEADER:
            return (book.answering(plan.leader, plan, today),)
        case Role.LEAD_SUPERIOR:
            own = book.registry.units.get(unit)
            above = own.parent if own and own.parent else plan.issuer
            return (book.answering(above, plan, today),)
        case Role.COORDINATING:
            return ()


def _when(tracked: Tracked, rule: Rule, finding: Finding, plan: PlanFacts, today: date) -> tuple[str, str]:
    due = effective_due(tracked.promise, tracked.standing)
    deadline = due.isoformat() if due else NO_DEADLINE
    if finding.occasion == ONCE:
        # Said once each time the assignment enters its state: returned twice is told twice.
        since = tracked.standing.since
        return deadline, f"{ONCE}@{since}" if since else ONCE
    occasion = occasion_key(
        rule,
        finding.occasion,
        last_word=spoke_on(tracked, plan.starts),
        reported=tracked.standing.reported_on,
        day=today,
    )
    # A new assignment is announced once, however often its deadline moves afterwards.
    from_start = rule.occasions is not None and rule.occasions.fact == "age"
    return NO_DEADLINE if from_start else deadline, occasion
