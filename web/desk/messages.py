"""/thong-bao: every message, the newest day first."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.store.database import reading
from engine.store.messages.deliveries import OUTCOME_NAMES
from engine.store.messages.desk import DESK_STATE_NAMES, counts
from engine.store.messages.desk_pages import page_of
from engine.store.messages.desk_waiting import waiting_notices
from engine.watching.channels import title_of
from web.desk.channels import SAID, views_of
from web.desk.filters import CHANNELS, FIELDS, SLUG_OF, asked_of, filter_of
from web.desk.hours import next_hours
from web.pages import page
from web.security.access import DeskReader, site_of

router = APIRouter()
PAGE = 50
_LONGEST_ID = 40


@router.get("/thong-bao")
def messages(request: Request, person: DeskReader) -> HTMLResponse:
    """The list with its filters, and how many messages stand in each state under them."""
    site = site_of(request)
    query = request.query_params
    registry, now = site.registry, site.now()
    asked = asked_of(query, registry)
    with reading(site.engine) as connection:
        wanted = filter_of(connection, asked, registry)
        by_state = counts(connection, wanted)
        found = page_of(connection, wanted, PAGE, after=_id(query, "sau"), before=_id(query, "truoc"))
        waiting = sum(each.notices for each in waiting_notices(connection, site.today()))
        channel_views = views_of(connection, site)
    until = {
        row.id: next_hours(max(row.not_before, now), site.calendar, site.settings.hours) for row in found.rows
    }
    return page(
        request,
        "desk/messages.html",
        person=person,
        asked=asked,
        fields=FIELDS,
        counts=by_state,
        total=sum(by_state.values()),
        shown=by_state[asked.state] if asked.state else sum(by_state.values()),
        states=DESK_STATE_NAMES,
        slugs=SLUG_OF,
        found=found,
        until=until,
        waiting=waiting,
        outcomes=OUTCOME_NAMES,
        name=registry.full_name,
        channels=CHANNELS,
        channel_views=channel_views,
        any_channel=any(each.configured for each in channel_views),
        title_of=title_of,
        said=SAID.get(query.get("da", "")),
    )


def _id(query: Mapping[str, str], name: str) -> str:
    """The id of the message that a page begins after, or nothing where no message could have it."""
    id = query.get(name, "")
    return id if id.isascii() and id.isprintable() and len(id) <= _LONGEST_ID else ""
