"""Pairing a contact with a chat on Zalo: one-time codes that a person sends to the bot.

The office, or the page behind a unit's link, makes a code; only its hash is kept. Codes live a week, one for
each contact, and work once. A chat may serve several contacts: of one person, or of whoever reads for others.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.store.access import attempts, audit, links
from engine.store.access.audit import Actor
from engine.store.access.tokens import hash_of
from engine.store.database import take_turns
from engine.store.messages import refusals
from engine.store.people.contacts import ZALO, Contact, contact_of, same_name
from engine.store.tables import ContactRow, PairingRow

_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]
_PAIRING = PairingRow.__table__  # type: ignore[attr-defined]
_TURN = 7_219_467

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
DIGITS = "23456789"
"""Neither O and 0 nor I, L and 1, which look alike on paper."""

_ALPHABET = LETTERS + DIGITS
_HALF = 4
LIVES = timedelta(days=7)
_REMEMBERED = timedelta(days=90)
"""How long a code that is over can still be told from one that never was."""

BY_CHAT = Actor("zalo", "người nhắn tới bot Zalo")
_EVERYBODY = "pairing:all"


class PairingRefused(DondocError):
    """No code can be made for this contact; nothing was changed."""


class Verdict(StrEnum):
    """What became of a code. OVER: expired, replaced by a newer one, or its contact is out of use."""

    PAIRED = "paired"
    WRONG = "wrong"
    USED = "used"
    OVER = "over"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Pairing:
    """``contacts`` are those that the chat now serves by this code; ``until`` is when one may try again
    (WAIT)."""

    verdict: Verdict
    contacts: tuple[Contact, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many contacts in use are ``paired``, and how many ``codes`` work but were not used."""

    paired: int
    codes: int


def make(connection: Connection, contact: int, actor: Actor, now: datetime) -> str:
    """A new code for a contact, "ABCD-2345"; the one before it ends. Nobody can read it again.

    PairingRefused when the contact is out of use or unknown.
    """
    take_turns(connection, _TURN)
    own = select(_CONTACT.c.id).where((_CONTACT.c.id == contact) & _CONTACT.c.active)
    if connection.execute(own).scalar() is None:
        raise PairingRefused("Liên hệ này không còn được dùng nên không tạo được mã ghép")
    live = (_PAIRING.c.contact == contact) & _PAIRING.c.used_at.is_(None) & (_PAIRING.c.expires_at > now)
    connection.execute(update(_PAIRING).where(live).values(expires_at=now))
    connection.execute(delete(_PAIRING).where(_PAIRING.c.expires_at < now - _REMEMBERED))
    code = _new_code()
    row = {"code_hash": hash_of(code), "contact": contact, "created_at": now, "expires_at": now + LIVES}
    connection.execute(insert(_PAIRING).values(row))
    after = {"channel": ZALO, "expires": (now + LIVES).isoformat()}
    audit.append(connection, actor, "contact.zalo_code", f"contact:{contact}", now, after=after)
    return f"{code[:_HALF]}-{code[_HALF:]}"


def live_until(connection: Connection, contact: int, now: datetime) -> datetime | None:
    """Until when the contact's code works; None where there is none that does."""
    live = (_PAIRING.c.contact == contact) & _PAIRING.c.used_at.is_(None) & (_PAIRING.c.expires_at > now)
    found: datetime | None = connection.execute(select(func.max(_PAIRING.c.expires_at)).where(live)).scalar()
    return found


