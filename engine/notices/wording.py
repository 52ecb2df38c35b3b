"""Dates, spans and counts as Vietnamese readers expect them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from engine.model.assignment import State, Timeliness
from engine.model.deadline import DeadlineKind
from engine.ruleset.rule import Tone
from engine.tracking.assess import Assessment, Tracked

LINK_PATH = "/u/"
"""Where the page of a unit stands below the site's address; a token follows."""

LINK_TO_COME = f"{LINK_PATH}(đường dẫn riêng, tạo khi gửi)"
"""What stands in a stored message where the one that goes out has a link of its own."""

TOKEN_LETTERS = 43
"""Letters of the token that takes the place of the words in brackets."""

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class Heading(StrEnum):
    """The parts of a digest, the gravest first: what stands there is the case, not only the tone."""

    ESCALATED = "Cần chỉ đạo, xử lý"
    OVERDUE = "Đã quá hạn"
    TO_DO = "Cần làm"
    NEW = "Mới giao và để biết"


_COUNTED = {
    Heading.ESCALATED: "việc cần chỉ đạo",
    Heading.OVERDUE: "việc quá hạn",
    Heading.TO_DO: "việc cần làm",
    Heading.NEW: "việc mới",
}


def heading_of(tone: Tone, seen: Assessment | None) -> Heading:
    """Under which heading a notice stands; ``seen`` None for a notice about a whole unit, which speaks
    of its overdue work."""
    if tone is Tone.ESCALATE:
        return Heading.ESCALATED
    if tone is Tone.INFORM:
        return Heading.NEW
    late = seen is None or seen.timeliness is Timeliness.OVERDUE
    return Heading.OVERDUE if late else Heading.TO_DO


def day_name(day: date) -> str:
    """ "thứ Sáu, 31/03/2023" """
    return f"{_WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


def period_name(period: str | None) -> str:
    """ "2022-06" → "tháng 6/2022", "2022-Q2" → "quý II/2022", "2022-W24" → "tuần 24 năm 2022"."""
    if period is None:
        return ""
    year, _, part = period.partition("-")
    if not part:
        return f"năm {year}"
    if part.startswith("Q"):
        return f"quý {('I', 'II', 'III', 'IV')[int(part[1]) - 1]}/{year}"
    if part.startswith("H"):
        return f"6 tháng {'đầu' if part[1] == '1' else 'cuối'} năm {year}"
    if part.startswith("W"):
        return f"tuần {int(part[1:])} năm {year}"
    return f"tháng {int(part)}/{year}" if part.isdigit() else "đột xuất"


def due_words(seen: Assessment) -> str:
    """The due day with its weekday, and where it rolls to: "Chủ nhật, 30/04/2023 (lùi đến …)"."""
    if seen.due is None:
        return ""
    text = day_name(seen.due)
    if seen.rolled is not None and seen.rolled != seen.due:
        text += f", là ngày nghỉ nên tính đến {day_name(seen.rolled)}"
    return text


def standing_words(tracked: Tracked, seen: Assessment) -> str:
    """Where the work stands against its deadline, in working days with calendar days beside them."""
    state = tracked.standing.state
    if state is State.REPORTED:
        return "đơn vị đã báo cáo hoàn thành, chờ xác nhận"
    if state is State.DECLINED:
        return "đơn vị báo không thuộc trách nhiệm"
    if state is State.DORMANT:
        return f"chưa phát sinh ({tracked.promise.trigger})" if tracked.promise.trigger else "chưa phát sinh"
    if seen.timeliness is Timeliness.OVERDUE:
        return f"quá hạn {seen.days_late} ngày làm việc ({-(seen.calendar_days or 0)} ngày)"
    if seen.days_left is not None:
        if seen.days_left == 0 and seen.calendar_days == 0:
            return "đến hạn hôm nay"
        return seen.time_left
    if tracked.promise.kind is DeadlineKind.CONTINUOUS:
        return "thường xuyên"
    if tracked.promise.kind is DeadlineKind.EVENT:
        return "đã phát sinh, chưa ghi thời hạn"
    return "chưa có thời hạn"


def count_words(counts: Mapping[Heading, int]) -> str:
    """Counts first, the gravest first: "3 việc quá hạn, 2 việc cần làm"."""
    return ", ".join(f"{number(n)} {_COUNTED[h]}" for h in Heading if (n := counts.get(h, 0)))


def link_to_come(base_url: str | None) -> str | None:
    """What a message says of the link that it gets when it is sent; None for a site without an address."""
    return base_url and base_url + LINK_TO_COME


def shortened(text: str, most: int) -> str:
    """A text in at most ``most`` letters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def number(value: int) -> str:
    """ "1.234" """
    return f"{value:,}".replace(",", ".")
