"""The unit's page groups assignments as ``assess`` judges them, and shows nobody else's; both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from engine.model.assignment import Promise, Standing, State, Timeliness
from engine.model.deadline import DeadlineKind
from engine.notices.notice import Book, Notice
from engine.ruleset.rule import Role, Tone
from engine.store.database import reading, writing
from engine.store.mapping import promise_columns, standing_columns
from engine.store.messages import notices
from engine.store.tables import AssignmentRow, ContributionRow
from engine.store.work import contributions, unit_work
from engine.store.work.contributions import Share
from engine.store.work.unit_work import Group, Whose, Why
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import OPEN_STATES
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CULTURE,
    HOME_AFFAIRS,
    OFFICE,
    REGISTRY,
    SCHOOLS,
    at,
    book,
    plan,
    registry_with,
    task,
)

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_CONTRIBUTION = ContributionRow.__table__  # type: ignore[attr-defined]

FIRST = date(2023, 3, 1)
LATER = replace(plan(task(), id="sau-2023"), issued=date(2023, 12, 1))
BOOK = book(plan(task(), task("pl1-2", helps=(CULTURE,))), LATER)
Case = tuple[Promise, Standing]


@st.composite
def cases(draw: st.DrawFn) -> list[Case]:
    """Assignments of all sorts around April 2023."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        due = draw(st.none() | st.dates(date(2023, 3, 15), date(2023, 6, 15)))
        promise = Promise(
            id=f"x:{number}",
            plan=draw(st.sampled_from(["an-2023", "an-2023", "sau-2023"])),
            task="pl1-1",
            unit=draw(st.sampled_from([HOME_AFFAIRS, CULTURE, SCHOOLS])),
            milestone=None,
            period=None,
            kind=DeadlineKind.DATE,
            starts=draw(st.dates(date(2023, 3, 1), date(2023, 5, 15))),
            due=due,
            rolled=CALENDAR.roll(due) if due else None,
            ends=draw(st.none() | st.dates(date(2023, 4, 1), date(2023, 5, 30))),
            trigger=None,
            offset_days=None,
            offset_working=False,
            collective=False,
        )
        moved = draw(st.none() | st.dates(date(2023, 4, 1), date(2023, 6, 15)))
        standing = Standing(draw(st.sampled_from(State)), since=draw(st.none() | st.just(date(2023, 4, 3))))
        if moved:
            standing = replace(standing, due=moved, rolled=CALENDAR.roll(moved))
        found.append((promise, standing))
    return found


def stored(store: Engine, made: Sequence[Case]) -> None:
    with writing(store) as connection:
        connection.execute(delete(_CONTRIBUTION))
        connection.execute(delete(_ASSIGNMENT))
        rows = [
            {
                "id": p.id,
                **promise_columns(p),
                **standing_columns(p, s),
                "synced_at": at(FIRST),
                "revision": 3,
            }
            for p, s in made
        ]
        if rows:
            connection.execute(insert(_ASSIGNMENT), rows)


def group_of(promise: Promise, standing: Standing, today: date) -> Group | None:
    """Where an assignment belongs, asked of ``assess``."""
    seen = assess(Tracked(promise, standing, "reported", "district"), today, CALENDAR)
    match standing.state:
        case State.CONFIRMED:
            return Group.DONE
        case State.REPORTED | State.DECLINED:
            return Group.WAITING
        case State.DORMANT:
            return Group.DORMANT
        case State.WITHDRAWN:
            return None
    return {
        Timeliness.OVERDUE: Group.OVERDUE,
        Timeliness.DUE_SOON: Group.SOON,
        Timeliness.NOT_APPLICABLE: Group.DONE,
    }.get(seen.timeliness, Group.OTHER)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cases(), st.dates(date(2023, 4, 1), date(2023, 5, 31)), st.sampled_from([HOME_AFFAIRS, OFFICE]))
def test_groups_are_what_assess_says(store: Engine, made: list[Case], today: date, unit: str) -> None:
    stored(store, made)
    mine = unit_work.whose([unit], BOOK, today)
    # The office watches the plans, so it answers for the schools, which nobody listed.
    ours = HOME_AFFAIRS if unit == HOME_AFFAIRS else SCHOOLS
    expected: dict[Group, set[str]] = {group: set() for group in Group}
    for promise, standing in made:
        group = group_of(promise, standing, today)
        if promise.unit == ours and promise.plan == "an-2023" and group is not None:
            expected[group].add(promise.id)
    with reading(store) as connection:
        counted = unit_work.counts(connection, mine, BOOK, CALENDAR, today)
        listed = {g: unit_work.rows(connection, mine, g, BOOK, CALENDAR, today, 50) for g in Group}
    assert {g: {row.tracked.promise.id for row in listed[g]} for g in Group} == expected
    assert counted == {g: len(ids) for g, ids in expected.items()}
    for group in (Group.OVERDUE, Group.SOON, Group.OTHER):
        days = [row.seen.rolled or date.max for row in listed[group] if row.seen]
        assert days == sorted(days)
        assert all(row.tracked.standing.state in OPEN_STATES for row in listed[group])
    assert all(unit_work.owns(mine, row.tracked) and row.revision == 3 for g in Group for row in listed[g])


def test_due_soon_ends_where_assess_ends_it() -> None:
    for n in range(250):
        today = FIRST + timedelta(days=n)
        end = unit_work.soon_until(today, CALENDAR)
        for day, soon in ((end, True), (end + timedelta(days=1), False)):
            promise = replace(_promise(1), due=day, rolled=day)
            seen = assess(Tracked(promise, Standing(State.NOT_STARTED), "reported", "x"), today, CALENDAR)
            assert (seen.timeliness is Timeliness.DUE_SOON) is soon, (today, day)


