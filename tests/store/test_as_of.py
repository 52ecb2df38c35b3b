"""The counts of any past day are what replaying every event and asking ``assess`` gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from engine.model.plan import Plan, PlanSettings
from engine.store import views
from engine.store.figures.as_of import Question, Split, by_task, by_unit, rows
from engine.store.figures.counts import Counts
from engine.store.figures.outcome import OF_TIMELINESS
from engine.store.figures.tally import count_groups
from engine.store.sync import sync
from engine.tracking.assess import Tracked, assess, begins_on
from engine.tracking.progress import limit
from tests.cast import CALENDAR, COMMUNES, CULTURE, HOME_AFFAIRS, REGISTRY, at, plan, said, task, without
from tests.cast import due_on as on
from tests.store.test_figures import NOW, PLANS, REPORTING, SOON, WORDS, events, say, undone

DAYS = st.dates(date(2023, 3, 1), date(2023, 6, 10))
Counted = dict[tuple[str, str], tuple[Counter[str], Counter[str], int]]


def slowly(connection: Connection, asked: Question, *, tasks: bool) -> Counted:
    """The obvious way: every assignment as it stood, one by one."""
    plans = views.plans(connection)
    found: Counted = {}
    for each in views.tracked_as_of(connection, REGISTRY, CALENDAR, asked.day):
        promise = each.promise
        if asked.plans is not None and promise.plan not in asked.plans:
            continue
        if asked.units is not None and promise.unit not in asked.units:
            continue
        group = (promise.plan, promise.task) if tasks else (promise.unit, promise.plan)
        given_, carried, outside = found.get(group, (Counter(), Counter(), 0))
        outcome = OF_TIMELINESS[assess(each, asked.day, CALENDAR).timeliness].value
        begins = begins_on(each, plans[promise.plan].starts)
        if asked.first is None:
            given_[outcome] += 1
        elif begins > asked.until or done_before(each, asked.first):
            outside += 1
        else:
            (carried if begins < asked.first else given_)[outcome] += 1
        found[group] = (given_, carried, outside)
    return found


def done_before(each: Tracked, day: date) -> bool:
    if limit(each.promise, each.standing) is None:
        return False
    words = [each.standing.reported_on]
    if each.completion == "confirmed":
        words = [each.standing.confirmed_on, *filter(None, words)]
    return all(word is not None and word < day for word in words)


def quickly(found: dict[tuple[str, str], Split]) -> Counted:
    return {
        group: (counter(split.given), counter(split.carried), split.outside)
        for group, split in found.items()
        if split.rows
    }


def counter(counts: Counts) -> Counter[str]:
    return Counter({name: n for name in counts.__slots__ if (n := getattr(counts, name))})


def assert_equal(connection: Connection, asked: Question) -> None:
    for tasks, function in ((False, by_unit), (True, by_task)):
        counted = function(connection, CALENDAR, asked)
        assert quickly(counted) == slowly(connection, asked, tasks=tasks)
        assert sum(split.rows for split in counted.values()) == rows(connection, asked)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=WORDS,
    more=WORDS,
    left=st.sampled_from(["t-1", "t-2", "t-4"]),
    moved=st.dates(date(2023, 4, 3), date(2023, 5, 12)),
    days=st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=3, max_size=3),
    units=st.none() | st.sampled_from([[CULTURE], [HOME_AFFAIRS, CULTURE]]),
)
def test_any_day_is_what_the_events_tell(
    store: Engine,
    words: list[Any],
    more: list[Any],
    left: str,
    moved: date,
    days: list[tuple[date, date | None]],
    units: list[str] | None,
) -> None:
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        say(connection, events(words))
        # An author moves a deadline, takes a task out, puts it back with a new one beside it.
        sync(
            connection, [without(otherwise(p, moved), left) for p in PLANS], (), REGISTRY, CALENDAR, at(SOON)
        )
        say(connection, events(more))
        new = replace(REPORTING, tasks=(*REPORTING.tasks, task("t-10", leads=COMMUNES, deadline=on(moved))))
        confirming = replace(new, settings=PlanSettings(completion="confirmed"))
        sync(connection, [confirming, *PLANS[1:]], (), REGISTRY, CALENDAR, at(date(2023, 5, 2)))
        for day, first in days:
            begin = min(first, day) if first else None
            # Of a window that still runs, too: its last day is yet to come.
            last = max(first, day) if first else None
            assert_equal(connection, Question(day, begin, units=units, last=last))
        assert_equal(connection, Question(days[0][0], None, ("an-2023",)))


def otherwise(of: Plan, moved: date) -> Plan:
    """The plan with the first task's day moved."""
    first, *rest = of.tasks
    return replace(of, tasks=(replace(first, deadline=on(moved)), *rest))


