"""What every ``dondoc report …`` asks for, plans, unit and days, and how its answer comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import add_group
from engine.cli.office.opened import known_plan, opened, today_in_vietnam, units_under
from engine.cli.output import Column, note, print_json, print_table, say

if TYPE_CHECKING:
    from engine.installation.opening import Installation
    from engine.model.plan import Reporting
    from engine.reports.document import ReportDocument, Table
    from engine.reports.tasks import Scope
    from engine.reports.windows import Window

MOST_SHOWN = 200
"""Rows of one table on a terminal; the files have them all."""

_MOST_LETTERS = 90  # of a cell there

report_app = add_group(
    "report", help="Báo cáo chính thức: số liệu khớp nhau, của kỳ báo cáo hoặc ngày bất kỳ."
)

AllOption = Annotated[bool, typer.Option("--all", help="Tất cả các kế hoạch.")]
WindowOption = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="KỲ",
        help="Kỳ báo cáo: 2023-06 (tháng), 2023-Q2 (quý), 2023-H1 (6 tháng), 2023 (năm).",
    ),
]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", metavar="TỆP", help="Ghi ra tệp Excel.")]
DocxOption = Annotated[Path | None, typer.Option("--docx", metavar="TỆP", help="Ghi ra tệp Word.")]
TemplateOption = Annotated[
    Path | None, typer.Option("--template", metavar="TỆP", help="Mẫu Word của văn phòng, dùng với --docx.")
]


@dataclass(frozen=True, slots=True)
class AskedReport:
    """What a report is about. ``day``: the last day that its figures know, never later than today."""

    installation: Installation
    scope: Scope
    window: Window | None
    day: date
    rule: Reporting


def asked_report(
    home: Path,
    *,
    plan: str | None,
    every: bool,
    unit: str | None,
    window: str | None,
    first: date | None,
    last: date | None,
    as_of: date | None,
    targets: bool = False,
) -> AskedReport:
    """Reads the options; with ``targets`` also the plans' files, where those of indicators stand.

    BadParameter for options that do not go together or name no window, DondocError for an unknown plan or
    unit. Says so when a day lies in the future.
    """
    _go_together(plan, every, window, first, last, as_of)
    # heavy: the database and everything under it
    from engine.reports.count_tasks import rule_for
    from engine.reports.tasks import Scope

    installation = opened(home, with_plans=targets or plan is not None)
    known = known_plan(installation, plan)
    # For its refusal of an unknown name, and the id behind a name.
    units_under(installation, unit)
    scope = Scope((known,) if known else None, _unit_id(installation, unit))
    rule = rule_for(installation.home.plans, scope)
    today = today_in_vietnam()
    chosen, day = _days(window, first, last, as_of, today, rule)
    return AskedReport(installation, scope, chosen, day, rule)


def _go_together(
    plan: str | None,
    every: bool,
    window: str | None,
    first: date | None,
    last: date | None,
    as_of: date | None,
) -> None:
    if plan is not None and every:
        raise typer.BadParameter("chọn một trong hai: --plan hoặc --all")
    if plan is None and not every:
        raise typer.BadParameter("cần --plan MÃ, hoặc --all cho tất cả các kế hoạch")
    if window is not None and (first or last):
        raise typer.BadParameter("--window không đi cùng --from, --to")
    if as_of is not None and last is not None and first is None:
        raise typer.BadParameter("--to mà không có --from nghĩa như --as-of; chỉ ghi một trong hai")
    if first and last and last < first:
        raise typer.BadParameter("--to đứng trước --from")


def _unit_id(installation: Installation, unit: str | None) -> str | None:
    registry = installation.home.registry
    if unit is None or unit in registry.units or unit in registry.groups:
        return unit
    return str(registry.resolve(unit, None))


def _days(
    window: str | None,
    first: date | None,
    last: date | None,
    as_of: date | None,
    today: date,
    rule: Reporting,
) -> tuple[Window | None, date]:
    # heavy: with the rest of the reports
    from engine.reports.windows import named, own, recognised

    asked = as_of or (last if first is None and last is not None else today)
    if asked > today:
        note(f"Chú ý: ngày {asked:%d/%m/%Y} chưa đến; số liệu tính đến hôm nay, {today:%d/%m/%Y}.")
    day = min(asked, today)
    chosen = None
    if window is not None:
        chosen = named(window, rule)
        if chosen is None:
            raise typer.BadParameter(
                f"“{window}” không phải là một kỳ; viết như 2023-06, 2023-Q2, 2023-H1 hoặc 2023"
            )
    elif first is not None:
        if last is None and first > day:
            raise typer.BadParameter(f"--from {first:%d/%m/%Y} sau ngày tính số liệu, {day:%d/%m/%Y}")
        try:
            chosen = recognised(first, last or day, rule)
        except ValueError:  # a year without named windows
            chosen = own(first, last or day)
    if chosen is not None and chosen.first <= day < chosen.last:
        note(f"Chú ý: kỳ đến {chosen.last:%d/%m/%Y} mới hết; số liệu tính đến {day:%d/%m/%Y}.")
    return chosen, day


def hand_over(
    document: ReportDocument,
    figures: Any,
    *,
    as_json: bool,
    xlsx: Path | None,
    docx: Path | None,
    template: Path | None = None,
    home: Path | None = None,
) -> None:
    """The report as it was asked for: JSON, files, or tables for people. A Word file is made in ``template``,
    else in the one that the office put into its home, else in the shipped one."""
    if template is not None and docx is None:
        raise typer.BadParameter("--template là mẫu của tệp Word, nên phải đi cùng --docx")
    if xlsx is not None:
        # heavy: openpyxl
        from engine.reports.excel import write_excel

        write_excel(xlsx, document)
    if docx is not None:
        # heavy: python-docx
        from engine.reports.word import write_word
        from engine.reports.word_template import own_template

        write_word(docx, document, template or (own_template(home) if home else None))
    if as_json:
        print_json(figures)
    elif xlsx is None and docx is None:
        show(document)
    else:
        for path in filter(None, (xlsx, docx)):
            say(f"Đã ghi báo cáo ra {path}.")


def show(document: ReportDocument) -> None:
    """The report for people on standard output."""
    say(document.title)
    say(document.subtitle)
    for paragraph in document.paragraphs:
        say()
        say(paragraph)
    for table in document.tables:
        say()
        _show_table(table)
    say()
    _say_all(document.notes)


def _show_table(table: Table) -> None:
    # heavy: with the rest of the reports
    from engine.reports.text import is_numeric, word_rows

    columns = [
        Column(column.brief or column.title, "right" if is_numeric(column) else "left")
        for column in table.columns
    ]
    rows = [tuple(map(_on_a_line, row.cells)) for row in word_rows(table)]
    left = len(rows) - MOST_SHOWN
    if left > 1:
        rows = [*rows[: MOST_SHOWN - 1], rows[-1]]
    print_table(columns, rows, title=table.title)
    if left > 1:
        say(f"… và {left} dòng khác (xem đủ: --xlsx TỆP hoặc --json).")
    _say_all(table.notes)


def _on_a_line(text: str) -> str:
    """A long text in as much of it as recognises it; files hold the whole."""
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1].rstrip() + "…"


def _say_all(notes: Iterable[str]) -> None:
    for each in notes:
        say(f"- {each}")
