"""Who gets whose messages while somebody is away (nhận thay): first and last day included."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.errors import DondocError
from engine.store.database import take_turns
from engine.store.tables import ContactRow, StandInRow
from engine.tracking.progress import local_day

_STAND_IN = StandInRow.__table__  # type: ignore[attr-defined]
_CONTACT = ContactRow.__table__  # type: ignore[attr-defined]
_WORK = 7_219_451

LONGEST = timedelta(days=366)
"""Nobody is away longer; a longer one is a slip in the year."""


class StandInRefused(DondocError):
    """A stand-in that cannot be; nothing was recorded. ``field`` names what is wrong: "deputy",
    "first_day", "last_day", or nothing for the whole."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class StandIn:
    """``deputy`` gets the messages of ``contact`` (numbers of entries of the address book) from
    ``first_day`` to ``last_day``, unless it was ended before."""

    id: int
    contact: int
    deputy: int
    first_day: date
    last_day: date
    reason: str
    created_by: str
    ended_at: datetime | None

    def holds_on(self, day: date) -> bool:
        """Whether messages of ``day`` go to the deputy."""
        return self.ended_at is None and self.first_day <= day <= self.last_day


def holding(connection: Connection, day: date) -> dict[int, int]:
    """The deputy of everybody who is away on ``day``."""
    on_day = (_STAND_IN.c.first_day <= day) & (_STAND_IN.c.last_day >= day)
    query = select(_STAND_IN.c.contact, _STAND_IN.c.deputy).where(on_day & _STAND_IN.c.ended_at.is_(None))
    return {contact: deputy for contact, deputy in connection.execute(query.order_by(_STAND_IN.c.id))}


def who_gets(contact: int, deputies: Mapping[int, int], reachable: Container[int]) -> int:
    """Who gets the messages of ``contact``: the deputy, the deputy's own deputy, and so on.

    The chain ends before a deputy who is no longer in the address book. Where it runs in a circle
    everybody in it is away: the messages stay with the contact. Never silence, never a loop.
    """
    seen = [contact]
    while (following := deputies.get(seen[-1])) is not None and following in reachable:
        if following in seen:
            return contact
        seen.append(following)
    return seen[-1]


def add(
    connection: Connection,
    contact: int,
    deputy: int,
    first_day: date,
    last_day: date,
    reason: str,
    by: str,
    now: datetime,
) -> StandIn:
    """Records that ``deputy`` stands in for ``contact``. StandInRefused for the same person, days in the
    wrong order or over already, a stand-in that overlaps another one of ``contact``, and a circle."""
    take_turns(connection, _WORK)
    if last_day < first_day:
        raise StandInRefused("Ngày cuối phải từ ngày đầu trở đi", "last_day")
    if last_day < local_day(now):
        raise StandInRefused("Ngày cuối đã qua", "last_day")
    if last_day - first_day > LONGEST:
        raise StandInRefused("Dài quá một năm; kiểm tra lại năm", "last_day")
    _check_people(connection, contact, deputy)
    meanwhile = _within(connection, first_day, last_day)
    for other in meanwhile:
        if other.contact == contact:
            raise StandInRefused(
                f"Người này đã có người nhận thay từ {other.first_day:%d/%m/%Y} đến hết "
                f"{other.last_day:%d/%m/%Y}; kết thúc lần đó trước, hoặc chọn ngày khác",
                "first_day",
            )
    if (day := _circle(contact, deputy, first_day, last_day, meanwhile)) is not None:
        raise StandInRefused(
            f"Ngày {day:%d/%m/%Y} người nhận thay cũng vắng, và tin của họ quay vòng về chính người này; "
            "chọn người khác",
            "deputy",
        )
    values = {
        "contact": contact,
        "deputy": deputy,
        "first_day": first_day,
        "last_day": last_day,
        "reason": reason,
        "created_by": by,
        "created_at": now,
    }
    id = connection.execute(insert(_STAND_IN).values(values).returning(_STAND_IN.c.id)).scalar_one()
    return StandIn(id, contact, deputy, first_day, last_day, reason, by, None)


def end(connection: Connection, id: int, now: datetime) -> StandIn:
    """Ends a stand-in at once. StandInRefused when it is over or somebody has ended it already."""
    still = (_STAND_IN.c.id == id) & _STAND_IN.c.ended_at.is_(None) & (_STAND_IN.c.last_day >= local_day(now))
    ended = connection.execute(update(_STAND_IN).where(still).values(ended_at=now)).rowcount
    found = find(connection, id)
    if found is None or not ended:
        raise StandInRefused("Lần nhận thay này đã kết thúc trước đó")
    return found


def find(connection: Connection, id: int) -> StandIn | None:
    """One stand-in by its number."""
    row = connection.execute(select(_STAND_IN).where(_STAND_IN.c.id == id)).mappings().first()
    return _stand_in(row) if row else None


def since(connection: Connection, day: date) -> list[StandIn]:
    """The stand-ins whose last day is ``day`` or later, ended or not, the latest first."""
    query = select(_STAND_IN).where(_STAND_IN.c.last_day >= day)
    query = query.order_by(_STAND_IN.c.first_day.desc(), _STAND_IN.c.id.desc())
    return [_stand_in(row) for row in connection.execute(query).mappings()]


def _check_people(connection: Connection, contact: int, deputy: int) -> None:
    query = select(_CONTACT).where(_CONTACT.c.id.in_([contact, deputy]) & _CONTACT.c.active)
    rows = {row["id"]: row for row in connection.execute(query.with_for_update()).mappings()}
    if contact not in rows:
        raise StandInRefused("Người vắng không còn trong danh bạ")
    if deputy not in rows:
        raise StandInRefused("Người nhận thay không còn trong danh bạ", "deputy")
    own, theirs = (_addresses(rows[id]) for id in (contact, deputy))
    if contact == deputy or own & theirs:
        raise StandInRefused(
            "Người nhận thay phải là người khác, có địa chỉ thư khác và số điện thoại khác", "deputy"
        )


def _addresses(row: RowMapping) -> set[str]:
    return {value for value in (row["email"].lower(), row["phone"], row["zalo"]) if value}


def _within(connection: Connection, first_day: date, last_day: date) -> list[StandIn]:
    """Stand-ins that hold on some of these days."""
    some: ColumnElement[bool] = (_STAND_IN.c.first_day <= last_day) & (_STAND_IN.c.last_day >= first_day)
    query = select(_STAND_IN).where(some & _STAND_IN.c.ended_at.is_(None)).order_by(_STAND_IN.c.id)
    return [_stand_in(row) for row in connection.execute(query).mappings()]


def _circle(
    contact: int, deputy: int, first_day: date, last_day: date, meanwhile: Sequence[StandIn]
) -> date | None:
    """The first day on which the deputy's own messages would end in a circle."""
    # Who is away changes only where a stand-in begins.
    begins = {first_day} | {each.first_day for each in meanwhile if first_day < each.first_day <= last_day}
    for day in sorted(begins):
        deputies = {each.contact: each.deputy for each in meanwhile if each.holds_on(day)}
        passed, current = {contact}, deputy
        while current in deputies and current not in passed:
            passed.add(current)
            current = deputies[current]
        if current in passed:
            return day
    return None


def _stand_in(row: RowMapping) -> StandIn:
    return StandIn(
        id=row["id"],
        contact=row["contact"],
        deputy=row["deputy"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        reason=row["reason"],
        created_by=row["created_by"],
        ended_at=row["ended_at"],
    )
