"""``/dang-nhap`` and ``/dang-xuat``."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.store.access import accounts, audit, sessions
from engine.store.access.attempts import again_words
from engine.store.access.signing_in import Denied, sign_in
from engine.store.access.tokens import form_key
from engine.store.database import reading, writing
from web.entrance.door import browser_value, forget, is_same_browser, local_path, open_door, remember
from web.pages import page
from web.security.access import (
    FORM_KEY,
    Form,
    Reader,
    anyone,
    cookie_name,
    field,
    origin_of,
    signed_in,
    site_of,
)

router = APIRouter()

_SAID = {"dang-xuat": "Đã đăng xuất.", "mat-khau": "Đã đổi mật khẩu."}


@router.get("/dang-nhap", dependencies=[Depends(anyone)])
def ask(request: Request, tiep: str = "/", da: str = "") -> Response:
    """The form; who is signed in already goes on."""
    if signed_in(request) is not None:
        return RedirectResponse(local_path(tiep), status_code=303)
    return door_page(request, tiep=tiep, said=_SAID.get(da, ""))


@router.post("/dang-nhap", dependencies=[Depends(anyone)])
def enter(request: Request, form: Form) -> Response:
    """Opens a session when login and password fit. Every sign-in makes a token of its own, and the session
    that the browser had before ends: a token planted by somebody else is worth nothing."""
    site, now = site_of(request), site_of(request).now()
    tiep = field(form, "tiep")
    login, password = field(form, "ten", most=80), field(form, "mat-khau", most=200)
    if not is_same_browser(request, field(form, FORM_KEY, most=64)):
        wrong = "Trang đăng nhập mở đã lâu; hãy nhập lại mật khẩu."
        return door_page(request, tiep=tiep, login=login, wrong=wrong, status=403)
    if not login or not password:
        missing = "tên đăng nhập" if not login else "mật khẩu"
        return door_page(request, tiep=tiep, login=login, wrong=f"Hãy nhập {missing}.", status=400)
    found = sign_in(site.engine, login, password, now, origin_of(request))
    if isinstance(found, Denied):
        return _denied(request, found, tiep, login)
    return let_in(request, found.token, "/mat-khau" if found.account.must_change else local_path(tiep))


def let_in(request: Request, token: str, path: str) -> Response:
    """Goes on to ``path`` with the new session; an older one of this browser ends."""
    site = site_of(request)
    older = request.cookies.get(cookie_name(site))
    if older:
        with writing(site.engine) as connection:
            sessions.end(connection, older)
    answer = RedirectResponse(path, status_code=303)
    open_door(answer, site, token)
    return answer


def _denied(request: Request, found: Denied, tiep: str, login: str) -> Response:
    now = site_of(request).now()
    if found.until is None:
        wrong = "Tên đăng nhập hoặc mật khẩu không đúng."
        return door_page(request, tiep=tiep, login=login, wrong=wrong, status=401)
    wrong = f"Đã nhập sai nhiều lần nên phải chờ. {again_words(found.until, now)}"
    answer = door_page(request, tiep=tiep, login=login, wrong=wrong, status=429)
    answer.headers["retry-after"] = str(max(1, int((found.until - now).total_seconds()) + 1))
    return answer


def door_page(
    request: Request, *, tiep: str, said: str = "", login: str = "", wrong: str = "", status: int = 200
) -> Response:
    """The page to sign in on; ``wrong`` says why the last attempt led nowhere."""
    site = site_of(request)
    with reading(site.engine) as connection:
        nobody = accounts.count(connection) == 0
    value = browser_value(request)
    answer = page(
        request,
        "entrance/sign_in.html",
        status=status,
        key=form_key(value),
        tiep=local_path(tiep),
        login=login,
        said=said,
        wrong=wrong,
        nobody=nobody,
        single_sign_on=site.settings.single_sign_on is not None,
    )
    remember(answer, site, value)
    return answer


@router.post("/dang-xuat")
def leave(request: Request, person: Reader) -> Response:
    """Ends this browser's session."""
    site, now = site_of(request), site_of(request).now()
    with writing(site.engine) as connection:
        sessions.end(connection, person.token)
        audit.append(connection, person.actor, "sign_out", f"account:{person.account.id}", now)
    answer = RedirectResponse("/dang-nhap?da=dang-xuat", status_code=303)
    forget(answer, site, cookie_name(site))
    return answer
