"""/soan-ke-hoach: the plans in force and what is wrong with the files on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.errors import InputError, Problem
from engine.installation.opening import rule_files
from engine.loading.home import Home, read_file, yaml_files
from engine.model.plan import Plan
from web.authoring.problems import by_file, counted
from web.in_force import accepted_on, home_of, rules_of
from web.pages import page
from web.security.access import Author, site_of
from web.site import Site

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Listed:
    """A plan and its file. ``status`` is in-force | waiting (good, not yet synced) | last-good | broken |
    removed; ``since`` is when the version in force was accepted."""

    id: str
    plan: Plan | None
    status: str
    since: datetime | None
    errors: int
    warnings: int


@router.get("/soan-ke-hoach")
def plans(request: Request, person: Author) -> HTMLResponse:
    """The list of plans and every problem of every file."""
    site = site_of(request)
    home = home_of(site)
    rules: int | None
    try:
        ruleset, of_rules = rules_of(site)
        rules = len(ruleset.rules)
    except InputError as error:
        of_rules, rules = error.problems, None
    problems = [*home.problems, *of_rules]
    files = {
        shown: read_file(path, shown)[0]
        for folder in ("plans", "plans/units", "rules")
        for shown, path in yaml_files(site.home, folder).items()
    }
    return page(
        request,
        "authoring/plans.html",
        person=person,
        listed=listed(site, home),
        files=by_file(problems, files),
        counted=counted(problems),
        rules=rules,
        rule_files=len(rule_files(site.home)),
        units=len(home.registry.units),
        unit_files=len(yaml_files(site.home, "plans/units")),
    )


def listed(site: Site, home: Home) -> list[Listed]:
    """Every plan that has a file or is still in the database."""
    accepted = accepted_on(site)
    paths = {path.stem: shown for shown, path in yaml_files(site.home, "plans").items()}
    by_id = {plan.id: plan for plan in home.plans}
    known = site.book().plans
    found = []
    for id in sorted({*by_id, *home.broken, *known}):
        shown = paths.get(id, f"plans/{id}.yaml")
        since = accepted[shown][1] if shown in accepted else None
        errors, warnings = counted(_of(home.problems, shown))
        found.append(Listed(id, by_id.get(id), _status(id, shown, home, accepted), since, errors, warnings))
    return found


def _status(id: str, shown: str, home: Home, accepted: dict[str, tuple[str, datetime]]) -> str:
    if id in home.stale:
        return "last-good"
    if id in home.broken:
        return "broken"
    if shown not in home.good:
        return "removed"
    same = shown in accepted and accepted[shown][0] == hashlib.sha256(home.good[shown]).hexdigest()
    return "in-force" if same else "waiting"


def _of(problems: tuple[Problem, ...], shown: str) -> list[Problem]:
    return [problem for problem in problems if problem.file == shown]
