"""A plan as ``dondoc plan show --json`` prints it; the fields are those of contract.md and a few more."""

from __future__ import annotations

from typing import Any

from engine.deadlines import Reading, deadline_json
from engine.model.deadline import Deadline
from engine.model.plan import CatalogueItem, Indicator, Plan, Task


def plan_json(plan: Plan) -> dict[str, Any]:
    """The whole plan; units and groups by their canonical names."""
    return {
        "id": plan.id,
        "number": plan.number,
        "title": plan.title,
        "issuer": plan.issuer.name,
        "issued": plan.issued,
        "in_force_from": plan.in_force_from,
        "year": plan.year,
        "monitor": plan.monitor.name,
        "leader": plan.leader.name,
        "tasks": [_task(task) for task in plan.tasks],
        "indicators": [_indicator(indicator) for indicator in plan.indicators],
        "indicator_tables": [
            {"appendix": t.appendix, "table": t.table, "name": t.name, "printed_total": list(t.printed_total)}
            for t in plan.indicator_tables
        ],
        "catalogue": [_catalogue(item) for item in plan.catalogue],
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "stt": task.stt,
        "appendix": task.appendix,
        "section": task.section,
        "group": task.group,
        "title": task.title,
        "leads": [ref.name for ref in task.leads],
        "coordinating": [ref.name for ref in task.coordinating],
        "deadline": _deadline(task.deadline),
        "deliverable": task.deliverable,
        "milestones": [
            {"title": m.title, "deadline": _deadline(m.deadline), "deliverable": m.deliverable}
            for m in task.milestones
        ],
        "note": task.note,
    }


def _deadline(deadline: Deadline) -> dict[str, Any]:
    return deadline_json(Reading(deadline, ()))


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "appendix": indicator.appendix,
        "table": indicator.table,
        "stt": indicator.stt,
        "unit": indicator.unit.name,
        "name": indicator.name,
        "target": indicator.target,
        "target_value": indicator.target_value,
        "cells": dict(indicator.cells),
    }


def _catalogue(item: CatalogueItem) -> dict[str, Any]:
    return {
        "appendix": item.appendix,
        "level": item.level,
        "unit": item.unit,
        "field": item.field,
        "stt": item.stt,
        "procedure": item.procedure,
    }
