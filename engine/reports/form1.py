"""Biểu mẫu 1 "Công tác chỉ đạo điều hành CCHC": the form of the communes' reports on administrative reform,
filled in where this program knows the figures.

Source of the items, their words and measures: the appendix of the report of xã An Thanh, June 2023. Items 2,
2.1, 2.2 and 4.1–4.4 are filled in; an empty cell (None) means "not reported", never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from engine.model.facts import PlanFacts
from engine.model.plan import Reporting
from engine.reports.count_tasks import count_tasks, ensure_begun
from engine.reports.document import Column, Content, ReportDocument, Row, Table, Value
from engine.reports.json_form import plain, window_from_json, window_json
from engine.reports.plan_progress import PlanProgress, plan_progress
from engine.reports.shares import percentage
from engine.reports.tasks import Scope, TasksReport
from engine.reports.tasks_tables import days_notes
from engine.reports.windows import BY_DECREE, Window
from engine.store import views
from engine.units import Registry
from engine.workdays import WorkCalendar

_TASK, _PERCENT = "Nhiệm vụ", "%"

ITEMS: tuple[tuple[str, str, str], ...] = (
    (
        "1",
        "Số văn bản chỉ đạo CCHC đã ban hành (Kết luận, chỉ thị, công văn chỉ đạo, quán triệt)",
        "Văn bản",
    ),
    ("2", "Tỷ lệ hoàn thành Kế hoạch CCHC năm (Lũy kế đến thời điểm báo cáo)", _PERCENT),
    ("2.1", "Số nhiệm vụ đề ra trong kế hoạch", _TASK),
    ("2.2", "Số nhiệm vụ đã hoàn thành", _TASK),
    ("3", "Kiểm tra CCHC", ""),
    ("3.1", "Số tổ chức đã kiểm tra", "Tổ chức"),
    ("3.2", "Số cá nhân đã kiểm tra", "Cá nhân"),
    ("3.3", "Tỷ lệ xử lý các vấn đề qua kiểm tra", _PERCENT),
    ("3.3.1", "Số vấn đề phát hiện qua kiểm tra", "Vấn đề"),
    ("3.3.2", "Số vấn đề phát hiện đã xử lý xong", "Vấn đề"),
    ("4", "Thực hiện nhiệm vụ của {superior} giao", ""),
    ("4.1", "Tổng số nhiệm vụ được giao", _TASK),
    ("4.2", "Số nhiệm vụ đã hoàn thành đúng hạn", _TASK),
    ("4.3", "Số nhiệm vụ đã hoàn thành nhưng quá hạn", _TASK),
    ("4.4", "Số nhiệm vụ quá hạn nhưng chưa hoàn thành", _TASK),
    ("5", "Khảo sát sự hài lòng của người dân, tổ chức", "Có = 1; Không = 0"),
    ("5.1", "Số lượng phiếu khảo sát", "Phiếu"),
    ("5.2", "Hình thức khảo sát", "Trực tuyến = 0; Phát phiếu = 1; Kết hợp = 2"),
    (
        "6",
        "Tổ chức đối thoại của lãnh đạo với người dân, cộng đồng doanh nghiệp",
        "Không = 0; Có = 1",
    ),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the form. ``value`` None: not reported."""

    stt: str
    title: str
    measure: str
    value: int | Decimal | None


@dataclass(frozen=True, slots=True)
class Form1:
    """The form. ``unit`` reports (None: several units' plans together); ``own`` are the tasks of its plans up
    to ``day``, ``given`` what its superiors gave it in the window (all up to ``day`` without one), each None
    where no such plan is tracked."""

    unit: str | None
    unit_name: str
    scope: Scope
    window: Window | None
    day: date
    own: TasksReport | None
    given: TasksReport | None
    items: tuple[Item, ...]
    notes: tuple[str, ...]


