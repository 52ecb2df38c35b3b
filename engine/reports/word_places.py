"""The places of a Word template that a report fills: ``{{tieu_de}}`` and the like, wherever they stand."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docx.document import Document as Sheet
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run

from engine.errors import DondocError
from engine.letters.form import clean
from engine.vietnamese import nearest

NOI_DUNG, BANG, PHU_LUC = "noi_dung", "bang", "phu_luc"
LINES = {
    "tieu_de": "tên báo cáo",
    "ky_bao_cao": "kỳ báo cáo",
    "so_lieu_tinh_den": "ngày mà số liệu tính đến",
    "don_vi": "cơ quan báo cáo",
    "trich_yeu": "tên báo cáo, không có chữ “Báo cáo” ở đầu",
    "co_quan_cap_tren": "cơ quan cấp trên trực tiếp",
    "co_quan_ban_hanh": "cơ quan ban hành, chữ in hoa",
    "ky_hieu": "phần sau của số, ký hiệu",
    "noi_va_ngay": "địa danh và ngày tháng năm",
    "quyen_han": "quyền hạn, chức vụ của người ký",
}
BLOCKS = {
    NOI_DUNG: "các đoạn văn",
    BANG: "các bảng",
    PHU_LUC: "các bảng rộng, mỗi bảng là một phụ lục; không có chỗ này thì chúng ở {{bang}}",
}
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph that whole paragraphs or tables replace."""

    name: str
    paragraph: Any


def places(sheet: Sheet) -> set[str]:
    """The names of all places, in the text, in tables, frames, headers and footers."""
    return {name for part in _parts(sheet) for p in _paragraphs(part) for name in _PLACE.findall(_text(p))}


def check_places(sheet: Sheet, *, with_words: bool) -> None:
    """DondocError for names that nobody fills, and where there is no place for what the report holds."""
    found = places(sheet)
    known = {**LINES, **BLOCKS}
    if strange := sorted(found - set(known)):
        named = "; ".join(_named(name, known) for name in strange)
        every = ", ".join(f"{{{{{name}}}}}" for name in known)
        raise DondocError(f"Mẫu có chỗ điền không dùng được: {named}. Các chỗ điền: {every}")
    if BANG not in found:
        raise DondocError("Mẫu chưa có chỗ cho bảng: thêm một dòng chỉ có {{bang}}")
    if with_words and NOI_DUNG not in found:
        raise DondocError("Mẫu chưa có chỗ cho lời văn của báo cáo: thêm một dòng chỉ có {{noi_dung}}")


def fill_lines(sheet: Sheet, values: Mapping[str, str]) -> None:
    """Puts ``values`` where their names stand, in the letters of the place; a paragraph that held nothing
    but empty values goes."""
    for part in _parts(sheet):
        for paragraph in list(_paragraphs(part)):
            names = [name for name in _PLACE.findall(_text(paragraph)) if name in values]
            if not names:
                continue
            rest = _PLACE.sub("", _text(paragraph)).strip()
            if not rest and not any(values[name] for name in names) and _may_go(paragraph):
                paragraph.getparent().remove(paragraph)
                continue
            _fill(paragraph, values.get)


def blocks(sheet: Sheet) -> list[Block]:
    """The places of whole paragraphs and tables. DondocError for one that is not alone on its line, or that
    stands where no table can."""
    found = []
    for part in _parts(sheet):
        for paragraph in _paragraphs(part):
            names = [name for name in _PLACE.findall(_text(paragraph)) if name in BLOCKS]
            for name in names:
                if _PLACE.sub("", _text(paragraph)).strip() or len(names) > 1:
                    raise DondocError(f"Trong mẫu, {{{{{name}}}}} phải đứng một mình trên một dòng")
                if name != NOI_DUNG and paragraph.getparent().tag != qn("w:body"):
                    raise DondocError(
                        f"Trong mẫu, {{{{{name}}}}} phải nằm ở phần thân, ngoài bảng, khung chữ và đầu trang"
                    )
                found.append(Block(name, paragraph))
    return found


