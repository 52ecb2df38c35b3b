"""``dondoc deadline``: one cell for people, a stream of them for programs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.command_line import ENGLISH, ROOT, dondoc, dondoc_process

CELL = "Trước ngày 01/7/2023"


def stream(*lines: bytes | dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """Feeds JSON lines; gives back the status and the lines that came out."""
    given = b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )
    answer = dondoc("deadline", "--json", "-", stdin=given)
    assert answer.err == ""
    return answer.status, [json.loads(line) for line in answer.out.splitlines()]


def test_a_cell_as_people_read_it() -> None:
    answer = dondoc("deadline", "Chậm nhất ngày 01/7/2023", "--year", "2023")
    assert (answer.status, answer.err) == (0, "")
    assert "thứ Bảy 01/07/2023" in answer.out
    assert "thứ Hai 03/07/2023, vì ngày hạn là ngày nghỉ (Thứ Bảy)" in answer.out
    assert "Quy tắc đọc" in answer.out
    assert re.findall(ENGLISH, answer.out) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hằng tháng", "10 kỳ: 31/03/2023"),
        ("Thường xuyên", "thường xuyên"),
        ("Khi có yêu cầu", "Sự kiện"),
        ("30 ngày kể từ ngày ban hành", "09/04/2023"),
        ("Trước 15/6/2023; trước 15/9/2023", "Mốc 2:"),
        ("Ngày 29/4/2030", "lịch chưa có năm 2030"),
    ],
)
def test_every_kind_has_its_words(text: str, said: str) -> None:
    answer = dondoc("deadline", text, "--year", "2023", "--issued", "10/03/2023")
    assert answer.status == 0
    assert said in answer.out


def test_json_is_one_value_with_iso_dates() -> None:
    answer = dondoc("deadline", CELL, "--year", "2023", "--issued", "2023-03-10", "--json")
    assert (answer.status, answer.err) == (0, "")
    value = answer.json
    assert (value["kind"], value["due"], value["alt_due"]) == ("date", "2023-06-30", "2023-07-01")
    assert (value["text"], value["errors"]) == (CELL, [])


@pytest.mark.parametrize("text", ["abc xyz", "Trước ngày 31/6/2023", "Quý V", ""])
def test_what_is_not_understood_is_no(text: str) -> None:
    people = dondoc("deadline", text, "--year", "2023")
    assert people.status == 1
    assert people.err.startswith("Lỗi: ")
    program = dondoc("deadline", text, "--year", "2023", "--json")
    assert (program.status, program.err) == (1, "")
    assert program.json["errors"]
    assert all(re.search("[À-ỹ]", error["message"]) for error in program.json["errors"])


def test_a_stream_answers_line_by_line() -> None:
    status, lines = stream(
        {"text": CELL, "plan_year": 2023, "issued": None},
        {"text": "Sau 10 ngày kể từ ngày ban hành", "plan_year": 2023, "issued": "10/03/2023"},
        b"",
        {"text": "Quý V", "plan_year": 2023, "issued": "2023-03-10"},
        {"text": "", "plan_year": 2023, "issued": ""},
    )
    assert status == 0, "a cell that is not understood is an answer"
    assert [line["kind"] for line in lines][::2] == ["date", "invalid"]
    assert len(lines) == 4
    assert lines[0]["due"] == "2023-06-30"
    assert lines[2]["errors"]
    assert lines[3]["kind"] == "unspecified"


BAD = [
    b"no json",
    b"[1]",
    b"5",
    b"{}",
    b'{"text": "x"}',
    b'{"text": 5, "plan_year": 2023}',
    b'{"text": "x", "plan_year": "2023"}',
    b'{"text": "x", "plan_year": true}',
    b'{"text": "x", "plan_year": 12}',
    b'{"text": "x", "plan_year": 2023, "issued": "31/02/2023"}',
    b'{"text": "x", "plan_year": 2023, "issued": 5}',
    b'{"text": "\xff", "plan_year": 2023}',
    b'{"text": "x", "plan_year": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b"x" * 1_000_001,
]


@pytest.mark.parametrize("line", BAD, ids=lambda line: repr(line[:40]))
def test_a_bad_line_is_an_answer_and_the_stream_goes_on(line: bytes) -> None:
    status, lines = stream(line, {"text": CELL, "plan_year": 2023})
    assert status == 1, "the input had an error"
    assert len(lines) == 2
    (error,) = lines[0]["errors"]
    assert set(error) == {"code", "message", "hint", "start", "end"}
    assert re.search("[À-ỹ]", error["message"])
    assert lines[1]["due"] == "2023-06-30"


@given(st.lists(st.binary(max_size=60).filter(lambda raw: b"\n" not in raw), max_size=5))
def test_any_bytes_get_a_line_each(lines: list[bytes]) -> None:
    _, answers = stream(*lines)
    assert len(answers) == sum(bool(line.strip()) for line in lines)


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    _, answers = stream({"text": text, "plan_year": 2023})
    assert len(answers) == 1


def test_an_odd_character_does_not_break_the_line() -> None:
    _, (answer,) = stream(b'{"text": "\\ud800 \\u2028 \\u0000", "plan_year": 2023}')
    assert answer["errors"]


def test_answers_come_at_once() -> None:
    command = [sys.executable, "-m", "engine.cli.main", "deadline", "--json", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "LC_ALL": "C"}
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for day in (1, 2, 3):
            asked = {"text": f"ngày {day}/7/2023", "plan_year": 2023}
            running.stdin.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["due"] == f"2023-07-0{day}"
        running.stdin.close()
        assert running.wait(60) == 0


def test_the_calendar_is_the_homes_own(starter_home: Path) -> None:
    words = ["deadline", "Ngày 05/7/2023", "--year", "2023", "--json", "--home", str(starter_home)]
    assert dondoc(*words).json["rolled"] == "2023-07-05"
    calendar = starter_home / "rules" / "calendar.yaml"
    text = calendar.read_text(encoding="utf-8")
    entry = "      - {date: 05/07/2023, name: Nghỉ riêng, source: thử}\n"
    begin = text.index("days_off:\n", text.index("year: 2023")) + len("days_off:\n")
    calendar.write_text(text[:begin] + entry + text[begin:], encoding="utf-8")
    assert dondoc(*words).json["rolled"] == "2023-07-06"
    calendar.write_text("years: 5", encoding="utf-8")
    broken = dondoc(*words)
    assert (broken.status, broken.json["rolled"]) == (0, "2023-07-05")
    assert "có lỗi" in broken.err
    assert dondoc(*words[:-1], starter_home / "missing").status == 1


def test_without_a_home_the_shipped_calendar_serves(tmp_path: Path) -> None:
    answer = dondoc_process("deadline", "Ngày 01/7/2023", "--year", "2023", "--json", cwd=tmp_path)
    assert (answer.status, answer.json["rolled"]) == (0, "2023-07-03")