def fill_form1(
    connection: Connection,
    registry: Registry,
    calendar: WorkCalendar,
    scope: Scope,
    window: Window | None,
    day: date,
    rule: Reporting = BY_DECREE,
) -> Form1:
    """The form as it stood at the end of ``day``, or of the window's last day where that is earlier. The
    reporting unit is the scope's, else the one that issued all the plans. Raises as ``count_tasks``."""
    ensure_begun(window, day)
    plans = views.plans(connection)
    known = {id: p for id, p in plans.items() if scope.plans is None or id in scope.plans}
    unit = scope.unit or _only_issuer(known)
    last = min(window.last, day) if window else day

    def counted(of: Scope, within: Window | None) -> TasksReport | None:
        if not of.plans:
            return None
        return count_tasks(connection, registry, calendar, of, within, last, rule)

    own_scope = _own(scope, unit, known, registry, last)
    own = counted(own_scope, None)
    above = tuple(registry.ancestors(unit)) if unit else ()
    superiors = tuple(sorted(id for id, p in plans.items() if p.issuer in above and p.starts <= last))
    given = counted(Scope(superiors, unit), window)
    if given is not None and not given.total.assigned + given.total.left_out:
        given = None  # none of those plans names it
    progress = plan_progress(connection, registry, calendar, own) if own else None
    values = _values(progress, given)
    superior = registry.name(above[0]) if above else "cấp trên"
    if superior.startswith("UBND "):
        superior = f"{superior}, Chủ tịch {superior}"
    return Form1(
        unit=unit,
        unit_name=registry.full_name(unit) if unit else "",
        scope=scope,
        window=window,
        day=last,
        own=own,
        given=given,
        items=tuple(
            Item(stt, title.format(superior=superior), measure, values.get(stt))
            for stt, title, measure in ITEMS
        ),
        notes=tuple(_notes(own, progress, given, plans, registry)),
    )


def form1_json(form: Form1) -> dict[str, Any]:
    """The form for other programs; ``value`` None is an empty cell."""
    return {
        "unit": form.unit,
        "unit_name": form.unit_name,
        "plan": form.scope.plans[0] if form.scope.plans and len(form.scope.plans) == 1 else None,
        "window": window_json(form.window),
        "as_of": form.day.isoformat(),
        "items": [
            {"stt": item.stt, "title": item.title, "measure": item.measure, "value": plain(item.value)}
            for item in form.items
        ],
        "notes": list(form.notes),
    }


def form1_from_json(figures: Mapping[str, Any]) -> Form1:
    """The form that ``form1_json`` was made of, as far as it is shown: one that was frozen looks the same."""
    return Form1(
        unit=figures["unit"],
        unit_name=figures["unit_name"],
        scope=Scope((figures["plan"],) if figures["plan"] else None, figures["unit"]),
        window=window_from_json(figures["window"]),
        day=date.fromisoformat(figures["as_of"]),
        own=None,
        given=None,
        items=tuple(
            Item(each["stt"], each["title"], each["measure"], _value(each["value"]))
            for each in figures["items"]
        ),
        notes=tuple(figures["notes"]),
    )


def _value(told: float | None) -> int | Decimal | None:
    return Decimal(str(told)) if isinstance(told, float) else told


def form1_document(form: Form1) -> ReportDocument:
    """The form as one table with the columns it is printed with."""
    rows = []
    for item in form.items:
        value: Value = item.value
        cells: dict[str, Value] = {"stt": item.stt, "title": item.title, "measure": item.measure}
        rows.append(Row({**cells, "value": value, "note": ""}, item.stt.count("."), "." not in item.stt))
    table = Table(
        title="Biểu mẫu 1: Công tác chỉ đạo điều hành CCHC",
        columns=(
            Column("stt", "STT", width=8),
            Column("title", "Chỉ tiêu thống kê (sử dụng cho kỳ báo cáo hàng quý, 6 tháng, năm)", width=64),
            Column("measure", "Đơn vị tính", width=20),
            Column("value", "Số lượng/ Tỷ lệ", Content.NUMBER, width=14),
            Column("note", "Ghi chú", width=16),
        ),
        rows=tuple(rows),
        notes=form.notes,
        sheet="Biểu mẫu 1",
    )
    when = f"kỳ {form.window.title}; " if form.window else ""
    name = f"{form.unit_name}; " if form.unit_name else ""
    return ReportDocument(
        title="Biểu mẫu thống kê số liệu báo cáo cải cách hành chính",
        subtitle=f"{name}{when}số liệu tính đến hết ngày {form.day:%d/%m/%Y}",
        issuer=form.unit_name,
        day=form.day,
        tables=(table,),
        notes=(
            "Ô trống là chưa có số liệu, không phải bằng 0; văn phòng tự điền các mục ngoài mục 2 và mục 4.",
            *days_notes(form.window, form.day),
        ),
    )


