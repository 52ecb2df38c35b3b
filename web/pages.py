"""Templates → answers. What every template may use stands here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from web import wording
from web.errors import Refused
from web.navigation import menu_of

if TYPE_CHECKING:
    from web.security.access import Person

_FOLDER = Path(__file__).parent / "templates"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(wording.FILTERS)
    return made


_TEMPLATES = _environment()


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    person: Person | None = None,
    **context: Any,
) -> HTMLResponse:
    """The page that ``template`` (below web/templates) makes of ``context``.

    Every template also knows ``person`` (who is signed in, or None), ``menu``, ``path``, ``today`` and
    ``stopped``: what people call the channels that wait for a person.
    """
    site = request.app.state.site
    html = _TEMPLATES.get_template(template).render(
        person=person,
        menu=menu_of(person.account.role) if person else (),
        path=request.url.path,
        today=site.today(),
        stopped=site.stopped_channels() if person and person.may("see_desk") else (),
        **context,
    )
    return HTMLResponse(html, status_code=status)


def failure_page(request: Request, refused: Refused, person: Person | None = None) -> HTMLResponse:
    """The page for what cannot be answered."""
    answer = page(request, "failure.html", status=refused.status, person=person, refused=refused)
    if refused.retry_after is not None:
        answer.headers["retry-after"] = str(refused.retry_after)
    return answer
