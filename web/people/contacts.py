"""``/danh-ba``: who is told for which unit. Addresses are masked in lists, whole on a person's own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.exchange.contact_file import PURPOSE
from engine.store.access import audit, links
from engine.store.database import reading, writing
from engine.store.people import address_book
from engine.store.people.address_book import ContactRefused, Entry
from engine.store.people.contacts import CONTACT_ROLES, HEAD, Contact
from engine.units import NameProblem, Registry
from engine.vietnamese import tidy, without_marks
from notifiers.address import mail_address_problem, mask
from web.errors import not_found
from web.pages import page
from web.security.access import Administrator, Form, Person, field, site_of

router = APIRouter()

PER_PAGE = 50
_LARGEST_ID = 2**31 - 1
_SAID = {
    "them": "Đã thêm vào danh bạ.",
    "sua": "Đã lưu.",
    "ngung": "Đã ngừng dùng: liên hệ này không nhận tin nữa, đường dẫn đã gửi cũng không mở được nữa.",
    "dung": "Đã dùng lại.",
    "xoa": "Đã xóa mọi thông tin về người này.",
    "nhap": "Đã nhận danh bạ từ tệp.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the list shows it."""

    id: int
    unit: str
    role: str
    name: str
    address: str
    active: bool


@router.get("/danh-ba")
def listed(
    request: Request, person: Administrator, tim: str = "", trang: int = 1, ngung: str = "", da: str = ""
) -> Response:
    """The entries of all units, or those that a search finds; accents do not matter."""
    site = site_of(request)
    with reading(site.engine) as connection:
        everyone = address_book.entries(connection)
    registry = site.registry
    active = [each for each in everyone if each.active]
    found = _search(everyone if ngung else active, tim[:200], registry)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(trang, 1), pages)
    return page(
        request,
        "people/contacts.html",
        person=person,
        lines=[_line(each, registry) for each in found[(number - 1) * PER_PAGE : number * PER_PAGE]],
        count=len(found),
        in_use=len(active),
        out_of_use=len(everyone) - len(active),
        search=tim[:200],
        with_closed=bool(ngung),
        number=number,
        pages=pages,
        said=_SAID.get(da, ""),
    )


@router.get("/danh-ba/them")
def ask(request: Request, person: Administrator) -> Response:
    """An empty form."""
    return _form_page(request, person, {"muc-dich": PURPOSE, "vai-tro": HEAD})


@router.post("/danh-ba/them")
def add(request: Request, person: Administrator, form: Form) -> Response:
    """A new entry."""
    site = site_of(request)
    typed = _typed(form)
    try:
        contact = _contact(typed, site.registry)
        with writing(site.engine) as connection:
            made = address_book.add(connection, contact)
            audit.append(
                connection, person.actor, "contact.add", f"contact:{made.id}", site.now(), after=shown(made)
            )
    except ContactRefused as refused:
        return _form_page(request, person, typed, wrong=f"{refused}.")
    return RedirectResponse(f"/danh-ba/{made.id}?da=them", status_code=303)


@router.get("/danh-ba/{id:int}")
def one(request: Request, person: Administrator, id: int, da: str = "") -> Response:
    """One entry, with its address, and the form to change it."""
    site = site_of(request)
    with reading(site.engine) as connection:
        entry = known(address_book.entry(connection, id) if 0 < id <= _LARGEST_ID else None)
    contact = entry.contact
    typed = {
        "don-vi": contact.unit,
        "vai-tro": contact.role,
        "ho-ten": contact.name,
        "thu": contact.email,
        "muc-dich": contact.purpose,
    }
    return _form_page(request, person, typed, entry=entry, said=_SAID.get(da, ""))


