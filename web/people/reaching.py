"""Whether a contact can be reached: the ways, what was refused, trying an address again, a trial message."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.errors import DondocError
from engine.exchange.channel_order import CHANNEL_TITLES
from engine.installation.trials import send_trial
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.messages.refusals import Refusal
from engine.store.people import address_book
from engine.store.people.address_book import Entry
from engine.store.people.contacts import EMAIL, ZALO, Contact
from engine.tracking.progress import local_day
from notifiers.phone import spoken_phone
from notifiers.registry import configured
from web.errors import Refused, not_found
from web.security.access import Administrator, Form, field, site_of
from web.site import Site
from web.wording import day

router = APIRouter()

LARGEST_ID = 2**31 - 1
_WHO_REFUSES = {
    EMAIL: "Máy chủ thư từ chối địa chỉ này",
    ZALO: "Zalo không chuyển được tin tới người này",
}
_REFUSES = "Zalo không gửi được ZNS tới số này"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person, as their own page shows it; ``refused`` is empty where nothing was."""

    channel: str
    title: str
    address: str
    refused: str
    is_open: bool


def known(entry: Entry | None) -> Entry:
    """The entry, or the page that says that there is none."""
    if entry is None:
        raise not_found("liên hệ này")
    return entry


def entry_of(request: Request, id: int) -> Entry:
    """The entry with a number from an address; Refused (404) when there is none."""
    with reading(site_of(request).engine) as connection:
        return known(address_book.entry(connection, id) if 0 < id <= LARGEST_ID else None)


def open_names(site: Site) -> frozenset[str]:
    """The channels that the installation has settings for."""
    return frozenset(kind.name for kind in configured(site.settings.channels))


def ways_of(
    contact: Contact, refused: Mapping[tuple[str, str], Refusal], channels: Collection[str]
) -> list[Way]:
    """Every way to reach a contact, the preferred one first."""
    return [
        Way(
            channel,
            CHANNEL_TITLES.get(channel, channel),
            "đã ghép" if channel == ZALO else spoken_phone(value),
            _refusal_words(refused.get((channel, value))),
            channel in channels,
        )
        for channel, value in contact.ways()
    ]


def unreachable(contact: Contact, refused: Collection[tuple[str, str]], channels: Collection[str]) -> str:
    """Why nothing reaches a contact, in a few Vietnamese words; empty when something may."""
    ways = contact.ways()
    if not ways:
        return "chưa có địa chỉ"
    left = [way for way in ways if way not in refused]
    if not left:
        return "địa chỉ bị từ chối" if len(ways) == 1 else "mọi địa chỉ đều bị từ chối"
    # Without any channel at all it is not the contact that wants mending.
    if channels and all(channel not in channels for channel, _ in left):
        return "kênh chưa được khai"
    return ""


@router.post("/danh-ba/{id:int}/thu-lai")
def try_again(request: Request, person: Administrator, id: int, form: Form) -> Response:
    """Lets an address that was refused be used again."""
    site, entry = site_of(request), entry_of(request, id)
    channel = field(form, "kenh", most=20)
    address = dict(entry.contact.ways()).get(channel)
    if address is None:
        raise not_found("địa chỉ này của liên hệ")
    with writing(site.engine) as connection:
        if refusals.clear(connection, channel, address):
            after = {"channel": channel}
            audit.append(
                connection, person.actor, "contact.unrefuse", f"contact:{id}", site.now(), after=after
            )
    return RedirectResponse(f"/danh-ba/{id}?da=thu-lai", status_code=303)


@router.post("/danh-ba/{id:int}/gui-thu")
def try_out(request: Request, person: Administrator, id: int, form: Form) -> Response:
    """Sends a trial message, along all ways or on one channel, and tells what became of it."""
    site, entry = site_of(request), entry_of(request, id)
    wanted = field(form, "kenh", most=20)
    ways = [way for way in entry.contact.ways() if wanted in ("", way[0])]
    if not ways:
        raise not_found("địa chỉ này của liên hệ")
    try:
        send_trial(site.installation(), entry.contact, ways, person.actor, site.now())
    except DondocError as error:
        raise Refused(503, "Chưa gửi được tin thử", f"{error}.") from error
    return RedirectResponse(f"/danh-ba/{id}?da=gui-thu#gui-thu", status_code=303)


def _refusal_words(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    who = _WHO_REFUSES.get(refusal.channel, _REFUSES)
    why = f": {refusal.detail.rstrip('.')}" if refusal.detail else ""
    tells = refusal.code is not None and str(refusal.code) not in refusal.detail
    code = f" (mã {refusal.code})" if tells else ""
    return f"{who} từ {day(local_day(refusal.at))}{why}{code}."
