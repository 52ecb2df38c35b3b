"""Rows of the database ↔ values of the domain."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import RowMapping

from engine.model.assignment import Extension, Promise, Standing, State
from engine.model.deadline import DeadlineKind
from engine.model.event import Event, EventKind
from engine.tracking.progress import OPEN_STATES, limit

_STATES = {s.value: s for s in State}
_KINDS = {k.value: k for k in DeadlineKind}
_EXTENSIONS = {e.value: e for e in Extension}

# Open: something can still be said or sent about it. Closed ones cost a tick nothing.
_OPEN = OPEN_STATES | {State.DORMANT, State.REPORTED, State.DECLINED}


def promise_columns(promise: Promise) -> dict[str, Any]:
    """The columns that sync writes."""
    return {
        "plan": promise.plan,
        "task": promise.task,
        "unit": promise.unit,
        "milestone": promise.milestone,
        "period": promise.period,
        "kind": promise.kind.value,
        "starts": promise.starts,
        "due": promise.due,
        "rolled": promise.rolled,
        "ends": promise.ends,
        "trigger": promise.trigger,
        "offset_days": promise.offset_days,
        "offset_working": promise.offset_working,
        "collective": promise.collective,
    }


def standing_columns(promise: Promise, standing: Standing) -> dict[str, Any]:
    """The columns that events move, and what follows from the promise and them."""
    return {
        "last_day": limit(promise, standing),
        "open": standing.state in _OPEN,
        "state": standing.state.value,
        "since": standing.since,
        "new_due": standing.due,
        "new_rolled": standing.rolled,
        "triggered_on": standing.triggered_on,
        "reported_on": standing.reported_on,
        "confirmed_on": standing.confirmed_on,
        "extension": standing.extension.value,
        "extension_to": standing.extension_to,
        "last_word_at": standing.last_word_at,
        "last_word": standing.last_word,
        "snoozed_until": standing.snoozed_until,
        "percent": standing.percent,
        "withdrawn_from": standing.withdrawn_from.value if standing.withdrawn_from else None,
    }


def promise_of(row: RowMapping) -> Promise:
    """The promise in a row of ``assignment``."""
    return Promise(
        id=row["id"],
        plan=row["plan"],
        task=row["task"],
        unit=row["unit"],
        milestone=row["milestone"],
        period=row["period"],
        kind=_KINDS[row["kind"]],
        starts=row["starts"],
        due=row["due"],
        rolled=row["rolled"],
        ends=row["ends"],
        trigger=row["trigger"],
        offset_days=row["offset_days"],
        offset_working=row["offset_working"],
        collective=row["collective"],
    )


def standing_of(row: RowMapping) -> Standing:
    """The standing in a row of ``assignment``."""
    before = row["withdrawn_from"]
    return Standing(
        state=_STATES[row["state"]],
        since=row["since"],
        due=row["new_due"],
        rolled=row["new_rolled"],
        triggered_on=row["triggered_on"],
        reported_on=row["reported_on"],
        confirmed_on=row["confirmed_on"],
        extension=_EXTENSIONS[row["extension"]],
        extension_to=row["extension_to"],
        last_word_at=row["last_word_at"],
        last_word=row["last_word"],
        snoozed_until=row["snoozed_until"],
        percent=row["percent"],
        withdrawn_from=_STATES[before] if before else None,
    )


def event_of(row: RowMapping) -> Event:
    """The event in a row of ``event``."""
    return Event(
        assignment=row["assignment"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        by=row["by"],
        percent=row["percent"],
        document=row["document"],
        note=row["note"],
        day=row["day"],
        cures=row["cures"],
    )


def event_columns(event: Event) -> dict[str, Any]:
    """The columns of one event, without the instant of recording."""
    return {
        "assignment": event.assignment,
        "kind": event.kind.value,
        "at": event.at,
        "by": event.by,
        "percent": event.percent,
        "document": event.document,
        "note": event.note,
        "day": event.day,
        "cures": event.cures,
    }
