"""A small cast of characters for tests: a calendar, some offices, plans and rules built in code.

May 2023 has what bites: Monday 1 May is a holiday, Tuesday 2 May is off, swapped for Saturday 6 May.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from engine.model.assignment import Promise
from engine.model.deadline import DayUnit, Deadline, DeadlineKind, Occurrence, Offset
from engine.model.event import Event, EventKind
from engine.model.plan import Milestone, NameRef, Plan, PlanSettings, Task
from engine.model.unit import Group, Selection, Unit
from engine.notices.notice import Book
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.load import load_rules
from engine.tick import InForce
from engine.tracking.assignments import expand, plan_facts, task_facts
from engine.tracking.progress import VIETNAM
from engine.units import Registry, registry_of
from engine.workdays import WorkCalendar

HOLIDAY = date(2023, 5, 1)
SWAPPED_OFF = date(2023, 5, 2)
SWAPPED_ON = date(2023, 5, 6)

CALENDAR = WorkCalendar(
    days_off={
        date(2023, 1, 2): "Nghỉ bù Tết Dương lịch",
        HOLIDAY: "Ngày Quốc tế lao động",
        SWAPPED_OFF: "Nghỉ hoán đổi với thứ Bảy 06/05/2023",
        date(2023, 9, 4): "Quốc khánh",
    },
    working_saturdays=frozenset({SWAPPED_ON}),
    years=frozenset({2022, 2023, 2024}),
)

PROVINCE = "tinh"
DISTRICT = "tinh.huyen-an"
OTHER_DISTRICT = "tinh.huyen-binh"
HOME_AFFAIRS = "tinh.huyen-an.noi-vu"
CULTURE = "tinh.huyen-an.van-hoa"
OFFICE = "tinh.huyen-an.van-phong"
COMMUNES = ("tinh.huyen-an.mot", "tinh.huyen-an.hai", "tinh.huyen-an.ba")
TOWN = "tinh.huyen-an.thi-tran"
ALL_COMMUNES = "ubnd-cac-xa"
SCHOOLS = "cac-truong"

ISSUED = date(2023, 3, 1)


def unit(id: str, name: str, kind: str = "department", form: str | None = None, **more: object) -> Unit:
    """An office; its level follows from the depth of its id, its parent from the id itself."""
    depth = id.count(".") + (kind == "committee")
    level = {1: "province", 2: "district"}.get(depth, "commune")
    aliases = more.pop("aliases", ())
    parent = id.rpartition(".")[0] or None
    return Unit(id, name, aliases, level, kind, form, parent, **more)  # type: ignore[arg-type]


def group(id: str, name: str, **more: object) -> Group:
    """A name for many units, without anything unless ``more`` says so."""
    nothing = {"aliases": (), "under": None, "select": None, "members": (), "unlisted": False}
    return Group(id, name, **{**nothing, "partial": False, **more})  # type: ignore[arg-type]


UNITS = (
    unit(PROVINCE, "UBND tỉnh Thử", "committee", "tỉnh"),
    unit("tinh.so-noi-vu", "Sở Nội vụ"),
    unit(DISTRICT, "UBND huyện An", "committee", "huyện"),
    unit(HOME_AFFAIRS, "Phòng Nội vụ"),
    unit(CULTURE, "Phòng Văn hóa và Thông tin", aliases=("Phòng VH&TT",)),
    unit(OFFICE, "Văn phòng HĐND & UBND"),
    unit(COMMUNES[0], "UBND xã Một", "committee", "xã"),
    unit(COMMUNES[1], "UBND xã Hai", "committee", "xã"),
    unit(COMMUNES[2], "UBND xã Ba", "committee", "xã"),
    unit(TOWN, "UBND thị trấn An", "committee", "thị trấn"),
    unit(OTHER_DISTRICT, "UBND huyện Bình", "committee", "huyện"),
    unit("tinh.huyen-binh.noi-vu", "Phòng Nội vụ"),
    unit("tinh.huyen-binh.mot", "UBND xã Một", "committee", "xã"),
)
GROUPS = (
    group(
        ALL_COMMUNES, "UBND các xã, thị trấn", select=Selection("committee", "commune", ("xã", "thị trấn"))
    ),
    group(SCHOOLS, "Các trường học", unlisted=True),
)
REGISTRY = registry_of(UNITS, GROUPS)


def registry_with(*changed: Unit) -> Registry:
    """The cast with some units replaced or added."""
    return registry_of({**REGISTRY.units, **{u.id: u for u in changed}}.values(), GROUPS)


def ref(id: str, registry: Registry = REGISTRY) -> NameRef:
    """A name in a plan that means this unit or group."""
    return NameRef(registry.name(id), id, registry.name(id), id in registry.groups)


def due_on(day: date, start: date | None = None) -> Deadline:
    """A deadline on a day."""
    return Deadline(
        DeadlineKind.DATE, f"Trước {day:%d/%m/%Y}", start=start, due=day, rolled=CALENDAR.roll(day)
    )


def monthly(*months: int) -> Deadline:
    """A recurring deadline on the 20th of some months of 2023."""
    occurrences = tuple(
        Occurrence(f"2023-{m:02}", date(2023, m, 1), date(2023, m, 20), CALENDAR.roll(date(2023, m, 20)))
        for m in months
    )
    return Deadline(DeadlineKind.RECURRING, "Hằng tháng", occurrences=occurrences)


def after_event(days: int | None = None, unit: DayUnit = DayUnit.CALENDAR) -> Deadline:
    """A deadline that an event starts."""
    offset = Offset(days, unit) if days is not None else None
    return Deadline(DeadlineKind.EVENT, "Sau khi có văn bản", trigger="có văn bản", offset=offset)


CONTINUOUS = Deadline(DeadlineKind.CONTINUOUS, "Thường xuyên", end=date(2023, 12, 31))
UNDATED = Deadline(DeadlineKind.UNSPECIFIED, "")
EXTERNAL = Deadline(DeadlineKind.EXTERNAL, "Theo kế hoạch của tỉnh", authority="tỉnh")


def task(
    id: str = "pl1-1",
    leads: Sequence[str] = (HOME_AFFAIRS,),
    deadline: Deadline | None = None,
    title: str = "Ban hành kế hoạch",
    helps: Sequence[str] = (),
    milestones: Sequence[Milestone] = (),
) -> Task:
    """A row of an appendix; due on 31 March 2023 unless said otherwise."""
    return Task(
        id=id,
        stt=id.rpartition("-")[2],
        appendix="Phụ lục 1",
        section=None,
        group=None,
        title=title,
        leads=tuple(map(ref, leads)),
        coordinating=tuple(map(ref, helps)),
        deadline=deadline or due_on(date(2023, 3, 31)),
        deliverable="Kế hoạch",
        milestones=tuple(milestones),
        note="",
        line=1,
    )


def plan(*tasks: Task, id: str = "an-2023", settings: PlanSettings | None = None) -> Plan:
    """A plan of the district, issued on 1 March 2023 and watched by its office."""
    return Plan(
        id=id,
        number="15/KH-UBND",
        title="Kế hoạch thử",
        issuer=ref(DISTRICT),
        issued=ISSUED,
        in_force_from=None,
        year=2023,
        monitor=ref(OFFICE),
        leader=ref(DISTRICT),
        settings=settings or PlanSettings(),
        tasks=tasks,
        indicator_tables=(),
        indicators=(),
        catalogue=(),
    )


def without(plan: Plan, *ids: str) -> Plan:
    """The plan after its author took tasks out."""
    return replace(plan, tasks=tuple(t for t in plan.tasks if t.id not in ids))


def promises(plan: Plan, registry: Registry = REGISTRY) -> dict[str, Promise]:
    """The assignments of a plan by identity."""
    return {promise.id: promise for promise in expand(plan, registry)}


def book(*plans: Plan, registry: Registry = REGISTRY) -> Book:
    """The words of some plans."""
    tasks = {(f.plan, f.id): f for p in plans for f in task_facts(p, registry)}
    return Book(registry, {p.id: plan_facts(p) for p in plans}, tasks)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """An instant by the clocks of Viet Nam, as the aware UTC value that the engine is handed."""
    return datetime.combine(day, time(hour, minute), VIETNAM).astimezone(UTC)


def said(id: str, kind: EventKind | str, day: date, **more: object) -> Event:
    """A word at nine o'clock on a day; with a reason, which some kinds demand."""
    carries: dict[str, object] = {"by": "", "note": "lý do", "day": None, **more}
    carries["day"] = carries.pop("new", carries["day"])
    return Event(id, EventKind(kind), at(day), **carries)  # type: ignore[arg-type]


