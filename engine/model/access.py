"""Who works in the office, and what each of them may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody of the office is there for."""

    AUTHOR = "author"
    MANAGER = "manager"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One kind of thing that a page or command may ask for."""

    READ = "read"
    """Lists, assignments, plans, the overview: no personal data."""
    CHECK_PLANS = "check_plans"
    """Have a plan or rule file checked before it comes into force."""
    DECIDE = "decide"
    """Confirm, return, extend, withdraw, chase, hand over; resend messages."""
    SEE_DESK = "see_desk"
    """What was sent to whom, and what failed."""
    MANAGE_PEOPLE = "manage_people"
    """Accounts, contacts, links, keys, webhooks, the audit log."""


ROLE_NAMES = {
    Role.AUTHOR: "người soạn kế hoạch",
    Role.MANAGER: "quản lý văn phòng",
    Role.LEADER: "lãnh đạo",
    Role.ADMINISTRATOR: "quản trị",
}

_GRANTED = {
    Role.AUTHOR: frozenset({Permission.READ, Permission.CHECK_PLANS}),
    Role.MANAGER: frozenset(
        {Permission.READ, Permission.CHECK_PLANS, Permission.DECIDE, Permission.SEE_DESK}
    ),
    Role.LEADER: frozenset({Permission.READ, Permission.SEE_DESK}),
    Role.ADMINISTRATOR: frozenset({Permission.READ, Permission.SEE_DESK, Permission.MANAGE_PEOPLE}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether ``role`` grants ``permission``."""
    return permission in _GRANTED[role]
