"""What has to happen next with an assignment, and by whom: one sentence for people."""

from __future__ import annotations

from datetime import date

from engine.model.assignment import Extension, State, Timeliness
from engine.model.deadline import DeadlineKind
from engine.tracking.assess import Assessment, Tracked

UNDATED = frozenset({DeadlineKind.EXTERNAL, DeadlineKind.UNSPECIFIED, DeadlineKind.EVENT})
"""Kinds whose day is not in the plan: the office enters it once it is known."""

_SETTLED = {
    State.REPORTED: "Văn phòng xác nhận hoàn thành, hoặc trả lại và nêu lý do",
    State.CONFIRMED: "Đã xong, không phải làm gì thêm",
    State.DECLINED: "Văn phòng trả lại cho đơn vị kèm lý do, hoặc rút để giao đơn vị khác",
    State.WITHDRAWN: "Đã rút, không phải làm; văn phòng giao lại khi cần",
}


def needs_date(tracked: Tracked) -> bool:
    """Whether the plan left the day open, so that the office may enter it."""
    promise, state = tracked.promise, tracked.standing.state
    return promise.kind in UNDATED and promise.due is None and state is not State.DORMANT


def next_step(tracked: Tracked, seen: Assessment | None, today: date) -> str:
    """Who must do what now; ``seen`` None where the calendar cannot judge the assignment."""
    promise, standing = tracked.promise, tracked.standing
    if standing.state in _SETTLED:
        return _SETTLED[standing.state]
    if standing.state is State.DORMANT:
        return "Khi sự kiện xảy ra, văn phòng ghi nhận ngày xảy ra để việc bắt đầu tính"
    if standing.extension is Extension.PENDING:
        return "Văn phòng trả lời đề nghị gia hạn của đơn vị"
    if needs_date(tracked) and standing.due is None:
        return "Văn phòng đặt thời hạn khi đã biết ngày"
    late = seen is not None and seen.timeliness is Timeliness.OVERDUE
    if standing.state is State.RETURNED:
        return "Đơn vị làm tiếp theo lý do trả lại rồi báo cáo lại"
    if late:
        return "Đơn vị báo cáo hoàn thành ngay, hoặc xin gia hạn; văn phòng đôn đốc"
    if promise.starts > today:
        return f"Chưa đến lúc: bắt đầu từ ngày {promise.starts:%d/%m/%Y}"
    if seen is None or seen.rolled is None:
        return "Đơn vị thực hiện và cập nhật tiến độ thường xuyên"
    first = "Đơn vị nhận việc, rồi" if standing.state is State.NOT_STARTED else "Đơn vị"
    return f"{first} báo cáo hoàn thành chậm nhất ngày {seen.rolled:%d/%m/%Y}"
