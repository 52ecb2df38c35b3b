"""How the API refuses: a status and a JSON body {"error", "hint"} in Vietnamese, whatever went wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from engine.store.events import EventsRefused
from engine.workdays import MissingYear
from web.api.shapes import Problem
from web.errors import Refused
from web.security.access import by_token

_PROBLEMS = {
    400: "Yêu cầu không đọc được",
    401: "Thiếu khóa API, hoặc khóa sai, hết hạn, đã thu hồi",
    403: "Khóa API không có quyền này",
    404: "Không có, hoặc ngoài phạm vi của khóa API",
    409: "Không hợp với tình trạng hiện nay của việc",
    413: "Dữ liệu gửi lên quá lớn",
    422: "Tham số hoặc nội dung không đúng",
    429: "Thử khóa sai quá nhiều lần",
    503: "Tạm thời không dùng được cơ sở dữ liệu",
}

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """What a route may answer beside success, for the OpenAPI description."""
    return {
        status: {"model": Problem, "description": _PROBLEMS[status]}
        for status in (400, 401, 403, *statuses, 422, 429, 503)
    }


class SpokenRoute(APIRoute):
    """A route whose own refusals are said in Vietnamese, each with what was wrong and where."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with what FastAPI raises put into our words."""
        handle = super().get_route_handler()

        async def spoken(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise _invalid(error) from None
            except EventsRefused as error:
                message = "; ".join(reason.partition(": ")[2] or reason for _, reason in error.refusals)
                hint = "Đọc lại việc được giao rồi quyết định lại."
                raise Refused(409, message, hint) from None
            except MissingYear as error:
                raise Refused(409, str(error), "Báo người quản trị bổ sung lịch ngày nghỉ.") from None

        return spoken


def api_router(tag: str) -> APIRouter:
    """A router for one part of the API; who calls is a matter of each route's key."""
    return APIRouter(
        prefix="/api/v1",
        route_class=SpokenRoute,
        tags=[tag],
        dependencies=[Depends(by_token)],
        generate_unique_id_function=lambda route: route.name,
    )


def _invalid(error: RequestValidationError) -> Refused:
    wrong = list(dict.fromkeys(_place(each) for each in error.errors()))[:5]
    return Refused(
        422,
        f"Không đúng dạng: {'; '.join(wrong)}",
        "Xem mô tả từng tham số ở /api/v1/openapi.json.",
    )


def _place(problem: Any) -> str:
    where = {"query": "tham số", "path": "địa chỉ", "header": "tiêu đề", "body": "nội dung"}
    place, *names = problem["loc"]
    # What was sent is not sent back: it may hold anything at all.
    shown = ".".join(str(n) for n in names if isinstance(n, int) or n.replace("-", "_").isidentifier())
    shown = shown.encode("ascii", "replace").decode()[:80]
    if problem["type"] == "missing":
        return f"thiếu {where.get(place, place)} {shown}".strip()
    if problem["type"] == "extra_forbidden":
        return f"{where.get(place, place)} có phần lạ {shown}".strip()
    return f"{where.get(place, place)} {shown}".strip()
