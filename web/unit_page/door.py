"""Who stands behind a link: checked before anything is shown or done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import quote

from sqlalchemy.engine import Connection
from starlette.requests import Request

from engine.notices.notice import Book
from engine.notices.wording import LINK_PATH
from engine.store.access import attempts, links
from engine.store.access.audit import Actor
from engine.store.access.links import Link
from engine.store.database import reading, writing
from engine.store.work import unit_work
from engine.store.work.unit_work import Row, Whose
from engine.units import Registry
from engine.workdays import WorkCalendar
from web.errors import Refused, not_found
from web.security.access import origin_of, site_of
from web.site import Site

_HINT = (
    "Có thể đường dẫn đã hết hạn, đã được thay, hoặc bị chép thiếu. Hãy mở lại từ tin nhắc gần nhất; "
    "nếu vẫn không được, đề nghị văn phòng theo dõi kế hoạch gửi đường dẫn mới."
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request through a link that works. ``path`` is the unit's first page; it holds the token."""

    site: Site
    link: Link
    path: str = field(repr=False)
    origin: str
    now: datetime
    today: date
    book: Book
    mine: Whose

    @property
    def registry(self) -> Registry:
        """The units in force."""
        return self.book.registry

    @property
    def calendar(self) -> WorkCalendar:
        """The calendar in force."""
        return self.site.calendar

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The units that the link is for."""
        return tuple(map(self.registry.full_name, self.link.units))

    @property
    def actor(self) -> Actor:
        """The same for the audit log."""
        return Actor(f"link:{self.link.id}", self.signature(self.link.units), self.origin)

    def signature(self, units: Iterable[str]) -> str:
        """How the history names who speaks for these units."""
        names = "; ".join(map(self.registry.full_name, units))
        return f"{self.link.name} – {names}" if self.link.name else names

    def speaks_as(self, row: Row) -> str:
        """The same for one assignment."""
        promise = row.tracked.promise
        answering = self.book.answering(promise.unit, self.book.plan_of(row.tracked), self.today)
        unit = answering if answering in self.link.units else promise.unit
        return self.signature([unit])

    def path_of(self, id: str, *more: str) -> str:
        """The page of one assignment, or what stands below it."""
        return "/".join((self.path, "viec", quote(id, safe=""), *more))


def enter(request: Request, token: str) -> Visit:
    """The visit behind a token. Refused alike for one that is wrong, expired or revoked; who tries many
    that do not work must wait (a link that works always opens: an office is behind one network address)."""
    site = site_of(request)
    now = site.now()
    with reading(site.engine) as connection:
        link = links.find(connection, token, now)
        if link is not None:
            book = site.book(connection)
            today = site.today()
            mine = unit_work.whose(link.units, book, today)
            path = LINK_PATH + token
            return Visit(site, link, path, origin_of(request), now, today, book, mine)
    with writing(site.engine) as connection:
        until = attempts.admit(connection, [attempts.origin_key(origin_of(request), "link")], now)
    if until is not None:
        wait = max(1, int((until - now).total_seconds()))
        raise Refused(
            429,
            "Có quá nhiều lần mở đường dẫn không dùng được",
            attempts.again_words(until, now),
            retry_after=wait,
        )
    raise Refused(404, "Đường dẫn này không dùng được", _HINT)


def row_of(connection: Connection, visit: Visit, id: str) -> Row:
    """One of the unit's own assignments. Refused (404) for anybody else's, as for one that does not exist."""
    # PostgreSQL takes no NUL in a text.
    known = [id] if id.isprintable() else []
    found = unit_work.some(connection, known, visit.book, visit.calendar, visit.today)
    if found and unit_work.owns(visit.mine, found[0].tracked) and _is_known(visit.book, found[0]):
        return found[0]
    raise not_found("nhiệm vụ này trong danh sách của đơn vị")


def _is_known(book: Book, row: Row) -> bool:
    promise = row.tracked.promise
    plan = book.plans.get(promise.plan)
    return plan is not None and (promise.plan, promise.task) in book.tasks
