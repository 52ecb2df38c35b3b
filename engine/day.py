"""One day's conclusions: assignments → situations → findings → notices. Pure, for tick and simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from engine.assess import Tracked, situation_of
from engine.model.assignment import Timeliness
from engine.notices.filters import drop_inhibited, drop_silenced, drop_told
from engine.notices.notice import Book, Drop, Notice, NoticeKey
from engine.notices.raising import raise_notices, raise_unit_notices
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.rule import Finding, Rule
from engine.situations import HIGHEST, AnySituation, Situation, UnitSituation
from engine.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Day:
    """What one day's evaluation came to. ``assignments`` counts those looked at, ``situations`` the
    distinct ones evaluated, ``findings`` the conclusions over all assignments. ``standing`` holds the
    keys of all notices that hold today, told or not; ``notices`` are the ones not yet told."""

    assignments: int
    situations: int
    findings: int
    notices: tuple[Notice, ...]
    standing: frozenset[NoticeKey]


Concluded = Sequence[tuple[Rule, Finding]]


def conclude(
    tracked: Iterable[Tracked],
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    told: Collection[NoticeKey],
) -> Day:
    """The notices that ``today`` brings beyond those in ``told``. Raises MissingYear."""
    situated = situate(tracked, book, calendar, today)
    overdue = Counter(t.promise.unit for t, s in situated if s.timeliness == Timeliness.OVERDUE.value)
    units = {unit: _unit_situation(unit, count, book) for unit, count in overdue.items()}
    findings = ruleset.evaluate([*(s for _, s in situated), *units.values()])
    concluded = {s: [(ruleset.by_id[f.rule_id], f) for f in found] for s, found in findings.items()}
    holding: list[Notice] = []
    for each, situation in situated:
        if concluded[situation]:
            holding.extend(_of_assignment(each, concluded[situation], ruleset, book, today))
    holding.extend(_of_units(situated, units, concluded, book, today))
    # Told comes last: a rule that has spoken still replaces the milder ones on the days after.
    fresh = drop_told(holding, told)
    return Day(
        assignments=len(situated),
        situations=len(concluded),
        findings=sum(len(concluded[s]) for _, s in situated) + sum(len(concluded[s]) for s in units.values()),
        notices=fresh.kept,
        standing=frozenset(notice.key for notice in holding),
    )


def situate(
    tracked: Iterable[Tracked], book: Book, calendar: WorkCalendar, today: date
) -> list[tuple[Tracked, Situation]]:
    """Each assignment whose plan is in force today, with its situation; equal ones share one value."""
    shared: dict[Situation, Situation] = {}
    situated = []
    for each in tracked:
        plan = book.plans.get(each.promise.plan)
        if plan is None or today < plan.starts:
            continue
        situation = situation_of(each, today, calendar, plan.starts)
        situated.append((each, shared.setdefault(situation, situation)))
    return situated


def trace(
    tracked: Tracked,
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    told: Collection[NoticeKey],
) -> tuple[Situation | None, tuple[Notice, ...], tuple[Drop, ...]]:
    """The same for one assignment, with every drop and its reason: the ground of explanations."""
    situated = situate([tracked], book, calendar, today)
    if not situated:
        return None, (), ()
    situation = situated[0][1]
    found = ruleset.evaluate([situation])[situation]
    raised = tuple(raise_notices(tracked, [(ruleset.by_id[f.rule_id], f) for f in found], book, today))
    silenced = drop_silenced(raised, tracked, ruleset, today)
    inhibited = drop_inhibited(silenced.kept, ruleset)
    fresh = drop_told(inhibited.kept, told)
    return situation, fresh.kept, (*silenced.dropped, *inhibited.dropped, *fresh.dropped)


def _of_assignment(
    tracked: Tracked,
    found: Concluded,
    ruleset: RuleSet,
    book: Book,
    today: date,
) -> Iterable[Notice]:
    raised = raise_notices(tracked, found, book, today)
    silenced = drop_silenced(raised, tracked, ruleset, today)
    return drop_inhibited(silenced.kept, ruleset).kept


def _of_units(
    situated: Sequence[tuple[Tracked, Situation]],
    units: dict[str, UnitSituation],
    concluded: dict[AnySituation, list[tuple[Rule, Finding]]],
    book: Book,
    today: date,
) -> Iterable[Notice]:
    loud = {unit for unit, situation in units.items() if concluded[situation]}
    plans: dict[str, dict[str, None]] = {}
    for each, situation in situated:
        if each.promise.unit in loud and situation.timeliness == Timeliness.OVERDUE.value:
            plans.setdefault(each.promise.unit, {})[each.promise.plan] = None
    for unit in sorted(loud):
        facts = [book.plans[plan] for plan in plans[unit]]
        yield from raise_unit_notices(unit, facts, concluded[units[unit]], book, today)


def _unit_situation(unit: str, overdue: int, book: Book) -> UnitSituation:
    known = book.registry.units.get(unit)
    return UnitSituation(overdue=min(overdue, HIGHEST), level=known.level if known else "none")
