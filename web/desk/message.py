"""/thong-bao/{id}: one message as it was sent, why each of its parts, how it went, and what to do now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from engine.explain import explain_stored
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.messages.deliveries import OUTCOME_NAMES, notices_of_message
from engine.store.messages.desk import DESK_STATE_NAMES, DeskState
from engine.store.messages.desk_pages import SentMessage, message, others_to
from engine.store.messages.resending import Overtaken, mark_received, outlook, resend
from engine.watching.channels import title_of
from notifiers.registry import kind_of
from web.desk.hours import next_hours
from web.errors import Refused, not_found
from web.in_force import book_with_indicators, rules_of
from web.pages import page
from web.security.access import Decider, DeskReader, Form, Person, field, site_of

router = APIRouter()
NOTICES = 20
_LONGEST_ID = 40
_SAID = {
    "gui-lai": "Đã xếp tin này vào hàng để gửi lại.",
    "da-nhan": "Đã ghi là nơi nhận đã nhận được tin này.",
}
_WHAT = "tin này"


@router.get("/thong-bao/{id}")
def one(request: Request, person: DeskReader, id: str) -> HTMLResponse:
    """Everything about one message; its notices a page at a time."""
    site = site_of(request)
    now = site.now()
    with reading(site.engine) as connection:
        found = message(connection, _known_form(id))
    if found is None:
        raise not_found(_WHAT)
    ruleset, _ = rules_of(site)
    with reading(site.engine) as connection:
        numbers = notices_of_message(connection, id)
        pages = max(1, -(-len(numbers) // NOTICES))
        number = _page_number(request.query_params.get("trang", ""), pages)
        shown = numbers[(number - 1) * NOTICES : number * NOTICES]
        book = book_with_indicators(site, connection)
        reasons = explain_stored(connection, shown, ruleset, book, site.calendar)
        again = outlook(connection, id, now, site.settings.slot_minutes)
        others = others_to(connection, id, 5)
    sent, attempts = found
    return page(
        request,
        "desk/message.html",
        person=person,
        message=sent,
        attempts=attempts,
        reasons=reasons,
        notices=len(numbers),
        number=number,
        pages=pages,
        again=again,
        again_from=again and next_hours(again.not_before, site.calendar, site.settings.hours),
        until=next_hours(max(sent.not_before, now), site.calendar, site.settings.hours),
        others=others,
        state_words=DESK_STATE_NAMES,
        states=DeskState,
        outcomes=OUTCOME_NAMES,
        name=book.registry.full_name,
        title_of=title_of,
        costly=_is_costly(sent),
        said=_SAID.get(request.query_params.get("da", "")),
    )


@router.post("/thong-bao/{id}/gui-lai")
def send_again(request: Request, person: Decider, id: str, form: Form) -> RedirectResponse:
    """Queues a message that failed, or of which nobody knows."""
    site = site_of(request)
    now, seen = site.now(), _attempts_seen(field(form, "lan", most=9))
    with writing(site.engine) as connection:
        before = message(connection, _known_form(id))
        if before is None:
            raise not_found(_WHAT)
        unsure = before[0].state is DeskState.UNKNOWN
        if unsure and _is_costly(before[0]) and not field(form, "da-hoi", most=9):
            raise Refused(
                400,
                "Chưa đánh dấu “Tôi đã hỏi: tin chưa đến”",
                "Gửi lại trên kênh này tốn tiền và nơi nhận có thể nhận hai tin: hỏi nơi nhận trước đã.",
            )
        try:
            found = resend(connection, id, seen, now, site.settings.slot_minutes)
        except Overtaken as error:
            raise _overtaken(error) from error
        after = {"state": "queued", "not_before": found.not_before.isoformat(), "how": str(found.kind)}
        _note(connection, person, "message.resend", id, now, before[0].state, after)
    return RedirectResponse(f"/thong-bao/{id}?da=gui-lai", status_code=303)


@router.post("/thong-bao/{id}/da-nhan")
def received(request: Request, person: Decider, id: str, form: Form) -> RedirectResponse:
    """The office asked the far end: it has the message."""
    site = site_of(request)
    now, seen = site.now(), _attempts_seen(field(form, "lan", most=9))
    with writing(site.engine) as connection:
        before = message(connection, _known_form(id))
        if before is None:
            raise not_found(_WHAT)
        try:
            sent_at = mark_received(connection, id, seen, now)
        except Overtaken as error:
            raise _overtaken(error) from error
        after = {"state": "sent", "sent_at": sent_at.isoformat()}
        _note(connection, person, "message.received", id, now, before[0].state, after)
    return RedirectResponse(f"/thong-bao/{id}?da=da-nhan", status_code=303)


def _note(
    connection: Connection,
    person: Person,
    action: str,
    id: str,
    now: datetime,
    before: DeskState,
    after: Mapping[str, str],
) -> None:
    subject = f"message:{id}"
    audit.append(connection, person.actor, action, subject, now, before={"state": str(before)}, after=after)


def _is_costly(sent: SentMessage) -> bool:
    """Whether a second one of the same would cost money or annoy: a person has to have asked first."""
    kind = kind_of(sent.channel)
    return kind is not None and not kind.resends_unknown


def _overtaken(error: Overtaken) -> Refused:
    return Refused(409, str(error), "Mở lại trang của tin để xem tình trạng hiện nay.")


def _known_form(id: str) -> str:
    """The id, or nothing where no message could have it: a database need not take every character."""
    return id if id.isascii() and id.isprintable() and len(id) <= _LONGEST_ID else ""


def _attempts_seen(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def _page_number(text: str, pages: int) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return min(max(wanted, 1), pages)
