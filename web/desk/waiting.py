"""/thong-bao/dang-cho and /thong-bao/chua-co-dia-chi: what waits and until when, and for whom nobody is
known."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.store.database import reading
from engine.store.messages.desk import DeskFilter, counts
from engine.store.messages.desk_waiting import unreachable, unreachable_people, waiting_notices
from engine.store.people.contacts import CONTACT_ROLES
from engine.tracking.progress import VIETNAM
from web.desk.hours import next_hours
from web.pages import page
from web.security.access import DeskReader, site_of

router = APIRouter()


@router.get("/thong-bao/dang-cho")
def waiting(request: Request, person: DeskReader) -> HTMLResponse:
    """The notices that no message carries yet."""
    site = site_of(request)
    now, today = site.now(), site.today()
    hours, calendar = site.settings.hours, site.calendar
    with reading(site.engine) as connection:
        found = waiting_notices(connection, today)
        by_state = counts(connection, DeskFilter())
    tomorrow = datetime.combine(today + timedelta(days=1), time(), VIETNAM)
    soonest, after_today = next_hours(now, calendar, hours), next_hours(tomorrow, calendar, hours)
    return page(
        request,
        "desk/waiting.html",
        person=person,
        found=found,
        total=sum(each.notices for each in found),
        counts=by_state,
        soonest=soonest,
        open_now=soonest is not None and soonest <= now,
        after_today=after_today,
        name=site.registry.full_name,
    )


@router.get("/thong-bao/chua-co-dia-chi")
def nobody(request: Request, person: DeskReader) -> HTMLResponse:
    """The units that owe something while nobody can be told."""
    site = site_of(request)
    with reading(site.engine) as connection:
        found = unreachable(connection, site.book(connection), site.today())
        people = unreachable_people(connection)
    return page(
        request,
        "desk/nobody.html",
        person=person,
        found=found,
        people=people,
        roles=CONTACT_ROLES,
        name=site.registry.full_name,
    )
