"""A reading as plain JSON values, with the field names that other programs rely on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engine.deadlines.reading import Reading
from engine.model.deadline import DayUnit, Deadline, DeadlineKind

_UNIT_WORDS = {DayUnit.CALENDAR: "day", DayUnit.WORKING: "working_day"}


def deadline_json(reading: Reading) -> dict[str, Any]:
    """The fields of a reading; dates are ISO text. Absent fields are left out.

    Always there: ``kind``, ``text``, ``errors``; ``start`` and ``due`` of a date; ``trigger`` and ``offset``
    of an event. Several periodicities give ``rrules``, and ``rrule`` beside it where one rule falls on
    exactly their days together.
    """
    return {**_fields(reading.deadline), "errors": [asdict(problem) for problem in reading.problems]}


def _fields(deadline: Deadline) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": deadline.kind.value, "text": deadline.text}
    always = {DeadlineKind.DATE: ("start", "due"), DeadlineKind.EVENT: ("trigger", "offset")}.get(
        deadline.kind, ()
    )
    values: dict[str, Any] = {
        "label": deadline.label or None,
        "start": _iso(deadline.start),
        "due": _iso(deadline.due),
        "due_time": deadline.due_time.strftime("%H:%M") if deadline.due_time else None,
        "rolled": _iso(deadline.rolled),
        "alt_due": _iso(deadline.alt_due),
        "alt_rolled": _iso(deadline.alt_rolled),
        "end": _iso(deadline.end),
        **_rules(deadline),
        "times_per_period": deadline.times_per_period,
        "trigger": deadline.trigger,
        "relation": deadline.relation,
        "plus_event": deadline.plus_event,
        "offset": _offset(deadline),
        "authority": deadline.authority,
        "milestones": [_fields(each) for each in deadline.milestones] or None,
        "alt_kind": deadline.alt_kind.value if deadline.alt_kind else None,
        "ambiguous": True if deadline.ambiguous else None,
        "rule": deadline.rule or None,
        "notes": list(deadline.notes) or None,
    }
    return found | {key: value for key, value in values.items() if value is not None or key in always}


def _rules(deadline: Deadline) -> dict[str, Any]:
    if deadline.kind is not DeadlineKind.RECURRING:
        return {}
    rules, others = deadline.rrules, deadline.alt_rrules
    daily = rules == ("FREQ=DAILY",)
    return {
        "rrule": deadline.rrule,
        "rrules": list(rules) if len(rules) > 1 else None,
        "due_dates": None if daily else [each.due.isoformat() for each in deadline.occurrences],
        "alt_rrule": others[0] if len(others) == 1 else None,
        "alt_rrules": list(others) if len(others) > 1 else None,
        "alt_due_dates": [day.isoformat() for day in deadline.alt_due_dates] or None,
    }


def _offset(deadline: Deadline) -> dict[str, Any] | None:
    if deadline.offset is None:
        return None
    days = deadline.offset.days
    basis = {"basis": deadline.basis} if deadline.basis else {}
    return {"n": days, "unit": _UNIT_WORDS[deadline.offset.unit], "days": days, **basis}


def _iso(day: Any) -> str | None:
    return day.isoformat() if day is not None else None
