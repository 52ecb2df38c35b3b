"""Who calls the API: a key in ``Authorization: Bearer dondoc_…``, its scopes and its units. No cookies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from engine.store.access import attempts, keys
from engine.store.access.audit import Actor
from engine.store.access.keys import SCOPE_NAMES, Key, Scope
from engine.store.database import reading, writing
from engine.vietnamese import nearest
from web.errors import Refused
from web.security.access import origin_of, site_of
from web.site import Site

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="dondoc",
    description="Khóa API do người quản trị cấp ở trang “Kết nối”: Authorization: Bearer dondoc_…",
)
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Caller:
    """Another system. ``units`` are all it may see, None: everything."""

    site: Site
    key: Key
    origin: str
    units: frozenset[str] | None

    @property
    def actor(self) -> Actor:
        """The same for the audit log."""
        return Actor(f"key:{self.key.id}", self.key.name, self.origin)

    def sees(self, unit: str) -> bool:
        """Whether a unit lies within the key's."""
        return self.units is None or unit in self.units

    def below(self, unit: str | None) -> frozenset[str] | None:
        """The units asked for, and their subtree, that the key may see. Refused for one that is not there."""
        if unit is None:
            return self.units
        registry = self.site.registry
        known = unit in registry.units or unit in registry.groups
        if not known or not self.sees(unit):
            near = nearest(unit, self.units if self.units is not None else registry.units)
            hint = f"Có phải là: {'; '.join(near)}? " if near else ""
            raise Refused(
                422, "Không có đơn vị nào mang mã đã ghi ở unit", f"{hint}Danh sách mã: /api/v1/units"
            )
        wanted = registry.subtree(unit)
        return wanted if self.units is None else wanted & self.units


class Scoped:
    """Lets a request pass that carries a key with ``scope``. Gives the Caller."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Caller:
        site = site_of(request)
        key = _key_of(site, credentials, origin_of(request))
        if self.scope not in key.scopes:
            raise Refused(
                403,
                f"Khóa API này không có quyền “{SCOPE_NAMES[self.scope]}” ({self.scope})",
                "Xin người quản trị cấp khóa có quyền ấy.",
            )
        units = site.registry.subtree(key.unit) if key.unit is not None else None
        return Caller(site, key, origin_of(request), units)


def _key_of(site: Site, credentials: HTTPAuthorizationCredentials | None, origin: str) -> Key:
    if credentials is None:
        raise Refused(401, "Thiếu khóa API", "Gửi kèm tiêu đề Authorization: Bearer dondoc_…")
    now, secret = site.now(), credentials.credentials
    with reading(site.engine) as connection:
        # One that fits is let in however often others failed at the same address.
        fits = len(secret) <= _LONGEST and secret.isascii() and secret.startswith(keys.PREFIX)
        key = keys.find(connection, secret, now) if fits else None
    if key is not None:
        return key
    with writing(site.engine) as connection:
        until = attempts.admit(connection, [attempts.origin_key(origin, "key")], now)
    if until is not None:
        seconds = max(1, int((until - now).total_seconds()))
        raise Refused(
            429, "Thử khóa API sai quá nhiều lần", attempts.again_words(until, now), retry_after=seconds
        )
    raise Refused(
        401,
        "Khóa API sai, đã hết hạn hoặc đã bị thu hồi",
        "Xin người quản trị cấp khóa mới ở trang “Kết nối”.",
    )


Reads = Annotated[Caller, Depends(Scoped(Scope.READ))]
Submits = Annotated[Caller, Depends(Scoped(Scope.SUBMIT))]
Listens = Annotated[Caller, Depends(Scoped(Scope.WEBHOOKS))]
