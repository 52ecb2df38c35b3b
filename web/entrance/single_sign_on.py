"""``/sso``: signing in by way of the province's own provider, where the settings name one."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.installation.settings import SingleSignOn
from engine.store.access.signing_in import Denied, sign_in_as
from engine.store.access.tokens import new_token, same
from web.entrance.door import cookie_at_door, derived, forget, local_path, set_cookie
from web.entrance.openid import Secrets, SingleSignOnFailed, authorization_url, vouched
from web.entrance.sign_in import door_page, let_in
from web.errors import not_found
from web.security.access import anyone, origin_of, site_of
from web.site import Site

router = APIRouter()

_LASTS = 600
_PURPOSE = "sso"


@router.get("/sso", dependencies=[Depends(anyone)])
def leave_for_provider(request: Request, tiep: str = "/") -> Response:
    """Sends the browser to the provider, with a fresh value of its own in a cookie for ten minutes."""
    site = site_of(request)
    provider = _provider(site)
    value = new_token()
    try:
        address = authorization_url(provider, _back(site), _secrets(value))
    except SingleSignOnFailed as failed:
        return door_page(request, tiep=tiep, wrong=f"{failed}.", status=502)
    answer = RedirectResponse(address, status_code=303)
    kept = f"{value}.{quote(local_path(tiep), safe='')}"
    set_cookie(answer, site, cookie_at_door(site, _PURPOSE), kept, max_age=_LASTS)
    return answer


@router.get("/sso/ve", dependencies=[Depends(anyone)])
def come_back(request: Request, state: str = "", code: str = "", error: str = "", iss: str = "") -> Response:
    """What the provider sends the browser back with. The cookie is used up, whatever comes of it."""
    site = site_of(request)
    provider = _provider(site)
    value, _, path = request.cookies.get(cookie_at_door(site, _PURPOSE), "").partition(".")
    tiep = local_path(unquote(path))
    secrets = _secrets(value)
    if not value or not state or not same(state, secrets.state):
        wrong = (
            "Lần đăng nhập này đã dùng rồi, để quá mười phút, hoặc bắt đầu ở trình duyệt khác; hãy làm lại."
        )
        return _refused(request, tiep, wrong)
    if error or not code or (iss and iss != provider.issuer):
        return _refused(
            request, tiep, "Nơi đăng nhập một lần không cho vào; thử lại hoặc hỏi người quản trị."
        )
    try:
        whom = vouched(provider, _back(site), secrets, code, site.now())
    except SingleSignOnFailed as failed:
        return _refused(request, tiep, f"{failed}.")
    found = sign_in_as(site.engine, provider.issuer, whom.subject, whom.login, site.now(), origin_of(request))
    if isinstance(found, Denied):
        wrong = "Tài khoản của bạn chưa được mở ở đây; nhờ người quản trị mở rồi đăng nhập lại."
        return _refused(request, tiep, wrong)
    answer = let_in(request, found.token, tiep)
    forget(answer, site, cookie_at_door(site, _PURPOSE))
    return answer


def _refused(request: Request, tiep: str, wrong: str) -> Response:
    site = site_of(request)
    answer = door_page(request, tiep=tiep, wrong=wrong, status=403)
    forget(answer, site, cookie_at_door(site, _PURPOSE))
    return answer


def _provider(site: Site) -> SingleSignOn:
    if site.settings.single_sign_on is None:
        raise not_found()
    return site.settings.single_sign_on


def _back(site: Site) -> str:
    return f"{site.settings.base_url}/sso/ve"


def _secrets(value: str) -> Secrets:
    """All three come from the one value in the browser's cookie, so nothing has to be stored here."""
    return Secrets(derived(value, "state"), derived(value, "nonce"), derived(value, "verifier"))
