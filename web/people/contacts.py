"""``/danh-ba``: who is told for which unit. Addresses are masked in lists, whole on a person's own page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine import trial_message
from engine.exchange.channel_order import order_words
from engine.store.access import audit, links
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.people import address_book
from engine.store.people.address_book import ContactOvertaken, ContactRefused, Entry
from engine.store.people.contacts import same_name
from web.pages import page
from web.people import contact_form
from web.people.contact_lines import line, search
from web.people.reaching import LARGEST_ID, entry_of, known, open_names, unreachable, ways_of
from web.security.access import Administrator, Form, Person, site_of

router = APIRouter()

PER_PAGE = 50
_SAID = {
    "them": "Đã thêm vào danh bạ.",
    "sua": "Đã lưu.",
    "doi-nguoi": (
        "Đã lưu. Tên đã đổi mà Zalo vẫn ghép như cũ: nếu nay là người khác thì bỏ ghép ở dưới, kẻo tin đến "
        "người cũ."
    ),
    "ngung": "Đã ngừng dùng: liên hệ này không nhận tin nữa, đường dẫn đã gửi cũng không mở được nữa.",
    "dung": "Đã dùng lại.",
    "xoa": "Đã xóa mọi thông tin về người này.",
    "nhap": "Đã nhận danh bạ từ tệp.",
    "thu-lai": "Từ lượt sau, tin lại được gửi tới địa chỉ này.",
}


@router.get("/danh-ba")
def listed(
    request: Request,
    person: Administrator,
    tim: str = "",
    trang: int = 1,
    ngung: str = "",
    khong_toi: str = "",
    da: str = "",
) -> Response:
    """The entries of all units, or those that a search finds; accents do not matter. With ``khong_toi`` only
    those in use whom nothing reaches."""
    site = site_of(request)
    with reading(site.engine) as connection:
        everyone = address_book.entries(connection)
        refused = refusals.everything(connection)
    registry, channels = site.registry, open_names(site)
    active = [each for each in everyone if each.active]
    trouble = {each.id: unreachable(each.contact, refused, channels) for each in active}
    chosen = everyone if ngung else active
    if khong_toi:
        chosen = [each for each in active if trouble[each.id]]
    found = search(chosen, tim[:200], registry)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(trang, 1), pages)
    some = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page(
        request,
        "people/contacts.html",
        person=person,
        lines=[line(each, registry, trouble.get(each.id, "")) for each in some],
        count=len(found),
        in_use=len(active),
        out_of_use=len(everyone) - len(active),
        unreached=sum(map(bool, trouble.values())),
        search=tim[:200],
        with_closed=bool(ngung),
        only_unreached=bool(khong_toi),
        number=number,
        pages=pages,
        said=_SAID.get(da, ""),
    )


@router.get("/danh-ba/them")
def ask(request: Request, person: Administrator) -> Response:
    """An empty form."""
    return _form_page(request, person, contact_form.EMPTY)


@router.post("/danh-ba/them")
def add(request: Request, person: Administrator, form: Form) -> Response:
    """A new entry."""
    site = site_of(request)
    typed = contact_form.typed(form)
    try:
        contact = contact_form.contact_of(typed, site.registry)
        with writing(site.engine) as connection:
            made = address_book.add(connection, contact)
            audit.append(
                connection, person.actor, "contact.add", f"contact:{made.id}", site.now(), after=shown(made)
            )
    except ContactRefused as refused:
        return _form_page(request, person, typed, wrong=f"{refused}.")
    return RedirectResponse(f"/danh-ba/{made.id}?da=them", status_code=303)


@router.get("/danh-ba/{id:int}")
def one(request: Request, person: Administrator, id: int) -> Response:
    """One entry, with its addresses, and the form to change it."""
    entry = entry_of(request, id)
    return _form_page(request, person, contact_form.written(entry), entry=entry)


@router.post("/danh-ba/{id:int}/sua")
def change(request: Request, person: Administrator, id: int, form: Form) -> Response:
    """Writes an entry anew, unless somebody else has changed it since the form was opened."""
    site = site_of(request)
    typed = contact_form.typed(form)
    seen = typed.pop(contact_form.REVISION, None)
    before = entry_of(request, id)
    try:
        with writing(site.engine) as connection:
            before = known(address_book.entry(connection, id, to_change=True))
            reads = links.readers(connection)
            contact = contact_form.contact_of(typed, site.registry, before.contact)
            after = address_book.change(connection, id, contact, active=before.active, seen=seen)
            if before != after:
                ended = links.revoke_of_former(connection, reads, site.now())
                _note_change(connection, person, "contact.change", before, after, ended, site.now())
    except ContactOvertaken:
        return _form_page(request, person, typed, entry=before, overtaken=True)
    except ContactRefused as refused:
        return _form_page(request, person, typed, entry=before, wrong=f"{refused}.", seen=seen)
    other = after.contact.zalo and not same_name(before.contact.name, after.contact.name)
    return RedirectResponse(f"/danh-ba/{id}?da={'doi-nguoi' if other else 'sua'}", status_code=303)


@router.post("/danh-ba/{id:int}/ngung")
def put_out_of_use(request: Request, person: Administrator, id: int) -> Response:
    """The person is told nothing any more."""
    return _switched(request, person, id, active=False)


@router.post("/danh-ba/{id:int}/dung-lai")
def put_into_use(request: Request, person: Administrator, id: int) -> Response:
    """The person is told again."""
    return _switched(request, person, id, active=True)


def _switched(request: Request, person: Person, id: int, *, active: bool) -> Response:
    site = site_of(request)
    with writing(site.engine) as connection:
        before = known(address_book.entry(connection, id, to_change=True) if 0 < id <= LARGEST_ID else None)
        reads = links.readers(connection)
        after = address_book.change(connection, id, before.contact, active=active)
        if before != after:
            action = "contact.reopen" if active else "contact.close"
            ended = links.revoke_of_former(connection, reads, site.now())
            _note_change(connection, person, action, before, after, ended, site.now())
    return RedirectResponse(f"/danh-ba/{id}?da={'dung' if active else 'ngung'}", status_code=303)


def _note_change(
    connection: Connection,
    person: Person,
    action: str,
    before: Entry,
    after: Entry,
    ended: int,
    now: datetime,
) -> None:
    """``ended`` counts the links that ended with it."""
    audit.append(
        connection,
        person.actor,
        action,
        f"contact:{after.id}",
        now,
        before=shown(before),
        after=shown(after)
        | ({"address_changed": True} if before.contact.email != after.contact.email else {})
        | ({"phone_changed": True} if before.contact.phone != after.contact.phone else {})
        | ({"links": ended} if ended else {}),
    )


def shown(entry: Entry) -> dict[str, object]:
    """What the audit log keeps of an entry: neither address nor name, which nobody could erase there."""
    contact = entry.contact
    return {
        "unit": contact.unit,
        "role": contact.role,
        "purpose": contact.purpose,
        "active": entry.active,
        "channels": order_words(contact.channels),
        "copies": contact.copies,
    }


def _form_page(
    request: Request,
    person: Person,
    typed: Mapping[str, str],
    *,
    entry: Entry | None = None,
    wrong: str = "",
    overtaken: bool = False,
    seen: str | None = None,
) -> Response:
    """``seen`` is the revision that the form was filled in over, where it is not the one stored now."""
    site, done = site_of(request), request.query_params.get("da", "")
    ways, told = [], None
    if entry is not None:
        with reading(site.engine) as connection:
            ways = ways_of(entry.contact, refusals.everything(connection), open_names(site))
            told = trial_message.last_told(connection, entry.id)
    return page(
        request,
        "people/contact.html",
        status=409 if overtaken else 400 if wrong else 200,
        person=person,
        typed=typed,
        entry=entry,
        revision=seen or (entry.revision if entry else ""),
        unit=site.registry.full_name(entry.contact.unit) if entry else "",
        ways=ways,
        told=told,
        told_lines=[trial_message.words(each) for each in told.trials] if told else [],
        arrived=told is not None and trial_message.arrived(told.trials),
        just_tried=done == "gui-thu",
        differences=contact_form.differences(typed, entry, site.registry) if entry and overtaken else [],
        overtaken=overtaken,
        wrong=wrong,
        said=_SAID.get(done, ""),
        **contact_form.choices(),
    )
