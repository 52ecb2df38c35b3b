"""Percentages as official reports print them, each naming what it is a share of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from engine.store.figures.counts import Counts

FORM_PLACES = 1
"""An Thanh prints 23/38 as 60,5."""

REPORT_PLACES = 2
"""An Thanh prints 1386/1387 as 99,93."""


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` in per cent, None of nothing. ``name`` is stable; ``title`` says of what it is a
    share of what: ``of``."""

    name: str
    title: str
    of: str
    part: int
    whole: int
    percent: Decimal | None


def percentage(part: int | Decimal, whole: int | Decimal, places: int = FORM_PLACES) -> Decimal | None:
    """Per cent, rounded half up to ``places``; None of nothing.

    Plainly rounded, so that 99.996 is printed as 100,00: a spreadsheet that formats part/whole gives the
    same, and the counts stand beside it. (The overview's ``counts.percent`` never shows 0 or 100 unless
    exact: a glance without the counts must not mislead.)
    """
    if not whole:
        return None
    # Exact as long as the quotient is: 28 digits are far more than any count has.
    return (Decimal(100) * part / whole).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def shares_of(counts: Counts, tasks: Counts) -> tuple[Share, ...]:
    """The shares of a tasks report; ``tasks`` counts whole tasks."""
    given = "số lượt giao"
    dated, done = "số lượt giao có thời hạn", "số lượt đã hoàn thành"
    judged = "số lượt đã hoàn thành hoặc đã quá hạn"
    return (
        _share("done_of_assigned", "Hoàn thành", given, counts.done, counts.assigned),
        _share("on_time_of_assigned", "Hoàn thành đúng hạn", given, counts.done_on_time, counts.assigned),
        _share("done_of_dated", "Hoàn thành", dated, counts.done, counts.dated),
        _share("on_time_of_done", "Hoàn thành đúng hạn", done, counts.done_on_time, counts.done),
        _share("on_time_of_judged", "Hoàn thành đúng hạn", judged, counts.done_on_time, counts.judged),
        _share("overdue_of_assigned", "Quá hạn chưa hoàn thành", given, counts.open_overdue, counts.assigned),
        _share("tasks_done", "Nhiệm vụ hoàn thành", "số nhiệm vụ", tasks.done, tasks.assigned),
    )


def _share(name: str, title: str, of: str, part: int, whole: int) -> Share:
    return Share(name, title, of, part, whole, percentage(part, whole, REPORT_PLACES))
