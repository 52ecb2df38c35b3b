"""The lists say what ``assess`` says of every assignment: rows, order and all counts, on both databases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert

from engine.model.assignment import Extension, Promise, Standing, State, Timeliness
from engine.model.deadline import DeadlineKind
from engine.model.event import EventKind
from engine.model.facts import PlanFacts, TaskFacts
from engine.model.plan import PlanSettings
from engine.notices.notice import Book
from engine.store.database import reading, writing
from engine.store.lists.counts import By, Counts, counts, counts_by
from engine.store.lists.filters import (
    ORDERS,
    PAGE_SIZE,
    Bounds,
    Kind,
    Lateness,
    Lens,
    ListFilter,
    Mark,
    Order,
    bounds,
    lens,
    search_index,
)
from engine.store.lists.page import Row, first_rows, pages, rows_of_page
from engine.store.mapping import promise_columns, standing_columns
from engine.store.schema import migrate
from engine.store.tables import AssignmentRow, ContributionRow, EventRow, PlanRow
from engine.store.tables.work import OWED, REPORTED
from engine.tracking.assess import Assessment, Tracked, assess, is_open
from engine.tracking.progress import apply, opening
from engine.workdays import MissingYear
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CULTURE,
    DISTRICT,
    HOME_AFFAIRS,
    OTHER_DISTRICT,
    PROVINCE,
    REGISTRY,
    SCHOOLS,
    at,
    said,
)
from tests.store.databases import opened

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]

TODAY = date(2023, 5, 4)
UNITS = (
    HOME_AFFAIRS,
    CULTURE,
    DISTRICT,
    COMMUNES[0],
    COMMUNES[1],
    PROVINCE,
    f"{OTHER_DISTRICT}.mot",
    SCHOOLS,
)


def a_plan(id: str, number: str, starts: date, completion: str = "reported") -> PlanFacts:
    kept = PlanSettings(completion=completion)  # type: ignore[arg-type]
    return PlanFacts(id, number, f"Kế hoạch {id}", DISTRICT, starts, starts, 2023, CULTURE, DISTRICT, kept)


def a_task(plan: str, id: str, title: str, helps: Sequence[str] = ()) -> TaskFacts:
    return TaskFacts(
        *(plan, id, 1, id, None, None, None, title, "", "", tuple(helps), "", "", ()),
    )


PLANS = {
    p.id: p
    for p in (
        a_plan("a", "15/KH-UBND", date(2023, 1, 3)),
        a_plan("b", "128/KH-UBND", date(2023, 1, 3), "confirmed"),
        a_plan("sau", "7/KH-UBND", date(2023, 9, 1)),
    )
}
TASKS = {
    (t.plan, t.id): t
    for plan in PLANS
    for t in (
        a_task(plan, "1", "Đẩy mạnh số hóa hồ sơ", helps=(HOME_AFFAIRS, CULTURE)),
        a_task(plan, "2", "Báo cáo kết quả"),
    )
}
BOOK = Book(REGISTRY, PLANS, TASKS)
INDEX = search_index(BOOK)


def a_promise(plan: str, task: str, unit: str, number: int = 0, **more: Any) -> Promise:
    made = Promise(
        id=f"{plan}:{task}:{unit}:{number}",
        plan=plan,
        task=task,
        unit=unit,
        milestone=None,
        period=None,
        kind=DeadlineKind.DATE,
        starts=date(2023, 1, 3),
        due=None,
        rolled=None,
        ends=None,
        trigger=None,
        offset_days=None,
        offset_working=False,
        collective=unit == SCHOOLS,
    )
    return replace(made, **more)


def due(day: date) -> dict[str, Any]:
    return {"due": day, "rolled": CALENDAR.roll(day)}


Case = tuple[Promise, Standing]


def store_cases(store: Engine, cases: Sequence[Case]) -> None:
    with writing(store) as connection:
        for table in (EventRow, ContributionRow, AssignmentRow):
            connection.execute(delete(table))
        rows = [
            {
                "id": p.id,
                **promise_columns(p),
                **standing_columns(p, s),
                "synced_at": at(TODAY),
                "revision": 0,
            }
            for p, s in cases
        ]
        if rows:
            connection.execute(insert(_ASSIGNMENT), rows)


@pytest.fixture
def lists(store: Engine) -> Engine:
    """A database that knows the plans of this file."""
    with writing(store) as connection:
        connection.execute(
            insert(PlanRow),
            [
                {
                    "id": p.id,
                    "number": p.number,
                    "title": p.title,
                    "issuer": p.issuer,
                    "starts": p.starts,
                    "year": p.year,
                    "monitor": p.monitor,
                    "leader": p.leader,
                    "roll": True,
                    "before_day": "exclusive",
                    "completion": p.settings.completion,
                }
                for p in PLANS.values()
            ],
        )
    return store


# --- what the lists must say, worked out one by one ---------------------------------------------------


@dataclass(frozen=True)
class Judged:
    tracked: Tracked
    seen: Assessment

    @property
    def state(self) -> State:
        return self.tracked.standing.state

    def is_of(self, kind: Kind) -> bool:
        if kind is Kind.OVERDUE:
            return self.seen.timeliness is Timeliness.OVERDUE
        if kind is Kind.DUE_SOON:
            return self.seen.timeliness is Timeliness.DUE_SOON
        if kind is Kind.AWAITING:
            return self.state is State.REPORTED
        return self.state is not State.WITHDRAWN

    def is_late(self, band: Lateness) -> bool:
        late = self.seen.days_late
        return {Lateness.SHORT: late <= 7, Lateness.MIDDLE: 7 < late <= 30, Lateness.LONG: late > 30}[band]

    def carries(self, mark: Mark) -> bool:
        standing, promise = self.tracked.standing, self.tracked.promise
        owing = {State.NOT_STARTED, State.RECEIVED, State.IN_PROGRESS, State.RETURNED, State.DECLINED}
        return {
            Mark.AWAITING: self.state is State.REPORTED,
            Mark.SILENT: self.state is State.NOT_STARTED and standing.last_word_at is None,
            Mark.EXTENSION: standing.extension is Extension.PENDING,
            Mark.DECLINED: self.state is State.DECLINED,
            Mark.UNDATED: self.state in owing
            and self.seen.rolled is None
            and promise.kind is not DeadlineKind.CONTINUOUS,
        }[mark]

    def in_scope(self, wanted: ListFilter) -> bool:
        promise = self.tracked.promise
        if wanted.plan not in (None, promise.plan):
            return False
        if wanted.unit is not None:
            below = wanted.unit in REGISTRY.ancestors(promise.unit) and not wanted.only_unit
            if promise.unit != wanted.unit and not below:
                return False
        return wanted.level is None or self.tracked.level == wanted.level

    def is_listed(self, wanted: ListFilter) -> bool:
        of_kind = self.state is wanted.state if wanted.state else self.is_of(wanted.kind)
        banded = wanted.lateness is None or self.is_late(wanted.lateness)
        return of_kind and banded and (wanted.mark is None or self.carries(wanted.mark))

    def place(self, order: Order) -> Any:
        promise, standing = self.tracked.promise, self.tracked.standing
        last = self.seen.rolled or date.max
        if order is Order.WAITED:
            return (standing.reported_on, promise.id)
        return (promise.unit if order is Order.UNIT else "", last, promise.id)


def judged(cases: Sequence[Case], today: date) -> list[Judged]:
    """Every assignment of a plan in force that the calendar can judge."""
    found = []
    for promise, standing in cases:
        unit = REGISTRY.units.get(promise.unit)
        plan = PLANS[promise.plan]
        tracked = Tracked(promise, standing, plan.settings.completion, unit.level if unit else "none")
        if plan.starts <= today:
            found.append(Judged(tracked, assess(tracked, today, CALENDAR)))
    return found


def everything(store: Engine, wanted: ListFilter, today: date) -> tuple[Counts, list[Row]]:
    """All counts, and the rows of all pages."""
    with reading(store) as connection:
        seen = lens(wanted, BOOK, INDEX, today, CALENDAR)
        numbers = counts(connection, seen, list(Kind))
        rows = [
            row
            for page in range(1, pages(numbers.listed) + 1)
            for row in rows_of_page(connection, seen, BOOK, CALENDAR, page, numbers.listed)
        ]
        assert first_rows(connection, seen, BOOK, CALENDAR, len(rows)) == rows
    return numbers, rows


DAYS = st.integers(-90, 40).map(lambda n: TODAY + timedelta(days=n))


@st.composite
def cases(draw: st.DrawFn) -> list[Case]:
    found: list[Case] = []
    for number in range(draw(st.integers(0, 12))):
        plan = draw(st.sampled_from(["a", "a", "b", "b", "sau"]))
        unit, task = draw(st.sampled_from(UNITS)), draw(st.sampled_from(["1", "2"]))
        kind = draw(st.sampled_from([DeadlineKind.DATE, DeadlineKind.DATE, *DeadlineKind]))
        more: dict[str, Any] = {"kind": kind, "starts": draw(DAYS)}
        if kind in (DeadlineKind.DATE, DeadlineKind.RECURRING):
            more |= due(draw(DAYS))
        elif kind is DeadlineKind.CONTINUOUS:
            more["ends"] = draw(DAYS)
        elif kind is DeadlineKind.EVENT:
            more |= {"trigger": "có văn bản", "offset_days": draw(st.sampled_from([None, 3, 30]))}
        promise = a_promise(plan, task, unit, number, **more)
        standing = opening(promise)
        for what in draw(st.lists(st.sampled_from(EventKind), max_size=4)):
            word = said(promise.id, what, draw(DAYS), new=draw(DAYS), cures=draw(st.booleans()))
            after = apply(promise, standing, word, PLANS[plan].settings, CALENDAR)
            standing = after if isinstance(after, Standing) else standing
        found.append((promise, standing))
    return found


@st.composite
def filters(draw: st.DrawFn) -> ListFilter:
    kind = draw(st.sampled_from(Kind))

    def perhaps(values: Sequence[Any]) -> Any:
        return draw(st.one_of(st.none(), st.sampled_from(values)))

    return ListFilter(
        kind=kind,
        plan=perhaps(list(PLANS)),
        unit=perhaps([PROVINCE, DISTRICT, OTHER_DISTRICT, HOME_AFFAIRS]),
        only_unit=draw(st.booleans()),
        level=perhaps(["province", "district", "commune"]),
        lateness=perhaps(list(Lateness)) if kind is Kind.OVERDUE else None,
        mark=perhaps(list(Mark)),
        state=perhaps(list(State)) if kind is Kind.ALL else None,
        order=draw(st.sampled_from(ORDERS[kind])),
    )


@pytest.fixture(params=[2, 500])
def many_units(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From how many units on the few others are asked for instead."""
    monkeypatch.setattr("engine.store.lists.conditions.MANY_UNITS", request.param)


