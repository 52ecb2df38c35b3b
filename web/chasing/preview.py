"""``/don-doc/xem-truoc``, ``/don-doc``, ``/don-doc/cong-van``: see every message, then send; the letter."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine import chasing
from engine.chasing import Prepared
from engine.errors import DondocError
from engine.letters.chase_letter import chase_letter
from engine.notices.notice import Book
from engine.store.access.tokens import same
from engine.store.database import reading, writing
from engine.store.messages.reach import means_of
from engine.tracking.progress import local_day
from web.chasing.picture import before_shown, fingerprint, messages_shown, units_shown
from web.errors import Refused
from web.pages import page
from web.security.access import Decider, Form, Person, field, site_of
from web.site import Site

router = APIRouter()

_LONGEST_ID = 300
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CHANGED = "Chưa gửi: nội dung dưới đây khác với lần bạn xem trước. Hãy xem lại rồi bấm gửi."
_NOTHING = "Chưa gửi: không còn đơn vị nào để đôn đốc."


@router.post("/don-doc/xem-truoc")
def preview(request: Request, form: Form, person: Decider) -> Response:
    """Every message as it would read; changes nothing."""
    site, chosen = site_of(request), _chosen(form)
    words, wrong = _words(form)
    with reading(site.engine) as connection:
        book = site.book(connection)
        ready = _prepare(connection, site, book, chosen, person, words, site.now())
    return _page(request, person, book, ready, form, wrong, status=422 if wrong else 200)


@router.post("/don-doc")
def send(request: Request, form: Form, person: Decider) -> Response:
    """Sends what the preview showed; where anything of it is different now, shows it again instead."""
    site, chosen = site_of(request), _chosen(form)
    words, wrong = _words(form)
    seen = field(form, "da_xem", most=64)
    # One instant for all of it: at midnight the notices would be of another day than the chase.
    now = site.now()
    sent = None
    with writing(site.engine) as connection:
        book = site.book(connection)
        ready = _prepare(connection, site, book, chosen, person, words, now)
        if not wrong and ready.fresh and same(seen, fingerprint(ready)):
            name = person.account.name
            sent = chasing.send(connection, ready.fresh, words, person.actor, name, now)
    if sent is None:
        why = wrong or (_CHANGED if ready.fresh else _NOTHING)
        return _page(request, person, book, ready, form, why, status=422 if wrong else 409)
    left = len(sent.refused) + len(ready.before)
    return RedirectResponse(f"/don-doc?gui={len(sent.begun)}&bo={left}", status_code=303)


@router.post("/don-doc/cong-van")
def letter(request: Request, form: Form, person: Decider) -> Response:
    """The draft of one letter to all units chosen, also to those chased already; changes nothing."""
    site, chosen = site_of(request), _chosen(form)
    words, wrong = _words(form)
    now = site.now()
    with reading(site.engine) as connection:
        book = site.book(connection)
        ready = _prepare(connection, site, book, chosen, person, words, now)
    if wrong or not ready.draft.units:
        why = wrong or "Không có nhiệm vụ nào còn nợ để đưa vào công văn."
        return _page(request, person, book, ready, form, why, status=422 if wrong else 409)
    data = chase_letter(ready.draft.units, book, words, now)
    name = f"cong-van-don-doc-{local_day(now):%Y-%m-%d}.docx"
    return Response(data, media_type=_WORD, headers={"content-disposition": f'attachment; filename="{name}"'})


def _chosen(form: FormData) -> list[str]:
    """The assignments that the form names, each once. Refused when there are none or too many."""
    ids = list(dict.fromkeys(value for value in form.getlist("viec") if isinstance(value, str) and value))
    if not ids:
        hint = "Quay lại danh sách, đánh dấu các nhiệm vụ cần đôn đốc rồi bấm “Đôn đốc”."
        raise Refused(400, "Chưa chọn nhiệm vụ nào", hint)
    if len(ids) > chasing.MOST_CHOSEN:
        most = f"Mỗi lần đôn đốc nhiều nhất {chasing.MOST_CHOSEN} nhiệm vụ; đang chọn {len(ids)}"
        raise Refused(400, most, "Bỏ bớt rồi làm lần lượt.")
    if any(len(id) > _LONGEST_ID or "\x00" in id for id in ids):
        raise Refused(400, "Mã nhiệm vụ gửi lên không đúng dạng", "Quay lại danh sách rồi chọn lại.")
    return ids


def _words(form: FormData) -> tuple[str, str]:
    """The office's own sentence, and what is wrong with it."""
    typed = field(form, "loi", most=20_000)
    try:
        return chasing.own_words(typed), ""
    except DondocError as error:
        return "", str(error)


def _prepare(
    connection: Connection,
    site: Site,
    book: Book,
    chosen: list[str],
    person: Person,
    words: str,
    now: datetime,
) -> Prepared:
    return chasing.prepare(
        connection,
        chosen,
        book,
        site.calendar,
        now,
        person.account.name,
        words,
        means_of(site.settings.base_url, site.settings.channels),
    )


def _page(
    request: Request, person: Person, book: Book, ready: Prepared, form: FormData, wrong: str, status: int
) -> Response:
    site = site_of(request)
    now = site.now()
    messages = messages_shown(ready.said, book, site.calendar, site.settings.hours, now)
    asked_before = [unit for unit in ready.draft.units if unit.unit in ready.before]
    return page(
        request,
        "chasing/preview.html",
        status=status,
        person=person,
        units=units_shown(ready.fresh, book, now),
        messages=messages,
        nobody=[message.units for message in messages if not message.recipients],
        before=before_shown(ready, book),
        kept=[id for unit in asked_before for id in unit.assignments],
        left_out=ready.draft.left_out,
        names=book.registry.full_name,
        unknown=ready.unknown,
        words=field(form, "loi", most=20_000),
        most=chasing.MOST_LETTERS,
        wrong=wrong,
        seen=fingerprint(ready),
    )
