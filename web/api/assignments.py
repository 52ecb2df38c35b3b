"""``/api/v1/assignments``: what is owed, page by page, and one assignment with its history."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from sqlalchemy.engine import Connection

from engine.exchange.assignment_json import assignment_json
from engine.store.database import reading
from engine.store.work.assignment_pages import Standing, Wanted, history, one, page
from engine.units import Registry
from web.api.answers import api_router, problems
from web.api.caller import Caller, Reads
from web.api.cursor import cursor_of, position_of
from web.api.shapes import AssignmentFilter, AssignmentPage, WholeAssignment
from web.errors import Refused

router = api_router("Việc được giao")

Id = Annotated[str, Path(max_length=300, description="Mã việc được giao")]


@router.get(
    "/assignments",
    response_model=AssignmentPage,
    response_description="Được",
    responses=problems(),
    summary="Danh sách việc được giao",
    description="Theo thứ tự mã việc, không trùng, không sót giữa các trang. Có changed_since thì theo thứ "
    "tự thay đổi, để lấy dần phần mới. Một trang có thể ngắn hơn limit mà vẫn còn trang sau: chỉ dừng khi "
    "next là null.",
)
def assignments(caller: Reads, filters: Annotated[AssignmentFilter, Query()]) -> dict[str, Any]:
    site = caller.site
    wanted = Wanted(
        plan=filters.plan,
        units=caller.below(filters.unit),
        state=filters.state,
        timeliness=filters.timeliness,
        due_from=filters.due_from,
        due_to=filters.due_to,
        changed_since=filters.changed_since,
    )
    after = position_of(filters.cursor, wanted) if filters.cursor is not None else None
    today = site.today()
    with reading(site.engine) as connection:
        book = site.book(connection)
        if filters.plan is not None and filters.plan not in book.plans:
            raise Refused(422, "Không có kế hoạch nào mang mã đã ghi ở plan", "Danh sách mã: /api/v1/plans")
        found = page(connection, wanted, after, filters.limit, book, site.calendar, today)
    return {
        "as_of": today,
        "items": [shown(each, book.registry) for each in found.rows],
        "next": cursor_of(found.next, wanted) if found.next else None,
    }


@router.get(
    "/assignments/{id}",
    response_model=WholeAssignment,
    response_description="Được",
    responses=problems(404),
    summary="Một việc được giao, kèm lịch sử",
)
def assignment(caller: Reads, id: Id) -> dict[str, Any]:
    with reading(caller.site.engine) as connection:
        found = known(connection, caller, id)
        book = caller.site.book(connection)
        said = history(connection, id)
    promise = found.tracked.promise
    plan, task = book.plans.get(promise.plan), book.tasks.get((promise.plan, promise.task))
    return {
        **shown(found, book.registry),
        "plan_number": plan.number if plan else "",
        "plan_title": plan.title if plan else "",
        "stt": task.stt if task else None,
        "title": task.heading(promise.milestone) if task else "",
        "deliverable": task.product(promise.milestone) if task else "",
        "deadline_text": task.deadline_text if task else "",
        "leads": task.leads if task else "",
        "coordinating": task.coordinating if task else "",
        "events": [
            {
                "id": number,
                "kind": event.kind,
                "at": event.at,
                "recorded_at": recorded_at,
                "percent": event.percent,
                "document": event.document,
                "note": event.note,
                "day": event.day,
            }
            for number, recorded_at, event in said
        ],
    }


def known(connection: Connection, caller: Caller, id: str) -> Standing:
    """The assignment ``id`` as the caller may see it; Refused as if it were not there otherwise."""
    site = caller.site
    fits = id.isascii() and id.isprintable()
    book = site.book(connection)
    found = one(connection, id, book, site.calendar, site.today()) if fits else None
    if found is None or not caller.sees(found.tracked.promise.unit):
        raise Refused(404, "Không có việc được giao nào mang mã này", "Danh sách mã: /api/v1/assignments")
    return found


def shown(found: Standing, registry: Registry) -> dict[str, Any]:
    """One assignment as ``dondoc assignments --json`` says it, with what a later update needs."""
    return {
        **assignment_json(found.tracked, found.seen, registry),
        "revision": found.revision,
        "changed_at": found.changed_at,
    }
