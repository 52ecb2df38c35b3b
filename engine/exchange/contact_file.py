"""Contacts as a sheet: who is told, and how."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DondocError, InputError, Problem
from engine.exchange.channel_order import OrderRefused, order_of, order_words
from engine.exchange.sheets import SheetRow, read_sheet, write_sheet
from engine.store.people.contacts import CONTACT_ROLES, HEAD, Contact
from engine.units import NameProblem, Registry
from engine.vietnamese import without_marks
from notifiers.address import mail_address_problem
from notifiers.phone import PhoneError, plain_phone, spoken_phone

COLUMNS = {
    "unit": ("Đơn vị", "Mã đơn vị", "unit_id"),
    "unit_name": ("Tên đơn vị",),
    "role": ("Vai trò", "Chức vụ"),
    "name": ("Họ tên", "Tên", "Họ và tên"),
    "email": ("Thư điện tử", "E-mail", "Email"),
    "phone": ("Điện thoại", "Số điện thoại", "Di động", "Điện thoại di động"),
    "zalo": ("Zalo",),
    "channels": ("Kênh nhận tin", "Kênh", "Thứ tự kênh"),
    "copies": ("Nhận tin để biết", "Nhận tin chỉ để biết", "Tin để biết"),
    "purpose": ("Mục đích", "Mục đích lưu"),
}
PURPOSE = "Nhắc việc và đôn đốc nhiệm vụ được giao"

_ROLES = {without_marks(name): role for role, name in CONTACT_ROLES.items()} | {r: r for r in CONTACT_ROLES}
_WRITTEN = frozenset({"name", "email", "phone", "channels", "copies", "purpose"})
_PAIRED = "đã ghép"
_YES = frozenset({"co", "x", "1", "true", "dung", "yes"})
_NO = frozenset({"khong", "0", "false", "sai", "no"})


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """What a sheet says: ``columns`` are the fields of a contact that it has a column for; of the others it
    says nothing."""

    contacts: tuple[Contact, ...]
    columns: frozenset[str]


def read_contacts(path: Path, registry: Registry) -> ContactSheet:
    """The contacts of a sheet. InputError names every wrong row; DondocError for an unreadable file."""
    problems: list[Problem] = []
    contacts: dict[tuple[str, str, str, str], Contact] = {}
    rows = read_sheet(path, COLUMNS, ("unit",), problems)
    columns = _WRITTEN.intersection(rows[0].places)
    if not columns & {"email", "phone"}:
        raise DondocError(f"{path}: dòng tiêu đề thiếu cột “Thư điện tử” (hoặc “Điện thoại”)")
    for row in rows:
        contact = _contact(row, path, registry, problems)
        if contact is None:
            continue
        key = (contact.unit, contact.role, contact.email.lower(), contact.phone)
        if key in contacts:
            text = "người này đã có ở dòng trên"
            problems.append(row.problem(path, _address_column(columns), "contact-twice", text))
        contacts[key] = contact
    if problems:
        raise InputError(problems)
    return ContactSheet(tuple(contacts.values()), columns)


def _address_column(columns: Container[str]) -> str:
    return "email" if "email" in columns else "phone"


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row, and where what is wrong with it goes."""

    row: SheetRow
    path: Path
    problems: list[Problem]

    def wrong(self, column: str, code: str, message: str, hint: str = "") -> None:
        self.problems.append(self.row.problem(self.path, column, code, message, hint))


def _contact(row: SheetRow, path: Path, registry: Registry, problems: list[Problem]) -> Contact | None:
    cells, before = _Cells(row, path, problems), len(problems)
    unit = _unit(cells, registry)
    email, phone = _addresses(cells)
    role = _ROLES.get(without_marks(row.text("role"))) if row.text("role") else HEAD
    if role is None:
        listed = ", ".join(CONTACT_ROLES.values())
        cells.wrong("role", "contact-role", f"vai trò “{row.text('role')}” không có; các vai trò: {listed}")
    channels, copies = _wishes(cells)
    if len(problems) > before or unit is None or role is None:
        return None
    purpose = row.text("purpose") or PURPOSE
    return Contact(
        unit, role, row.text("name"), email, purpose, phone=phone, channels=channels, copies=copies
    )


def _unit(cells: _Cells, registry: Registry) -> str | None:
    text = cells.row.text("unit")
    unit = registry.resolve(text, None)
    if not text:
        cells.wrong("unit", "contact-unit", "thiếu đơn vị")
    elif isinstance(unit, NameProblem):
        cells.wrong("unit", unit.code, unit.message, unit.hint)
    elif unit in registry.groups and not registry.groups[unit].unlisted:
        cells.wrong("unit", "contact-group", f"“{text}” là một nhóm đơn vị; ghi từng đơn vị")
    return None if isinstance(unit, NameProblem) else unit


def _addresses(cells: _Cells) -> tuple[str, str]:
    """E-mail and telephone; one of them has to be there."""
    email, phone, places = cells.row.text("email"), cells.row.text("phone"), cells.row.places
    if email and (refused := mail_address_problem(email)):
        cells.wrong("email", "contact-email", refused)
    if not email and not phone:
        missing = "địa chỉ thư" if "email" in places else "số điện thoại"
        missing += " hoặc số điện thoại" if {"email", "phone"} <= places.keys() else ""
        cells.wrong(_address_column(places), "contact-email", f"thiếu {missing}")
    try:
        return email, plain_phone(phone) if phone else ""
    except PhoneError as error:
        cells.wrong("phone", "contact-phone", str(error))
        return email, ""


def _wishes(cells: _Cells) -> tuple[tuple[str, ...], bool]:
    """The order of channels, and whether what is only for information is wanted."""
    channels: tuple[str, ...] = ()
    try:
        channels = order_of(cells.row.text("channels"))
    except OrderRefused as error:
        cells.wrong("channels", "contact-channels", str(error))
    copies = _yes_or_no(cells.row.text("copies"))
    if copies is None:
        cells.wrong("copies", "contact-copies", "chỉ ghi “có” hoặc “không”")
    if without_marks(cells.row.text("zalo")) not in ("", without_marks(_PAIRED), "chua ghep"):
        hint = "Bỏ trống; ghép Zalo ở trang của người đó"
        cells.wrong("zalo", "contact-zalo", "cột Zalo chỉ cho biết đã ghép hay chưa", hint)
    return channels, copies is not False


def _yes_or_no(text: str) -> bool | None:
    """An empty cell is the usual answer, yes; None for what is neither."""
    word = without_marks(text)
    if not word or word in _YES:
        return True
    return False if word in _NO else None


HEADINGS = (
    "Mã đơn vị",
    "Tên đơn vị",
    "Vai trò",
    "Họ tên",
    "Thư điện tử",
    "Điện thoại",
    "Zalo",
    "Kênh nhận tin",
    "Nhận tin để biết",
    "Mục đích",
)


def write_contacts(path: Path, contacts: Sequence[Contact], registry: Registry) -> None:
    """The contacts as a sheet that can be read back. A pairing with Zalo is only told of: the chat is
    nobody's to type."""
    rows = [
        (
            c.unit,
            registry.full_name(c.unit),
            CONTACT_ROLES[c.role],
            c.name,
            c.email,
            spoken_phone(c.phone),
            _PAIRED if c.zalo else "",
            order_words(c.channels),
            "có" if c.copies else "không",
            c.purpose,
        )
        for c in contacts
    ]
    write_sheet(path, "Danh bạ", (), HEADINGS, rows)
