"""/soan-ke-hoach/{plan}: a plan read as its document, and what the rules will send for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.loading.home import yaml_files
from engine.model.plan import Indicator, IndicatorTable, Plan
from engine.tracking.assignments import lead_units, parts
from engine.units import Registry
from web.authoring.plans import listed
from web.authoring.problems import by_file
from web.authoring.understood import Row, rows_of
from web.errors import not_found
from web.in_force import home_of
from web.pages import page
from web.security.access import Author, site_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one section of an appendix; ``groups`` keep the numbered rows that head others."""

    appendix: str | None
    section: str | None
    groups: tuple[tuple[str | None, tuple[Row, ...]], ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """One table of indicators with its rows."""

    table: IndicatorTable
    rows: tuple[Indicator, ...]


@router.get("/soan-ke-hoach/{plan}")
def plan_page(request: Request, person: Author, plan: str) -> HTMLResponse:
    """One plan; a broken file without a good version shows only what is wrong with it."""
    site = site_of(request)
    home = home_of(site)
    listing = next((each for each in listed(site, home) if each.id == plan), None)
    if listing is None or (listing.plan is None and listing.status != "broken"):
        raise not_found("kế hoạch này")
    paths = {path.stem: shown for shown, path in yaml_files(site.home, "plans").items()}
    shown = paths.get(plan, f"plans/{plan}.yaml")
    own = [problem for problem in home.problems if problem.file == shown]
    found = listing.plan
    return page(
        request,
        "authoring/plan.html",
        person=person,
        listing=listing,
        plan=found,
        file=shown,
        problems=by_file(own, {shown: home.good.get(shown, b"")}).get(shown, []),
        sections=sections(rows_of(found, home.registry, home.calendar)) if found else [],
        targets=targets(found) if found else [],
        catalogue=_catalogue(found) if found else [],
        assignments=count_assignments(found, home.registry) if found else 0,
    )


def sections(rows: list[Row]) -> list[Section]:
    """The rows by appendix and section, in the document's order."""
    return [
        Section(
            appendix,
            section,
            tuple((g, tuple(each)) for g, each in groupby(inside, key=lambda r: r.task.group)),
        )
        for (appendix, section), inside in groupby(rows, key=lambda r: (r.task.appendix, r.task.section))
    ]


def targets(plan: Plan) -> list[Targets]:
    """The tables of indicators, each with its rows."""
    return [
        Targets(
            table,
            tuple(
                i
                for i in plan.indicators
                if (i.appendix, i.table, i.name) == (table.appendix, table.table, table.name)
            ),
        )
        for table in plan.indicator_tables
    ]


def count_assignments(plan: Plan, registry: Registry) -> int:
    """How many assignments a plan comes to, without making them."""
    return sum(
        len(lead_units(plan, task, registry)) * sum(1 for _ in parts(task, plan)) for task in plan.tasks
    )


def _catalogue(plan: Plan) -> list[tuple[tuple[str, str, str | None], list[str]]]:
    return [
        (key, [f"{item.stt}. {item.procedure}" if item.stt else item.procedure for item in items])
        for key, items in groupby(plan.catalogue, key=lambda item: (item.level, item.unit, item.field))
    ]
