"""Accounts of the office: who may sign in, and what for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from engine.errors import DondocError
from engine.model.access import Role
from engine.store.access import passwords
from engine.store.database import take_turns
from engine.store.tables import AccountRow, SessionRow
from engine.vietnamese import tidy

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]
_SESSION = SessionRow.__table__  # type: ignore[attr-defined]
_TURN = 7_219_462

LONGEST_NAME = 120
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,79}")


class AccountRefused(DondocError):
    """A change of an account that cannot be made; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the office, without the password."""

    id: int
    login: str
    name: str
    role: Role
    active: bool
    must_change: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as the administrator sees it. ``has_password`` False: single sign-on only; ``is_linked``:
    single sign-on knows the account; ``sessions``: browsers signed in now."""

    account: Account
    has_password: bool
    is_linked: bool
    created_at: datetime
    sessions: int
    last_seen_at: datetime | None


def account_of(row: Any) -> Account:
    """The account in a row of ``account``."""
    return Account(row["id"], row["login"], row["name"], Role(row["role"]), row["active"], row["must_change"])


def by_id(connection: Connection, id: int) -> Account | None:
    """The account with this number."""
    row = connection.execute(select(_ACCOUNT).where(_ACCOUNT.c.id == id)).mappings().first()
    return account_of(row) if row else None


def by_login(connection: Connection, login: str) -> Account | None:
    """The account with this login, however it was typed."""
    query = select(_ACCOUNT).where(_ACCOUNT.c.login == login_of(login))
    row = connection.execute(query).mappings().first()
    return account_of(row) if row else None


def login_of(text: str) -> str:
    """A login as it is kept: tidied, lower case."""
    return tidy(text).casefold()


def listed(connection: Connection, now: datetime, id: int | None = None) -> list[Listed]:
    """All accounts, or the one; those in use first, each group by login."""
    sessions = (
        select(
            _SESSION.c.account, func.count().label("open"), func.max(_SESSION.c.last_seen_at).label("seen")
        )
        .where(_SESSION.c.expires_at > now)
        .group_by(_SESSION.c.account)
        .subquery()
    )
    query = (
        select(_ACCOUNT, sessions.c.open, sessions.c.seen)
        .outerjoin(sessions, sessions.c.account == _ACCOUNT.c.id)
        .order_by(_ACCOUNT.c.active.desc(), _ACCOUNT.c.login)
    )
    if id is not None:
        query = query.where(_ACCOUNT.c.id == id)
    return [
        Listed(
            account_of(row),
            row["password_hash"] is not None,
            row["subject"] is not None,
            row["created_at"],
            row["open"] or 0,
            row["seen"],
        )
        for row in connection.execute(query).mappings()
    ]


def count(connection: Connection, role: Role | None = None) -> int:
    """How many accounts may sign in, of one role or of all."""
    query = select(func.count()).select_from(_ACCOUNT).where(_ACCOUNT.c.active)
    if role is not None:
        query = query.where(_ACCOUNT.c.role == role.value)
    return connection.execute(query).scalar_one()


def add(
    connection: Connection,
    login: str,
    name: str,
    role: Role,
    now: datetime,
    *,
    password: str | None = None,
    must_change: bool = True,
) -> Account:
    """A new account; without a password it signs in by single sign-on only. AccountRefused says why not."""
    made_login, made_name = _checked_login(login), _checked_name(name)
    values: dict[str, Any] = {
        "login": made_login,
        "name": made_name,
        "role": role.value,
        "password_hash": checked_hash(password, made_login) if password is not None else None,
        "active": True,
        "must_change": password is not None and must_change,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            id = connection.execute(insert(_ACCOUNT).values(values).returning(_ACCOUNT.c.id)).scalar_one()
    except IntegrityError as error:
        raise AccountRefused(
            f"Đã có tài khoản “{made_login}”; chọn tên khác hoặc sửa tài khoản đó"
        ) from error
    return Account(id, made_login, made_name, role, True, values["must_change"])


def change(
    connection: Connection,
    id: int,
    *,
    name: str | None = None,
    role: Role | None = None,
    active: bool | None = None,
) -> tuple[Account, Account]:
    """Changes what is given; answers the account before and after. AccountRefused where it would leave
    the office without an administrator, or where there is no such account.

    Other sessions of the account go on: end them when what it may do has changed.
    """
    take_turns(connection, _TURN)
    before = _known(connection, id)
    after = Account(
        id,
        before.login,
        _checked_name(name) if name is not None else before.name,
        role if role is not None else before.role,
        active if active is not None else before.active,
        before.must_change,
    )
    if _is_administrator(before) and not _is_administrator(after) and count(connection, before.role) <= 1:
        raise AccountRefused(
            "Đây là tài khoản quản trị cuối cùng còn dùng được; hãy giao quyền quản trị cho người khác trước"
        )
    changed = {"name": after.name, "role": after.role.value, "active": after.active}
    connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == id).values(changed))
    return before, after


def set_password(connection: Connection, id: int, password: str, *, must_change: bool) -> Account:
    """Gives an account another password. AccountRefused says what is wrong with it."""
    made = checked_hash(password, _known(connection, id).login)
    return set_hash(connection, id, made, must_change=must_change)


def set_hash(connection: Connection, id: int, password_hash: str, *, must_change: bool) -> Account:
    """The same with what `checked_hash` made outside of a transaction: it takes its time."""
    account = _known(connection, id)
    values = {"password_hash": password_hash, "must_change": must_change}
    connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == id).values(values))
    return Account(id, account.login, account.name, account.role, account.active, must_change)


def unlink(connection: Connection, id: int) -> None:
    """Parts an account from the person that single sign-on knew it as; the next sign-in links it anew."""
    connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == id).values(subject=None))


def has_password(connection: Connection, id: int, password: str) -> bool:
    """Whether this is the account's password."""
    kept = connection.execute(select(_ACCOUNT.c.password_hash).where(_ACCOUNT.c.id == id)).scalar()
    return passwords.fits(kept, password)


def shown(account: Account) -> Mapping[str, Any]:
    """What the audit log keeps of an account."""
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role.value,
        "active": account.active,
    }


def _known(connection: Connection, id: int) -> Account:
    account = by_id(connection, id)
    if account is None:
        raise AccountRefused("Không có tài khoản này; tải lại danh sách")
    return account


def _is_administrator(account: Account) -> bool:
    return account.active and account.role is Role.ADMINISTRATOR


def _checked_login(text: str) -> str:
    login = login_of(text)
    if not _LOGIN.fullmatch(login):
        raise AccountRefused(
            "Tên đăng nhập gồm 2–80 chữ không dấu, chữ số, dấu chấm, gạch hoặc @; ví dụ: van-phong.an"
        )
    return login


def _checked_name(text: str) -> str:
    name = tidy(text)
    if not name:
        raise AccountRefused("Thiếu họ tên; ghi tên để nhật ký nói được ai đã làm gì")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountRefused(f"Họ tên dài quá {LONGEST_NAME} ký tự hoặc có ký tự lạ; ghi lại")
    return name


def checked_hash(password: str, login: str) -> str:
    """What is kept of a password. AccountRefused says what is wrong with it."""
    wrong = passwords.problem(password, login)
    if wrong is not None:
        raise AccountRefused(wrong)
    return passwords.hash_of(password)
