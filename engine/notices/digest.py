"""One digest per recipient and day: the notices of one person in one readable message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from engine.model.facts import PlanFacts, TaskFacts
from engine.notices.notice import UNIT_SUBJECT, Book, Notice
from engine.notices.wording import (
    Heading,
    count_words,
    day_name,
    due_words,
    heading_of,
    number,
    period_name,
    standing_words,
)
from engine.ruleset.rule import Tone
from engine.tracking.assess import Assessment, Tracked

MOST_LINES = 40
"""Lines of one heading that a message shows in full; the rest is counted."""

MOST_LETTERS = 240
"""Letters of a title or product that a message shows."""

MOST_UNITS = 6
"""Units that one line names; the rest is counted."""

_TONES = (Tone.ESCALATE, Tone.WARN, Tone.REMIND, Tone.INFORM)
"""The gravest first."""


@dataclass(frozen=True, slots=True)
class Item:
    """A notice with the assignment it speaks of, as it stands now; neither for a whole unit."""

    notice: Notice
    tracked: Tracked | None
    seen: Assessment | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a digest: one task and deadline, with all the units it concerns."""

    title: str
    plan: str
    due: str
    standing: str
    product: str
    last_word: str
    why: str
    units: tuple[str, ...]
    more_units: int
    count: int
    code: str


@dataclass(frozen=True, slots=True)
class Part:
    """The lines under one heading, and how many were left out."""

    heading: str
    lines: tuple[Line, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Digest:
    """A finished message; ``text`` and ``html`` say the same."""

    subject: str
    text: str
    html: str


def newest_only(items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """Of several notices about one subject keeps the gravest, the latest of equals; also the rest.

    A reminder that waited over a weekend beside its successor would tell the same thing twice, and
    so would a reminder and an escalation to an office that both leads and watches. What a person of
    the office had to say goes before every rule.
    """
    best: dict[str, Item] = {}
    superseded: list[Item] = []
    for item in items:
        key = item.notice.subject
        other = best.get(key)
        if other is None:
            best[key] = item
        elif _gravity(item) >= _gravity(other):
            best[key] = item
            superseded.append(other)
        else:
            superseded.append(item)
    return list(best.values()), superseded


def _gravity(item: Item) -> int:
    return 1 if item.notice.is_chase else -_TONES.index(item.notice.tone)


def compose(
    units: Sequence[str],
    items: Sequence[Item],
    book: Book,
    today: date,
    link: str | None = None,
    *,
    behalf: Sequence[str] = (),
    worded: bool = True,
) -> Digest:
    """The digest of ``items`` (at least one) for those who speak for ``units``; ``link`` is where to
    answer, ``behalf`` for whom a deputy gets it. Without ``worded`` only the subject is made."""
    under: dict[Heading, list[Item]] = {}
    for item in items:
        under.setdefault(heading_of(item.notice.tone, item.seen), []).append(item)
    counts = {heading: len(listed) for heading, listed in under.items()}
    if new := under.get(Heading.NEW):
        # A task told for information counts once, however many units lead it.
        counts[Heading.NEW] = len({_same_line(item) for item in new})
    name = "; ".join(map(book.registry.full_name, units))
    chased = tuple(dict.fromkeys(item.notice.why for item in items if item.notice.is_chase))
    subject = f"{'Đôn đốc: ' if chased else ''}{count_words(counts)} – {name} – {today:%d/%m/%Y}"
    if not worded:
        return Digest(subject, "", "")
    parts = [_part(h, under[h], frozenset(units), book) for h in Heading if h in under]
    words: dict[str, Any] = {
        "subject": subject,
        "name": name,
        "today": day_name(today),
        "summary": count_words(counts),
        "chased": chased,
        "behalf": behalf,
        "parts": parts,
        "link": link,
        "number": number,
    }
    environment = _templates()
    text = environment.get_template("digest.txt.j2").render(words)
    html = environment.get_template("digest.html.j2").render(words)
    return Digest(subject, text, html)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("engine.notices"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _part(heading: Heading, items: Sequence[Item], own: frozenset[str], book: Book) -> Part:
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(_same_line(item), []).append(item)
    # Worded are only the lines that are shown: an office may watch over thousands.
    ranked = sorted(groups.values(), key=_worst, reverse=True)
    lines = tuple(_line(group, own, book) for group in ranked[:MOST_LINES])
    return Part(heading.value, lines, len(ranked) - len(lines))


def _worst(items: Sequence[Item]) -> int:
    """How grave a line is: working days late, or how many tasks a whole unit has overdue."""
    return max(i.seen.days_late if i.seen else _reached(i.notice) for i in items)


def _reached(notice: Notice) -> int:
    """The number in the occasion of a notice about a whole unit ("overdue:10@2023-05")."""
    return int(notice.occasion.partition("@")[0].partition(":")[2] or 0)


def _source(plan: PlanFacts, task: TaskFacts) -> str:
    """Where the task stands: "Kế hoạch 128/KH-UBND, Phụ lục 1, mục 3.1"."""
    name = f"Kế hoạch {plan.number}" if plan.number[:1].isdigit() else f"Kế hoạch {_short(plan.title)}"
    place = (name, task.appendix, f"mục {task.stt.rstrip('.')}" if task.stt else None)
    return ", ".join(part for part in place if part)


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1].rstrip() + "…"


def _same_line(item: Item) -> tuple[object, ...]:
    notice, tracked, seen = item.notice, item.tracked, item.seen
    if tracked is None or seen is None:
        return (notice.rule, notice.subject)
    promise = tracked.promise
    return (
        notice.rule,
        promise.plan,
        promise.task,
        promise.milestone,
        promise.period,
        seen.due,
        standing_words(tracked, seen),
    )


def _line(items: Sequence[Item], own: frozenset[str], book: Book) -> Line:
    first = items[0]
    notice, tracked, seen = first.notice, first.tracked, first.seen
    if tracked is None or seen is None:
        unit = notice.subject.removeprefix(UNIT_SUBJECT)
        return Line(
            title=f"{book.registry.full_name(unit)}: từ {_reached(notice)} nhiệm vụ quá hạn trở lên",
            plan="",
            due="",
            standing="",
            product="",
            last_word="",
            why=notice.why,
            units=(),
            more_units=0,
            count=len(items),
            code=unit,
        )
    promise = tracked.promise
    task, plan = book.task_of(tracked), book.plan_of(tracked)
    period = period_name(promise.period)
    units = sorted(
        {i.tracked.promise.unit for i in items if i.tracked} - (own if len(own) == 1 else frozenset())
    )
    names = tuple(book.registry.full_name(unit) for unit in units[:MOST_UNITS])
    return Line(
        title=_short(task.heading(promise.milestone)) + (f" (kỳ {period})" if period else ""),
        plan=_source(plan, task),
        due=due_words(seen),
        standing=standing_words(tracked, seen),
        product=_short(task.product(promise.milestone)),
        last_word=tracked.standing.last_word or "" if len(items) == 1 else "",
        why="Văn phòng đôn đốc" if notice.is_chase else notice.why,
        units=names,
        more_units=len(units) - len(names),
        count=len(items),
        code=promise.id if len(items) == 1 else "",
    )
