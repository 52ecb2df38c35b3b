"""``/don-doc``: the chases so far; ``/don-doc/{id}``: what was sent to one unit."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.explain import NOTICE_STATES
from engine.notices.notice import Book
from engine.store import views
from engine.store.database import reading
from engine.store.messages import chases
from engine.store.messages.chases import Carrier, Chase
from engine.store.messages.desk import DESK_STATE_NAMES, desk_state
from engine.store.messages.notices import Stored
from engine.store.people.contacts import NO_CHANNEL
from engine.tracking.assess import Tracked
from notifiers.address import masked
from web.errors import not_found
from web.pages import page
from web.security.access import DeskReader, site_of

router = APIRouter()

_ROWS = 50
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Row:
    chase: Chase
    unit: str


@dataclass(frozen=True, slots=True)
class _Task:
    """One assignment of a chase as it stands now, and what became of its notice."""

    id: str
    title: str
    state: str
    notice: int | None
    told: str


@dataclass(frozen=True, slots=True)
class _Message:
    carrier: Carrier
    recipient: str
    state: str


@router.get("/don-doc")
def so_far(request: Request, person: DeskReader, trang: str = "1", gui: str = "", bo: str = "") -> Response:
    """The chases so far, newest first."""
    site = site_of(request)
    with reading(site.engine) as connection:
        total = chases.count(connection)
        pages = max(1, -(-total // _ROWS))
        number = min(max(_number(trang), 1), pages)
        found = chases.latest(connection, _ROWS, (number - 1) * _ROWS)
        rows = [_Row(chase, site.registry.full_name(chase.unit)) for chase in found]
    return page(
        request,
        "chasing/so_far.html",
        person=person,
        rows=rows,
        total=total,
        number=number,
        pages=pages,
        sent=_number(gui),
        left=_number(bo),
    )


@router.get("/don-doc/{id}")
def one(request: Request, person: DeskReader, id: str) -> Response:
    """One unit chased on one day: about what, by whom, and what became of the message."""
    site = site_of(request)
    with reading(site.engine) as connection:
        chase = chases.find(connection, _number(id))
        if chase is None:
            raise not_found("lần đôn đốc này")
        book = site.book(connection)
        notices = {stored.notice.subject: stored for stored in chases.notices_of(connection, chase)}
        carriers = chases.carriers(connection, [stored.id for stored in notices.values()])
        tracked = views.tracked(connection, book.registry, ids=chase.assignments)
    now = {each.promise.id: each for each in tracked}
    return page(
        request,
        "chasing/one.html",
        person=person,
        chase=chase,
        unit=book.registry.full_name(chase.unit),
        tasks=[_task(id, now.get(id), notices.get(id), book) for id in chase.assignments],
        messages=[_message(carrier) for carrier in carriers],
    )


def _task(id: str, tracked: Tracked | None, stored: Stored | None, book: Book) -> _Task:
    title, state = id, ""
    if tracked is not None:
        task = book.tasks.get((tracked.promise.plan, tracked.promise.task))
        title = task.heading(tracked.promise.milestone) if task else id
        state = tracked.standing.state.value
    told = NOTICE_STATES.get(stored.state, stored.state) if stored else ""
    return _Task(id, title, state, stored.id if stored else None, told)


def _message(carrier: Carrier) -> _Message:
    known = carrier.channel != NO_CHANNEL
    state = DESK_STATE_NAMES[desk_state(carrier.state, carrier.in_doubt)]
    shown = masked(carrier.channel, carrier.address) if known else "chưa có địa chỉ liên hệ"
    return _Message(carrier, shown, state)


def _number(text: str) -> int:
    """A whole number that the database can count; 0 for anything else."""
    return min(int(text), _LARGEST) if text.isascii() and text.isdigit() and len(text) < 18 else 0
