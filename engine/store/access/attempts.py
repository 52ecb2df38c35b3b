"""Failed attempts, counted against limits: who fails too often waits, each time longer.

A key is ``kind:whom`` ("login:…", "origin:…", "link:…"); the kind decides the limit. Counting happens in the
database, so that all processes count together. Whom a key names is never looked up: an unknown login waits
like a known one.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from engine.store.database import take_turns
from engine.store.tables import AttemptRow
from engine.tracking.progress import VIETNAM

_ATTEMPT = AttemptRow.__table__  # type: ignore[attr-defined]
_TURN = 7_219_461

REMEMBERED = timedelta(days=1)
"""Older failures no longer count and are removed."""

_SWEEP_EVERY = 50


@dataclass(frozen=True, slots=True)
class Limit:
    """After ``most`` failures ``within`` a span one waits; each time longer, up to the last of ``waits``."""

    most: int
    within: timedelta
    waits: tuple[timedelta, ...]


def _minutes(*counts: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=count) for count in counts)


_QUARTER = timedelta(minutes=15)
_STRICT = Limit(5, _QUARTER, _minutes(5, 15, 30, 60, 120))
_ORDINARY = Limit(30, _QUARTER, _minutes(15, 30, 60))
_TRIALS = Limit(3, timedelta(days=1), (timedelta(days=1),))
_HOUR = timedelta(hours=1)
_LIMITS = {
    "login": _STRICT,
    "password": _STRICT,
    "trial": _TRIALS,
    "origin": _ORDINARY,
    # Codes that tie a Zalo chat to a contact: tries of one chat, of all of them, and what one chat may ask.
    "zalo": Limit(5, _HOUR, (_HOUR,)),
    "pairing": Limit(300, _HOUR, _minutes(15)),
    "talk": Limit(20, _HOUR, (_HOUR,)),
    "code": Limit(10, timedelta(days=1), (timedelta(days=1),)),
}


def login_key(login: str) -> str:
    """The key of a login; hashed, because people type their password into the wrong field."""
    return f"login:{hashlib.sha256(login.encode()).hexdigest()[:40]}"


def origin_key(origin: str, kind: str = "origin") -> str:
    """The key of a network address; a network of IPv6 is one origin: it holds addresses without end."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return f"{kind}:{origin[:100]}"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return f"{kind}:{address.ipv4_mapped}"
        return f"{kind}:{ipaddress.ip_network((address, 64), strict=False)}"
    return f"{kind}:{address}"


def fail(connection: Connection, key: str, now: datetime) -> None:
    """Counts one failure under ``key``; while somebody waits anyway, further ones need not be counted."""
    added = insert(_ATTEMPT).values(key=key, at=now).returning(_ATTEMPT.c.id)
    if connection.execute(added).scalar_one() % _SWEEP_EVERY == 0:
        forget_old(connection, now)


def wait_until(connection: Connection, key: str, now: datetime) -> datetime | None:
    """When one may try again under ``key``; None for at once."""
    limit = _LIMITS.get(key.partition(":")[0], _ORDINARY)
    since = now - REMEMBERED
    query = select(_ATTEMPT.c.at).where((_ATTEMPT.c.key == key) & (_ATTEMPT.c.at > since))
    until = _free_again(list(connection.execute(query.order_by(_ATTEMPT.c.at)).scalars()), limit)
    return until if until is not None and until > now else None


def _free_again(failures: Sequence[datetime], limit: Limit) -> datetime | None:
    """The end of the last wait that these failures brought about, oldest first."""
    until: datetime | None = None
    recent: list[datetime] = []
    strikes = 0
    for at in failures:
        recent = [each for each in recent if at - each < limit.within] + [at]
        if len(recent) >= limit.most:
            until = at + limit.waits[min(strikes, len(limit.waits) - 1)]
            strikes += 1
            recent = []
    return until


def admit(connection: Connection, keys: Sequence[str], now: datetime) -> datetime | None:
    """Lets somebody try: counts a failure under each key beforehand and answers None, or answers when the
    last of the waits ends and counts nothing.

    Counted before the secret is looked at, a hundred tries at the same moment cannot all slip through.
    Call it first in a transaction of its own, and `forgive` once the secret was right.
    """
    take_turns(connection, _TURN)
    waits = [until for key in keys if (until := wait_until(connection, key, now)) is not None]
    if waits:
        return max(waits)
    for key in keys:
        fail(connection, key, now)
    return None


def forgive(connection: Connection, key: str) -> None:
    """Forgets every failure under ``key``."""
    connection.execute(delete(_ATTEMPT).where(_ATTEMPT.c.key == key))


def forget_old(connection: Connection, now: datetime) -> None:
    """Removes what no longer counts: addresses of the network are personal data too."""
    connection.execute(delete(_ATTEMPT).where(_ATTEMPT.c.at <= now - REMEMBERED))


def again_words(until: datetime, now: datetime) -> str:
    """ "Thử lại sau 12 phút, lúc 10:27." The time is that of Viet Nam."""
    minutes = max(1, -(-int((until - now).total_seconds()) // 60))
    hours, rest = divmod(minutes, 60)
    span = f"{minutes} phút" if not hours else f"{hours} giờ" + (f" {rest} phút" if rest else "")
    # Rounded up to the minute: whoever comes at the time that was said is let in.
    at = until.astimezone(UTC) + timedelta(minutes=1) - timedelta(microseconds=1)
    return f"Thử lại sau {span}, lúc {at.astimezone(VIETNAM):%H:%M}."
