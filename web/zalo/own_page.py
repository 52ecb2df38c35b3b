"""``/u/{token}/zalo``: the person whom a link was sent to gets a code for their own entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import Response

from engine.store.access import attempts
from engine.store.database import reading, writing
from engine.store.people import address_book, pairing
from engine.store.people.address_book import Entry
from engine.store.people.contacts import same_name
from engine.store.people.pairing import PairingRefused
from web.pages import page
from web.security.access import Form, by_token, field
from web.unit_page.door import Visit, enter
from web.zalo.bot_name import bot_name, is_open

router = APIRouter(dependencies=[Depends(by_token)])

_NOBODY = (
    "Đường dẫn này không gắn với người nào trong danh bạ. Muốn nhận tin qua Zalo, anh/chị hỏi văn "
    "phòng lấy mã ghép."
)
_SEVERAL = (
    "Địa chỉ nhận đường dẫn này có nhiều người dùng chung, nên không biết ghép Zalo cho ai. Anh/chị hỏi "
    "văn phòng lấy mã ghép của riêng mình."
)
_NOT_OPEN = "Văn phòng chưa mở kênh Zalo, nên chưa ghép được."


@dataclass(frozen=True, slots=True)
class _Mine:
    """``entry`` is whoever the link was sent to; without one ``why`` says so."""

    entry: Entry | None
    why: str = ""


@router.get("/u/{token}/zalo")
def show(request: Request, token: str) -> Response:
    """How it is done, and the button."""
    return _page(request, enter(request, token))


@router.post("/u/{token}/zalo")
def make(request: Request, token: str, form: Form) -> Response:
    """A new code, shown this one time."""
    visit = enter(request, token)
    # A scanner of mails sends every form as it finds it: it must not end the code that the person holds.
    if field(form, "dong-y", most=10) != "co":
        return _page(request, visit, wrong="Hãy đánh dấu ô xác nhận, rồi bấm nút.", status=422)
    with reading(visit.site.engine) as connection:
        mine = _mine(connection, visit)
    if mine.entry is None:
        return _page(request, visit, wrong=mine.why, status=409)
    if (until := _admitted(visit)) is not None:
        wrong = f"Đã tạo mã quá nhiều lần trong một ngày. {attempts.again_words(until, visit.now)}"
        return _page(request, visit, wrong=wrong, status=429)
    try:
        with writing(visit.site.engine) as connection:
            code = pairing.make(connection, mine.entry.id, visit.actor, visit.now)
    except PairingRefused:
        return _page(request, visit, wrong=_NOBODY, status=409)
    return _page(request, visit, code=code)


def _admitted(visit: Visit) -> datetime | None:
    with writing(visit.site.engine) as connection:
        return attempts.admit(connection, [f"code:{visit.link.id}"], visit.now)


def _mine(connection: Connection, visit: Visit) -> _Mine:
    """Whose address the link went to: one person, in however many units."""
    if not is_open(visit.site):
        return _Mine(None, _NOT_OPEN)
    found = address_book.at_address(connection, visit.link.address)
    if not found:
        return _Mine(None, _NOBODY)
    names = [each.contact.name for each in found if each.contact.name]
    if not all(same_name(one, other) for one, other in pairwise(names)):
        return _Mine(None, _SEVERAL)
    return _Mine(min(found, key=lambda each: (each.contact.unit not in visit.link.units, each.id)))


def _page(request: Request, visit: Visit, *, code: str = "", wrong: str = "", status: int = 200) -> Response:
    with reading(visit.site.engine) as connection:
        mine = _mine(connection, visit)
        entry = mine.entry
        until = pairing.live_until(connection, entry.id, visit.now) if entry else None
    return page(
        request,
        "zalo/own.html",
        status=status,
        visit=visit,
        entry=entry,
        why=mine.why,
        is_paired=entry is not None and bool(entry.contact.zalo),
        bot=bot_name(visit.site) if code else "",
        code=code,
        until=until,
        wrong=wrong,
    )
