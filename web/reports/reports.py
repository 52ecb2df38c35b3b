"""``/bao-cao``: an official report, on the page and as Excel and Word."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.letters.issuing import issuing_body
from engine.notices.notice import Book
from engine.reports.checks import DoesNotAddUp
from engine.reports.closing import heading
from engine.reports.document import ReportDocument
from engine.reports.excel import excel_bytes
from engine.reports.word import word_bytes
from engine.reports.word_template import own_template, read_template
from engine.store.database import reading
from engine.store.lists.page import one_picture
from web.errors import Refused
from web.reports.asked import Wanted, wanted
from web.reports.frame import days_told, report_page
from web.reports.made import Made, frozen_or_made, make, rule_of
from web.reports.shown import shown
from web.security.access import Reader, site_of
from web.site import Site

router = APIRouter()

AT_ODDS = 409
"""Of a report that does not add up: the data contradict each other; neither the request nor the program is
wrong, and asking again later, when they were mended, is right."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("/bao-cao")
def report(request: Request, person: Reader) -> Response:
    """The report that the address asks for, counted once; or what is wrong with address or figures."""
    site = site_of(request)
    asked, book, made = asked_and_made(request, site)
    if isinstance(made, DoesNotAddUp):
        return report_page(
            request, "reports/report.html", person, asked, book, status=AT_ODDS, at_odds=made.rows
        )
    context: dict[str, Any] = {}
    if made is not None:
        context = {
            "document": made.document,
            "tables": shown(made.document),
            "days_told": days_told(asked, site.today()),
            "frozen": made.frozen,
            "told_of_closing": heading(made.frozen) if made.frozen else (),
            "may_close": asked.window is not None and asked.window.last < site.today() and not made.frozen,
        }
    return report_page(request, "reports/report.html", person, asked, book, at_odds=(), **context)


@router.get("/bao-cao.xlsx")
def report_as_excel(request: Request, _person: Reader) -> Response:
    """The same report as a spreadsheet with formulas."""
    asked, _book, made = _to_save(request)
    return file(excel_bytes(made.document), EXCEL, f"bao-cao-{asked.slug}.xlsx")


@router.get("/bao-cao.docx")
def report_as_word(request: Request, _person: Reader) -> Response:
    """The same report in the form of Nghị định 30/2020/NĐ-CP, or in the office's own template."""
    asked, book, made = _to_save(request)
    return word_file(site_of(request), book, asked, made.document, f"bao-cao-{asked.slug}.docx")


def word_file(site: Site, book: Book, asked: Wanted, document: ReportDocument, name: str) -> Response:
    """A report to save, headed by the unit it is about, else by who issued the one plan."""
    own = own_template(site.home)
    template = read_template(own) if own is not None else None
    plan = book.plans.get(asked.base.plan or "")
    head = asked.base.unit or (plan.issuer if plan else None)
    issuing = issuing_body(book.registry, head) if head is not None else None
    return file(word_bytes(document, template, issuing), _WORD, name)


def asked_and_made(
    request: Request, site: Site, *, to_close: bool = False
) -> tuple[Wanted, Book, Made | DoesNotAddUp | None]:
    """None where the address is wrong, the error where the figures are. ``to_close``: counted anew even
    where the window is closed, and not without one."""
    with reading(site.engine) as connection:
        one_picture(connection)
        book = site.book(connection)
        asked = wanted(request, book, site.today(), lambda plan: rule_of(site, plan))
        if asked.wrong or (to_close and asked.window is None):
            return asked, book, None
        try:
            return asked, book, (make if to_close else frozen_or_made)(connection, site, asked)
        except DoesNotAddUp as error:
            return asked, book, error


def _to_save(request: Request) -> tuple[Wanted, Book, Made]:
    """For a download, which has no form to show."""
    asked, book, made = asked_and_made(request, site_of(request))
    for message in asked.wrong.values():
        raise Refused(400, message, "Quay lại trang báo cáo, sửa ô được báo rồi tải lại.")
    if isinstance(made, DoesNotAddUp):
        raise Refused(AT_ODDS, str(made))
    assert made is not None  # noqa: S101 - nothing was wrong
    return asked, book, made


def file(content: bytes, media_type: str, name: str) -> Response:
    """An answer to save; ``name`` in ASCII."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
