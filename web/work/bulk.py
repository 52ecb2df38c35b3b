"""One decision about many assignments of a task: all that are chosen, or none when somebody was faster."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection
from starlette.datastructures import FormData

from engine.model.assignment import State
from engine.store.database import writing
from engine.store.events import OVERTAKEN, EventsRefused
from engine.store.work import whole_tasks
from engine.store.work.decisions import decide
from engine.store.work.whole_tasks import Part
from engine.workdays import MissingYear
from web.errors import Refused
from web.security.access import Person
from web.security.access import field as posted
from web.site import Site
from web.work.choices import CONFIRM, REINSTATE, TRIGGER, WITHDRAW, Choice
from web.work.submitting import DAY, WHOLE, End, Typed, event_of, meant_day, number, read

FITTING: dict[Choice, frozenset[State]] = {
    CONFIRM: frozenset({State.REPORTED}),
    TRIGGER: frozenset({State.DORMANT}),
    WITHDRAW: frozenset(State) - {State.WITHDRAWN, State.CONFIRMED},
    REINSTATE: frozenset({State.WITHDRAWN}),
}
"""What may be decided for many at once, and for which of them "all" means it."""

CHOSEN, EVERY = "chon", "tat-ca"
_MOST_NAMED = 10
MOST_AT_ONCE = 5000
"""Decisions that one form may make; more would keep everybody else waiting."""


@dataclass(frozen=True, slots=True)
class Many:
    """A form as it was sent: the decision, about all that fit or about the ones ticked, each with the
    revision that its sender saw; ``print`` stands for "all" as the sender saw them."""

    typed: Typed
    every: bool
    chosen: Mapping[str, int]
    print: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: ``count`` were decided, or ``about`` had changed meanwhile."""

    end: End
    count: int = 0
    about: tuple[str, ...] = ()


def fingerprint(revisions: Mapping[str, int]) -> str:
    """Equal only for the same assignments in the same revisions."""
    lines = "\n".join(f"{id}@{revision}" for id, revision in sorted(revisions.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def read_many(form: FormData) -> Many:
    """What somebody sent. Refused when no decision was chosen or the page was not ours."""
    if not posted(form, "quyet_dinh", most=40):
        raise Refused(400, "Hãy chọn một quyết định", "Quay lại trang rồi chọn.")
    typed = read(form)
    if typed.choice not in FITTING:
        raise Refused(400, "Quyết định này không làm được cho nhiều đơn vị một lúc")
    chosen = {}
    for value in form.getlist("chon"):
        revision, at, id = str(value).partition("@")
        if not at or "\x00" in id:
            raise Refused(400, "Trang này đã cũ nên không được nhận", "Tải lại trang rồi làm lại.")
        chosen[id] = number(revision)
    return Many(
        typed=replace(typed, cures=False),
        every=posted(form, "pham_vi", most=20) == EVERY,
        chosen=chosen,
        print=posted(form, f"vet_{typed.choice.slug}", most=64),
    )


def submit_many(site: Site, person: Person, part: Part, many: Many) -> Ended:
    """Records the decision about all of them in one transaction, or nothing."""
    typed, calendar, now = many.typed, site.calendar, site.now()
    starts = site.book().plans[part.plan].starts
    day = meant_day(typed, starts, site.today(), calendar)
    if not many.every and not many.chosen:
        typed.problems[WHOLE] = "Chưa đánh dấu đơn vị nào; đánh dấu trong bảng, hoặc chọn “Tất cả”"
    if typed.problems:
        return Ended(End.WRONG)
    try:
        with writing(site.engine) as connection:
            ids = _meant(connection, part, many)
            if ids is None:
                connection.rollback()
                return Ended(End.OVERTAKEN)
            if problem := _how_many(len(ids)):
                typed.problems[WHOLE] = problem
                connection.rollback()
                return Ended(End.WRONG)
            events = [event_of(typed, id, day, now, person.account) for id in ids]
            decide(connection, person.actor, events, calendar, now, seen=ids)
    except EventsRefused as error:
        return _refused(site, many, error)
    except MissingYear as error:
        typed.problems[DAY] = f"Lịch làm việc chưa có năm {error.year} nên không tính được ngày"
        return Ended(End.WRONG)
    return Ended(End.RECORDED, len(ids))


def _how_many(count: int) -> str:
    if not count:
        return "Không có việc nào phù hợp với quyết định này"
    if count > MOST_AT_ONCE:
        return (
            f"{count} việc là quá nhiều cho một lần (nhiều nhất {MOST_AT_ONCE}); lọc theo kỳ hoặc mốc trước"
        )
    return ""


def _meant(connection: Connection, part: Part, many: Many) -> Mapping[str, int] | None:
    """The assignments to decide about, each with the revision that was seen; None when "all" are no
    longer the same ones."""
    if not many.every:
        inside = f"{part.plan}:{part.task}:"
        if not all(id.startswith(inside) for id in many.chosen):
            raise Refused(400, "Có việc không thuộc nhiệm vụ này", "Tải lại trang rồi làm lại.")
        return many.chosen
    held = whole_tasks.hold(connection, part, FITTING[many.typed.choice])
    return held if fingerprint(held) == many.print else None


def _refused(site: Site, many: Many, error: EventsRefused) -> Ended:
    ids = list(many.chosen)
    late = tuple(ids[index] for index, reason in error.refusals if OVERTAKEN in reason)
    if late:
        return Ended(End.OVERTAKEN, about=late)
    lines = []
    for _, reason in error.refusals[:_MOST_NAMED]:
        id, _, why = reason.partition(": ")
        unit = id.split(":")[2] if id.count(":") >= 2 else id
        lines.append(f"{site.registry.full_name(unit)}: {why}")
    more = len(error.refusals) - _MOST_NAMED
    lines += [f"và {more} việc khác"] if more > 0 else []
    many.typed.problems[WHOLE] = "Không ghi nhận việc nào, vì: " + "; ".join(lines)
    return Ended(End.WRONG)
