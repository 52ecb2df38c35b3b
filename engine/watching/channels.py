"""How each channel is, in the words of the office: list, desk, ``dondoc doctor`` and figures ask here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.engine import Connection

from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.messages import channel_figures as figures
from engine.store.messages import channel_states, refusals
from engine.store.messages.channel_states import OPEN, RESTING, STOPPED, ChannelState
from engine.store.messages.desk import DeskState
from engine.tracking.progress import VIETNAM
from notifiers.registry import KINDS, kind_of

STATE_WORDS = {OPEN: "đang dùng", RESTING: "đang nghỉ", STOPPED: "đã dừng"}

_MONEY = frozenset({-115, -137})
"""ZNS: the account has no money left, or its package is used up."""


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel now. ``state`` is open | resting | stopped, as it holds at this instant; ``since`` is when
    it became so, ``until`` when a rest ends, ``detail`` one Vietnamese line on why, ``advice`` what to do.

    ``waiting`` counts its queued messages, the ``oldest`` made at that instant; ``in_doubt`` those of which
    nobody knows whether they arrived. ``remaining`` is what the far end said today that it still takes,
    None where it said nothing. ``cost`` is this month's, in đồng. ``refused`` counts addresses.
    """

    name: str
    title: str
    configured: bool
    state: str
    since: datetime | None
    until: datetime | None
    failures: int
    code: int | None
    detail: str
    advice: str
    waiting: int
    oldest: datetime | None
    in_doubt: int
    failed: int
    sent_today: int
    remaining: int | None
    remaining_at: datetime | None
    cost: int
    refused: int

    @property
    def state_words(self) -> str:
        """The state in Vietnamese."""
        return STATE_WORDS[self.state]


def use_again(connection: Connection, actor: Actor, name: str, now: datetime) -> bool:
    """A person has put things right: the channel goes on at the next pass, and the audit log says who. False
    when it neither rests nor is stopped."""
    before = channel_states.everything(connection).get(name)
    if before is None or not channel_states.resume(connection, name, now):
        return False
    was = {"state": before.state, "code": before.code, "detail": before.detail}
    audit.append(
        connection, actor, "channel.resume", f"channel:{name}", now, before=was, after={"state": OPEN}
    )
    return True


def title_of(name: str) -> str:
    """What people call a channel; its own name where it is not (or no longer) known."""
    kind = kind_of(name)
    return kind.title if kind is not None else name


def midnight_before(now: datetime) -> datetime:
    """When today began in Viet Nam."""
    return datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)


def month_before(now: datetime) -> datetime:
    """When this month began in Viet Nam."""
    return datetime.combine(now.astimezone(VIETNAM).date().replace(day=1), time(), VIETNAM)


def channels_now(connection: Connection, configured: Collection[str], now: datetime) -> list[ChannelView]:
    """Every channel that is configured, was ever used, or has messages, in the registry's order."""
    known = channel_states.everything(connection)
    by_state: Counter[tuple[str, DeskState]] = Counter()
    oldest: dict[str, datetime] = {}
    for each in figures.unsettled(connection):
        by_state[each.channel, each.state] += each.messages
        if each.state is DeskState.WAITING:
            oldest[each.channel] = min(each.oldest, oldest.get(each.channel, each.oldest))
    sent = figures.sent_since(connection, midnight_before(now))
    cost = figures.cost_since(connection, month_before(now))
    refused = Counter(channel for channel, _ in refusals.everything(connection))
    names = {*configured, *known, *(name for name, _ in by_state), *sent, *cost} - {"none"}
    found = []
    for name in sorted(names, key=_place):
        state = known.get(name)
        holds = state is not None and not state.takes(now)
        today = said_today(state, now)
        found.append(
            ChannelView(
                name=name,
                title=title_of(name),
                configured=name in configured,
                state=state.state if state is not None and holds else OPEN,
                since=state.changed_at if state is not None and holds else None,
                until=state.until if state is not None and holds and state.state == RESTING else None,
                failures=state.failures if state is not None else 0,
                code=state.code if state is not None and holds else None,
                detail=state.detail if state is not None and holds else "",
                advice=advice_on(state) if state is not None and holds else "",
                waiting=by_state[name, DeskState.WAITING],
                oldest=oldest.get(name),
                in_doubt=by_state[name, DeskState.UNKNOWN],
                failed=by_state[name, DeskState.FAILED],
                sent_today=sent.get(name, 0),
                remaining=state.remaining if state is not None and today else None,
                remaining_at=state.remaining_at if state is not None and today else None,
                cost=cost.get(name, 0),
                refused=refused[name],
            )
        )
    return found


def advice_on(state: ChannelState) -> str:
    """What a person can do about a channel that rests or is stopped, in Vietnamese."""
    if state.state == RESTING:
        return "Không phải làm gì: hết giờ nghỉ kênh tự thử lại. Đã sửa xong thì có thể cho dùng lại ngay."
    if state.code in _MONEY:
        return "Nạp tiền hoặc gia hạn gói ở tài khoản Zalo, rồi cho kênh dùng lại."
    what = {
        "email": "Kiểm tra DONDOC_SMTP_URL: tên máy chủ, tài khoản, mật khẩu",
        "zalo": "Kiểm tra DONDOC_ZALO_BOT_TOKEN và trạng thái của bot trên Zalo",
        "zns": "Kiểm tra tài khoản Zalo OA, mẫu tin và khóa (xem: dondoc doctor)",
    }.get(state.channel, "Kiểm tra cấu hình của kênh")
    return f"{what}, rồi cho kênh dùng lại."


def _place(name: str) -> tuple[int, str]:
    order = [kind.name for kind in KINDS]
    return (order.index(name) if name in order else len(order), name)


def said_today(state: ChannelState | None, now: datetime) -> bool:
    """Whether the number of messages that remain is about today."""
    return state is not None and state.remaining_at is not None and state.remaining_at >= midnight_before(now)
