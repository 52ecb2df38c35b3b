"""``/viec/{id}``: everything about one assignment, and the decisions that fit it."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.assignment import Extension
from engine.store.database import reading
from engine.store.work import dossiers
from engine.store.work.dossiers import Dossier
from web.errors import not_found
from web.pages import page
from web.security.access import Decider, Form, Person, Reader, site_of
from web.site import Site
from web.work.choices import BY_SLUG, EXTEND, TRIGGER, Choice, asked_for, choices, may_cure
from web.work.picture import Said, picture, said
from web.work.submitting import End, Typed, name_of, read, submit
from web.work.typed import DAY_HINT, MOST_WORDS, NotADay, typed_day

router = APIRouter()

_WHAT = "nhiệm vụ này"


@router.get("/viec/{id}")
def show(request: Request, id: str, person: Reader) -> Response:
    """One assignment."""
    site = site_of(request)
    done = BY_SLUG.get(request.query_params.get("da", ""))
    return _page(request, site, person, _dossier(site, id), done=done)


@router.post("/viec/{id}/quyet-dinh")
def decide_on(request: Request, id: str, person: Decider, form: Form) -> Response:
    """One decision about one assignment."""
    site = site_of(request)
    typed = read(form)
    before = _dossier(site, id)
    starts = site.book().plan_of(before.tracked).starts
    end = submit(site, person, id, typed, starts)
    if end is End.RECORDED:
        return _done(id, typed)
    if end is End.WRONG:
        return _page(request, site, person, _dossier(site, id), typed=typed, status=422)
    with reading(site.engine) as connection:
        meanwhile = dossiers.history(connection, id, typed.last)
    if len(meanwhile) == 1 and _same(meanwhile[0], typed, person):
        return _done(id, typed)  # the same button pressed twice
    return _page(
        request,
        site,
        person,
        _dossier(site, id),
        typed=typed,
        meanwhile=tuple(map(said, meanwhile)),
        status=409,
    )


def _same(latest: dossiers.Numbered, typed: Typed, person: Person) -> bool:
    event = latest.event
    try:
        day = typed_day(typed.day)
    except NotADay:
        return False
    ours = (typed.choice.kind, name_of(person.account), typed.reason or None, typed.cures)
    return (event.kind, event.by, event.note, event.cures) == ours and event.day == day


def _done(id: str, typed: Typed) -> Response:
    return RedirectResponse(f"/viec/{quote(id, safe='')}?da={typed.choice.slug}", status_code=303)


def _dossier(site: Site, id: str) -> Dossier:
    if "\x00" in id:
        raise not_found(_WHAT)
    with reading(site.engine) as connection:
        found = dossiers.dossier(connection, site.registry, id)
        book = site.book(connection)
    if found is None:
        raise not_found(_WHAT)
    promise = found.tracked.promise
    if promise.plan not in book.plans or (promise.plan, promise.task) not in book.tasks:
        raise not_found("nhiệm vụ này trong các kế hoạch")
    return found


def _page(
    request: Request,
    site: Site,
    person: Person,
    found: Dossier,
    *,
    done: Choice | None = None,
    typed: Typed | None = None,
    meanwhile: tuple[Said, ...] | None = None,
    status: int = 200,
) -> Response:
    book, calendar, today = site.book(), site.calendar, site.today()
    tracked = found.tracked
    fitting = choices(tracked) if person.may("decide") else ()
    open_ones = set(asked_for(tracked))
    if typed is not None:
        open_ones.add(typed.choice.slug)
    return page(
        request,
        "work/assignment.html",
        status=status,
        person=person,
        view=picture(found, book, calendar, today),
        plan=book.plan_of(tracked),
        task=book.task_of(tracked),
        issuer=book.registry.full_name(book.plan_of(tracked).issuer),
        proofs=found.proofs,
        revision=found.revision,
        last=found.history[-1].number if found.history else 0,
        choices=fitting,
        open_ones=open_ones,
        first_days=_first_days(found, fitting, today=f"{today:%d/%m/%Y}"),
        may_cure=may_cure(tracked, today),
        done=done,
        typed=typed,
        typed_fits=typed is not None and typed.choice in fitting,
        meanwhile=meanwhile,
        day_hint=DAY_HINT,
        most_words=MOST_WORDS,
    )


def _first_days(found: Dossier, fitting: tuple[Choice, ...], *, today: str) -> dict[str, str]:
    """What already stands in the day fields: what the unit asked for, and today for what happened."""
    standing = found.tracked.standing
    days = {choice.slug: "" for choice in fitting}
    if standing.extension is Extension.PENDING and standing.extension_to:
        days[EXTEND.slug] = f"{standing.extension_to:%d/%m/%Y}"
    if TRIGGER in fitting:
        days[TRIGGER.slug] = today
    return days
