"""Readings as one line of text, so that a table of wordings can be checked with the eye."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from engine.deadlines import Reading, read_deadline
from engine.loading.calendar import load_calendar
from engine.model.deadline import DayUnit, Deadline, DeadlineKind
from engine.workdays import WorkCalendar

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
ISSUED = date(2024, 3, 15)


@cache
def calendar() -> WorkCalendar:
    """The calendar that is shipped."""
    found, problems = load_calendar((ROOT / "rules" / "calendar.yaml").read_bytes(), "rules/calendar.yaml")
    assert found is not None, problems
    return found


@cache
def cells() -> tuple[dict[str, Any], ...]:
    """The cells of the specification."""
    return tuple(json.loads((DATA / "deadlines.json").read_text(encoding="utf-8")))


def read(
    text: str,
    *,
    year: int = 2024,
    issued: date | None = ISSUED,
    before_day: Literal["exclusive", "inclusive"] = "exclusive",
) -> Reading:
    """Reads a cell of a plan of 2024, issued on Friday 15 March."""
    return read_deadline(text, plan_year=year, issued=issued, calendar=calendar(), before_day=before_day)


def read_cell(cell: dict[str, Any], text: str | None = None) -> Reading:
    """Reads a cell of the specification, or another wording of it."""
    issued = date.fromisoformat(cell["issued"]) if cell["issued"] else None
    return read(cell["text"] if text is None else text, year=cell["plan_year"], issued=issued)


def gist(reading: Reading) -> str:
    """What a reading says in one line; problems by their codes."""
    if reading.problems:
        return " ".join([reading.deadline.kind, *(problem.code for problem in reading.problems)])
    return _gist(reading.deadline)


def _gist(d: Deadline) -> str:
    words: list[str] = [str(d.kind)]
    if d.kind is DeadlineKind.MILESTONES:
        return " / ".join(
            (f"[{each.label}] " if each.label else "") + f"“{each.text}” {_gist(each)}"
            for each in d.milestones
        )
    if d.kind is DeadlineKind.RECURRING:
        words += [" + ".join(d.rrules), *([f"= {d.rrule}"] if d.rrule and len(d.rrules) > 1 else [])]
        words += [f"{len(d.occurrences)}×", *(f"{each.due:%d/%m}" for each in d.occurrences[:1])]
    words += [
        f"{word} {value}"
        for word, value in (
            ("from", d.start),
            ("to", d.end),
            ("due", d.due),
            ("at", f"{d.due_time:%H:%M}" if d.due_time else None),
            ("or", d.alt_due),
            ("or", " + ".join(d.alt_rrules)),
            ("times", d.times_per_period),
            ("relation", d.relation),
            ("when", d.trigger),
            ("count", _count(d)),
            ("also when", d.plus_event),
            ("set by", d.authority),
            ("perhaps", d.alt_kind),
        )
        if value
    ]
    return " ".join([*words, *(["?"] if d.ambiguous else [])])


def _count(d: Deadline) -> str:
    if d.offset is None:
        return ""
    unit = "working days" if d.offset.unit is DayUnit.WORKING else "days"
    return f"{d.offset.days} {unit}" + (f" of {d.basis}" if d.basis else "")
