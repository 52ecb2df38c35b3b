"""An answer → an event with its files in one transaction, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.evidence import shelf
from engine.evidence.kinds import LARGEST_FILE, kind_of
from engine.evidence.names import clean_name
from engine.evidence.refusal import EvidenceRefused
from engine.model.event import Event
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.events import OVERTAKEN, EventsRefused, record
from engine.store.work import dossiers, evidence, unit_work
from engine.store.work.evidence import Evidence
from engine.store.work.unit_work import Row
from notifiers.address import mask
from web.unit_page.answers import DONE, FILES, MOST_FILES, Typed, event_of
from web.unit_page.door import Visit


class End(StrEnum):
    """How an answer ended."""

    RECORDED = "recorded"
    WRONG = "wrong"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``event`` is the number of what was recorded, now or by the same form a moment ago."""

    end: End
    event: int = 0


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    media_type: str
    content: bytes


def submit(visit: Visit, row: Row, typed: Typed) -> Outcome:
    """Records an answer about an assignment. When the form is wrong ``typed.problems`` says why; when
    somebody else was faster nothing is recorded."""
    event = event_of(typed, row.tracked, visit.speaks_as(row), visit.now, visit.today)
    files = _files(typed) if typed.choice is DONE else []
    if event is None or typed.problems:
        return Outcome(End.WRONG)
    kept = [
        Evidence(
            id=shelf.new_id(),
            assignment=event.assignment,
            event=None,
            name=each.name,
            media_type=each.media_type,
            size=len(each.content),
            sha256=shelf.sha256(each.content),
            by=event.by,
            at=visit.now,
        )
        for each in files
    ]
    _lay_down(visit, files, kept)
    try:
        # What breaks here may have been committed all the same: a file without a row harms nobody.
        with writing(visit.site.engine) as connection:
            [number] = _record(connection, visit, [event], {event.assignment: typed.revision}, kept)
    except EventsRefused as error:
        shelf.remove(visit.site.home, [each.id for each in kept])
        reason = error.refusals[0][1]
        if OVERTAKEN not in reason:
            typed.problems[""] = reason.removeprefix(f"{event.assignment}: ")
            return Outcome(End.WRONG)
        before = _said_before(visit, event, kept)
        return Outcome(End.RECORDED, before) if before else Outcome(End.OVERTAKEN)
    return Outcome(End.RECORDED, number)


def _lay_down(visit: Visit, files: Sequence[_File], kept: Sequence[Evidence]) -> None:
    """Puts the files on the shelf, all or none."""
    try:
        for file, row in zip(files, kept, strict=True):
            shelf.put(visit.site.home, row.id, file.content)
    except DondocError:
        shelf.remove(visit.site.home, [each.id for each in kept])
        raise


def receive(visit: Visit, seen: dict[str, int], events: Sequence[Event]) -> list[int]:
    """Records "received" for several assignments; EventsRefused when one of them has moved on since."""
    with writing(visit.site.engine) as connection:
        return _record(connection, visit, events, seen, [])


def _record(
    connection: Connection,
    visit: Visit,
    events: Sequence[Event],
    seen: dict[str, int],
    kept: Sequence[Evidence],
) -> list[int]:
    ids = [event.assignment for event in events]
    before = _states(connection, visit, ids)
    numbers = record(connection, events, visit.calendar, visit.now, seen=seen)
    evidence.add(connection, (_with_event(each, numbers[0]) for each in kept))
    after = _states(connection, visit, ids)
    for event, number in zip(events, numbers, strict=True):
        said = {
            "state": after[event.assignment],
            "event": number,
            "kind": event.kind.value,
            "day": event.day,
            "percent": event.percent,
            "document": event.document,
            "note": mask(event.note) if event.note else None,
            "files": len(kept) or None,
        }
        audit.append(
            connection,
            visit.actor,
            "submit",
            event.assignment,
            visit.now,
            before={"state": before[event.assignment]},
            after={name: value for name, value in said.items() if value is not None},
        )
    return numbers


def _states(connection: Connection, visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    rows = unit_work.some(connection, ids, visit.book, visit.calendar, visit.today)
    return {row.tracked.promise.id: row.tracked.standing.state.value for row in rows}


def _with_event(each: Evidence, number: int) -> Evidence:
    return Evidence(
        id=each.id,
        assignment=each.assignment,
        event=number,
        name=each.name,
        media_type=each.media_type,
        size=each.size,
        sha256=each.sha256,
        by=each.by,
        at=each.at,
    )


def _said_before(visit: Visit, event: Event, kept: Sequence[Evidence]) -> int:
    """The number of the latest event if it is this very answer, sent twice by one tap too many; else 0."""
    with reading(visit.site.engine) as connection:
        history = dossiers.history(connection, event.assignment)
        there = evidence.of_assignment(connection, event.assignment)
    if not history:
        return 0
    last = history[-1]
    same = (
        last.event.kind,
        last.event.by,
        last.event.percent,
        last.event.document,
        last.event.note,
        last.event.day,
    )
    if same != (event.kind, event.by, event.percent, event.document, event.note, event.day):
        return 0
    files = sorted(each.sha256 for each in there if each.event == last.number)
    return last.number if files == sorted(each.sha256 for each in kept) else 0


def _files(typed: Typed) -> list[_File]:
    """The files that came along; what is wrong with them goes into ``typed.problems``."""
    if len(typed.files) > MOST_FILES:
        typed.problems[FILES] = f"Nhiều nhất {MOST_FILES} tệp một lần; gửi các tệp còn lại ở lần sau"
        return []
    found = []
    for each in typed.files:
        content = each.file.read(LARGEST_FILE + 1)
        try:
            kind = kind_of(content)
        except EvidenceRefused as error:
            shown = clean_name(each.filename or "", "").rstrip(".")
            typed.problems[FILES] = f"Tệp “{shown}” {error}"
            return []
        found.append(_File(clean_name(each.filename or "", kind.ending), kind.media_type, content))
    return found
