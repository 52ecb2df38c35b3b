"""``report tasks`` and ``report form1``: official figures for any plan, unit, window and day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.cli.frame import (
    HERE,
    AsOfOption,
    FromOption,
    HomeOption,
    JsonOption,
    PlanOption,
    ToOption,
    UnitOption,
)
from engine.cli.office.report_asked import (
    AllOption,
    AskedReport,
    DocxOption,
    TemplateOption,
    WindowOption,
    XlsxOption,
    asked_report,
    hand_over,
    report_app,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.reports.document import ReportDocument


@report_app.command(
    "tasks", help="Kết quả thực hiện nhiệm vụ: theo kế hoạch, cấp, đơn vị, nhiệm vụ; so với kỳ trước."
)
def tasks(
    plan: PlanOption = None,
    every: AllOption = False,
    unit: UnitOption = None,
    window: WindowOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    xlsx: XlsxOption = None,
    docx: DocxOption = None,
    template: TemplateOption = None,
    home: HomeOption = HERE,
) -> None:
    asked = asked_report(
        home, plan=plan, every=every, unit=unit, window=window, first=first, last=last, as_of=as_of
    )
    document, figures = _answer("tasks", asked)
    hand_over(document, figures, as_json=as_json, xlsx=xlsx, docx=docx, template=template, home=home)


@report_app.command("form1", help="Biểu mẫu 1 của báo cáo cải cách hành chính: mục 2, 2.1, 2.2 và 4.1–4.4.")
def form1(
    plan: PlanOption = None,
    every: AllOption = False,
    unit: UnitOption = None,
    window: WindowOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    xlsx: XlsxOption = None,
    docx: DocxOption = None,
    template: TemplateOption = None,
    home: HomeOption = HERE,
) -> None:
    asked = asked_report(
        home, plan=plan, every=every, unit=unit, window=window, first=first, last=last, as_of=as_of
    )
    document, figures = _answer("form1", asked)
    hand_over(document, figures, as_json=as_json, xlsx=xlsx, docx=docx, template=template, home=home)


def figures_of(connection: Connection, kind: str, asked: AskedReport) -> dict[str, Any]:
    """The live figures of a report of tasks ("tasks", "form1"), checked: what closing a window freezes."""
    # heavy: the reports and everything under them
    from engine.reports.count_tasks import count_tasks
    from engine.reports.form1 import fill_form1, form1_json
    from engine.reports.json_form import tasks_json

    home = asked.installation.home
    about = (connection, home.registry, home.calendar, asked.scope, asked.window, asked.day, asked.rule)
    return tasks_json(count_tasks(*about)) if kind == "tasks" else form1_json(fill_form1(*about))


def _answer(kind: str, asked: AskedReport) -> tuple[ReportDocument, dict[str, Any]]:
    # heavy: the database and the reports
    from engine.reports import closing
    from engine.reports.form1 import form1_document, form1_from_json
    from engine.reports.json_form import tasks_from_json
    from engine.reports.tasks_tables import tasks_document
    from engine.store import views
    from engine.store.database import reading
    from engine.store.lists.page import one_picture

    with reading(asked.installation.engine) as connection:
        one_picture(connection)
        figures = figures_of(connection, kind, asked)
        remarks: tuple[str, ...] = ()
        # A closed window is printed as it was frozen; what the past looked like earlier still is not.
        if asked.window is not None and asked.window.last <= asked.day:
            frozen = closing.frozen(connection, kind, asked.scope, asked.window)
            if frozen is not None:
                differs = closing.drift_words(closing.drift(frozen, figures))
                amended = len(frozen.amendments)
                seal = {"at": frozen.closed_at, "hash": frozen.seal, "amendments": amended}
                figures = {**frozen.figures, "closed": seal}
                remarks = tuple(filter(None, (*closing.heading(frozen), differs)))
        if kind == "tasks":
            registry = asked.installation.home.registry
            document = tasks_document(tasks_from_json(figures), registry, views.plans(connection))
        else:
            document = form1_document(form1_from_json(figures))
    return replace(document, notes=(*remarks, *document.notes)), figures
