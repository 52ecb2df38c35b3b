"""Pages for other systems on both databases: filters agree with the judge; no row twice, none missing."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select, update

from engine.model.assignment import State, Timeliness
from engine.model.plan import PlanSettings
from engine.store import views
from engine.store.access import keys
from engine.store.access.keys import Scope
from engine.store.database import reading, writing
from engine.store.events import EventsRefused, record
from engine.store.sync import sync
from engine.store.tables import ApiRequestRow, AssignmentRow
from engine.store.work import api_requests
from engine.store.work.api_requests import NameTaken
from engine.store.work.assignment_pages import Position, Standing, Wanted, history, one, owed_by, page
from engine.tracking.assess import assess
from engine.workdays import MissingYear
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CONTINUOUS,
    CULTURE,
    HOME_AFFAIRS,
    REGISTRY,
    UNDATED,
    after_event,
    at,
    book,
    due_on,
    plan,
    said,
    task,
)

NOW = at(date(2023, 3, 1))
TODAY = date(2023, 5, 3)
PLANS = [
    plan(
        task(),
        task("pl1-2", leads=COMMUNES, deadline=due_on(date(2023, 5, 8))),
        task("pl1-3", leads=(CULTURE,), deadline=CONTINUOUS),
        task("pl1-4", leads=(CULTURE, *COMMUNES), deadline=after_event(10)),
        task("pl1-5", leads=(HOME_AFFAIRS,), deadline=UNDATED),
        task("pl1-6", leads=COMMUNES, deadline=due_on(date(2023, 12, 29))),
    ),
    plan(
        task(leads=COMMUNES, deadline=due_on(date(2023, 4, 20))),
        task("pl1-2", leads=(CULTURE,), deadline=due_on(date(2023, 5, 12))),
        id="binh-2023",
        settings=PlanSettings(completion="confirmed"),
    ),
]
BOOK = book(*PLANS)

_ROW = AssignmentRow.__table__  # type: ignore[attr-defined]


@pytest.fixture
def stocked(store: Engine) -> Engine:
    with writing(store) as connection:
        sync(connection, PLANS, (), REGISTRY, CALENDAR, NOW)
    return store


def everything(store: Engine, wanted: Wanted, limit: int, today: date) -> list[Standing]:
    found: list[Standing] = []
    after: Position | None = None
    for _ in range(1000):
        with reading(store) as connection:
            got = page(connection, wanted, after, limit, BOOK, CALENDAR, today)
        assert len(got.rows) <= limit
        found += got.rows
        if got.next is None:
            return found
        after = got.next
    raise AssertionError("the pages never end")


def judged(store: Engine, today: date) -> dict[str, Timeliness | None]:
    with reading(store) as connection:
        tracked = views.tracked(connection, REGISTRY)
    seen: dict[str, Timeliness | None] = {}
    for each in tracked:
        try:
            seen[each.promise.id] = assess(each, today, CALENDAR).timeliness
        except MissingYear:
            seen[each.promise.id] = None
    return seen


def ids(rows: Sequence[Standing]) -> list[str]:
    return [row.tracked.promise.id for row in rows]


MOVES = st.lists(
    st.tuples(
        st.integers(0, 23),
        st.sampled_from(
            ["received", "progress", "done", "confirm", "return", "withdraw", "trigger", "declined"]
        ),
        st.dates(date(2023, 3, 1), TODAY),
    ),
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, today=st.dates(date(2022, 12, 30), date(2025, 1, 2)), limit=st.integers(1, 9))
def test_every_timeliness_is_the_judges(
    stocked: Engine, moves: list[tuple[int, str, date]], today: date, limit: int
) -> None:
    with writing(stocked) as connection:
        known = list(connection.execute(select(_ROW.c.id).order_by(_ROW.c.id)).scalars())
        for number, kind, day in moves:
            event = said(known[number % len(known)], kind, day)
            with suppress(EventsRefused), connection.begin_nested():
                record(connection, [event], CALENDAR, NOW)
    seen = judged(stocked, today)
    assert sorted(ids(everything(stocked, Wanted(), limit, today))) == sorted(seen)
    for timeliness in Timeliness:
        found = ids(everything(stocked, Wanted(timeliness=timeliness), limit, today))
        assert sorted(found) == sorted(id for id, word in seen.items() if word is timeliness), timeliness
        assert len(set(found)) == len(found)


def test_filters_narrow_together(stocked: Engine) -> None:
    def found(**wanted: object) -> set[str]:
        return set(ids(everything(stocked, Wanted(**wanted), 3, TODAY)))  # type: ignore[arg-type]

    assert {id.split(":")[0] for id in found(plan="binh-2023")} == {"binh-2023"}
    assert {id.split(":")[2] for id in found(units=frozenset(COMMUNES[:2]))} == set(COMMUNES[:2])
    many = frozenset({*COMMUNES[:2], *(f"khong-co-{n}" for n in range(200))})
    assert found(units=many) == found(units=frozenset(COMMUNES[:2]))
    assert found(units=frozenset()) == set()
    assert {id.split(":")[1] for id in found(state=State.DORMANT)} == {"pl1-4"}
    day = date(2023, 5, 12)
    assert found(due_from=day, due_to=day) == {f"binh-2023:pl1-2:{CULTURE}"}
    assert found(plan="an-2023", due_from=date(2023, 12, 1), units=frozenset({COMMUNES[0]})) == {
        f"an-2023:pl1-6:{COMMUNES[0]}"
    }


def test_changes_come_in_their_order_and_again_when_they_change_again(stocked: Engine) -> None:
    wanted = Wanted(changed_since=NOW + timedelta(hours=1))
    assert everything(stocked, wanted, 2, TODAY) == []
    first, second = f"an-2023:pl1-6:{COMMUNES[2]}", f"an-2023:pl1-6:{COMMUNES[0]}"
    same_moment = [f"an-2023:pl1-2:{unit}" for unit in COMMUNES]

    def say(now: datetime, *assignments: str) -> None:
        with writing(stocked) as connection:
            record(connection, [said(id, "progress", now.date()) for id in assignments], CALENDAR, now)

    say(NOW + timedelta(hours=2), first)
    say(NOW + timedelta(hours=3), second)
    say(NOW + timedelta(hours=4), *same_moment)
    assert ids(everything(stocked, wanted, 1, TODAY)) == [first, second, *sorted(same_moment)]
    say(NOW + timedelta(hours=5), first)
    assert ids(everything(stocked, wanted, 2, TODAY)) == [second, *sorted(same_moment), first]
    with writing(stocked) as connection:
        moved = replace(
            PLANS[1], tasks=(task(leads=COMMUNES, deadline=due_on(date(2023, 4, 21))), PLANS[1].tasks[1])
        )
        sync(connection, [PLANS[0], moved], (), REGISTRY, CALENDAR, NOW + timedelta(hours=6))
    assert len(everything(stocked, replace(wanted, changed_since=NOW + timedelta(hours=6)), 2, TODAY)) == 3


def test_one_row_its_history_and_what_is_owed(stocked: Engine) -> None:
    id = f"binh-2023:pl1-2:{CULTURE}"
    with writing(stocked) as connection:
        number = record(connection, [said(id, "progress", TODAY, percent=7)], CALENDAR, NOW)[0]
        found = one(connection, id, BOOK, CALENDAR, TODAY)
        assert found is not None
        assert (found.revision, found.changed_at, found.tracked.standing.percent) == (1, NOW, 7)
        assert one(connection, "khong-co", BOOK, CALENDAR, TODAY) is None
        assert [(n, at) for n, at, _ in history(connection, id)] == [(number, NOW)]
        owed = owed_by(connection, COMMUNES, BOOK, CALENDAR, TODAY, 100)
        days = [row.seen.rolled for row in owed if row.seen is not None and row.seen.rolled is not None]
        assert len(days) == len(owed) == 9
        assert days == sorted(days)
        assert len(owed_by(connection, COMMUNES, BOOK, CALENDAR, TODAY, 2)) == 2
        before = date(2023, 2, 1)
        assert owed_by(connection, COMMUNES, BOOK, CALENDAR, before, 100) == []


def test_a_row_of_before_the_migration_is_still_found(stocked: Engine) -> None:
    with writing(stocked) as connection:
        connection.execute(update(_ROW).values(changed_at=None))
    assert {row.changed_at for row in everything(stocked, Wanted(), 100, TODAY)} == {NOW}


def test_a_name_is_taken_once_however_many_ask_at_once(stocked: Engine) -> None:
    with writing(stocked) as connection:
        key, _ = keys.make(connection, "Hệ thống", frozenset({Scope.SUBMIT}), "quản trị", NOW)
    id = f"binh-2023:pl1-2:{CULTURE}"

    def ask(_: int) -> int:
        with writing(stocked) as connection:
            asked = api_requests.take(connection, key.id, "mot", "noi dung", NOW)
            if asked.event is not None:
                return asked.event
            number = record(connection, [said(id, "progress", TODAY)], CALENDAR, NOW)[0]
            api_requests.recorded(connection, asked, number)
            return number

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(ask, range(10)))) == 1
    with writing(stocked) as connection:
        assert len(history(connection, id)) == 1
        with pytest.raises(NameTaken):
            api_requests.take(connection, key.id, "mot", "khác", NOW)
        later = NOW + api_requests.KEPT + timedelta(seconds=1)
        assert api_requests.take(connection, key.id, "mot", "khác", later).event is None
        connection.execute(delete(ApiRequestRow))
        assert connection.execute(select(func.count()).select_from(ApiRequestRow)).scalar_one() == 0
