"""Word, Excel and LibreOffice files: zips whose own entries say what they are.

Everything is unpacked once, counted while it comes, and thrown away: what a zip says of itself may be a lie.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

from engine.evidence.refusal import TAKEN, EvidenceRefused

ZIP = b"PK\x03\x04"

MOST_ENTRIES = 2_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
"""Unpacked bytes for each packed one; long tables of equal cells reach about a hundred."""

_SMALL = 1024 * 1024
_STEP = 256 * 1024
_END = b"PK\x05\x06"
_END_LENGTH = 22
_DEEPEST = 1

_MAIN = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_EMBEDDED = ("docx", "xlsx", "pptx")
_BASIC_LISTS = ("script-lb.xml", "script-lc.xml", "dialog-lb.xml", "dialog-lc.xml")
_MACROS = "có macro (mã lệnh); hãy lưu thành tệp không có macro, hoặc PDF, rồi gửi"
_BOMB = "nén quá nhiều dữ liệu so với cỡ của nó nên không được nhận"
_BROKEN = "bị hỏng hoặc thiếu một phần; hãy mở ra rồi lưu lại"
_WHAT_BROKEN_ZIPS_RAISE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    ValueError,
    RuntimeError,
    IndexError,  # an entry whose name begins with NUL is one without a name
)


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked, over all levels."""

    entries: int = MOST_ENTRIES
    octets: int = MOST_UNPACKED


def kind_of_package(content: bytes) -> str:
    """docx, xlsx, odt or ods. EvidenceRefused for any other zip, and for one that is a trap."""
    names, heads = _unpacked(content, _Budget(), depth=0)
    kinds = [kind for kind, (main, _) in _MAIN.items() if main in names]
    if "mimetype" in names:
        declared = _OPEN_DOCUMENT.get(heads["mimetype"].strip())
        kinds += [declared] if declared else []
    if len(kinds) != 1:
        raise EvidenceRefused(f"là tệp nén hoặc loại tệp không nhận; các loại nhận: {TAKEN}")
    [kind] = kinds
    if kind in _MAIN and (b"macroEnabled" in heads["types"] or _MAIN[kind][1] not in heads["types"]):
        what = _MACROS if b"macroEnabled" in heads["types"] else f"không đúng dạng .{kind}; hãy lưu lại"
        raise EvidenceRefused(what)
    if any(_is_macro(name) for name in names):
        raise EvidenceRefused(_MACROS)
    return kind


def _is_macro(name: str) -> bool:
    parts = name.lower().split("/")
    if parts[-1].startswith("vbaproject") or parts[0] == "scripts":
        return True
    return parts[0] == "basic" and parts[-1] not in ("", *_BASIC_LISTS)


def _unpacked(content: bytes, budget: _Budget, depth: int) -> tuple[set[str], dict[str, bytes]]:
    """The names of all entries, and the beginnings of those that say what the zip is."""
    if content[-_END_LENGTH:][:4] != _END:
        raise EvidenceRefused("là tệp nén có dữ liệu khác giấu ở cuối, hoặc bị hỏng; hãy lưu lại rồi gửi")
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = package.infolist()
            budget.entries -= len(entries)
            if budget.entries < 0:
                raise EvidenceRefused(f"là tệp nén có quá {MOST_ENTRIES} mục nên không được nhận")
            _check_directory(entries, len(content))
            heads = {"types": b"", "mimetype": b""}
            for entry in entries:
                if not entry.is_dir():
                    _read(package, entry, heads, budget, depth)
            return {entry.filename for entry in entries}, heads
    except _WHAT_BROKEN_ZIPS_RAISE as error:
        raise EvidenceRefused(_BROKEN) from error


def _check_directory(entries: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise EvidenceRefused("là tệp nén có hai mục trùng tên nên không được nhận")
    # Entries that share their bytes with others would unpack to more than was sent.
    if sum(entry.compress_size for entry in entries) > size:
        raise EvidenceRefused(_BOMB)
    if min((entry.header_offset for entry in entries), default=0) != 0:
        raise EvidenceRefused("là tệp nén có dữ liệu khác giấu ở đầu nên không được nhận")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise EvidenceRefused("có mật khẩu nên văn phòng không mở được; hãy bỏ mật khẩu rồi gửi")
        parts = entry.filename.split("/")
        if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0]:
            raise EvidenceRefused("là tệp nén có đường dẫn lạ bên trong nên không được nhận")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise EvidenceRefused(_BROKEN)


def _read(
    package: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    heads: dict[str, bytes],
    budget: _Budget,
    depth: int,
) -> None:
    taken, head, kept = 0, b"", bytearray()
    name = entry.filename.lower()
    allowance = max(_SMALL, entry.compress_size * MOST_RATIO)
    embedded = "/embeddings/" in name and name.endswith(_EMBEDDED)
    with package.open(entry) as stream:
        while step := stream.read(_STEP):
            head = head or step[:8]
            taken += len(step)
            budget.octets -= len(step)
            if budget.octets < 0 or taken > allowance:
                raise EvidenceRefused(_BOMB)
            if embedded or name in ("[content_types].xml", "mimetype"):
                kept += step
    if entry.filename == "[Content_Types].xml":
        heads["types"] = bytes(kept)
    elif entry.filename == "mimetype":
        heads["mimetype"] = bytes(kept[:200])
    if head.startswith(ZIP):
        # A chart carries its table along as a workbook; anything else that is packed twice is a trap.
        if not embedded or depth == _DEEPEST:
            raise EvidenceRefused("có tệp nén khác bên trong nên không được nhận")
        _unpacked(bytes(kept), budget, depth + 1)
