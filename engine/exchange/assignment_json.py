"""One assignment as JSON: what ``dondoc assignments --json``, the API and webhooks all say."""

from __future__ import annotations

from typing import Any

from engine.tracking.assess import Assessment, Tracked
from engine.units import Registry


def assignment_json(tracked: Tracked, seen: Assessment | None, registry: Registry) -> dict[str, Any]:
    """The fields of one assignment; dates stay dates. ``seen`` None: it could not be judged, because the
    calendar lacks a year; what follows from the judgement is None then."""
    promise, standing = tracked.promise, tracked.standing
    return {
        "id": promise.id,
        "plan": promise.plan,
        "task": promise.task,
        "unit": promise.unit,
        "unit_name": registry.full_name(promise.unit),
        "milestone": promise.milestone,
        "period": promise.period,
        "kind": promise.kind.value,
        "start": promise.starts,
        "due": seen.due if seen else None,
        "rolled": seen.rolled if seen else None,
        "first_due": promise.due,
        "state": standing.state.value,
        "timeliness": seen.timeliness.value if seen else None,
        "days_late": seen.days_late if seen else None,
        "days_left": seen.days_left if seen else None,
        "calendar_days": seen.calendar_days if seen else None,
        "percent": standing.percent,
        "extension": standing.extension.value,
    }
