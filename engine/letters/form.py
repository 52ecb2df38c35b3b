"""The layout of an administrative letter: Nghị định 30/2020/NĐ-CP, phụ lục I and mẫu 1.5 (công văn).

A4 upright, margins 20 mm above and below, 30 mm left, 15 mm right; Times New Roman, body 14 points;
page numbers at the top centre from the second page on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as Letter
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
BODY, HEAD, SMALL, TABLE = Pt(14), Pt(13), Pt(11), Pt(12)
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
WIDTH = Mm(210 - 30 - 15)

# What XML 1.0 cannot hold, and the separators that Word would take for an end of line.
_NOT_XML = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x85\u2028\u2029]")


def clean(text: str) -> str:
    """``text`` without the characters that would break the file."""
    return _NOT_XML.sub(" ", text)


def new_letter(title: str, made: datetime) -> Letter:
    """An empty sheet; ``title`` and ``made`` are the file's own properties."""
    letter = Document()
    section = letter.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    normal = letter.styles["Normal"]
    normal.font.name, normal.font.size = FONT, BODY
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    _language(normal.element.get_or_add_rPr())
    _page_numbers(letter)
    properties = letter.core_properties
    properties.title, properties.author, properties.comments = clean(title), "", ""
    properties.language = "vi-VN"
    properties.created = properties.modified = made.replace(tzinfo=None)
    return letter


def write(
    paragraph: Paragraph,
    text: str,
    size: Length = BODY,
    *,
    bold: bool = False,
    italic: bool = False,
) -> Paragraph:
    """Adds ``text`` to a paragraph."""
    run = paragraph.add_run(clean(text))
    run.font.size = size
    if bold:
        run.bold = True
    if italic:
        run.italic = True
    return paragraph


def spaced(
    paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH | None = None, before: float = 0, after: float = 0
) -> Paragraph:
    """Sets the alignment and the space around a paragraph, in points."""
    shape = paragraph.paragraph_format
    shape.alignment, shape.space_before, shape.space_after = align, Pt(before), Pt(after)
    return paragraph


def body(letter: Letter, text: str) -> Paragraph:
    """A paragraph of running text: justified, first line set in, 6 points after it."""
    paragraph = spaced(letter.add_paragraph(), WD_ALIGN_PARAGRAPH.JUSTIFY, after=6)
    paragraph.paragraph_format.first_line_indent = Mm(12.7)
    paragraph.paragraph_format.line_spacing = 1.1
    return write(paragraph, text)


def columns(letter: Letter, *widths: Length) -> tuple[_Cell, ...]:
    """Cells side by side without lines, for what stands left and right on the page."""
    table = letter.add_table(1, len(widths))
    _fixed(table, widths)
    _mark(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")  # noqa: SLF001 - python-docx has no name for it
    return tuple(table.rows[0].cells)


def line(cell: _Cell, width: Length, room: Length) -> None:
    """A thin line of ``width`` in the middle of a cell that is ``room`` wide."""
    paragraph = spaced(cell.add_paragraph(), after=3)
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    shape.left_indent = shape.right_indent = Length(max(0, (room - width) // 2))
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties: Any = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - python-docx has no borders of its own
    properties.insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def ruled_table(letter: Letter, heads: Sequence[str], widths: Sequence[Length]) -> Table:
    """A table with lines whose head is repeated on every page."""
    table: Table = letter.add_table(1, len(heads))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _fixed(table, widths)
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        write(spaced(cell.paragraphs[0], CENTRE), head, TABLE, bold=True)
    _mark(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader", "w:cantSplit")  # noqa: SLF001 - as above
    return table


def add_row(table: Table, cells: Sequence[str], centred: Sequence[int] = ()) -> None:
    """A row of a ruled table; it never breaks across pages."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    _mark(row._tr.get_or_add_trPr(), "w:cantSplit")  # noqa: SLF001 - as above
    for number, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        write(spaced(cell.paragraphs[0], CENTRE if number in centred else None), text, TABLE)


def add_heading_row(table: Table, text: str) -> None:
    """A row over the whole width that heads those below it."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    _mark(row._tr.get_or_add_trPr(), "w:cantSplit")  # noqa: SLF001 - as above
    # What merging cells comes to; python-docx takes long over it.
    first, *others = row._tr.tc_lst  # noqa: SLF001 - as above
    first.grid_span = 1 + len(others)
    first.width = Length(sum(column.width or 0 for column in table.columns))
    for other in others:
        row._tr.remove(other)  # noqa: SLF001 - as above
    paragraph = spaced(row.cells[0].paragraphs[0])
    paragraph.paragraph_format.keep_with_next = True
    write(paragraph, text, TABLE, bold=True)


def _fixed(table: Table, widths: Sequence[Length]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _mark(properties: Any, *names: str) -> None:
    for name in names:
        properties.append(OxmlElement(name))


def _language(properties: Any) -> None:
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    properties.append(language)


def _page_numbers(letter: Letter) -> None:
    section = letter.sections[0]
    section.different_first_page_header_footer = True
    paragraph = spaced(section.header.paragraphs[0], CENTRE)
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()
        run.font.size = HEAD
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = "PAGE"
        run._r.append(mark)  # noqa: SLF001 - python-docx has no fields
