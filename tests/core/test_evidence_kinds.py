"""A file is what its content says it is, and what deceives is not taken."""

from __future__ import annotations

import struct
import tracemalloc
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence import packages
from engine.evidence.compound_files import COMPOUND
from engine.evidence.kinds import LARGEST_FILE, kind_of
from engine.evidence.names import LONGEST_NAME, clean_name
from engine.evidence.refusal import EvidenceRefused
from tests.core.evidence_files import (
    JPEG,
    PDF,
    compound,
    excel,
    open_document,
    packed,
    png,
    with_more,
    word,
)

SOUND = {
    "pdf": PDF,
    "png": png(),
    "jpg": JPEG,
    "docx": word(),
    "xlsx": excel(),
    "odt": open_document("text"),
    "ods": open_document("spreadsheet"),
    "doc": compound("WordDocument", "1Table"),
    "xls": compound("Workbook"),
}
_TYPES = b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
_WEB_PAGE = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.mark.parametrize("ending", SOUND)
def test_sound_files_are_known_by_their_content(ending: str) -> None:
    found = kind_of(SOUND[ending])
    assert found.ending == ending
    assert found.media_type.startswith(("application/", "image/"))


def refusal(content: bytes) -> str:
    with pytest.raises(EvidenceRefused) as caught:
        kind_of(content)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "tệp rỗng"),
        ("chỉ là chữ".encode(), "không phải loại tệp được nhận"),
        (_WEB_PAGE, "trang web"),
        (b"\xef\xbb\xbf  <html lang=vi>", "trang web"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"#!/bin/sh\nrm -rf /", "chương trình"),
        (b"MZ\x90\x00", "chương trình"),
        (b"\x7fELF", "chương trình"),
        (b"Rar!\x1a\x07", "tệp nén"),
        (b"\x1f\x8b\x08", "tệp nén"),
        (packed(("a.txt", b"x")), "tệp nén"),
        (b"GIF89a", "loại ảnh khác"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmp42", "phim"),
        (PDF[:-8], "PDF bị hỏng"),
        (PDF + b"x" * 50, "dữ liệu khác giấu ở cuối"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "mã lệnh"),
        (PDF.replace(b"endobj", _WEB_PAGE), "giấu bên trong"),
        (b"\n" + PDF, "không phải loại tệp được nhận"),
        (png()[:-4], "bị hỏng"),
        (png() + b"hidden", "giấu ở cuối"),
        (png() + packed(("a.html", _WEB_PAGE)), "giấu ở cuối"),
        (png(60_000, 60_000), "quá lớn"),
        (JPEG[:20], "bị hỏng"),
        (JPEG + packed(("a.html", b"x")), "giấu bên trong"),
        (JPEG + _WEB_PAGE, "giấu bên trong"),
        (compound("PowerPoint Document"), "không phải loại tệp được nhận"),
        (compound("WordDocument", "Macros", "VBA"), "macro"),
        (compound("EncryptedPackage"), "mật khẩu"),
        (compound("WordDocument")[:600], "bị hỏng"),
        (word()[:-30], "bị hỏng"),
        (with_more(word(), ("word/vbaProject.bin", b"x")), "macro"),
        (with_more(word(), ("xl/workbook.xml", b"x")), "không nhận"),
        (packed(("[Content_Types].xml", _TYPES), ("word/document.xml", b"<x/>")), "macro"),
        (packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>")), "không đúng dạng"),
        (with_more(word(), ("../../etc/cron.d/x", b"x")), "đường dẫn lạ"),
        (with_more(word(), ("/etc/x", b"x")), "đường dẫn lạ"),
        (with_more(word(), ("C:/x", b"x")), "đường dẫn lạ"),
        (b"MZ" + word(), "chương trình"),
        (word() + PDF, "giấu ở cuối"),
        (open_document("text", ("Basic/Standard/Module1.xml", b"Sub x")), "macro"),
        (open_document("presentation"), "không nhận"),
        (with_more(word(), ("word/media/a.zip", packed(("x", b"y")))), "tệp nén khác bên trong"),
    ],
)
def test_what_deceives_or_is_no_proof_is_refused(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


def test_a_file_over_the_limit_is_refused() -> None:
    body = b"%" + b"x" * (LARGEST_FILE - len(PDF))
    assert kind_of(PDF[:9] + body[: LARGEST_FILE - len(PDF)] + PDF[9:]).ending == "pdf"
    assert "lớn quá 10 MB" in refusal(PDF[:9] + body + PDF[9:])


def test_a_zip_bomb_is_refused_while_it_unpacks() -> None:
    assert "nén quá nhiều" in refusal(with_more(word(), ("word/bomb.xml", bytes(30_000_000))))


def test_many_entries_are_refused() -> None:
    many = [(f"word/{n}.xml", b"") for n in range(packages.MOST_ENTRIES)]
    assert "quá 2000 mục" in refusal(with_more(word(), *many))


def test_the_total_counts_over_embedded_files_too() -> None:
    inner = with_more(excel(), ("xl/a.xml", bytes(900_000)))
    assert kind_of(with_more(word(), ("word/embeddings/a.xlsx", inner))).ending == "docx"
    deeper = with_more(excel(), ("xl/embeddings/b.xlsx", inner))
    assert "tệp nén khác bên trong" in refusal(with_more(word(), ("word/embeddings/a.xlsx", deeper)))


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    content = bytearray(with_more(word(), ("word/a.xml", b"A" * 5000)))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size it claims to unpack to
    with pytest.raises(EvidenceRefused):
        kind_of(bytes(content))


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = with_more(word(), ("word/a.xml", b"1"), ("word/a.xml", b"2"))
    assert "trùng tên" in refusal(doubled)


def test_a_password_is_named() -> None:
    content = bytearray(packed(("[Content_Types].xml", b"x"), ("word/document.xml", b"y"), stored=True))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark)
        content[at + offset] |= 1
    assert "mật khẩu" in refusal(bytes(content))


