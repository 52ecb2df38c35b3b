"""/soan-ke-hoach/{plan}/mo-phong: what the rules in force will send for a plan over its year."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.installation.on_paper import paper_of
from engine.loading.home import Home
from engine.model.plan import Plan
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.schema import ROLES
from engine.simulate import simulate
from engine.store.messages.reach import reach_on_paper
from web.errors import Refused, not_found
from web.in_force import home_of, rules_of, stamp_of
from web.pages import page
from web.security.access import Author, site_of
from web.site import Site

router = APIRouter()

_AT_ONCE = 2
_PATIENCE = 10.0  # seconds
_BUSIEST = 10


@dataclass(frozen=True, slots=True)
class Summary:
    """What a simulated year came to; nobody answered anything in it."""

    first: date
    last: date
    messages: int
    recipients: int
    months: tuple[tuple[date, int], ...]
    busiest: tuple[tuple[tuple[str, ...], int], ...]
    by_rule: dict[str, int]


def one_of_few(site: Site) -> threading.BoundedSemaphore:
    """Slow work of authors takes a part of the machine only."""
    return site.remembered("slow work", "gate", lambda: threading.BoundedSemaphore(_AT_ONCE))


@router.get("/soan-ke-hoach/{plan}/mo-phong")
def year(request: Request, person: Author, plan: str) -> HTMLResponse:
    """Messages by month and by rule, and who gets most."""
    site = site_of(request)
    home = home_of(site)
    found = next((each for each in home.plans if each.id == plan), None)
    if found is None:
        raise not_found("kế hoạch này")
    ruleset, _ = rules_of(site)
    gate = one_of_few(site)
    if not gate.acquire(timeout=_PATIENCE):
        raise Refused(503, "Đang có nhiều lượt tính khác", "Thử lại sau một phút.", retry_after=60)
    try:
        summary = site.remembered(f"year of {plan}", stamp_of(site), lambda: summary_of(found, home, ruleset))
    finally:
        gate.release()
    return page(
        request,
        "authoring/year.html",
        person=person,
        plan=found,
        summary=summary,
        rules=ruleset.rules,
        roles=ROLES,
        name=home.registry.full_name,
    )


def summary_of(plan: Plan, home: Home, ruleset: RuleSet) -> Summary:
    """Plays the plan from its first day to the end of its year. Raises MissingYear."""
    first, last = plan.starts, date(max(plan.year, plan.starts.year), 12, 31)
    paper = paper_of(home, [plan], ruleset)
    months: Counter[date] = Counter()
    recipients: Counter[tuple[str, ...]] = Counter()
    rules: Counter[str] = Counter()
    reach = reach_on_paper(paper.contacts)
    played = simulate(paper.tracked, ruleset, paper.book, paper.calendar, first, last, reach)
    for message in played:
        months[message.day.replace(day=1)] += 1
        recipients[message.units] += 1
        rules.update(message.rules)
    every = [date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13)]
    return Summary(
        first=first,
        last=last,
        messages=sum(months.values()),
        recipients=len(recipients),
        months=tuple((m, months[m]) for m in every if first.replace(day=1) <= m <= last),
        busiest=tuple(recipients.most_common(_BUSIEST)),
        by_rule=dict(rules),
    )
