"""``report tasks`` and ``report form1``: official figures for any plan, unit, window and day."""

from __future__ import annotations

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
    DocxOption,
    TemplateOption,
    WindowOption,
    XlsxOption,
    asked_report,
    hand_over,
    report_app,
)
from engine.cli.office.report_figures import answer


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
    document, figures = answer("tasks", asked)
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
    document, figures = answer("form1", asked)
    hand_over(document, figures, as_json=as_json, xlsx=xlsx, docx=docx, template=template, home=home)
