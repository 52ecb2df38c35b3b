"""What became of notices: the messages that carried them and each attempt to send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.engine import Connection

from engine.ruleset.rule import Role, Tone
from engine.store.messages.outbox import FAILED, NO_ADDRESS, QUEUED, SENDING, SENT
from engine.store.people.contacts import EMAIL
from engine.store.tables import AssignmentRow, DeliveryRow, MessageNoticeRow, MessageRow, NoticeRow
from engine.store.views import end_of_day
from engine.tracking.progress import VIETNAM
from notifiers.address import masked
from notifiers.registry import kind_of

_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_LINK = MessageNoticeRow.__table__  # type: ignore[attr-defined]
_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]
_DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]

_STATES = {
    QUEUED: "đang chờ gửi",
    SENDING: "đang gửi",
    SENT: "đã gửi",
    FAILED: "không gửi được",
    NO_ADDRESS: "chưa có địa chỉ nào dùng được",
}
OUTCOME_NAMES = {
    "sent": "nơi nhận đã nhận",
    "temporary": "lỗi tạm thời",
    "permanent": "bị từ chối",
    "unknown": "không rõ đã đến hay chưa",
    "sending": "đang gửi",
}


def delivery_words(connection: Connection, notice: int) -> str:
    """Where the messages of a notice stand, with each attempt, addresses masked."""
    query = (
        select(_MESSAGE)
        .join(_LINK, _LINK.c.message == _MESSAGE.c.id)
        .where(_LINK.c.notice == notice)
        .order_by(_MESSAGE.c.id)
    )
    lines = []
    for row in connection.execute(query).mappings():
        kind = kind_of(row["channel"])
        by = f" qua {kind.title}" if kind is not None and row["channel"] != EMAIL else ""
        shown = masked(row["channel"], row["address"])
        to = f"{by} tới {shown}" if shown else ""
        line = f"Tin {row['id']}{to}: {_STATES.get(row['state'], row['state'])}"
        if row["sent_at"] is not None:
            line += f" lúc {row['sent_at'].astimezone(VIETNAM):%H:%M %d/%m/%Y}"
        tries = select(_DELIVERY).where(_DELIVERY.c.message == row["id"]).order_by(_DELIVERY.c.id)
        for attempt in connection.execute(tries).mappings():
            code = f" (mã {attempt['code']})" if attempt["code"] else ""
            outcome = OUTCOME_NAMES.get(attempt["outcome"], attempt["outcome"])
            line += f"; lần {attempt['attempt']}: {outcome}{code}"
        lines.append(line + ".")
    return " ".join(lines)


def notices_of_message(connection: Connection, message: str) -> list[int]:
    """The numbers of the notices that a message carries."""
    query = select(_LINK.c.notice).where(_LINK.c.message == message).order_by(_LINK.c.notice)
    return list(connection.execute(query).scalars())


def reminder_counts(connection: Connection, ids: Sequence[str], until: date | None = None) -> dict[str, int]:
    """How often the unit in the lead was reminded of each assignment, to the end of the day ``until``:
    notices whose message was sent; one that waits or failed reminded nobody. A lead that also watches the
    plan hears some of them as its monitor."""
    if not ids:
        return {}
    # Not the bare column: SQLite would start from all sent messages by their index, for each notice anew.
    went_out = func.coalesce(_MESSAGE.c.state, "") == SENT
    sent = (_LINK.c.notice == _NOTICE.c.id) & (_MESSAGE.c.id == _LINK.c.message) & went_out
    if until is not None:
        sent &= _MESSAGE.c.sent_at < end_of_day(until)
    to_the_lead = (_ASSIGNMENT.c.id == _NOTICE.c.assignment) & (_ASSIGNMENT.c.unit == _NOTICE.c.recipient)
    query = (
        select(_NOTICE.c.assignment, func.count())
        .where(_NOTICE.c.tone != Tone.INFORM.value)
        .where((_NOTICE.c.role == Role.LEAD.value) | exists().where(to_the_lead))
        .where(exists().where(sent))
        .group_by(_NOTICE.c.assignment)
    )
    if len(ids) <= 500:
        query = query.where(_NOTICE.c.assignment.in_(ids))
    # Of many assignments all are counted at once: PostgreSQL would go through all messages for each chunk.
    wanted = set(ids)
    return {assignment: n for assignment, n in connection.execute(query) if assignment in wanted}
