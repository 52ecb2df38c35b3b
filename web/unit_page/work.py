"""``/u/{token}/viec/{id}``: one assignment of the unit, and one form to answer with."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.evidence.kinds import LARGEST_FILE
from engine.evidence.refusal import TAKEN
from engine.model.event import UNIT_KINDS
from engine.store.database import reading
from engine.store.work import dossiers, unit_work
from engine.store.work.dossiers import Dossier, Numbered
from engine.tracking.next_step import next_step
from web.errors import not_found
from web.pages import page
from web.security.access import Form, by_token
from web.security.body import MEGABYTE
from web.unit_page import answers, recording
from web.unit_page.answers import BY_KIND, Choice, Typed
from web.unit_page.door import Visit, enter, row_of
from web.unit_page.recording import End
from web.unit_page.shown import plan_name, shown, title_of, tone_of, why_words
from web.work.picture import due_lines, lateness, said
from web.work.typed import DAY_HINT, MOST_WORDS

router = APIRouter(dependencies=[Depends(by_token)])

_MOST_HISTORY = 20


@router.get("/u/{token}/viec/{id}")
def show(request: Request, token: str, id: str) -> Response:
    """One assignment."""
    visit = enter(request, token)
    return _page(request, visit, id)


@router.post("/u/{token}/viec/{id}")
def answer(request: Request, token: str, id: str, form: Form) -> Response:
    """One answer about one assignment."""
    visit = enter(request, token)
    with reading(visit.site.engine) as connection:
        row = row_of(connection, visit, id)
    typed = answers.read(form)
    try:
        outcome = recording.submit(visit, row, typed)
    finally:
        answers.close_files(form)
    if outcome.end is End.RECORDED:
        return RedirectResponse(visit.path_of(id, "xong") + f"?so={outcome.event}", status_code=303)
    if outcome.end is End.OVERTAKEN:
        return _page(request, visit, id, typed=typed, overtaken=True, status=409)
    return _page(request, visit, id, typed=typed, status=422)


@router.get("/u/{token}/viec/{id}/xong")
def recorded(request: Request, token: str, id: str) -> Response:
    """What was recorded, and what comes next."""
    visit = enter(request, token)
    number = request.query_params.get("so", "")
    with reading(visit.site.engine) as connection:
        row = row_of(connection, visit, id)
        found = dossiers.dossier(connection, visit.registry, id)
        counts = unit_work.counts(connection, visit.mine, visit.book, visit.calendar, visit.today)
    event = _numbered(found, number) if found else None
    if found is None or event is None or event.event.kind not in UNIT_KINDS:
        raise not_found("câu trả lời này")
    return page(
        request,
        "unit_page/recorded.html",
        visit=visit,
        back=visit.path_of(id),
        title=title_of(visit, row),
        choice=BY_KIND[event.event.kind],
        line=said(event, found.proofs),
        left=counts[unit_work.Group.OVERDUE] + counts[unit_work.Group.SOON] + counts[unit_work.Group.OTHER],
        late=counts[unit_work.Group.OVERDUE],
    )


def _numbered(found: Dossier, number: str) -> Numbered | None:
    return next((each for each in found.history if str(each.number) == number), None)


def _page(
    request: Request,
    visit: Visit,
    id: str,
    *,
    typed: Typed | None = None,
    overtaken: bool = False,
    status: int = 200,
) -> Response:
    with reading(visit.site.engine) as connection:
        row = row_of(connection, visit, id)
        found = dossiers.dossier(connection, visit.registry, id)
        why = unit_work.reasons(connection, [id], visit.link.units).get(id)
    if found is None:
        raise not_found("nhiệm vụ này trong danh sách của đơn vị")
    tracked = row.tracked
    plan, task = visit.book.plan_of(tracked), visit.book.task_of(tracked)
    fitting = answers.choices(tracked, plan.settings, visit.calendar, visit.now)
    return page(
        request,
        "unit_page/work.html",
        status=status,
        visit=visit,
        here=visit.path_of(id),
        title=title_of(visit, row),
        whole_title=task.title,
        unit=visit.registry.full_name(tracked.promise.unit),
        line=shown(visit, row, {}),
        tone=tone_of(row),
        due=due_lines(tracked.promise, tracked.standing, visit.calendar, rolls=plan.settings.roll),
        lateness=lateness(tracked, row.seen),
        tracked=tracked,
        product=task.product(tracked.promise.milestone),
        plan=plan_name(plan),
        place=", ".join(p for p in (task.appendix, f"mục {task.stt.rstrip('.')}" if task.stt else None) if p),
        deadline_text=task.deadline_text,
        helpers=task.coordinating,
        why=why_words(why),
        next_step=next_step(tracked, row.seen, visit.today),
        revision=row.revision,
        choices=fitting,
        slugs={choice.slug for choice in fitting},
        typed=typed,
        kept=_kept(typed, fitting) if typed else (),
        overtaken=overtaken,
        meanwhile=_meanwhile(found) if overtaken else None,
        history=tuple(said(each, found.proofs) for each in reversed(found.history))[:_MOST_HISTORY],
        most_words=MOST_WORDS,
        most_files=answers.MOST_FILES,
        most_megabytes=LARGEST_FILE // MEGABYTE,
        day_hint=DAY_HINT,
        taken=TAKEN,
    )


def _meanwhile(found: Dossier) -> object:
    """The latest thing that was said."""
    return said(found.history[-1]) if found.history else None


def _kept(typed: Typed, fitting: tuple[Choice, ...]) -> tuple[str, ...]:
    """What was typed for an answer that no longer fits: handed back, so that nothing is lost."""
    if typed.choice is None or typed.choice in fitting:
        return ()
    prefix = f"{typed.choice.slug}-"
    return tuple(text for name, text in typed.fields.items() if name.startswith(prefix) and text)
