"""The report that an address asks for, made once: what page, Excel and Word all write out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from engine.model.plan import Reporting
from engine.reports import closing
from engine.reports.closing import Frozen
from engine.reports.count_tasks import count_tasks, rule_for
from engine.reports.document import ReportDocument
from engine.reports.form1 import fill_form1, form1_document, form1_from_json, form1_json
from engine.reports.indicators import count_indicators
from engine.reports.indicators_tables import indicators_document, indicators_json
from engine.reports.json_form import tasks_from_json, tasks_json
from engine.reports.tasks import Scope
from engine.reports.tasks_tables import issuer_of, tasks_document
from engine.reports.windows import BY_DECREE
from engine.store import views
from web.in_force import home_of
from web.reports.asked import ReportKind, Wanted
from web.site import Site

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A report: its tables, and the same figures as plain values, which are what closing a window freezes.
    ``frozen``: they are the figures of that closing, not of today."""

    document: ReportDocument
    figures: Figures
    frozen: Frozen | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """How one report is counted up to the end of a day, and written out from figures that were frozen."""

    count: Callable[[Connection, Site, Wanted, date], Made]
    read: Callable[[Connection, Site, Figures], ReportDocument]


def make(connection: Connection, site: Site, wanted: Wanted) -> Made:
    """Counts on this one connection. Raises DoesNotAddUp when the figures contradict each other."""
    today = site.today()
    return MAKERS[wanted.kind].count(connection, site, wanted, min(wanted.day or today, today))


def frozen_or_made(connection: Connection, site: Site, wanted: Wanted) -> Made:
    """What was reported, where the window is closed, without counting anew; else as ``make``."""
    if wanted.window is not None:
        known = closing.frozen(connection, wanted.kind, wanted.scope, wanted.window)
        if known is not None:
            document = MAKERS[wanted.kind].read(connection, site, known.figures)
            # The page says it above the tables; files have it among the notes.
            document = replace(document, notes=(*closing.heading(known), *document.notes))
            return Made(document, known.figures, known)
    return make(connection, site, wanted)


def rule_of(site: Site, plan: str | None) -> Reporting:
    """When the months of a plan's reports close; by decree for all plans together."""
    return rule_for(home_of(site).plans, Scope((plan,))) if plan is not None else BY_DECREE


def _count_tasks(connection: Connection, site: Site, wanted: Wanted, day: date) -> Made:
    registry, rule = site.registry, rule_of(site, wanted.base.plan)
    found = count_tasks(connection, registry, site.calendar, wanted.scope, wanted.window, day, rule)
    return Made(tasks_document(found, registry, views.plans(connection)), tasks_json(found))


def _read_tasks(connection: Connection, site: Site, figures: Figures) -> ReportDocument:
    return tasks_document(tasks_from_json(figures), site.registry, views.plans(connection))


def _fill_form1(connection: Connection, site: Site, wanted: Wanted, day: date) -> Made:
    registry, rule = site.registry, rule_of(site, wanted.base.plan)
    form = fill_form1(connection, registry, site.calendar, wanted.scope, wanted.window, day, rule)
    return Made(form1_document(form), form1_json(form))


def _read_form1(_connection: Connection, _site: Site, figures: Figures) -> ReportDocument:
    return form1_document(form1_from_json(figures))


def _count_indicators(connection: Connection, site: Site, wanted: Wanted, day: date) -> Made:
    plans = home_of(site).plans
    found = count_indicators(connection, plans, site.registry, wanted.scope, wanted.window, day)
    figures = indicators_json(found)
    return Made(_read_indicators(connection, site, figures), figures)


def _read_indicators(connection: Connection, site: Site, figures: Figures) -> ReportDocument:
    chosen = tuple(figures["plan_ids"]) if figures["plan_ids"] is not None else None
    issuer = issuer_of(chosen, figures["unit"], site.registry, views.plans(connection))
    return indicators_document(figures, issuer)


MAKERS: dict[ReportKind, Maker] = {
    ReportKind.TASKS: Maker(_count_tasks, _read_tasks),
    ReportKind.FORM1: Maker(_fill_form1, _read_form1),
    ReportKind.INDICATORS: Maker(_count_indicators, _read_indicators),
}
"""The reports that there are."""
