"""``report indicators`` and ``report totals``: indicators as they stand, printed tables as they add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

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
from engine.cli.office.opened import opened, today_in_vietnam
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
from engine.errors import DondocError

if TYPE_CHECKING:
    pass


@report_app.command(
    "indicators", help="Chỉ tiêu: được giao, số liệu gần nhất, còn thiếu bao nhiêu, dự báo, xếp hạng."
)
def indicators(
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
        home,
        plan=plan,
        every=every,
        unit=unit,
        window=window,
        first=first,
        last=last,
        as_of=as_of,
        targets=True,
    )
    document, figures = answer("indicators", asked)
    hand_over(document, figures, as_json=as_json, xlsx=xlsx, docx=docx, template=template, home=home)


@report_app.command(
    "totals", help="So các bảng chỉ tiêu in trong kế hoạch với dòng “Tổng cộng” và các cột suy ra."
)
def totals(
    plan: PlanOption = None,
    every: AllOption = False,
    as_json: JsonOption = False,
    xlsx: XlsxOption = None,
    docx: DocxOption = None,
    home: HomeOption = HERE,
) -> None:
    # heavy: the reports
    from engine.reports.printed_totals import printed_totals, totals_document, totals_json
    from engine.vietnamese import nearest

    if (plan is None) == (not every):
        raise typer.BadParameter("chọn một trong hai: --plan MÃ hoặc --all")
    installation = opened(home, with_plans=True)
    plans = [each for each in installation.home.plans if plan is None or each.id == plan]
    if plan is not None and not plans:
        near = nearest(plan, [each.id for each in installation.home.plans])
        raise DondocError(
            f"Không có kế hoạch mang mã “{plan}”." + (f" Có phải là: {', '.join(near)}?" if near else "")
        )
    checked = [printed_totals(each) for each in plans if each.indicator_tables]
    document = totals_document(checked, "", today_in_vietnam())
    hand_over(document, totals_json(checked), as_json=as_json, xlsx=xlsx, docx=docx, home=home)
