"""``/bao-cao/chot``: see the figures of a window that is over, then freeze exactly these."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.notices.notice import Book
from engine.reports import closing
from engine.reports.checks import DoesNotAddUp
from engine.reports.closing import NotAllowed
from engine.store.access.tokens import same
from engine.store.database import reading, writing
from engine.store.reports.closed import canonical
from web.reports.asked import Wanted
from web.reports.frame import days_told, report_page
from web.reports.made import Made
from web.reports.reports import AT_ODDS, asked_and_made
from web.reports.shown import shown
from web.security.access import Decider, Form, Person, field, site_of

router = APIRouter()

_CHANGED = "Chưa chốt: số liệu dưới đây khác với lần bạn xem trước. Hãy xem lại rồi bấm chốt."
_NO_WINDOW = "Chọn một kỳ, hoặc ghi ngày đầu và ngày cuối: chỉ chốt được số liệu của một kỳ."


@router.get("/bao-cao/chot")
def preview(request: Request, person: Decider) -> Response:
    """The figures that would be frozen; changes nothing. Without a window the form alone."""
    site = site_of(request)
    asked, book, made = asked_and_made(request, site, to_close=True)
    wrong: Sequence[str] = ()
    if isinstance(made, Made) and asked.window is not None:
        with reading(site.engine) as connection:
            known = closing.frozen(connection, asked.kind, asked.scope, asked.window)
        if known is not None:
            return RedirectResponse(f"/bao-cao/da-chot/{known.hash}", status_code=303)
        if asked.window.last >= site.today():
            over = f"{asked.window.last:%d/%m/%Y}"
            wrong, made = [f"Kỳ này đến hết ngày {over} mới xong nên chưa chốt được."], None
    elif any(request.query_params.get(name) for name in ("ky", "tu", "den")) and not asked.wrong:
        wrong = made.rows if isinstance(made, DoesNotAddUp) else [_NO_WINDOW]
    return _page(request, person, asked, book, made, wrong, 200)


@router.post("/bao-cao/chot")
def close(request: Request, form: Form, person: Decider) -> Response:
    """Freezes what the preview showed; where the figures are different now, shows them again instead."""
    site = site_of(request)
    seen = field(form, "da_xem", most=64)
    asked, book, made = asked_and_made(request, site, to_close=True)
    if not isinstance(made, Made) or asked.window is None:
        rows = made.rows if isinstance(made, DoesNotAddUp) else [_NO_WINDOW]
        return _page(request, person, asked, book, made, rows, AT_ODDS)
    if not same(seen, fingerprint(made)):
        return _page(request, person, asked, book, made, [_CHANGED], AT_ODDS)
    try:
        with writing(site.engine) as connection:
            known = closing.close(
                connection, asked.kind, asked.scope, asked.window, made.figures, person.actor, site.now()
            )
    except NotAllowed as error:
        return _page(request, person, asked, book, None, [str(error)], AT_ODDS)
    return RedirectResponse(f"/bao-cao/da-chot/{known.hash}?moi=1", status_code=303)


def fingerprint(made: Made) -> str:
    """Of the figures that somebody saw."""
    return hashlib.sha256(canonical(made.figures).encode()).hexdigest()


def _page(
    request: Request,
    person: Person,
    asked: Wanted,
    book: Book,
    made: Made | DoesNotAddUp | None,
    wrong: Sequence[str],
    status: int,
) -> Response:
    context: dict[str, Any] = {"document": None}
    if isinstance(made, Made) and asked.window is not None:
        context = {
            "document": made.document,
            "tables": shown(made.document),
            "seen": fingerprint(made),
            "days_told": days_told(asked, site_of(request).today()),
        }
    return report_page(
        request, "reports/close.html", person, asked, book, status=status, wrong=wrong, **context
    )
