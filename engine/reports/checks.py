"""Whether the figures of a report add up, line by line. Figures are the JSON form (``json_form``): what is
printed, written and frozen is what was checked.

A report whose parts do not add up to its total is not printed (practice of the Government's task force):
``DoesNotAddUp`` names the rows that break it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.errors import DondocError

PARTS = ("done_on_time", "done_late", "open_within_time", "open_overdue", "no_deadline")
"""The five that add up to ``assigned``; what is ``left_out`` is no part of it."""

PART_NAMES = {
    "assigned": "được giao",
    "done_on_time": "hoàn thành đúng hạn",
    "done_late": "hoàn thành quá hạn",
    "open_within_time": "chưa hoàn thành, trong hạn",
    "open_overdue": "chưa hoàn thành, quá hạn",
    "no_deadline": "không có thời hạn",
    "left_out": "không tính",
}

_COUNTED = ("assigned", *PARTS, "left_out")
_MOST_NAMED = 20

Figures = Mapping[str, Any]


class DoesNotAddUp(DondocError):
    """A report that is refused; ``rows`` says of each row that breaks it what is wrong, in Vietnamese."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.rows = tuple(rows)
        shown = [f"  - {row}" for row in self.rows[:_MOST_NAMED]]
        if len(self.rows) > _MOST_NAMED:
            shown.append(f"  … và {len(self.rows) - _MOST_NAMED} dòng khác")
        super().__init__("Số liệu không khớp nên không lập báo cáo:\n" + "\n".join(shown))


def broken(figures: Figures) -> tuple[str, ...]:
    """Every row of a tasks report that does not add up; empty when all do."""
    return tuple(_broken(figures))


def ensure(figures: Figures, counted: int | None = None) -> None:
    """Raises DoesNotAddUp unless the figures add up. ``counted`` is how many assignments there are by a count
    of its own: what belongs to the window and what is outside of it."""
    found = list(_broken(figures))
    if counted is not None:
        total = figures["total"]
        assigned, left_out, outside = total["assigned"], total["left_out"], figures["outside"]
        if counted != assigned + left_out + outside:
            found.append(
                f"Đếm lại toàn bộ lượt giao: {counted} ≠ {assigned} được tính + {left_out} không tính "
                f"+ {outside} ngoài kỳ"
            )
    if found:
        raise DoesNotAddUp(found)


def _broken(figures: Figures) -> Iterator[str]:
    total = figures["total"]
    alone = {
        "Tổng số": total,
        "Trong năm": figures["this_year"],
        "Tồn đọng các năm trước": figures["backlog"],
        "Mang sang kỳ này": figures["carried"],
        "Giao trong kỳ": figures["given"],
        "Tổng số nhiệm vụ": figures["by_task"],
    }
    if previous := figures.get("previous"):
        alone["Kỳ trước"] = previous["total"]
        alone["Kỳ trước, theo nhiệm vụ"] = previous["by_task"]
    for name, line in alone.items():
        yield from _parts(name, line)
    lists = {"theo đơn vị": "units", "theo cấp": "levels", "theo kế hoạch": "plans", "theo nhiệm vụ": "tasks"}
    for how, key in lists.items():
        for line in figures[key]:
            yield from _parts(_name(line), line)
        yield from _sums(f"Tổng số và cộng {how}", total, figures[key])
    yield from _sums("Tổng số và trong năm + tồn đọng", total, (figures["this_year"], figures["backlog"]))
    yield from _sums("Tổng số và mang sang + giao trong kỳ", total, (figures["carried"], figures["given"]))
    yield from _outcomes(figures)


def _parts(name: str, line: Figures) -> Iterator[str]:
    parts = [line[part] for part in PARTS]
    if line["assigned"] != sum(parts):
        yield f"{name}: {line['assigned']} ≠ {' + '.join(map(str, parts))}"
    for part in _COUNTED:
        if line[part] < 0:
            yield f"{name}: {PART_NAMES[part]} là số âm ({line[part]})"


def _sums(what: str, total: Figures, lines: Sequence[Figures]) -> Iterator[str]:
    for part in _COUNTED:
        added = sum(line[part] for line in lines)
        if total[part] != added:
            yield f"{what}, {PART_NAMES[part]}: {total[part]} ≠ {added}"


def _outcomes(figures: Figures) -> Iterator[str]:
    """Each task is one of the tasks, by its own outcome, and no other outcome than its counts give."""
    found = dict.fromkeys((*PARTS, "left_out"), 0)
    for line in figures["tasks"]:
        found[line["outcome"]] += 1
        expected = outcome_of(line)
        if line["outcome"] != expected:
            said = PART_NAMES[line["outcome"]]
            yield f"{_name(line)}: ghi “{said}” ≠ “{PART_NAMES[expected]}” theo các lượt giao"
    for part, count in found.items():
        if figures["by_task"][part] != count:
            yield f"Số nhiệm vụ {PART_NAMES[part]}: {figures['by_task'][part]} ≠ {count} nhiệm vụ trong bảng"


def outcome_of(counts: Figures) -> str:
    """How a task stands by its assignments: overdue as soon as one is, done only when none is open, and then
    late if any was; without a deadline when none of those that count has one."""
    order = ("open_overdue", "open_within_time", "done_late", "done_on_time", "no_deadline")
    return next((part for part in order if counts[part]), "left_out")


def _name(line: Figures) -> str:
    if "task" in line:
        return f"Nhiệm vụ {line['stt'] or line['task']} ({line['plan']})"
    return str(line["name"])
