"""A short message to one person that somebody asks for, to see at once whether it arrives (gửi thử).

It is none of the ledger's messages. What became of it stands in the audit log, from where it is shown again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.exchange.channel_order import CHANNEL_TITLES
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.messages import refusals
from engine.store.messages.channel_states import RESTING, STOPPED, ChannelState
from engine.store.messages.refusals import Refusal
from engine.store.tables import AuditRow
from engine.tracking.progress import VIETNAM
from notifiers import facts
from notifiers.address import Address
from notifiers.channel import Channel
from notifiers.errors import MessageError
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status

ACTION = "contact.trial"
"""What the audit log calls it."""

SKIPPED = "skipped"
"""Stands for the outcome where a channel was not tried."""

SUBJECT = "Tin thử: địa chỉ này nhận tin nhắc việc"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the message on one channel: a Status or SKIPPED, whose trouble it was, the channel's own
    number, one Vietnamese line."""

    channel: str
    outcome: str
    cause: str = ""
    code: int | None = None
    detail: str = ""
    address: str = field(default="", repr=False)

    @property
    def ends(self) -> bool:
        """Whether no further channel is tried: the person has the message, or may have it."""
        return self.outcome in (Status.SENT, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Told:
    """A trial of a while ago, as the audit log has it."""

    at: datetime
    trials: tuple[Trial, ...]


def try_ways(
    channels: Mapping[str, Channel],
    states: Mapping[str, ChannelState],
    ways: Sequence[tuple[str, str]],
    units: str,
    now: datetime,
) -> list[Trial]:
    """Sends one message along ``ways`` (channel and address, the preferred one first) until a channel takes
    it or may have taken it. ``units`` names for whom the person is told.

    Takes as long as the channels' own time limits; call it outside of a transaction. A channel that rests or
    has stopped is left alone.
    """
    id = f"thu-{now.astimezone(VIETNAM):%Y%m%d}-{secrets.token_hex(8)}"
    found: list[Trial] = []
    for name, address in ways:
        channel = channels.get(name)
        closed = "chưa khai kênh này trong cấu hình" if channel is None else _closed(channel, states, now)
        if channel is None or closed:
            found.append(Trial(name, SKIPPED, detail=closed, address=address))
            continue
        outcome = _sent(channel, id, address, units, now)
        cause = outcome.cause or ""
        found.append(Trial(name, outcome.status, cause, outcome.code, outcome.detail, address))
        if found[-1].ends:
            break
    return found


def record(
    connection: Connection, contact: int, trials: Sequence[Trial], actor: Actor, now: datetime
) -> None:
    """Notes what became of it: an address that was refused, or that is refused no more, and the audit log."""
    for each in trials:
        if each.outcome == Status.SENT:
            refusals.clear(connection, each.channel, each.address)
        elif (each.outcome, each.cause) == (Status.PERMANENT, Cause.RECIPIENT):
            refused = Refusal(each.channel, each.address, each.code, each.detail, "", now)
            refusals.record(connection, refused)
    tried = [
        {
            "channel": each.channel,
            "outcome": str(each.outcome),
            "cause": str(each.cause),
            "code": each.code,
            # What a server says of a person stands with the refusal, where it can be erased.
            "detail": "" if each.cause == Cause.RECIPIENT else each.detail,
        }
        for each in trials
    ]
    audit.append(connection, actor, ACTION, f"contact:{contact}", now, after={"tried": tried})


def last_told(connection: Connection, contact: int) -> Told | None:
    """The latest trial to a contact."""
    rows = AuditRow.__table__  # type: ignore[attr-defined]
    own = (rows.c.subject == f"contact:{contact}") & (rows.c.action == ACTION)
    query = select(rows.c.at, rows.c.after).where(own).order_by(rows.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Told(row.at, tuple(Trial(**each) for each in json.loads(row.after)["tried"]))


def words(trial: Trial) -> str:
    """What became of it, for the person who asked: one Vietnamese line."""
    return f"{CHANNEL_TITLES.get(trial.channel, trial.channel)}: {_what(trial)}"


def arrived(trials: Sequence[Trial]) -> bool:
    """Whether some channel took the message."""
    return any(each.outcome == Status.SENT for each in trials)


def _what(trial: Trial) -> str:
    why = f": {trial.detail.rstrip('.')}" if trial.detail else ""
    match trial.outcome:
        case Status.SENT:
            look = "; chưa thấy thì xem cả hộp thư rác" if trial.channel == "email" else ""
            return f"đã gửi{look}."
        case Status.UNKNOWN:
            return f"chưa rõ đã đến hay chưa{why}. Xem hộp tin trước khi gửi thử lại."
        case Status.TEMPORARY:
            return f"lúc này chưa gửi được, lát nữa thử lại{why}."
        case Status.PERMANENT if trial.cause == Cause.RECIPIENT:
            code = f" (mã {trial.code})" if trial.code is not None and not why else ""
            return f"từ chối địa chỉ này{code}{why}."
        case Status.PERMANENT if trial.cause == Cause.MESSAGE:
            return f"không nhận tin này{why}."
        case Status.PERMANENT:
            return f"kênh chưa dùng được, người quản trị cần xem lại{why}."
        case _:
            return f"chưa thử{why}."


def _closed(channel: Channel, states: Mapping[str, ChannelState], now: datetime) -> str:
    """Why a channel is left alone now; empty when it is open."""
    state = states.get(channel.name)
    if state is not None and state.state == STOPPED:
        return f"kênh đang dừng ({state.detail})" if state.detail else "kênh đang dừng"
    until = channel.closed_until(now)
    if state is not None and state.state == RESTING and state.until is not None and state.until > now:
        until = max(until, state.until) if until else state.until
    return f"kênh nghỉ đến {until.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if until and until > now else ""


def _sent(channel: Channel, id: str, address: str, units: str, now: datetime) -> Outcome:
    local = now.astimezone(VIETNAM)
    day = f"{local:%d/%m/%Y}"
    text = (
        f"Đây là tin thử của phần mềm đôn đốc nhiệm vụ, gửi lúc {local:%H:%M} ngày {day}.\n\n"
        f"Tin nhắc việc của {units} sẽ đến địa chỉ này. Anh/chị không phải làm gì."
    )
    values = {
        facts.RECIPIENT: units,
        facts.COUNT: "0",
        facts.OVERDUE: "0",
        facts.NEAREST: day,  # a template may take nothing but a date here
        facts.DAY: day,
        facts.CODE: id[:15],
        # Not empty: a template whose button needs it takes no message without. It opens a page that says so.
        facts.LINK: "tin-thu",
    }
    try:
        message = OutgoingMessage(id, Address(address), SUBJECT, text, now, facts=values)
    except MessageError as error:
        return Outcome(Status.PERMANENT, detail=str(error), cause=Cause.MESSAGE)
    try:
        return channel.send(message)
    except Exception as error:  # noqa: BLE001 - a channel that breaks its word is told of, not thrown
        return Outcome(Status.UNKNOWN, detail=f"Kênh gửi gặp lỗi ngoài dự kiến ({type(error).__name__})")
