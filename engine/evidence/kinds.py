"""What a file really is: decided by its content, never by its name or by what a browser says of it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

from engine.evidence.compound_files import COMPOUND, kind_of_compound_file
from engine.evidence.packages import ZIP, kind_of_package
from engine.evidence.pictures import JPEG, PNG, check_jpeg, check_png
from engine.evidence.refusal import TAKEN, EvidenceRefused

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of one file."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
}

_PDF = re.compile(rb"%PDF-[12]\.\d")
_PDF_END = re.compile(rb"%%EOF[\s\x00]{0,1024}\Z")
_PDF_ACTS = re.compile(rb"/(?:JavaScript|Launch)\b")
_WEB = re.compile(rb"<script[\s>/]|<!doctype html|<html[\s>]|<svg[\s>]|<iframe[\s>]|<\?php", re.IGNORECASE)

# What people try to send now and then, with a way out.
_KNOWN = (
    (rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe", "là chương trình hoặc mã lệnh nên không được nhận"),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b|PK", f"là tệp nén; hãy giải nén rồi gửi từng tệp. Nhận: {TAKEN}"),
    (rb".{4}ftyp(?:hei|mif|avif)", "là ảnh HEIC; hãy đổi sang JPG rồi gửi"),
    (rb".{4}ftyp", f"là phim; chỉ nhận {TAKEN}"),
    (rb"GIF8|RIFF.{4}WEBP|BM|II\*\x00|MM\x00\*", "là loại ảnh khác; hãy đổi sang JPG rồi gửi"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: its usual ending without the dot, and its media type."""

    ending: str
    media_type: str


def kind_of(content: bytes) -> Kind:
    """What ``content`` is. EvidenceRefused says why it is not taken."""
    if not content:
        raise EvidenceRefused("là tệp rỗng; hãy chọn lại")
    if len(content) > LARGEST_FILE:
        raise EvidenceRefused(f"lớn quá {LARGEST_FILE // 1024 // 1024} MB; hãy thu nhỏ hoặc chia ra rồi gửi")
    ending = _ending(content)
    return Kind(ending, _MEDIA_TYPES[ending])


def _ending(content: bytes) -> str:
    if content.startswith(ZIP):
        return kind_of_package(content)
    if content.startswith(COMPOUND):
        _refuse_a_second_kind(content)
        return kind_of_compound_file(content)
    if content.startswith(PNG):
        check_png(content)
        _refuse_a_second_kind(content)
        return "png"
    if content.startswith(JPEG):
        check_jpeg(content)
        _refuse_a_second_kind(content)
        return "jpg"
    if _PDF.match(content):
        _check_pdf(content)
        _refuse_a_second_kind(content)
        return "pdf"
    for pattern, reason in _KNOWN:
        if re.match(pattern, content, re.DOTALL):
            raise EvidenceRefused(reason)
    if _WEB.search(content[:4096]):
        raise EvidenceRefused(f"là trang web hoặc ảnh SVG nên không được nhận; chỉ nhận {TAKEN}")
    raise EvidenceRefused(f"không phải loại tệp được nhận; các loại nhận: {TAKEN}")


def _check_pdf(content: bytes) -> None:
    if not _PDF_END.search(content[-2048:]):
        raise EvidenceRefused(
            "là tệp PDF bị hỏng, thiếu phần cuối hoặc có dữ liệu khác giấu ở cuối; hãy lưu lại"
        )
    if _PDF_ACTS.search(content):
        raise EvidenceRefused("là tệp PDF có mã lệnh bên trong; hãy in lại thành PDF thường rồi gửi")


def _refuse_a_second_kind(content: bytes) -> None:
    """One file that two programs read as two different things serves only to deceive."""
    if zipfile.is_zipfile(BytesIO(content)) or _WEB.search(content):
        raise EvidenceRefused("chứa dữ liệu của một loại tệp khác giấu bên trong nên không được nhận")
