"""``POST /api/v1/assignments/{id}/events``: what a unit says through another system, recorded once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Header
from starlette.responses import Response

from engine.model.event import Event, EventKind
from engine.store.access import audit
from engine.store.database import writing
from engine.store.events import record
from engine.store.work import api_requests
from engine.store.work.api_requests import NameTaken
from web.api.answers import api_router, problems
from web.api.assignments import Id, known, shown
from web.api.caller import Submits
from web.api.shapes import Recorded, Submission
from web.errors import Refused

router = api_router("Cập nhật tiến độ")

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)
"""How far the clocks of two systems may differ."""


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
    name: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            pattern=r"^[!-~]+$",
            description="Tên riêng của yêu cầu này, ví dụ một UUID; gửi lại thì giữ nguyên",
        ),
    ],
) -> dict[str, Any]:
    site = caller.site
    now = site.now()
    event = _event(id, submission, caller.key.name, now)
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


def _event(id: str, submission: Submission, system: str, now: datetime) -> Event:
    at = submission.at or now
    if not _EARLIEST <= at <= now + _SKEW:
        raise Refused(422, "at phải là một thời điểm đã qua, từ năm 2000", "Bỏ trống at nếu việc vừa xảy ra.")
    who = (submission.by or "").strip()
    return Event(
        assignment=id,
        kind=EventKind(submission.kind),
        at=min(at, now).astimezone(UTC),
        by=f"{who} – {system}" if who else system,
        percent=submission.percent,
        document=(submission.document or "").strip() or None,
        note=(submission.note or "").strip() or None,
        day=submission.until,
    )