def test_today_is_what_the_overview_counts(store: Engine) -> None:
    with undone(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
        say(connection, [said(f"an-2023:t-1:{CULTURE}", "done", date(2023, 4, 5))])
        today = date(2023, 5, 3)
        counted = by_unit(connection, CALENDAR, Question(today))
        assert {group: split.counts for group, split in counted.items()} == count_groups(connection, today)


def test_what_the_file_said_then(store: Engine) -> None:
    """A deadline moved on 20 April was missed on the 12th, as the report of that day said."""
    mine = plan(task("t-1", leads=(CULTURE,), deadline=on(date(2023, 4, 11))))
    later = plan(task("t-1", leads=(CULTURE,), deadline=on(date(2023, 5, 11))), task("t-2", leads=(CULTURE,)))
    with undone(store) as connection:
        sync(connection, [mine], (), REGISTRY, CALENDAR, NOW)
        sync(connection, [later], (), REGISTRY, CALENDAR, at(date(2023, 4, 20)))
        seen = {
            day: by_unit(connection, CALENDAR, Question(date(2023, 4, day)))[CULTURE, "an-2023"].counts
            for day in (11, 12, 19, 20)
        }
    assert [counts.open_overdue for counts in seen.values()] == [0, 1, 1, 1]
    assert [counts.assigned for counts in seen.values()] == [1, 1, 1, 2]
    assert seen[20].open_overdue == 1  # the other one, due on 31 March


def test_a_plan_brought_in_later_speaks_of_earlier_days_as_it_is(store: Engine) -> None:
    mine = plan(task("t-1", leads=(CULTURE,), deadline=on(date(2023, 4, 11))))
    later = plan(task("t-1", leads=(CULTURE,), deadline=on(date(2023, 5, 11))))
    with undone(store) as connection:
        sync(connection, [mine], (), REGISTRY, CALENDAR, at(date(2026, 11, 20)))
        sync(connection, [later], (), REGISTRY, CALENDAR, at(date(2026, 11, 21)))
        [split] = by_unit(connection, CALENDAR, Question(date(2023, 4, 12))).values()
    assert (split.counts.open_overdue, split.counts.open_within_time) == (0, 1)


def test_what_left_a_plan_is_read_as_it_was_then(store: Engine) -> None:
    """Reported in time on the 5th, taken out on the 20th; only afterwards the day of confirmation counts."""
    gone = task("t-1", leads=(CULTURE,), deadline=on(date(2023, 4, 11)))
    mine = plan(gone, task("t-2", leads=(HOME_AFFAIRS,), deadline=on(date(2023, 6, 1))))
    confirming = replace(without(mine, "t-1"), settings=PlanSettings(completion="confirmed"))
    with undone(store) as connection:
        sync(connection, [mine], (), REGISTRY, CALENDAR, NOW)
        say(connection, [said(f"an-2023:t-1:{CULTURE}", "done", date(2023, 4, 5))])
        sync(connection, [without(mine, "t-1")], (), REGISTRY, CALENDAR, at(date(2023, 4, 20)))
        sync(connection, [confirming], (), REGISTRY, CALENDAR, at(date(2023, 5, 2)))
        asked = Question(date(2023, 4, 12))
        counts = by_unit(connection, CALENDAR, asked)[CULTURE, "an-2023"].counts
        assert_equal(connection, asked)
    assert (counts.done_on_time, counts.open_overdue) == (1, 0)
