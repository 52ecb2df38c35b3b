"""Assignments → an iCalendar text (RFC 5545, RFC 7986)."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import UTC, timedelta

from icalendar import Calendar, Event, vDuration

from engine.model.facts import PlanFacts, TaskFacts
from engine.notices.notice import Book
from engine.store.work.assignment_pages import Standing
from engine.tracking.progress import STATE_NAMES

AGAIN = timedelta(hours=6)
"""How often a calendar program should look again."""

_LONGEST_SUMMARY = 120


def calendar_text(name: str, rows: Sequence[Standing], book: Book) -> bytes:
    """One all-day event for each row with a day. The same rows give the same bytes: nothing in it follows
    the clock. There is no METHOD: it is a calendar to look at, not an invitation."""
    calendar = Calendar()
    calendar.add("prodid", "-//dondoc//lich nhiem vu//VI")
    calendar.add("version", "2.0")
    calendar.add("name", _text(name))
    calendar.add("x-wr-calname", _text(name))
    calendar.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    calendar.add("refresh-interval", vDuration(AGAIN), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(AGAIN))
    several = len({row.tracked.promise.unit for row in rows}) > 1
    for row in rows:
        event = _event(row, book, several)
        if event is not None:
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(row: Standing, book: Book, several: bool) -> Event | None:
    promise, seen = row.tracked.promise, row.seen
    if seen is None or seen.rolled is None:
        return None
    plan = book.plans.get(promise.plan)
    task = book.tasks.get((promise.plan, promise.task))
    unit = book.registry.full_name(promise.unit)
    title = _text(task.heading(promise.milestone) if task else promise.task)
    summary = " ".join(title.split())
    if several:
        summary = f"{unit}: {summary}"
    if len(summary) > _LONGEST_SUMMARY:
        summary = summary[: _LONGEST_SUMMARY - 1].rstrip() + "…"
    changed = row.changed_at.astimezone(UTC)
    event = Event()
    event.add("uid", f"{hashlib.sha256(promise.id.encode()).hexdigest()[:32]}@dondoc")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", row.revision)
    event.add("dtstart", seen.rolled)
    event.add("dtend", seen.rolled + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", f"Hạn: {summary}")
    event.add("description", _description(row, plan, task, unit, title))
    return event


def _description(row: Standing, plan: PlanFacts | None, task: TaskFacts | None, unit: str, title: str) -> str:
    promise, seen = row.tracked.promise, row.seen
    assert seen is not None  # noqa: S101 - rows without a day are passed over
    lines = [title, f"Đơn vị: {unit}"]
    if plan is not None:
        lines.append(f"Kế hoạch: {plan.number} – {plan.title}")
    if task is not None:
        lines.append(f"Thời hạn trong kế hoạch: {task.deadline_text}")
        product = task.product(promise.milestone)
        if product:
            lines.append(f"Sản phẩm: {product}")
    if seen.due is not None and seen.due != seen.rolled:
        lines.append(f"Hạn {seen.due:%d/%m/%Y} là ngày nghỉ nên tính đến {seen.rolled:%d/%m/%Y}")
    lines.append(f"Trạng thái: {STATE_NAMES[row.tracked.standing.state]}")
    lines.append(f"Mã việc: {promise.id}")
    return _text("\n".join(lines))


def _text(words: str) -> str:
    """Without what no calendar may hold: control characters other than the end of a line."""
    plain = unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
