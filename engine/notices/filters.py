"""The stages that drop notices: each has one reason, takes notices and gives back kept and dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.assignment import Extension
from engine.notices.notice import Drop, Notice, NoticeKey
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.rule import Silence
from engine.tracking.assess import Tracked


@dataclass(frozen=True, slots=True)
class Sieved:
    """What a stage kept and what it dropped."""

    kept: tuple[Notice, ...]
    dropped: tuple[Drop, ...]


def drop_told(notices: Iterable[Notice], told: Collection[NoticeKey]) -> Sieved:
    """Drops what was already told: the occasion is over."""
    kept, dropped = [], []
    for notice in notices:
        if notice.key in told:
            dropped.append(Drop(notice, "told", "Dịp nhắc này đã được báo rồi"))
        else:
            kept.append(notice)
    return Sieved(tuple(kept), tuple(dropped))


def silence_of(tracked: Tracked, today: date) -> Mapping[Silence, str]:
    """The silences that hold for an assignment today, each with its reason in Vietnamese."""
    standing = tracked.standing
    holding: dict[Silence, str] = {}
    if standing.extension is Extension.PENDING:
        holding[Silence.EXTENSION_PENDING] = "Đơn vị đang xin gia hạn, chờ văn phòng trả lời"
    if standing.snoozed_until is not None and today < standing.snoozed_until:
        holding[Silence.SNOOZED] = f"Văn phòng tạm ngừng nhắc đến ngày {standing.snoozed_until:%d/%m/%Y}"
    if (
        standing.extension is Extension.GRANTED
        and standing.extension_to is not None
        and standing.due is None
        and today <= standing.extension_to
    ):
        # Granted after the deadline: it stays late, but nobody chases before the day that was granted.
        holding[Silence.PAUSED] = f"Đã cho lùi đến ngày {standing.extension_to:%d/%m/%Y}"
    return holding


def drop_silenced(notices: Iterable[Notice], tracked: Tracked, ruleset: RuleSet, today: date) -> Sieved:
    """Drops notices of rules that keep quiet (``unless``) while one of their silences holds."""
    holding = silence_of(tracked, today)
    if not holding:
        return Sieved(tuple(notices), ())
    kept, dropped = [], []
    for notice in notices:
        reasons = [holding[s] for s in ruleset.by_id[notice.rule].unless if s in holding]
        if reasons:
            dropped.append(Drop(notice, "silenced", "; ".join(sorted(reasons))))
        else:
            kept.append(notice)
    return Sieved(tuple(kept), tuple(dropped))


def drop_inhibited(notices: Sequence[Notice], ruleset: RuleSet) -> Sieved:
    """Of notices about one subject, drops to each recipient those that another one replaces."""
    if len(notices) < 2:
        return Sieved(tuple(notices), ())
    by_recipient: dict[str, list[Notice]] = {}
    for notice in notices:
        by_recipient.setdefault(notice.recipient, []).append(notice)
    kept, dropped = [], []
    for notice in notices:
        rules = {n.rule for n in by_recipient[notice.recipient]}
        replaced = ruleset.inhibited(rules) if len(rules) > 1 else {}
        if notice.rule in replaced:
            by = replaced[notice.rule]
            dropped.append(Drop(notice, "inhibited", f"Luật “{by}” đã báo việc này cho cùng người nhận"))
        else:
            kept.append(notice)
    return Sieved(tuple(kept), tuple(dropped))