@router.post("/danh-ba/{id:int}/sua")
def change(request: Request, person: Administrator, id: int, form: Form) -> Response:
    """Writes an entry anew."""
    site = site_of(request)
    typed = _typed(form)
    with reading(site.engine) as connection:
        before = known(address_book.entry(connection, id) if 0 < id <= _LARGEST_ID else None)
    try:
        contact = _contact(typed, site.registry)
        with writing(site.engine) as connection:
            before, reads = known(address_book.entry(connection, id)), links.readers(connection)
            after = address_book.change(connection, id, contact, active=before.active)
            if before != after:
                ended = links.revoke_of_former(connection, reads, site.now())
                _note_change(connection, person, "contact.change", before, after, ended, site.now())
    except ContactRefused as refused:
        return _form_page(request, person, typed, entry=before, wrong=f"{refused}.")
    return RedirectResponse(f"/danh-ba/{id}?da=sua", status_code=303)


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
        before = known(address_book.entry(connection, id) if 0 < id <= _LARGEST_ID else None)
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
        | ({"links": ended} if ended else {}),
    )


def shown(entry: Entry) -> dict[str, object]:
    """What the audit log keeps of an entry: neither address nor name, which nobody could erase there."""
    contact = entry.contact
    return {"unit": contact.unit, "role": contact.role, "purpose": contact.purpose, "active": entry.active}


def known(entry: Entry | None) -> Entry:
    """The entry, or the page that says that there is none."""
    if entry is None:
        raise not_found("liên hệ này")
    return entry


def _search(everyone: Sequence[Entry], text: str, registry: Registry) -> list[Entry]:
    names = {unit: registry.full_name(unit) for unit in {each.contact.unit for each in everyone}}
    words = without_marks(text).split()
    if words:
        plain = {unit: without_marks(name) for unit, name in names.items()}

        def fits(entry: Entry) -> bool:
            one = entry.contact
            known_as = f"{plain[one.unit]} {one.unit} {without_marks(one.name)} {one.email.lower()}"
            return all(word in known_as for word in words)

        everyone = [each for each in everyone if fits(each)]
    return sorted(
        everyone, key=lambda each: (without_marks(names[each.contact.unit]), not each.active, each.id)
    )


def _line(entry: Entry, registry: Registry) -> Line:
    one = entry.contact
    role = CONTACT_ROLES.get(one.role, one.role)
    return Line(entry.id, registry.full_name(one.unit), role, one.name, mask(one.email), entry.active)


def _typed(form: Form) -> dict[str, str]:
    longest = {"don-vi": 300, "vai-tro": 20, "ho-ten": 120, "thu": 254, "muc-dich": 300}
    return {name: field(form, name, most=most) for name, most in longest.items()}


def _contact(typed: dict[str, str], registry: Registry) -> Contact:
    """ContactRefused says what is wrong with what was typed."""
    if not typed["don-vi"]:
        raise ContactRefused("Hãy ghi đơn vị")
    unit = registry.resolve(typed["don-vi"], None)
    if isinstance(unit, NameProblem):
        raise ContactRefused(f"{unit.message}. {unit.hint}".strip(" ."))
    if unit in registry.groups and not registry.groups[unit].unlisted:
        raise ContactRefused(f"“{typed['don-vi']}” là một nhóm đơn vị; ghi từng đơn vị")
    if typed["vai-tro"] not in CONTACT_ROLES:
        raise ContactRefused("Hãy chọn vai trò")
    wrong = mail_address_problem(typed["thu"]) if typed["thu"] else "thiếu địa chỉ thư"
    if wrong:
        raise ContactRefused(wrong[0].upper() + wrong[1:])
    if not typed["muc-dich"]:
        raise ContactRefused("Hãy ghi mục đích lưu: dữ liệu cá nhân chỉ được giữ cho một mục đích rõ ràng")
    name, purpose = tidy(typed["ho-ten"]), tidy(typed["muc-dich"])
    if not (name.isprintable() and purpose.isprintable()):
        raise ContactRefused("Họ tên hoặc mục đích có ký tự lạ không hiện được; gõ lại")
    return Contact(unit, typed["vai-tro"], name, typed["thu"], purpose)


def _form_page(
    request: Request,
    person: Person,
    typed: dict[str, str],
    *,
    entry: Entry | None = None,
    wrong: str = "",
    said: str = "",
) -> Response:
    registry = site_of(request).registry
    return page(
        request,
        "people/contact.html",
        status=400 if wrong else 200,
        person=person,
        typed=typed,
        entry=entry,
        unit=registry.full_name(entry.contact.unit) if entry else "",
        roles=CONTACT_ROLES,
        wrong=wrong,
        said=said,
    )