@pytest.mark.usefixtures("many_units")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(cases=cases(), wanted=st.lists(filters(), min_size=4, max_size=8), today=DAYS)
def test_the_database_says_what_assess_says(
    lists: Engine, cases: list[Case], wanted: list[ListFilter], today: date
) -> None:
    store_cases(lists, cases)
    all_of_them = judged(cases, today)
    for one in wanted:
        numbers, rows = everything(lists, one, today)
        here = [j for j in all_of_them if j.in_scope(one)]
        expected = sorted((j for j in here if j.is_listed(one)), key=lambda j: j.place(one.in_order))
        if one.in_order is Order.NEWEST:
            expected.reverse()
        assert [r.tracked for r in rows] == [j.tracked for j in expected]
        assert [r.seen for r in rows] == [j.seen for j in expected]
        assert [r.number for r in rows] == list(range(1, len(rows) + 1))
        assert numbers.kinds == {kind: sum(j.is_of(kind) for j in here) for kind in Kind}
        assert numbers.listed == len(rows)
        for band, count in numbers.bands.items():
            assert count == sum(j.is_listed(replace(one, lateness=band)) for j in here), band
        for mark, count in numbers.marks.items():
            assert count == sum(j.is_listed(replace(one, mark=mark)) for j in here), mark


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(cases=cases(), wanted=filters(), today=DAYS)
def test_the_numbers_of_plans_and_units_add_up_to_the_lists(
    lists: Engine, cases: list[Case], wanted: ListFilter, today: date
) -> None:
    store_cases(lists, cases)
    seen = lens(wanted, BOOK, INDEX, today, CALENDAR)
    with reading(lists) as connection:
        whole = counts(connection, seen, list(Kind))
        by = {each: counts_by(connection, seen, each) for each in By}
    for parts in by.values():
        total = sum((Counter(part.kinds) for part in parts.values()), Counter())
        assert {kind: total[kind] for kind in Kind} == whole.kinds
    here = [j for j in judged(cases, today) if j.in_scope(wanted)]
    done = Counter(j.tracked.promise.unit for j in here if j.state is State.CONFIRMED)
    assert {unit: part.done for unit, part in by[By.UNIT].items() if part.done} == done


