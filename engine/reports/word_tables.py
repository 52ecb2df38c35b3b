"""Tables of a report in Word: as broad as the page lets them be, the head on every page.

Written as XML at once: cell by cell python-docx takes long over a few hundred rows.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from engine.letters.form import clean
from engine.reports.document import Column, Content, Table
from engine.reports.text import is_numeric, naming_column, word_rows

TWIPS_OF_A_MM = 1440 / 25.4
_NARROW, _LARGE, _SMALL = 82, 24, 20
"""Letters on an upright page; half points of the letters of a narrow and of a broad table."""
_LETTER = {_LARGE: 2.25, _SMALL: 1.9}
"""Millimetres that a letter takes, bold ones counted too."""
_PADDING = 4.0
_BROADEST_NUMBER, _BROADEST_WORD, _BROADEST_TEXT, _BROADEST_NAME = 9, 14, 20, 30
"""Letters that a column of numbers, of short words, of sentences, and the one that names the rows want."""
_SHORT, _LEAST_TEXT = 16, 10
_STEP = 200
"""Twips that a level is set in."""


def is_wide(table: Table) -> bool:
    """Whether the table wants a page that lies on its side."""
    naming = naming_column(table)
    wanted = (
        min(column.width, _BROADEST_NAME) if place == naming else _wanted(column)
        for place, column in enumerate(table.columns)
    )
    return sum(wanted) > _NARROW


def table_element(table: Table, room: float, *, wide: bool) -> Any:
    """The table, ``room`` millimetres broad."""
    size = _SMALL if wide else _LARGE
    widths = [round(width * TWIPS_OF_A_MM) for width in column_widths(table, room, size)]
    naming = naming_column(table)
    heads = [
        _cell(column.title, width, size, "center", bold=True)
        for column, width in zip(table.columns, widths, strict=True)
    ]
    rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(heads)}</w:tr>"]
    sides = [_side(column, place == naming) for place, column in enumerate(table.columns)]
    for row in word_rows(table):
        cells = (
            _cell(text, widths[place], size, sides[place], row.strong, row.level if place == naming else 0)
            for place, text in enumerate(row.bare)
        )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    borders = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def column_widths(table: Table, room: float, size: int = _LARGE) -> list[float]:
    """Millimetres of each column, ``room`` in all: numbers get what they need, words share the rest."""
    wanted = [_LEAST_TEXT if _grows(column) else _wanted(column) for column in table.columns]
    least = [letters * _LETTER[size] + _PADDING for letters in wanted]
    # By the square: a broad column of long texts saves the most lines.
    broad = [column.width**2 if _grows(column) else 0 for column in table.columns]
    spare = room - sum(least)
    if spare < 0 or not sum(broad):
        return [width * room / sum(least) for width in least]
    return [width + spare * share / sum(broad) for width, share in zip(least, broad, strict=True)]


def _wanted(column: Column) -> float:
    most = _BROADEST_NUMBER if is_numeric(column) else _BROADEST_WORD
    if _grows(column):
        most = _BROADEST_TEXT
    longest = max((len(word) for word in column.title.split()), default=1)
    return max(longest + 1, min(column.width, most))


def _grows(column: Column) -> bool:
    return column.content is Content.TEXT and column.width > _SHORT


def _side(column: Column, naming: bool) -> str:
    if naming or _grows(column):
        return "left"
    return "right" if is_numeric(column) and column.width > 7 else "center"


def _cell(text: str, width: int, size: int, side: str, bold: bool, level: int = 0) -> str:
    weight = "<w:b/>" if bold else ""
    letters = f'<w:rPr>{weight}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    lines = escape(clean(text)).split("\n")
    shown = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>'
        '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'
        f'<w:ind w:left="{level * _STEP}" w:firstLine="0"/>'
        f'<w:jc w:val="{side}"/>{letters}</w:pPr><w:r>{letters}{shown}</w:r></w:p></w:tc>'
    )
