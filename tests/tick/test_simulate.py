"""A simulation is the ticks of each day with nobody answering: the same people, subjects and words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from engine.model.deadline import Deadline
from engine.model.event import Event
from engine.model.plan import Plan, PlanSettings, Task
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.load import load_rules
from engine.simulate import SimulatedMessage, simulate
from engine.store import views
from engine.store.database import reading
from engine.store.messages.reach import reach_on_paper
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, OFFICER, Contact
from engine.tick import tick
from engine.tracking.assess import Tracked
from engine.tracking.progress import replay
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    COMMUNES,
    CONTINUOUS,
    CULTURE,
    HOLIDAY,
    HOME_AFFAIRS,
    ISSUED,
    OFFICE,
    REGISTRY,
    SCHOOLS,
    TOWN,
    UNDATED,
    after_event,
    at,
    book,
    days,
    due_on,
    in_force,
    monthly,
    plan,
    promises,
    registry_with,
    ruleset,
    said,
    task,
)
from tests.ruleset.production import shipped_files
from tests.store.databases import opened
from tests.tick.desk import EVERYBODY, Desk, FarEnd, address, desk_with

ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
Told = list[tuple[date, str, str, str]]


def simulated(
    desk: Desk, first: date, last: date, *, worded: bool = True, channels: Sequence[str] = ()
) -> list[SimulatedMessage]:
    """What the simulation foretells from the database as it stands."""
    with reading(desk.store) as connection:
        tracked = views.tracked(connection, desk.files.registry, only_open=True)
        plans, tasks = views.plans(connection), views.tasks(connection)
        people = contacts.active(connection)
    words = replace(book(), registry=desk.files.registry, plans=plans, tasks=tasks)
    rules, calendar = desk.files.ruleset, desk.files.calendar
    reach = reach_on_paper(people, channels)
    return list(simulate(tracked, rules, words, calendar, first, last, reach, worded=worded))


def foretold(desk: Desk, first: date, last: date) -> Told:
    return sorted((m.day, m.address.value, m.subject, m.text) for m in simulated(desk, first, last))


def ticked(desk: Desk, first: date, last: date) -> Told:
    """What really arrives when every day is ticked once and nobody answers."""
    told: Told = []
    for day in days(first, last):
        before = len(desk.far_end.arrived)
        desk.tick(day)
        arrived = desk.far_end.arrived[before:]
        told += [(day, m.recipient.value, m.subject, m.text) for m in arrived]
    return sorted(told)


PAST_THE_HOLIDAYS = date(2023, 5, 12)

BUSY = plan(
    task(helps=(CULTURE, ALL_COMMUNES)),
    task("pl1-2", leads=(ALL_COMMUNES,), deadline=due_on(HOLIDAY), title="Báo cáo"),
    task("pl1-3", leads=(CULTURE, OFFICE), deadline=monthly(3, 4, 5), helps=(HOME_AFFAIRS,)),
    task("pl1-4", leads=(SCHOOLS,), deadline=CONTINUOUS),
    task("pl1-5", deadline=UNDATED),
    task("pl1-6", leads=(TOWN,), deadline=after_event(5)),
)


def test_a_simulation_is_the_ticks_of_each_day(store: Engine) -> None:
    desk = desk_with(store, [BUSY])
    expected = foretold(desk, ISSUED, PAST_THE_HOLIDAYS)
    assert expected
    assert ticked(desk, ISSUED, PAST_THE_HOLIDAYS) == expected


def test_with_the_shipped_rules_too(migrated_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "dondoc.db").write_bytes(migrated_sqlite.read_bytes())
    rules = shipped_ruleset()
    with opened(f"sqlite:///{tmp_path / 'dondoc.db'}") as store:
        desk = desk_with(store, [BUSY])
        desk.files = replace(desk.files, ruleset=rules)
        expected = foretold(desk, ISSUED, PAST_THE_HOLIDAYS)
        assert len(expected) > 20
        assert any("tổng hợp tuần" in subject.lower() for _, _, subject, _ in expected)
        told = ticked(desk, ISSUED, PAST_THE_HOLIDAYS)
        assert [without_figures(each) for each in told] == [without_figures(each) for each in expected]


def without_figures(told: tuple[date, str, str, str]) -> tuple[date, str, str, str]:
    """A summary on paper has the period alone: its figures are counted when it goes out."""
    return (*told[:3], re.sub(r"(?ms)^(TỔNG HỢP .*?\n).*?\n\n", r"\1", told[3]))


def shipped_ruleset() -> RuleSet:
    rules, _ = load_rules(shipped_files())
    assert rules is not None
    return rules


def test_a_simulation_takes_the_ways_that_the_passes_take(store: Engine) -> None:
    everybody = [
        Contact(unit, HEAD, "", address(unit), zalo=f"chat-{n}", channels=("zalo",) if n % 2 else ())
        for n, unit in enumerate(EVERYBODY)
    ]
    desk = desk_with(store, [BUSY], people=everybody)
    last = date(2023, 3, 31)
    found = simulated(desk, ISSUED, last, channels=("email", "zalo"))
    ends = {name: FarEnd() for name in ("email", "zalo")}
    told: list[tuple[date, str, str, str]] = []
    for name, end in ends.items():
        end.name = name
    for day in days(ISSUED, last):
        now = at(day)
        before = {name: len(end.arrived) for name, end in ends.items()}
        tick(store, desk.files, now, dict(ends), desk.worker, partial(at, day))
        told += [
            (day, name, m.recipient.value, m.text)
            for name, end in ends.items()
            for m in end.arrived[before[name] :]
        ]
    assert sorted((m.day, m.address.channel, m.address.value, m.text) for m in found) == sorted(told)
    assert {channel for _, channel, *_ in told} == {"email", "zalo"}


def test_a_simulation_writes_and_sends_nothing(store: Engine) -> None:
    desk = desk_with(store, [BUSY])
    simulated(desk, ISSUED, PAST_THE_HOLIDAYS)
    for table in ("slot", "notice", "message", "delivery"):
        assert desk.rows(f"SELECT * FROM {table}") == []
    assert desk.far_end.tried == []


def test_nobody_gets_two_messages_on_one_day(store: Engine) -> None:
    same = "chung@thu.test"
    people = [Contact(u, HEAD, f"Người {n}", same if n % 2 else address(u)) for n, u in enumerate(EVERYBODY)]
    desk = desk_with(store, [BUSY], people=people)
    found = simulated(desk, ISSUED, PAST_THE_HOLIDAYS, worded=False)
    seen = [(m.day, m.address.value) for m in found]
    assert len(seen) == len(set(seen))
    assert all(m.text == "" for m in found)
    assert ticked(desk, ISSUED, PAST_THE_HOLIDAYS)[0][0] == ISSUED


def test_the_ids_and_rules_of_each_message_are_there(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2", leads=(CULTURE,)))])
    found = simulated(desk, date(2023, 4, 3), date(2023, 4, 7))
    assert [(m.day.day, m.address.value.partition("@")[0], m.rules, m.assignments) for m in found] == [
        (3, "noi-vu", ("qua-han",), (ONE,)),
        (3, "van-hoa", ("qua-han",), (f"an-2023:pl1-2:{CULTURE}",)),
        (5, "noi-vu", ("qua-han",), (ONE,)),
        (5, "van-hoa", ("qua-han",), (f"an-2023:pl1-2:{CULTURE}",)),
        (7, "van-phong", ("bao-theo-doi",), (ONE, f"an-2023:pl1-2:{CULTURE}")),
    ]


def test_no_contacts_at_all_are_lines_on_the_offices_desk(store: Engine) -> None:
    desk = desk_with(store, [plan(task())], people=[])
    found = simulated(desk, ISSUED, date(2023, 3, 31))
    assert {(m.address.channel, m.address.value) for m in found} == {("none", f"unit:{HOME_AFFAIRS}")}


def test_a_silence_that_ends_is_foretold(store: Engine) -> None:
    """Snoozed over the third day late: told on the day that the snooze ends, in both."""
    desk = desk_with(store, [plan(task())])
    desk.say(said(ONE, "snooze", date(2023, 3, 1), new=date(2023, 4, 6)))
    expected = foretold(desk, ISSUED, date(2023, 4, 14))
    assert date(2023, 4, 6) in [day for day, *_ in expected]
    assert ticked(desk, ISSUED, date(2023, 4, 14)) == expected


def test_days_of_rest_are_passed_over(store: Engine) -> None:
    desk = desk_with(store, [BUSY])
    for message in simulated(desk, date(2023, 4, 25), PAST_THE_HOLIDAYS, worded=False):
        assert CALENDAR.is_working_day(message.day)


def test_a_merger_during_the_year_is_foretold(store: Engine) -> None:
    town = replace(REGISTRY.units[TOWN], valid_to=date(2023, 3, 31), merged_into=COMMUNES[0])
    desk = desk_with(store, [plan(task(leads=(TOWN,), deadline=due_on(date(2023, 6, 30))))])
    desk.files = in_force(registry_with(town))
    assert ticked(desk, ISSUED, date(2023, 4, 7)) == foretold_for(desk, ISSUED, date(2023, 4, 7))


def foretold_for(desk: Desk, first: date, last: date) -> Told:
    """The same from the files alone, as the database has told already."""
    mine = plan(task(leads=(TOWN,), deadline=due_on(date(2023, 6, 30))))
    tracked = [
        Tracked(p, replay(p, (), PlanSettings(), CALENDAR), "reported", "commune")
        for p in promises(mine, desk.files.registry).values()
    ]
    people = {u: [Contact(u, HEAD, "", address(u))] for u in EVERYBODY}
    words = book(mine, registry=desk.files.registry)
    found = simulate(tracked, ruleset(), words, CALENDAR, first, last, reach_on_paper(people), worded=True)
    return sorted((m.day, m.address.value, m.subject, m.text) for m in found)


# --- any small plan ------------------------------------------------------------------------------------

LEADS = st.lists(
    st.sampled_from([HOME_AFFAIRS, CULTURE, OFFICE, ALL_COMMUNES, SCHOOLS]), min_size=1, max_size=2
)
DEADLINES = st.one_of(
    st.dates(date(2023, 3, 3), date(2023, 5, 10)).map(due_on),
    st.sampled_from([monthly(3, 4), CONTINUOUS, UNDATED, after_event(5)]),
)
ROWS = st.lists(st.tuples(LEADS, DEADLINES, LEADS), min_size=1, max_size=4)
KINDS = st.sampled_from(["progress", "done", "extension", "extend", "snooze", "declined", "withdraw"])
WORDS = st.lists(
    st.tuples(st.integers(0, 30), KINDS, st.dates(date(2023, 4, 3), date(2023, 5, 20))), max_size=3
)


def _rows(drawn: Iterable[tuple[Sequence[str], Deadline, Sequence[str]]]) -> list[Task]:
    return [
        task(f"pl1-{n}", leads=leads, deadline=deadline, helps=helps)
        for n, (leads, deadline, helps) in enumerate(drawn, start=1)
    ]


def _said(mine: Plan, drawn: Sequence[tuple[int, str, date]]) -> list[Event]:
    """Some words of the plan's first day that fit."""
    found: list[Event] = []
    known = promises(mine)
    for number, kind, new in drawn:
        id = sorted(known)[number % len(known)]
        event = said(id, kind, ISSUED, new=new)
        earlier = [e for e in found if e.assignment == id]
        if replay(known[id], [*earlier, event], PlanSettings(), CALENDAR) != replay(
            known[id], earlier, PlanSettings(), CALENDAR
        ):
            found.append(event)
    return found


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ROWS, WORDS, st.booleans(), st.dates(ISSUED, date(2023, 4, 3)))
def test_for_any_small_plan(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_sqlite: Path,
    drawn: list[tuple[list[str], Deadline, list[str]]],
    words: list[tuple[int, str, date]],
    shared: bool,
    first: date,
) -> None:
    mine = plan(*_rows(drawn))
    people: list[Contact | str] = [*EVERYBODY]
    if shared:
        people += [Contact(u, OFFICER, f"Chuyên viên {u}", "chung@thu.test") for u in (CULTURE, OFFICE)]
    path = tmp_path_factory.mktemp("simulate") / "dondoc.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with opened(f"sqlite:///{path}") as store:
        desk = desk_with(store, [mine], people=people)
        if events := _said(mine, words):
            desk.say(*events)
        last = first + timedelta(days=25)
        expected = foretold(desk, first, last)
        assert ticked(desk, first, last) == expected
