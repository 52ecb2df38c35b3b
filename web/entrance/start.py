"""``/``: where each role begins its day."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from engine.model.access import Role
from web.security.access import Reader

router = APIRouter()

_FIRST = {
    Role.AUTHOR: "/soan-ke-hoach",
    Role.MANAGER: "/qua-han",
    Role.LEADER: "/tong-quan",
    Role.ADMINISTRATOR: "/nguoi-dung",
}


@router.get("/")
def start(person: Reader) -> RedirectResponse:
    """The page that somebody's role works with most."""
    return RedirectResponse(_FIRST[person.account.role], status_code=303)
