"""What the API takes and gives, as its OpenAPI description says it. Instants carry an offset."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from engine.model.assignment import Extension, State, Timeliness
from engine.model.deadline import DeadlineKind
from engine.model.event import EventKind
from engine.tracking.progress import VIETNAM

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _written_as(pattern: re.Pattern[str]) -> Any:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError("not written as described")
        return value

    return BeforeValidator(check)


def _in_vietnam(value: datetime) -> str:
    return value.astimezone(VIETNAM).isoformat()


Day = Annotated[date, _written_as(_DAY)]
"""2023-06-15, and nothing else: no number is taken for a day."""


def _whole(value: Any) -> Any:
    # 50.0 is an integer to JSON Schema; "50" and true are none.
    return int(value) if isinstance(value, float) and value.is_integer() else value


_WHOLE = BeforeValidator(_whole)


def _near(value: datetime) -> datetime:
    # At the ends of the calendar another offset is another year, which there is none of.
    if not 1970 <= value.year <= 9000:
        raise ValueError("far away")
    return value


Instant = Annotated[AwareDatetime, _written_as(_INSTANT), AfterValidator(_near)]
"""2023-06-15T10:00:00+07:00; without an offset it would be a guess."""

Moment = Annotated[
    datetime, PlainSerializer(_in_vietnam, return_type=str), Field(json_schema_extra={"format": "date-time"})
]
"""An instant in an answer, with the offset of Viet Nam."""

_NO_CONTROL = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"

UNIT_ID = r"^[a-z0-9]+([.-][a-z0-9]+)*$"
PLAN_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Answered(BaseModel):
    """What the API gives."""

    model_config = ConfigDict(extra="forbid")


class Problem(Answered):
    """Vì sao yêu cầu không được nhận, và nên làm gì."""

    error: str = Field(description="Điều gì không ổn, bằng tiếng Việt")
    hint: str = Field(description="Nên làm gì; có thể trống")


class Assignment(Answered):
    """Một việc giao cho một đơn vị (một nhiệm vụ, một mốc, một kỳ)."""

    id: str = Field(description="Mã việc, không bao giờ đổi")
    plan: str = Field(description="Mã kế hoạch")
    task: str = Field(description="Mã nhiệm vụ trong kế hoạch")
    unit: str = Field(description="Mã đơn vị chủ trì")
    unit_name: str = Field(description="Tên đơn vị chủ trì")
    milestone: int | None = Field(description="Số thứ tự của mốc")
    period: str | None = Field(description="Kỳ của nhiệm vụ định kỳ")
    kind: DeadlineKind = Field(description="Loại thời hạn")
    start: date = Field(description="Ngày đầu tiên có thể làm")
    due: date | None = Field(description="Thời hạn đang có hiệu lực")
    rolled: date | None = Field(description="Ngày cuối cùng còn tính là đúng hạn (đã dời khỏi ngày nghỉ)")
    first_due: date | None = Field(description="Thời hạn ghi trong kế hoạch")
    state: State = Field(description="Trạng thái thực hiện")
    timeliness: Timeliness | None = Field(
        description="So với thời hạn, tính đến hôm nay; null khi lịch ngày nghỉ chưa có năm cần tính"
    )
    days_late: int | None = Field(description="Số ngày làm việc đã chậm")
    days_left: int | None = Field(description="Số ngày làm việc còn lại")
    calendar_days: int | None = Field(description="Số ngày theo lịch còn lại; âm là đã quá hạn")
    percent: int | None = Field(description="Tỷ lệ hoàn thành đơn vị đã báo")
    extension: Extension = Field(description="Đề nghị gia hạn")
    revision: int = Field(
        description="Tăng sau mỗi cập nhật; gửi lại khi cập nhật để không ghi đè việc của người khác"
    )
    changed_at: Moment = Field(description="Lần thay đổi gần nhất")


class Happened(Answered):
    """Một cập nhật đã ghi nhận."""

    id: int = Field(description="Số của cập nhật")
    kind: EventKind
    at: Moment = Field(description="Thời điểm của việc")
    recorded_at: Moment = Field(description="Lúc phần mềm ghi nhận")
    percent: int | None
    document: str | None
    note: str | None
    day: date | None = Field(description="Ngày mà cập nhật nhắc tới (ví dụ ngày xin gia hạn đến)")


class WholeAssignment(Assignment):
    """Một việc được giao, kèm lời văn của kế hoạch và lịch sử."""

    plan_number: str = Field(description="Số, ký hiệu văn bản")
    plan_title: str
    stt: str | None = Field(description="Số thứ tự in trong phụ lục")
    title: str = Field(description="Nội dung nhiệm vụ")
    deliverable: str = Field(description="Sản phẩm")
    deadline_text: str = Field(description="Thời hạn như kế hoạch ghi")
    leads: str = Field(description="Chủ trì như kế hoạch ghi")
    coordinating: str = Field(description="Phối hợp như kế hoạch ghi")
    events: list[Happened] = Field(description="Các cập nhật, cũ trước mới sau")


class AssignmentFilter(BaseModel):
    """Bộ lọc của danh sách việc được giao."""

    model_config = ConfigDict(extra="forbid")

    plan: Annotated[str, Field(max_length=80, pattern=PLAN_ID)] | None = Field(
        None, description="Mã kế hoạch"
    )
    unit: Annotated[str, Field(max_length=120, pattern=UNIT_ID)] | None = Field(
        None, description="Mã đơn vị; gồm cả các đơn vị cấp dưới"
    )
    state: State | None = Field(None, description="Trạng thái thực hiện")
    timeliness: Timeliness | None = Field(None, description="So với thời hạn, tính đến hôm nay")
    due_from: Day | None = Field(None, description="Hạn (rolled) từ ngày này")
    due_to: Day | None = Field(None, description="Hạn (rolled) đến hết ngày này")
    changed_since: Instant | None = Field(
        None, description="Chỉ những việc thay đổi từ lúc này, ví dụ 2023-06-15T10:00:00+07:00"
    )
    cursor: Annotated[str, Field(max_length=1000)] | None = Field(None, description="next của trang trước")
    limit: int = Field(100, ge=1, le=500, description="Số dòng một trang")


class AssignmentPage(Answered):
    """Một trang danh sách."""

    as_of: date = Field(description="Tính đến hết ngày này")
    items: list[Assignment]
    next: str | None = Field(description="Đưa vào tham số cursor để lấy trang sau; null là hết")


class Submission(BaseModel):
    """Một cập nhật của đơn vị."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["received", "progress", "done", "extension", "declined"] = Field(
        description="received: đã nhận; progress: tiến độ; done: báo cáo hoàn thành; "
        "extension: xin gia hạn; declined: không thuộc trách nhiệm"
    )
    percent: Annotated[int, Field(strict=True, ge=0, le=100), _WHOLE] | None = Field(
        None, description="Tỷ lệ hoàn thành"
    )
    document: Annotated[str, Field(max_length=300, pattern=_NO_CONTROL)] | None = Field(
        None, description="Số, ngày của văn bản sản phẩm"
    )
    note: Annotated[str, Field(max_length=4000, pattern=_NO_CONTROL)] | None = Field(
        None, description="Ghi chú; bắt buộc khi xin gia hạn"
    )
    until: Day | None = Field(None, description="Ngày xin gia hạn đến")
    by: Annotated[str, Field(max_length=200, pattern=_NO_CONTROL)] | None = Field(
        None, description="Ai cập nhật, ở hệ thống gửi"
    )
    at: Instant | None = Field(None, description="Thời điểm của việc, không ở tương lai; bỏ trống là lúc này")
    revision: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1), _WHOLE] | None = Field(
        None, description="revision đã thấy: nếu việc đã đổi từ đó thì trả lời 409 và không ghi gì"
    )


