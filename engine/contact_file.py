"""Contacts as a sheet: who is told, and how."""

from __future__ import annotations

from pathlib import Path

from engine.errors import InputError, Problem
from engine.sheets import read_sheet, write_sheet
from engine.status_file import row_problem
from engine.store.contacts import CONTACT_ROLES, HEAD, Contact
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
    for row in read_sheet(path, COLUMNS, ("unit", "email")):
        unit = registry.resolve(row.text("unit"), None)
        if isinstance(unit, NameProblem):
            problems.append(row_problem(path, row.number, unit.code, unit.message, unit.hint))
        elif unit in registry.groups and not registry.groups[unit].unlisted:
            text = f"“{row.text('unit')}” là một nhóm đơn vị; ghi từng đơn vị"
            problems.append(row_problem(path, row.number, "contact-group", text))
        email = row.text("email")
        wrong = mail_address_problem(email) if email else "thiếu địa chỉ thư"
        if wrong:
            problems.append(row_problem(path, row.number, "contact-email", wrong))
        role = _ROLES.get(without_marks(row.text("role"))) if row.text("role") else HEAD
        if role is None:
            listed = ", ".join(CONTACT_ROLES.values())
            text = f"vai trò “{row.text('role')}” không có; các vai trò: {listed}"
            problems.append(row_problem(path, row.number, "contact-role", text))
        if isinstance(unit, str) and role and not wrong:
            contact = Contact(unit, role, row.text("name"), email, row.text("purpose") or PURPOSE)
            key = (contact.unit, contact.role, contact.email.lower())
            if key in contacts:
                problems.append(row_problem(path, row.number, "contact-twice", "người này đã có ở dòng trên"))
            contacts[key] = contact
    if problems:
        raise InputError(problems)
    return list(contacts.values())


def write_contacts(path: Path, contacts: list[Contact], registry: Registry) -> None:
    """The contacts as a sheet that can be read back."""
    rows = [
        (c.unit, registry.full_name(c.unit), CONTACT_ROLES[c.role], c.name, c.email, c.purpose)
        for c in contacts
    ]
    headings = ("Mã đơn vị", "Tên đơn vị", "Vai trò", "Họ tên", "Thư điện tử", "Mục đích")
    write_sheet(path, "Danh bạ", (), headings, rows)
