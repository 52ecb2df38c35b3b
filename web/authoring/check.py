"""/soan-ke-hoach/kiem-tra: a file pasted or uploaded, checked as ``dondoc check`` does; nothing is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.errors import Problem, Severity
from engine.installation.checking_apart import NotChecked, check_apart
from engine.installation.sources import FileKind, Source, kind_of
from engine.installation.sync_words import moves
from engine.loading.home import CALENDAR, yaml_files
from engine.loading.plans import load_plan
from engine.model.plan import Plan
from engine.store.database import reading
from engine.store.sync import SyncResult, preview
from web.authoring.plan import count_assignments
from web.authoring.problems import annotated, counted, lines_of
from web.authoring.sent_over_year import one_of_few
from web.errors import Refused
from web.in_force import home_of
from web.pages import page
from web.security.access import Author, Form, field, site_of
from web.site import Site

router = APIRouter()

LARGEST = 1024 * 1024
MOST_ASSIGNMENTS = 100_000
"""Assignments of one plan up to which the page says what a sync would change."""

SHOWN = 50
_PATIENCE = 10.0  # seconds
_KINDS = {
    "ke-hoach": FileKind.PLAN,
    "luat": FileKind.RULES,
    "don-vi": FileKind.UNITS,
    "lich": FileKind.CALENDAR,
    "phep-thu": FileKind.TESTS,
}
_KIND_NAMES = {
    "ke-hoach": "kế hoạch",
    "luat": "luật nhắc việc",
    "don-vi": "sổ đơn vị",
    "lich": "lịch ngày nghỉ",
    "phep-thu": "phép thử của luật",
}
_FOLDERS = {
    FileKind.PLAN: "plans",
    FileKind.RULES: "rules",
    FileKind.UNITS: "plans/units",
    FileKind.CALENDAR: "rules",
    FileKind.TESTS: "rules/tests",
}
_NO_NAME = "tep-moi.yaml"
_ID = re.compile(rb"^[ \t]+[\"']?id[\"']?[ \t]*:[ \t]*[\"']?([a-z0-9][a-z0-9-]{0,79})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TaskMoves:
    """How many assignments of one task move alike; ``words`` say how, empty where they come or go."""

    task: str
    words: str
    assignments: int


@dataclass(frozen=True, slots=True)
class Moves:
    """What a sync would change for one plan; None of ``result`` where it is too much for a page.
    ``lists`` pair a heading with what stands under it."""

    plan: Plan
    is_new: bool
    assignments: int
    result: SyncResult | None
    lists: tuple[tuple[str, tuple[TaskMoves, ...]], ...] = ()


@router.get("/soan-ke-hoach/kiem-tra")
def ask(request: Request, person: Author) -> HTMLResponse:
    """The form."""
    return _page(request, person, "", "", "")


@router.post("/soan-ke-hoach/kiem-tra")
def check(request: Request, person: Author, form: Form) -> HTMLResponse:
    """The problems of what was sent, at their lines, and what a sync would change."""
    site = site_of(request)
    data, uploaded = _content(form)
    if not data.strip():
        raise Refused(400, "Chưa có nội dung nào để kiểm tra", "Dán nội dung vào ô, hoặc chọn một tệp.")
    if len(data) > LARGEST:
        raise Refused(413, "Nội dung quá lớn: nhiều nhất 1 MB", "Chia kế hoạch thành nhiều tệp.")
    chosen, name = field(form, "loai", most=20), field(form, "ten-tep", most=100) or uploaded
    source = _source(data, _KINDS.get(chosen), name)
    gate = one_of_few(site)
    if not gate.acquire(timeout=_PATIENCE):
        raise Refused(503, "Đang có nhiều lượt kiểm tra khác", "Thử lại sau một phút.", retry_after=60)
    try:
        problems = check_apart(site.home, source)
        is_good = not any(problem.severity is Severity.ERROR for problem in problems)
        moved = _moves(site, source) if is_good and source.kind is FileKind.PLAN else None
    except NotChecked as error:
        raise Refused(422, str(error), "Kiểm tra lại nội dung, hoặc chia thành nhiều tệp.") from error
    finally:
        gate.release()
    text = data.decode("utf-8", errors="replace")
    return _page(request, person, text, chosen, name, checked=source, problems=problems, moved=moved)


def _page(
    request: Request,
    person: Author,
    text: str,
    chosen: str,
    name: str,
    *,
    checked: Source | None = None,
    problems: tuple[Problem, ...] = (),
    moved: Moves | None = None,
) -> HTMLResponse:
    site = site_of(request)
    lines = lines_of(checked.data, checked.shown) if checked else []
    here = [p for p in problems if checked and p.file == checked.shown and p.line]
    return page(
        request,
        "authoring/check.html",
        person=person,
        text=text,
        chosen=chosen,
        name=name,
        kinds=_KIND_NAMES,
        files=[
            shown for folder in ("plans", "plans/units", "rules") for shown in yaml_files(site.home, folder)
        ],
        checked=checked,
        kind_name=_KIND_NAMES[next(k for k, v in _KINDS.items() if v is checked.kind)] if checked else "",
        problems=sorted(problems),
        elsewhere=[p for p in problems if p not in here],
        counted=counted(problems),
        lines=annotated(lines, here),
        total=len(lines),
        moved=moved,
        shown=SHOWN,
    )


def _content(form: FormData) -> tuple[bytes, str]:
    """The bytes that were uploaded, or else pasted, at most one more than a file may have; and the name of
    the uploaded file."""
    upload = form.get("tep")
    if isinstance(upload, UploadFile) and upload.filename:
        name = PurePosixPath(upload.filename.replace("\\", "/")).name
        printable = "".join(c for c in name if c.isprintable())
        return upload.file.read(LARGEST + 1), printable[:100]
    pasted = form.get("noi-dung")
    return (pasted.encode("utf-8", errors="surrogatepass") if isinstance(pasted, str) else b""), ""


def _source(data: bytes, kind: FileKind | None, name: str) -> Source:
    """What is checked, under the name that it would have in the home."""
    own = PurePosixPath(name.replace("\\", "/")).name
    found = kind or kind_of(data, Path(own or _NO_NAME))
    if found is FileKind.CALENDAR:
        own = PurePosixPath(CALENDAR).name
    if not own and found is FileKind.PLAN:
        id = _ID.search(data)
        own = f"{id.group(1).decode('ascii')}.yaml" if id else ""
    own = own or _NO_NAME
    return Source(f"{_FOLDERS[found]}/{own}", Path(own), found, data)


def _moves(site: Site, source: Source) -> Moves | None:
    """What a sync would change; the file has just been checked, so that it can be read in time."""
    home = home_of(site)
    plan, _ = load_plan(source.data, source.shown, home.registry, home.calendar)
    if plan is None:
        return None
    count = count_assignments(plan, home.registry)
    is_new = plan.id not in site.book().plans
    if count > MOST_ASSIGNMENTS:
        return Moves(plan, is_new, count, None)
    with reading(site.engine) as connection:
        result = preview(connection, plan, home.registry)
    lists = (
        ("Thêm", _by_task((id, "") for id in result.added)),
        ("Sửa", _by_task((change.id, moves(change.differs)) for change in result.changed)),
        ("Rút", _by_task((id, "") for id in result.withdrawn)),
        ("Giao lại", _by_task((id, "") for id in result.restored)),
    )
    return Moves(plan, is_new, count, result, lists)


def _by_task(moved: Iterable[tuple[str, str]]) -> tuple[TaskMoves, ...]:
    """Assignments (id and words) of one task that move alike, together."""
    counts = Counter((id.split(":")[1], words) for id, words in moved)
    return tuple(TaskMoves(task, words, count) for (task, words), count in counts.items())