def days(first: date, last: date) -> Iterable[date]:
    """Every day from ``first`` to ``last``."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


RULES = """
rules:
- id: moi-giao
  why: Nhiệm vụ mới được giao
  when: {kind: not recurring, state: not_started, timeliness: not overdue}
  occasions: age in 0
  tell: [lead, coordinating]
  tone: inform
- id: sap-den-han
  why: Nhiệm vụ sắp đến hạn
  when: {timeliness: [on_track, due_soon], state: [not_started, received, in_progress, returned]}
  occasions: days_left in 3, 1
  tell: lead
  tone: remind
  unless: [extension_pending, snoozed, paused]
  silences: moi-giao
- id: qua-han
  why: Nhiệm vụ quá hạn
  when: {timeliness: overdue, state: [not_started, received, in_progress, returned]}
  occasions: days_late in 1, 3, then every 5
  tell: lead
  tone: warn
  unless: [extension_pending, snoozed, paused]
- id: bao-theo-doi
  why: Quá hạn nhiều ngày, đề nghị đôn đốc
  when: {timeliness: overdue, state: [not_started, received, in_progress, returned]}
  occasions: days_late in 5, then every 10
  tell: monitor
  tone: escalate
  unless: [extension_pending, snoozed, paused]
  silences: qua-han
- id: cho-xac-nhan
  why: Chờ xác nhận
  when: {state: reported}
  occasions: days_waiting in 3
  tell: monitor
  tone: remind
- id: tra-lai
  why: Bị trả lại
  when: {state: returned}
  tell: lead
  tone: remind
"""


@cache
def ruleset(text: str = RULES) -> RuleSet:
    """A checked rule set; built once for each text."""
    rules, problems = load_rules({"rules/thu.yaml": text.encode()})
    assert rules is not None, problems
    return rules


def in_force(registry: Registry = REGISTRY, rules: str = RULES) -> InForce:
    """What a tick needs: office hours from 7:30 to 17:00, slots of 15 minutes."""
    return InForce(registry, CALENDAR, ruleset(rules), (time(7, 30), time(17)))
