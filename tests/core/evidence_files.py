"""Small files of every kind, made by hand: sound ones, and ones that deceive."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import docx
import openpyxl

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"
    b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34\xff\xd9"
)


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey picture; only its head claims the size."""
    rows = b"".join(b"\x00" + bytes(min(width, 100)) for _ in range(min(height, 100)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def word() -> bytes:
    """A Word file with one paragraph."""
    document, stream = docx.Document(), BytesIO()
    document.add_paragraph("Báo cáo kết quả")
    document.save(stream)
    return stream.getvalue()


def excel() -> bytes:
    """A workbook with one cell."""
    book, stream = openpyxl.Workbook(), BytesIO()
    book.worksheets[0]["A1"] = "Số liệu"
    book.save(stream)
    return stream.getvalue()


def packed(*entries: tuple[str, bytes], stored: bool = False) -> bytes:
    """A zip of these entries."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_STORED if stored else ZIP_DEFLATED) as package:
        for name, content in entries:
            package.writestr(name, content)
    return stream.getvalue()


def open_document(kind: str = "text", *more: tuple[str, bytes]) -> bytes:
    """A LibreOffice file."""
    declared = f"application/vnd.oasis.opendocument.{kind}".encode()
    return packed(("mimetype", declared), ("content.xml", b"<x/>"), *more)


def with_more(package: bytes, *entries: tuple[str, bytes]) -> bytes:
    """A package with entries added."""
    stream = BytesIO(package)
    with ZipFile(stream, "a", ZIP_DEFLATED) as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return stream.getvalue()


def compound(*names: str) -> bytes:
    """An OLE compound file whose directory has these streams and nothing in them."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<I", 0) + struct.pack("<108I", *[free] * 108)
    entries = b"".join(_entry(name, 5 if not at else 2) for at, name in enumerate(("Root Entry", *names)))
    sectors = -(-len(entries) // 512)
    table = [0xFFFFFFFD, *range(2, 1 + sectors), end]
    return (
        head
        + struct.pack("<128I", *table, *[free] * (128 - len(table)))
        + entries.ljust(512 * sectors, b"\x00")
    )


def _entry(name: str, kind: int) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    return text.ljust(64, b"\x00") + struct.pack("<HB", len(text), kind) + bytes(61)
