"""Signing in: by password, or as somebody whom the province's single sign-on vouches for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update
from sqlalchemy.engine import Connection

from engine.store.access import attempts, audit, passwords, sessions
from engine.store.access.accounts import Account, account_of, login_of
from engine.store.access.audit import Actor
from engine.store.database import reading, writing
from engine.store.tables import AccountRow

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]

LOGIN_IS_AT_MOST = 80


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came in, and the token of the new session."""

    account: Account
    token: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Nobody came in. ``until``: too many failures, one may try again then; None: the login or the password
    is wrong, and it is not said which."""

    until: datetime | None = None


def sign_in(engine: Engine, login: str, password: str, now: datetime, origin: str) -> SignedIn | Denied:
    """Checks a password and opens a session. Takes the same time for logins that nobody has, and limits how
    often one may fail, by login and by network address."""
    passwords.prepare()
    known_as = login_of(login)[:LOGIN_IS_AT_MOST]
    by_login, by_origin = attempts.login_key(known_as), attempts.origin_key(origin)
    with writing(engine) as connection:
        # An office behind one address signs in at the same minute: only real failures count against it.
        until = attempts.wait_until(connection, by_origin, now)
        if until is None:
            until = attempts.admit(connection, (by_login,), now)
    if until is not None:
        return Denied(until)
    with reading(engine) as connection:
        row = connection.execute(select(_ACCOUNT).where(_ACCOUNT.c.login == known_as)).mappings().first()
    kept = row["password_hash"] if row is not None and row["active"] else None
    right = passwords.fits(kept, password)
    # Outside of a transaction: while it works, others may write.
    fresh = passwords.hash_of(password) if right and kept and passwords.is_outdated(kept) else None
    with writing(engine) as connection:
        if row is None or not right:
            attempts.fail(connection, by_origin, now)
            return _note_failure(connection, account_of(row) if row else None, by_login, now, origin)
        # Whoever closed the account or reset the password meanwhile was first.
        still = (_ACCOUNT.c.id == row["id"]) & _ACCOUNT.c.active & (_ACCOUNT.c.password_hash == kept)
        if connection.execute(select(_ACCOUNT.c.id).where(still).with_for_update()).scalar() is None:
            return Denied()
        if fresh is not None:
            connection.execute(update(_ACCOUNT).where(still).values(password_hash=fresh))
        attempts.forgive(connection, by_login)
        attempts.forget_old(connection, now)
        return _open(connection, account_of(row), now, origin, "password")


def _note_failure(
    connection: Connection, account: Account | None, key: str, now: datetime, origin: str
) -> Denied:
    until = attempts.wait_until(connection, key, now)
    if until is not None:
        who = Actor("system", "hệ thống", origin)
        subject = f"account:{account.id}" if account is not None else "account:?"
        audit.append(connection, who, "sign_in.locked", subject, now, after={"until": until.isoformat()})
    return Denied(until)


def _open(
    connection: Connection, account: Account, now: datetime, origin: str, way: str, *, is_new: bool = False
) -> SignedIn:
    token = sessions.begin(connection, account.id, now, origin)
    actor = Actor(f"account:{account.id}", account.name, origin)
    if is_new:
        audit.append(connection, actor, "account.linked", f"account:{account.id}", now)
    audit.append(connection, actor, "sign_in", f"account:{account.id}", now, after={"way": way})
    return SignedIn(account, token)


def sign_in_as(
    engine: Engine, issuer: str, subject: str, login: str | None, now: datetime, origin: str
) -> SignedIn | Denied:
    """Opens a session for the person whom ``issuer`` knows under ``subject``.

    The first time the account is found by ``login`` (None: the issuer named none), and only one that an
    administrator made before and that nobody else is linked to: nobody makes an account by signing in.
    """
    key = subject_key(issuer, subject)
    with writing(engine) as connection:
        linked = (_ACCOUNT.c.subject == key) & _ACCOUNT.c.active
        row = connection.execute(select(_ACCOUNT).where(linked).with_for_update()).mappings().first()
        is_new = False
        if row is None and login:
            free = (
                (_ACCOUNT.c.login == login_of(login)[:LOGIN_IS_AT_MOST])
                & _ACCOUNT.c.active
                & _ACCOUNT.c.subject.is_(None)
            )
            taken = connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.subject == key)).scalar()
            if taken is None:
                row = connection.execute(select(_ACCOUNT).where(free).with_for_update()).mappings().first()
            if row is not None:
                _link(connection, row["id"], key, first_password_unused=row["must_change"])
                is_new = True
        if row is None:
            return Denied()
        again = select(_ACCOUNT).where(_ACCOUNT.c.id == row["id"])
        account = account_of(connection.execute(again).mappings().one())
        return _open(connection, account, now, origin, "single sign-on", is_new=is_new)


def _link(connection: Connection, id: int, key: str, *, first_password_unused: bool) -> None:
    values: dict[str, object] = {"subject": key}
    if first_password_unused:
        # The password that was handed over once is not needed any more, so it shall not lie about.
        values |= {"password_hash": None, "must_change": False}
    connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == id).values(values))


def subject_key(issuer: str, subject: str) -> str:
    """What is kept of a person of single sign-on: a name is unique with its issuer only."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
