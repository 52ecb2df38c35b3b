"""``report catalogue`` and ``catalogue``: which procedures each unit offers, and the units' word on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.frame import HERE, AsOfOption, HomeOption, JsonOption, PlanOption, UnitOption, app
from engine.cli.office.opened import now_in_utc, opened, today_in_vietnam, units_under
from engine.cli.office.report_asked import DocxOption, XlsxOption, hand_over, report_app
from engine.cli.output import say
from engine.errors import DondocError


@report_app.command("catalogue", help="Danh mục thủ tục: mỗi đơn vị đã cung cấp bao nhiêu trong danh mục.")
def catalogue(
    plan: PlanOption = None,
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    xlsx: XlsxOption = None,
    docx: DocxOption = None,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database and the reports
    from engine.reports.catalogue_list import catalogue_document, catalogue_json, count_catalogue, unplaced
    from engine.store.database import reading

    if plan is None:
        raise typer.BadParameter("cần --plan MÃ")
    installation = opened(home, with_plans=True)
    known = next((each for each in installation.home.plans if each.id == plan), None)
    if known is None:
        raise DondocError(f"Không có kế hoạch mang mã “{plan}”.")
    if not known.catalogue:
        raise DondocError(f"Kế hoạch {plan} không có danh mục thủ tục nào.")
    wanted = units_under(installation, unit)
    registry = installation.home.registry
    today = today_in_vietnam()
    day = min(as_of or today, today)
    with reading(installation.engine) as connection:
        lists = count_catalogue(connection, known, registry, wanted, day)
    document = catalogue_document(known, lists, unplaced(known, registry), known.issuer.name, day)
    figures = catalogue_json(known, lists, day)
    hand_over(document, figures, as_json=as_json, xlsx=xlsx, docx=docx, home=home)


@app.command(
    "catalogue",
    help="Ghi từ tệp: đơn vị đã cung cấp thủ tục nào trong danh mục (có/không); --template ghi tệp mẫu.",
)
def mark(
    plan: Annotated[str, typer.Argument(metavar="KẾ_HOẠCH", help="Mã kế hoạch.")],
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="TỆP", help="Tệp .csv hoặc .xlsx; nhận cả tệp hoặc không nhận gì."),
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", metavar="TỆP.xlsx", help="Ghi tệp mẫu để điền.")
    ] = None,
    unit: UnitOption = None,
    by: Annotated[str, typer.Option("--by", metavar="AI", help="Ai báo.")] = "",
    home: HomeOption = HERE,
) -> None:
    # heavy: the database and the reports
    from engine.exchange.catalogue_file import read_catalogue_file, record_marks, write_catalogue_sheet
    from engine.reports.catalogue_list import items_of
    from engine.store.access.audit import Actor
    from engine.store.database import writing

    if (file is None) == (template is None):
        raise typer.BadParameter("chọn một trong hai: --file hoặc --template")
    installation = opened(home, with_plans=True)
    known = next((each for each in installation.home.plans if each.id == plan), None)
    if known is None:
        raise DondocError(f"Không có kế hoạch mang mã “{plan}”.")
    registry = installation.home.registry
    wanted = units_under(installation, unit)
    items = {u: i for u, i in items_of(known, registry).items() if wanted is None or u in wanted}
    if template is not None:
        if template.suffix.lower() != ".xlsx":
            raise typer.BadParameter(f"“{template}” phải có đuôi .xlsx")
        if template.exists():
            raise DondocError(f"Đã có tệp {template}; chọn tên khác.")
        count = write_catalogue_sheet(template, items, registry)
        say(f"Đã ghi {count} dòng ra {template}; điền có hoặc không vào cột cuối.")
    elif file is not None:
        said = read_catalogue_file(file, items, known.issuer.id, registry)
        now = now_in_utc()
        with writing(installation.engine) as connection:
            actor = Actor("system", by or "dòng lệnh")
            new = record_marks(connection, plan, said, by, actor, now)
        say(f"Đã ghi {new} thủ tục mới đổi của {len(said)} đơn vị.")
