"""Who reads at an address. Personal data: never shown in lists nor logged."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.store.people.contacts import EMAIL, ZALO, ZNS
from engine.store.tables import ContactRow

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]


def names_by_address(connection: Connection) -> dict[tuple[str, str], str]:
    """The name of the contact in use who reads at each channel and address, the first of several."""
    c = _CONTACT.c
    named = c.active & (c.name != "")
    query = select(c.name, c.email, c.zalo, c.phone).where(named).order_by(c.id.desc())
    found = {}
    for name, email, zalo, phone in connection.execute(query):
        for channel, address in ((EMAIL, email.lower()), (ZALO, zalo), (ZNS, phone)):
            if address:
                found[channel, address] = name
    return found
