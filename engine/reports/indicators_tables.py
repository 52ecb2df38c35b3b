"""The report of indicators as plain values, and as tables for people made from those values: what was frozen
is written out as what was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from engine.numbers import rounded, written
from engine.reports.document import Column, Content, ReportDocument, Row, Table
from engine.reports.indicators import IndicatorLine, IndicatorsReport, TableLines
from engine.reports.json_form import plain, window_json

PLACES = 2
"""Of percentages that follow from counts, as the on-time share is printed (99,93)."""

_MOST_NAMED = 30

_PROGRESS = (
    "So với chỉ tiêu = số liệu chia cho chỉ tiêu được giao; xếp hạng theo cột này trong cùng một bảng, "
    "bằng nhau thì cùng hạng."
)
_COMMON = (
    "Tỷ lệ chung của bảng = tổng số đạt chia cho tổng số của các đơn vị đã báo đủ hai số, không phải trung "
    "bình cộng các tỷ lệ."
)
_FORECAST = (
    "Dự báo cuối năm tính đến ngày 31/12 của năm kế hoạch theo đà hiện tại (hai kỳ có số liệu gần nhất); "
    "ô trống là chưa báo hoặc chưa đủ số liệu, không phải 0."
)

_COLUMNS = (
    Column("unit", "Đơn vị", width=32),
    Column("target", "Chỉ tiêu", Content.NUMBER, 10),
    Column("part", "Số đạt", Content.NUMBER, 10, sums=True, places=0),
    Column("whole", "Tổng số", Content.NUMBER, 10, sums=True, places=0),
    Column("value", "Số liệu", Content.NUMBER, 10, places=PLACES),
    Column("until", "Đến ngày", Content.DATE, 12),
    Column("progress", "So với chỉ tiêu (%)", Content.NUMBER, 12),
    Column("gap", "Còn thiếu", Content.NUMBER, 10, places=PLACES),
    Column("rank", "Hạng", Content.COUNT, 8),
    Column("forecast", "Dự báo cuối năm", Content.NUMBER, 12),
)


def indicators_json(report: IndicatorsReport) -> dict[str, Any]:
    """Days in ISO 8601, None for what was not reported."""
    return {
        "as_of": report.day.isoformat(),
        "window": window_json(report.window),
        "plan_ids": list(report.scope.plans) if report.scope.plans is not None else None,
        "unit": report.scope.unit,
        "tables": [_table_json(table) for table in report.tables],
    }


def indicators_document(figures: Mapping[str, Any], issuer: str = "") -> ReportDocument:
    """The report as tables, from its JSON form. ``issuer`` is the name of who sends it."""
    window = figures["window"]
    day = date.fromisoformat(figures["as_of"])
    until = f"Số liệu đã báo đến hết ngày {day:%d/%m/%Y}"
    notes = [_PROGRESS, _COMMON, _FORECAST]
    if not figures["tables"]:
        notes.insert(0, "Không có bảng chỉ tiêu nào trong phạm vi này.")
    return ReportDocument(
        title="Kết quả thực hiện chỉ tiêu",
        subtitle=f"Kỳ {window['title']}; {until.lower()}" if window else until,
        issuer=issuer,
        day=day,
        tables=tuple(_table(table, place) for place, table in enumerate(figures["tables"], start=1)),
        notes=tuple(notes),
    )


def _table_json(table: TableLines) -> dict[str, Any]:
    total = table.total
    return {
        "plan": table.plan,
        "table": table.table,
        "name": table.name,
        "in_percent": table.in_percent,
        "total": {
            "rows": total.rows,
            "measured": total.measured,
            "met": total.met,
            "counted": total.counted,
            "part": _plain(total.part),
            "whole": _plain(total.whole),
            "percent": _plain(total.percent, PLACES),
        },
        "rows": [_line_json(line) for line in table.lines],
    }


def _line_json(line: IndicatorLine) -> dict[str, Any]:
    measured, previous = line.measured, line.previous
    return {
        "plan": line.plan,
        "indicator": line.indicator.id,
        "stt": line.indicator.stt,
        "unit": line.indicator.unit.id,
        "name": line.unit,
        "target": _plain(line.indicator.target_value),
        "value": _plain(measured.value, PLACES) if measured else None,
        "part": _plain(measured.part) if measured else None,
        "whole": _plain(measured.whole) if measured else None,
        "first": measured.first.isoformat() if measured else None,
        "until": measured.last.isoformat() if measured else None,
        "note": measured.note if measured else "",
        "previous": _plain(previous.value, PLACES) if previous else None,
        "previous_until": previous.last.isoformat() if previous else None,
        "progress": _plain(line.progress, PLACES),
        "gap": _plain(line.gap, PLACES),
        "met": line.is_met,
        "rank": line.rank,
        "forecast": _plain(line.forecast.value, PLACES),
        "forecast_day": line.forecast.day.isoformat(),
        "forecast_method": line.forecast.method,
    }


def _table(table: Mapping[str, Any], place: int) -> Table:
    rows: Sequence[Mapping[str, Any]] = table["rows"]
    total = table["total"]
    unit = " (%)" if table["in_percent"] else ""
    columns = tuple(
        Column(c.key, c.title + unit if c.key in ("target", "value", "forecast") else c.title, c.content,
               c.width, sums=c.sums, places=c.places)
        for c in _COLUMNS
    )  # fmt: skip
    ordered = sorted(rows, key=lambda row: row["rank"] or len(rows) + 1)
    last = None
    if total["counted"]:
        cells = {"unit": "Chung cả bảng", "value": _number(total["percent"])}
        last = Row({**cells, "part": _number(total["part"]), "whole": _number(total["whole"])}, strong=True)
    return Table(
        title=f"{table['table']} – {table['name']}",
        columns=columns,
        rows=tuple(Row(_cells(row)) for row in ordered),
        total=last,
        notes=tuple(_notes(rows, total)),
        charted=("target", "value") if total["measured"] else (),
        sheet=f"Bảng {place}",
    )


def _cells(row: Mapping[str, Any]) -> dict[str, str | int | Decimal | date | None]:
    return {
        "unit": row["name"],
        "target": _number(row["target"]),
        "part": _number(row["part"]),
        "whole": _number(row["whole"]),
        "value": _number(row["value"]),
        "until": date.fromisoformat(row["until"]) if row["until"] else None,
        "progress": _number(row["progress"]),
        "gap": _number(row["gap"]),
        "rank": row["rank"],
        "forecast": _number(row["forecast"]),
    }


def _notes(rows: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> list[str]:
    measured, rows_in_all, met = (written(total[name]) for name in ("measured", "rows", "met"))
    notes = [f"{measured}/{rows_in_all} đơn vị đã báo số liệu, {met} đơn vị đạt chỉ tiêu."]
    if total["counted"]:
        notes.append(
            f"Tỷ lệ chung = {written(_number(total['part']))} / {written(_number(total['whole']))} của "
            f"{written(total['counted'])} đơn vị báo đủ hai số."
        )
    silent = [str(row["name"]) for row in rows if row["value"] is None]
    if silent:
        more = f"; và {len(silent) - _MOST_NAMED} đơn vị khác" if len(silent) > _MOST_NAMED else ""
        notes.append(f"Chưa có số liệu (xếp cuối, không có hạng): {'; '.join(silent[:_MOST_NAMED])}{more}.")
    methods = sorted({(str(r["name"]), str(r["forecast_method"])) for r in rows if r["forecast"] is not None})
    notes.extend(f"Dự báo, {name}: {method}." for name, method in methods[:_MOST_NAMED])
    return notes


def _plain(value: Decimal | None, places: int | None = None) -> int | float | None:
    return plain(rounded(value, places) if value is not None and places is not None else value)


def _number(value: int | float | None) -> Decimal | None:
    return Decimal(str(value)) if value is not None else None
