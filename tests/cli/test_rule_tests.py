"""``dondoc test``: the shipped tests pass, a wrong expectation fails, a rule without a test fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import dondoc, everything_in

TIMELINE = """
timelines:
- name: Quá hạn một việc
  assignment: {starts: 01/03/2023, due: 31/03/2023}
  rules: qua-han-nhac-lai
  events:
EVENTS
  complete: true
  expect:
EXPECT
"""


def timeline(home: Path, events: str, expect: str) -> Path:
    """Writes a test file of one timeline and returns its path."""
    text = TIMELINE.replace("  events:\nEVENTS\n", f"  events:\n{events}\n" if events else "")
    path = home / "thử.yaml"
    path.write_text(text.replace("EXPECT", expect), encoding="utf-8")
    return path


def test_the_shipped_tests_pass_and_cover_every_rule(pristine_home: Path) -> None:
    before = everything_in(pristine_home)
    answer = dondoc("test", "--home", pristine_home)
    assert (answer.status, answer.err) == (0, "")
    done, all_ = answer.out.split()[0].split("/")
    assert done == all_
    assert int(all_) >= 30
    assert everything_in(pristine_home) == before


def test_a_wrong_expectation_says_what_differs(starter_home: Path) -> None:
    file = starter_home / "rules" / "tests" / "qua-han.yaml"
    text = file.read_text(encoding="utf-8")
    assert "days_late:3" in text
    file.write_text(text.replace("days_late:3", "days_late:5", 1), encoding="utf-8")
    answer = dondoc("test", "--home", starter_home)
    assert answer.status == 1
    assert "Không đạt: " in answer.out
    assert "rules/tests/qua-han.yaml" in answer.out
    assert "thiếu “" in answer.out


def test_a_rule_without_a_test_fails_the_whole_run(starter_home: Path) -> None:
    (starter_home / "rules" / "tests" / "don-vi.yaml").unlink()
    answer = dondoc("test", "--home", starter_home)
    assert answer.status == 1
    assert "chưa có phép thử nào" in answer.out
    assert "rules/don-vi.yaml" in answer.out
    one = dondoc("test", starter_home / "rules" / "tests" / "qua-han.yaml", "--home", starter_home)
    assert one.status == 0, "naming files asks about these alone"


def test_a_timeline_runs_through_the_production_code(starter_home: Path) -> None:
    late = """  - {on: 03/04/2023, told: lead qua-han-nhac-lai days_late:1}
  - {on: 05/04/2023, told: lead qua-han-nhac-lai days_late:3}
  - {on: 07/04/2023, told: lead qua-han-nhac-lai days_late:5}"""
    assert dondoc("test", timeline(starter_home, "", late), "--home", starter_home).status == 0
    moved = late.replace("07/04/2023", "06/04/2023")
    answer = dondoc("test", timeline(starter_home, "", moved), "--home", starter_home)
    assert answer.status == 1
    assert "Ngày 06/04/2023" in answer.out


def test_the_events_of_a_timeline_count(starter_home: Path) -> None:
    done = "  - {on: 04/04/2023, said: done}"
    expect = """  - {on: 03/04/2023, told: lead qua-han-nhac-lai days_late:1}
  - {on: 28/04/2023, told: []}"""
    assert dondoc("test", timeline(starter_home, done, expect), "--home", starter_home).status == 0
    asked = "  - {on: 04/04/2023, said: extension, day: 30/06/2023}"
    assert dondoc("test", timeline(starter_home, asked, expect), "--home", starter_home).status == 0
    assert dondoc("test", timeline(starter_home, "", expect), "--home", starter_home).status == 1


def test_an_event_that_makes_no_sense_fails(starter_home: Path) -> None:
    events = "  - {on: 04/04/2023, said: confirm}"
    path = timeline(starter_home, events, "  - {on: 05/04/2023, told: []}")
    answer = dondoc("test", path, "--home", starter_home)
    assert answer.status == 1
    assert "Ngày 04/04/2023, “confirm”: Không thể xác nhận hoàn thành" in answer.out


def test_a_day_beyond_the_calendar_fails_with_words(starter_home: Path) -> None:
    path = starter_home / "thử.yaml"
    text = TIMELINE.replace("2023", "2040").replace("  events:\nEVENTS\n", "")
    path.write_text(text.replace("EXPECT", "  - {on: 05/04/2040, told: []}"), encoding="utf-8")
    answer = dondoc("test", path, "--home", starter_home)
    assert answer.status == 1
    assert "chưa có năm 2040" in answer.out


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"situations: 5", b"timelines:\n- name: [", b"a: b"]
)
def test_a_broken_test_file(starter_home: Path, content: bytes) -> None:
    path = starter_home / "rules" / "tests" / "hỏng.yaml"
    path.write_bytes(content)
    answer = dondoc("test", "--home", starter_home)
    assert answer.status == 1
    assert "rules/tests/hỏng.yaml" in answer.out
    assert "lỗi" in answer.out


def test_missing_files_and_broken_rules(starter_home: Path, tmp_path: Path) -> None:
    missing = dondoc("test", tmp_path / "không-có.yaml", "--home", starter_home)
    assert missing.status == 1
    assert "không có tệp" in missing.out
    assert dondoc("test", "--home", tmp_path / "không").status == 1
    (starter_home / "rules" / "qua-han.yaml").write_text("rules: [", encoding="utf-8")
    broken = dondoc("test", "--home", starter_home)
    assert (broken.status, broken.out) == (1, "")
    assert "rules/qua-han.yaml" in broken.err


def test_a_home_without_tests(starter_home: Path) -> None:
    for path in (starter_home / "rules" / "tests").iterdir():
        path.unlink()
    answer = dondoc("test", "--home", starter_home)
    assert answer.status == 1
    assert "Chưa có phép thử nào" in answer.err
