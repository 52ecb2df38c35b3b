"""One digest per recipient and day: the notices of one person in one readable message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from engine.model.facts import PlanFacts, TaskFacts
from engine.notices.notice import UNIT_SUBJECT, Book, Notice
from engine.notices.summary import Summary, plan_name
from engine.notices.wording import (
    Heading,
    count_words,
    day_name,
    due_words,
    heading_of,
    number,
    period_name,
    shortened,
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
    """A notice with the assignment it speaks of, as it stands now; neither for a whole unit or an office.

    One about an office has the ``summary`` that it announces, or the ``details`` of what it warns of;
    one about an indicator has its ``title`` and how it stands.
    """

    notice: Notice
    tracked: Tracked | None
    seen: Assessment | None
    summary: Summary | None = None
    details: tuple[str, ...] = ()
    title: str = ""


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
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The lines under one heading, and how many were left out."""

    heading: str
    lines: tuple[Line, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a message says, whatever channel words it: its subject, whom it speaks to, everything in one line,
    what the office had to say, and the items by heading, the gravest first. ``tasks`` counts what there is to
    do: neither a whole unit nor an office is a task."""

    subject: str
    name: str
    said: str
    chased: tuple[str, ...]
    summaries: tuple[Summary, ...]
    under: Mapping[Heading, Sequence[Item]]
    tasks: int


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
    the office had to say goes before every rule. An office hears of each of its own affairs.
    """
    best: dict[tuple[str, str], Item] = {}
    superseded: list[Item] = []
    for item in items:
        key = (item.notice.subject, item.notice.rule if item.notice.is_of_office else "")
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


def outline(units: Sequence[str], items: Sequence[Item], book: Book, today: date) -> Outline:
    """What is said of ``items`` (at least one) to those who speak for ``units``."""
    under: dict[Heading, list[Item]] = {}
    for item in items:
        if item.summary is None:
            under.setdefault(_heading(item), []).append(item)
    # Who speaks for several offices gets one summary of them all.
    told_of = dict.fromkeys(item.summary for item in items if item.summary is not None)
    summaries = tuple(sorted(told_of, key=lambda each: each.period.first, reverse=True))
    counts = {heading: sum(item.seen is not None for item in listed) for heading, listed in under.items()}
    if new := under.get(Heading.NEW):
        # A task told for information counts once, however many units lead it.
        counts[Heading.NEW] = len({_same_line(item) for item in new if item.seen is not None})
    name = "; ".join(map(book.registry.full_name, units))
    chased = tuple(dict.fromkeys(item.notice.why for item in items if item.notice.is_chase))
    said = _in_one_line(counts, _beside_tasks(items, frozenset(units), sum(counts.values())), summaries)
    subject = f"{'Đôn đốc: ' if chased else ''}{said} – {name} – {today:%d/%m/%Y}"
    ordered = {heading: under[heading] for heading in Heading if heading in under}
    return Outline(subject, name, said, chased, summaries, ordered, sum(counts.values()))


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
    told = outline(units, items, book, today)
    if not worded:
        return Digest(told.subject, "", "")
    parts = [_part(heading, listed, frozenset(units), book) for heading, listed in told.under.items()]
    words: dict[str, Any] = {
        "subject": told.subject,
        "name": told.name,
        "today": day_name(today),
        "summary": told.said,
        "summaries": told.summaries,
        "chased": told.chased,
        "behalf": behalf,
        "parts": parts,
        "link": link,
        "number": number,
    }
    environment = _templates()
    text = environment.get_template("digest.txt.j2").render(words)
    html = environment.get_template("digest.html.j2").render(words)
    return Digest(told.subject, text, html)


def _heading(item: Item) -> Heading:
    if (item.notice.is_of_office or item.notice.is_of_indicator) and item.notice.tone in (
        Tone.REMIND,
        Tone.WARN,
    ):
        return Heading.TO_DO
    return heading_of(item.notice.tone, item.seen)


def _in_one_line(counts: Mapping[Heading, int], beside: Iterable[str], summaries: Iterable[Summary]) -> str:
    """ "3 việc quá hạn, 2 đơn vị có nhiều việc quá hạn, tổng hợp tuần 24" """
    told = (count_words(counts), *beside, *(f"tổng hợp {summary.period.name}" for summary in summaries))
    text = ", ".join(part for part in told if part)
    return text[:1].upper() + text[1:]


def _beside_tasks(items: Sequence[Item], own: frozenset[str], tasks: int) -> Iterator[str]:
    """What the message holds that is no task; of the readers' own unit only where nothing else is said."""
    crowded = {unit for item in items if (unit := crowded_unit(item))}
    if others := crowded - own:
        yield f"{number(len(others))} đơn vị có nhiều việc quá hạn"
    elif crowded and not tasks:
        yield "nhiều việc quá hạn cùng lúc"
    if indicators := {item.notice.subject for item in items if item.notice.is_of_indicator}:
        yield f"{number(len(indicators))} chỉ tiêu cần quan tâm"
    if warnings := {i.notice.rule for i in items if i.notice.is_of_office and i.summary is None}:
        yield f"{number(len(warnings))} cảnh báo của phần mềm"


def crowded_unit(item: Item) -> str:
    """The unit that a notice about a whole unit speaks of; empty for any other notice."""
    subject = item.notice.subject
    return subject.removeprefix(UNIT_SUBJECT) if subject.startswith(UNIT_SUBJECT) else ""


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("engine.notices"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def lines_of(items: Iterable[Item]) -> list[list[Item]]:
    """The items of one heading, those together that one line tells, the worst first."""
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(_same_line(item), []).append(item)
    return sorted(groups.values(), key=_worst, reverse=True)


def _part(heading: Heading, items: Sequence[Item], own: frozenset[str], book: Book) -> Part:
    # Worded are only the lines that are shown: an office may watch over thousands.
    ranked = lines_of(items)
    lines = tuple(_line(group, own, book) for group in ranked[:MOST_LINES])
    return Part(heading.value, lines, len(ranked) - len(lines))


def _worst(items: Sequence[Item]) -> int:
    """How grave a line is: working days late, or how many tasks a whole unit has overdue."""
    return max(i.seen.days_late if i.seen else reached(i.notice) for i in items)


def reached(notice: Notice) -> int:
    """The number in the occasion of a notice about a whole unit ("overdue:10@2023-05")."""
    return int(notice.occasion.partition("@")[0].partition(":")[2] or 0)


def _source(plan: PlanFacts, task: TaskFacts) -> str:
    """Where the task stands: "Kế hoạch 128/KH-UBND, Phụ lục 1, mục 3.1"."""
    place = (plan_name(plan), task.appendix, f"mục {task.stt.rstrip('.')}" if task.stt else None)
    return ", ".join(part for part in place if part)


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


def title_of(item: Item, book: Book, most: int = MOST_LETTERS) -> str:
    """What an item is called, in at most ``most`` letters and the period."""
    tracked, notice = item.tracked, item.notice
    if tracked is None or item.seen is None:
        if notice.is_of_office or notice.is_of_indicator:
            return shortened(item.title, most) if item.title else notice.why
        unit = book.registry.full_name(notice.subject.removeprefix(UNIT_SUBJECT))
        return f"{unit}: từ {reached(notice)} nhiệm vụ quá hạn trở lên"
    period = period_name(tracked.promise.period)
    title = shortened(book.task_of(tracked).heading(tracked.promise.milestone), most)
    return title + (f" (kỳ {period})" if period else "")


def _line(items: Sequence[Item], own: frozenset[str], book: Book) -> Line:
    first = items[0]
    notice, tracked, seen = first.notice, first.tracked, first.seen
    if tracked is None or seen is None:
        return Line(
            title=title_of(first, book),
            plan="",
            due="",
            standing="",
            product="",
            last_word="",
            why="" if notice.is_of_office else notice.why,
            units=(),
            more_units=0,
            count=len(items),
            code="" if notice.is_of_office else notice.subject.removeprefix(UNIT_SUBJECT),
            details=first.details,
        )
    promise = tracked.promise
    task, plan = book.task_of(tracked), book.plan_of(tracked)
    units = sorted(
        {i.tracked.promise.unit for i in items if i.tracked} - (own if len(own) == 1 else frozenset())
    )
    names = tuple(book.registry.full_name(unit) for unit in units[:MOST_UNITS])
    return Line(
        title=title_of(first, book),
        plan=_source(plan, task),
        due=due_words(seen),
        standing=standing_words(tracked, seen),
        product=shortened(task.product(promise.milestone), MOST_LETTERS),
        last_word=tracked.standing.last_word or "" if len(items) == 1 else "",
        why="Văn phòng đôn đốc" if notice.is_chase else notice.why,
        units=names,
        more_units=len(units) - len(names),
        count=len(items),
        code=promise.id if len(items) == 1 else "",
    )
