"""Links that open a unit's own page (or its calendar feed) without a password: the token goes out once,
only its hash is kept.

A message gets its link when it is sent, not when it is written, so that no stored message holds a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.access.tokens import hash_of, new_token
from engine.store.sync import chunks
from engine.store.tables import ContactRow, LinkRow

_LINK = LinkRow.__table__  # type: ignore[attr-defined]
_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]

_NEW = insert(_LINK)

UNIT = "unit"
FEED = "feed"

DAYS = 60
"""How long a link works unless something else was asked for."""

LONGEST_DAYS = 400

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Link:
    """``units`` are the ids that it opens; ``address`` whom it was sent to on whatever channel (e-mail,
    chat, telephone), empty when made by hand."""

    id: int
    kind: str
    units: tuple[str, ...]
    address: str
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Whether it opens anything at ``now``."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to be made: what it opens, whom it goes to (empty when made by hand), in whose name."""

    units: tuple[str, ...]
    address: str = ""
    name: str = ""


def make(
    connection: Connection,
    units: Iterable[str],
    address: str,
    name: str,
    kind: str = UNIT,
    *,
    now: datetime,
    days: int = DAYS,
) -> str:
    """A new link for ``units``, working for ``days``; gives back its token, which nobody can read again."""
    [token] = make_all(connection, [NewLink(tuple(units), address, name)], kind, now=now, days=days)
    return token


def make_all(
    connection: Connection, wanted: Sequence[NewLink], kind: str = UNIT, *, now: datetime, days: int = DAYS
) -> list[str]:
    """Several links in one statement; their tokens in the same order."""
    tokens = [new_token() for _ in wanted]
    common = {"kind": kind, "created_at": now, "expires_at": now + timedelta(days=days)}
    rows = [
        {
            "token_hash": hash_of(token),
            "units": json.dumps(sorted(set(link.units))),
            "address": _kept(link.address),
            "name": link.name,
            **common,
        }
        for token, link in zip(tokens, wanted, strict=True)
    ]
    if rows:
        connection.execute(_NEW, rows)
    return tokens


def find(connection: Connection, token: str, now: datetime, kind: str = UNIT) -> Link | None:
    """The link behind a token; None when there is none, it expired, was revoked or is of another kind."""
    if not _TOKEN.fullmatch(token):
        return None
    query = select(_LINK).where((_LINK.c.token_hash == hash_of(token)) & (_LINK.c.kind == kind))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    link = _of(row)
    return link if link.works(now) else None


def by_id(connection: Connection, id: int) -> Link | None:
    """The link with this number, also one that works no more."""
    row = connection.execute(select(_LINK).where(_LINK.c.id == id)).mappings().first()
    return _of(row) if row else None


def working(connection: Connection, now: datetime, kind: str = UNIT) -> list[Link]:
    """The links that open something now, the newest first."""
    works = (_LINK.c.kind == kind) & _LINK.c.revoked_at.is_(None) & (_LINK.c.expires_at > now)
    rows = connection.execute(select(_LINK).where(works).order_by(_LINK.c.id.desc())).mappings()
    return [_of(row) for row in rows]


def page_of(
    connection: Connection, now: datetime, unit: str | None, offset: int, most: int
) -> tuple[int, list[Link]]:
    """How many links to units' pages work now, of one unit or of all, and some of them, the newest first."""
    works = (_LINK.c.kind == UNIT) & _LINK.c.revoked_at.is_(None) & (_LINK.c.expires_at > now)
    if unit is not None:
        works &= _LINK.c.units.contains(json.dumps(unit), autoescape=True)
    total = connection.execute(select(func.count()).select_from(_LINK).where(works)).scalar_one()
    query = select(_LINK).where(works).order_by(_LINK.c.id.desc()).offset(offset).limit(most)
    return total, [_of(row) for row in connection.execute(query).mappings()]


def revoke_of_unit(connection: Connection, unit: str, now: datetime) -> int:
    """Ends every link to the page of a unit; gives back how many still worked."""
    named = (_LINK.c.kind == UNIT) & _LINK.c.units.contains(json.dumps(unit), autoescape=True)
    return revoke(connection, list(connection.execute(select(_LINK.c.id).where(named)).scalars()), now)


def revoke(connection: Connection, ids: Collection[int], now: datetime) -> int:
    """Ends links; gives back how many of them still worked."""
    alive = _LINK.c.revoked_at.is_(None) & (_LINK.c.expires_at > now)
    ended = update(_LINK).where(alive).values(revoked_at=now)
    return sum(
        connection.execute(ended.where(_LINK.c.id.in_(some))).rowcount for some in chunks(sorted(ids), 500)
    )


def revoke_of_address(connection: Connection, address: str, now: datetime) -> int:
    """Ends every link that was sent to an address, of all kinds; gives back how many still worked."""
    of_address = select(_LINK.c.id).where(_LINK.c.address == _kept(address))
    return revoke(connection, list(connection.execute(of_address).scalars()), now)


def readers(connection: Connection) -> frozenset[tuple[str, str]]:
    """Who is told for which unit: each address (e-mail in lower case, chat, telephone) and unit of every
    contact in use."""
    columns = func.lower(_CONTACT.c.email), _CONTACT.c.zalo, _CONTACT.c.phone
    query = select(_CONTACT.c.unit, *columns).where(_CONTACT.c.active)
    return frozenset(
        (address, unit) for unit, *addresses in connection.execute(query) for address in addresses if address
    )


def revoke_of_former(connection: Connection, before: Collection[tuple[str, str]], now: datetime) -> int:
    """Ends the links of those among the `readers` of ``before`` who are so no more: every link of an address
    that stands for no unit now, otherwise those that open a unit which it left. Gives back how many."""
    after = readers(connection)
    still = {address for address, _ in after}
    ended = 0
    for address, unit in sorted(set(before) - after):
        if address not in still:
            ended += revoke_of_address(connection, address, now)
            continue
        left = (_LINK.c.address == address) & _LINK.c.units.contains(json.dumps(unit), autoescape=True)
        ended += revoke(connection, list(connection.execute(select(_LINK.c.id).where(left)).scalars()), now)
    return ended


def take_back(connection: Connection, token: str) -> None:
    """Removes a link whose token surely reached nobody."""
    connection.execute(delete(_LINK).where(_LINK.c.token_hash == hash_of(token)))


def _kept(address: str) -> str:
    """E-mail knows no case; what a chat is called does."""
    return address.lower() if "@" in address else address


def _of(row: Any) -> Link:
    return Link(
        id=row["id"],
        kind=row["kind"],
        units=tuple(json.loads(row["units"])),
        address=row["address"],
        name=row["name"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
