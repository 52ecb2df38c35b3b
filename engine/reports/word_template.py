"""The Word template of reports: the shipped one, and the one that an office puts in its place."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Sheet
from docx.shared import Mm

from engine.errors import DondocError, os_reason
from engine.evidence.kinds import kind_of
from engine.evidence.refusal import EvidenceRefused
from engine.exchange.sheets import without_the_hour
from engine.letters import form
from engine.letters.form import HEAD, SMALL, body, spaced, write
from engine.reports.word_places import check_places

OWN_TEMPLATE = Path("mau") / "bao-cao.docx"
"""Where an office puts its own template, below its home."""

LARGEST = 5 * 1024 * 1024
"""Bytes of a template."""

_MADE = datetime(2023, 1, 1, tzinfo=UTC)
_LEFT, _RIGHT = Mm(65), Mm(100)


def own_template(home: Path) -> Path | None:
    """The template that the office put in place of the shipped one; None where it did not."""
    path = home / OWN_TEMPLATE
    return path if path.is_file() else None


def read_template(path: Path) -> bytes:
    """A template from a file. DondocError for one that cannot be used, with what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST:
            raise DondocError(f"{path}: mẫu lớn quá {LARGEST // 1024 // 1024} MB; hãy thu nhỏ hình trong mẫu")
        content = path.read_bytes()
    except OSError as error:
        raise DondocError(f"Không đọc được mẫu {path}: {os_reason(error)}") from error
    try:
        check_places(opened_template(content), with_words=False)
    except DondocError as error:
        raise DondocError(f"{path}: {error}") from error
    return content


def opened_template(content: bytes) -> Sheet:
    """The template as python-docx has it. DondocError for what is no Word file, has macros or is broken."""
    try:
        kind = kind_of(content)
    except EvidenceRefused as error:
        raise DondocError(f"tệp mẫu {error}") from error
    if kind.ending != "docx":
        raise DondocError("tệp mẫu không phải là Word (.docx); hãy mở bằng Word rồi lưu thành .docx")
    try:
        return Document(io.BytesIO(content))
    except Exception as error:  # each layer below has errors of its own for a broken file
        raise DondocError("tệp mẫu bị hỏng; hãy mở bằng Word, lưu lại rồi dùng") from error


def default_template() -> bytes:
    """The shipped template: the form of a report by Nghị định 30/2020/NĐ-CP, phụ lục III, mẫu 1.4."""
    sheet = form.new_letter("Mẫu báo cáo", _MADE)
    _head(sheet)
    write(spaced(sheet.add_paragraph(), form.CENTRE, before=18), "BÁO CÁO", bold=True)
    write(spaced(sheet.add_paragraph(), form.CENTRE), "{{trich_yeu}}", bold=True)
    period = spaced(sheet.add_paragraph(), form.CENTRE)
    write(period, "({{ky_bao_cao}})", HEAD, italic=True)
    form.line(sheet, Mm(40), form.WIDTH)  # type: ignore[arg-type]  # takes paragraphs as a cell does
    body(sheet, "{{noi_dung}}")
    spaced(sheet.add_paragraph("{{bang}}"))
    _foot(sheet)
    sheet.add_paragraph("{{phu_luc}}")
    raw = io.BytesIO()
    sheet.save(raw)
    return without_the_hour(raw)


def _head(sheet: Sheet) -> None:
    left, right = form.columns(sheet, _LEFT, _RIGHT)
    write(spaced(left.paragraphs[0], form.CENTRE), "{{co_quan_cap_tren}}", HEAD)
    write(spaced(left.add_paragraph(), form.CENTRE), "{{co_quan_ban_hanh}}", HEAD, bold=True)
    form.line(left, Mm(22), _LEFT)
    write(spaced(left.add_paragraph(), form.CENTRE), "Số:          {{ky_hieu}}", HEAD)
    nation = spaced(right.paragraphs[0], form.CENTRE)
    write(nation, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD, bold=True)
    write(spaced(right.add_paragraph(), form.CENTRE), "Độc lập - Tự do - Hạnh phúc", bold=True)
    form.line(right, Mm(66), _RIGHT)
    write(spaced(right.add_paragraph(), form.CENTRE, before=3), "{{noi_va_ngay}}", italic=True)


def _foot(sheet: Sheet) -> None:
    left, right = form.columns(sheet, Mm(80), Mm(85))
    write(spaced(left.paragraphs[0], before=12), "Nơi nhận:", form.TABLE, bold=True, italic=True)
    for text in ("- [Cơ quan nhận báo cáo];", "- Lưu: VT, …."):
        write(spaced(left.add_paragraph()), text, SMALL)
    write(spaced(right.paragraphs[0], form.CENTRE, before=12), "{{quyen_han}}", bold=True)
    for _ in range(4):
        spaced(right.add_paragraph(), form.CENTRE)
    write(spaced(right.add_paragraph(), form.CENTRE), "[Họ và tên người ký]", bold=True)
    for paragraph in (*left.paragraphs, *right.paragraphs):
        paragraph.paragraph_format.keep_with_next = True
