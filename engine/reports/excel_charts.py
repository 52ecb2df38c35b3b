"""Charts of a report in Excel: stacked bars, one for each row of the highest level."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.chart import BarChart
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.utils import get_column_letter, quote_sheetname

from engine.reports.document import Table
from engine.reports.excel_formulas import runs_of
from engine.reports.text import naming_column

MOST_BARS = 40
"""More do not fit on a page."""

_BAR, _ABOVE, _BELOW = 0.52, 2.2, 2.2
"""Centimetres: one bar, the title, the numbers and the legend."""

# Those of the pages: what went well green and blue, what is late amber and red; tell apart in grey print too.
_COLOURS = {
    "done_on_time": "2E7D4F",
    "done_late": "C9A227",
    "open_within_time": "7FB2DE",
    "open_overdue": "B3261E",
    "no_deadline": "BDBDBD",
}
_OTHERS = ("1F5F8B", "7FB2DE", "2E7D4F", "C9A227", "B3261E", "6B4C9A", "8D6E63", "BDBDBD")


def chart(table: Table, sheet: str, first: int) -> BarChart | None:
    """The ``charted`` columns of a table whose first row stands in row ``first`` of ``sheet``; None where
    there is nothing to draw."""
    places = {column.key: place for place, column in enumerate(table.columns, start=1)}
    rows = _drawn(table)
    if not rows or not table.charted:
        return None
    drawn = BarChart()
    drawn.type, drawn.grouping, drawn.overlap, drawn.gapWidth = "bar", "stacked", 100, 40
    drawn.title = table.title if len(rows) <= MOST_BARS else f"{table.title} ({MOST_BARS} dòng đầu)"
    rows = rows[:MOST_BARS]
    names = AxDataSource(strRef=StrRef(f=_cells(sheet, naming_column(table) + 1, rows, first)))
    for order, key in enumerate(table.charted):
        values = NumDataSource(numRef=NumRef(f=_cells(sheet, places[key], rows, first)))
        series = Series(
            idx=order,
            order=order,
            val=values,
            cat=names,
            tx=SeriesLabel(strRef=StrRef(f=_cell(sheet, places[key], first - 1))),
        )
        series.graphicalProperties.solidFill = _COLOURS.get(key, _OTHERS[order % len(_OTHERS)])
        drawn.series.append(series)
    drawn.legend.position = "b"
    drawn.y_axis.delete = drawn.x_axis.delete = False
    drawn.y_axis.number_format = "#,##0"
    drawn.x_axis.scaling.orientation = "maxMin"  # the first row on top, as in the table
    drawn.y_axis.crosses = "max"
    drawn.x_axis.tickLblSkip = 1
    drawn.x_axis.txPr = drawn.y_axis.txPr = _small()
    if drawn.y_axis.majorGridlines is not None:
        drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="D9D9D9"))
    plot = _BAR * len(rows) + 0.5
    drawn.width, drawn.height = 18, _ABOVE + plot + _BELOW
    drawn.layout = Layout(
        ManualLayout(
            layoutTarget="inner",
            xMode="edge",
            yMode="edge",
            x=0.36,
            y=_ABOVE / drawn.height,
            w=0.6,
            h=plot / drawn.height,
        )
    )
    return drawn


def _small() -> RichText:
    letters = CharacterProperties(sz=800)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def _drawn(table: Table) -> list[int]:
    counted = [n for n, row in enumerate(table.rows) if any(row.cells.get(key) for key in table.charted)]
    top = min((table.rows[n].level for n in counted), default=0)
    return [n for n in counted if table.rows[n].level == top]


def _cells(sheet: str, column: int, rows: Sequence[int], first: int) -> str:
    """The cells of a column; rows in between are left out."""
    spans = [
        f"{_cell(sheet, column, first + start)}:{_cell(sheet, column, first + end).rpartition('!')[2]}"
        for start, end in runs_of(rows)
    ]
    return spans[0] if len(spans) == 1 else f"({','.join(spans)})"


def _cell(sheet: str, column: int, row: int) -> str:
    return f"{quote_sheetname(sheet)}!${get_column_letter(column)}${row}"
