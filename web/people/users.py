"""``/nguoi-dung``: who works in the office and may sign in."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.access import ROLE_NAMES, Role
from engine.store.access import accounts, attempts, audit, passwords, sessions
from engine.store.access.accounts import Account, AccountRefused, Listed
from engine.store.database import reading, writing
from web.errors import not_found
from web.pages import page
from web.security.access import Administrator, Form, Person, field, site_of

router = APIRouter()

_SAID = {
    "sua": "Đã lưu. Nếu vai trò đổi thì người này phải đăng nhập lại.",
    "dong": "Đã đóng tài khoản; mọi phiên đang mở của tài khoản đã kết thúc.",
    "mo": "Đã mở lại tài khoản.",
    "phien": "Đã kết thúc mọi phiên đang mở của tài khoản.",
    "noi": "Đã bỏ nối; lần đăng nhập một lần tới sẽ nối lại theo tên đăng nhập.",
}
_LARGEST_ID = 2**31 - 1


@router.get("/nguoi-dung")
def listed(request: Request, person: Administrator) -> Response:
    """All accounts, and the form for a new one."""
    return _list_page(request, person)


@router.post("/nguoi-dung")
def add(request: Request, person: Administrator, form: Form) -> Response:
    """A new account. Its one-time password is on the page that answers, and nowhere else: that is why
    this form is answered with a page and not with a way to one."""
    site, now = site_of(request), site_of(request).now()
    login, name = field(form, "ten", most=80), field(form, "ho-ten", most=accounts.LONGEST_NAME)
    role = _role(field(form, "vai-tro", most=20))
    without = field(form, "cach") == "mot-lan" and site.settings.single_sign_on is not None
    password = None if without else passwords.one_time()
    if role is None:
        typed = {"ten": login, "ho-ten": name, "vai-tro": ""}
        return _list_page(request, person, wrong="Hãy chọn vai trò.", typed=typed)
    try:
        with writing(site.engine) as connection:
            made = accounts.add(connection, login, name, role, now, password=password)
            _note(connection, person, "account.add", made, now, after=made)
    except AccountRefused as refused:
        typed = {"ten": login, "ho-ten": name, "vai-tro": role.value}
        return _list_page(request, person, wrong=f"{refused}.", typed=typed)
    return page(request, "people/password_once.html", person=person, of=made, password=password, fresh=True)


@router.get("/nguoi-dung/{id:int}")
def one(request: Request, person: Administrator, id: int, da: str = "") -> Response:
    """One account and what can be done with it."""
    return _one_page(request, person, id, said=_SAID.get(da, ""))


@router.post("/nguoi-dung/{id:int}/sua")
def change(request: Request, person: Administrator, id: int, form: Form) -> Response:
    """Another name or role; a changed role ends the sessions."""
    role = _role(field(form, "vai-tro", most=20))
    if role is None:
        return _one_page(request, person, id, wrong="Hãy chọn vai trò.")
    name = field(form, "ho-ten", most=accounts.LONGEST_NAME)
    return _changed(request, person, id, "account.change", "sua", name=name, role=role)


@router.post("/nguoi-dung/{id:int}/dong")
def close(request: Request, person: Administrator, id: int) -> Response:
    """Closes an account."""
    return _changed(request, person, id, "account.close", "dong", active=False)


@router.post("/nguoi-dung/{id:int}/mo")
def reopen(request: Request, person: Administrator, id: int) -> Response:
    """Opens a closed account again."""
    return _changed(request, person, id, "account.reopen", "mo", active=True)


@router.post("/nguoi-dung/{id:int}/mat-khau")
def reset(request: Request, person: Administrator, id: int) -> Response:
    """A new one-time password, shown once; ends the sessions and every wait for having failed."""
    site, now = site_of(request), site_of(request).now()
    password = passwords.one_time()
    with writing(site.engine) as connection:
        _known(connection, id, now)
        account = accounts.set_password(connection, id, password, must_change=True)
        attempts.forgive(connection, attempts.login_key(account.login))
        attempts.forgive(connection, f"password:{id}")
        sessions.end_all(connection, id)
        _note(connection, person, "account.reset", account, now)
    shown_to = None if id == person.account.id else person
    return page(
        request, "people/password_once.html", person=shown_to, of=account, password=password, fresh=False
    )


@router.post("/nguoi-dung/{id:int}/phien")
def end_sessions(request: Request, person: Administrator, id: int) -> Response:
    """Signs an account out everywhere."""
    site, now = site_of(request), site_of(request).now()
    with writing(site.engine) as connection:
        account = _known(connection, id, now).account
        sessions.end_all(connection, id)
        _note(connection, person, "account.sessions_ended", account, now)
    return RedirectResponse(f"/nguoi-dung/{id}?da=phien", status_code=303)


@router.post("/nguoi-dung/{id:int}/bo-noi")
def unlink(request: Request, person: Administrator, id: int) -> Response:
    """Parts an account from the person whom single sign-on knew it as."""
    site, now = site_of(request), site_of(request).now()
    with writing(site.engine) as connection:
        account = _known(connection, id, now).account
        accounts.unlink(connection, id)
        sessions.end_all(connection, id)
        _note(connection, person, "account.unlinked", account, now)
    return RedirectResponse(f"/nguoi-dung/{id}?da=noi", status_code=303)


def _changed(
    request: Request,
    person: Person,
    id: int,
    action: str,
    said: str,
    *,
    name: str | None = None,
    role: Role | None = None,
    active: bool | None = None,
) -> Response:
    site, now = site_of(request), site_of(request).now()
    try:
        with writing(site.engine) as connection:
            _known(connection, id, now)
            before, after = accounts.change(connection, id, name=name, role=role, active=active)
            if before != after:
                if (before.role, before.active) != (after.role, after.active):
                    sessions.end_all(connection, id)
                _note(connection, person, action, after, now, before=before, after=after)
    except AccountRefused as refused:
        return _one_page(request, person, id, wrong=f"{refused}.")
    return RedirectResponse(f"/nguoi-dung/{id}?da={said}", status_code=303)


def _note(
    connection: Connection,
    person: Person,
    action: str,
    of: Account,
    now: datetime,
    *,
    before: Account | None = None,
    after: Account | None = None,
) -> None:
    audit.append(
        connection,
        person.actor,
        action,
        f"account:{of.id}",
        now,
        before=accounts.shown(before) if before else None,
        after=accounts.shown(after) if after else None,
    )


def _role(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None


def _known(connection: Connection, id: int, now: datetime) -> Listed:
    found = accounts.listed(connection, now, id) if 0 < id <= _LARGEST_ID else []
    if not found:
        raise not_found("tài khoản này")
    return found[0]


def _list_page(
    request: Request, person: Person, *, wrong: str = "", typed: dict[str, str] | None = None
) -> Response:
    site = site_of(request)
    with reading(site.engine) as connection:
        found = accounts.listed(connection, site.now())
    return page(
        request,
        "people/users.html",
        status=400 if wrong else 200,
        person=person,
        listed=found,
        roles=ROLE_NAMES,
        wrong=wrong,
        typed=typed or {},
        single_sign_on=site.settings.single_sign_on is not None,
    )


def _one_page(request: Request, person: Person, id: int, *, said: str = "", wrong: str = "") -> Response:
    site = site_of(request)
    with reading(site.engine) as connection:
        found = _known(connection, id, site.now())
        last = accounts.count(connection, Role.ADMINISTRATOR) <= 1
    return page(
        request,
        "people/user.html",
        status=400 if wrong else 200,
        person=person,
        of=found,
        is_last=last and found.account.active and found.account.role is Role.ADMINISTRATOR,
        roles=ROLE_NAMES,
        said=said,
        wrong=wrong,
        single_sign_on=site.settings.single_sign_on is not None,
    )
