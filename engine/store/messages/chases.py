"""What the office chased (đôn đốc), in the database: once for each unit and day."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, RowMapping

from engine.notices.notice import CHASED
from engine.store.database import insert_ignoring
from engine.store.messages.notices import Stored, stored
from engine.store.sync import chunks
from engine.store.tables import ChaseRow, MessageNoticeRow, MessageRow, NoticeRow

_CHASE = ChaseRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Chase:
    """One unit chased on one day: about which assignments, with which words, by whom."""

    id: int
    unit: str
    day: date
    assignments: tuple[str, ...]
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Carrier:
    """A message that carries notices of a chase; ``address`` is personal data, to be shown masked."""

    id: str
    channel: str
    address: str
    state: str
    in_doubt: bool
    subject: str
    text: str
    sent_at: datetime | None


def occasion_of(day: date) -> str:
    """The occasion of the notices of a chase on ``day``."""
    return f"{CHASED}@{day:%Y-%m-%d}"


def begin(
    connection: Connection,
    unit: str,
    day: date,
    assignments: Sequence[str],
    words: str,
    by: str,
    now: datetime,
) -> int | None:
    """Notes that ``unit`` is chased on ``day``; None when somebody did so already that day.

    Whoever does the same at this moment is waited for: of two one wins. Begin units in the order of
    their ids, so that two who wait for each other do not wait for ever.
    """
    values = {
        "unit": unit,
        "day": day,
        "assignments": json.dumps(list(assignments), ensure_ascii=False),
        "words": words,
        "created_by": by,
        "created_at": now,
    }
    taken = connection.execute(insert_ignoring(connection, _CHASE), values)
    if taken.rowcount != 1:
        return None
    mine = select(_CHASE.c.id).where((_CHASE.c.unit == unit) & (_CHASE.c.day == day))
    return int(connection.execute(mine).scalar_one())


def on_day(connection: Connection, day: date, units: Collection[str]) -> dict[str, Chase]:
    """Which of ``units`` were chased on ``day``."""
    found = {}
    for chunk in chunks(sorted(units), 500):
        query = select(_CHASE).where((_CHASE.c.day == day) & _CHASE.c.unit.in_(chunk))
        for row in connection.execute(query).mappings():
            found[row["unit"]] = _chase(row)
    return found


def find(connection: Connection, id: int) -> Chase | None:
    """One chase by its number."""
    row = connection.execute(select(_CHASE).where(_CHASE.c.id == id)).mappings().first()
    return _chase(row) if row else None


def latest(connection: Connection, most: int, skip: int = 0) -> list[Chase]:
    """The chases so far, newest first."""
    query = select(_CHASE).order_by(_CHASE.c.id.desc()).limit(most).offset(skip)
    return [_chase(row) for row in connection.execute(query).mappings()]


def count(connection: Connection) -> int:
    """How many chases there were."""
    return connection.execute(select(func.count()).select_from(_CHASE)).scalar_one()


def notices_of(connection: Connection, chase: Chase) -> list[Stored]:
    """The notices that a chase raised."""
    found = []
    for chunk in chunks(chase.assignments, 500):
        mine = (_NOTICE.c.rule == CHASED) & (_NOTICE.c.occasion == occasion_of(chase.day))
        mine &= (_NOTICE.c.recipient == chase.unit) & _NOTICE.c.assignment.in_(chunk)
        query = select(_NOTICE).where(mine).order_by(_NOTICE.c.id)
        found += [stored(row) for row in connection.execute(query).mappings()]
    return found


def carriers(connection: Connection, notices: Collection[int]) -> list[Carrier]:
    """The messages that carry any of ``notices``, in the order of their ids."""
    found: dict[str, Carrier] = {}
    for chunk in chunks(sorted(notices), 500):
        query = (
            select(_MESSAGE)
            .join(_LINK, _LINK.c.message == _MESSAGE.c.id)
            .where(_LINK.c.notice.in_(chunk))
            .distinct()
        )
        for row in connection.execute(query).mappings():
            found[row["id"]] = Carrier(**{each.name: row[each.name] for each in fields(Carrier)})
    return [found[id] for id in sorted(found)]


def _chase(row: RowMapping) -> Chase:
    return Chase(
        id=row["id"],
        unit=row["unit"],
        day=row["day"],
        assignments=tuple(json.loads(row["assignments"])),
        words=row["words"],
        by=row["created_by"],
        at=row["created_at"],
    )
