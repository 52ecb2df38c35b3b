"""Events are recorded whole or not at all, one after the other, and any past day can be recomputed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.model.event import Event, EventKind
from engine.model.plan import Plan, PlanSettings
from engine.store import views
from engine.store.database import reading, writing
from engine.store.events import EventsRefused, record
from engine.store.sync import sync
from engine.store.tables import AssignmentRow, EventRow
from engine.tracking.assess import Tracked
from engine.tracking.progress import local_day, replay
from tests.cast import (
    CALENDAR,
    CULTURE,
    HOME_AFFAIRS,
    REGISTRY,
    UNDATED,
    after_event,
    at,
    due_on,
    plan,
    promises,
    said,
    task,
)
from tests.store.databases import Fresh, opened

NOW = at(date(2023, 3, 1))
DAY = date(2023, 3, 20)
ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
TWO = f"an-2023:pl1-2:{CULTURE}"
BASE = plan(task(), task("pl1-2", leads=(CULTURE,)))


def synced(store: Engine, *plans: Plan) -> None:
    with writing(store) as connection:
        sync(connection, plans, (), REGISTRY, CALENDAR, NOW)


def say(store: Engine, *events: Event) -> None:
    with writing(store) as connection:
        record(connection, events, CALENDAR, NOW)


def state_of(store: Engine, id: str) -> str:
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[id])
    return found.standing.state.value


def count_events(store: Engine) -> int:
    with reading(store) as connection:
        return connection.execute(select(func.count()).select_from(EventRow)).scalar_one()


def test_an_event_and_the_new_standing_are_written_together(store: Engine) -> None:
    synced(store, BASE)
    event = said(ONE, "progress", DAY, percent=40, by="chuyên viên", document="12/BC")
    say(store, event)
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[ONE])
        assert views.events_of(connection, [ONE]) == {ONE: [event]}
    assert (found.standing.state, found.standing.percent) == (State.IN_PROGRESS, 40)
    assert found.standing == replay(promises(BASE)[ONE], [event], PlanSettings(), CALENDAR)


def test_instants_come_back_aware_in_utc(store: Engine) -> None:
    synced(store, BASE)
    late = replace(said(ONE, "done", DAY), at=at(DAY, 23, 59))
    say(store, late)
    with reading(store) as connection:
        [event] = views.events_of(connection, [ONE])[ONE]
    assert event.at == late.at
    assert event.at.utcoffset() == timedelta(0)
    assert local_day(event.at) == DAY


def test_all_or_nothing_and_every_refusal_is_named(store: Engine) -> None:
    synced(store, BASE)
    events = [
        said(ONE, "done", DAY),
        said(TWO, "confirm", DAY),
        said(ONE, "confirm", DAY),
        said(ONE, "progress", DAY),
        said("an-2023:pl1-1:tinh.huyen-an.noi-vụ", "done", DAY),
    ]
    with pytest.raises(EventsRefused) as refused:
        say(store, *events)
    assert [index for index, _ in refused.value.refusals] == [1, 3, 4]
    words = [reason for _, reason in refused.value.refusals]
    assert words[0].startswith(f"{TWO}: Không thể xác nhận hoàn thành")
    assert f"Có phải là: {ONE}" in words[2]
    assert count_events(store) == 0
    assert state_of(store, ONE) == "not_started"


def test_events_of_one_file_build_on_each_other(store: Engine) -> None:
    synced(store, BASE)
    say(store, said(ONE, "done", DAY), said(TWO, "received", DAY), said(ONE, "confirm", DAY))
    assert (state_of(store, ONE), state_of(store, TWO)) == ("confirmed", "received")


def test_nothing_to_record_is_nothing(store: Engine) -> None:
    synced(store, BASE)
    say(store)
    assert count_events(store) == 0


def test_an_unknown_plan_points_to_the_list(store: Engine) -> None:
    synced(store, BASE)
    with pytest.raises(EventsRefused, match="dondoc assignments"):
        say(store, said("khong-co", "done", DAY))


def test_the_plans_own_settings_are_used(store: Engine) -> None:
    synced(store, plan(task(), settings=PlanSettings(roll=False)))
    say(store, said(ONE, "extend", DAY, new=date(2023, 5, 1)))
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[ONE])
    assert found.standing.rolled == date(2023, 5, 1)


def test_closed_work_costs_a_tick_nothing(store: Engine) -> None:
    synced(store, BASE)
    say(store, said(ONE, "done", DAY), said(ONE, "confirm", DAY))
    with reading(store) as connection:
        assert [t.promise.id for t in views.tracked(connection, REGISTRY, only_open=True)] == [TWO]
    say(store, said(ONE, "return", DAY), said(TWO, "withdraw", DAY))
    with reading(store) as connection:
        assert [t.promise.id for t in views.tracked(connection, REGISTRY, only_open=True)] == [ONE]


def test_the_list_can_be_narrowed(store: Engine) -> None:
    synced(store, BASE, plan(task(), id="khac-2023"))
    with reading(store) as connection:
        of_plan = views.tracked(connection, REGISTRY, plan="khac-2023")
        of_unit = views.tracked(connection, REGISTRY, units=[CULTURE])
    assert [t.promise.plan for t in of_plan] == ["khac-2023"]
    assert [t.promise.id for t in of_unit] == [TWO]


# --- two at once -----------------------------------------------------------------------------------------


def test_of_two_people_at_once_one_wins_and_the_other_is_refused(store: Engine) -> None:
    synced(store, BASE)
    say(store, said(ONE, "done", DAY))
    start = threading.Barrier(2)

    def try_to(kind: str) -> str:
        start.wait()
        try:
            say(store, said(ONE, kind, DAY))
        except EventsRefused:
            return "refused"
        return kind

    with ThreadPoolExecutor(2) as pool:
        outcome = sorted(pool.map(try_to, ["confirm", "confirm"]))
    assert outcome == ["confirm", "refused"]
    assert count_events(store) == 2


def test_of_confirm_and_decline_the_history_fits_the_standing(store: Engine) -> None:
    synced(store, BASE)
    start = threading.Barrier(4)

    def try_to(kind: str) -> None:
        start.wait()
        for id in (ONE, TWO):
            try:
                say(store, said(id, kind, DAY))
            except EventsRefused:
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(try_to, ["done", "declined", "progress", "confirm"]))
    with reading(store) as connection:
        for each in views.tracked(connection, REGISTRY):
            events = views.events_of(connection, [each.promise.id])[each.promise.id]
            assert each.standing == replay(each.promise, events, PlanSettings(), CALENDAR)


def while_held(store: Engine, first: Callable[[Connection], object], second: Callable[[], None]) -> None:
    """Runs ``second`` while the transaction of ``first`` is not yet committed."""
    with writing(store) as connection:
        first(connection)
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
    thread.join(20)
    assert not thread.is_alive()


def test_a_sync_beside_a_report_loses_neither(store: Engine, another: Fresh) -> None:
    synced(store, BASE)
    moved = plan(task(deadline=due_on(date(2023, 4, 28))), *BASE.tasks[1:])
    done = [said(ONE, "done", DAY)]
    while_held(store, lambda c: record(c, done, CALENDAR, NOW), lambda: synced(another(), moved))
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[ONE])
    assert found.promise.due == date(2023, 4, 28)
    assert found.standing.state is State.REPORTED


def test_two_syncs_at_once_are_as_good_as_one(store: Engine, another: Fresh) -> None:
    start = threading.Barrier(2)

    def run() -> int:
        mine = another()
        start.wait()
        with writing(mine) as connection:
            return len(sync(connection, [BASE], (), REGISTRY, CALENDAR, NOW).added)

    with ThreadPoolExecutor(2) as pool:
        added = [f.result() for f in [pool.submit(run), pool.submit(run)]]
    assert sorted(added) == [0, 2]


def test_a_sync_that_waits_for_another_sees_what_it_did(store: Engine, another: Fresh) -> None:
    added: list[int] = []

    def second() -> None:
        with writing(another()) as connection:
            added.append(len(sync(connection, [BASE], (), REGISTRY, CALENDAR, NOW).added))

    while_held(store, lambda c: sync(c, [BASE], (), REGISTRY, CALENDAR, NOW), second)
    assert added == [0]


# --- any past day ----------------------------------------------------------------------------------------


def as_of(store: Engine, day: date) -> dict[str, Tracked]:
    with reading(store) as connection:
        return {t.promise.id: t for t in views.tracked_as_of(connection, REGISTRY, CALENDAR, day)}


def test_a_past_day_is_as_it_was(store: Engine) -> None:
    synced(store, BASE)
    say(store, said(ONE, "progress", DAY, percent=10), said(ONE, "done", DAY + timedelta(days=2)))
    say(store, said(ONE, "return", DAY + timedelta(days=4)))
    states = [as_of(store, DAY + timedelta(days=n))[ONE].standing.state.value for n in range(-1, 6)]
    assert states == [
        "not_started",
        "in_progress",
        "in_progress",
        "reported",
        "reported",
        "returned",
        "returned",
    ]


@pytest.mark.parametrize(("hour", "minute", "state"), [(23, 59, "reported"), (0, 0, "not_started")])
def test_a_day_ends_at_midnight_in_viet_nam(store: Engine, hour: int, minute: int, state: str) -> None:
    synced(store, BASE)
    when = at(DAY if hour else DAY + timedelta(days=1), hour, minute)
    say(store, replace(said(ONE, "done", DAY), at=when))
    assert as_of(store, DAY)[ONE].standing.state.value == state


def test_a_plan_is_not_there_before_it_was_in_force(store: Engine) -> None:
    synced(store, BASE)
    assert as_of(store, date(2023, 2, 28)) == {}
    assert as_of(store, date(2023, 3, 1)).keys() == {ONE, TWO}


RECORDED = st.lists(
    st.tuples(
        st.sampled_from([ONE, TWO, f"an-2023:pl1-3:{HOME_AFFAIRS}", f"an-2023:pl1-4:{HOME_AFFAIRS}"]),
        st.sampled_from([k.value for k in EventKind]),
        st.datetimes(datetime(2023, 3, 1), datetime(2023, 3, 31)),  # noqa: DTZ001 - local, made aware below
        st.none() | st.dates(date(2023, 4, 1), date(2023, 6, 30)),
    ),
    max_size=15,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDED, st.dates(date(2023, 2, 27), date(2023, 4, 2)))
def test_as_of_equals_a_slow_replay(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_sqlite: Path,
    words: list[tuple[str, str, datetime, date | None]],
    day: date,
) -> None:
    """Also events that are told later than they happened (``--at``), in any order."""
    mine = plan(*BASE.tasks, task("pl1-3", deadline=UNDATED), task("pl1-4", deadline=after_event(5)))
    path = tmp_path_factory.mktemp("as-of") / "dondoc.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with opened(f"sqlite:///{path}") as store:
        synced(store, mine)
        taken: list[Event] = []
        for id, kind, when, new in words:
            event = replace(said(id, kind, DAY, new=new), at=at(when.date(), when.hour, when.minute))
            try:
                say(store, event)
            except EventsRefused:
                continue
            taken.append(event)
        found = as_of(store, day)
        now = as_of(store, date(2023, 4, 2))
    for id, promise in promises(mine).items():
        past = [e for e in taken if e.assignment == id and local_day(e.at) <= day]
        if day >= date(2023, 3, 1):
            assert found[id].standing == replay(promise, past, PlanSettings(), CALENDAR)
        assert now[id].standing == replay(
            promise, [e for e in taken if e.assignment == id], PlanSettings(), CALENDAR
        )


def test_a_plan_that_stops_rolling_moves_dates_entered_by_the_office(store: Engine) -> None:
    synced(store, plan(task(deadline=UNDATED)))
    say(store, said(ONE, "date", DAY, new=date(2023, 5, 1)))
    synced(store, plan(task(deadline=UNDATED), settings=PlanSettings(roll=False)))
    with reading(store) as connection:
        [now] = views.tracked(connection, REGISTRY)
    assert now.standing.rolled == date(2023, 5, 1)


def test_moving_the_standing_by_hand_does_not_move_the_past(store: Engine) -> None:
    synced(store, BASE)
    say(store, said(ONE, "progress", DAY))
    with writing(store) as connection:
        connection.execute(update(AssignmentRow).values(state="confirmed"))
    say(store, said(ONE, "return", date(2023, 4, 3)))
    assert as_of(store, DAY)[ONE].standing.state is State.IN_PROGRESS


def test_every_record_raises_the_revision(store: Engine) -> None:
    synced(store, BASE)
    say(store, said(ONE, "progress", DAY), said(ONE, "done", DAY))
    say(store, said(ONE, "confirm", DAY))
    with reading(store) as connection:
        rows = connection.execute(text("SELECT id, revision FROM assignment")).all()
    assert {row.id: row.revision for row in rows} == {ONE: 2, TWO: 0}
