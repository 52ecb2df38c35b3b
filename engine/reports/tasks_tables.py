"""The report of tasks as tables of real values, the same on a screen, in Excel and in Word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from engine.model.facts import PlanFacts
from engine.reports.checks import PART_NAMES, PARTS
from engine.reports.document import Column, Content, ReportDocument, Row, Table, Value
from engine.reports.shares import REPORT_PLACES, percentage, shares_of
from engine.reports.tasks import Line, TasksReport
from engine.reports.windows import Kind, Window
from engine.store.figures.counts import Counts
from engine.units import Registry

_HEADINGS = {
    "done_on_time": "Hoàn thành đúng hạn",
    "done_late": "Hoàn thành quá hạn",
    "open_within_time": "Chưa hoàn thành, trong hạn",
    "open_overdue": "Chưa hoàn thành, quá hạn",
    "no_deadline": "Không có thời hạn",
}

_BRIEF = {
    "done_on_time": "Đúng hạn",
    "done_late": "Xong muộn",
    "open_within_time": "Còn hạn",
    "open_overdue": "Quá hạn",
    "no_deadline": "Không hạn",
}

_COUNTED = (
    Column("assigned", "Được giao", Content.COUNT, 10, sums=True, parts=PARTS),
    *(
        Column(part, heading, Content.COUNT, 13, sums=True, brief=_BRIEF[part])
        for part, heading in _HEADINGS.items()
    ),
)
_SHARES = (
    Column(
        "on_time_share",
        "Hoàn thành đúng hạn / được giao (%)",
        Content.SHARE,
        14,
        share=("done_on_time", "assigned"),
        places=REPORT_PLACES,
        brief="Đúng hạn / giao",
    ),
    Column(
        "overdue_share",
        "Chưa hoàn thành, quá hạn / được giao (%)",
        Content.SHARE,
        14,
        share=("open_overdue", "assigned"),
        places=REPORT_PLACES,
        brief="Quá hạn / giao",
    ),
)

_ADDS_UP = (
    "Được giao = hoàn thành đúng hạn + hoàn thành quá hạn + chưa hoàn thành trong hạn + chưa hoàn thành "
    "quá hạn + không có thời hạn."
)
_WHAT_COUNTS = (
    "Một lượt giao là một nhiệm vụ giao cho một đơn vị, tính riêng từng mốc và từng kỳ. Việc đã rút, chưa "
    "phát sinh, hoặc thường xuyên nhưng đã hết thời gian thì không tính."
)
_BY_TASK = (
    "Một nhiệm vụ là quá hạn ngay khi có một lượt giao quá hạn; chỉ hoàn thành khi mọi lượt giao đã hoàn "
    "thành, và là hoàn thành quá hạn khi có lượt hoàn thành quá hạn."
)
_IN_WINDOW = (
    "Trong kỳ gồm việc mang sang (bắt đầu trước kỳ, chưa xong khi kỳ bắt đầu) và việc giao trong kỳ (bắt "
    "đầu trong kỳ)."
)


def tasks_document(report: TasksReport, registry: Registry, plans: dict[str, PlanFacts]) -> ReportDocument:
    """All tables of the report. ``plans`` are those of the database, for the names."""
    return ReportDocument(
        title="Báo cáo kết quả thực hiện nhiệm vụ",
        subtitle=_subtitle(report, registry, plans),
        issuer=issuer_of(report.scope.plans, report.scope.unit, registry, plans),
        day=report.day,
        tables=tuple(_tables(report)),
        notes=(_ADDS_UP, _WHAT_COUNTS, *days_notes(report.window, report.day)),
    )


def days_notes(window: Window | None, day: date) -> tuple[str, ...]:
    """What days the figures are of."""
    if window is None:
        return (f"Số liệu lũy kế từ đầu, tính đến hết ngày {day:%d/%m/%Y}, kể cả các kỳ chưa đến.",)
    name = window.title if window.kind is Kind.OWN else f"{window.title}, {window.days}"
    told = [f"Kỳ báo cáo: {name}; số liệu tính đến hết ngày {day:%d/%m/%Y}."]
    if day < window.last:
        told.append("Kỳ báo cáo chưa kết thúc vào ngày này.")
    if window.send_before is not None:
        told.append(f"Gửi báo cáo trước ngày {window.send_before:%d/%m/%Y}.")
    told.append(_IN_WINDOW)
    return tuple(told)


def issuer_of(
    asked: tuple[str, ...] | None, unit: str | None, registry: Registry, plans: dict[str, PlanFacts]
) -> str:
    """Whose report it is: the unit's, else the one that issued all its plans; empty for several."""
    if unit is not None:
        return registry.full_name(unit)
    issuers = {plan.issuer for id, plan in plans.items() if asked is None or id in asked}
    return registry.full_name(issuers.pop()) if len(issuers) == 1 else ""


def _subtitle(report: TasksReport, registry: Registry, plans: dict[str, PlanFacts]) -> str:
    parts = []
    if report.scope.plans is None:
        parts.append("Tất cả các kế hoạch")
    else:
        numbers = [plans[id].number if id in plans else id for id in report.scope.plans]
        parts.append(f"Kế hoạch số {', '.join(numbers)}")
    if report.scope.unit is not None:
        parts.append(f"{registry.full_name(report.scope.unit)} và các đơn vị thuộc quyền")
    if report.window is not None:
        parts.append(f"kỳ {report.window.title}")
    parts.append(f"số liệu tính đến hết ngày {report.day:%d/%m/%Y}")
    return "; ".join(parts)


