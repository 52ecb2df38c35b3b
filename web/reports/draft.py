"""``/bao-cao/ban-thao``: the narrative part of a report as a draft, each sentence with what it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.reports.count_tasks import question, units_of
from engine.reports.draft import Narrative, Sentence, Source, narrative_document
from engine.reports.narrative_items import write_narrative
from engine.reports.tasks_tables import issuer_of
from engine.store.database import reading
from engine.store.figures import as_of
from engine.store.lists.page import one_picture
from web.errors import Refused
from web.reports.asked import Wanted, wanted
from web.reports.frame import days_told, report_page
from web.reports.made import rule_of
from web.reports.reports import word_file
from web.security.access import Reader, site_of
from web.site import Site
from web.wording import number

router = APIRouter()

MOST = 20_000
"""Assignments in one draft: each is looked at by itself, a few seconds for so many."""

_LINKED = 20


@dataclass(frozen=True, slots=True)
class _TooMany:
    """The draft would be about so many assignments."""

    count: int

    @property
    def words(self) -> str:
        """For people."""
        count, most = number(self.count), number(MOST)
        return f"Phạm vi này có {count} lượt giao, nhiều hơn {most}. Hãy chọn một kế hoạch hoặc một đơn vị."


@dataclass(frozen=True, slots=True)
class Proof:
    """One source on the page: its words, the assignments it is about (the first ones), and how many more."""

    words: str
    links: tuple[str, ...]
    more: int


@router.get("/bao-cao/ban-thao")
def draft(request: Request, person: Reader) -> Response:
    """The form; the draft itself once it was asked for (``lap``), as it takes longer than other pages."""
    site = site_of(request)
    asked, book, made = _asked_and_written(request, site, always=False)
    context: dict[str, Any] = {"draft": None, "too_many": "", "days_told": ""}
    if isinstance(made, _TooMany):
        context["too_many"] = made.words
    elif made is not None:
        context |= {"draft": made, "days_told": days_told(asked, site.today()), "proofs": proofs}
    return report_page(request, "reports/draft.html", person, asked, book, **context)


@router.get("/bao-cao/ban-thao.docx")
def draft_as_word(request: Request, _person: Reader) -> Response:
    """The draft to go on with in Word."""
    site = site_of(request)
    asked, book, made = _asked_and_written(request, site, always=True)
    for message in asked.wrong.values():
        raise Refused(400, message, "Quay lại trang bản thảo, sửa ô được báo rồi tải lại.")
    if isinstance(made, _TooMany):
        raise Refused(400, made.words)
    assert made is not None  # noqa: S101 - nothing was wrong
    issuer = issuer_of(asked.scope.plans, asked.scope.unit, book.registry, dict(book.plans))
    return word_file(site, book, asked, narrative_document(made, issuer), "ban-thao-bao-cao.docx")


def proofs(sentence: Sentence) -> list[Proof]:
    """What a sentence stands on, with the assignments to look at."""
    return [_proof(source) for source in sentence.sources]


def _proof(source: Source) -> Proof:
    if source.kind == "figure":
        return Proof(f"{source.id} = {source.value}", source.of[:_LINKED], max(0, len(source.of) - _LINKED))
    if source.kind == "event":
        return Proof(f"ý kiến số {source.id}", source.of[:1], 0)
    return Proof("nhiệm vụ", (source.id,), 0)


def _asked_and_written(
    request: Request, site: Site, *, always: bool
) -> tuple[Wanted, Book, Narrative | _TooMany | None]:
    """None where the address is wrong or does not ask for the draft yet."""
    today = site.today()
    with reading(site.engine) as connection:
        one_picture(connection)
        book = site.book(connection)
        asked = wanted(request, book, today, lambda plan: rule_of(site, plan))
        if asked.wrong or not (always or request.query_params.get("lap") == "1"):
            return asked, book, None
        scope, day = asked.scope, min(asked.day or today, today)
        units = units_of(book.registry, book.plans.values(), scope.unit)
        count = as_of.rows(connection, question(scope.plans, units, asked.window, day))
        if count > MOST:
            return asked, book, _TooMany(count)
        rule = rule_of(site, asked.base.plan)
        written = write_narrative(connection, book.registry, site.calendar, scope, asked.window, day, rule)
        return asked, book, written
