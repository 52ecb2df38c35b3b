"""What somebody wants to see in a list, and what that means in days and ids. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.model.assignment import State
from engine.model.unit import Level
from engine.notices.notice import Book
from engine.tracking.assess import DUE_SOON_DAYS
from engine.vietnamese import without_marks
from engine.workdays import MissingYear, WorkCalendar

PAGE_SIZE = 50
"""Rows on one page."""

SHORT_DELAY = 7
LONG_DELAY = 30
"""Working days late that part the bands of lateness."""


class Kind(StrEnum):
    """Which list."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    AWAITING = "awaiting"
    ALL = "all"


class Lateness(StrEnum):
    """How late, in working days. What fell due on the eve of a day off is 0 days late and a short delay."""

    SHORT = "short"
    MIDDLE = "middle"
    LONG = "long"


class Mark(StrEnum):
    """What stands out about an assignment."""

    AWAITING = "awaiting"
    SILENT = "silent"
    EXTENSION = "extension"
    DECLINED = "declined"
    UNDATED = "undated"


class Order(StrEnum):
    """What stands first: the earliest deadline, the latest, each unit's together, who waits longest."""

    DUE = "due"
    NEWEST = "newest"
    UNIT = "unit"
    WAITED = "waited"


ORDERS: Mapping[Kind, tuple[Order, ...]] = {
    Kind.OVERDUE: (Order.DUE, Order.NEWEST, Order.UNIT),
    Kind.DUE_SOON: (Order.DUE, Order.UNIT),
    Kind.AWAITING: (Order.WAITED, Order.DUE, Order.UNIT),
    Kind.ALL: (Order.DUE, Order.UNIT),
}
"""The orders of each list; the first one holds unless another is chosen."""


@dataclass(frozen=True, slots=True)
class ListFilter:
    """One view of the assignments; ``unit`` takes its subtree along unless ``only_unit``.

    ``lateness`` narrows overdue work alone, ``state`` the list of all; withdrawn assignments are shown
    only where ``state`` asks for them.
    """

    kind: Kind = Kind.OVERDUE
    plan: str | None = None
    unit: str | None = None
    only_unit: bool = False
    level: Level | None = None
    lateness: Lateness | None = None
    mark: Mark | None = None
    state: State | None = None
    text: str = ""
    order: Order | None = None

    @property
    def in_order(self) -> Order:
        """The order in force."""
        return self.order or ORDERS[self.kind][0]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Days late and days left as days of the calendar, so that a database can compare them.

    ``soon_until``: the last deadline that is due soon; ``short_since``, ``middle_since``: the first
    deadline that is a short, a middle delay today. None where the calendar does not hold this year.
    """

    today: date
    soon_until: date | None
    short_since: date | None
    middle_since: date | None


def bounds(today: date, calendar: WorkCalendar) -> Bounds:
    """The bounds of ``today``; they say of every deadline what ``assess`` says."""
    if not calendar.covers(today.year):
        return Bounds(today, None, None, None)
    return Bounds(
        today, _until(today, calendar), *(_since(today, n, calendar) for n in (SHORT_DELAY, LONG_DELAY))
    )


def _until(today: date, calendar: WorkCalendar) -> date:
    """The last day with at most DUE_SOON_DAYS working days from ``today``; the last one known where the
    calendar ends before."""
    try:
        return calendar.add_working_days(today, DUE_SOON_DAYS + 1) - timedelta(days=1)
    except MissingYear as error:
        return date(error.year - 1, 12, 31)


def _since(today: date, days: int, calendar: WorkCalendar) -> date:
    """The first day from which at most ``days`` working days have passed until ``today``."""
    try:
        return calendar.add_working_days(today, calendar.is_working_day(today) - days - 1)
    except MissingYear as error:
        return date(error.year + 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search text matched: whole tasks (plan, id), and units."""

    tasks: tuple[tuple[str, str], ...]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The words of tasks and units without accents; made once for a book."""

    tasks: tuple[tuple[tuple[str, str], str], ...]
    units: tuple[tuple[str, str], ...]

    def find(self, text: str) -> Found | None:
        """The tasks (by title, STT, number of the plan) and the units (by name) that hold every word of
        ``text``; None when that is no restriction."""
        words = without_marks(text).split()
        if not words:
            return None
        tasks = tuple(key for key, words_of in self.tasks if all(word in words_of for word in words))
        if len(tasks) == len(self.tasks):
            return None
        units = frozenset(id for id, name in self.units if all(word in name for word in words))
        return Found(tasks, units)


def search_index(book: Book) -> SearchIndex:
    """What can be searched in ``book``; takes a moment for thousands of tasks."""
    numbers = {id: plan.number for id, plan in book.plans.items()}
    tasks = tuple(
        (
            key,
            without_marks(
                " ".join(
                    _words(task.stt, task.group, task.title, numbers.get(key[0]), *_titles(task.milestones))
                )
            ),
        )
        for key, task in book.tasks.items()
    )
    registry = book.registry
    units = tuple((id, without_marks(registry.full_name(id))) for id in (*registry.units, *registry.groups))
    return SearchIndex(tasks, units)


def _titles(milestones: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    return (milestone[0] for milestone in milestones)


def _words(*texts: str | None) -> Iterable[str]:
    return (text for text in texts if text)


@dataclass(frozen=True, slots=True)
class Lens:
    """A filter with everything that a database needs to apply it.

    ``units`` None means all of them. ``future``: plans not yet in force, whose assignments no list shows;
    ``confirmed``: plans in which only what is confirmed counts as done. ``is_broad``: the units and the words
    leave more than a tenth of all there is.
    """

    filter: ListFilter
    bounds: Bounds
    units: frozenset[str] | None
    found: Found | None
    future: tuple[str, ...]
    confirmed: tuple[str, ...]
    is_broad: bool = False


def lens(wanted: ListFilter, book: Book, index: SearchIndex, today: date, calendar: WorkCalendar) -> Lens:
    """``wanted`` seen on ``today`` with the plans and units of ``book``."""
    found = index.find(wanted.text)
    if found is not None and wanted.plan is not None:
        found = Found(tuple(key for key in found.tasks if key[0] == wanted.plan), found.units)
    units = _units(wanted, book)
    return Lens(
        filter=wanted,
        bounds=bounds(today, calendar),
        units=units,
        found=found,
        future=tuple(id for id, plan in book.plans.items() if plan.starts > today),
        confirmed=tuple(id for id, plan in book.plans.items() if plan.settings.completion == "confirmed"),
        is_broad=_is_broad(wanted, units, found, book),
    )


def _is_broad(wanted: ListFilter, units: frozenset[str] | None, found: Found | None, book: Book) -> bool:
    all_units, all_tasks = len(book.registry.units), len(book.tasks)
    if wanted.plan is not None:
        return False
    many_units = units is None or 10 * len(units) > all_units
    many_found = found is None or 10 * len(found.tasks) > all_tasks or 10 * len(found.units) > all_units
    return many_units and many_found


def _units(wanted: ListFilter, book: Book) -> frozenset[str] | None:
    units = book.registry.units
    chosen: frozenset[str] | None = None
    if wanted.unit is not None:
        chosen = frozenset({wanted.unit}) if wanted.only_unit else book.registry.subtree(wanted.unit)
    if wanted.level is None:
        return chosen
    of_level = frozenset(id for id, unit in units.items() if unit.level == wanted.level)
    return of_level if chosen is None else chosen & of_level
