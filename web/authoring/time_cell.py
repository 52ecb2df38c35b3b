"""/soan-ke-hoach/thoi-han: how a time cell is understood, as ``dondoc deadline`` says it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.deadlines import Reading, read_deadline
from engine.deadlines.problems import DeadlineProblem
from web.authoring.understood import understood
from web.pages import page
from web.security.access import Author, site_of
from web.work.typed import DAY_HINT, NotADay, typed_day

router = APIRouter()

FIRST_YEAR, LAST_YEAR = 1990, 2100
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Marked:
    """A problem with the words that it is about, and what stands around them; all empty for the whole."""

    problem: DeadlineProblem
    before: str
    words: str
    behind: str


@router.get("/soan-ke-hoach/thoi-han")
def time_cell(request: Request, person: Author) -> HTMLResponse:
    """The form, and the reading where there is something to read."""
    site = site_of(request)
    query = request.query_params
    text = query.get("chu", "").replace("\r\n", "\n")[:_LONGEST]
    year_text = query.get("nam", "").strip()[:10]
    issued_text = query.get("ban-hanh", "").strip()[:40]
    wrong: dict[str, str] = {}
    year = int(year_text) if year_text.isascii() and year_text.isdigit() else None
    if "nam" in query and (year is None or not FIRST_YEAR <= year <= LAST_YEAR):
        wrong["nam"] = f"Năm kế hoạch là một số từ {FIRST_YEAR} đến {LAST_YEAR}"
    issued = None
    try:
        issued = typed_day(issued_text)
    except NotADay as error:
        wrong["ban-hanh"] = str(error)
    reading: Reading | None = None
    if "chu" in query and year is not None and not wrong:
        reading = read_deadline(text, plan_year=year, issued=issued, calendar=site.calendar)
    return page(
        request,
        "authoring/time_cell.html",
        person=person,
        status=400 if wrong else 200,
        text=text,
        year=year_text or str(site.today().year),
        issued=issued_text,
        wrong=wrong,
        understood=understood(reading.deadline, site.calendar) if reading else None,
        marked=[_marked(text, problem) for problem in reading.problems] if reading else [],
        day_hint=DAY_HINT,
    )


def _marked(text: str, problem: DeadlineProblem) -> Marked:
    start, end = problem.start, problem.end
    if 0 <= start < end <= len(text) and end - start < len(text):
        return Marked(problem, text[:start], text[start:end], text[end:])
    return Marked(problem, "", "", "")
