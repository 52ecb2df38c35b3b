"""What the desk says of the channels: the panel above the list, using one again, and refused addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.people import contacts
from engine.store.people.contacts import CONTACT_ROLES
from engine.watching.channels import ChannelView, channels_now, title_of, use_again
from notifiers.address import masked
from notifiers.registry import configured, kind_of
from web.errors import not_found
from web.pages import page
from web.security.access import Decider, DeskReader, Form, site_of
from web.site import Site

router = APIRouter()
MOST = 200
SAID = {
    "dung-lai": "Đã cho kênh dùng lại; tin đang chờ đi trong lượt kế tiếp của giờ gửi tin.",
    "dang-dung": "Kênh này đang dùng được rồi: có thể vừa có người khác cho dùng lại.",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose address it is, said by unit and role: names of people stay in the address book."""

    id: int
    words: str


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One refused address, masked."""

    address: str
    owners: tuple[Owner, ...]
    channel: str
    at: datetime
    code: int | None
    detail: str
    message: str


def views_of(connection: Connection, site: Site) -> list[ChannelView]:
    """Every channel of the site as it is now."""
    names = [kind.name for kind in configured(site.settings.channels)]
    return channels_now(connection, names, site.now())


@router.post("/thong-bao/kenh/{name}/dung-lai")
def use(request: Request, person: Decider, name: str, form: Form) -> RedirectResponse:
    """Lets a channel go on that rests or is stopped."""
    if kind_of(name) is None:
        raise not_found("kênh này")
    site = site_of(request)
    with writing(site.engine) as connection:
        done = use_again(connection, person.actor, name, site.now())
    return RedirectResponse(f"/thong-bao?da={'dung-lai' if done else 'dang-dung'}", status_code=303)


@router.get("/thong-bao/bi-tu-choi")
def refused(request: Request, person: DeskReader) -> HTMLResponse:
    """The addresses that their channel refused for good."""
    site = site_of(request)
    with reading(site.engine) as connection:
        known = list(refusals.everything(connection).values())[::-1]
        people = contacts.active(connection)
    owners: dict[tuple[str, str], list[Owner]] = {}
    for unit, those in people.items():
        for each in those:
            words = f"{CONTACT_ROLES[each.role]} {site.registry.full_name(unit)}"
            for way in each.ways():
                owners.setdefault(way, []).append(Owner(each.id, words))
    lines = [
        RefusedLine(
            masked(each.channel, each.address),
            tuple(owners.get((each.channel, each.address), ())),
            title_of(each.channel),
            each.at,
            each.code,
            each.detail,
            each.message,
        )
        for each in known[:MOST]
    ]
    return page(request, "desk/refused.html", person=person, found=lines, total=len(known))