def _own(scope: Scope, unit: str | None, known: dict[str, PlanFacts], registry: Registry, day: date) -> Scope:
    """Which tasks item 2 is about: the plan's, so far as the unit answers for them; with all plans, those
    that the unit or one below it issued."""
    in_force = {id: p for id, p in known.items() if p.starts <= day}
    if scope.plans is None and unit is not None:
        below = registry.subtree(unit)
        return Scope(tuple(sorted(id for id, p in in_force.items() if p.issuer in below)))
    chosen = tuple(sorted(in_force))
    issuers = {p.issuer for p in in_force.values()}
    if unit is None or all(unit == i or unit in registry.ancestors(i) for i in issuers):
        return Scope(chosen)
    return Scope(chosen, unit)


def _only_issuer(plans: dict[str, PlanFacts]) -> str | None:
    issuers = {plan.issuer for plan in plans.values()}
    return issuers.pop() if len(issuers) == 1 else None


def _values(progress: PlanProgress | None, given: TasksReport | None) -> dict[str, int | Decimal | None]:
    set_out = progress if progress and progress.tasks else None
    theirs = given.by_task if given else None
    return {
        "2": percentage(set_out.done, set_out.tasks) if set_out else None,
        "2.1": set_out.tasks if set_out else None,
        "2.2": set_out.done if set_out else None,
        "4.1": theirs.assigned if theirs else None,
        "4.2": theirs.done_on_time if theirs else None,
        "4.3": theirs.done_late if theirs else None,
        "4.4": theirs.open_overdue if theirs else None,
    }


def _notes(
    own: TasksReport | None,
    progress: PlanProgress | None,
    given: TasksReport | None,
    plans: dict[str, PlanFacts],
    registry: Registry,
) -> list[str]:
    notes = []
    if own is not None and progress is not None:
        unit = own.scope.unit
        numbers = ", ".join(plans[id].number for id in own.scope.plans or ())
        whose = f", phần do {registry.full_name(unit)} và đơn vị thuộc quyền chủ trì" if unit else ""
        notes.append(
            f"Mục 2: kế hoạch số {numbers}{whose}; lũy kế đến hết ngày {own.day:%d/%m/%Y}, tính theo "
            "nhiệm vụ; tỷ lệ ở mục 2 = mục 2.2 / mục 2.1."
        )
        if progress.idle:
            notes.append(f"Mục 2.1 gồm cả {progress.idle} nhiệm vụ chưa phát sinh hoặc đã hết thời gian.")
        if progress.withdrawn:
            notes.append(f"Mục 2.1 không gồm {progress.withdrawn} nhiệm vụ đã rút.")
    if given is not None:
        numbers = ", ".join(line.name.partition(" – ")[0] for line in given.plans)
        rest = given.by_task.open_within_time + given.by_task.no_deadline
        notes.append(
            f"Mục 4: nhiệm vụ trong kế hoạch cấp trên số {numbers}, tính theo nhiệm vụ; ngoài mục 4.2, 4.3, "
            f"4.4 còn {rest} nhiệm vụ chưa đến hạn hoặc không có thời hạn."
        )
    else:
        notes.append("Mục 4: chưa theo dõi kế hoạch nào của cấp trên giao việc cho đơn vị, nên để trống.")
    return notes