@given(st.sampled_from(sorted(SOUND)), st.data())
def test_damage_never_breaks_the_judge(ending: str, data: st.DataObject) -> None:
    content = bytearray(SOUND[ending])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        with suppress(EvidenceRefused):
            assert kind_of(damaged).ending in SOUND


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(content: bytes) -> None:
    assert refusal(content)


@pytest.mark.parametrize(
    ("given", "ending", "kept"),
    [
        ("báo cáo.pdf", "pdf", "báo cáo.pdf"),
        (unicodedata.normalize("NFD", "báo cáo.pdf"), "pdf", "báo cáo.pdf"),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\a\\ảnh.JPG", "jpg", "ảnh.JPG"),
        ("ảnh.jpeg", "jpg", "ảnh.jpeg"),
        ("hoa-don.exe", "pdf", "hoa-don.exe.pdf"),
        ("bao\u202efdp.exe", "pdf", "baofdp.exe.pdf"),
        ("a\x00b\r\nc.png", "png", "ab c.png"),
        ("", "docx", "minh-chung.docx"),
        ("...", "docx", "minh-chung.docx"),
        (".pdf", "pdf", "pdf.pdf"),
        ("CON.pdf", "pdf", "_CON.pdf"),
        ('a<b>"c|d?.pdf', "pdf", "a_b__c_d_.pdf"),
        ("x" * 300 + ".pdf", "pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(given: str, ending: str, kept: str) -> None:
    assert clean_name(given, ending) == kept


@given(st.text(max_size=200), st.sampled_from(sorted(SOUND)))
def test_any_name_becomes_a_harmless_one(name: str, ending: str) -> None:
    cleaned = clean_name(name, ending)
    assert 1 <= len(cleaned) <= LONGEST_NAME
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not set(cleaned) & set('/\\<>:"|?*')
    assert all(c == " " or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in cleaned)
    assert cleaned == cleaned.strip(". ")
    assert clean_name(cleaned, ending) == cleaned


def test_a_compound_file_that_names_one_part_again_and_again_is_refused() -> None:
    """Unfolded, 10 MB of it would be some 12 GB."""
    header = bytearray(COMPOUND.ljust(512, b"\0"))
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 68, 1)
    header[76:512] = b"\xff" * 436
    again = [struct.pack("<128I", *([0] * 127), n + 2 if n < 99 else 0xFFFFFFFE) for n in range(100)]
    tracemalloc.start()
    try:
        with pytest.raises(EvidenceRefused, match="bị hỏng"):
            kind_of(bytes(header) + b"\xff" * 512 + b"".join(again))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_zip_with_an_entry_without_a_name_is_refused() -> None:
    # To Python up to 3.12 such an entry is an error, to later ones merely nothing that is taken.
    with pytest.raises(EvidenceRefused, match=r"bị hỏng|không nhận"):
        kind_of(packed(("ab", b"x")).replace(b"ab", b"\0b"))
