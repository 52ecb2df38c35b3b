"""``POST /api/v1/assignments/{id}/events``: what a unit says through another system, recorded once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from engine.model.event import Event, EventKind
from engine.store.access import audit
from engine.store.database import writing
from engine.store.events import record
from engine.store.work import api_requests
from engine.store.work.api_requests import NameTaken
from web.api.answers import api_router, problems
from web.api.assignments import Id, known, shown
from web.api.caller import Caller, Submits
from web.api.once import RequestName, said_at, signed
from web.api.shapes import Recorded, Submission
from web.errors import Refused

router = api_router("Cập nhật tiến độ")


@router.post(
    "/assignments/{id}/events",
    status_code=201,
    response_model=Recorded,
    response_description="Đã ghi",
    responses={
        200: {"model": Recorded, "description": "Yêu cầu này đã được ghi từ trước; không ghi thêm lần nữa"},
        **problems(404, 409, 413),
    },
    summary="Gửi một cập nhật của đơn vị",
    description="Gửi lại với cùng Idempotency-Key và cùng nội dung thì chỉ ghi một lần (nhớ trong 30 ngày); "
    "cùng Idempotency-Key mà nội dung khác thì trả lời 422.",
)
def submit(
    caller: Submits,
    id: Id,
    submission: Submission,
    response: Response,
    name: RequestName,
) -> dict[str, Any]:
    site = caller.site
    now = site.now()
    event = _event(id, submission, caller, now)
    seen = None if submission.revision is None else {id: submission.revision}
    asked_for = json.dumps([id, submission.model_dump(mode="json")], sort_keys=True)
    with writing(site.engine) as connection:
        before = known(connection, caller, id)
        try:
            asked = api_requests.take(connection, caller.key.id, name, asked_for, now)
        except NameTaken as error:
            raise Refused(422, str(error), "Mỗi cập nhật cần một Idempotency-Key riêng.") from None
        number = asked.event
        if number is None:
            number = record(connection, [event], site.calendar, now, seen=seen)[0]
            api_requests.recorded(connection, asked, number)
        else:
            response.status_code = 200
        after = known(connection, caller, id)
        if asked.event is None:
            audit.append(
                connection,
                caller.actor,
                "progress.submit",
                id,
                now,
                before={"state": before.tracked.standing.state.value},
                after={
                    "state": after.tracked.standing.state.value,
                    "event": number,
                    "kind": event.kind.value,
                },
            )
        registry = site.book(connection).registry
    return {"event": number, "assignment": shown(after, registry)}


def _event(id: str, submission: Submission, caller: Caller, now: datetime) -> Event:
    return Event(
        assignment=id,
        kind=EventKind(submission.kind),
        at=said_at(submission.at, now, "Bỏ trống at nếu việc vừa xảy ra.").astimezone(UTC),
        by=signed(submission.by, caller),
        percent=submission.percent,
        document=(submission.document or "").strip() or None,
        note=(submission.note or "").strip() or None,
        day=submission.until,
    )
