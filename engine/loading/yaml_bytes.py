"""Bytes of a file → clean text: encoding, byte order marks, control characters, line ends."""

from __future__ import annotations

import re
import unicodedata

from engine.errors import Problem, Severity

MAX_BYTES = 8 * 1024 * 1024
_SHOWN = 20  # problems of one kind that are listed one by one

_SAVE_AS_UTF8 = "mở tệp bằng trình soạn thảo, chọn “Save As / Lưu thành” với mã (encoding) UTF-8"
_KINDS = {  # first bytes of files that are no text
    b"PK\x03\x04": "tệp Word/Excel (.docx, .xlsx) hoặc tệp nén",
    b"\xd0\xcf\x11\xe0": "tệp Word/Excel đời cũ (.doc, .xls)",
    b"%PDF": "tệp PDF",
    b"\x1f\x8b": "tệp nén",
}
_MARKS = {  # byte order marks; UTF-32 LE begins like UTF-16 LE, so it stands first
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
# What a letter looks like in the legacy Vietnamese encodings. TCVN 5712:1993 (VN3) keeps ăâêôơưđ and
# the toned letters of a/ă/â from 0xA8 to 0xBE; VNI-Windows writes a base letter, then a tone byte;
# Windows-1258 has đ, ư, ơ and five combining tone bytes.
_TCVN3 = re.compile(rb"[\xa8-\xae\xb5-\xbe]")
_VNI = re.compile(rb"[aeiouyAEIOUY\xf4\xf6][\xf9\xf8\xfb\xf5\xef\xe0-\xe5\xe8-\xeb\xfa\xfc]|\xf1")
_CP1258 = re.compile(rb"[\xf0\xd0\xfd]|[A-Za-z\xe2\xea\xf4\xe3\xf5\xfd][\xcc\xd2\xde\xec\xf2]")

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ZERO_WIDTH = re.compile("[\u200b\ufeff]")
_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")
# Legacy fonts saved as UTF-8: the same letters as Latin-1 characters, and no true Vietnamese letter.
_TCVN3_TEXT = re.compile("[\xa8-\xae\xb5\xb6\xb8-\xbe]")
_VNI_TEXT = re.compile("[aeoöôuy][\xf9\xf8\xfb\xf5\xef\xe1\xe0\xe5\xe3\xe4\xe2][^\\W\\d_]?|\xf1")
_VIETNAMESE = re.compile("[\u1ea0-\u1ef9\u0103\u0111\u01a1\u01b0]")


def read_text(data: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """The text of a file, or None when it is no text; never raises.

    Line ends become ``\\n``; the text is NFC, without zero-width characters; each control character
    is reported and then stands as U+FFFD, so that what follows keeps its column.
    """
    refused = _refuse(data, file)
    if refused is not None:
        return None, [refused]
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _ODD_BREAKS.sub(" ", _ZERO_WIDTH.sub("", text))
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    problems = _legacy_font(text, file)
    if CONTROL.search(text):
        problems += _controls(text, file)
        text = CONTROL.sub("\ufffd", text)
    return text, problems


def clean(value: str) -> str:
    """A value that came from an escape (``"\\u0301"``): NFC, without zero-width characters."""
    return unicodedata.normalize("NFC", _ZERO_WIDTH.sub("", value))


def _refuse(data: bytes, file: str) -> Problem | None:
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f}".replace(".", ",")
        return _error(
            file,
            "too-large",
            f"Tệp quá lớn: {size} MB, tối đa {MAX_BYTES // 1024 // 1024} MB",
            "chia thành nhiều tệp nhỏ hơn; kiểm tra xem có dán nhầm dữ liệu không",
        )
    for start, kind in _KINDS.items():
        if data.startswith(start):
            message = f"Đây là {kind}, không phải tệp YAML"
            return _error(file, "not-text", message, "lưu nội dung thành tệp .yaml")
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return _encoding(file, f"Tệp được lưu bằng mã {name}, cần mã UTF-8")
    if len(data) >= 8 and data.count(0) * 4 > len(data):
        return _encoding(file, "Tệp có vẻ được lưu bằng mã UTF-16, cần mã UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        if _VIETNAMESE.search(data.decode("utf-8", errors="ignore")):
            hint = "gõ lại chỗ này; thường do dán chữ từ một tệp khác mã hoặc tệp bị hỏng"
            return _error(file, "encoding", "Có ký tự không thuộc mã UTF-8", hint, line, column)
        suspect = _suspect(data)
        said = f"có vẻ là {suspect}" if suspect else "không rõ mã gì"
        return _encoding(file, f"Tệp không phải mã UTF-8 ({said})", line, column)
    return None


def _suspect(data: bytes) -> str:
    """The legacy encoding that the bytes look most like, empty when they look like none."""
    sample = data[:200_000]
    scores = {
        "mã TCVN3 (phông .VnTime)": len(_TCVN3.findall(sample)),
        "mã VNI (phông VNI-Times)": len(_VNI.findall(sample)),
        "mã Windows-1258": 2 * len(_CP1258.findall(sample)),
    }
    name = max(scores, key=lambda key: scores[key])
    return name if scores[name] else ""


def _legacy_font(text: str, file: str) -> list[Problem]:
    """A warning where the text looks typed for a legacy font and only then saved as UTF-8."""
    if text.isascii() or _VIETNAMESE.search(text):
        return []
    for pattern, name in ((_TCVN3_TEXT, "TCVN3 (.VnTime)"), (_VNI_TEXT, "VNI (VNI-Times)")):
        hits = list(pattern.finditer(text))
        if len(hits) >= 5:
            line, column = _place(text, hits[0].start())
            message = f"Chữ trong tệp có vẻ gõ theo phông {name}, không phải Unicode"
            hint = "chuyển sang Unicode dựng sẵn bằng Unikey (Công cụ → Chuyển mã)"
            return [Problem(file, line, column, Severity.WARNING, "legacy-font", message, hint)]
    return []


def _controls(text: str, file: str) -> list[Problem]:
    found = list(CONTROL.finditer(text))
    problems = []
    for match in found[:_SHOWN]:
        line, column = _place(text, match.start())
        code = ord(match.group())
        problems.append(
            _error(
                file,
                "control-character",
                f"Ký tự điều khiển không đọc được (U+{code:04X})",
                "xóa ký tự này rồi gõ lại; thường do dán từ Word hoặc tệp hỏng",
                line,
                column,
            )
        )
    if len(found) > _SHOWN:
        message = f"Còn {len(found) - _SHOWN} ký tự điều khiển khác trong tệp"
        problems.append(_error(file, "control-character", message, "tệp có thể đã hỏng; lấy lại bản gốc"))
    return problems


def _place(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _encoding(file: str, message: str, line: int = 0, column: int = 0) -> Problem:
    return _error(file, "encoding", message, _SAVE_AS_UTF8, line, column)


def _error(file: str, code: str, message: str, hint: str, line: int = 0, column: int = 0) -> Problem:
    return Problem(file, line, column, Severity.ERROR, code, message, hint)
