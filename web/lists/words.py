"""The lists in words: their names, the choices of their filters, and one row as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.assignment import State, Timeliness
from engine.model.unit import Level
from engine.notices.notice import Book
from engine.notices.wording import period_name
from engine.store.lists.filters import Kind, Lateness, Mark, Order
from engine.store.lists.page import Row
from engine.tracking.assess import TIMELINESS_NAMES
from engine.tracking.next_step import next_step
from engine.tracking.progress import STATE_NAMES

PATHS: Mapping[Kind, str] = {
    Kind.OVERDUE: "/qua-han",
    Kind.DUE_SOON: "/sap-den-han",
    Kind.AWAITING: "/cho-xac-nhan",
    Kind.ALL: "/tat-ca",
}
TITLES: Mapping[Kind, str] = {
    Kind.OVERDUE: "Nhiệm vụ quá hạn",
    Kind.DUE_SOON: "Nhiệm vụ sắp đến hạn",
    Kind.AWAITING: "Nhiệm vụ chờ xác nhận",
    Kind.ALL: "Tất cả nhiệm vụ",
}
SHORT_TITLES: Mapping[Kind, str] = {
    Kind.OVERDUE: "Quá hạn",
    Kind.DUE_SOON: "Sắp đến hạn",
    Kind.AWAITING: "Chờ xác nhận",
    Kind.ALL: "Tất cả",
}
LATENESS: Mapping[str, Lateness] = {
    "den-7": Lateness.SHORT,
    "8-30": Lateness.MIDDLE,
    "tren-30": Lateness.LONG,
}
LATENESS_NAMES: Mapping[Lateness, str] = {
    Lateness.SHORT: "chậm đến 7 ngày làm việc",
    Lateness.MIDDLE: "chậm 8–30 ngày làm việc",
    Lateness.LONG: "chậm trên 30 ngày làm việc",
}
MARKS: Mapping[str, Mark] = {
    "chua-tiep-nhan": Mark.SILENT,
    "xin-gia-han": Mark.EXTENSION,
    "khong-thuoc": Mark.DECLINED,
    "cho-xac-nhan": Mark.AWAITING,
    "chua-co-han": Mark.UNDATED,
}
MARK_NAMES: Mapping[Mark, str] = {
    Mark.SILENT: "đơn vị chưa tiếp nhận",
    Mark.EXTENSION: "đang xin gia hạn",
    Mark.DECLINED: "đơn vị báo không thuộc trách nhiệm",
    Mark.AWAITING: "đã báo cáo, chờ xác nhận",
    Mark.UNDATED: "chưa có thời hạn",
}
STATES: Mapping[str, State] = {
    "chua-phat-sinh": State.DORMANT,
    "chua-bat-dau": State.NOT_STARTED,
    "da-nhan": State.RECEIVED,
    "dang-thuc-hien": State.IN_PROGRESS,
    "da-bao-cao": State.REPORTED,
    "bi-tra-lai": State.RETURNED,
    "da-hoan-thanh": State.CONFIRMED,
    "khong-thuoc": State.DECLINED,
    "da-rut": State.WITHDRAWN,
}
LEVELS: Mapping[str, Level] = {"tinh": "province", "huyen": "district", "xa": "commune", "thon": "village"}
LEVEL_NAMES: Mapping[Level, str] = {
    "province": "cấp tỉnh",
    "district": "cấp huyện",
    "commune": "cấp xã",
    "village": "thôn, tổ dân phố",
}
ORDERS: Mapping[str, Order] = {
    "han": Order.DUE,
    "moi": Order.NEWEST,
    "don-vi": Order.UNIT,
    "cho-lau": Order.WAITED,
}
ORDER_NAMES: Mapping[Order, str] = {
    Order.DUE: "hạn sớm nhất trước",
    Order.NEWEST: "hạn muộn nhất trước",
    Order.UNIT: "theo đơn vị",
    Order.WAITED: "chờ lâu nhất trước",
}
_LONGEST = 240
_LATE = frozenset({Timeliness.OVERDUE, Timeliness.DONE_LATE})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list in words. ``rolled`` is None where the deadline counts on its own day;
    ``cut`` says that ``title`` is only the beginning."""

    number: int
    id: str
    stt: str
    plan_number: str
    issued: date | None
    title: str
    cut: bool
    unit: str
    coordinating: str
    helped: int
    helping: int
    due: date | None
    rolled: date | None
    lateness: str
    tone: str
    working_days: int | None
    calendar_days: int | None
    state: str
    since: date | None
    last_word: str
    last_word_at: datetime | None
    reminders: int
    extensions: int
    next_step: str


def line(row: Row, book: Book, today: date, *, whole: bool = False) -> Line:
    """A row in words; its title is cut to what a table holds unless ``whole``."""
    tracked, seen = row.tracked, row.seen
    promise, standing = tracked.promise, tracked.standing
    plan, task = book.plan_of(tracked), book.tasks.get((promise.plan, promise.task))
    title = task.heading(promise.milestone) if task else promise.task
    if promise.period:
        title += f" ({period_name(promise.period)})"
    cut = len(title) > _LONGEST and not whole
    due = seen.due if seen else standing.due or promise.due
    rolled = seen.rolled if seen else standing.rolled or promise.rolled
    overdue = seen is not None and seen.timeliness is Timeliness.OVERDUE
    days = -(seen.calendar_days or 0) if seen and overdue else None
    return Line(
        number=row.number,
        id=promise.id,
        stt=((task.stt if task else None) or "").rstrip(" ."),
        plan_number=plan.number,
        issued=plan.issued,
        title=title[:_LONGEST].rstrip() + "…" if cut else title,
        cut=cut,
        unit=book.registry.full_name(promise.unit),
        coordinating=task.coordinating if task else "",
        helped=row.helped,
        helping=row.helping,
        due=due,
        rolled=rolled if rolled != due else None,
        lateness=lateness(row),
        tone=_tone(row),
        working_days=seen.days_late if seen and overdue else None,
        calendar_days=days,
        state=STATE_NAMES[standing.state],
        since=standing.since,
        last_word=standing.last_word or "",
        last_word_at=standing.last_word_at,
        reminders=row.reminders,
        extensions=row.extensions,
        next_step=next_step(tracked, seen, today),
    )


def lateness(row: Row) -> str:
    """How an assignment stands against its deadline, in working days with all days beside them."""
    seen = row.seen
    if seen is None:
        return "chưa tính được: lịch làm việc thiếu năm"
    if seen.timeliness is Timeliness.OVERDUE:
        return f"{seen.days_late} ngày làm việc ({-(seen.calendar_days or 0)} ngày)"
    if seen.timeliness is Timeliness.DONE_LATE:
        return f"xong, chậm {seen.days_late} ngày làm việc"
    if seen.days_left is None:
        return TIMELINESS_NAMES[seen.timeliness]
    if seen.calendar_days == 0:
        return "hạn là hôm nay"
    return seen.time_left


def _tone(row: Row) -> str:
    seen = row.seen
    if seen is None:
        return ""
    if seen.timeliness in _LATE:
        return "late"
    return {Timeliness.DUE_SOON: "soon", Timeliness.DONE_ON_TIME: "done"}.get(seen.timeliness, "")