class Recorded(Answered):
    """Cập nhật đã ghi, và việc được giao sau đó."""

    event: int = Field(description="Số của cập nhật")
    assignment: Assignment


class PlanOut(Answered):
    """Một kế hoạch đang theo dõi."""

    id: str
    number: str
    title: str
    issuer: str = Field(description="Mã đơn vị ban hành")
    issued: date | None
    starts: date = Field(description="Ngày có hiệu lực")
    year: int
    monitor: str = Field(description="Mã đơn vị theo dõi")
    completion: Literal["reported", "confirmed"] = Field(
        description="Ngày hoàn thành là ngày báo cáo hay ngày văn phòng xác nhận"
    )


class PlanList(Answered):
    """Các kế hoạch."""

    items: list[PlanOut]


class UnitOut(Answered):
    """Một đơn vị."""

    id: str
    name: str
    level: str
    kind: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    merged_into: str | None


class UnitList(Answered):
    """Các đơn vị."""

    items: list[UnitOut]


class WebhookOut(Answered):
    """Một địa chỉ nhận tin."""

    id: int
    url: str
    kinds: list[EventKind] = Field(description="Loại cập nhật muốn nhận; trống là mọi loại")
    unit: str | None = Field(description="Chỉ đơn vị này và cấp dưới; null là mọi đơn vị")
    created_at: Moment


class NewWebhook(WebhookOut):
    """Địa chỉ nhận tin vừa đăng ký, kèm khóa ký."""

    secret: str = Field(description="Khóa để kiểm chữ ký; chỉ hiện một lần")


class WebhookList(Answered):
    """Các địa chỉ nhận tin."""

    items: list[WebhookOut]


class WebhookWanted(BaseModel):
    """Đăng ký một địa chỉ nhận tin."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=9, max_length=500, pattern=r"^https?://[!-~]+$")] = Field(
        description="Địa chỉ https:// công khai"
    )
    kinds: list[EventKind] = Field(
        default_factory=list, max_length=20, description="Loại cập nhật muốn nhận; trống là mọi loại"
    )
    unit: Annotated[str, Field(max_length=120, pattern=UNIT_ID)] | None = Field(
        None, description="Chỉ đơn vị này và cấp dưới"
    )
