"""The database follows the plan files, and never loses what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from engine.model.assignment import State
from engine.model.event import EventKind
from engine.model.plan import Plan, PlanSettings
from engine.store import views
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.sync import BY_SYNC, SyncResult, sync
from engine.store.tables import AssignmentRow, EventRow, PlanRow, TaskRow
from engine.units import Registry
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    COMMUNES,
    CULTURE,
    HOME_AFFAIRS,
    REGISTRY,
    TOWN,
    UNDATED,
    after_event,
    at,
    book,
    due_on,
    monthly,
    plan,
    promises,
    registry_with,
    said,
    task,
    unit,
    without,
)

NOW = at(date(2023, 3, 1))
ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
TWO = f"an-2023:pl1-2:{CULTURE}"
BASE = plan(
    task(), task("pl1-2", leads=(CULTURE,)), task("pl1-3", leads=(COMMUNES[0],), deadline=monthly(3, 4))
)


def synced(
    store: Engine,
    *plans: Plan,
    kept: tuple[str, ...] = (),
    registry: Registry = REGISTRY,
    dry_run: bool = False,
) -> SyncResult:
    with writing(store) as connection:
        return sync(connection, plans, kept, registry, CALENDAR, NOW, dry_run=dry_run)


def say(store: Engine, id: str, kind: str, day: date = date(2023, 3, 20), **more: object) -> None:
    with writing(store) as connection:
        record(connection, [said(id, kind, day, **more)], CALENDAR, NOW)


def states(store: Engine) -> dict[str, str]:
    with reading(store) as connection:
        return {t.promise.id: t.standing.state.value for t in views.tracked(connection, REGISTRY)}


def history(store: Engine, id: str) -> list[tuple[str, str]]:
    with reading(store) as connection:
        return [(e.kind.value, e.by) for e in views.events_of(connection, [id]).get(id, [])]


def everything(store: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that sync writes, but for the instant of the sync."""
    with reading(store) as connection:
        return {
            table.__tablename__: sorted(
                (
                    tuple(v for k, v in row.items() if k not in ("synced_at", "recorded_at"))
                    for row in connection.execute(select(table.__table__)).mappings()  # type: ignore[union-attr]
                ),
                key=repr,
            )
            for table in (PlanRow, TaskRow, AssignmentRow, EventRow)
        }


def test_the_first_sync_adds_everything(store: Engine) -> None:
    result = synced(store, BASE)
    assert (len(result.added), result.changed, result.withdrawn, result.plans) == (4, (), (), 1)
    assert states(store) == {
        ONE: "not_started",
        TWO: "not_started",
        f"an-2023:pl1-3:{COMMUNES[0]}:2023-03": "not_started",
        f"an-2023:pl1-3:{COMMUNES[0]}:2023-04": "not_started",
    }


def test_a_second_sync_changes_nothing(store: Engine) -> None:
    synced(store, BASE)
    before = everything(store)
    result = synced(store, BASE)
    assert (result.added, result.changed, result.withdrawn, result.restored) == ((), (), (), ())
    assert result.unchanged == 4
    assert everything(store) == before


def test_the_promises_come_back_as_they_were(store: Engine) -> None:
    mine = plan(
        task(),
        task("pl1-2", deadline=after_event(5)),
        task("pl1-3", deadline=monthly(3)),
        task("pl1-4", deadline=UNDATED, leads=(ALL_COMMUNES,)),
    )
    synced(store, mine)

    with reading(store) as connection:
        found = {t.promise.id: t.promise for t in views.tracked(connection, REGISTRY)}
    assert found == promises(mine)


def test_words_of_plans_and_tasks_come_back_as_they_were(store: Engine) -> None:

    mine = plan(task(helps=(ALL_COMMUNES,), title="Việc “một”\n- gạch đầu dòng"))
    synced(store, mine)
    with reading(store) as connection:
        assert views.plans(connection) == book(mine).plans
        assert views.tasks(connection) == book(mine).tasks
        assert views.count(connection) == 1


def test_a_dry_run_says_the_same_and_writes_nothing(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "progress")
    edited = without(plan(task(deadline=due_on(date(2023, 4, 28))), *BASE.tasks[1:], task("pl1-9")), "pl1-2")
    before = everything(store)
    foretold = synced(store, edited, dry_run=True)
    assert everything(store) == before
    assert foretold == synced(store, edited)
    assert (foretold.added, foretold.withdrawn) == ((f"an-2023:pl1-9:{HOME_AFFAIRS}",), (TWO,))


def test_a_moved_deadline_changes_the_promise_and_keeps_the_progress(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "progress", percent=30)
    result = synced(store, plan(task(deadline=due_on(date(2023, 5, 1))), *BASE.tasks[1:]))
    [change] = result.changed
    assert change.id == ONE
    assert change.differs == (
        ("due", date(2023, 3, 31), date(2023, 5, 1)),
        ("rolled", date(2023, 3, 31), date(2023, 5, 3)),
    )
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[ONE])
    assert (found.promise.due, found.standing.state, found.standing.percent) == (
        date(2023, 5, 1),
        State.IN_PROGRESS,
        30,
    )