def test_pages_neither_skip_nor_repeat(store: Engine) -> None:
    made = [(replace(_promise(n), due=FIRST, rolled=FIRST), Standing(State.NOT_STARTED)) for n in range(25)]
    stored(store, made)
    mine, today = unit_work.whose([HOME_AFFAIRS], BOOK, date(2023, 4, 3)), date(2023, 4, 3)
    with reading(store) as connection:
        seen = [
            row.tracked.promise.id
            for offset in (0, 10, 20)
            for row in unit_work.rows(connection, mine, Group.OVERDUE, BOOK, CALENDAR, today, 10, offset)
        ]
    assert Counter(seen) == Counter(p.id for p, _ in made)


def _promise(number: int, unit: str = HOME_AFFAIRS, task_id: str = "pl1-1") -> Promise:
    return Promise(
        id=f"an-2023:{task_id}:{unit}:{number:03}",
        plan="an-2023",
        task=task_id,
        unit=unit,
        milestone=None,
        period=None,
        kind=DeadlineKind.DATE,
        starts=FIRST,
        due=None,
        rolled=None,
        ends=None,
        trigger=None,
        offset_days=None,
        offset_working=False,
        collective=False,
    )


def test_an_heir_answers_from_the_day_after() -> None:
    last = date(2023, 6, 30)
    merged = replace(REGISTRY.units[COMMUNES[0]], valid_to=last, merged_into=COMMUNES[1])
    gone = replace(REGISTRY.units[COMMUNES[2]], valid_to=last)
    there = Book(registry_with(merged, gone), BOOK.plans, BOOK.tasks)
    assert unit_work.whose([COMMUNES[1]], there, last).units == {COMMUNES[1]}
    after = last + timedelta(days=1)
    assert unit_work.whose([COMMUNES[1]], there, after) == Whose(
        frozenset(COMMUNES[:2]), frozenset(), frozenset()
    )
    monitor = unit_work.whose([OFFICE], there, after)
    assert COMMUNES[2] in monitor.orphans
    assert monitor.plans == {"an-2023", "sau-2023"}
    for unit in (*COMMUNES, SCHOOLS, HOME_AFFAIRS):
        tracked = Tracked(_promise(1, unit), Standing(State.NOT_STARTED), "reported", "x")
        for asked in (*COMMUNES, OFFICE, HOME_AFFAIRS):
            answers = there.answering(unit, BOOK.plans["an-2023"], after) == asked
            own = unit == asked
            assert unit_work.owns(unit_work.whose([asked], there, after), tracked) is (answers or own)


def test_the_last_reason_is_the_one_that_is_shown(store: Engine) -> None:
    stored(store, [(_promise(1), Standing(State.NOT_STARTED))])
    id = _promise(1).id

    def told(recipient: str, occasion: str, why: str) -> Notice:
        return Notice("luat", id, "-", recipient, occasion, Role.LEAD, Tone.WARN, why)

    given_out = [
        told(HOME_AFFAIRS, "1", "cũ"),
        told(HOME_AFFAIRS, "2", "mới"),
        told(OFFICE, "3", "của nơi khác"),
    ]
    with writing(store) as connection:
        notices.insert_notices(connection, given_out, FIRST, at(FIRST))
        assert unit_work.reasons(connection, [id], [HOME_AFFAIRS]) == {}  # nothing went out yet
        notices.set_state(connection, [1, 2, 3], notices.COMPOSED)
        notices.insert_notices(connection, [told(HOME_AFFAIRS, "4", "chờ")], FIRST, at(FIRST))
        assert unit_work.reasons(connection, [id], [HOME_AFFAIRS]) == {id: Why("mới", FIRST)}


def test_a_contribution_counts_once_for_all_who_lead(store: Engine) -> None:
    led = [_promise(n, unit, "pl1-2") for n, unit in enumerate(COMMUNES)]
    periods = [replace(p, id=p.id + ":2023-04", period="2023-04") for p in led]
    standings = [State.NOT_STARTED, State.CONFIRMED, State.WITHDRAWN]
    stored(
        store, [(p, Standing(s)) for group in (led, periods) for p, s in zip(group, standings, strict=True)]
    )
    key = ("an-2023", "pl1-2")

    def seen() -> list[tuple[str | None, int, int, int, bool]]:
        with reading(store) as connection:
            found = contributions.shares(connection, [key], [CULTURE])
        return sorted((s.period or "", s.leads, s.open, s.mine, s.is_done) for s in found)

    assert seen() == [("", 2, 1, 0, False), ("2023-04", 2, 1, 0, False)]
    part = Share(*key, None, "2023-04", 0, 0, 0, None)
    with writing(store) as connection:
        assert contributions.contribute(connection, [part], [CULTURE], "bà An", "xong", at(FIRST)) == 2
        assert contributions.contribute(connection, [part], [CULTURE], "bà An", "nữa", at(FIRST)) == 0
    assert seen() == [("", 2, 1, 0, False), ("2023-04", 2, 1, 2, True)]
    with reading(store) as connection:
        assert contributions.shares(connection, [], [CULTURE]) == []
        notes = connection.execute(_CONTRIBUTION.select()).mappings().all()
    assert {(row["unit"], row["note"]) for row in notes} == {(CULTURE, "xong")}