# --- days ---------------------------------------------------------------------------------------------


@given(today=st.dates(date(2022, 4, 1), date(2024, 10, 1)), ago=st.integers(-40, 80))
def test_bounds_part_days_as_the_calendar_counts_them(today: date, ago: int) -> None:
    at_today, last = bounds(today, CALENDAR), today - timedelta(days=ago)
    between = CALENDAR.working_days_between(last, today)
    assert at_today.short_since is not None
    assert at_today.middle_since is not None
    assert at_today.soon_until is not None
    if ago > 0:
        assert (last >= at_today.short_since) == (between <= 7)
        assert (last >= at_today.middle_since) == (between <= 30)
    else:
        assert (last <= at_today.soon_until) == (-between <= 7)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        # A year nobody has decided on: nothing is soon, nothing is in a band; it is overdue all the same.
        (date(2025, 1, 2), Bounds(date(2025, 1, 2), None, None, None)),
        # The last days of what is held: what lies beyond cannot be judged and is not called soon.
        (
            date(2024, 12, 27),
            Bounds(date(2024, 12, 27), date(2024, 12, 31), date(2024, 12, 18), date(2024, 11, 15)),
        ),
        # The first days: whatever is older is a long delay.
        (date(2022, 1, 4), Bounds(date(2022, 1, 4), date(2022, 1, 13), date(2022, 1, 1), date(2022, 1, 1))),
    ],
)
def test_bounds_where_the_calendar_ends(today: date, expected: Bounds) -> None:
    assert bounds(today, CALENDAR) == expected


