"""``dondoc report close|amend|closed|verify|draft`` on a small home."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from tests.office.conftest import office, pristine_office
from tests.office.offices import FORMULA, REPORT, Office

__all__ = ["office", "pristine_office"]

APRIL = ("--all", "--window", "2023-04")
HALF = ("--plan", "thu-2023", "--window", "2023-H1")


def test_from_closing_to_amending(office: Office) -> None:
    office.say(REPORT, "done", date(2023, 3, 30))
    told = office.good("report", "close", "tasks", *APRIL, "--by", "Văn phòng").out
    assert "bởi Văn phòng (mã " in told
    assert "đã chốt" in office.refused("report", "close", "tasks", *APRIL)
    assert "Không có ô nào khác" in office.refused("report", "amend", "tasks", *APRIL, "--reason", "x")
    before = office.good("report", "tasks", *APRIL, "--json").json
    office.say(FORMULA, "done", date(2023, 4, 3))

    printed = office.good("report", "tasks", *APRIL)
    assert office.good("report", "tasks", *APRIL, "--json").json == before
    assert "Đã chốt ngày" in printed.out
    assert "khác số đã chốt mà chưa có đính chính" in printed.out

    amended = office.good("report", "amend", "tasks", *APRIL, "--reason", "UBND xã Một báo cáo bổ sung").out
    assert "Đính chính lần 1 ngày" in amended
    assert "UBND xã Một báo cáo bổ sung. Các ô đổi: Tổng cộng – " in amended
    after = office.good("report", "tasks", *APRIL, "--json").json
    assert after["total"]["done_on_time"] == before["total"]["done_on_time"] + 1
    assert "chưa có đính chính" not in office.good("report", "tasks", *APRIL).out

    [listed] = office.good("report", "closed", "--json").json
    assert (listed["kind"], listed["from"], listed["to"]) == ("tasks", "2023-03-15", "2023-04-14")
    assert [each["reason"] for each in listed["amendments"]] == ["UBND xã Một báo cáo bổ sung"]
    assert "mọi kế hoạch" in office.good("report", "closed").out
    assert "2 bản đã chốt" in office.good("report", "verify").out


def test_form1_is_closed_on_its_own(office: Office) -> None:
    office.good("report", "close", "form1", *HALF)
    kept = office.good("report", "form1", *HALF, "--json").json
    office.say(REPORT, "done", date(2023, 3, 30))
    assert office.good("report", "form1", *HALF, "--json").json == kept
    assert "Đã chốt" not in office.good("report", "tasks", *HALF).out


def test_verify_and_doctor_name_what_was_changed(office: Office) -> None:
    assert office.good("report", "verify", "--json").json == {"versions": 0, "broken": []}
    office.good("report", "close", "tasks", *APRIL)
    with sqlite3.connect(office.home / "dondoc.db") as connection:
        connection.execute("DROP TRIGGER closed_report_no_update")
        connection.execute("UPDATE closed_report SET reason = 'khác'")
    connection.close()
    answer = office("report", "verify")
    assert answer.status == 1
    assert "mọi kế hoạch, kỳ 15/03/2023–14/04/2023, bản chốt (dòng số 1): nội dung đã bị sửa" in answer.err
    [wrong] = office("report", "verify", "--json").json["broken"]
    assert (wrong["row"], wrong["version"]) == (1, 0)
    assert "Số liệu đã chốt không còn nguyên vẹn" in office("doctor").out


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("close", "tasks", "--all"), 2, "cần --window"),
        (("close", "tasks", "--all", "--window", "2090-01"), 1, "mới xong nên chưa chốt được"),
        (("close", "tasks", "--window", "2023-04"), 2, "cần --plan"),
        (("close", "other", *APRIL), 2, "tasks"),
        (("amend", "tasks", *APRIL), 2, "--reason"),
        (("amend", "tasks", *APRIL, "--reason", "vì thế"), 1, "chưa chốt"),
        (("draft", "--all", "--window", "2090-01"), 1, "chưa bắt đầu"),
    ],
)
def test_refusals(office: Office, words: tuple[str, ...], status: int, told: str) -> None:
    assert told in office.refused("report", *words, status=status)


def test_the_draft_in_words_and_as_a_file(office: Office, tmp_path: Path) -> None:
    office.say(REPORT, "done", date(2023, 3, 30), "--note", "đã gửi kèm công văn")
    shown = office.good("report", "draft", *HALF).out
    assert "1. Kết quả chung" in shown
    assert "nêu: «đã gửi kèm công văn»." in shown
    assert "[1]" not in shown
    assert "[1] được giao = " in office.good("report", "draft", *HALF, "--sources").out
    sections = office.good("report", "draft", *HALF, "--json").json["sections"]
    assert all(sentence["sources"] for section in sections for sentence in section["sentences"])
    path = tmp_path / "du-thao.docx"
    office.good("report", "draft", *HALF, "--docx", path)
    written = "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
    assert "1. Kết quả chung" in written
    assert "«đã gửi kèm công văn»" in written
