"""``/bao-cao/da-chot``: what was closed, one closed window with its amendments, and amending it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.notices.notice import Book
from engine.reports import closing
from engine.reports.checks import DoesNotAddUp
from engine.reports.closing import Frozen, NotAllowed
from engine.reports.tasks import Scope
from engine.reports.windows import Window, recognised
from engine.store.access.tokens import same
from engine.store.database import reading, writing
from engine.store.lists.page import one_picture
from engine.store.reports.closed import verify
from web.errors import not_found
from web.overview.asked import Asked
from web.pages import page
from web.reports.asked import KIND_NAMES, ReportKind, Wanted
from web.reports.closing import fingerprint
from web.reports.frame import sections
from web.reports.made import MAKERS, Made, make, rule_of
from web.reports.reports import AT_ODDS
from web.security.access import Decider, Form, Person, Reader, field, site_of
from web.site import Site

router = APIRouter()

_MOST_REASON = 500
_MOST_CELLS = 200
_CHANGED = "Chưa đính chính: số liệu vừa đổi so với lần bạn xem. Hãy xem lại rồi bấm đính chính."


@router.get("/bao-cao/da-chot")
def overview(request: Request, person: Reader) -> Response:
    """Every closed window; and any that is not what was written."""
    site = site_of(request)
    with reading(site.engine) as connection:
        book = site.book(connection)
        known = closing.all_closed(connection)
        broken = [closing.broken_words(each) for each in verify(connection)]
    lines = [
        {
            "address": f"/bao-cao/da-chot/{each.hash}",
            "kind": kind_words(each),
            "scope": scope_words(each, book),
            "window": _words(window_of(site, each)),
            "at": each.closed_at,
            "by": each.by,
            "amendments": len(each.amendments),
            "hash": each.seal,
        }
        for each in known
    ]
    return page(
        request,
        "reports/closed.html",
        person=person,
        sections=sections(),
        closed=lines,
        broken=broken,
    )


@router.get("/bao-cao/da-chot/{closed}")
def one(request: Request, person: Reader, closed: str, moi: str = "") -> Response:
    """One closed window: its amendments, and what would be different today."""
    return _page(request, person, closed, said=moi)


@router.post("/bao-cao/da-chot/{closed}")
def amend(request: Request, form: Form, person: Decider, closed: str) -> Response:
    """Amends with what the page showed; where the figures are different now, shows them again instead."""
    site = site_of(request)
    reason, seen = field(form, "ly_do", most=_MOST_REASON), field(form, "da_xem", most=64)
    with reading(site.engine) as connection:
        one_picture(connection)
        known = _known(connection, closed)
        live = _live(connection, site, known)
    if not isinstance(live, Made) or not same(seen, fingerprint(live)):
        return _page(request, person, closed, wrong=_CHANGED, reason=reason)
    scope, window = scope_of(known), window_of(site, known)
    try:
        with writing(site.engine) as connection:
            closing.amend(
                connection,
                known.key.kind,
                scope,
                window,
                live.figures,
                " ".join(reason.split()),
                person.actor,
                site.now(),
            )
    except NotAllowed as error:
        return _page(request, person, closed, wrong=str(error), reason=reason)
    return RedirectResponse(f"/bao-cao/da-chot/{closed}?moi=2", status_code=303)


def scope_of(known: Frozen) -> Scope:
    """What a closed report is about, from its key."""
    plans, _, unit = known.key.scope.partition("|")
    return Scope(None if plans == "*" else tuple(plans.split("+")), None if unit in ("*", "") else unit)


def window_of(site: Site, known: Frozen) -> Window:
    """The window of a closed report by its name, where its days have one."""
    plans = scope_of(known).plans
    rule = rule_of(site, plans[0] if plans and len(plans) == 1 else None)
    return recognised(known.key.first, known.key.last, rule)


def kind_words(known: Frozen) -> str:
    """The name of the report."""
    kind = known.key.kind
    return KIND_NAMES[ReportKind(kind)] if kind in tuple(ReportKind) else kind


def scope_words(known: Frozen, book: Book) -> str:
    """Plans and unit by their names."""
    scope = scope_of(known)
    if scope.plans is None:
        of = "Tất cả kế hoạch"
    else:
        of = ", ".join(book.plans[id].number if id in book.plans else id for id in scope.plans)
    return f"{of}; {book.registry.full_name(scope.unit)}" if scope.unit else of


def _words(window: Window) -> str:
    title = window.title
    return title[0].upper() + title[1:] if title == window.days else f"{title.capitalize()} ({window.days})"


def _known(connection: Connection, hash_: str) -> Frozen:
    found = next((each for each in closing.all_closed(connection) if each.hash == hash_), None)
    if found is None:
        raise not_found("kỳ đã chốt này")
    return found


def _live(connection: Connection, site: Site, known: Frozen) -> Made | DoesNotAddUp | None:
    """The figures of the window as they would be now; None for a report that this page does not make."""
    scope, kind = scope_of(known), known.key.kind
    if kind not in tuple(ReportKind) or ReportKind(kind) not in MAKERS:
        return None
    typed = {"ke-hoach": "", "don-vi": ""}
    base = Asked("/bao-cao", typed, plan=scope.plans[0] if scope.plans else None, unit=scope.unit)
    try:
        return make(connection, site, Wanted(base, ReportKind(kind), window_of(site, known)))
    except DoesNotAddUp as error:
        return error


def _page(
    request: Request, person: Person, closed: str, *, said: str = "", wrong: str = "", reason: str = ""
) -> Response:
    site = site_of(request)
    with reading(site.engine) as connection:
        one_picture(connection)
        book = site.book(connection)
        known = _known(connection, closed)
        live = _live(connection, site, known)
    drift = closing.drift(known, live.figures) if isinstance(live, Made) else ()
    context: dict[str, Any] = {
        "known": known,
        "kind": kind_words(known),
        "scope": scope_words(known, book),
        "window": _words(window_of(site, known)),
        "address": _address(known),
        "drift": drift[:_MOST_CELLS],
        "drifted": len(drift),
        "at_odds": live.rows if isinstance(live, DoesNotAddUp) else (),
        "seen": fingerprint(live) if isinstance(live, Made) else "",
        "most_cells": _MOST_CELLS,
    }
    return page(
        request,
        "reports/one_closed.html",
        status=AT_ODDS if wrong else 200,
        person=person,
        sections=sections(),
        said=said,
        wrong=wrong,
        reason=reason,
        **context,
    )


def _address(known: Frozen) -> str:
    """The report itself."""
    scope = scope_of(known)
    wanted = Wanted(Asked("/bao-cao", {}), ReportKind(known.key.kind))
    plan = scope.plans[0] if scope.plans and len(scope.plans) == 1 else None
    return wanted.to(
        "/bao-cao",
        loai=wanted.slug,
        ke_hoach=plan,
        don_vi=scope.unit,
        tu=_iso(known.key.first),
        den=_iso(known.key.last),
    )


def _iso(day: date) -> str:
    return day.isoformat()
