"""Who may open which address. Every route states exactly one of ``anyone``, ``by_token`` or ``Allow``.

tests/web/test_access.py walks all routes and each role.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from engine.model.access import Permission, may
from engine.store.access import sessions
from engine.store.access.accounts import Account
from engine.store.access.audit import Actor
from engine.store.access.tokens import form_key, same
from web.errors import Refused, SignInFirst
from web.site import Site

FORM_KEY = "khoa"
"""The hidden field that proves that a form came from a page of this session."""

_READING = frozenset({"GET", "HEAD"})
_CHANGE_PASSWORD = "/mat-khau"  # noqa: S105 - a path
_WITHOUT_NEW_PASSWORD = frozenset({_CHANGE_PASSWORD, "/dang-xuat"})


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in; ``form_key`` goes into every form, ``token`` is the session's and goes nowhere."""

    account: Account
    form_key: str
    token: str
    origin: str

    @property
    def actor(self) -> Actor:
        """The same for the audit log."""
        return Actor(f"account:{self.account.id}", self.account.name, self.origin)

    def may(self, permission: str) -> bool:
        """Whether the person's role grants it."""
        return may(self.account.role, Permission(permission))


def site_of(request: Request) -> Site:
    """The site behind a request."""
    site: Site = request.app.state.site
    return site


def origin_of(request: Request) -> str:
    """The address that a request came from."""
    return request.client.host if request.client else ""


def cookie_name(site: Site) -> str:
    """Over https the browser itself refuses such a cookie from anywhere else."""
    return "__Host-dondoc" if is_secure(site) else "dondoc"


def is_secure(site: Site) -> bool:
    """Whether the site's own address is an https one."""
    return (site.settings.base_url or "").startswith("https://")


def anyone() -> None:
    """Marks a route that needs no sign-in."""


def by_token() -> None:
    """Marks a route whose address itself holds the secret; the route checks it."""


class Allow:
    """Lets a request pass when somebody is signed in whose role grants ``permission``; forms must carry
    the session's key. Gives the Person."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Person:
        try:
            return await self._allowed(request)
        except (Refused, SignInFirst):
            await request.close()  # what was uploaded lies in a file by now
            raise

    async def _allowed(self, request: Request) -> Person:
        person = await run_in_threadpool(signed_in, request)
        if person is None:
            raise SignInFirst(_back(request))
        if request.method not in _READING:
            form = await request.form()
            key = form.get(FORM_KEY)
            if not isinstance(key, str) or not same(key, person.form_key):
                raise Refused(403, "Trang này đã cũ nên không được nhận", "Tải lại trang rồi làm lại.")
        if person.account.must_change and request.url.path not in _WITHOUT_NEW_PASSWORD:
            raise Refused(403, "Phải đổi mật khẩu trước khi làm việc", "Mở trang “Đổi mật khẩu” ở đầu trang.")
        if not may(person.account.role, self.permission):
            raise Refused(
                403, "Tài khoản của bạn không có quyền dùng trang này", "Hỏi người quản trị nếu cần."
            )
        request.state.person = person
        return person


def signed_in(request: Request) -> Person | None:
    """Who is signed in, or None."""
    site = site_of(request)
    token = request.cookies.get(cookie_name(site))
    if not token:
        return None
    account = sessions.who(site.engine, token, site.now())
    if account is None:
        return None
    return Person(account, form_key(token), token, origin_of(request))


def _back(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query if request.method in _READING else "/"


async def _form(request: Request) -> AsyncIterator[FormData]:
    try:
        yield await request.form()
    finally:
        await request.close()


Form = Annotated[FormData, Depends(_form)]
"""The fields of a posted form, for routes that are plain functions."""

Reader = Annotated[Person, Depends(Allow(Permission.READ))]
Author = Annotated[Person, Depends(Allow(Permission.CHECK_PLANS))]
Decider = Annotated[Person, Depends(Allow(Permission.DECIDE))]
DeskReader = Annotated[Person, Depends(Allow(Permission.SEE_DESK))]
Administrator = Annotated[Person, Depends(Allow(Permission.MANAGE_PEOPLE))]


def field(form: FormData, name: str, *, most: int = 2000) -> str:
    """One text field of a form, tidied; empty when missing. Refused when too long."""
    value: Any = form.get(name, "")
    if not isinstance(value, str):
        raise Refused(400, f"Ô “{name}” phải là chữ")
    text = value.replace("\r\n", "\n").strip()
    if "\x00" in text:
        raise Refused(400, f"Ô “{name}” có ký tự không dùng được")
    if len(text) > most:
        raise Refused(400, f"Ô “{name}” dài quá {most} ký tự", "Rút gọn rồi gửi lại.")
    return text
