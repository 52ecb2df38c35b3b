"""``/u/{token}``: what a unit owes, by when and why it was told; "Đã nhận" for several at once."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.event import Event, EventKind
from engine.store.database import reading
from engine.store.events import EventsRefused
from engine.store.work import dossiers, unit_work
from engine.store.work.unit_work import Group, Row
from web.errors import not_found
from web.pages import page
from web.security.access import Form, by_token
from web.unit_page import catalogue, helping, measuring
from web.unit_page.door import Visit, enter, row_of
from web.unit_page.recording import receive
from web.unit_page.shown import BY_SLUG, HEADINGS, SLUGS, Section, plan_name, shown, why_words
from web.wording import instant

router = APIRouter(dependencies=[Depends(by_token)])

_MOST = {
    Group.OVERDUE: 20,
    Group.SOON: 20,
    Group.OTHER: 10,
    Group.WAITING: 10,
    Group.DORMANT: 5,
    Group.DONE: 5,
}
_PER_PAGE = 50
_MOST_AT_ONCE = 100
_MOST_OTHERS = 20
_FOLDED = frozenset({Group.WAITING, Group.DORMANT, Group.DONE})


@router.api_route("/u/{token}", methods=["GET", "HEAD"])
def owed(request: Request, token: str) -> Response:
    """The unit's list; with ``?nhom=`` one group of it, page by page."""
    return _page(request, enter(request, token))


@router.post("/u/{token}/da-nhan")
def received(request: Request, token: str, form: Form) -> Response:
    """ "Đã nhận" for the assignments whose boxes somebody ticked."""
    visit = enter(request, token)
    seen: dict[str, int] = {}
    for value in form.getlist("viec")[:_MOST_AT_ONCE]:
        revision, _, id = value.partition("|") if isinstance(value, str) else ("", "", "")
        number = revision.isascii() and revision.isdigit() and len(revision) < 10
        seen[id] = int(revision) if number else -1
    if not seen:
        return _page(request, visit, wrong="Hãy chọn ít nhất một việc, rồi bấm nút.", status=422)
    with reading(visit.site.engine) as connection:
        rows = [row_of(connection, visit, id) for id in seen]
    events = [
        Event(row.tracked.promise.id, EventKind.RECEIVED, visit.now, visit.speaks_as(row)) for row in rows
    ]
    try:
        numbers = receive(visit, seen, events)
    except EventsRefused:
        numbers = _said_before(visit, events)
        if not numbers:
            return _page(request, visit, wrong=_MOVED_ON, chosen=frozenset(seen), status=409)
    return RedirectResponse(f"{visit.path}?da={min(numbers)}-{max(numbers)}", status_code=303)


_MOVED_ON = (
    "Chưa ghi nhận gì: trong lúc anh/chị xem, có việc vừa được cập nhật. Danh sách dưới đây là mới nhất; "
    "xem lại rồi bấm lần nữa."
)


def _said_before(visit: Visit, events: Sequence[Event]) -> list[int]:
    """The numbers of the events where the same tap has recorded them all a moment ago."""
    numbers = []
    with reading(visit.site.engine) as connection:
        for event in events:
            history = dossiers.history(connection, event.assignment)
            if not history or (history[-1].event.kind, history[-1].event.by) != (event.kind, event.by):
                return []
            numbers.append(history[-1].number)
    return numbers


