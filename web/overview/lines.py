"""The lines of a table of counts, on the page and in the spreadsheet alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from engine.exchange.sheets import write_sheet
from engine.store.figures.counts import Counts, percent
from web.overview.charts import shares_chart, short
from web.wording import number

PARTS = ("Xong đúng hạn", "Xong quá hạn", "Còn trong hạn", "Quá hạn", "Không thời hạn")
HEADINGS = (
    "Được giao",
    "Hoàn thành đúng hạn",
    "Hoàn thành quá hạn",
    "Chưa xong, còn trong hạn",
    "Chưa xong, quá hạn",
    "Không có thời hạn",
    "Hoàn thành (% của việc có thời hạn)",
    "Quá hạn (% của việc có thời hạn)",
    "Đúng hạn (% của việc đã xong hoặc đã quá hạn)",
)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: whose counts they are, and the addresses that show more of it and list what is overdue
    (empty: nowhere)."""

    label: str
    counts: Counts
    address: str = ""
    overdue: str = ""


def parts_of(counts: Counts) -> tuple[int, ...]:
    """The five parts in the order of PARTS; they add up to ``assigned``."""
    return (
        counts.done_on_time,
        counts.done_late,
        counts.open_within_time,
        counts.open_overdue,
        counts.no_deadline,
    )


def cells(counts: Counts) -> tuple[Any, ...]:
    """The cells under HEADINGS."""
    return (
        counts.assigned,
        *parts_of(counts),
        counts.done_of_dated,
        counts.overdue_of_dated,
        counts.on_time_of_judged,
    )


def added_up(groups: Mapping[Any, Counts], key: Mapping[str, str] | None, place: int) -> dict[str, Counts]:
    """The counts by plan (``place`` 1) or unit (``place`` 0), or by what ``key`` makes of it."""
    sums: dict[str, list[int]] = {}
    for group, counts in groups.items():
        name = group[place] if key is None else key.get(group[place], "")
        into = sums.setdefault(name, [0] * 6)
        for n, value in enumerate((*parts_of(counts), counts.left_out)):
            into[n] += value
    return {name: Counts(*values) for name, values in sums.items()}


def chart_of(name: str, title: str, lines: Sequence[Line], most: int = 15) -> Markup | None:
    """Shares of all assigned, for the first lines that have any; None for nothing to draw."""
    shown = [line for line in lines if line.counts.assigned][:most]
    if not shown:
        return None
    text = "Mỗi thanh là tỷ lệ phần trăm trong số việc được giao; các con số có trong bảng."
    rows = [
        (
            f"{short(line.label)} ({number(line.counts.assigned)})",
            [percent(part, line.counts.assigned) or 0 for part in parts_of(line.counts)],
        )
        for line in shown
    ]
    return shares_chart(name, title, text, PARTS, rows)


def sheet(
    name: str, title: str, notes: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Response:
    """A spreadsheet to save; ``name`` is the file's, without its ending (ASCII)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bang.xlsx"
        write_sheet(path, title, notes, headings, rows)
        content = path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(content, media_type=_SHEET, headers=headers)
