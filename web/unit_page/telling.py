"""``/u/{token}/tin-de-biet``: what the person behind a link is sent, what they may leave out, and a trial."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from engine import trial_message
from engine.errors import DondocError
from engine.exchange.channel_order import CHANNEL_TITLES
from engine.installation.trials import send_trial
from engine.store.access import attempts, audit
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.people import address_book
from engine.store.people.address_book import Entry
from engine.store.people.contacts import ZALO
from notifiers.address import masked
from web.errors import Refused
from web.pages import page
from web.people.reaching import open_names, ways_of
from web.security.access import Form, by_token
from web.security.access import field as posted
from web.unit_page.door import Visit, enter

router = APIRouter(dependencies=[Depends(by_token)])

TRIALS_A_DAY = 3

_ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program sends by itself when its reader asks to unsubscribe (RFC 8058)."""

_SAID = {
    "nhan": "Đã ghi nhận: anh/chị nhận cả tin chỉ để biết.",
    "thoi": (
        "Đã ghi nhận: từ nay không gửi tin chỉ để biết tới địa chỉ này. Tin về việc đơn vị phải làm vẫn "
        "được gửi."
    ),
}
_NOT_IN_BOOK = "Địa chỉ này không còn trong danh bạ; đề nghị văn phòng kiểm tra lại."


@router.get("/u/{token}/tin-de-biet")
def show(request: Request, token: str) -> Response:
    """What is sent to the address that the link went to."""
    return _page(request, enter(request, token))


@router.post("/u/{token}/tin-de-biet")
def choose(request: Request, token: str, form: Form) -> Response:
    """Whether messages that are only for information are wanted; the request of a mail program needs no
    page."""
    visit = enter(request, token)
    if form.get(_ONE_CLICK[0]) == _ONE_CLICK[1]:
        _switch(visit, wanted=False)
        return PlainTextResponse(_SAID["thoi"])
    answer = posted(form, "nhan", most=10)
    if answer not in ("co", "khong"):
        return _page(request, visit, wrong="Hãy chọn nhận hay không nhận, rồi bấm nút.", status=422)
    if not _switch(visit, wanted=answer == "co"):
        return _page(request, visit, wrong=_NOT_IN_BOOK, status=409)
    return RedirectResponse(
        f"{visit.path}/tin-de-biet?da={'nhan' if answer == 'co' else 'thoi'}", status_code=303
    )


@router.post("/u/{token}/gui-thu")
def try_out(request: Request, token: str, form: Form) -> Response:
    """A trial message to the address that the link went to, a few times a day."""
    visit = enter(request, token)
    # A mail scanner sends every form as it finds it: without the tick nothing goes out.
    if posted(form, "dong-y", most=10) != "co":
        return _page(request, visit, wrong="Hãy đánh dấu ô xác nhận, rồi bấm nút.", status=422)
    with reading(visit.site.engine) as connection:
        mine = _mine(connection, visit)
    channel = address_book.channel_at(mine[0].contact, visit.link.address) if mine else None
    if channel is None:
        return _page(request, visit, wrong=_NOT_IN_BOOK, status=409)
    if (until := _admitted(visit)) is not None:
        wrong = f"Đã gửi thử {TRIALS_A_DAY} lần trong một ngày. {attempts.again_words(until, visit.now)}"
        return _page(request, visit, wrong=wrong, status=429)
    contact = mine[0].contact
    ways = [way for way in contact.ways() if way[0] == channel]
    try:
        send_trial(visit.site.installation(), contact, ways, visit.actor, visit.now)
    except DondocError as error:
        hint = "Báo cho văn phòng: kênh gửi tin cần được xem lại."
        raise Refused(503, "Chưa gửi được tin thử", hint) from error
    return RedirectResponse(f"{visit.path}/tin-de-biet?da=gui-thu#gui-thu", status_code=303)


def _admitted(visit: Visit) -> datetime | None:
    with writing(visit.site.engine) as connection:
        return attempts.admit(connection, [f"trial:{visit.link.id}"], visit.now)


def _switch(visit: Visit, *, wanted: bool) -> bool:
    """Writes the choice into every contact with the address; False when there is none."""
    with writing(visit.site.engine) as connection:
        mine = _mine(connection, visit)
        changed = address_book.switch_copies(connection, mine, wanted=wanted)
        for each in changed:
            audit.append(
                connection,
                visit.actor,
                "contact.copies",
                f"contact:{each.id}",
                visit.now,
                before={"copies": each.contact.copies},
                after={"copies": wanted},
            )
    return bool(mine)


def _mine(connection: Connection, visit: Visit) -> list[Entry]:
    """The contacts with the address that the link went to, those of the link's units first."""
    found = address_book.at_address(connection, visit.link.address)
    return sorted(found, key=lambda each: (each.contact.unit not in visit.link.units, each.id))


def _page(request: Request, visit: Visit, *, wrong: str = "", status: int = 200) -> Response:
    with reading(visit.site.engine) as connection:
        mine = _mine(connection, visit)
        told = trial_message.last_told(connection, mine[0].id) if mine else None
        refused = refusals.everything(connection) if mine else {}
    names = open_names(visit.site)
    ways = ways_of(mine[0].contact, refused, names) if mine else []
    channel = address_book.channel_at(mine[0].contact, visit.link.address) if mine else None
    done = request.query_params.get("da", "")
    return page(
        request,
        "unit_page/telling.html",
        status=status,
        visit=visit,
        is_known=bool(mine),
        channel=CHANNEL_TITLES.get(channel or "", ""),
        address=masked(channel, visit.link.address) if channel else "",
        refused=next((way.refused for way in ways if way.channel == channel), ""),
        copies=any(each.contact.copies for each in mine),
        pairs=channel != ZALO and ZALO in names and not any(e.contact.zalo for e in mine),
        told=told,
        told_lines=[trial_message.words(each) for each in told.trials] if told else [],
        arrived=told is not None and trial_message.arrived(told.trials),
        just_tried=done == "gui-thu" and not wrong,
        most=TRIALS_A_DAY,
        said=_SAID.get(done, ""),
        wrong=wrong,
    )
