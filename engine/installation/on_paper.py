"""What a simulation starts from: the plan files as they are, with nobody having said anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DondocError, InputError
from engine.indicator_watch import watched_of
from engine.installation.opening import rule_files
from engine.loading.home import Home, load_home
from engine.model.plan import Plan
from engine.notices.notice import Book
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.load import load_rules
from engine.store.people.contacts import Contact
from engine.tracking.assess import Tracked
from engine.tracking.assignments import expand, plan_facts, task_facts
from engine.tracking.progress import opening
from engine.vietnamese import nearest
from engine.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything a simulation needs, none of it from a database. ``broken`` names the plans left out."""

    tracked: Sequence[Tracked]
    ruleset: RuleSet
    book: Book
    calendar: WorkCalendar
    contacts: Mapping[str, Sequence[Contact]]
    broken: tuple[str, ...]


def on_paper(home: Path, *, known_in_files: str | None = None) -> Paper:
    """The plans of a home (or one of them) as if just signed. DondocError when something is broken."""
    found = load_home(home)
    ruleset, problems = load_rules(rule_files(home))
    if ruleset is None:
        raise InputError(problems)
    plans = [p for p in found.plans if known_in_files in (None, p.id)]
    if not plans:
        if known_in_files in found.broken or (known_in_files is None and found.broken):
            raise InputError(found.problems)
        if known_in_files is None:
            raise DondocError(f"Thư mục {home / 'plans'} chưa có kế hoạch nào")
        near = nearest(known_in_files, [p.id for p in found.plans])
        hint = f" Có phải là: {', '.join(near)}?" if near else ""
        raise DondocError(f"Không có kế hoạch mang mã “{known_in_files}”.{hint}")
    return paper_of(found, plans, ruleset)


def paper_of(found: Home, plans: Sequence[Plan], ruleset: RuleSet) -> Paper:
    """Some plans of a home that was read already."""
    registry = found.registry
    tracked = [
        Tracked(
            promise,
            opening(promise),
            plan.settings.completion,
            registry.units[promise.unit].level if promise.unit in registry.units else "none",
        )
        for plan in plans
        for promise in expand(plan, registry)
    ]
    tasks = {(facts.plan, facts.id): facts for plan in plans for facts in task_facts(plan, registry)}
    book = Book(registry, {plan.id: plan_facts(plan) for plan in plans}, tasks, watched_of(plans))
    return Paper(tracked, ruleset, book, found.calendar, {}, found.broken)
