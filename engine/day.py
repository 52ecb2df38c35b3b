"""One day's conclusions: assignments → situations → findings → notices. Pure, for tick and simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.assignment import Timeliness
from engine.notices.filters import drop_inhibited, drop_silenced, drop_told, silence_of
from engine.notices.indicator import raise_indicator_notices, situate_indicators
from engine.notices.notice import Book, Drop, Notice, NoticeKey
from engine.notices.office import (
    Office,
    OfficeFacts,
    offices_of,
    raise_office_notices,
    situation_of_office,
    unreachable_units,
)
from engine.notices.raising import raise_notices, raise_unit_notices
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.rule import Finding, Rule
from engine.tracking.assess import Tracked, situation_of
from engine.tracking.fact_types import HIGHEST
from engine.tracking.situations import (
    AnySituation,
    IndicatorSituation,
    OfficeSituation,
    Situation,
    UnitSituation,
)
from engine.tracking.watched import Watched
from engine.workdays import MissingYear, WorkCalendar


@dataclass(frozen=True, slots=True)
class Day:
    """What one day's evaluation came to. ``assignments`` counts those looked at, ``situations`` the
    distinct ones evaluated, ``findings`` the conclusions over all assignments. ``standing`` holds the
    keys of all notices that hold today, told or not; ``notices`` are the ones not yet told.
    ``left_out`` counts the assignments that could not be judged, by the year the calendar lacks."""

    assignments: int
    situations: int
    findings: int
    notices: tuple[Notice, ...]
    standing: frozenset[NoticeKey]
    left_out: Mapping[int, int]


Concluded = Sequence[tuple[Rule, Finding]]


@dataclass(frozen=True, slots=True)
class _Seen:
    """All situations of one day and what the rules concluded from each distinct one; ``facts`` are those
    of the offices."""

    situated: Sequence[tuple[Tracked, Situation]]
    left_out: Mapping[int, int]
    units: Mapping[str, UnitSituation]
    offices: Sequence[tuple[Office, OfficeSituation]]
    indicators: Sequence[tuple[Watched, IndicatorSituation]]
    facts: OfficeFacts
    concluded: Mapping[AnySituation, Concluded]

    @property
    def findings(self) -> int:
        of_units = sum(len(self.concluded[s]) for s in self.units.values())
        of_offices = sum(len(self.concluded[s]) for _, s in self.offices)
        of_indicators = sum(len(self.concluded[s]) for _, s in self.indicators)
        return of_indicators + of_offices + of_units + sum(len(self.concluded[s]) for _, s in self.situated)


def conclude(
    tracked: Iterable[Tracked],
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    told: Collection[NoticeKey],
    facts: OfficeFacts | None = None,
) -> Day:
    """The notices that ``today`` brings beyond those in ``told``; without ``facts`` none about offices.
    Raises MissingYear."""
    seen = _evaluate(tracked, ruleset, book, calendar, today, facts)
    holding: list[Notice] = []
    for each, situation in seen.situated:
        if seen.concluded[situation]:
            holding.extend(_of_assignment(each, seen.concluded[situation], ruleset, book, today))
    holding.extend(_of_units(seen, ruleset, book, today))
    holding.extend(_of_offices(seen, ruleset, today))
    for watched, known in seen.indicators:
        holding.extend(_of_indicator(watched, seen.concluded[known], ruleset, book, today))
    # Told comes last: a rule that has spoken still replaces the milder ones on the days after.
    fresh = drop_told(holding, told)
    return Day(
        assignments=len(seen.situated),
        situations=len(seen.concluded),
        findings=seen.findings,
        notices=fresh.kept,
        standing=frozenset(notice.key for notice in holding),
        left_out=seen.left_out,
    )


def fresh_since(
    before: dict[str, object],
    tracked: Iterable[Tracked],
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    told: Collection[NoticeKey],
    facts: OfficeFacts | None = None,
) -> tuple[Notice, ...]:
    """Like ``conclude`` for a series of days in which nobody says anything (simulation).

    ``before`` remembers what held for each assignment; where the same rules hold on the same
    occasions, under the same silences, there is nothing new to raise.
    """
    seen = _evaluate(tracked, ruleset, book, calendar, today, facts)
    holding: list[Notice] = []
    for each, situation in seen.situated:
        found = seen.concluded[situation]
        silences = tuple(silence_of(each, today))
        now = (silences, *((finding.rule_id, finding.occasion) for _, finding in found))
        if before.get(each.promise.id) != now:
            before[each.promise.id] = now
            holding.extend(_of_assignment(each, found, ruleset, book, today))
    holding.extend(_of_units(seen, ruleset, book, today))
    holding.extend(_of_offices(seen, ruleset, today))
    for watched, known in seen.indicators:
        found = seen.concluded[known]
        said = tuple((finding.rule_id, finding.occasion) for _, finding in found)
        if before.get(watched.id) != said:
            before[watched.id] = said
            holding.extend(_of_indicator(watched, found, ruleset, book, today))
    return drop_told(holding, told).kept


def _evaluate(
    tracked: Iterable[Tracked],
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    facts: OfficeFacts | None,
) -> _Seen:
    situated, left_out = situate(tracked, book, calendar, today)
    overdue = Counter(t.promise.unit for t, s in situated if s.timeliness == Timeliness.OVERDUE.value)
    units = {unit: _unit_situation(unit, count, book) for unit, count in overdue.items()}
    looks = facts is not None and any(rule.about == "office" for rule in ruleset.rules)
    offices = _offices(situated, book, calendar, today, facts) if looks and facts else ()
    looks_at_numbers = any(rule.about == "indicator" for rule in ruleset.rules)
    measured = tuple(situate_indicators(book, calendar, today)) if looks_at_numbers else ()
    findings = ruleset.evaluate(
        [*(s for _, s in (*situated, *offices, *measured)), *units.values()],
    )
    concluded = {s: [(ruleset.by_id[f.rule_id], f) for f in found] for s, found in findings.items()}
    return _Seen(situated, left_out, units, offices, measured, facts or OfficeFacts(), concluded)


def _offices(
    situated: Iterable[tuple[Tracked, Situation]],
    book: Book,
    calendar: WorkCalendar,
    today: date,
    facts: OfficeFacts,
) -> list[tuple[Office, OfficeSituation]]:
    """The offices of the plans under which something is going on, and how each stands."""
    idle = Timeliness.NOT_APPLICABLE.value
    work: dict[str, dict[str, None]] = {}
    for each, situation in situated:
        if situation.timeliness != idle:
            work.setdefault(each.promise.plan, {})[each.promise.unit] = None
    found = []
    for office in offices_of([book.plans[plan] for plan in work], book, today):
        mine = [(unit, plan) for plan in office.plans for unit in work[plan]]
        lost = unreachable_units(mine, facts, book, today)
        found.append((office, situation_of_office(office, len(lost), facts, today, calendar)))
    return found


def situate(
    tracked: Iterable[Tracked], book: Book, calendar: WorkCalendar, today: date
) -> tuple[list[tuple[Tracked, Situation]], Mapping[int, int]]:
    """Each assignment whose plan is in force today, with its situation; and how many cannot be judged,
    by the year that the calendar lacks. One of those never stops the others.

    All units of one task share their dates, so a situation is worked out once for each combination
    of dates and standing, not for each assignment.
    """
    shared: dict[object, Situation | int] = {}
    situated: list[tuple[Tracked, Situation]] = []
    left_out: Counter[int] = Counter()
    for each in tracked:
        plan = book.plans.get(each.promise.plan)
        if plan is None or today < plan.starts:
            continue
        promise = each.promise
        alike = (
            *(promise.kind, promise.starts, promise.due, promise.rolled, promise.ends, promise.collective),
            *(each.standing, each.completion, each.level, plan.starts),
        )
        situation = shared.get(alike)
        if situation is None:
            try:
                situation = situation_of(each, today, calendar, plan.starts)
            except MissingYear as error:
                situation = error.year
            shared[alike] = situation
        if isinstance(situation, int):
            left_out[situation] += 1
        else:
            situated.append((each, situation))
    return situated, left_out


def trace(
    tracked: Tracked,
    ruleset: RuleSet,
    book: Book,
    calendar: WorkCalendar,
    today: date,
    told: Collection[NoticeKey],
) -> tuple[Situation | None, tuple[Notice, ...], tuple[Drop, ...]]:
    """The same for one assignment, with every drop and its reason: the ground of explanations."""
    situated, _ = situate([tracked], book, calendar, today)
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


def _of_units(seen: _Seen, ruleset: RuleSet, book: Book, today: date) -> Iterable[Notice]:
    loud = {unit for unit, situation in seen.units.items() if seen.concluded[situation]}
    plans: dict[str, dict[str, None]] = {}
    for each, situation in seen.situated:
        if each.promise.unit in loud and situation.timeliness == Timeliness.OVERDUE.value:
            plans.setdefault(each.promise.unit, {})[each.promise.plan] = None
    for unit in sorted(loud):
        facts = [book.plans[plan] for plan in plans[unit]]
        raised = raise_unit_notices(unit, facts, seen.concluded[seen.units[unit]], book, today)
        yield from drop_inhibited(tuple(raised), ruleset).kept


def _of_offices(seen: _Seen, ruleset: RuleSet, today: date) -> Iterable[Notice]:
    for office, situation in seen.offices:
        raised = raise_office_notices(office, seen.concluded[situation], seen.facts, today)
        yield from drop_inhibited(tuple(raised), ruleset).kept


def _of_indicator(
    watched: Watched, found: Concluded, ruleset: RuleSet, book: Book, today: date
) -> Iterable[Notice]:
    raised = tuple(raise_indicator_notices(watched, found, book, today)) if found else ()
    return drop_inhibited(raised, ruleset).kept


def _unit_situation(unit: str, overdue: int, book: Book) -> UnitSituation:
    known = book.registry.units.get(unit)
    return UnitSituation(overdue=min(overdue, HIGHEST), level=known.level if known else "none")
