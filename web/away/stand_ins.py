"""``/thay-mat``: who stands in for whom, now, before and to come; ending one early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.people import address_book, stand_ins
from engine.store.people.stand_ins import StandIn, StandInRefused, who_gets
from web.away.people import Named, named
from web.errors import Refused, not_found
from web.pages import page
from web.security.access import Decider, Form, site_of

router = APIRouter()

_SHOWN_BACK = timedelta(days=90)
_SAID = {
    "them": "Đã ghi người nhận thay.",
    "ket-thuc": "Đã kết thúc; từ lúc này tin lại gửi cho chính người vắng.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One stand-in in the table; ``remark`` says where messages really go when not to the deputy."""

    stand_in: StandIn
    who: Named | None
    deputy: Named | None
    state: str
    may_end: bool
    remark: str


@router.get("/thay-mat")
def show(request: Request, person: Decider) -> Response:
    """The stand-ins of the last months and those to come."""
    site = site_of(request)
    today = site.today()
    with reading(site.engine) as connection:
        known = stand_ins.since(connection, today - _SHOWN_BACK)
        people = named(address_book.entries(connection), site.registry)
        deputies = stand_ins.holding(connection, today)
    lines = [_line(each, people, deputies, today) for each in known]
    return page(
        request,
        "away/list.html",
        person=person,
        lines=sorted(lines, key=lambda line: not line.may_end),
        said=_SAID.get(request.query_params.get("da", "")),
        days_back=_SHOWN_BACK.days,
    )


@router.post("/thay-mat/{id}/ket-thuc")
def end(request: Request, id: int, person: Decider, form: Form) -> Response:
    """Ends one stand-in now."""
    site, now = site_of(request), site_of(request).now()
    if not 0 < id < 2**31:
        raise not_found("lần nhận thay này")
    try:
        with writing(site.engine) as connection:
            if stand_ins.find(connection, id) is None:
                raise not_found("lần nhận thay này")
            ended = stand_ins.end(connection, id, now)
            subject = f"stand_in:{id}"
            before = {"last_day": ended.last_day, "contact": ended.contact, "deputy": ended.deputy}
            after = {"ended_at": now}
            audit.append(connection, person.actor, "stand_in.end", subject, now, before=before, after=after)
    except StandInRefused as error:
        raise Refused(409, str(error), "Quay lại trang “Nhận thay” để xem hiện trạng.") from error
    return RedirectResponse("/thay-mat?da=ket-thuc", status_code=303)


def _line(each: StandIn, people: dict[int, Named], deputies: dict[int, int], today: date) -> Line:
    over = each.ended_at is not None or each.last_day < today
    holds = each.holds_on(today)
    state = "đã kết thúc sớm" if each.ended_at else "đã xong" if over else "đang nhận thay"
    if not over and not holds:
        state = "sắp tới"
    return Line(
        stand_in=each,
        who=people.get(each.contact),
        deputy=people.get(each.deputy),
        state=state,
        may_end=not over,
        remark="" if over else _remark(each, people, deputies if holds else {}),
    )


def _remark(each: StandIn, people: dict[int, Named], deputies: dict[int, int]) -> str:
    active = {id for id, who in people.items() if who.active}
    if each.deputy not in active:
        return "Người nhận thay không còn trong danh bạ: tin vẫn gửi cho người vắng"
    if not deputies:
        return ""
    gets = who_gets(each.contact, deputies, active)
    if gets == each.contact:
        return "Những người nhận thay đều vắng và quay vòng: tin vẫn gửi cho người vắng"
    if gets != each.deputy:
        return f"Người nhận thay cũng vắng: hôm nay tin gửi tới {people[gets].label}"
    return ""
