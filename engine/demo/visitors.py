"""Who may visit the web page after the play: an account for each role, and a unit's own link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from engine.installation.opening import Installation
from engine.model.access import Role
from engine.store.access import accounts, links, passwords
from engine.store.database import writing
from engine.store.tables import AssignmentRow

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]

LOGINS = {
    "van-phong": Role.MANAGER,
    "lanh-dao": Role.LEADER,
    "soan-ke-hoach": Role.AUTHOR,
    "quan-tri": Role.ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True)
class Visitors:
    """One password for all accounts, and the token of the link of ``unit``."""

    password: str
    unit: str
    token: str


def invite(installation: Installation, now: datetime) -> Visitors:
    """Makes the accounts and a link for the unit that has most to do."""
    password = passwords.one_time()
    with writing(installation.engine) as connection:
        for login, role in LOGINS.items():
            accounts.add(connection, login, login, role, now, password=password, must_change=False)
        owing = select(_ASSIGNMENT.c.unit).where(_ASSIGNMENT.c.open & ~_ASSIGNMENT.c.collective)
        busiest = owing.group_by(_ASSIGNMENT.c.unit).order_by(func.count().desc(), _ASSIGNMENT.c.unit)
        unit = connection.execute(busiest.limit(1)).scalar_one()
        token = links.make(connection, [unit], "", "Diễn thử", now=now)
    return Visitors(password, unit, token)
