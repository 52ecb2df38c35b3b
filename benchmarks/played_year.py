"""A year of random words and of plans that change, and the slow, obvious count of any of its days."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from engine.model.assignment import Promise
from engine.model.event import Event, EventKind
from engine.model.plan import Plan, PlanSettings, Task
from engine.store import views
from engine.store.database import open_engine, reading, writing
from engine.store.events import record
from engine.store.figures.as_of import Group, Question, Split, by_task, by_unit, rows
from engine.store.figures.outcome import OF_TIMELINESS
from engine.store.schema import migrate
from engine.store.sync import sync
from engine.tracking.assess import Tracked, assess, begins_on
from engine.tracking.assignments import expand
from engine.tracking.progress import Refusal, apply, limit, replay
from engine.units import registry_of
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    CONTINUOUS,
    CULTURE,
    DISTRICT,
    EXTERNAL,
    GROUPS,
    HOME_AFFAIRS,
    UNDATED,
    UNITS,
    after_event,
    at,
    due_on,
    monthly,
    plan,
    ref,
    task,
    unit,
)

SIZE = 10_000
DAYS = 50
FIRST, LAST = date(2023, 3, 1), date(2024, 2, 29)
_COMMUNES = 60
_LATE_PLAN = "muon-2023"
_KNOWN_LATE = date(2023, 6, 1)
_REGISTRY = registry_of(
    [
        *UNITS,
        *(unit(f"{DISTRICT}.xa-{n:02}", f"UBND xã Số {n}", "committee", "xã") for n in range(_COMMUNES)),
    ],
    GROUPS,
)
_KINDS = [
    *EventKind,
    *[EventKind.DONE] * 10,
    *[EventKind.CONFIRM, EventKind.TRIGGER, EventKind.REINSTATE] * 5,
]
_Counted = dict[Group, tuple[Counter[str], Counter[str], int]]


@dataclass(slots=True)
class Memory:
    """What the plan files said and since when, kept apart from the database."""

    versions: list[tuple[datetime, dict[str, Plan], dict[str, Promise]]] = field(default_factory=list)

    def then(self, id: str, instant: datetime) -> tuple[Promise, PlanSettings] | None:
        """The promise and its reading before ``instant``; None: it was not given out yet. Of a plan not known
        then the last word holds for all days."""
        plan_id = id.partition(":")[0]
        seen = [v for v in self.versions if v[0] < instant and plan_id in v[1]] or self.versions
        promise = next((promises[id] for _, _, promises in reversed(seen) if id in promises), None)
        return (promise, seen[-1][1][plan_id].settings) if promise else None


def _plans(dice: random.Random, size: int) -> list[Plan]:
    """Plans of ``size`` assignments at least, with every kind of deadline."""
    heads = [
        plan(id="an-2023"),
        plan(id="xac-nhan-2023", settings=PlanSettings(completion="confirmed")),
        replace(plan(id="sau-2023"), issued=date(2023, 6, 15)),
        plan(id=_LATE_PLAN),
    ]
    made, count = 0, 0
    tasks: list[list[Task]] = [[] for _ in heads]
    while count < size:
        which = made % len(heads)
        new = _task(dice, f"t-{made}", dice.choice([True, True, False]))
        made += 1
        tasks[which].append(new)
        count += sum(1 for _ in expand(replace(heads[which], tasks=(new,)), _REGISTRY))
    return [replace(head, tasks=tuple(own)) for head, own in zip(heads, tasks, strict=True)]


def _task(dice: random.Random, id: str, for_all: bool) -> Task:
    day = FIRST + timedelta(days=dice.randrange(10, 330))
    months = sorted(dice.sample(range(3, 13), 3))
    deadline = dice.choice(
        [due_on(day)] * 6
        + [monthly(*months), after_event(), after_event(dice.randrange(5, 40)), UNDATED, EXTERNAL]
        + [replace(CONTINUOUS, end=day)]
    )
    made = task(id, deadline=deadline)
    leads = (ALL_COMMUNES,) if for_all else (HOME_AFFAIRS, CULTURE)
    return replace(made, leads=tuple(ref(lead, _REGISTRY) for lead in leads))


def _edited(dice: random.Random, files: list[Plan], gone: list[tuple[str, Task]], day: date) -> list[Plan]:
    """The files after a month: deadlines moved, tasks taken out, put back and added, a setting changed."""
    back = [gone.pop(dice.randrange(len(gone))) for _ in range(min(len(gone), 1))]
    found = []
    for each in files:
        tasks = list(each.tasks)
        place = dice.randrange(len(tasks))
        tasks[place] = replace(tasks[place], deadline=due_on(day + timedelta(days=dice.randrange(-20, 60))))
        gone.append((each.id, tasks.pop(dice.randrange(len(tasks)))))
        tasks += [one for of, one in back if of == each.id]
        tasks.append(_task(dice, f"m-{day:%m}-{each.id}", False))
        edited = replace(each, tasks=tuple(tasks))
        if dice.random() < 0.15:
            reported = each.settings.completion == "reported"
            edited = replace(
                edited, settings=PlanSettings(completion="confirmed" if reported else "reported")
            )
        found.append(edited)
    return found


def _said(
    dice: random.Random,
    day: date,
    now: dict[str, Tracked],
    ids: list[str],
    settings: Mapping[str, PlanSettings],
) -> Iterator[Event]:
    """Words of a day that fit, each judged by what the ones before left behind."""
    for _ in range(200):
        each = now[dice.choice(ids)]
        word = Event(
            each.promise.id,
            dice.choice(_KINDS),
            at(day, dice.randrange(10, 23)),
            "",
            note="lý do",
            day=day + timedelta(days=dice.randrange(1, 60)) if dice.random() < 0.8 else None,
            cures=dice.random() < 0.5,
        )
        after = apply(each.promise, each.standing, word, settings[each.promise.plan], CALENDAR)
        if not isinstance(after, Refusal):
            now[each.promise.id] = replace(each, standing=after)
            yield word


def play(size: int, seed: int = 2023) -> None:
    """Plays the year on SQLite and compares; RuntimeError on the first difference."""
    dice = random.Random(seed)
    asked = {day: _question(dice, day) for day in _days(dice)}
    memory = Memory()
    with TemporaryDirectory(prefix="dondoc-bench-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'dondoc.db'}")
        migrate(engine)
        began = time.perf_counter()
        printed = _played(engine, dice, size, asked, memory)
        print(f"# một năm trôi qua trong {time.perf_counter() - began:.0f} s")
        with reading(engine) as connection:
            _compare(connection, asked, memory, printed)
        engine.dispose()


def _days(dice: random.Random) -> list[date]:
    span = (LAST - FIRST).days
    return sorted(FIRST + timedelta(days=n) for n in dice.sample(range(span), DAYS))


def _question(dice: random.Random, day: date) -> Question:
    if dice.random() < 0.4:
        return Question(day)
    first = day - timedelta(days=dice.randrange(120))
    return Question(day, first, last=day + timedelta(days=dice.choice([0, 0, 10, 40])))


def _played(
    engine: Engine, dice: random.Random, size: int, asked: Mapping[date, Question], memory: Memory
) -> dict[date, dict[Group, Split]]:
    """What was counted at the end of each day asked for."""
    files, gone = _plans(dice, size), list[tuple[str, Task]]()
    printed: dict[date, dict[Group, Split]] = {}
    now: dict[str, Tracked] = {}
    ids: list[str] = []
    for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)):
        with writing(engine) as connection:
            if day in (FIRST, _KNOWN_LATE) or day.day == 17:
                if day.day == 17:
                    files = _edited(dice, files, gone, day)
                known = [each for each in files if each.id != _LATE_PLAN or day >= _KNOWN_LATE]
                sync(connection, known, (), _REGISTRY, CALENDAR, at(day, 9))
                promises = {p.id: p for each in known for p in expand(each, _REGISTRY)}
                memory.versions.append((at(day, 9), {each.id: each for each in known}, promises))
                now = {t.promise.id: t for t in views.tracked(connection, _REGISTRY)}
                ids = sorted(now)
            settings = {each.id: each.settings for each in files}
            record(connection, list(_said(dice, day, now, ids, settings)), CALENDAR, at(day, 23))
        if day in asked:
            with reading(engine) as connection:
                printed[day] = by_unit(connection, CALENDAR, asked[day])
    return printed


def _compare(
    connection: Connection,
    asked: Mapping[date, Question],
    memory: Memory,
    printed: Mapping[date, dict[Group, Split]],
) -> None:
    current = {t.promise.id: t for t in views.tracked(connection, _REGISTRY)}
    events = views.events_of(connection, list(current))
    words = sum(map(len, events.values()))
    print(f"# {len(current)} lượt giao, {words} sự kiện, {len(memory.versions)} lần đồng bộ")
    starts = {id: facts.starts for id, facts in views.plans(connection).items()}
    quick = 0.0
    seen: Counter[str] = Counter()
    for day, question in asked.items():
        began = time.perf_counter()
        units, tasks = by_unit(connection, CALENDAR, question), by_task(connection, CALENDAR, question)
        counted = rows(connection, question)
        quick += time.perf_counter() - began
        slow_units, slow_tasks = _slowly(question, memory, list(current), events, starts)
        for found, slow in ((units, slow_units), (tasks, slow_tasks)):
            if _counters(found) != slow:
                raise RuntimeError(f"{question}: {sorted(_differing(_counters(found), slow))[:5]}")
        then = {
            group: split for group, split in units.items() if day >= _KNOWN_LATE or group[1] != _LATE_PLAN
        }
        if _counters(then) != _counters(printed[day]):
            raise RuntimeError(f"{question}: không như đã in")
        total = sum(units.values(), Split())
        if total != sum(tasks.values(), Split()) or total.rows != counted:
            raise RuntimeError(f"{question}: không cộng khớp")
        seen.update({name: getattr(total.counts, name) for name in total.counts.__slots__})
        seen.update(carried=total.carried.assigned, given=total.given.assigned, outside=total.outside)
    print(f"# {len(asked)} ngày đều khớp; mỗi báo cáo {quick / len(asked):.2f} s; đã đếm {dict(seen)}")


def _slowly(
    asked: Question,
    memory: Memory,
    ids: list[str],
    events: Mapping[str, list[Event]],
    starts: Mapping[str, date],
) -> tuple[_Counted, _Counted]:
    """By unit and by task: every event replayed, every assignment judged."""
    by_units: _Counted = {}
    by_tasks: _Counted = {}
    instant = views.end_of_day(asked.day)
    for id in ids:
        said = memory.then(id, instant)
        if said is None or starts[said[0].plan] > asked.day:
            continue
        promise, settings = said
        past = [event for event in events.get(id, ()) if event.at < instant]
        then = Tracked(promise, replay(promise, past, settings, CALENDAR), settings.completion, "none")
        part = _part(then, asked, starts[promise.plan])
        outcome = OF_TIMELINESS[assess(then, asked.day, CALENDAR).timeliness].value
        for counted, group in (
            (by_units, (promise.unit, promise.plan)),
            (by_tasks, (promise.plan, promise.task)),
        ):
            given, carried, outside = counted.get(group, (Counter(), Counter(), 0))
            if part is not None:
                (carried if part else given)[outcome] += 1
            counted[group] = given, carried, outside + (part is None)
    return by_units, by_tasks


def _part(then: Tracked, asked: Question, in_force: date) -> bool | None:
    """Whether it was carried into the window; None where it does not belong to it."""
    if asked.first is None:
        return False
    begins = begins_on(then, in_force)
    words = [then.standing.reported_on]
    if then.completion == "confirmed":
        words = [then.standing.confirmed_on, *filter(None, words)]
    settled = limit(then.promise, then.standing) is not None
    if begins > asked.until or (settled and all(word is not None and word < asked.first for word in words)):
        return None
    return begins < asked.first


def _counters(found: Mapping[Group, Split]) -> _Counted:
    return {
        group: (_counter(split.given), _counter(split.carried), split.outside)
        for group, split in found.items()
        if split.rows
    }


def _counter(counts: object) -> Counter[str]:
    return Counter({name: n for name in counts.__slots__ if (n := getattr(counts, name))})  # type: ignore[attr-defined]


def _differing(found: _Counted, slow: _Counted) -> Iterator[tuple[Group, str]]:
    for group in found.keys() | slow.keys():
        if found.get(group) != slow.get(group):
            yield group, f"{found.get(group)} != {slow.get(group)}"
