"""The words of a summary: how the plans of an office stood at the end of a week or a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from engine.model.facts import PlanFacts
from engine.notices.period import Period
from engine.notices.wording import number

NOTHING_OVERDUE = "Không có việc nào quá hạn"

MOST_NAMES = 5
"""Units that a summary names at most; the rest is counted."""

MOST_PLANS = 20
"""Plans that a summary shows one by one; the rest is counted."""

MOST_LETTERS = 120
"""Letters of the title of a plan that has no number."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of assignments: ``doing`` are owed and not overdue, ``due`` of them fall due in the running
    period; ``overdue`` today, ``newly`` of them since the period began; ``on_time`` and ``late`` were done
    in the period; ``waiting`` for the office's confirmation, ``asking`` for an extension."""

    doing: int = 0
    due: int = 0
    overdue: int = 0
    newly: int = 0
    on_time: int = 0
    late: int = 0
    waiting: int = 0
    asking: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)))


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """One plan by the name that messages use."""

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that one summary says. ``counted`` is False on paper (simulation), where only the period is
    known. ``worst`` are the units with most overdue, the worst first. ``file`` is the name of the list that
    goes along, ``listed`` how many rows it has."""

    period: Period
    counted: bool = False
    plans: tuple[PlanFigures, ...] = ()
    worst: tuple[tuple[str, int], ...] = ()
    undelivered: int = 0
    stopped: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    file: str = ""
    listed: int = 0

    @property
    def total(self) -> Figures:
        """All plans together."""
        return sum((plan.figures for plan in self.plans), Figures())

    @property
    def title(self) -> str:
        """ "Tổng hợp tuần 24 (12/06–18/06/2023)" """
        return f"Tổng hợp {self.period.title}"

    @property
    def headline(self) -> str:
        """All of it in one line, for channels that carry no more."""
        if not self.counted:
            return self.title
        all_plans = self.total
        newly = f" ({number(all_plans.newly)} mới)" if all_plans.newly else ""
        late = f" ({number(all_plans.late)} quá hạn)" if all_plans.late else ""
        return (
            f"{self.title}: {number(all_plans.doing)} việc chưa quá hạn, {number(all_plans.due)} đến hạn "
            f"{self.period.now}, {number(all_plans.overdue)} quá hạn{newly}, "
            f"{number(all_plans.on_time + all_plans.late)} hoàn thành{late}"
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The figures as sentences; what is nought and nobody misses is left out."""
        if not self.counted:
            return ("Số liệu được tính khi gửi.",)
        return (*self._work(), *self._office(), *self._list())

    @property
    def plan_lines(self) -> tuple[str, ...]:
        """Each plan in one line where there are several."""
        if len(self.plans) < 2:
            return ()
        lines = [f"{plan.name}: {_in_short(plan.figures, self.period)}" for plan in self.plans[:MOST_PLANS]]
        more = len(self.plans) - len(lines)
        return (*lines, f"… và {number(more)} kế hoạch khác") if more else tuple(lines)

    @property
    def worst_lines(self) -> tuple[str, ...]:
        """The units with most overdue."""
        return tuple(f"{name}: {number(count)} việc" for name, count in self.worst)

    def _work(self) -> list[str]:
        all_plans, period = self.total, self.period
        since = f"từ ngày {period.first:%d/%m/%Y}"
        newly = f", trong đó {number(all_plans.newly)} việc mới quá hạn {since}" if all_plans.newly else ""
        what = self.plans[0].name if len(self.plans) == 1 else f"{number(len(self.plans))} kế hoạch"
        due = f"{number(all_plans.due)} việc đến hạn"
        doing = f"{what}: {number(all_plans.doing)} việc chưa quá hạn, {due}"
        done = f"{number(all_plans.on_time)} việc đúng hạn, {number(all_plans.late)} việc quá hạn"
        lines = [
            f"{doing} {period.now} (đến hết ngày {period.until:%d/%m/%Y})",
            f"Quá hạn: {number(all_plans.overdue)} việc{newly}" if all_plans.overdue else NOTHING_OVERDUE,
            f"Hoàn thành trong kỳ: {done}",
        ]
        if all_plans.waiting:
            lines.append(f"Chờ xác nhận kết quả: {number(all_plans.waiting)} việc")
        if all_plans.asking:
            lines.append(f"Đang xin gia hạn: {number(all_plans.asking)} việc")
        return lines

    def _office(self) -> list[str]:
        lines = []
        if self.undelivered:
            lines.append(
                f"Tin trong kỳ không gửi được hoặc không rõ đã đến hay chưa: {number(self.undelivered)}"
            )
        if self.stopped:
            lines.append(f"Kênh gửi đang dừng: {', '.join(self.stopped)}")
        if self.unreachable:
            lines.append(f"Đơn vị chưa có địa chỉ liên hệ: {name_some(self.unreachable)}")
        return lines

    def _list(self) -> list[str]:
        if self.file and self.listed < self.total.overdue:
            return [f"Kèm theo: {self.file} ({number(self.listed)} việc quá hạn lâu nhất)"]
        return [f"Kèm theo: {self.file}"] if self.file else []


def plan_name(plan: PlanFacts) -> str:
    """What messages call a plan: "Kế hoạch 128/KH-UBND", or its title where it has no number yet."""
    if plan.number[:1].isdigit():
        return f"Kế hoạch {plan.number}"
    title = plan.title if len(plan.title) <= MOST_LETTERS else plan.title[: MOST_LETTERS - 1].rstrip() + "…"
    return f"Kế hoạch {title}"


def name_some(names: Sequence[str]) -> str:
    """The first few names and how many more there are."""
    more = len(names) - MOST_NAMES
    listed = "; ".join(names[:MOST_NAMES])
    return f"{listed} và {number(more)} đơn vị khác" if more > 0 else listed


def _in_short(figures: Figures, period: Period) -> str:
    newly = f" ({number(figures.newly)} mới)" if figures.newly else ""
    parts = [
        f"{number(figures.doing)} chưa quá hạn",
        f"{number(figures.due)} đến hạn {period.now}",
        f"{number(figures.overdue)} quá hạn{newly}",
        f"{number(figures.on_time)} xong đúng hạn, {number(figures.late)} xong quá hạn",
    ]
    if figures.waiting:
        parts.append(f"{number(figures.waiting)} chờ xác nhận")
    if figures.asking:
        parts.append(f"{number(figures.asking)} xin gia hạn")
    return ", ".join(parts)
