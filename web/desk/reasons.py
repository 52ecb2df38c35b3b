"""/thong-bao/vi-sao: why a day brought no notice about an assignment, or which it did."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.errors import DondocError
from engine.explain import explain_silence
from engine.store.database import reading
from web.in_force import book_with_indicators, rules_of
from web.pages import page
from web.security.access import DeskReader, site_of
from web.work.typed import DAY_HINT, NotADay, typed_day

router = APIRouter()
_MOST = 300  # characters of an assignment's id


@router.get("/thong-bao/vi-sao")
def why(request: Request, person: DeskReader) -> HTMLResponse:
    """The form, and the answer where both fields are filled."""
    site = site_of(request)
    query = request.query_params
    assignment = query.get("viec", "").replace("\x00", "").strip()[:_MOST]
    typed = query.get("ngay", "").strip()[:40]
    wrong: dict[str, str] = {}
    lines: list[str] = []
    day = None
    try:
        day = typed_day(typed)
    except NotADay as error:
        wrong["ngay"] = str(error)
    if assignment and typed == "" and "ngay" in query:
        wrong["ngay"] = f"Ghi ngày cần hỏi: {DAY_HINT}"
    if typed and not assignment:
        wrong["viec"] = "Ghi mã việc được giao; mã có ở trang của từng việc"
    if day is not None and not site.calendar.covers(day.year):
        wrong["ngay"] = f"Lịch làm việc chưa có năm {day.year} nên không xét được; kiểm tra lại năm"
    if assignment and day is not None and not wrong:
        ruleset, _ = rules_of(site)
        with reading(site.engine) as connection:
            book = book_with_indicators(site, connection)
            try:
                text = explain_silence(connection, assignment, day, ruleset, book, site.calendar)
                lines = text.splitlines()
            except DondocError as error:
                wrong["viec"] = str(error)
    return page(
        request,
        "desk/why.html",
        person=person,
        status=400 if wrong else 200,
        assignment=assignment,
        typed=typed or f"{site.today():%d/%m/%Y}",
        wrong=wrong,
        lines=lines,
        day_hint=DAY_HINT,
    )
