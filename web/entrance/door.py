"""Before anybody is signed in: a value that ties a form to this browser, and where to go afterwards.

The same-origin check of web/security/body.py relies on headers that old browsers (Safari before 16.4) do
not send, and our own no-referrer policy makes their Origin "null". Signing somebody in to a foreign account
must fail there too, so the form repeats a value that only this browser's cookie can have made.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from engine.store.access.tokens import form_key, new_token, same
from web.security.access import cookie_name, is_secure
from web.site import Site

_LASTS = 3600
_LONGEST = 1000


def local_path(text: str) -> str:
    """``text`` where it is a path of this site, "/" for everything else: nobody is led away by a link."""
    if not text.startswith("/") or text.startswith("//") or len(text) > _LONGEST:
        return "/"
    # Browsers read a backslash as "/" and pass over tabs and line ends.
    if "\\" in text or not text.isprintable():
        return "/"
    path = text.partition("?")[0].partition("#")[0]
    # Back to where one signs in or out would be a circle.
    if path.rstrip("/") in ("/dang-nhap", "/dang-xuat") or path.startswith("/sso"):
        return "/"
    return text


def browser_value(request: Request) -> str:
    """The value of this browser's cookie at the door; a new one where it has none."""
    kept = request.cookies.get(_name(request.app.state.site), "")
    return kept if 32 <= len(kept) <= 64 else new_token()


def remember(response: Response, site: Site, value: str) -> None:
    """Keeps the value in the browser for an hour."""
    set_cookie(response, site, _name(site), value, max_age=_LASTS)


def is_same_browser(request: Request, key: str) -> bool:
    """Whether a form that carries ``key`` was shown to this browser."""
    kept = request.cookies.get(_name(request.app.state.site), "")
    return bool(kept) and same(key, form_key(kept))


def open_door(response: Response, site: Site, token: str) -> None:
    """Gives the browser the cookie of its session; what it had at the door goes."""
    set_cookie(response, site, cookie_name(site), token, max_age=None)
    forget(response, site, _name(site))


def set_cookie(response: Response, site: Site, name: str, value: str, *, max_age: int | None) -> None:
    """A cookie that scripts and other sites cannot use; without ``max_age`` it ends with the browser."""
    response.set_cookie(
        name, value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=is_secure(site)
    )


def forget(response: Response, site: Site, name: str) -> None:
    """Takes a cookie away."""
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=is_secure(site))


def derived(value: str, purpose: str) -> str:
    """A secret for one purpose, made from the browser's value; it does not give that value away."""
    return hmac.new(value.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def cookie_at_door(site: Site, purpose: str) -> str:
    """The name of a cookie that is needed before the session; over https tied to this very host."""
    return f"__Host-dondoc-{purpose}" if is_secure(site) else f"dondoc-{purpose}"


def _name(site: Site) -> str:
    return cookie_at_door(site, "cua")
