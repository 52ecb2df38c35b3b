"""Counts the report of tasks at the end of a day, and refuses it when it does not add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import Plan, Reporting
from engine.reports.checks import ensure, outcome_of
from engine.reports.json_form import counts_json, tasks_json
from engine.reports.tasks import Line, Scope, TaskLine, TasksReport
from engine.reports.windows import BY_DECREE, Window, before
from engine.store import views
from engine.store.figures import as_of
from engine.store.figures.as_of import Question, Split
from engine.store.figures.counts import Counts, total
from engine.store.figures.outcome import Outcome
from engine.tracking.fact_types import LEVELS
from engine.units import Registry
from engine.workdays import WorkCalendar

_LEVELS = tuple(LEVELS)
_GROUP = "group"


def count_tasks(
    connection: Connection,
    registry: Registry,
    calendar: WorkCalendar,
    scope: Scope,
    window: Window | None,
    day: date,
    rule: Reporting = BY_DECREE,
) -> TasksReport:
    """The report as it stood at the end of ``day``, or of the window's last day where that is earlier.

    ``rule`` finds the window before. Asks several questions of the database: the connection must see one
    picture (``one_picture``). Raises DondocError for a window that has not begun on ``day``, DoesNotAddUp,
    and MissingYear for a year without a calendar.
    """
    ensure_begun(window, day)
    plans = views.plans(connection)
    units = units_of(registry, plans.values(), scope.unit)
    asked = question(scope.plans, units, window, day)
    groups, counted = as_of.by_unit_and_by_task(connection, calendar, asked)
    tasks = _tasks(counted, views.tasks(connection), plans)
    this_year = (window.year if window else asked.day.year) if scope.plans is None else None
    old = {id for id, plan in plans.items() if this_year is not None and plan.year < this_year}
    report = TasksReport(
        scope=scope,
        window=window,
        day=asked.day,
        total=total(split.counts for split in groups.values()),
        this_year=total(split.counts for (_, plan), split in groups.items() if plan not in old),
        backlog=total(split.counts for (_, plan), split in groups.items() if plan in old),
        carried=total(split.carried for split in groups.values()),
        given=total(split.given for split in groups.values()),
        levels=_levels(groups, registry),
        plans=_plans(groups, plans),
        units=_units(groups, registry),
        by_task=counted_outcomes(tasks),
        tasks=tasks,
        outside=sum(split.outside for split in groups.values()),
    )
    earlier = _before(window, rule)
    if earlier is not None:
        report = _with_previous(connection, calendar, report, units, earlier, day)
    ensure(tasks_json(report), as_of.rows(connection, asked))
    return report


def ensure_begun(window: Window | None, day: date) -> None:
    """DondocError for a window of which there are no figures yet on ``day``."""
    if window is not None and window.first > day:
        raise DondocError(
            f"Kỳ {window.title} bắt đầu từ {window.first:%d/%m/%Y}, sau ngày {day:%d/%m/%Y}, "
            "nên chưa có số liệu"
        )


def question(
    plans: Iterable[str] | None, units: Collection[str] | None, window: Window | None, day: date
) -> Question:
    """What is asked of the figures: to the end of ``day``, or of the window where that ends before."""
    chosen = tuple(sorted(plans)) if plans is not None else None
    if window is None:
        return Question(day, None, chosen, units)
    return Question(min(window.last, day), window.first, chosen, units, window.last)


def units_of(registry: Registry, plans: Iterable[PlanFacts], unit: str | None) -> frozenset[str] | None:
    """A unit and those below it, or a group and its members; None for no restriction."""
    if unit is None:
        return None
    if unit in registry.groups:
        return frozenset((unit, *(u for p in plans for u in registry.expand(unit, p.issuer, p.starts))))
    return registry.subtree(unit)


def rule_for(plans: Iterable[Plan], scope: Scope) -> Reporting:
    """When the months close: as the one plan that is asked for says, else by decree."""
    own = [plan.reporting for plan in plans if scope.plans is not None and plan.id in scope.plans]
    if len(own) == 1 and own[0] is not None:
        return own[0]
    return BY_DECREE


def counted_outcomes(tasks: Iterable[TaskLine]) -> Counts:
    """How many tasks have each outcome."""
    found: dict[str, int] = {}
    for line in tasks:
        found[line.outcome.value] = found.get(line.outcome.value, 0) + 1
    return Counts(**found)


def _before(window: Window | None, rule: Reporting) -> Window | None:
    """None also where the years before have no windows, or no days."""
    try:
        return before(window, rule) if window is not None else None
    except (ValueError, OverflowError):
        return None


def _with_previous(
    connection: Connection,
    calendar: WorkCalendar,
    report: TasksReport,
    units: Collection[str] | None,
    earlier: Window,
    day: date,
) -> TasksReport:
    asked = question(report.scope.plans, units, earlier, day)
    tasks = as_of.by_task(connection, calendar, asked)
    counts = [split.counts for split in tasks.values()]
    outcomes: dict[str, int] = {}
    for each in counts:
        if each.assigned or each.left_out:
            outcome = outcome_of(counts_json(each))
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return replace(
        report, previous_window=earlier, previous=total(counts), previous_by_task=Counts(**outcomes)
    )


def _tasks(
    groups: Mapping[tuple[str, str], Split],
    words: Mapping[tuple[str, str], TaskFacts],
    plans: Mapping[str, PlanFacts],
) -> tuple[TaskLine, ...]:
    found = []
    for (plan, task), split in groups.items():
        counts = split.counts
        if not counts.assigned and not counts.left_out:
            continue  # begun later or done before: no part of the window
        facts = words.get((plan, task))
        place = (*_order_of(plan, plans), facts.position if facts else 1 << 30, task)
        outcome = Outcome(outcome_of(counts_json(counts)))
        line = TaskLine(
            plan,
            task,
            (facts.stt if facts else None) or "",
            facts.heading(None) if facts else task,
            counts,
            outcome,
        )
        found.append((place, line))
    return tuple(line for _, line in sorted(found, key=lambda each: each[0]))


def _plans(groups: Mapping[tuple[str, str], Split], plans: Mapping[str, PlanFacts]) -> tuple[Line, ...]:
    found: dict[str, Counts] = {}
    for (_, plan), split in groups.items():
        found[plan] = found.get(plan, Counts()) + split.counts
    lines = [
        Line(id, _plan_name(plans.get(id), id), counts) for id, counts in found.items() if _shows(counts)
    ]
    return tuple(sorted(lines, key=lambda line: _order_of(line.id, plans)))


def _plan_name(plan: PlanFacts | None, id: str) -> str:
    return f"{plan.number} – {plan.title}" if plan else id


def _order_of(plan: str, plans: Mapping[str, PlanFacts]) -> tuple[date, str]:
    facts = plans.get(plan)
    return (facts.starts if facts else date.max, plan)


def _units(groups: Mapping[tuple[str, str], Split], registry: Registry) -> tuple[Line, ...]:
    found: dict[str, Counts] = {}
    for (unit, _), split in groups.items():
        found[unit] = found.get(unit, Counts()) + split.counts
    order = {id: place for place, id in enumerate(registry.units)}

    def place(line: Line) -> tuple[int, int, str]:
        level = _level(line.id, registry)
        rank = _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
        return rank, order.get(line.id, len(order)), line.id

    lines = (Line(id, registry.full_name(id), counts) for id, counts in found.items() if _shows(counts))
    return tuple(sorted(lines, key=place))


def _levels(groups: Mapping[tuple[str, str], Split], registry: Registry) -> tuple[Line, ...]:
    found: dict[str, Counts] = {}
    for (unit, _), split in groups.items():
        level = _level(unit, registry)
        found[level] = found.get(level, Counts()) + split.counts
    names = {
        **{id: name[0].upper() + name[1:] for id, name in LEVELS.items()},
        _GROUP: "Nhóm đơn vị giao chung",
    }
    return tuple(Line(id, name, found[id]) for id, name in names.items() if id in found and _shows(found[id]))


def _level(unit: str, registry: Registry) -> str:
    known = registry.units.get(unit)
    return known.level if known else _GROUP


def _shows(counts: Counts) -> bool:
    return counts.assigned + counts.left_out > 0
