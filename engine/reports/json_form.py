"""The figures of a report as plain values: for other programs, for the cross-check, for freezing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.reports.checks import PARTS
from engine.reports.shares import shares_of
from engine.reports.tasks import Line, Scope, TaskLine, TasksReport
from engine.reports.windows import Kind, Window
from engine.store.figures.counts import Counts
from engine.store.figures.outcome import Outcome


def tasks_json(report: TasksReport) -> dict[str, Any]:
    """A tasks report. Days in ISO 8601, None for what there is none of. ``outside``: assignments that
    belong to no part of the window (not begun by its last day, or done before its first)."""
    previous: dict[str, Any] | None = None
    if report.previous is not None and report.previous_by_task is not None:
        previous = {
            "window": window_json(report.previous_window),
            "total": counts_json(report.previous),
            "by_task": counts_json(report.previous_by_task),
        }
    return {
        "as_of": report.day.isoformat(),
        "window": window_json(report.window),
        "plan": report.scope.plans[0] if report.scope.plans and len(report.scope.plans) == 1 else None,
        "plan_ids": list(report.scope.plans) if report.scope.plans is not None else None,
        "unit": report.scope.unit,
        "total": counts_json(report.total),
        "this_year": counts_json(report.this_year),
        "backlog": counts_json(report.backlog),
        "carried": counts_json(report.carried),
        "given": counts_json(report.given),
        "by_task": counts_json(report.by_task),
        "outside": report.outside,
        "shares": [
            {
                "name": s.name,
                "title": s.title,
                "part": s.part,
                "whole": s.whole,
                "percent": plain(s.percent),
                "of": s.of,
            }
            for s in shares_of(report.total, report.by_task)
        ],
        "levels": [_line("level", line) for line in report.levels],
        "plans": [_line("plan", line) for line in report.plans],
        "units": [_line("unit", line) for line in report.units],
        "tasks": [
            {
                "plan": line.plan,
                "task": line.task,
                "stt": line.stt,
                "title": line.title,
                "outcome": line.outcome.value,
                **counts_json(line.counts),
            }
            for line in report.tasks
        ],
        "previous": previous,
    }


def counts_json(counts: Counts) -> dict[str, int]:
    """``assigned``, its five parts, and beside them what is left out."""
    parts = {part: getattr(counts, part) for part in PARTS}
    return {"assigned": counts.assigned, **parts, "left_out": counts.left_out}


def window_json(window: Window | None) -> dict[str, Any] | None:
    """The name, the words and the days of a window."""
    if window is None:
        return None
    return {
        "name": window.name,
        "title": window.title,
        "kind": window.kind.value,
        "year": window.year,
        "number": window.number,
        "from": window.first.isoformat(),
        "to": window.last.isoformat(),
        "send_before": window.send_before.isoformat() if window.send_before else None,
    }


def tasks_from_json(figures: Mapping[str, Any]) -> TasksReport:
    """The report that ``tasks_json`` was made of: one that was frozen is shown as any other."""
    previous = figures["previous"] or {"window": None, "total": None, "by_task": None}
    return TasksReport(
        scope=Scope(tuple(figures["plan_ids"]) if figures["plan_ids"] is not None else None, figures["unit"]),
        window=window_from_json(figures["window"]),
        day=date.fromisoformat(figures["as_of"]),
        total=_counts(figures["total"]),
        this_year=_counts(figures["this_year"]),
        backlog=_counts(figures["backlog"]),
        carried=_counts(figures["carried"]),
        given=_counts(figures["given"]),
        levels=tuple(Line(each["level"], each["name"], _counts(each)) for each in figures["levels"]),
        plans=tuple(Line(each["plan"], each["name"], _counts(each)) for each in figures["plans"]),
        units=tuple(Line(each["unit"], each["name"], _counts(each)) for each in figures["units"]),
        by_task=_counts(figures["by_task"]),
        tasks=tuple(
            TaskLine(t["plan"], t["task"], t["stt"], t["title"], _counts(t), Outcome(t["outcome"]))
            for t in figures["tasks"]
        ),
        previous_window=window_from_json(previous["window"]),
        previous=_counts(previous["total"]) if previous["total"] else None,
        previous_by_task=_counts(previous["by_task"]) if previous["by_task"] else None,
        outside=figures["outside"],
    )


def window_from_json(told: Mapping[str, Any] | None) -> Window | None:
    """The window that ``window_json`` was made of."""
    if told is None:
        return None
    first, last = date.fromisoformat(told["from"]), date.fromisoformat(told["to"])
    send = date.fromisoformat(told["send_before"]) if told["send_before"] else None
    return Window(Kind(told["kind"]), told["year"], told["number"], first, last, send)


def plain(value: int | Decimal | None) -> int | float | None:
    """A number as JSON has it."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _counts(told: Mapping[str, Any]) -> Counts:
    return Counts(**{part: told[part] for part in (*PARTS, "left_out")})


def _line(key: str, line: Line) -> dict[str, Any]:
    return {key: line.id, "name": line.name, **counts_json(line.counts)}
