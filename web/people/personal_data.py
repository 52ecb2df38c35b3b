"""``/danh-ba/…/du-lieu``: everything held about one person, for that person, and its erasure on request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.exchange.channel_order import CHANNEL_TITLES, order_words, usual_order_words
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.messages.outbox import FAILED, NO_ADDRESS, QUEUED, REPLACED, SENDING, SENT
from engine.store.people import address_book
from engine.store.people.address_book import Entry
from engine.store.people.contacts import CONTACT_ROLES
from engine.store.people.erasure import ErasureRefused, Held, erase, held_about
from notifiers.address import mask
from notifiers.phone import spoken_phone
from web.pages import page
from web.people.reaching import known
from web.security.access import Administrator, Form, Person, field, site_of

router = APIRouter()

_CONFIRMED = "co"
_LARGEST_ID = 2**31 - 1
_STATES = {
    QUEUED: "đang chờ gửi",
    SENDING: "đang gửi",
    SENT: "đã gửi",
    FAILED: "không gửi được",
    NO_ADDRESS: "chưa có địa chỉ",
    REPLACED: "đã thay bằng tin khác",
}


@router.get("/danh-ba/{id:int}/du-lieu")
def read(request: Request, person: Administrator, id: int) -> Response:
    """The data in readable form."""
    entry, held = _held(request, id)
    registry = site_of(request).registry
    return page(
        request,
        "people/held.html",
        person=person,
        entry=entry,
        held=held,
        unit=registry.full_name,
        units=lambda text: "; ".join(registry.full_name(unit) for unit in _ids(text)),
        roles=CONTACT_ROLES,
        states=_STATES,
        titles=CHANNEL_TITLES,
        phone=spoken_phone,
        order=lambda text: order_words(tuple(text.split())) or usual_order_words(),
    )


@router.post("/danh-ba/{id:int}/du-lieu")
def take(request: Request, person: Administrator, id: int) -> Response:
    """The same for programs, as JSON; a form, because who took it is noted."""
    site = site_of(request)
    _, held = _held(request, id)
    content = {
        "as_of": site.now().isoformat(),
        "contacts": _plain(held.contacts),
        "stand_ins": _plain(held.stand_ins),
        "links": _plain(held.links),
        "messages": _plain(held.messages),
        "refusals": _plain(held.refusals),
        "pairings": _plain(held.pairings),
    }
    with writing(site.engine) as connection:
        audit.append(connection, person.actor, "contact.held", f"contact:{id}", site.now())
    body = json.dumps(content, ensure_ascii=False, indent=2)
    headers = {"content-disposition": f'attachment; filename="du-lieu-lien-he-{id}.json"'}
    return Response(body, media_type="application/json", headers=headers)


@router.get("/danh-ba/{id:int}/xoa")
def ask(request: Request, person: Administrator, id: int) -> Response:
    """What would be removed, and what stays."""
    return _erase_page(request, person, id)


@router.post("/danh-ba/{id:int}/xoa")
def remove(request: Request, person: Administrator, id: int, form: Form) -> Response:
    """Removes the person. The audit log says that, never whom."""
    site = site_of(request)
    if field(form, "dong-y", most=10) != _CONFIRMED:
        return _erase_page(request, person, id, wrong="Hãy đánh dấu ô xác nhận; việc này không lấy lại được.")
    reason = field(form, "ly-do", most=300)
    entry, _ = _held(request, id)
    try:
        with writing(site.engine) as connection:
            done = erase(connection, _address(entry), site.now())
            after = {
                "contacts": done.contacts,
                "stand_ins": done.stand_ins,
                "links": done.links,
                "messages": done.messages,
                # Whoever types it may quote the address all the same.
                "reason": _unnamed(reason, entry),
            }
            audit.append(connection, person.actor, "contact.erase", f"contact:{id}", site.now(), after=after)
    except ErasureRefused as refused:
        return _erase_page(request, person, id, wrong=f"{refused}.")
    return RedirectResponse("/danh-ba?da=xoa", status_code=303)


def _address(entry: Entry) -> str:
    """An address that leads to the person; every entry has one."""
    ways = entry.contact.ways()
    return ways[0][1] if ways else ""


def _unnamed(text: str, entry: Entry) -> str:
    for word in (entry.contact.email, entry.contact.zalo, entry.contact.name):
        if word:
            text = text.replace(word, "…")
    return mask(text)


def _held(request: Request, id: int) -> tuple[Entry, Held]:
    with reading(site_of(request).engine) as connection:
        entry = known(address_book.entry(connection, id) if 0 < id <= _LARGEST_ID else None)
        return entry, held_about(connection, _address(entry))


def _erase_page(request: Request, person: Person, id: int, *, wrong: str = "") -> Response:
    entry, held = _held(request, id)
    return page(
        request,
        "people/erase.html",
        status=400 if wrong else 200,
        person=person,
        entry=entry,
        held=held,
        unit=site_of(request).registry.full_name(entry.contact.unit),
        unit_of=site_of(request).registry.full_name,
        roles=CONTACT_ROLES,
        phone=spoken_phone,
        wrong=wrong,
    )


def _ids(text: str) -> list[str]:
    """Units as messages ("a; b") and links (a JSON list) keep them."""
    if text.startswith("["):
        return [str(each) for each in json.loads(text)]
    return [part.strip() for part in text.split(";") if part.strip()]


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
