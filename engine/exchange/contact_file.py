"""Contacts as a sheet: who is told, and how."""

from __future__ import annotations

from pathlib import Path

from engine.errors import InputError, Problem
from engine.exchange.sheets import SheetRow, read_sheet, write_sheet
from engine.store.people.contacts import CONTACT_ROLES, HEAD, Contact
from engine.units import NameProblem, Registry
from engine.vietnamese import without_marks
from notifiers.address import mail_address_problem

COLUMNS = {
    "unit": ("Đơn vị", "Mã đơn vị", "unit_id"),
    "unit_name": ("Tên đơn vị",),
    "role": ("Vai trò", "Chức vụ"),
    "name": ("Họ tên", "Tên", "Họ và tên"),
    "email": ("Thư điện tử", "E-mail", "Email"),
    "purpose": ("Mục đích", "Mục đích lưu"),
}
PURPOSE = "Nhắc việc và đôn đốc nhiệm vụ được giao"

_ROLES = {without_marks(name): role for role, name in CONTACT_ROLES.items()} | {r: r for r in CONTACT_ROLES}


def read_contacts(path: Path, registry: Registry) -> list[Contact]:
    """The contacts of a sheet. InputError names every wrong row; DondocError for an unreadable file."""
    problems: list[Problem] = []
    contacts: dict[tuple[str, str, str], Contact] = {}
    for row in read_sheet(path, COLUMNS, ("unit", "email"), problems):
        contact = _contact(row, path, registry, problems)
        if contact is None:
            continue
        key = (contact.unit, contact.role, contact.email.lower())
        if key in contacts:
            text = "người này đã có ở dòng trên"
            problems.append(row.problem(path, "email", "contact-twice", text))
        contacts[key] = contact
    if problems:
        raise InputError(problems)
    return list(contacts.values())


def _contact(row: SheetRow, path: Path, registry: Registry, problems: list[Problem]) -> Contact | None:
    def wrong(column: str, code: str, message: str, hint: str = "") -> None:
        problems.append(row.problem(path, column, code, message, hint))

    before = len(problems)
    unit = registry.resolve(row.text("unit"), None)
    if not row.text("unit"):
        wrong("unit", "contact-unit", "thiếu đơn vị")
    elif isinstance(unit, NameProblem):
        wrong("unit", unit.code, unit.message, unit.hint)
    elif unit in registry.groups and not registry.groups[unit].unlisted:
        wrong("unit", "contact-group", f"“{row.text('unit')}” là một nhóm đơn vị; ghi từng đơn vị")
    email = row.text("email")
    if refused := mail_address_problem(email) if email else "thiếu địa chỉ thư":
        wrong("email", "contact-email", refused)
    role = _ROLES.get(without_marks(row.text("role"))) if row.text("role") else HEAD
    if role is None:
        listed = ", ".join(CONTACT_ROLES.values())
        wrong("role", "contact-role", f"vai trò “{row.text('role')}” không có; các vai trò: {listed}")
    if len(problems) > before or role is None or isinstance(unit, NameProblem):
        return None
    return Contact(unit, role, row.text("name"), email, row.text("purpose") or PURPOSE)


def write_contacts(path: Path, contacts: list[Contact], registry: Registry) -> None:
    """The contacts as a sheet that can be read back."""
    rows = [
        (c.unit, registry.full_name(c.unit), CONTACT_ROLES[c.role], c.name, c.email, c.purpose)
        for c in contacts
    ]
    headings = ("Mã đơn vị", "Tên đơn vị", "Vai trò", "Họ tên", "Thư điện tử", "Mục đích")
    write_sheet(path, "Danh bạ", (), headings, rows)
