"""The overview's figures are what ``assess`` says of every assignment, now and on any past day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from engine.model.assignment import Timeliness
from engine.model.event import Event, EventKind
from engine.model.plan import PlanSettings
from engine.notices.notice import Book
from engine.store import views
from engine.store.database import reading, writing
from engine.store.events import EventsRefused, record
from engine.store.figures.counts import Counts, chosen, percent, total
from engine.store.figures.kept import MOST_UNITS, Figures
from engine.store.figures.outcome import OF_TIMELINESS, Outcome
from engine.store.figures.tally import count_groups
from engine.store.figures.trend import overdue_groups
from engine.store.figures.year import deadlines_of_year, due_on, years
from engine.store.lists.counts import By, counts, counts_by
from engine.store.lists.filters import Kind, ListFilter, lens, search_index
from engine.store.sync import sync
from engine.tracking.assess import assess
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    CONTINUOUS,
    CULTURE,
    DISTRICT,
    EXTERNAL,
    HOME_AFFAIRS,
    OFFICE,
    REGISTRY,
    SCHOOLS,
    UNDATED,
    after_event,
    at,
    monthly,
    plan,
    promises,
    said,
    task,
    without,
)
from tests.cast import due_on as on
from tests.store.databases import Fresh

NOW = at(date(2023, 3, 1))
SOON = date(2023, 4, 10)
TASKS = (
    task("t-1", leads=(HOME_AFFAIRS, CULTURE), deadline=on(SOON)),
    task("t-2", leads=(ALL_COMMUNES,), deadline=on(date(2023, 4, 30))),
    task("t-3", leads=(CULTURE,), deadline=monthly(4, 5)),
    task("t-4", leads=(CULTURE,), deadline=after_event(5)),
    task("t-5", leads=(HOME_AFFAIRS,), deadline=after_event()),
    task("t-6", leads=(OFFICE,), deadline=UNDATED),
    task("t-7", leads=(OFFICE,), deadline=EXTERNAL),
    task("t-8", leads=(CULTURE,), deadline=replace(CONTINUOUS, end=date(2023, 4, 20))),
    task("t-9", leads=(SCHOOLS,), deadline=on(SOON)),
)
REPORTING = plan(*TASKS)
CONFIRMING = plan(*TASKS[:6], id="xac-nhan-2023", settings=PlanSettings(completion="confirmed"))
LATER = replace(plan(*TASKS[:3], id="sau-2023"), issued=date(2023, 4, 18))
PLANS = (REPORTING, CONFIRMING, LATER)
IDS = sorted(id for p in PLANS for id in promises(p))

DAYS = st.dates(date(2023, 3, 20), date(2023, 6, 5))
KINDS = st.sampled_from(
    # Words that bring an assignment forward are drawn more often, or little would ever be done.
    [*EventKind, *[EventKind.DONE, EventKind.CONFIRM, EventKind.RETURN] * 3]
)
WORDS = st.lists(
    st.tuples(st.sampled_from(IDS), KINDS, DAYS, st.none() | DAYS, st.booleans()), min_size=10, max_size=70
)


@contextmanager
def undone(store: Engine) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with store.connect() as connection:
        begun = connection.begin()
        yield connection
        begun.rollback()


def say(connection: Connection, events: list[Event]) -> None:
    """Records those that fit, one by one."""
    for event in events:
        try:
            record(connection, [event], CALENDAR, NOW)
        except EventsRefused:
            continue


def events(words: list[tuple[str, EventKind, date, date | None, bool]]) -> list[Event]:
    return [said(id, kind, day, new=new, cures=cures) for id, kind, day, new, cures in words]


def judged(connection: Connection, today: date) -> dict[tuple[str, str], Counter[str]]:
    """The slow and obvious count: of plans in force, as everywhere."""
    known = views.plans(connection)
    found: dict[tuple[str, str], Counter[str]] = {}
    for each in views.tracked(connection, REGISTRY):
        if known[each.promise.plan].starts > today:
            continue
        outcome = OF_TIMELINESS[assess(each, today, CALENDAR).timeliness]
        found.setdefault((each.promise.unit, each.promise.plan), Counter())[outcome.value] += 1
    return found


def as_counters(groups: dict[tuple[str, str], Counts]) -> dict[tuple[str, str], Counter[str]]:
    return {
        group: Counter({o.value: getattr(counts, o.value) for o in Outcome if getattr(counts, o.value)})
        for group, counts in groups.items()
    }


def assert_lists_agree(connection: Connection, today: date, counted: dict[Any, Counts]) -> None:
    """The lists, which count in a way of their own, say the same where both count the same thing."""
    book = Book(REGISTRY, views.plans(connection), views.tasks(connection))
    index = search_index(book)
    for by, place in ((By.UNIT, 0), (By.PLAN, 1)):
        listed = counts_by(connection, lens(ListFilter(), book, index, today, CALENDAR), by)
        for name in {group[place] for group in counted}:
            mine = total(counts for group, counts in counted.items() if group[place] == name)
            assert listed[name].kinds[Kind.OVERDUE] == mine.open_overdue
            assert listed[name].kinds[Kind.DUE_SOON] <= mine.open_within_time
    for unit in (DISTRICT, HOME_AFFAIRS):
        below = lens(ListFilter(unit=unit, plan="an-2023"), book, index, today, CALENDAR)
        mine = total(chosen(counted, "an-2023", REGISTRY.subtree(unit)).values())
        assert counts(connection, below, [Kind.OVERDUE]).kinds[Kind.OVERDUE] == mine.open_overdue


def overdue_then(connection: Connection, day: date) -> Counter[tuple[str, str]]:
    """The slow and obvious way to a past day."""
    return Counter(
        (each.promise.unit, each.promise.plan)
        for each in views.tracked_as_of(connection, REGISTRY, CALENDAR, day)
        if assess(each, day, CALENDAR).timeliness is Timeliness.OVERDUE
    )


def trend_of(
    groups: dict[tuple[str, str], tuple[int, ...]], days: list[date]
) -> list[Counter[tuple[str, str]]]:
    return [
        Counter({group: counts[n] for group, counts in groups.items() if counts[n]})
        for n, _ in enumerate(days)
    ]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, today=st.dates(date(2023, 4, 1), date(2023, 6, 10)))
def test_the_count_is_what_assess_says(store: Engine, words: list[Any], today: date) -> None:
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        say(connection, events(words))
        counted = count_groups(connection, today)
        assert as_counters(counted) == judged(connection, today)
        everything = total(counted.values())
        if today >= LATER.starts:
            assert everything.assigned + everything.left_out == len(IDS)
        year = deadlines_of_year(connection, 2023, today)
        assert sum(day.due for day in year.values()) == everything.dated
        assert sum(day.owed for day in year.values()) == everything.open_overdue + everything.open_within_time


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, today=st.dates(date(2023, 4, 1), date(2023, 6, 10)))
def test_the_lists_count_the_same(store: Engine, words: list[Any], today: date) -> None:
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        say(connection, events(words))
        assert_lists_agree(connection, today, count_groups(connection, today))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, more=WORDS, left=st.sampled_from(["t-1", "t-2", "t-4"]))
def test_the_trend_is_what_the_events_tell(
    store: Engine, words: list[Any], more: list[Any], left: str
) -> None:
    days = [date(2023, 3, 31) + timedelta(days=6 * n) for n in range(12)]
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        say(connection, events(words))
        # An author takes a task out and puts it back; another plan counts completion in another way.
        shorter = [without(p, left) for p in PLANS]
        sync(connection, shorter, (), REGISTRY, CALENDAR, at(date(2023, 4, 25)))
        say(connection, events(more))
        assert trend_of(overdue_groups(connection, CALENDAR, days), days) == [
            overdue_then(connection, day) for day in days
        ]
        otherwise = replace(REPORTING, settings=PlanSettings(completion="confirmed"))
        sync(connection, [otherwise, *PLANS[1:]], (), REGISTRY, CALENDAR, at(date(2023, 5, 10)))
        assert trend_of(overdue_groups(connection, CALENDAR, days), days) == [
            overdue_then(connection, day) for day in days
        ]


def test_a_word_said_late_about_an_earlier_day_moves_that_day(store: Engine) -> None:
    """Confirmed before it was reported, by the days they name: done only once both were said."""
    id = f"xac-nhan-2023:t-1:{CULTURE}"
    days = [date(2023, 4, d) for d in range(10, 20)]
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        say(connection, [said(id, "done", date(2023, 4, 15)), said(id, "confirm", date(2023, 4, 12))])
        counted = overdue_groups(connection, CALENDAR, days)[CULTURE, "xac-nhan-2023"]
        assert counted == (0, 1, 1, 1, 1, 0, 0, 0, 0, 0)
        assert trend_of(overdue_groups(connection, CALENDAR, days), days) == [
            overdue_then(connection, day) for day in days
        ]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(WORDS, min_size=2, max_size=4))
def test_what_is_kept_never_differs_from_a_fresh_count(store: Engine, steps: list[list[Any]]) -> None:
    kept, today = Figures(), date(2023, 5, 3)
    days = [date(2023, 4, 12), date(2023, 4, 26), today]
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        for words in steps:
            say(connection, events(words[:12]))
            assert kept.now(connection, today) == count_groups(connection, today)
            window = (date(2023, 4, 5), date(2023, 4, 30))
            assert kept.fallen_due(connection, today, *window) == count_groups(connection, today, due=window)
            fresh = overdue_groups(connection, CALENDAR, days)
            assert _without_zeros(kept.trend(connection, CALENDAR, "week", days)) == fresh
        assert kept.now(connection, date(2023, 5, 30)) == count_groups(connection, date(2023, 5, 30))


def _without_zeros(groups: Any) -> dict[Any, Any]:
    return {group: counts for group, counts in groups.items() if any(counts)}


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)  # SQLite has one writer
def test_an_event_of_a_transaction_that_ends_later_is_seen(store: Engine, another: Fresh) -> None:
    """PostgreSQL numbers the first event before the second, and the second is seen first."""
    one, two = f"an-2023:t-1:{CULTURE}", f"an-2023:t-1:{HOME_AFFAIRS}"
    with writing(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
    today, kept = date(2023, 5, 3), Figures()

    def agrees() -> None:
        with reading(store) as connection:
            assert kept.now(connection, today) == count_groups(connection, today)

    agrees()
    with another().begin() as slow:
        record(slow, [said(one, "done", SOON)], CALENDAR, NOW)
        agrees()
        with writing(store) as quick:
            record(quick, [said(two, "done", SOON)], CALENDAR, NOW)
        agrees()
        agrees()
    agrees()
    with reading(store) as connection:
        assert total(kept.now(connection, today).values()).done_on_time == 2


def test_many_units_at_once_are_counted_as_a_whole(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.figures.kept.MOST_UNITS", 1)
    assert MOST_UNITS > 1
    today, kept = date(2023, 5, 3), Figures()
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        kept.now(connection, today)
        say(connection, [said(id, "done", SOON) for id in IDS])
        assert kept.now(connection, today) == count_groups(connection, today)


def test_deadlines_fall_on_the_rolled_day(store: Engine) -> None:
    """30 April 2023 is a Sunday, 1 May a holiday, 2 May swapped for 6 May: the day that counts is 3 May."""
    rolled = date(2023, 5, 3)
    with undone(store) as connection:
        assert years(connection) is None
        sync(connection, [REPORTING], (), REGISTRY, CALENDAR, NOW)
        year = deadlines_of_year(connection, 2023, rolled)
        assert {day: (each.due, each.owed) for day, each in year.items()} == {
            SOON: (3, 3),
            date(2023, 4, 20): (1, 1),
            rolled: (4, 4),
            date(2023, 5, 22): (1, 1),
        }
        say(connection, [said(f"an-2023:t-1:{CULTURE}", "done", SOON)])
        [withdrawn, *_] = [id for id in IDS if id.startswith("an-2023:t-2")]
        say(connection, [said(withdrawn, "withdraw", SOON)])
        year = deadlines_of_year(connection, 2023, rolled)
        assert (year[SOON].due, year[SOON].owed, year[rolled].due) == (3, 2, 3)
        count, found = due_on(connection, SOON, rolled)
        assert (count, len(found)) == (3, 3)
        count, found = due_on(connection, SOON, rolled, units={CULTURE}, plan="an-2023")
        assert (count, [each.promise.unit for each in found]) == (1, [CULTURE])
        assert years(connection) == (2023, 2023)
        assert deadlines_of_year(connection, 2022, rolled) == {}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, None), (0, 7, 0.0), (7, 7, 100.0), (1, 3, 33.3), (1, 100_000, 0.1), (99_999, 100_000, 99.9)],
)
def test_a_share_is_neither_all_nor_nothing_unless_it_is(part: int, whole: int, shown: float | None) -> None:
    assert percent(part, whole) == shown


def test_shares_name_what_they_are_shares_of() -> None:
    counts = Counts(6, 2, 10, 2, 5, 9)
    assert (counts.assigned, counts.dated, counts.done, counts.judged) == (25, 20, 8, 10)
    assert (counts.done_of_dated, counts.overdue_of_dated, counts.on_time_of_judged) == (40.0, 10.0, 60.0)
    assert Counts().on_time_of_judged is None


def test_groups_are_chosen_by_plan_and_units() -> None:
    groups = {("a", "p"): 1, ("b", "p"): 2, ("a", "q"): 3}
    assert chosen(groups, None, None) == groups
    assert chosen(groups, "p", None) == {("a", "p"): 1, ("b", "p"): 2}
    assert chosen(groups, "p", frozenset({"a"})) == {("a", "p"): 1}
