"""``/nhiem-vu/{plan}/{task}``: a whole task over its units, and decisions about many of them at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.assignment import State
from engine.notices.notice import Book
from engine.notices.wording import period_name
from engine.store.database import reading
from engine.store.work import whole_tasks
from engine.store.work.whole_tasks import Part, Row
from engine.tracking.assess import Assessment
from engine.workdays import WorkCalendar
from web.errors import not_found
from web.pages import page
from web.security.access import Decider, Form, Person, Reader, site_of
from web.site import Site
from web.work.bulk import (
    CHOSEN,
    EVERY,
    FITTING,
    MOST_AT_ONCE,
    Ended,
    Many,
    fingerprint,
    read_many,
    submit_many,
)
from web.work.choices import BY_SLUG, TRIGGER, Ask
from web.work.picture import Said, judged, lateness, said
from web.work.submitting import End, name_of
from web.work.typed import DAY_HINT, MOST_WORDS, NotADay, typed_day

router = APIRouter()

PAGE = 100
"""Assignments on one page; a form of that many check boxes still passes."""

_PERIOD = re.compile(r"[0-9A-Za-z-]{1,20}")
_STATES = {state.value.replace("_", "-"): state for state in State}


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment in the table."""

    row: Row
    unit: str
    part: str
    seen: Assessment | None
    lateness: str


@dataclass(frozen=True, slots=True)
class News:
    """What happened to one unit's assignment meanwhile."""

    unit: str
    said: Said


@router.get("/nhiem-vu/{plan}/{task}")
def show(request: Request, plan: str, task: str, person: Reader) -> Response:
    """One task over its units."""
    site = site_of(request)
    query = request.query_params
    part = _part(plan, task, query)
    return _page(request, site, person, part, _number(query.get("trang", "1")))


@router.post("/nhiem-vu/{plan}/{task}/quyet-dinh")
def decide_on(request: Request, plan: str, task: str, person: Decider, form: Form) -> Response:
    """One decision about many assignments of a task."""
    site = site_of(request)
    part = _part(plan, task, form)
    if (plan, task) not in site.book().tasks:
        raise not_found("nhiệm vụ này")
    many = read_many(form)
    ended = submit_many(site, person, part, many)
    count = ended.count if ended.end is End.RECORDED else _already_done(site, person, part, many, ended)
    if count:
        done = {"da": many.typed.choice.slug, "so": str(count)}
        # Once decided they are in another state: the page shows the part without asking for one.
        query = {name: value for name, value in _query(part).items() if name != "trang-thai"}
        return RedirectResponse(f"{_path(part)}?{urlencode(query | done)}", status_code=303)
    on_page = _number(str(form.get("trang", "1")))
    return _page(request, site, person, part, on_page, many=many, ended=ended)


def _already_done(site: Site, person: Person, part: Part, many: Many, ended: Ended) -> int:
    """How many the same person decided just so since the page was shown, if nothing else happened to
    them: the same button pressed twice."""
    if ended.end is not End.OVERTAKEN:
        return 0
    typed, ids = many.typed, tuple(many.chosen) if not many.every else ()
    with reading(site.engine) as connection:
        meanwhile = whole_tasks.news(connection, part, typed.last, ids, most=MOST_AT_ONCE)
        revisions = whole_tasks.revisions(connection, replace(part, state=None), frozenset(State))
    try:
        day = typed_day(typed.day) if typed.choice.day is not Ask.NEVER else None
    except NotADay:
        return 0
    mine = (typed.choice.kind, name_of(person.account), typed.reason or None, day)
    if not all((e.event.kind, e.event.by, e.event.note, e.event.day) == mine for e in meanwhile):
        return 0
    # As they stood one event ago: the same as were seen, or something else happened to some of them.
    before = {e.event.assignment: revisions.get(e.event.assignment, 0) - 1 for e in meanwhile}
    seen = fingerprint(before) == many.print if many.every else before == many.chosen
    return len(before) if seen else 0