def _tables(report: TasksReport) -> Iterator[Table]:
    yield _summary(report)
    yield _shares(report)
    parts_and_shares = (*_COUNTED, *_SHARES)
    for title, heading, sheet, lines in (
        ("Theo cấp", "Cấp", "Theo cấp", report.levels),
        ("Theo kế hoạch", "Kế hoạch", "Theo kế hoạch", report.plans),
        ("Theo đơn vị", "Đơn vị", "Theo đơn vị", report.units),
    ):
        yield Table(
            title=f"{title} (lượt giao)",
            columns=(Column("name", heading, width=36), *parts_and_shares),
            rows=tuple(Row(_cells(line.name, line.counts)) for line in lines),
            total=Row(_cells("Tổng số", report.total), strong=True),
            charted=PARTS if sheet == "Theo đơn vị" else (),
            sheet=sheet,
        )
    yield _tasks(report)


def _summary(report: TasksReport) -> Table:
    lines: list[Line] = []
    if report.scope.plans is None:
        lines += [
            Line("this_year", "Trong đó: trong năm", report.this_year),
            Line("backlog", "Trong đó: tồn đọng các năm trước", report.backlog),
        ]
    if report.window is not None:
        lines += [
            Line("carried", "Trong đó: mang sang kỳ này", report.carried),
            Line("given", "Trong đó: giao trong kỳ", report.given),
        ]
    rows = [Row(_cells("Lượt giao", report.total), strong=True)]
    rows += [Row(_cells(line.name, line.counts), level=1) for line in lines]
    rows.append(Row(_cells("Nhiệm vụ", report.by_task), strong=True))
    earlier = report.previous_window
    if earlier is not None and report.previous is not None and report.previous_by_task is not None:
        rows.append(Row(_cells(f"Kỳ trước ({earlier.title}): lượt giao", report.previous)))
        rows.append(Row(_cells(f"Kỳ trước ({earlier.title}): nhiệm vụ", report.previous_by_task)))
    return Table(
        title="Tổng hợp",
        columns=(Column("name", "Cách tính", width=36), *_COUNTED, *_SHARES),
        rows=tuple(rows),
        notes=_left_out(report),
        sheet="Tổng hợp",
    )


def _left_out(report: TasksReport) -> tuple[str, ...]:
    if not report.total.left_out:
        return ()
    return (f"Ngoài số được giao còn {report.total.left_out} lượt {PART_NAMES['left_out']}.",)


def _shares(report: TasksReport) -> Table:
    shares = shares_of(report.total, report.by_task)
    return Table(
        title="Tỷ lệ",
        columns=(
            Column("name", "Tỷ lệ", width=28),
            Column("of", "Tính trên", width=34),
            Column("part", "Số đạt", Content.COUNT),
            Column("whole", "Mẫu số", Content.COUNT),
            Column("percent", "%", Content.SHARE, share=("part", "whole"), places=REPORT_PLACES),
        ),
        rows=tuple(
            Row({"name": s.title, "of": s.of, "part": s.part, "whole": s.whole, "percent": s.percent})
            for s in shares
        ),
        sheet="Tỷ lệ",
    )


def _tasks(report: TasksReport) -> Table:
    columns = (
        Column("stt", "STT", width=8),
        Column("name", "Nhiệm vụ", width=48),
        *([Column("plan", "Kế hoạch", width=18)] if len(report.plans) > 1 else []),
        Column("outcome", "Kết quả chung", width=18),
        *_COUNTED,
    )
    rows = (
        Row(
            {
                **_cells(line.title, line.counts, shares=False),
                "stt": line.stt,
                "plan": line.plan,
                "outcome": PART_NAMES[line.outcome.value].capitalize(),
            }
        )
        for line in report.tasks
    )
    cells = _cells("Tổng số lượt giao", report.total, shares=False)
    return Table(
        title="Theo nhiệm vụ (số lượt giao của từng nhiệm vụ)",
        columns=columns,
        rows=_only(columns, rows),
        total=next(iter(_only(columns, (Row(cells, strong=True),)))),
        notes=(_BY_TASK,),
        sheet="Theo nhiệm vụ",
    )


def _only(columns: tuple[Column, ...], rows: Iterable[Row]) -> tuple[Row, ...]:
    keys = [column.key for column in columns]
    return tuple(
        Row({key: row.cells[key] for key in keys if key in row.cells}, row.level, row.strong) for row in rows
    )


def _cells(name: str, counts: Counts, *, shares: bool = True) -> dict[str, Value]:
    cells: dict[str, Value] = {"name": name, "assigned": counts.assigned}
    cells.update({part: getattr(counts, part) for part in PARTS})
    if shares:
        cells["on_time_share"] = _share(counts.done_on_time, counts)
        cells["overdue_share"] = _share(counts.open_overdue, counts)
    return cells


def _share(part: int, counts: Counts) -> Decimal | None:
    return percentage(part, counts.assigned, REPORT_PLACES)
