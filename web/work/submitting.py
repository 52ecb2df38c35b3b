"""A posted decision → an event in the database, or why not; what was typed is kept either way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from starlette.datastructures import FormData

from engine.model.event import Event
from engine.store.access.accounts import Account
from engine.store.database import writing
from engine.store.events import OVERTAKEN, EventsRefused
from engine.store.work.decisions import decide
from engine.workdays import MissingYear, WorkCalendar
from web.errors import Refused
from web.security.access import Person
from web.security.access import field as posted
from web.site import Site
from web.work.choices import BY_SLUG, Ask, Choice, day_problem
from web.work.typed import MOST_WORDS, NotADay, typed_day, typed_words

_LONGEST = 100_000
"""What is read of a text that is too long, so that it can be handed back for shortening."""

DAY, REASON, WHOLE = "ngay", "ly_do", ""
"""The fields that a problem may stand at; the last one is the form as a whole."""


class End(StrEnum):
    """How a submission ended."""

    RECORDED = "recorded"
    WRONG = "wrong"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Typed:
    """One form as it was sent. ``revision`` and ``last`` (the number of the latest event) say what its
    sender had seen; ``problems`` holds a Vietnamese message for each field that is wrong."""

    choice: Choice
    day: str
    reason: str
    cures: bool
    revision: int
    last: int
    problems: dict[str, str] = field(default_factory=dict)


def read(form: FormData) -> Typed:
    """What somebody sent. Refused when no decision was chosen."""
    choice = BY_SLUG.get(posted(form, "quyet_dinh", most=40))
    if choice is None:
        raise Refused(400, "Hãy chọn một quyết định", "Quay lại trang nhiệm vụ rồi chọn.")
    return Typed(
        choice=choice,
        day=posted(form, DAY, most=200),
        reason=typed_words(posted(form, REASON, most=_LONGEST)),
        cures=posted(form, "dung_han") == "co",
        revision=number(posted(form, "luot", most=20)),
        last=number(posted(form, "den", most=20)),
    )


def number(text: str) -> int:
    """A number that a page of ours wrote into a form. Refused when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused(400, "Trang này đã cũ nên không được nhận", "Tải lại trang rồi làm lại.")
    return int(text)


def name_of(account: Account) -> str:
    """How the history names somebody of the office."""
    return f"{account.name} ({account.login})"


def meant_day(typed: Typed, starts: date, today: date, calendar: WorkCalendar) -> date | None:
    """The day that was typed; what is wrong with it or with the words goes into ``typed.problems``."""
    choice, problems = typed.choice, typed.problems
    if len(typed.reason) > MOST_WORDS:
        problems[REASON] = f"Dài quá {MOST_WORDS} ký tự; rút gọn rồi gửi lại"
    elif choice.reason is Ask.MUST and not typed.reason:
        problems[REASON] = f"Phải ghi {choice.reason_label.lower()}"
    if choice.day is Ask.NEVER:
        return None
    try:
        day = typed_day(typed.day)
    except NotADay as error:
        problems[DAY] = str(error)
        return None
    if day is None:
        problems[DAY] = f"Phải ghi {choice.day_label.lower()}"
    elif not calendar.covers(day.year):
        problems[DAY] = _no_year(day.year)
    elif problem := day_problem(choice, day, starts, today):
        problems[DAY] = problem
    return day


def event_of(typed: Typed, id: str, day: date | None, now: datetime, account: Account) -> Event:
    """The event that a form means for one assignment."""
    return Event(
        id,
        typed.choice.kind,
        now,
        name_of(account),
        note=typed.reason or None,
        day=day,
        cures=typed.cures,
    )


def submit(site: Site, person: Person, id: str, typed: Typed, starts: date) -> End:
    """Records one decision about one assignment of a plan that ``starts`` then. When the form is wrong
    ``typed.problems`` says why; when somebody else was faster nothing is recorded."""
    calendar, now = site.calendar, site.now()
    day = meant_day(typed, starts, site.today(), calendar)
    if typed.problems:
        return End.WRONG
    event = event_of(typed, id, day, now, person.account)
    try:
        with writing(site.engine) as connection:
            decide(connection, person.actor, [event], calendar, now, seen={id: typed.revision})
    except EventsRefused as error:
        reason = error.refusals[0][1]
        if OVERTAKEN in reason:
            return End.OVERTAKEN
        place = DAY if typed.choice.day is not Ask.NEVER else WHOLE
        typed.problems[place] = reason.removeprefix(f"{id}: ")
        return End.WRONG
    except MissingYear as error:
        typed.problems[DAY] = _no_year(error.year)
        return End.WRONG
    return End.RECORDED


def _no_year(year: int) -> str:
    return (
        f"Lịch làm việc chưa có năm {year} nên không tính được ngày; chọn ngày khác, "
        "hoặc nhờ người quản trị bổ sung lịch (rules/calendar.yaml)"
    )
