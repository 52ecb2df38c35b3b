"""Old Word and Excel files: the directory of a compound file (MS-CFB) says which of them it is."""

from __future__ import annotations

import struct

from engine.evidence.refusal import TAKEN, EvidenceRefused

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BROKEN = "bị hỏng hoặc thiếu một phần; hãy mở ra rồi lưu lại"
_LAST_SECTOR = 0xFFFFFFFA
_ENTRY = 128
_IN_HEADER = 109
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls"}
_MACROS = frozenset({"VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR", "Macros"})


def kind_of_compound_file(content: bytes) -> str:
    """doc or xls. EvidenceRefused for any other compound file, and for one with macros or a password."""
    try:
        names = _names(content)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise EvidenceRefused(_BROKEN) from error
    if "EncryptedPackage" in names:
        raise EvidenceRefused("có mật khẩu nên văn phòng không mở được; hãy bỏ mật khẩu rồi gửi")
    if names & _MACROS:
        raise EvidenceRefused("có macro (mã lệnh); hãy lưu thành tệp không có macro, hoặc PDF, rồi gửi")
    kinds = {kind for name, kind in _STREAMS.items() if name in names}
    if len(kinds) != 1:
        raise EvidenceRefused(f"không phải loại tệp được nhận; các loại nhận: {TAKEN}")
    return kinds.pop()


def _names(content: bytes) -> frozenset[str]:
    """The names of all streams and storages."""
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        raise EvidenceRefused(_BROKEN)
    size = 1 << shift
    table = _sector_table(content, size)
    names = set()
    sector, seen = struct.unpack_from("<I", content, 48)[0], set[int]()
    while sector < _LAST_SECTOR:
        if sector in seen:
            raise EvidenceRefused(_BROKEN)
        seen.add(sector)
        start = (sector + 1) * size
        for entry in range(start, start + size, _ENTRY):
            length, kind = struct.unpack_from("<HB", content, entry + 64)
            if kind and 2 <= length <= 64:
                names.add(content[entry : entry + length - 2].decode("utf-16-le"))
        sector = table[sector]
    return frozenset(names)


def _sector_table(content: bytes, size: int) -> list[int]:
    """Which sector follows each sector."""
    places = list(struct.unpack_from(f"<{_IN_HEADER}I", content, 76))
    more, seen = struct.unpack_from("<I", content, 68)[0], set[int]()
    while more < _LAST_SECTOR and more not in seen:
        seen.add(more)
        numbers = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        places += numbers[:-1]
        more = numbers[-1]
    table: list[int] = []
    used = [place for place in places if place < _LAST_SECTOR]
    if len(set(used)) != len(used):
        # One part named again and again would unfold to a thousand times what was sent.
        raise EvidenceRefused(_BROKEN)
    for place in used:
        table += struct.unpack_from(f"<{size // 4}I", content, (place + 1) * size)
    return table
