"""The overdue list: one function, so that page, Excel and command line cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.model.assignment import Timeliness
from engine.notices.notice import Book
from engine.tracking.assess import Assessment, Tracked, assess
from engine.tracking.progress import local_day
from engine.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """One overdue assignment with the words that a reader needs."""

    tracked: Tracked
    seen: Assessment
    stt: str | None
    title: str
    plan_number: str
    unit_name: str
    coordinating: str
    reminders: int

    def to_json(self) -> dict[str, Any]:
        """The row as contract.md names its fields, and the days in the calendar beside them."""
        promise, standing = self.tracked.promise, self.tracked.standing
        said = standing.last_word_at
        return {
            "assignment": promise.id,
            "plan": promise.plan,
            "task": promise.task,
            "stt": self.stt,
            "title": self.title,
            "unit": promise.unit,
            "unit_name": self.unit_name,
            "due": self.seen.due.isoformat() if self.seen.due else None,
            "rolled": self.seen.rolled.isoformat() if self.seen.rolled else None,
            "days_late": self.seen.days_late,
            "calendar_days_late": -(self.seen.calendar_days or 0),
            "state": standing.state.value,
            "last_event": {"on": local_day(said).isoformat(), "text": standing.last_word} if said else None,
            "reminders": self.reminders,
        }


def overdue_rows(
    tracked: Iterable[Tracked], book: Book, calendar: WorkCalendar, today: date, reminders: Mapping[str, int]
) -> list[OverdueRow]:
    """The overdue assignments on ``today``, worst first; ``reminders`` counts what was sent for each."""
    rows = []
    for each in tracked:
        seen = assess(each, today, calendar)
        if seen.timeliness is not Timeliness.OVERDUE:
            continue
        task = book.task_of(each)
        rows.append(
            OverdueRow(
                tracked=each,
                seen=seen,
                stt=task.stt,
                title=task.heading(each.promise.milestone),
                plan_number=book.plan_of(each).number,
                unit_name=book.registry.full_name(each.promise.unit),
                coordinating=task.coordinating,
                reminders=reminders.get(each.promise.id, 0),
            )
        )
    rows.sort(key=lambda r: (r.seen.rolled or date.max, r.tracked.promise.id))
    return rows
