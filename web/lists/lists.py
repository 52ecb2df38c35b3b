"""``/qua-han``, ``/sap-den-han``, ``/cho-xac-nhan``, ``/tat-ca``: four lists of one make, each as a page and
as an Excel file."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.model.access import Permission, may
from engine.store.lists.counts import Counts, counts
from engine.store.lists.filters import ORDERS, Kind
from engine.store.lists.page import first_rows, pages, rows_of_page
from engine.tracking.progress import STATE_NAMES
from web.errors import Refused
from web.lists import words
from web.lists.asked import MARKS_OF, Asked, in_words
from web.lists.shared import looking
from web.lists.sheet import MOST, sheet
from web.pages import page
from web.security.access import Person, Reader

router = APIRouter()

_BESIDE = (Kind.OVERDUE, Kind.DUE_SOON, Kind.AWAITING)
_CHASED = frozenset({Kind.OVERDUE, Kind.DUE_SOON})
_UNITS_TO_CHOOSE = 400


@router.get("/qua-han")
def overdue(request: Request, person: Reader) -> Response:
    """What is overdue, worst first."""
    return _page(request, person, Kind.OVERDUE)


@router.get("/sap-den-han")
def due_soon(request: Request, person: Reader) -> Response:
    """What is due soon."""
    return _page(request, person, Kind.DUE_SOON)


@router.get("/cho-xac-nhan")
def awaiting(request: Request, person: Reader) -> Response:
    """What was reported and waits for the office."""
    return _page(request, person, Kind.AWAITING)


@router.get("/tat-ca")
def everything(request: Request, person: Reader) -> Response:
    """Every assignment of the plans in force."""
    return _page(request, person, Kind.ALL)


@router.get("/qua-han.xlsx")
def overdue_sheet(request: Request, _person: Reader) -> Response:
    """The same list as a file."""
    return _sheet(request, Kind.OVERDUE)


@router.get("/sap-den-han.xlsx")
def due_soon_sheet(request: Request, _person: Reader) -> Response:
    """The same list as a file."""
    return _sheet(request, Kind.DUE_SOON)


@router.get("/cho-xac-nhan.xlsx")
def awaiting_sheet(request: Request, _person: Reader) -> Response:
    """The same list as a file."""
    return _sheet(request, Kind.AWAITING)


@router.get("/tat-ca.xlsx")
def everything_sheet(request: Request, _person: Reader) -> Response:
    """The same list as a file."""
    return _sheet(request, Kind.ALL)


def _page(request: Request, person: Person, kind: Kind) -> Response:
    path = words.PATHS[kind]
    with looking(request, kind, path) as (site, connection, book, asked, lens):
        kinds = _BESIDE if kind is not Kind.ALL else (*_BESIDE, Kind.ALL)
        found = Counts() if asked.wrong else counts(connection, lens, kinds)
        last = pages(found.listed)
        number = min(asked.page, last)
        rows = (
            [] if asked.wrong else rows_of_page(connection, lens, book, site.calendar, number, found.listed)
        )
    today = lens.bounds.today
    units = book.registry.units
    return page(
        request,
        "lists/list.html",
        status=400 if asked.wrong else 200,
        person=person,
        kind=kind.value,
        title=words.TITLES[kind],
        asked=asked,
        restricted=in_words(asked, book),
        tabs=_tabs(asked, found),
        facets=_facets(asked, found),
        lines=[words.line(row, book, today) for row in rows],
        counts=found,
        number=number,
        last=last,
        now=site.now(),
        missing_year=None if site.calendar.covers(today.year) else today.year,
        choices=_choices(kind),
        plans=sorted(book.plans.values(), key=lambda plan: (-plan.year, plan.number, plan.id)),
        units=[book.registry.full_name(id) for id in units] if len(units) <= _UNITS_TO_CHOOSE else (),
        chasing=kind in _CHASED and may(person.account.role, Permission.DECIDE),
        all_chosen=request.query_params.get("chon") == "ca-trang",
        sheet=asked.address(path + ".xlsx"),
        sheet_holds=MOST,
    )


def _tabs(asked: Asked, found: Counts) -> list[tuple[str, str, int | None, bool]]:
    """Address, name, count and whether it is the one shown; of everything only where it is shown."""
    return [
        (
            asked.scope(words.PATHS[kind]),
            words.SHORT_TITLES[kind],
            found.kinds.get(kind),
            kind is asked.filter.kind,
        )
        for kind in Kind
    ]


def _facets(asked: Asked, found: Counts) -> list[tuple[str, list[tuple[str, str, int, bool]]]]:
    """The parts of this list: groups of address, name, count and whether it is chosen. Choosing it again
    takes the restriction away."""
    wanted = asked.filter
    groups = []
    if found.bands:
        slugs = {band: slug for slug, band in words.LATENESS.items()}
        entries = [
            (
                asked.address(cham="" if band is wanted.lateness else slugs[band]),
                words.LATENESS_NAMES[band],
                count,
                band is wanted.lateness,
            )
            for band, count in found.bands.items()
        ]
        groups.append(("Mức chậm", entries))
    if found.marks:
        slugs_of_marks = {mark: slug for slug, mark in words.MARKS.items()}
        marked = [
            (
                asked.address(chu_y="" if mark is wanted.mark else slugs_of_marks[mark]),
                words.MARK_NAMES[mark],
                count,
                mark is wanted.mark,
            )
            for mark, count in found.marks.items()
            if count or mark is wanted.mark
        ]
        if marked:
            groups.append(("Cần chú ý", marked))
    return groups


def _choices(kind: Kind) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """The select boxes of the form: field, label, words for none, and value and words of each choice."""
    levels = [(slug, words.LEVEL_NAMES[level]) for slug, level in words.LEVELS.items()]
    boxes = [("cap", "Cấp của đơn vị", "mọi cấp", levels)]
    if kind is Kind.OVERDUE:
        late = [(slug, words.LATENESS_NAMES[band]) for slug, band in words.LATENESS.items()]
        boxes.append(("cham", "Mức chậm", "mọi mức", late))
    if MARKS_OF[kind]:
        marks = [(slug, words.MARK_NAMES[m]) for slug, m in words.MARKS.items() if m in MARKS_OF[kind]]
        boxes.append(("chu-y", "Cần chú ý", "không lọc", marks))
    if kind is Kind.ALL:
        states = [(slug, STATE_NAMES[state]) for slug, state in words.STATES.items()]
        boxes.append(("trang-thai", "Trạng thái", "mọi trạng thái, trừ đã rút", states))
    first = words.ORDER_NAMES[ORDERS[kind][0]]
    orders = [(s, words.ORDER_NAMES[o]) for s, o in words.ORDERS.items() if o in ORDERS[kind][1:]]
    boxes.append(("xep", "Thứ tự", first, orders))
    return boxes


def _sheet(request: Request, kind: Kind) -> Response:
    with looking(request, kind, words.PATHS[kind]) as (site, connection, book, asked, lens):
        if asked.wrong:
            raise Refused(
                400, "Bộ lọc có chỗ chưa đúng nên chưa lập được tệp", " ".join(asked.wrong.values())
            )
        listed = counts(connection, lens, (kind,)).listed
        rows = first_rows(connection, lens, book, site.calendar, min(MOST, listed))
    lines = [words.line(row, book, lens.bounds.today, whole=True) for row in rows]
    return sheet(kind, lines, listed, in_words(asked, book), site.now())
