"""``report close|amend|closed|verify``: freezing a window; ``report draft``: the narrative part."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

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
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.office.report_asked import (
    AllOption,
    AskedReport,
    DocxOption,
    TemplateOption,
    WindowOption,
    asked_report,
    hand_over,
    report_app,
)
from engine.cli.office.report_figures import figures_of
from engine.cli.output import Column, complain, print_json, print_table, say

if TYPE_CHECKING:
    from engine.reports.closing import Frozen
    from engine.reports.windows import Window
    from engine.store.access.audit import Actor


class Closable(StrEnum):
    """The reports that can be closed."""

    TASKS = "tasks"
    FORM1 = "form1"
    INDICATORS = "indicators"


KindArgument = Annotated[
    Closable, typer.Argument(metavar="LOẠI", help="Báo cáo nào: tasks, form1 hoặc indicators.")
]
ByOption = Annotated[str, typer.Option("--by", metavar="AI", help="Ai chốt hoặc đính chính.")]


@report_app.command(
    "close", help="Chốt số liệu của một kỳ đã qua: từ đó báo cáo in số đã chốt; sửa chỉ bằng đính chính."
)
def close(
    kind: KindArgument,
    plan: PlanOption = None,
    every: AllOption = False,
    unit: UnitOption = None,
    window: WindowOption = None,
    first: FromOption = None,
    last: ToOption = None,
    by: ByOption = "",
    as_json: JsonOption = False,
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
        as_of=None,
        targets=kind is Closable.INDICATORS,
    )
    # heavy: the database and the reports
    from engine.reports import closing
    from engine.store.database import writing

    chosen, now = _window(asked), now_in_utc()
    closing.ensure_over(chosen, now)
    figures = _figures(kind, asked)
    with writing(asked.installation.engine) as connection:
        made = closing.close(connection, kind.value, asked.scope, chosen, figures, _actor(by), now)
    _tell(made, as_json)


@report_app.command(
    "amend", help="Đính chính kỳ đã chốt: tính lại, ghi những ô đổi và lý do; bản đã chốt vẫn giữ."
)
def amend(
    kind: KindArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="LÝ_DO", help="Vì sao số liệu đổi.")],
    plan: PlanOption = None,
    every: AllOption = False,
    unit: UnitOption = None,
    window: WindowOption = None,
    first: FromOption = None,
    last: ToOption = None,
    by: ByOption = "",
    as_json: JsonOption = False,
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
        as_of=None,
        targets=kind is Closable.INDICATORS,
    )
    # heavy: as above
    from engine.reports import closing
    from engine.store.database import writing

    chosen = _window(asked)
    figures = _figures(kind, asked)
    with writing(asked.installation.engine) as connection:
        made = closing.amend(
            connection, kind.value, asked.scope, chosen, figures, reason, _actor(by), now_in_utc()
        )
    _tell(made, as_json)


@report_app.command("closed", help="Các kỳ đã chốt và những lần đính chính.")
def closed(as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    installation = opened(home)
    # heavy: as above
    from engine.reports import closing
    from engine.store.database import reading

    with reading(installation.engine) as connection:
        known = closing.all_closed(connection)
    if as_json:
        print_json([_json(each) for each in known])
        return
    if not known:
        say("Chưa chốt kỳ nào. Chốt: dondoc report close tasks --all --window 2023-06")
        return
    columns = (
        *(Column("Báo cáo"), Column("Phạm vi"), Column("Kỳ", fixed=True), Column("Chốt ngày", fixed=True)),
        *(Column("Đính chính", "right", fixed=True), Column("Mã", fixed=True)),
    )
    rows = [
        (
            closing.KINDS.get(each.key.kind, each.key.kind),
            closing.scope_words(each.key.scope),
            f"{each.key.first:%d/%m/%Y}–{each.key.last:%d/%m/%Y}",
            closing.day_of(each.closed_at),
            str(len(each.amendments)),
            each.seal[:12],
        )
        for each in known
    ]
    print_table(columns, rows)


@report_app.command("verify", help="Tính lại mã của mọi bản đã chốt; nói rõ bản nào đã bị sửa.")
def verify(as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    installation = opened(home)
    # heavy: as above
    from engine.reports import closing
    from engine.store.database import reading
    from engine.store.reports import closed as kept

    with reading(installation.engine) as connection:
        count = sum(1 for _ in kept.everything(connection))
        wrong = kept.verify(connection)
    if as_json:
        listed = [
            {
                "row": each.row,
                "kind": each.key.kind,
                "scope": each.key.scope,
                "from": each.key.first,
                "to": each.key.last,
                "version": each.version,
                "what": each.what,
            }
            for each in wrong
        ]
        print_json({"versions": count, "broken": listed})
    elif wrong:
        for each in wrong:
            complain(closing.broken_words(each))
    else:
        say(f"{count} bản đã chốt và đính chính đều còn nguyên vẹn.")
    if wrong:
        raise typer.Exit(1)


@report_app.command(
    "draft", help="Dự thảo phần lời của báo cáo: câu ghép từ số liệu và lời của các đơn vị, có dẫn nguồn."
)
def draft(
    plan: PlanOption = None,
    every: AllOption = False,
    unit: UnitOption = None,
    window: WindowOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_of: AsOfOption = None,
    sources: Annotated[
        bool, typer.Option("--sources", help="Ghi dưới mỗi câu dựa vào số liệu và ý kiến nào.")
    ] = False,
    as_json: JsonOption = False,
    docx: DocxOption = None,
    template: TemplateOption = None,
    home: HomeOption = HERE,
) -> None:
    asked = asked_report(
        home, plan=plan, every=every, unit=unit, window=window, first=first, last=last, as_of=as_of
    )
    # heavy: as above
    from engine.errors import DondocError
    from engine.reports.draft import narrative_document
    from engine.reports.narrative_items import write_narrative
    from engine.reports.tasks_tables import issuer_of
    from engine.store import views
    from engine.store.database import reading
    from engine.store.lists.page import one_picture

    files = asked.installation.home
    if asked.window is not None and asked.window.first > asked.day:
        raise DondocError(f"Kỳ {asked.window.title} chưa bắt đầu nên chưa có gì để viết")
    with reading(asked.installation.engine) as connection:
        one_picture(connection)
        written = write_narrative(
            connection, files.registry, files.calendar, asked.scope, asked.window, asked.day, asked.rule
        )
        plans = views.plans(connection)
    issuer = issuer_of(asked.scope.plans, asked.scope.unit, files.registry, plans)
    document = narrative_document(written, issuer, sources=sources)
    hand_over(document, written.to_json(), as_json=as_json, xlsx=None, docx=docx, template=template)


def _window(asked: AskedReport) -> Window:
    if asked.window is None:
        raise typer.BadParameter("cần --window KỲ, hoặc --from và --to")
    return asked.window


def _figures(kind: Closable, asked: AskedReport) -> dict[str, Any]:
    # heavy: as above
    from engine.store.database import reading
    from engine.store.lists.page import one_picture

    with reading(asked.installation.engine) as connection:
        one_picture(connection)
        return figures_of(connection, kind.value, asked)


def _actor(by: str) -> Actor:
    # heavy: as above
    from engine.store.access.audit import Actor

    return Actor("system", by or "dòng lệnh")


def _tell(made: Frozen, as_json: bool) -> None:
    # heavy: as above
    from engine.reports import closing

    if as_json:
        print_json(_json(made))
        return
    for line in closing.heading(made):
        say(line)


def _json(known: Frozen) -> dict[str, Any]:
    return {
        "kind": known.key.kind,
        "scope": known.key.scope,
        "from": known.key.first,
        "to": known.key.last,
        "as_of": known.day,
        "closed_at": known.closed_at,
        "by": known.by,
        "hash": known.hash,
        "amendments": [
            {
                "number": each.number,
                "at": each.at,
                "by": each.by,
                "reason": each.reason,
                "hash": each.hash,
                "changes": [change.to_json() for change in each.changes],
            }
            for each in known.amendments
        ],
    }
