"""What ``report tasks|form1|indicators`` answers: the live figures, or those of a closed window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.cli.office.report_asked import AskedReport

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.reports.document import ReportDocument


def figures_of(connection: Connection, kind: str, asked: AskedReport) -> dict[str, Any]:
    """The live figures of a report ("tasks", "form1", "indicators"): what closing a window freezes. For
    indicators the installation must have been opened with its targets."""
    # heavy: the reports and everything under them
    from engine.reports.count_tasks import count_tasks
    from engine.reports.form1 import fill_form1, form1_json
    from engine.reports.indicators import count_indicators
    from engine.reports.indicators_tables import indicators_json
    from engine.reports.json_form import tasks_json

    home, scope, window, day = asked.installation.home, asked.scope, asked.window, asked.day
    if kind == "indicators":
        return indicators_json(count_indicators(connection, home.plans, home.registry, scope, window, day))
    about = (connection, home.registry, home.calendar, scope, window, day, asked.rule)
    return tasks_json(count_tasks(*about)) if kind == "tasks" else form1_json(fill_form1(*about))


def answer(kind: str, asked: AskedReport) -> tuple[ReportDocument, dict[str, Any]]:
    """The report as tables and as plain values."""
    # heavy: the database and the reports
    from engine.reports import closing
    from engine.store.database import reading
    from engine.store.lists.page import one_picture

    remarks: tuple[str, ...] = ()
    with reading(asked.installation.engine) as connection:
        one_picture(connection)
        figures = figures_of(connection, kind, asked)
        # A closed window is printed as it was frozen; what the past looked like earlier still is not.
        if asked.window is not None and asked.window.last <= asked.day:
            frozen = closing.frozen(connection, kind, asked.scope, asked.window)
            if frozen is not None:
                differs = closing.drift_words(closing.drift(frozen, figures))
                seal = {"at": frozen.closed_at, "hash": frozen.seal, "amendments": len(frozen.amendments)}
                figures = {**frozen.figures, "closed": seal}
                remarks = tuple(filter(None, (*closing.heading(frozen), differs)))
        document = _document(connection, kind, asked, figures)
    return replace(document, notes=(*remarks, *document.notes)), figures


def _document(
    connection: Connection, kind: str, asked: AskedReport, figures: dict[str, Any]
) -> ReportDocument:
    # heavy: as above
    from engine.reports.form1 import form1_document, form1_from_json
    from engine.reports.indicators_tables import indicators_document
    from engine.reports.json_form import tasks_from_json
    from engine.reports.tasks_tables import issuer_of, tasks_document
    from engine.store import views

    registry, plans = asked.installation.home.registry, views.plans(connection)
    if kind == "tasks":
        return tasks_document(tasks_from_json(figures), registry, plans)
    if kind == "form1":
        return form1_document(form1_from_json(figures))
    return indicators_document(figures, issuer_of(asked.scope.plans, asked.scope.unit, registry, plans))
