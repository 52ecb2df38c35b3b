"""A plan as people read it on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from engine.cli.output import Column, day_words, print_table, say
from engine.deadlines.in_words import short_words
from engine.model.plan import NameRef, Plan, Task

_COLUMNS = (
    Column("STT", fixed=True),
    Column("Nhiệm vụ"),
    Column("Chủ trì"),
    Column("Thời gian trong văn bản"),
    Column("Hiểu là"),
)


def print_plan(plan: Plan) -> None:
    """Head, tasks by appendix and section, and how many indicators and procedures there are."""
    say(f"{plan.title}")
    issued = day_words(plan.issued) or f"năm {plan.year}"
    say(f"Số {plan.number}, {plan.issuer.name}, {issued}. Mã: {plan.id}")
    say(f"Theo dõi: {plan.monitor.name}. Lãnh đạo phụ trách: {plan.leader.name}.")
    for (appendix, section), tasks in groupby(plan.tasks, key=lambda task: (task.appendix, task.section)):
        say()
        say(" – ".join(part for part in (appendix or "Trong thân văn bản", section) if part))
        print_table(_COLUMNS, [_row(task) for task in tasks])
    for (appendix, table), count in _tables(plan).items():
        say(f"Chỉ tiêu, {appendix or 'không phụ lục'}, {table}: {count} dòng.")
    levels = Counter(item.level for item in plan.catalogue)
    for level, count in levels.items():
        say(f"Danh mục thủ tục, {level}: {count} thủ tục.")


def _row(task: Task) -> tuple[str, str, str, str, str]:
    title = f"{task.group}: {task.title}" if task.group else task.title
    return task.stt or "", title, _names(task.leads), task.deadline.text, short_words(task.deadline)


def _names(refs: Iterable[NameRef]) -> str:
    return "; ".join(ref.name for ref in refs)


def _tables(plan: Plan) -> Counter[tuple[str | None, str]]:
    return Counter((indicator.appendix, indicator.table) for indicator in plan.indicators)
