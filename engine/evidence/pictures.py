"""PNG and JPEG by their own structure: W3C PNG (3rd edition), ITU-T T.81 annex B."""

from __future__ import annotations

import struct
import zlib

from engine.evidence.refusal import EvidenceRefused

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"

MOST_PIXELS = 200_000_000
"""More would not be a photo but a trap for whoever opens it."""

_BROKEN = "là ảnh bị hỏng hoặc thiếu một phần; hãy chụp hoặc lưu lại"
_STAND_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def check_png(content: bytes) -> None:
    """Every chunk whole and nothing after the last. EvidenceRefused otherwise."""
    position, first = len(PNG), True
    while position + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if end > len(content):
            break
        body = content[position + 4 : end - 4]
        if zlib.crc32(body) != struct.unpack_from(">I", content, end - 4)[0]:
            break
        if first:
            if kind != b"IHDR" or length != 13:
                break
            _check_size(*struct.unpack_from(">II", content, position + 8))
            first = False
        if kind == b"IEND":
            if end != len(content):
                raise EvidenceRefused("là ảnh có dữ liệu khác giấu ở cuối; hãy lưu lại ảnh rồi gửi")
            return
        position = end
    raise EvidenceRefused(_BROKEN)


def check_jpeg(content: bytes) -> None:
    """Segments up to the picture itself, and an end. Cameras add data of their own after it, so what follows
    the end is left to the search for other kinds. EvidenceRefused otherwise."""
    position, framed = 2, False
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STAND_ALONE:
            position += 2
            continue
        length = struct.unpack_from(">H", content, position + 2)[0]
        if length < 2:
            break
        if marker in _FRAMES and position + 9 <= len(content):
            height, width = struct.unpack_from(">HH", content, position + 5)
            _check_size(width, height or 1)
            framed = True
        if marker == 0xDA:
            if framed and content.find(b"\xff\xd9", position) > 0:
                return
            break
        position += 2 + length
    raise EvidenceRefused(_BROKEN)


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise EvidenceRefused(_BROKEN)
    if width * height > MOST_PIXELS:
        raise EvidenceRefused(f"là ảnh quá lớn ({width} × {height} điểm); hãy thu nhỏ rồi gửi")
