"""``/mat-khau``: somebody's own password."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.store.access import accounts, attempts, audit, passwords, sessions
from engine.store.access.accounts import AccountRefused
from engine.store.database import reading, writing
from web.entrance.door import open_door
from web.pages import page
from web.security.access import Form, Person, Reader, field, origin_of, site_of

router = APIRouter()

_LONGEST = passwords.LONGEST


@router.get("/mat-khau")
def ask(request: Request, person: Reader, da: str = "") -> Response:
    """The form."""
    return _form_page(request, person, said=da == "doi")


@router.post("/mat-khau")
def change(request: Request, person: Reader, form: Form) -> Response:
    """Sets a new password; every other browser of the account is signed out, this one gets a new session."""
    site, now = site_of(request), site_of(request).now()
    old, new, again = (field(form, name, most=_LONGEST) for name in ("cu", "moi", "lai"))
    id = person.account.id
    if new != again:
        return _form_page(request, person, wrong="Hai lần nhập mật khẩu mới khác nhau; nhập lại cả hai.")
    with writing(site.engine) as connection:
        until = attempts.admit(connection, [f"password:{id}"], now)
    if until is not None:
        wrong = f"Đã nhập sai nhiều lần nên phải chờ. {attempts.again_words(until, now)}"
        return _form_page(request, person, wrong=wrong, status=429)
    with reading(site.engine) as connection:
        right = accounts.has_password(connection, id, old)
    if not right:
        return _form_page(request, person, wrong="Mật khẩu hiện nay không đúng.")
    # Whoever knows the password guesses nothing, however often the new one will not do.
    with writing(site.engine) as connection:
        attempts.forgive(connection, f"password:{id}")
    if new == old:
        return _form_page(request, person, wrong="Mật khẩu mới phải khác mật khẩu hiện nay.")
    try:
        # Outside of a transaction: while it works, others may write.
        made = accounts.checked_hash(new, person.account.login)
    except AccountRefused as refused:
        return _form_page(request, person, wrong=f"{refused}.")
    with writing(site.engine) as connection:
        accounts.set_hash(connection, id, made, must_change=False)
        sessions.end_all(connection, id)
        token = sessions.begin(connection, id, now, origin_of(request))
        audit.append(connection, person.actor, "account.password", f"account:{id}", now)
    answer = RedirectResponse("/mat-khau?da=doi", status_code=303)
    open_door(answer, site, token)
    return answer


def _form_page(
    request: Request, person: Person, *, wrong: str = "", said: bool = False, status: int = 400
) -> Response:
    site = site_of(request)
    with reading(site.engine) as connection:
        listed = accounts.listed(connection, site.now(), person.account.id)
    return page(
        request,
        "entrance/password.html",
        status=status if wrong else 200,
        person=person,
        wrong=wrong,
        said=said,
        shortest=passwords.SHORTEST,
        has_password=any(each.has_password for each in listed),
    )
