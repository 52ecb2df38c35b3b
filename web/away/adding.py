"""``/thay-mat/them``: choose who is away, then who stands in and from when to when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.people import address_book, stand_ins
from engine.store.people.address_book import Entry
from engine.store.people.stand_ins import StandInRefused
from notifiers.address import mask
from web.away.people import MOST_SHOWN, Named, matching, named, near
from web.errors import not_found
from web.pages import page
from web.security.access import Decider, Form, Person, site_of
from web.security.access import field as posted
from web.site import Site
from web.work.submitting import name_of
from web.work.typed import DAY_HINT, NotADay, typed_day, typed_words

router = APIRouter()

_MOST_REASON = 300
_FIELDS = {"deputy": "nguoi_thay", "first_day": "tu_ngay", "last_day": "den_ngay", "": ""}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form as it was sent, with what is wrong with each field."""

    deputy: str = ""
    first: str = ""
    last: str = ""
    reason: str = ""
    everywhere: bool = True
    problems: dict[str, str] = field(default_factory=dict)


@router.get("/thay-mat/them")
def show(request: Request, person: Decider) -> Response:
    """Finding who is away; or, once chosen, the form."""
    site, query = site_of(request), request.query_params
    who, words = query.get("nguoi", ""), query.get("tim", "")[:100]
    if who:
        return _form_page(
            request, site, person, _number(who), words, Wanted(first=f"{site.today():%d/%m/%Y}")
        )
    with reading(site.engine) as connection:
        people = named(address_book.entries(connection), site.registry)
    found = matching(people, words) if words.strip() or len(people) <= MOST_SHOWN else []
    return page(
        request,
        "away/who.html",
        person=person,
        words=words,
        found=found[:MOST_SHOWN],
        more=len(found) > MOST_SHOWN,
        anybody=bool(people),
        searched=bool(words.strip()),
    )


@router.post("/thay-mat/them")
def add(request: Request, person: Decider, form: Form) -> Response:
    """Records a stand-in, for every unit for which the absent person speaks if so wished."""
    site = site_of(request)
    who = _number(posted(form, "nguoi", most=20))
    words = posted(form, "tim", most=100)
    wanted = Wanted(
        deputy=posted(form, "nguoi_thay", most=20),
        first=posted(form, "tu_ngay", most=200),
        last=posted(form, "den_ngay", most=200),
        reason=typed_words(posted(form, "ly_do", most=100_000)),
        everywhere=posted(form, "moi_don_vi") == "co",
    )
    first, last = _day(wanted, "tu_ngay", wanted.first), _day(wanted, "den_ngay", wanted.last)
    if not _is_number(wanted.deputy):
        wanted.problems["nguoi_thay"] = "Hãy chọn người nhận thay"
    if len(wanted.reason) > _MOST_REASON:
        wanted.problems["ly_do"] = f"Dài quá {_MOST_REASON} ký tự; rút gọn rồi gửi lại"
    if not wanted.problems and first is not None and last is not None:
        try:
            _record(site, person, who, wanted, first, last)
        except StandInRefused as error:
            wanted.problems[_FIELDS[error.field]] = str(error)
    if wanted.problems:
        return _form_page(request, site, person, who, words, wanted, status=422)
    return RedirectResponse("/thay-mat?da=them", status_code=303)


def _record(site: Site, person: Person, who: int, wanted: Wanted, first: date, last: date) -> None:
    now = site.now()
    with writing(site.engine) as connection:
        chosen = _entry(address_book.entries(connection), who)
        same = [chosen.id]
        if wanted.everywhere:
            same += [e.id for e in _elsewhere(address_book.entries(connection), chosen)]
        made = [
            stand_ins.add(
                connection,
                id,
                _number(wanted.deputy),
                first,
                last,
                wanted.reason,
                name_of(person.account),
                now,
            )
            for id in same
        ]
        for each in made:
            after = {
                "contact": each.contact,
                "deputy": each.deputy,
                "first_day": first,
                "last_day": last,
                "reason": mask(wanted.reason),
            }
            audit.append(connection, person.actor, "stand_in.add", f"stand_in:{each.id}", now, after=after)


def _form_page(
    request: Request, site: Site, person: Person, who: int, words: str, wanted: Wanted, status: int = 200
) -> Response:
    with reading(site.engine) as connection:
        entries = address_book.entries(connection)
    chosen = _entry(entries, who)
    people = named(entries, site.registry)
    same = frozenset({chosen.id, *(e.id for e in _elsewhere(entries, chosen))})
    searched = bool(words.strip())
    found = matching(people, words, same) if searched else near(entries, people, chosen, site.registry)
    candidates = found[:MOST_SHOWN]
    picked = people.get(int(wanted.deputy)) if _is_number(wanted.deputy) else None
    if picked is not None and picked not in candidates and picked.active:
        candidates.insert(0, picked)
    return page(
        request,
        "away/add.html",
        status=status,
        person=person,
        who=people[chosen.id],
        others=_units_of(people, same - {chosen.id}),
        words=words,
        candidates=candidates,
        more=len(found) > MOST_SHOWN,
        wanted=wanted,
        day_hint=DAY_HINT,
        most_reason=_MOST_REASON,
    )


def _units_of(people: dict[int, Named], ids: frozenset[int]) -> list[str]:
    return list(dict.fromkeys(people[id].unit for id in sorted(ids)))


def _entry(entries: list[Entry], id: int) -> Entry:
    for entry in entries:
        if entry.id == id and entry.active:
            return entry
    raise not_found("người này trong danh bạ")


def _elsewhere(entries: list[Entry], who: Entry) -> list[Entry]:
    """The other entries of the same person: one address is the same."""
    own = set(who.contact.ways())
    return [e for e in entries if e.active and e.id != who.id and not own.isdisjoint(e.contact.ways())]


def _day(wanted: Wanted, name: str, text: str) -> date | None:
    try:
        day = typed_day(text)
    except NotADay as error:
        wanted.problems[name] = str(error)
        return None
    if day is None:
        wanted.problems[name] = "Phải ghi ngày"
    return day


def _number(text: str) -> int:
    if not _is_number(text):
        raise not_found("người này trong danh bạ")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