def _part(plan: str, task: str, query: QueryParams | FormData) -> Part:
    milestone, period = str(query.get("moc", "")), str(query.get("ky", ""))
    return Part(
        plan,
        task,
        _number(milestone) if milestone else None,
        period if _PERIOD.fullmatch(period) else None,
        _STATES.get(str(query.get("trang-thai", ""))),
    )


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _path(part: Part) -> str:
    return f"/nhiem-vu/{quote(part.plan, safe='')}/{quote(part.task, safe='')}"


def _query(part: Part) -> dict[str, str]:
    found = {
        "moc": str(part.milestone or ""),
        "ky": part.period or "",
        "trang-thai": part.state.value.replace("_", "-") if part.state else "",
    }
    return {name: value for name, value in found.items() if value}


def _page(
    request: Request,
    site: Site,
    person: Person,
    part: Part,
    number: int,
    *,
    many: Many | None = None,
    ended: Ended | None = None,
) -> Response:
    registry, calendar, today = site.registry, site.calendar, site.today()
    with reading(site.engine) as connection:
        book = site.book(connection)
        if (part.plan, part.task) not in book.tasks or part.plan not in book.plans:
            raise not_found("nhiệm vụ này")
        # Read before the rows: what changes meanwhile makes it too old, never too new.
        last = whole_tasks.last_event(connection, part)
        shape = whole_tasks.shape(connection, part)
        decides = person.may("decide")
        fitting = {c: whole_tasks.revisions(connection, part, s) for c, s in FITTING.items() if decides}
        total = sum(n for state, n in shape.states.items() if part.state in (None, state))
        pages = max(1, -(-total // PAGE))
        number = min(number, pages)
        rows = whole_tasks.rows(connection, registry, part, (number - 1) * PAGE, PAGE)
        news: tuple[News, ...] = ()
        if many is not None and ended is not None and ended.end is End.OVERTAKEN:
            late = whole_tasks.news(connection, part, many.typed.last, ended.about)
            news = tuple(News(registry.full_name(_unit(e.event.assignment)), said(e)) for e in late)
    query = request.query_params
    status = {None: 200, End.WRONG: 422, End.OVERTAKEN: 409}.get(ended.end if ended else None, 200)
    return page(
        request,
        "work/task.html",
        status=status,
        person=person,
        plan=book.plans[part.plan],
        task=book.tasks[part.plan, part.task],
        issuer=registry.full_name(book.plans[part.plan].issuer),
        part=part,
        shape=shape,
        lines=[_line(row, book, calendar, today) for row in rows],
        total=total,
        number=number,
        pages=pages,
        here=_path(part),
        query=_query(part),
        page_query={n: urlencode(_query(part) | {"trang": str(n)}) for n in (number - 1, number + 1)},
        states=_STATES,
        milestones=[(n, _milestone(book, part, n)) for n in shape.milestones],
        periods=[(name, period_name(name)) for name in shape.periods],
        bulk=[(choice, len(found), fingerprint(found)) for choice, found in fitting.items() if found],
        last=last,
        chosen_word=CHOSEN,
        every_word=EVERY,
        first_day=f"{today:%d/%m/%Y}",
        trigger=TRIGGER,
        done=BY_SLUG.get(query.get("da", "")) if ended is None else None,
        done_count=_number(query.get("so", "1")),
        many=many,
        ended=ended,
        news=news,
        day_hint=DAY_HINT,
        most_words=MOST_WORDS,
    )


def _unit(id: str) -> str:
    return id.split(":")[2] if id.count(":") >= 2 else id


def _milestone(book: Book, part: Part, number: int) -> str:
    milestones = book.tasks[part.plan, part.task].milestones
    title = milestones[number - 1][0] if number <= len(milestones) else ""
    return title or f"mốc {number}"


def _line(row: Row, book: Book, calendar: WorkCalendar, today: date) -> Line:
    promise = row.tracked.promise
    milestone = ""
    if promise.milestone is not None:
        milestone = _milestone(book, Part(promise.plan, promise.task), promise.milestone)
    parts = (milestone, period_name(promise.period))
    seen, _ = judged(row.tracked, today, calendar)
    return Line(
        row=row,
        unit=book.registry.full_name(promise.unit),
        part="; ".join(p for p in parts if p),
        seen=seen,
        lateness=lateness(row.tracked, seen),
    )
