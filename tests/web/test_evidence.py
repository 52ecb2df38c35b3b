"""Evidence: what is taken, where it lies, who gets it back, and that it is never shown as a page."""

from __future__ import annotations

import json
import re
import shutil
import stat
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from httpx2 import Response

from engine.evidence import shelf
from engine.evidence.kinds import LARGEST_FILE
from engine.installation.doctor import examine
from engine.store.backup import write_backup
from engine.store.database import reading
from engine.store.work.evidence import all_of_them, place_of
from tests.core.evidence_files import JPEG, PDF, excel, png, with_more, word
from tests.web.sites import Web
from tests.web.unit_links import OTHER, Unit, assignments, everything, rows, unit_by_link
from web.evidence.downloads import disposition


def sent(unit: Unit, id: str, *files: tuple[str, bytes], choice: str = "xong") -> Response:
    """An answer with files, which the browser says are harmless pictures."""
    return unit.answer(id, choice, files=[("tep", (name, content, "image/png")) for name, content in files])


def on_disk(web: Web) -> list[Path]:
    return [path for path in (web.site.home / "evidence").rglob("*") if path.is_file()]


def test_files_come_with_the_answer(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    answer = sent(unit, id, ("báo cáo.pdf", PDF), ("../../ảnh.JPG", JPEG), ("so lieu", excel()))
    assert answer.status_code == 303
    found = rows(web, "SELECT name, media_type, size, assignment, event FROM evidence ORDER BY name")
    assert [(name, size, assignment, event) for name, _, size, assignment, event in found] == [
        ("báo cáo.pdf", len(PDF), id, 1),
        ("so lieu.xlsx", len(excel()), id, 1),
        ("ảnh.JPG", len(JPEG), id, 1),
    ]
    assert {media for _, media, *_ in found} == {
        "application/pdf",
        "image/jpeg",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    for path in on_disk(web):
        assert re.fullmatch(r"[0-9a-f]{32}", path.name)
        assert path.parent.name == path.name[:2]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "báo cáo.pdf" in unit.client.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("trang.pdf", b"<html><script>alert(1)</script>", "Tệp “trang.pdf” là trang web"),
        ("anh.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "Tệp “anh.svg”"),
        ("a.docx", with_more(word(), ("word/x.xml", bytes(30_000_000))), "nén quá nhiều"),
        ("to.pdf", PDF[:9] + bytes(LARGEST_FILE) + PDF[9:], "lớn quá 10 MB"),
        ("<b>.exe", b"MZ", "Tệp “_b_.exe” là chương trình"),
    ],
)
def test_a_file_that_is_not_taken_stops_the_answer(web: Web, name: str, content: bytes, reason: str) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    before = everything(web)
    answer = unit.answer(id, "xong", files=[("tep", (name, content))], **{"xong-so_hieu": "45/BC"})
    assert answer.status_code == 422
    assert reason in answer.text
    assert "45/BC" in answer.text
    assert "Tệp đính kèm phải chọn lại" in answer.text
    assert everything(web) == before
    assert on_disk(web) == []


def test_one_bad_file_among_good_ones_stops_all(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    assert sent(unit, id, ("a.pdf", PDF), ("b.pdf", b"MZ")).status_code == 422
    assert on_disk(web) == []


def test_too_many_files(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    assert "Nhiều nhất 5 tệp" in sent(unit, id, *[(f"{n}.pdf", PDF) for n in range(6)]).text
    assert sent(unit, id, *[(f"{n}.pdf", PDF) for n in range(5)]).status_code == 303


def test_files_of_another_answer_are_not_taken(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    assert sent(unit, id, ("a.pdf", PDF), choice="da-nhan").status_code == 303
    assert on_disk(web) == []


def test_a_refused_answer_leaves_no_file(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    answer = unit.answer(id, "xong", luot="99", files=[("tep", ("a.pdf", PDF))])
    assert answer.status_code == 409
    assert on_disk(web) == []


def test_a_full_disk_is_said(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    (web.site.home / "evidence").write_text("a file where the folder should be", encoding="utf-8")
    answer = sent(unit, id, ("a.pdf", PDF))
    assert answer.status_code == 400
    assert "Chưa lưu được tệp minh chứng" in answer.text
    assert rows(web, "SELECT count(*) FROM event") == [(0,)]


# --- giving out ----------------------------------------------------------------------------------------


def handed_in(web: Web, *files: tuple[str, bytes]) -> tuple[Unit, str, list[str]]:
    unit, id = unit_by_link(web), assignments(web)[0]
    assert sent(unit, id, *(files or [("báo cáo.png", png())])).status_code == 303
    return unit, id, [str(number) for (number,) in rows(web, "SELECT id FROM evidence ORDER BY id")]


def test_a_file_is_a_download_and_nothing_else(web: Web) -> None:
    unit, id, [number] = handed_in(web)
    office = web.signed_in("leader")
    for answer in (
        unit.get(f"/minh-chung/{number}"),
        office.client.get(f"/viec/{id}/minh-chung/{number}"),
    ):
        assert (answer.status_code, answer.content) == (200, png())
        headers = answer.headers
        assert headers["content-disposition"] == (
            "attachment; filename=\"bao cao.png\"; filename*=UTF-8''b%C3%A1o%20c%C3%A1o.png"
        )
        assert headers["content-type"] == "image/png"
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1.pdf", "a%0d%0ab.pdf", "ă" * 200]
)
def test_a_name_cannot_leave_its_header(web: Web, name: str) -> None:
    unit, _, [number] = handed_in(web, (name, PDF))
    answer = unit.get(f"/minh-chung/{number}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    shown = answer.headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename=\"[^\"\r\n]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+", shown)


def test_the_name_of_a_download_is_plain_for_old_browsers() -> None:
    assert disposition("Đề án “số”.pdf").startswith('attachment; filename="de an _so_.pdf"; ')


def test_nobody_else_gets_a_file(web: Web) -> None:
    _, id, [number] = handed_in(web)
    stranger = unit_by_link(web, OTHER)
    theirs = assignments(web, OTHER)[0]
    assert stranger.get(f"/minh-chung/{number}").status_code == 404
    assert web.visitor().get(f"/viec/{id}/minh-chung/{number}").status_code == 303
    office = web.signed_in("manager").client
    assert office.get(f"/viec/{theirs}/minh-chung/{number}").status_code == 404
    for wrong in ("0" * 32, "../../dondoc.db", "..%2F..%2Fdondoc.db", "x", number[:-1], number.upper() + "0"):
        assert office.get(f"/viec/{id}/minh-chung/{wrong}").status_code == 404
    assert web.visitor().get(f"/static/../evidence/{number[:2]}/{number}").status_code == 404


def test_a_file_that_was_changed_on_disk_is_not_given_out(web: Web) -> None:
    unit, _, [number] = handed_in(web)
    place_of(web.site.home, number).write_bytes(b"<html>")
    assert "đã bị thay đổi" in unit.get(f"/minh-chung/{number}").text
    place_of(web.site.home, number).unlink()
    answer = unit.get(f"/minh-chung/{number}")
    assert (answer.status_code, "không còn trên máy chủ" in answer.text) == (404, True)


# --- keeping -------------------------------------------------------------------------------------------


def test_the_backup_holds_the_files(web: Web, tmp_path: Path) -> None:
    _, _, numbers = handed_in(web, ("a.pdf", PDF), ("b.png", png()))
    place_of(web.site.home, numbers[0]).unlink()
    saved = write_backup(web.site.engine, web.site.home, tmp_path / "sao.zip", web.clock.now)
    assert (saved.evidence, saved.missing, saved.rows["evidence"]) == (1, (numbers[0],), 2)
    with ZipFile(tmp_path / "sao.zip") as copy:
        head = json.loads(copy.read("backup.json"))
        assert head["evidence"] == {"files": 1, "missing": [numbers[0]]}
        kept = copy.read(f"home/evidence/{numbers[1][:2]}/{numbers[1]}")
    assert kept in (PDF, png())


def examined(web: Web) -> list[tuple[str, str]]:
    return [(f.level, f.what) for f in examine(web.site.home, web.clock.now) if "minh chứng" in f.what]


def test_the_doctor_looks_at_every_file(web: Web) -> None:
    _, id, numbers = handed_in(web, ("a.pdf", PDF), ("b.png", png()))
    assert examined(web) == [("ok", "2 tệp minh chứng còn nguyên")]
    place_of(web.site.home, numbers[0]).unlink()
    place_of(web.site.home, numbers[1]).write_bytes(b"x")
    assert examined(web) == [
        ("error", f"1 tệp minh chứng không còn trên đĩa: {numbers[0]} ({id})"),
        ("error", f"1 tệp minh chứng đã bị thay đổi trên đĩa: {numbers[1]} ({id})"),
    ]


def test_files_without_a_row_are_named_once_nobody_is_writing_them(web: Web) -> None:
    _, _, [number] = handed_in(web)
    lost = place_of(web.site.home, "ab" * 16)
    lost.parent.mkdir(exist_ok=True)
    shutil.copy(place_of(web.site.home, number), lost)
    with reading(web.site.engine) as connection:
        known = list(all_of_them(connection))
    from_now = web.clock.now.fromtimestamp(lost.stat().st_mtime, web.clock.now.tzinfo)
    assert shelf.take_stock(web.site.home, known, from_now + timedelta(minutes=59)).orphans == ()
    assert shelf.take_stock(web.site.home, known, from_now + timedelta(minutes=61)).orphans == (lost,)
