"""``/api/v1/webhooks``: another system says where it wants to hear of events. A key sees its own only."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Path
from starlette.responses import Response

from engine.store import webhooks as store
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.webhooks import Webhook
from engine.webhooks.addresses import AddressRefused, target_of
from engine.webhooks.signature import secret_of
from web.api.answers import api_router, problems
from web.api.caller import Listens
from web.api.shapes import NewWebhook, WebhookList, WebhookWanted
from web.errors import Refused

router = api_router("Nhận tin")

MOST = 20
NO_SECRET_KEY = "Chưa đặt khóa bí mật của phần mềm (DONDOC_SECRET_KEY) nên chưa ký được tin gửi đi"  # noqa: S105


@router.get(
    "/webhooks",
    response_model=WebhookList,
    response_description="Được",
    responses=problems(),
    summary="Các địa chỉ nhận tin của khóa này",
)
def webhooks(caller: Listens) -> dict[str, Any]:
    with reading(caller.site.engine) as connection:
        found = store.active(connection, caller.site.now())
    return {"items": [_shown(webhook) for webhook in found if webhook.key == caller.key.id]}


@router.post(
    "/webhooks",
    status_code=201,
    response_model=NewWebhook,
    response_description="Được",
    responses=problems(409, 413),
    summary="Đăng ký một địa chỉ nhận tin",
    description="Khóa ký (secret) chỉ hiện trong câu trả lời này. Tin gửi ít nhất một lần, không bảo đảm "
    "thứ tự: bên nhận nhận ra tin lặp bằng X-Dondoc-Event-Id.",
)
def add(caller: Listens, wanted: WebhookWanted) -> dict[str, Any]:
    site = caller.site
    if site.settings.secret_key is None:
        raise Refused(409, NO_SECRET_KEY, "Báo người quản trị.")
    try:
        target = target_of(wanted.url, allow_private=site.settings.webhook_allow_private)
    except AddressRefused as error:
        raise Refused(422, str(error), "Dùng một địa chỉ https:// công khai.") from None
    if wanted.unit is not None:
        caller.below(wanted.unit)
    now = site.now()
    with writing(site.engine) as connection:
        mine = [w for w in store.active(connection, now) if w.key == caller.key.id]
        if len(mine) >= MOST:
            raise Refused(409, f"Mỗi khóa có nhiều nhất {MOST} địa chỉ nhận tin", "Bỏ bớt địa chỉ cũ.")
        made = store.add(
            connection,
            wanted.url,
            wanted.kinds,
            caller.key.name,
            now,
            unit=wanted.unit or caller.key.unit,
            key=caller.key.id,
        )
        # The path of such an address is often a secret of the other system.
        after = {"host": target.host, "kinds": sorted(made.kinds), "unit": made.unit}
        audit.append(connection, caller.actor, "webhook.add", f"webhook:{made.id}", now, after=after)
    return {**_shown(made), "secret": secret_of(site.settings.secret_key, made.id)}


@router.delete(
    "/webhooks/{id}",
    status_code=204,
    response_class=Response,
    response_description="Được",
    responses=problems(404),
    summary="Bỏ một địa chỉ nhận tin",
)
def remove(caller: Listens, id: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    site = caller.site
    now = site.now()
    with writing(site.engine) as connection:
        mine = {w.id for w in store.active(connection, now) if w.key == caller.key.id}
        ended = store.end(connection, id, now) if id in mine else None
        if ended is None:
            raise Refused(404, "Khóa này không có địa chỉ nhận tin mang số ấy", "Danh sách: /api/v1/webhooks")
        host = urlsplit(ended.url).hostname
        audit.append(connection, caller.actor, "webhook.end", f"webhook:{id}", now, before={"host": host})
    return Response(status_code=204)


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "kinds": sorted(webhook.kinds),
        "unit": webhook.unit,
        "created_at": webhook.created_at,
    }
