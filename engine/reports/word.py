"""A report as a Word file: the template's head and foot, the report's words and tables in their places."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from docx.document import Document as Sheet
from docx.oxml import OxmlElement
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from engine.exchange.sheets import without_the_hour
from engine.letters import form
from engine.letters.chase_letter import long_day
from engine.letters.form import clean, spaced, write
from engine.letters.issuing import UNKNOWN, Issuing
from engine.reports import word_places
from engine.reports.document import ReportDocument, Table
from engine.reports.excel import written_whole
from engine.reports.word_pages import pages_around
from engine.reports.word_places import (
    PHU_LUC,
    Block,
    blocks,
    check_places,
    fill_lines,
    remove,
    replace_by_words,
)
from engine.reports.word_tables import is_wide, table_element
from engine.reports.word_template import default_template, opened_template, read_template

_KIND = "Báo cáo "
_COMMITTEE = "UBND "
_HEADING = re.compile(r"(?:[IVX]+|\d{1,2}(?:\.\d{1,2})*)\. ")
_LONGEST_HEADING = 100
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def write_word(
    path: Path, document: ReportDocument, template: Path | None = None, issuing: Issuing | None = None
) -> None:
    """The file appears whole or not at all. DondocError where it cannot be written, or for the template."""
    content = read_template(template) if template is not None else None
    written_whole(path, word_bytes(document, content, issuing))


def word_bytes(
    document: ReportDocument, template: bytes | None = None, issuing: Issuing | None = None
) -> bytes:
    """The .docx of a report in ``template`` (the shipped one when None); equal reports give equal bytes.

    ``issuing`` says how the head and the foot name who reports; without it the document's issuer does.
    DondocError for a template that cannot be used.
    """
    sheet = opened_template(template if template is not None else default_template())
    check_places(sheet, with_words=bool(document.paragraphs))
    found = blocks(sheet)
    names = issuing or _issuing(document.issuer)
    fill_lines(sheet, _values(document, names))
    appendices = any(block.name == PHU_LUC for block in found)
    wide = [table for table in document.tables if is_wide(table)] if appendices else []
    for block in found:
        match block.name:
            case word_places.NOI_DUNG:
                replace_by_words(block, _words(document, wide), _is_heading)
            case word_places.BANG:
                here = [table for table in document.tables if table not in wide]
                _put_tables(sheet, block, document, here)
            case _:
                _put_appendices(sheet, block, _origin(document, names), wide)
    properties = sheet.core_properties
    properties.title, properties.language = clean(document.title)[:255], "vi-VN"
    properties.created = properties.modified = datetime.combine(document.day, time(), UTC).replace(
        tzinfo=None
    )
    raw = io.BytesIO()
    sheet.save(raw)
    return without_the_hour(raw)


def _values(document: ReportDocument, issuing: Issuing) -> dict[str, str]:
    about = document.title
    if about.casefold().startswith(_KIND.casefold()):
        about = about[len(_KIND) :]
    month = long_day(document.day).partition(" ")[2]
    return {
        "tieu_de": document.title,
        "trich_yeu": about[:1].upper() + about[1:],
        "ky_bao_cao": document.subtitle,
        "so_lieu_tinh_den": f"{document.day:%d/%m/%Y}",
        "don_vi": document.issuer,
        "co_quan_cap_tren": issuing.above,
        "co_quan_ban_hanh": "\n".join(issuing.own),
        "ky_hieu": _symbol(issuing),
        "noi_va_ngay": f"{issuing.place}, ngày       {month}",
        "quyen_han": "\n".join(issuing.authority),
    }


def _symbol(issuing: Issuing) -> str:
    """ "/BC-UBND": what kind of document it is comes first (Nghị định 30/2020, phụ lục I, phần II)."""
    return "/BC-UBND" if issuing.symbol.startswith("/UBND") else "/BC-…"


def _origin(document: ReportDocument, issuing: Issuing) -> str:
    month = long_day(document.day).partition(" ")[2]
    return f"(Kèm theo Báo cáo số        {_symbol(issuing)} ngày       {month} của {issuing.name})"


def _issuing(name: str) -> Issuing:
    """By the name alone, where nobody looked the unit up."""
    if not name:
        return UNKNOWN
    if not name.startswith(_COMMITTEE):
        return replace(UNKNOWN, own=(name.upper(),), name=name)
    area = name.removeprefix(_COMMITTEE)
    authority = ("TM. ỦY BAN NHÂN DÂN", "[CHỨC VỤ CỦA NGƯỜI KÝ]")
    return Issuing("", ("ỦY BAN NHÂN DÂN", area.upper()), "……", "/UBND-…", authority, name)


def _words(document: ReportDocument, wide: list[Table]) -> list[str]:
    here = len(document.tables) - len(wide)
    texts = list(document.paragraphs)
    if not texts:
        places = []
        if here:
            places.append("bảng dưới đây" if here == 1 else "các bảng dưới đây")
        if wide:
            places.append("Phụ lục kèm theo" if len(wide) == 1 else "các Phụ lục kèm theo")
        where = f" tại {' và '.join(places)}" if places else ""
        who = document.issuer or "Văn phòng"
        texts = [f"{who} báo cáo số liệu tính đến hết ngày {long_day(document.day)}{where}."]
    elif wide:
        texts.append("Số liệu chi tiết tại Phụ lục kèm theo Báo cáo này.")
    return texts


def _is_heading(text: str) -> bool:
    return bool(_HEADING.match(text)) and len(text) <= _LONGEST_HEADING and text[-1] not in ".;:,"


def _put_tables(sheet: Sheet, block: Block, document: ReportDocument, tables: list[Table]) -> None:
    """All tables at one place; a wide one lies on a page of its own where the page stands upright."""
    pages = pages_around(sheet, block)
    for table in tables:
        wide = is_wide(table)
        pages.turn(lying=wide)
        # The sheet's own title says it already where a table has the same one.
        title = "" if table.title == document.title else table.title
        _put_table(block, table, title, pages.room, wide=wide)
    for text in document.notes:
        _add_note(block, text)
    pages.finish()
    remove(block)


def _put_appendices(sheet: Sheet, block: Block, origin: str, wide: list[Table]) -> None:
    """Each wide table as an appendix, on pages that lie."""
    pages = pages_around(sheet, block)
    for number, table in enumerate(wide, start=1):
        pages.turn(lying=True)
        ordinal = f" {_ROMAN[number] if number < len(_ROMAN) else number}" if len(wide) > 1 else ""
        head = _add(block, f"PHỤ LỤC{ordinal}", bold=True)
        head.paragraph_format.page_break_before = number > 1 or not pages.lying
        head.paragraph_format.keep_with_next = True
        _add(block, origin, size=13, italic=True).paragraph_format.keep_with_next = True
        _put_table(block, table, table.title, pages.room, wide=True)
    pages.finish()
    remove(block)


def _put_table(block: Block, table: Table, title: str, room: float, *, wide: bool) -> None:
    if title:
        _add(block, title, bold=True, before=6, after=6).paragraph_format.keep_with_next = True
    block.paragraph.addprevious(table_element(table, room, wide=wide))
    for text in table.notes:
        _add_note(block, text)
    if not table.notes:
        _add(block, "", size=6)


def _add_note(block: Block, text: str) -> None:
    spaced(_add(block, text, size=12, italic=True), before=3)


def _add(
    block: Block,
    text: str,
    *,
    size: float = 14,
    bold: bool = False,
    italic: bool = False,
    before: float = 0,
    after: float = 0,
) -> Paragraph:
    element: Any = OxmlElement("w:p")
    block.paragraph.addprevious(element)
    paragraph = spaced(Paragraph(element, None), form.CENTRE, before, after)  # type: ignore[arg-type]
    return write(paragraph, text, Pt(size), bold=bold, italic=italic)