def replace_by_words(block: Block, texts: Sequence[str], is_heading: Callable[[str], bool]) -> None:
    """Paragraphs in the shape and the letters of the place; headings are bold."""
    for text in texts:
        made = _like(block.paragraph, text)
        if is_heading(text):
            for run in made.iter(qn("w:r")):
                Run(run, None).bold = True  # type: ignore[arg-type]  # it needs no parent to be bold
        block.paragraph.addprevious(made)
    remove(block)


def remove(block: Block) -> None:
    """Takes the place away; an empty paragraph stays where the file needs one."""
    if _may_go(block.paragraph):
        block.paragraph.getparent().remove(block.paragraph)
    else:
        _fill(block.paragraph, lambda name: "" if name == block.name else None)


def _named(name: str, known: Mapping[str, str]) -> str:
    near = nearest(name, known)
    return f"{{{{{name}}}}}" + (f" (có phải là {{{{{near[0]}}}}}?)" if near else "")


def _parts(sheet: Sheet) -> Iterator[Any]:
    yield sheet.element.body
    for section in sheet.sections:
        for edge in (
            section.header,
            section.footer,
            section.first_page_header,
            section.first_page_footer,
            section.even_page_header,
            section.even_page_footer,
        ):
            if not edge.is_linked_to_previous:
                yield edge._element  # noqa: SLF001 - python-docx shows only paragraphs outside of frames


def _paragraphs(part: Any) -> Iterator[Any]:
    return iter(list(part.iter(qn("w:p"))))


def _texts(paragraph: Any) -> list[Any]:
    """The pieces of text of a paragraph, without those of a frame that hangs on it."""
    return [piece for piece in paragraph.iter(qn("w:t")) if next(piece.iterancestors(qn("w:p"))) is paragraph]


def _text(paragraph: Any) -> str:
    return "".join(piece.text or "" for piece in _texts(paragraph))


def _fill(paragraph: Any, value: Callable[[str], str | None]) -> None:
    """Word cuts text into pieces as it likes: a place may begin in one and end in another."""
    pieces = _texts(paragraph)
    whole = _text(paragraph)
    for match in reversed(list(_PLACE.finditer(whole))):
        text = value(match[1])
        if text is None:
            continue
        start = 0
        for piece in pieces:
            old = piece.text or ""
            end = start + len(old)
            left, right = max(match.start() - start, 0), min(match.end() - start, len(old))
            if left < right:
                begins = match.start() >= start
                _set_text(piece, old[:left] + (text if begins else "") + old[right:])
            start = end
    for piece in pieces:
        _break_lines(piece)


def _set_text(piece: Any, text: str) -> None:
    piece.text = "\n".join(clean(part) for part in text.split("\n"))
    piece.set(qn("xml:space"), "preserve")


def _break_lines(piece: Any) -> None:
    first, *others = (piece.text or "").split("\n")
    piece.text = first
    for text in reversed(others):
        following = copy.deepcopy(piece)
        following.text = text
        piece.addnext(following)
        piece.addnext(OxmlElement("w:br"))


def _like(paragraph: Any, text: str) -> Any:
    made = OxmlElement("w:p")
    shape = paragraph.find(qn("w:pPr"))
    if shape is not None:
        made.append(copy.deepcopy(shape))
        for end in made.iter(qn("w:sectPr")):
            end.getparent().remove(end)
    run = OxmlElement("w:r")
    letters = next((r.find(qn("w:rPr")) for r in paragraph.iter(qn("w:r"))), None)
    if letters is not None:
        run.append(copy.deepcopy(letters))
    piece = OxmlElement("w:t")
    _set_text(piece, text)
    run.append(piece)
    _break_lines(piece)
    made.append(run)
    return made


def _may_go(paragraph: Any) -> bool:
    """Not where it ends a section, holds a frame, or is the last of a cell, a header or a frame."""
    if any(True for _ in paragraph.iter(qn("w:sectPr"), qn("w:drawing"), qn("w:pict"))):
        return False
    parent = paragraph.getparent()
    following, before = paragraph.getnext(), paragraph.getprevious()
    if parent.tag == qn("w:body"):
        # Two tables without a paragraph between them become one.
        after_table = before is not None and before.tag == qn("w:tbl")
        return not after_table or (following is not None and following.tag == qn("w:p"))
    others = [child for child in parent.iterchildren(qn("w:p")) if child is not paragraph]
    return bool(others) and (following is not None or others[-1].getnext() is None)