def _page(
    request: Request,
    visit: Visit,
    *,
    wrong: str = "",
    chosen: frozenset[str] = frozenset(),
    status: int = 200,
) -> Response:
    with reading(visit.site.engine) as connection:
        counts = unit_work.counts(connection, visit.mine, visit.book, visit.calendar, visit.today)
        wanted = request.query_params.get("nhom")
        if wanted is not None:
            return _group_page(request, visit, connection, wanted, counts)
        rows = {
            group: _rows(connection, visit, group, most) for group, most in _MOST.items() if counts[group]
        }
        sections = _sections(connection, visit, rows, counts)
        others = _others(connection, visit)
        helps = helping.overview(connection, visit)
        said = _said(connection, visit, request.query_params.get("da", ""))
    return page(
        request,
        "unit_page/owed.html",
        status=status,
        visit=visit,
        sections=[each for each in sections if each.group not in _FOLDED],
        folded=[each for each in sections if each.group in _FOLDED],
        others=others,
        helps=helps,
        indicators=len(measuring.rows_of(visit)),
        check_lists=len(catalogue.lists_of(visit)),
        receivable=any(line.receivable for each in sections for line in each.lines),
        owes=sum(counts[group] for group in (Group.OVERDUE, Group.SOON, Group.OTHER)),
        late=counts[Group.OVERDUE],
        said=said,
        wrong=wrong,
        chosen=chosen,
    )


def _group_page(
    request: Request, visit: Visit, connection: Connection, wanted: str, counts: dict[Group, int]
) -> Response:
    group = BY_SLUG.get(wanted)
    number = request.query_params.get("trang", "1")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    if group is None or at < 1:
        raise not_found("phần này của danh sách")
    rows = {group: _rows(connection, visit, group, _PER_PAGE, (at - 1) * _PER_PAGE)}
    [section] = _sections(connection, visit, rows, counts)
    return page(
        request,
        "unit_page/group.html",
        visit=visit,
        section=section,
        number=at,
        pages=max(1, -(-counts[group] // _PER_PAGE)),
        receivable=any(line.receivable for line in section.lines),
        chosen=frozenset(),
    )


def _rows(connection: Connection, visit: Visit, group: Group, most: int, offset: int = 0) -> list[Row]:
    found = unit_work.rows(
        connection, visit.mine, group, visit.book, visit.calendar, visit.today, most, offset
    )
    known = visit.book.tasks
    return [row for row in found if (row.tracked.promise.plan, row.tracked.promise.task) in known]


def _sections(
    connection: Connection, visit: Visit, rows: dict[Group, list[Row]], counts: dict[Group, int]
) -> list[Section]:
    ids = [row.tracked.promise.id for group in rows.values() for row in group]
    whys = unit_work.reasons(connection, ids, visit.link.units)
    return [
        Section(
            group,
            SLUGS[group],
            HEADINGS[group],
            counts[group],
            tuple(shown(visit, row, whys) for row in listed),
        )
        for group, listed in rows.items()
    ]


def _others(connection: Connection, visit: Visit) -> list[dict[str, str]]:
    """Other units' work that the last message spoke of, for who watches over it."""
    if not visit.link.address:
        return []
    found = unit_work.told_of_others(
        connection, visit.link.address, visit.mine, visit.book, visit.calendar, visit.today, _MOST_OTHERS
    )
    lines = []
    for row, why in found:
        promise = row.tracked.promise
        if (promise.plan, promise.task) not in visit.book.tasks:
            continue
        line = shown(visit, row, {})
        lines.append(
            {
                "title": line.title,
                "unit": visit.registry.full_name(promise.unit),
                "due": line.due,
                "standing": line.standing,
                "tone": line.tone,
                "state": line.state,
                "plan": plan_name(visit.book.plan_of(row.tracked)),
                "why": why_words(why),
            }
        )
    return lines


def _said(connection: Connection, visit: Visit, numbers: str) -> str:
    """What was recorded a moment ago, told from the history itself."""
    first, _, last = numbers.partition("-")
    if not (numbers.isascii() and first.isdigit() and last.isdigit() and max(len(first), len(last)) < 10):
        return ""
    events = unit_work.received_between(connection, int(first), int(last), _MOST_AT_ONCE)
    ids = [event.assignment for event in events]
    rows = unit_work.some(connection, ids, visit.book, visit.calendar, visit.today)
    mine = {r.tracked.promise.id for r in rows if unit_work.owns(visit.mine, r.tracked)}
    at = [event.at for event in events if event.assignment in mine]
    if not at:
        return ""
    return f"Đã ghi nhận lúc {instant(max(at))}: đơn vị đã nhận {len(at)} việc."
