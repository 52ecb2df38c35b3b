"""``POST /api/v1/measurements``: the figure of an indicator through another system, recorded once."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt
from starlette.responses import Response

from engine.reports.measuring import Typed, Unfit, indicator_called, read_said, record_said, window_called
from engine.store.database import writing
from engine.store.reports.measurements import Said
from engine.store.work import api_requests
from engine.store.work.api_requests import NameTaken
from engine.tracking.progress import local_day
from web.api.answers import api_router, problems
from web.api.caller import Submits
from web.api.once import RequestName, said_at, signed
from web.api.shapes import Answered, Instant
from web.errors import Refused
from web.in_force import home_of

router = api_router("Chỉ tiêu")

_NO_CONTROL = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"
_MOST = 10**15

_Text = Annotated[str, Field(max_length=40, pattern=_NO_CONTROL)]
_Number = (
    Annotated[StrictInt, Field(ge=0, lt=_MOST)]
    | Annotated[StrictFloat, Field(ge=0, lt=_MOST, allow_inf_nan=False)]
    | _Text
)


class Measurement(BaseModel):
    """Số liệu của một chỉ tiêu trong một kỳ: value, hoặc part và whole. Số viết kiểu JSON (76.7), hoặc chữ
    như người ta viết ("1.234,5"; "76,7%"; "-" để rút lại)."""

    model_config = ConfigDict(extra="forbid")

    plan: Annotated[str, Field(max_length=80, pattern=_NO_CONTROL)] = Field(description="Mã kế hoạch")
    indicator: Annotated[str, Field(max_length=160, pattern=_NO_CONTROL)] = Field(
        description="Mã chỉ tiêu, hoặc mã đơn vị khi đơn vị có một chỉ tiêu trong kế hoạch"
    )
    value: _Number | None = Field(None, description="Số liệu; tỷ lệ thì ghi theo phần trăm: 76.7")
    part: _Number | None = Field(None, description="Số đạt, cùng với whole")
    whole: _Number | None = Field(None, description="Tổng số")
    window: Annotated[str, Field(max_length=20, pattern=_NO_CONTROL)] | None = Field(
        None, description="Kỳ: 2023-06, 2023-Q2, 2023-H1, 2023; bỏ trống là tháng vừa hết"
    )
    note: Annotated[str, Field(max_length=2000, pattern=_NO_CONTROL)] | None = Field(None)
    by: Annotated[str, Field(max_length=200, pattern=_NO_CONTROL)] | None = Field(
        None, description="Ai báo, ở hệ thống gửi"
    )
    at: Instant | None = Field(None, description="Thời điểm báo, không ở tương lai; bỏ trống là lúc này")


class MeasurementOut(Answered):
    """Số liệu đã ghi; value null và part null là đã rút lại."""

    plan: str
    indicator: str
    unit: str = Field(description="Mã đơn vị")
    first: date = Field(description="Ngày đầu của kỳ")
    last: date = Field(description="Ngày cuối của kỳ")
    value: float | None
    part: float | None
    whole: float | None


@router.post(
    "/measurements",
    status_code=201,
    response_model=MeasurementOut,
    response_description="Đã ghi",
    responses={
        200: {
            "model": MeasurementOut,
            "description": "Yêu cầu này đã được ghi từ trước; không ghi thêm lần nữa",
        },
        **problems(404, 409, 413),
    },
    summary="Gửi số liệu của một chỉ tiêu",
    description="Số liệu gửi sau cùng của một kỳ là số được tính. Gửi lại với cùng Idempotency-Key và cùng "
    "nội dung thì chỉ ghi một lần (nhớ trong 30 ngày); cùng Idempotency-Key mà nội dung khác thì bị từ chối.",
)
def measure(
    caller: Submits,
    measurement: Measurement,
    response: Response,
    name: RequestName,
) -> dict[str, Any]:
    site = caller.site
    now = site.now()
    at = said_at(measurement.at, now, "Bỏ trống at nếu vừa có số liệu.")
    said = _said(caller, measurement, local_day(at))
    by = signed(measurement.by, caller)
    asked_for = json.dumps(["measurement", measurement.model_dump(mode="json")], sort_keys=True)
    with writing(site.engine) as connection:
        try:
            asked = api_requests.take(connection, caller.key.id, name, asked_for, now)
        except NameTaken as error:
            raise Refused(422, str(error), "Mỗi số liệu cần một Idempotency-Key riêng.") from None
        if asked.is_new:
            record_said(connection, [said], "api", by, caller.actor, at, now)
        else:
            response.status_code = 200
    return {
        "plan": said.plan,
        "indicator": said.indicator,
        "unit": said.unit,
        "first": said.first,
        "last": said.last,
        "value": said.value,
        "part": said.part,
        "whole": said.whole,
    }


def _said(caller: Submits, measurement: Measurement, today: date) -> Said:
    home = home_of(caller.site)
    plan = next((plan for plan in home.plans if plan.id == measurement.plan), None)
    if plan is None:
        raise Refused(422, "Không có kế hoạch nào mang mã đã ghi ở plan", "Danh sách mã: /api/v1/plans")
    try:
        indicator = indicator_called(plan, measurement.indicator, home.registry)
        if not caller.sees(indicator.unit.id):
            raise Refused(404, "Chỉ tiêu này ngoài phạm vi của khóa API", "Xin khóa của đơn vị có chỉ tiêu.")
        typed = Typed(
            _typed(measurement.value),
            _typed(measurement.part),
            _typed(measurement.whole),
            measurement.note or "",
        )
        if typed.is_empty:
            raise Unfit("value", "Thiếu số liệu: ghi value, hoặc part và whole; “-” để rút lại")
        return read_said(plan, indicator, window_called(plan, measurement.window or "", today), typed)
    except Unfit as error:
        raise Refused(422, f"{error.field}: {error}", "Xem mô tả ở /api/v1/openapi.json.") from None


def _typed(value: float | str | None) -> str | Decimal:
    if value is None:
        return ""
    return value if isinstance(value, str) else Decimal(str(value))
