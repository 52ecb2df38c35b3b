"""``/nhat-ky``: who did what, when, from where. Nobody can change it, here or in the database."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.exchange.sheets import parse_day
from engine.store.access import accounts, audit_reading
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading
from web.pages import page
from web.people.audit_words import action_words, changes, is_assignment, subject_words
from web.security.access import Administrator, site_of

router = APIRouter()

PER_PAGE = 50
_CHECKED_AT_ONCE = 5_000
"""A longer log is checked only when asked: it takes seconds."""

_ASKED = {"tu": 20, "den": 20, "nguoi": 80, "ve": 300, "viec": 60}
"""What the address may ask for, each with its greatest length: days, who, about what, which act."""

_OTHER_ACTORS = {
    "link": "đơn vị, qua đường dẫn riêng",
    "key": "hệ thống khác, qua khóa kết nối",
    "system": "hệ thống, dòng lệnh",
}


@router.get("/nhat-ky")
def read(request: Request, person: Administrator, truoc: str = "", kiem: str = "") -> Response:
    """A page of the log, newest first: rows older than ``truoc`` that fit what the address asks for."""
    site = site_of(request)
    typed = {name: request.query_params.get(name, "")[:most].strip() for name, most in _ASKED.items()}
    first, last = _day(typed["tu"]), _day(typed["den"])
    wrong = [
        f"“{text}” không phải là một ngày; viết như 05/06/2023."
        for text, found in ((typed["tu"], first), (typed["den"], last))
        if text and found is None
    ]
    actor, subject, action = (_clean(typed[name]) for name in ("nguoi", "ve", "viec"))
    wanted = AuditFilter(first, last, actor, subject, action)
    older_than = int(truoc) if truoc.isascii() and truoc.isdigit() and len(truoc) < 10 else None
    with reading(site.engine) as connection:
        found = audit_reading.entries(connection, wanted, before=older_than, at_most=PER_PAGE + 1)
        people = [each.account for each in accounts.listed(connection, site.now())]
        actions = audit_reading.actions(connection)
        rows = audit_reading.count(connection)
        whole = audit_reading.wholeness(connection) if kiem or (rows and rows <= _CHECKED_AT_ONCE) else None
    shown = found[:PER_PAGE]
    logins = {one.id: one.login for one in people}
    registry = site.registry
    return page(
        request,
        "people/audit.html",
        status=400 if wrong else 200,
        person=person,
        lines=[(each, changes(each.before, each.after, registry)) for each in shown],
        subject=lambda text: subject_words(text, logins),
        is_assignment=is_assignment,
        action=action_words,
        older=shown[-1].id if len(found) > PER_PAGE else None,
        is_first=older_than is None,
        rows=rows,
        whole=whole,
        typed=typed,
        kept={name: value for name, value in typed.items() if value},
        wrong=wrong,
        people=people,
        other_actors=_OTHER_ACTORS,
        actions=sorted((action_words(each), each) for each in actions),
    )


def _day(text: str) -> date | None:
    found = parse_day(text) if text else None
    # Far from our own days the arithmetic of zones runs out of years.
    return found if found is not None and 1900 <= found.year <= 2200 else None


def _clean(text: str) -> str:
    return text if text.isprintable() else ""