def test_a_year_without_calendar_still_has_its_overdue_list(lists: Engine) -> None:
    late = a_promise("a", "1", CULTURE, **due(date(2024, 12, 20)))
    store_cases(lists, [(late, Standing(State.NOT_STARTED))])
    numbers, [row] = everything(lists, ListFilter(), date(2025, 1, 6))
    assert (numbers.listed, set(numbers.bands.values()), row.seen) == (1, {0}, None)
    with pytest.raises(MissingYear):
        assess(row.tracked, date(2025, 1, 6), CALENDAR)


# --- search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"1 noi-vu", "2 noi-vu", "1 mot", "2 mot"}),
        ("đẩy mạnh", {"1 noi-vu", "1 mot"}),
        ("DAY MANH SO HOA", {"1 noi-vu", "1 mot"}),
        ("ho so day", {"1 noi-vu", "1 mot"}),
        ("xa mot", {"1 mot", "2 mot"}),
        ("Phòng nội vụ", {"1 noi-vu", "2 noi-vu"}),
        ("15/kh", {"1 noi-vu", "2 noi-vu", "1 mot", "2 mot"}),
        ("128", set()),
        ("bao cao so hoa", set()),
        ("%", set()),
        ("'; drop table assignment; --", set()),
    ],
)
def test_search_ignores_accents_and_finds_tasks_and_units(
    lists: Engine, text: str, expected: set[str]
) -> None:
    both = [(t, u) for t in "12" for u in (HOME_AFFAIRS, COMMUNES[0])]
    store_cases(lists, [(a_promise("a", t, u), Standing(State.NOT_STARTED)) for t, u in both])
    _, rows = everything(lists, ListFilter(kind=Kind.ALL, text=text), TODAY)
    assert {f"{r.tracked.promise.task} {r.tracked.promise.unit.rpartition('.')[2]}" for r in rows} == expected


# --- pages and what stands beside each row ------------------------------------------------------------


def many(count: int) -> list[Case]:
    silent = Standing(State.NOT_STARTED)
    undated = [(a_promise("a", "1", HOME_AFFAIRS, n + 1000), silent) for n in range(3)]
    dated = [
        (a_promise("a", "1", CULTURE, n, **due(TODAY - timedelta(days=n % 40))), silent) for n in range(count)
    ]
    return undated + dated


