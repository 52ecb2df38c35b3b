"""``/danh-ba/{id}/zalo``: the office ties a contact to a chat with the bot, or undoes it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.store.database import reading, writing
from engine.store.people import pairing
from engine.store.people.pairing import PairingRefused
from engine.zalo.answering import other_ways
from web.errors import Refused
from web.pages import page
from web.people.reaching import entry_of, open_names
from web.security.access import Administrator, Person, site_of
from web.zalo.bot_name import bot_name, is_open

router = APIRouter()

_SAID = {
    "bo": (
        "Đã bỏ ghép: không gửi tin tới cuộc trò chuyện ấy nữa, đường dẫn đã gửi tới đó cũng không mở "
        "được nữa."
    )
}


@router.get("/danh-ba/{id:int}/zalo")
def show(request: Request, person: Administrator, id: int) -> Response:
    """Whether the contact is paired, and the buttons."""
    return _page(request, person, id)


@router.post("/danh-ba/{id:int}/zalo")
def make(request: Request, person: Administrator, id: int) -> Response:
    """A new code, shown this one time."""
    site, _ = site_of(request), entry_of(request, id)
    try:
        with writing(site.engine) as connection:
            code = pairing.make(connection, id, person.actor, site.now())
    except PairingRefused as refused:
        raise Refused(409, str(refused), "Dùng lại liên hệ này trong danh bạ rồi tạo mã.") from refused
    return _page(request, person, id, code=code)


@router.post("/danh-ba/{id:int}/zalo/bo")
def undo(request: Request, person: Administrator, id: int) -> Response:
    """Forgets the chat, in every entry of this person that has the same one."""
    site, entry = site_of(request), entry_of(request, id)
    with writing(site.engine) as connection:
        own = pairing.same_person(connection, id) or [entry.contact]
        pairing.unpair(
            connection, [each for each in own if each.zalo == entry.contact.zalo], person.actor, site.now()
        )
    return RedirectResponse(f"/danh-ba/{id}/zalo?da=bo", status_code=303)


def _page(request: Request, person: Person, id: int, *, code: str = "") -> Response:
    site, entry = site_of(request), entry_of(request, id)
    with reading(site.engine) as connection:
        also = [each for each in pairing.same_person(connection, id) if each.id != id]
        until = pairing.live_until(connection, id, site.now())
        others = other_ways(connection, entry.contact, open_names(site))
    return page(
        request,
        "zalo/contact.html",
        person=person,
        entry=entry,
        unit=site.registry.full_name(entry.contact.unit),
        also=sorted({site.registry.full_name(each.unit) for each in also} - {""}),
        is_open=is_open(site),
        bot=bot_name(site) if code else "",
        code=code,
        until=until,
        only_way=not others,
        said=_SAID.get(request.query_params.get("da", ""), ""),
    )
