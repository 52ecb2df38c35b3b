"""One assignment in the few words that a list on a phone has room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.model.assignment import State, Timeliness
from engine.model.facts import PlanFacts
from engine.notices.wording import day_name, due_words, period_name, standing_words
from engine.store.work.unit_work import Group, Row, Why
from engine.tracking.progress import STATE_NAMES
from web.unit_page.answers import can_be_received
from web.unit_page.door import Visit


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the list. ``value`` names the assignment, and how it was seen, in the form."""

    title: str
    path: str
    unit: str
    due: str
    standing: str
    tone: str
    state: str
    plan: str
    why: str
    value: str
    receivable: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One group of the list; ``count`` is of all, not only of those in ``lines``."""

    group: Group
    slug: str
    heading: str
    count: int
    lines: tuple[Shown, ...]


SLUGS = {
    Group.OVERDUE: "qua-han",
    Group.SOON: "sap-den-han",
    Group.OTHER: "khac",
    Group.WAITING: "cho-van-phong",
    Group.DORMANT: "chua-phat-sinh",
    Group.DONE: "da-xong",
}
HEADINGS = {
    Group.OVERDUE: "Quá hạn",
    Group.SOON: "Sắp đến hạn",
    Group.OTHER: "Việc khác phải làm",
    Group.WAITING: "Đã trả lời, chờ văn phòng",
    Group.DORMANT: "Chưa phát sinh",
    Group.DONE: "Đã xong",
}
BY_SLUG = {slug: group for group, slug in SLUGS.items()}

_MOST_LETTERS = 170
"""Of a title in a list; its own page has all of it."""

_LATE = frozenset({Timeliness.OVERDUE, Timeliness.DONE_LATE})


def shown(visit: Visit, row: Row, whys: Mapping[str, Why]) -> Shown:
    """One line."""
    tracked, seen = row.tracked, row.seen
    promise = tracked.promise
    several = len(visit.mine.units) > 1 or promise.unit not in visit.mine.units
    return Shown(
        title=short(title_of(visit, row)),
        path=visit.path_of(promise.id),
        unit=visit.registry.full_name(promise.unit) if several else "",
        due=due_words(seen) if seen else _bare_due(row),
        standing=_standing(row),
        tone=tone_of(row),
        state=STATE_NAMES[tracked.standing.state],
        plan=plan_name(visit.book.plan_of(tracked)),
        why=why_words(whys.get(promise.id)),
        value=f"{row.revision}|{promise.id}",
        receivable=can_be_received(tracked),
    )


def title_of(visit: Visit, row: Row) -> str:
    """What has to be done, with the milestone and the period."""
    promise = row.tracked.promise
    period = period_name(promise.period)
    title = visit.book.task_of(row.tracked).heading(promise.milestone)
    return title + (f" (kỳ {period})" if period else "")


def short(title: str) -> str:
    """A title in one line, cut where a list has no room for more."""
    line = " ".join(title.split())
    return line if len(line) <= _MOST_LETTERS else line[: _MOST_LETTERS - 1].rstrip() + "…"


def plan_name(plan: PlanFacts) -> str:
    """ "Kế hoạch 128/KH-UBND ngày 27/05/2022", or its title where the number was left blank."""
    name = plan.number if plan.number[:1].isdigit() else plan.title
    return f"Kế hoạch {name}" + (f" ngày {plan.issued:%d/%m/%Y}" if plan.issued else "")


def why_words(why: Why | None) -> str:
    """Why the unit was told, and when."""
    return f"{why.reason} (tin ngày {why.day:%d/%m/%Y})" if why else ""


def tone_of(row: Row) -> str:
    """The class that colours the standing; the words say the same."""
    if row.seen is None or row.tracked.standing.state is State.WITHDRAWN:
        return "plain-words"
    if row.seen.timeliness in _LATE:
        return "late"
    return {Timeliness.DUE_SOON: "soon", Timeliness.DONE_ON_TIME: "done"}.get(
        row.seen.timeliness, "plain-words"
    )


def _standing(row: Row) -> str:
    if row.seen is None:
        return "chưa tính được vì lịch làm việc chưa có năm đó"
    if row.tracked.standing.state in (State.CONFIRMED, State.REPORTED, State.WITHDRAWN):
        return {Timeliness.DONE_LATE: "xong quá hạn", Timeliness.DONE_ON_TIME: "xong đúng hạn"}.get(
            row.seen.timeliness, ""
        )
    return standing_words(row.tracked, row.seen)


def _bare_due(row: Row) -> str:
    due: date | None = row.tracked.standing.due or row.tracked.promise.due
    return day_name(due) if due else ""
