"""``/u/{token}/phoi-hop``: tasks that the unit helps with, and its word that its part is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.facts import TaskFacts
from engine.notices.wording import day_name, period_name
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.work import contributions
from engine.store.work.contributions import Share
from notifiers.address import mask
from web.errors import not_found
from web.pages import page
from web.security.access import Form, by_token
from web.security.access import field as posted
from web.unit_page.door import Visit, enter
from web.unit_page.shown import plan_name, short
from web.work.typed import MOST_WORDS, typed_words

router = APIRouter(dependencies=[Depends(by_token)])

_PER_PAGE = 20
_FEW = 60
"""Up to so many tasks the first page looks how each stands; of more it only says how many there are."""
_SHOWN_FIRST = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One line: what the task is, who leads, when it is due, whether our part is done."""

    title: str
    plan: str
    leads: str
    due: str
    is_done: bool
    is_late: bool
    value: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page's few lines; ``tasks`` counts all that the unit helps with."""

    tasks: int
    parts: tuple[Part, ...]


def overview(connection: Connection, visit: Visit) -> Overview:
    """The parts that are still to be done, the nearest first."""
    tasks = _tasks(visit)
    if not tasks or len(tasks) > _FEW:
        return Overview(len(tasks), ())
    found = contributions.shares(connection, [(t.plan, t.id) for t in tasks], visit.mine.units)
    todo = [share for share in found if share.open and not share.is_done]
    return Overview(len(tasks), tuple(_part(visit, share, short) for share in todo[:_SHOWN_FIRST]))


@router.get("/u/{token}/phoi-hop")
def helps(request: Request, token: str) -> Response:
    """All tasks that the unit helps with, in the order of their documents."""
    return _page(request, enter(request, token))


@router.post("/u/{token}/phoi-hop")
def done(request: Request, token: str, form: Form) -> Response:
    """The unit's word that its part of some tasks is done."""
    visit = enter(request, token)
    values = frozenset(each for each in form.getlist("phan")[: _PER_PAGE * 24] if isinstance(each, str))
    words = typed_words(posted(form, "loi", most=100_000))
    if not values:
        return _page(request, visit, wrong="Hãy chọn ít nhất một việc, rồi bấm nút.", words=words, status=422)
    if len(words) > MOST_WORDS:
        wrong = f"Lời ghi thêm dài quá {MOST_WORDS} ký tự; rút gọn rồi gửi lại."
        return _page(request, visit, wrong=wrong, words=words, chosen=values, status=422)
    chosen = [_meant(visit, value) for value in sorted(values)]
    new: list[tuple[str, dict[str, object]]] = []
    with writing(visit.site.engine) as connection:
        for task, share in chosen:
            units = visit.mine.units.intersection(task.coordinating_units)
            by = visit.signature(sorted(units))
            count = contributions.contribute(connection, [share], units, by, words, visit.now)
            if count:
                after = {"units": sorted(units), "assignments": count, "note": mask(words) if words else ""}
                new.append((f"{task.plan}:{task.id}", after))
        # All at the end: whoever holds the turn of the audit log must not wait for another's rows.
        for subject, after in new:
            audit.append(connection, visit.actor, "contribution", subject, visit.now, after=after)
    return RedirectResponse(f"{visit.path}/phoi-hop?da={'ghi' if new else 'co'}", status_code=303)


_SAID = {
    "ghi": "Đã ghi nhận: phần phối hợp của đơn vị đã xong. Đơn vị chủ trì và văn phòng thấy điều này.",
    "co": "Phần phối hợp này đã được ghi nhận từ trước; không ghi thêm lần nữa.",
}


def _page(
    request: Request,
    visit: Visit,
    *,
    wrong: str = "",
    words: str = "",
    chosen: frozenset[str] = frozenset(),
    status: int = 200,
) -> Response:
    tasks = _tasks(visit)
    at = request.query_params.get("trang", "1")
    number = int(at) if at.isascii() and at.isdigit() and len(at) < 6 else 0
    if number < 1:
        raise not_found("trang này của danh sách")
    some = tasks[(number - 1) * _PER_PAGE : number * _PER_PAGE]
    with reading(visit.site.engine) as connection:
        found = contributions.shares(connection, [(t.plan, t.id) for t in some], visit.mine.units)
    return page(
        request,
        "unit_page/helping.html",
        status=status,
        visit=visit,
        tasks=len(tasks),
        todo=[_part(visit, share) for share in found if share.open and not share.is_done],
        finished=[_part(visit, share) for share in found if share.is_done],
        number=number,
        pages=max(1, -(-len(tasks) // _PER_PAGE)),
        said=_SAID.get(request.query_params.get("da", ""), ""),
        wrong=wrong,
        words=words,
        chosen=chosen,
        most_words=MOST_WORDS,
    )


def _tasks(visit: Visit) -> Sequence[TaskFacts]:
    """The tasks of plans in force that the unit helps with, in the order of plans and documents."""
    plans, mine = visit.book.plans, visit.mine.units
    found = [
        task
        for task in visit.book.tasks.values()
        if not mine.isdisjoint(task.coordinating_units)
        and (plan := plans.get(task.plan)) is not None
        and plan.starts <= visit.today
    ]
    return sorted(found, key=lambda task: (-plans[task.plan].starts.toordinal(), task.plan, task.position))


def _part(visit: Visit, share: Share, worded: Callable[[str], str] = str) -> Part:
    task = visit.book.tasks[share.plan, share.task]
    period = period_name(share.period)
    due = day_name(share.first_day) if share.first_day else (task.deadline_text or "không ghi ngày")
    return Part(
        title=worded(task.heading(share.milestone)) + (f" (kỳ {period})" if period else ""),
        plan=plan_name(visit.book.plans[share.plan]),
        leads=task.leads,
        due=due,
        is_done=share.is_done,
        is_late=share.first_day is not None and share.first_day < visit.today,
        value="|".join((share.plan, share.task, str(share.milestone or ""), share.period or "")),
    )


def _meant(visit: Visit, value: str) -> tuple[TaskFacts, Share]:
    """The task and part that a ticked box names. Refused (404) where the unit does not help."""
    plan, _, rest = value.partition("|")
    id, _, rest = rest.partition("|")
    milestone, _, period = rest.partition("|")
    task = visit.book.tasks.get((plan, id))
    fits = task is not None and not visit.mine.units.isdisjoint(task.coordinating_units)
    if task is None or not fits or not period.isprintable():
        raise not_found("nhiệm vụ này trong danh sách phối hợp của đơn vị")
    which = int(milestone) if milestone.isascii() and milestone.isdigit() and len(milestone) < 4 else None
    return task, Share(plan, id, which, period or None, 0, 0, 0, None)