def test_a_new_wording_is_no_change_of_the_promise(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "progress")
    result = synced(store, plan(task(title="Ban hành kế hoạch (sửa)"), *BASE.tasks[1:]))
    assert (result.changed, result.unchanged) == ((), 4)
    with reading(store) as connection:
        assert views.tasks(connection)["an-2023", "pl1-1"].title == "Ban hành kế hoạch (sửa)"
    assert states(store)[ONE] == "in_progress"


def test_a_task_that_left_is_withdrawn_with_its_history(store: Engine) -> None:
    synced(store, BASE)
    say(store, TWO, "progress")
    result = synced(store, without(BASE, "pl1-2"))
    assert result.withdrawn == (TWO,)
    assert states(store)[TWO] == "withdrawn"
    assert history(store, TWO) == [("progress", ""), ("withdraw", BY_SYNC)]
    with reading(store) as connection:
        assert ("an-2023", "pl1-2") in views.tasks(connection)
    assert synced(store, without(BASE, "pl1-2")).withdrawn == ()


def test_a_task_that_comes_back_stands_where_it_stood(store: Engine) -> None:
    synced(store, BASE)
    say(store, TWO, "progress")
    synced(store, without(BASE, "pl1-2"))
    result = synced(store, BASE)
    assert result.restored == (TWO,)
    assert states(store)[TWO] == "in_progress"
    assert history(store, TWO)[-1] == ("reinstate", BY_SYNC)
    assert synced(store, BASE).restored == ()


def test_a_plan_that_left_is_withdrawn_whole(store: Engine) -> None:
    other = plan(task(), id="khac-2023")
    synced(store, BASE, other)
    result = synced(store, other)
    assert len(result.withdrawn) == 4
    assert states(store)[f"khac-2023:pl1-1:{HOME_AFFAIRS}"] == "not_started"


def test_a_plan_whose_file_is_broken_is_left_alone(store: Engine) -> None:
    synced(store, BASE)
    result = synced(store, kept=("an-2023",))
    assert result.withdrawn == ()
    assert set(states(store).values()) == {"not_started"}


def test_what_the_office_withdrew_stays_withdrawn(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "withdraw")
    moved = plan(task(deadline=due_on(date(2023, 4, 28))), *BASE.tasks[1:])
    for edited in (BASE, moved, without(BASE, "pl1-1"), BASE):
        assert ONE not in synced(store, edited).restored
        assert states(store)[ONE] == "withdrawn"
    assert history(store, ONE) == [("withdraw", "")]


def test_the_last_one_to_withdraw_decides(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "withdraw")
    say(store, ONE, "reinstate")
    synced(store, without(BASE, "pl1-1"))
    assert synced(store, BASE).restored == (ONE,)
    assert states(store)[ONE] == "not_started"


def test_what_the_office_gave_back_against_the_plan_is_withdrawn_again(store: Engine) -> None:
    synced(store, BASE)
    synced(store, without(BASE, "pl1-1"))
    say(store, ONE, "reinstate")
    assert synced(store, without(BASE, "pl1-1")).withdrawn == (ONE,)


def test_history_is_never_deleted(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "progress")
    say(store, TWO, "done")
    seen: list[tuple[object, ...]] = []
    for edited in (without(BASE, "pl1-1"), plan(), BASE, plan(task(deadline=UNDATED))):
        synced(store, edited)
        rows = everything(store)["event"]
        assert set(seen) <= set(rows)
        seen = rows
    with reading(store) as connection:
        assert connection.execute(select(func.count()).select_from(AssignmentRow)).scalar_one() == 4


def test_members_of_a_group_come_and_go(store: Engine) -> None:
    mine = plan(task(leads=(ALL_COMMUNES,)))
    synced(store, mine)
    gone = replace(REGISTRY.units[TOWN], valid_to=date(2023, 2, 28))

    new = unit("tinh.huyen-an.bon", "UBND xã Bốn", "committee", "xã")
    result = synced(store, mine, registry=registry_with(gone, new))
    assert result.added == ("an-2023:pl1-1:tinh.huyen-an.bon",)
    assert result.withdrawn == (f"an-2023:pl1-1:{TOWN}",)


@pytest.mark.parametrize(
    ("settings", "rolled"), [(PlanSettings(), date(2023, 5, 3)), (PlanSettings(roll=False), date(2023, 5, 1))]
)
def test_an_extension_is_reckoned_anew_when_the_promise_changes(
    store: Engine, settings: PlanSettings, rolled: date
) -> None:
    synced(store, BASE)
    say(store, ONE, "extend", new=date(2023, 5, 1))
    synced(store, plan(task(deadline=due_on(date(2023, 4, 14))), *BASE.tasks[1:], settings=settings))
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[ONE])
    assert (found.standing.due, found.standing.rolled) == (date(2023, 5, 1), rolled)


def test_a_promise_later_than_the_extension_makes_it_void(store: Engine) -> None:
    synced(store, BASE)
    say(store, ONE, "extend", new=date(2023, 4, 14))
    synced(store, plan(task(deadline=due_on(date(2023, 6, 30))), *BASE.tasks[1:]))
    with reading(store) as connection:
        [found] = views.tracked(connection, REGISTRY, ids=[ONE])
    assert found.standing.due is None
    assert history(store, ONE) == [(EventKind.EXTEND.value, "")]
