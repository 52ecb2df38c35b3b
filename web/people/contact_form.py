"""The form of one contact: what stands in it, what was typed, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from engine.exchange.channel_order import CHANNEL_TITLES, order_words, usual_order_words
from engine.exchange.contact_file import PURPOSE
from engine.store.people.address_book import ContactRefused, Entry
from engine.store.people.contacts import CONTACT_ROLES, HEAD, USUAL_ORDER, Contact
from engine.units import NameProblem, Registry
from engine.vietnamese import tidy
from notifiers.address import mail_address_problem
from notifiers.phone import PhoneError, plain_phone, spoken_phone
from web.security.access import Form, field

REVISION = "luot"
COPIES = "tin-de-biet"
ORDER = ("uu-tien-1", "uu-tien-2", "uu-tien-3")
YES, NO = "co", "khong"

_LONGEST = {
    "don-vi": 300,
    "vai-tro": 20,
    "ho-ten": 120,
    "thu": 254,
    "dien-thoai": 60,
    **dict.fromkeys(ORDER, 20),
    COPIES: 10,
    "muc-dich": 300,
    REVISION: 40,
}
_LABELS = {
    "don-vi": "Đơn vị",
    "vai-tro": "Vai trò",
    "ho-ten": "Họ tên",
    "thu": "Thư điện tử",
    "dien-thoai": "Điện thoại",
    "kenh": "Thứ tự kênh",
    COPIES: "Tin chỉ để biết",
    "muc-dich": "Mục đích lưu",
}

EMPTY = {"muc-dich": PURPOSE, "vai-tro": HEAD, COPIES: YES}
"""A form that nobody has filled in yet."""


def written(entry: Entry) -> dict[str, str]:
    """An entry as its form shows it."""
    contact = entry.contact
    order = dict(zip(ORDER, contact.channels, strict=False))
    return {
        "don-vi": contact.unit,
        "vai-tro": contact.role,
        "ho-ten": contact.name,
        "thu": contact.email,
        "dien-thoai": spoken_phone(contact.phone),
        **order,
        COPIES: YES if contact.copies else NO,
        "muc-dich": contact.purpose,
        REVISION: entry.revision,
    }


def typed(form: Form) -> dict[str, str]:
    """What was sent; a field that was not is missing."""
    return {name: field(form, name, most=most) for name, most in _LONGEST.items() if name in form}


def contact_of(fields: Mapping[str, str], registry: Registry, before: Contact | None = None) -> Contact:
    """The contact that was typed; what the form does not hold stays as it was ``before``. ContactRefused says
    what is wrong."""
    unit = _unit(fields.get("don-vi", ""), registry)
    role = fields.get("vai-tro", "")
    if role not in CONTACT_ROLES:
        raise ContactRefused("Hãy chọn vai trò")
    old = before or Contact(unit, role, "", "")
    email, phone = _addresses(fields, old)
    name, purpose = tidy(fields.get("ho-ten", "")), tidy(fields.get("muc-dich", ""))
    if not purpose:
        raise ContactRefused("Hãy ghi mục đích lưu: dữ liệu cá nhân chỉ được giữ cho một mục đích rõ ràng")
    if not (name.isprintable() and purpose.isprintable()):
        raise ContactRefused("Họ tên hoặc mục đích có ký tự lạ không hiện được; gõ lại")
    return replace(
        old,
        unit=unit,
        role=role,
        name=name,
        email=email,
        phone=phone,
        purpose=purpose,
        channels=_order(fields, old),
        copies=fields[COPIES] != NO if COPIES in fields else old.copies,
    )


def differences(fields: Mapping[str, str], entry: Entry, registry: Registry) -> list[tuple[str, str, str]]:
    """Label, what is stored now and what was typed, where the two are not the same."""
    stored = _shown(written(entry), registry)
    wanted = _shown(fields, registry)
    return [
        (label, stored[name] or "(trống)", wanted[name] or "(trống)")
        for name, label in _LABELS.items()
        if stored[name] != wanted[name]
    ]


def choices() -> dict[str, object]:
    """What the selects of the form offer."""
    channels = {name: CHANNEL_TITLES[name] for name in USUAL_ORDER}
    channels["zns"] = "ZNS (tin Zalo theo số điện thoại)"
    return {"roles": CONTACT_ROLES, "channels": channels, "order": ORDER, "usual": usual_order_words()}


def _unit(text: str, registry: Registry) -> str:
    if not text:
        raise ContactRefused("Hãy ghi đơn vị")
    unit = registry.resolve(text, None)
    if isinstance(unit, NameProblem):
        raise ContactRefused(f"{unit.message}. {unit.hint}".strip(" ."))
    if unit in registry.groups and not registry.groups[unit].unlisted:
        raise ContactRefused(f"“{text}” là một nhóm đơn vị; ghi từng đơn vị")
    return unit


def _addresses(fields: Mapping[str, str], old: Contact) -> tuple[str, str]:
    """E-mail and telephone; one of them has to be there."""
    email = fields.get("thu", old.email)
    phone = fields.get("dien-thoai", old.phone)
    if not email and not phone:
        raise ContactRefused("Thiếu địa chỉ thư; ai không dùng thư thì ghi số điện thoại")
    wrong = mail_address_problem(email) if email else None
    if wrong:
        raise ContactRefused(wrong[0].upper() + wrong[1:])
    try:
        return email, plain_phone(phone) if phone else ""
    except PhoneError as error:
        said = str(error)
        raise ContactRefused(f"Điện thoại: {said}") from None


def _order(fields: Mapping[str, str], old: Contact) -> tuple[str, ...]:
    if not any(name in fields for name in ORDER):
        return old.channels
    chosen = tuple(fields[name] for name in ORDER if fields.get(name))
    if not set(chosen) <= set(USUAL_ORDER):
        raise ContactRefused("Hãy chọn lại thứ tự kênh")
    if len(set(chosen)) < len(chosen):
        raise ContactRefused("Mỗi kênh chỉ chọn một lần trong thứ tự")
    return chosen


def _shown(fields: Mapping[str, str], registry: Registry) -> dict[str, str]:
    found = {name: fields.get(name, "") for name in _LABELS}
    unit = registry.resolve(found["don-vi"], None)
    found["don-vi"] = found["don-vi"] if isinstance(unit, NameProblem) else registry.full_name(unit)
    found["vai-tro"] = CONTACT_ROLES.get(found["vai-tro"], found["vai-tro"])
    with suppress(PhoneError):
        found["dien-thoai"] = spoken_phone(plain_phone(found["dien-thoai"]))
    found["kenh"] = order_words(tuple(fields[name] for name in ORDER if fields.get(name))) or "thứ tự thường"
    found[COPIES] = "không nhận" if found[COPIES] == NO else "nhận"
    return found