def use(connection: Connection, code: str, chat: str, now: datetime) -> Pairing:
    """Ties ``chat`` to the contact that ``code`` was made for, and to every other entry of that person.

    A code that does not work changes nothing but the count of wrong tries, by chat and by all chats.
    """
    # All who try wait for each other: however many come at once, each is counted before the next.
    take_turns(connection, _TURN)
    own_tries = _tries_of(chat)
    waits = [attempts.wait_until(connection, key, now) for key in (own_tries, _EVERYBODY)]
    if until := max((each for each in waits if each is not None), default=None):
        return Pairing(Verdict.WAIT, until=until)
    kept = hash_of(plain(code))
    row = connection.execute(select(_PAIRING).where(_PAIRING.c.code_hash == kept)).mappings().first()
    if row is None:
        for key in (own_tries, _EVERYBODY):
            attempts.fail(connection, key, now)
        return Pairing(Verdict.WRONG)
    if row["used_at"] is not None:
        return Pairing(Verdict.USED)
    person = same_person(connection, row["contact"])
    if row["expires_at"] <= now or not person:
        return Pairing(Verdict.OVER)
    connection.execute(update(_PAIRING).where(_PAIRING.c.code_hash == kept).values(used_at=now))
    attempts.forgive(connection, own_tries)
    refusals.clear(connection, ZALO, chat)  # whoever has just written can be written to
    _write(connection, person, chat, BY_CHAT, "contact.pair", now)
    return Pairing(Verdict.PAIRED, tuple(person))


def count(connection: Connection, now: datetime) -> Count:
    """How far the office has come."""
    paired = select(func.count()).where(_CONTACT.c.active & (_CONTACT.c.zalo != ""))
    live = _PAIRING.c.used_at.is_(None) & (_PAIRING.c.expires_at > now)
    codes = select(func.count()).select_from(_PAIRING).where(live)
    return Count(connection.execute(paired).scalar_one(), connection.execute(codes).scalar_one())


def unpair(connection: Connection, contacts: Sequence[Contact], actor: Actor, now: datetime) -> None:
    """Forgets the chats of these contacts and ends the links that were sent there."""
    take_turns(connection, _TURN)
    _write(connection, [each for each in contacts if each.zalo], "", actor, "contact.unpair", now)


def served_by(connection: Connection, chat: str) -> list[Contact]:
    """The contacts in use that are told in this chat."""
    query = select(_CONTACT).where((_CONTACT.c.zalo == chat) & _CONTACT.c.active).order_by(_CONTACT.c.id)
    return [contact_of(row) for row in connection.execute(query).mappings()] if chat else []


def same_person(connection: Connection, contact: int) -> list[Contact]:
    """The entry with this number and the others in use of the same person: the same e-mail or telephone
    under the same name, as far as names are known. Empty when the entry is out of use or unknown."""
    row = connection.execute(select(_CONTACT).where(_CONTACT.c.id == contact)).mappings().first()
    if row is None or not row["active"]:
        return []
    own = contact_of(row)
    shared = [
        condition
        for value, condition in (
            (own.email, func.lower(_CONTACT.c.email) == own.email.lower()),
            (own.phone, _CONTACT.c.phone == own.phone),
        )
        if value
    ]
    query = select(_CONTACT).where(or_(_CONTACT.c.id == own.id, *shared) & _CONTACT.c.active)
    found = map(contact_of, connection.execute(query.order_by(_CONTACT.c.id)).mappings())
    return [each for each in found if each.id == own.id or same_name(each.name, own.name)]


def plain(code: str) -> str:
    """A code as it is hashed: capitals, without what people put between."""
    return re.sub(r"[\W_]+", "", code).upper()


def _write(
    connection: Connection, contacts: Iterable[Contact], chat: str, actor: Actor, action: str, now: datetime
) -> None:
    before = links.readers(connection)
    changed = list(contacts)
    for each in changed:
        order = each.channels
        if chat and not order:
            order = (ZALO,)
        elif not chat and order == (ZALO,):
            order = ()  # the pairing had put it there
        values = {"zalo": chat, "channels": " ".join(order)}
        connection.execute(update(_CONTACT).where(_CONTACT.c.id == each.id).values(values))
    links.revoke_of_former(connection, before, now)
    for each in changed:
        audit.append(connection, actor, action, f"contact:{each.id}", now, after={"channel": ZALO})


def _tries_of(chat: str) -> str:
    """A chat is personal data: it is counted under its hash."""
    return f"zalo:{hash_of(chat)[:40]}"


def _new_code() -> str:
    """Eight letters and digits, at least one of each: no word that people write is taken for a code."""
    while True:
        code = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
        if not code.isalpha() and not code.isdigit():
            return code
