"""``/u/{token}/chi-tieu``: a unit's indicators with their targets, and the figure that it reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.plan import Indicator, Plan
from engine.numbers import written
from engine.reports.measuring import MOST_WORDS, Typed, Unfit, read_said, record_said, usual_window
from engine.reports.windows import BY_DECREE, Kind, Window, before, holding
from engine.store.database import reading, writing
from engine.store.reports.measurements import Measured, Said, history
from web.errors import not_found
from web.in_force import home_of
from web.pages import page
from web.security.access import Form, by_token
from web.security.access import field as posted
from web.unit_page.door import Visit, enter
from web.unit_page.shown import plan_name
from web.work.typed import typed_words

router = APIRouter(dependencies=[Depends(by_token)])

_ASKED_UNTIL = (1, 31)
"""Month and day of the year after a plan's own until which its figures are taken here."""
_SHOWN = 6
_FIELDS = ("so_dat", "tong_so", "so_lieu", "ghi_chu")
_PLACES = {"part": "so_dat", "whole": "tong_so", "value": "so_lieu", "note": "ghi_chu", "window": "ky"}

Mine = tuple[Plan, Indicator]


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator as the page shows it; ``windows`` are the choices of its form."""

    number: int
    key: str
    name: str
    unit: str
    place: str
    target: str
    in_percent: bool
    said: tuple[str, ...]
    windows: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed into the form of one indicator, and what is wrong with it by field."""

    key: str
    fields: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)


def rows_of(visit: Visit) -> tuple[Mine, ...]:
    """The indicators that the units of the link answer for, while figures are taken."""
    found: list[Mine] = []
    for plan in home_of(visit.site).plans:
        facts = visit.book.plans.get(plan.id)
        if facts is None or plan.starts > visit.today or visit.today > date(plan.year + 1, *_ASKED_UNTIL):
            continue
        found.extend(
            (plan, indicator)
            for indicator in plan.indicators
            if visit.book.answering(indicator.unit.id, facts, visit.today) in visit.link.units
        )
    return tuple(found)


@router.get("/u/{token}/chi-tieu")
def show(request: Request, token: str) -> Response:
    """The unit's indicators, each with its form."""
    return _page(request, enter(request, token))


@router.post("/u/{token}/chi-tieu")
def report(request: Request, token: str, form: Form) -> Response:
    """One figure; the last one said of a window counts."""
    visit = enter(request, token)
    key = posted(form, "chi_tieu", most=300)
    mine = {f"{plan.id}/{indicator.id}": (plan, indicator) for plan, indicator in rows_of(visit)}
    if key not in mine:
        raise not_found("chỉ tiêu này trong danh sách của đơn vị")
    plan, indicator = mine[key]
    fields = {name: typed_words(posted(form, name, most=100_000)) for name in _FIELDS}
    fields["ky"] = posted(form, "ky", most=40)
    sent = Sent(key, fields)
    said = _said(plan, indicator, visit, sent)
    if said is None:
        return _page(request, visit, sent=sent, status=422)
    by = visit.signature([visit.book.answering(indicator.unit.id, visit.book.plans[plan.id], visit.today)])
    with writing(visit.site.engine) as connection:
        record_said(connection, [said], "link", by, visit.actor, visit.now, visit.now)
    place = list(mine).index(key) + 1
    return RedirectResponse(f"{visit.path}/chi-tieu?da={place}", status_code=303)


def _said(plan: Plan, indicator: Indicator, visit: Visit, sent: Sent) -> Said | None:
    """What was typed, None when ``sent.problems`` says what is wrong with it."""
    fields = sent.fields
    typed = Typed(fields["so_lieu"], fields["so_dat"], fields["tong_so"], fields["ghi_chu"])
    window = next((w for w in _windows(visit, plan) if w.name == fields["ky"]), None)
    if window is None:
        sent.problems["ky"] = "Hãy chọn kỳ"
        return None
    if typed.is_empty:
        sent.problems["so_dat" if indicator.in_percent else "so_lieu"] = "Chưa ghi số nào"
        return None
    try:
        return read_said(plan, indicator, window, typed)
    except Unfit as error:
        sent.problems[_PLACES[error.field]] = str(error)
        return None


def _page(request: Request, visit: Visit, *, sent: Sent | None = None, status: int = 200) -> Response:
    mine = rows_of(visit)
    units = sorted({indicator.unit.id for _, indicator in mine})
    with reading(visit.site.engine) as connection:
        known = history(connection, {plan.id for plan, _ in mine}, visit.today, units=units) if mine else {}
    lines = [
        _line(visit, number, plan, indicator, known.get((plan.id, indicator.id), ()), sent)
        for number, (plan, indicator) in enumerate(mine, start=1)
    ]
    done = request.query_params.get("da", "")
    recorded = next((line for line in lines if str(line.number) == done), None)
    return page(
        request,
        "unit_page/measuring.html",
        status=status,
        visit=visit,
        lines=lines,
        sent=sent,
        recorded=recorded,
        most_words=MOST_WORDS,
    )


def _line(
    visit: Visit,
    number: int,
    plan: Plan,
    indicator: Indicator,
    found: tuple[Measured, ...],
    sent: Sent | None,
) -> Line:
    key = f"{plan.id}/{indicator.id}"
    ours = sent is not None and sent.key == key
    return Line(
        number=number,
        key=key,
        name=indicator.name,
        unit=visit.registry.full_name(indicator.unit.id),
        place=f"{plan_name(visit.book.plans[plan.id])}, {indicator.table}",
        target=indicator.target or "",
        in_percent=indicator.in_percent,
        said=tuple(_words(indicator, each) for each in reversed(found[-_SHOWN:])),
        windows=tuple(
            (w.name, f"{w.title[:1].upper()}{w.title[1:]} ({_days(w)})") for w in _windows(visit, plan)
        ),
        chosen=sent.fields["ky"] if sent is not None and ours else usual_window(plan, visit.today).name,
    )


def _windows(visit: Visit, plan: Plan) -> list[Window]:
    """The present month and the three before it: what is late can still be told, and mended."""
    rule = plan.reporting or BY_DECREE
    found = [holding(Kind.MONTH, visit.today, rule)]
    while len(found) < 4:
        found.append(before(found[-1], rule))
    return found


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _days(window: Window) -> str:
    return f"{window.first:%d/%m}–{window.last:%d/%m/%Y}"


def _words(indicator: Indicator, measured: Measured) -> str:
    unit = " %" if indicator.in_percent else ""
    days = f"{measured.first:%d/%m}–{measured.last:%d/%m/%Y}"
    counts = f" ({written(measured.part)} / {written(measured.whole)})" if measured.part is not None else ""
    return f"{days}: {written(measured.value, 2)}{unit}{counts}"