@pytest.mark.parametrize("order", ORDERS[Kind.ALL])
@pytest.mark.parametrize("size", [0, PAGE_SIZE - 3, PAGE_SIZE - 2, 4 * PAGE_SIZE + 7])
def test_pages_follow_each_other_without_gap_or_double(lists: Engine, size: int, order: Order) -> None:
    store_cases(lists, many(size))
    seen = lens(ListFilter(kind=Kind.ALL, order=order), BOOK, INDEX, TODAY, CALENDAR)
    with reading(lists) as connection:
        listed = counts(connection, seen, [Kind.ALL]).listed
        found = [
            [r.tracked.promise.id for r in rows_of_page(connection, seen, BOOK, CALENDAR, n, listed)]
            for n in range(1, pages(listed) + 2)
        ]
        whole = [r.tracked.promise.id for r in first_rows(connection, seen, BOOK, CALENDAR, listed)]
    assert listed == size + 3
    assert [len(page) for page in found[:-2]] == [PAGE_SIZE] * (pages(listed) - 1)
    assert found[-1] == []
    assert [id for page in found for id in page] == whole
    assert len(set(whole)) == listed


def test_a_row_knows_reminders_extensions_and_who_helped(lists: Engine) -> None:
    promise = a_promise("a", "1", COMMUNES[0], **due(TODAY - timedelta(days=9)))
    store_cases(lists, [(promise, Standing(State.IN_PROGRESS))])
    with writing(lists) as connection:
        granted = {"assignment": promise.id, "kind": "extend", "at": at(TODAY), "recorded_at": at(TODAY)}
        connection.execute(insert(EventRow), [{**granted, "by": "", "cures": False}] * 2)
        helped = [CULTURE, PROVINCE]  # the second one was never asked
        rows = [{"assignment": promise.id, "unit": u, "at": at(TODAY), "by": "", "note": ""} for u in helped]
        connection.execute(insert(ContributionRow), rows)
    _, [row] = everything(lists, ListFilter(), TODAY)
    assert (row.extensions, row.helped, row.helping, row.reminders) == (2, 1, 2, 0)


# --- the indexes --------------------------------------------------------------------------------------

SEEN = lens(ListFilter(), BOOK, INDEX, TODAY, CALENDAR)


@pytest.mark.parametrize(
    ("seen", "index"),
    [
        (SEEN, "ix_assignment_owed"),
        (replace(SEEN, filter=ListFilter(kind=Kind.DUE_SOON)), "ix_assignment_owed"),
        (replace(SEEN, filter=ListFilter(kind=Kind.AWAITING)), "ix_assignment_reported"),
        (replace(SEEN, units=frozenset({CULTURE})), "ix_assignment_unit"),
        (replace(SEEN, filter=ListFilter(plan="a")), "ix_assignment_plan"),
    ],
)
def test_sqlite_counts_and_pages_from_an_index_alone(tmp_path: Path, seen: Lens, index: str) -> None:
    """Reading the rows themselves would cost seconds with a million of them."""
    with opened(f"sqlite:///{tmp_path / 'dondoc.db'}") as store:
        migrate(store)
        ran: list[tuple[str, Any]] = []

        @event.listens_for(store, "before_cursor_execute")
        def _note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            ran.append((statement, parameters))

        with reading(store) as connection:
            assert counts(connection, seen, [seen.filter.kind]).listed == 0
            assert rows_of_page(connection, seen, BOOK, CALENDAR, 1, 1) == []
            asked = [one for one in ran if "FROM assignment" in one[0]]
            plans = [
                connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                for statement, parameters in asked
            ]
    assert len(plans) == 2
    for plan in plans:
        assert [row[3] for row in plan if f"COVERING INDEX {index}" in row[3]], plan


def test_partial_indexes_hold_every_state_that_can_be_owed() -> None:
    owed = {state for state in State if is_open(state)} | {State.REPORTED}
    assert set(re.findall(r"'(\w+)'", OWED)) == {state.value for state in owed}
    assert re.findall(r"'(\w+)'", REPORTED) == [State.REPORTED.value]
