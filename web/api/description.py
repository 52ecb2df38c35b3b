"""``/api/v1/openapi.json``: the API described by its own routes."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from web.api import assignments, measurements, progress, register, webhooks
from web.security.access import anyone

router = APIRouter(prefix="/api/v1")

_ROOMS = (
    assignments.router,
    progress.router,
    measurements.router,
    register.router,
    webhooks.router,
)
_ABOUT = (
    "Cho các hệ thống khác của tỉnh: đọc việc được giao, gửi cập nhật tiến độ, nhận tin khi có cập nhật. "
    "Ngày ghi kiểu 2023-06-15 và tính hết ngày theo giờ Việt Nam; thời điểm có múi giờ, kiểu "
    "2023-06-15T10:00:00+07:00. Mọi câu từ chối có dạng {error, hint} bằng tiếng Việt."
)


@router.get("/openapi.json", include_in_schema=False, dependencies=[Depends(anyone)])
def openapi() -> JSONResponse:
    """OpenAPI 3.1; holds no secret, so that a developer may read it before there is a key."""
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description of every route of the API."""
    routes = [route for room in _ROOMS for route in room.routes]
    return get_openapi(
        title="Đôn đốc nhiệm vụ", version="1", openapi_version="3.1.0", description=_ABOUT, routes=routes
    )
