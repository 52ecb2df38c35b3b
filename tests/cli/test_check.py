"""``dondoc check``: every problem with its place, in Vietnamese, and nothing written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import ENGLISH, Answer, dondoc, dondoc_process, everything_in

PLAN = "plans/thach-chau-15-2023.yaml"
UNITS = "plans/units/thach-chau.yaml"
RULES = "rules/qua-han.yaml"
FIELDS = {"file", "line", "column", "severity", "code", "message", "hint"}


def problems(answer: Answer) -> list[dict[str, Any]]:
    """The JSON list, checked for its shape."""
    found: list[dict[str, Any]] = answer.json
    assert all(set(problem) == FIELDS for problem in found)
    assert all(problem["severity"] in ("error", "warning") for problem in found)
    return found


def errors(answer: Answer) -> list[dict[str, Any]]:
    return [problem for problem in problems(answer) if problem["severity"] == "error"]


def edit(home: Path, file: str, old: str, new: str) -> None:
    text = (home / file).read_text(encoding="utf-8")
    assert old in text
    (home / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_home_is_in_order(pristine_home: Path) -> None:
    answer = dondoc("check", "--json", "--home", pristine_home)
    assert (answer.status, answer.err) == (0, "")
    assert errors(answer) == []
    assert {problem["severity"] for problem in problems(answer)} <= {"warning"}
    people = dondoc("check", "--home", pristine_home)
    assert people.status == 0
    assert "4 kế hoạch" in people.out
    assert "1 lịch ngày nghỉ" in people.out


def test_a_calendar_alone_needs_no_home(pristine_home: Path, tmp_path: Path) -> None:
    answer = dondoc("check", pristine_home / "rules" / "calendar.yaml", "--home", tmp_path)
    assert (answer.status, answer.err) == (0, "")


BROKEN = [
    (PLAN, "lead:", "led:", "unknown-key", "“led”"),
    (PLAN, "issuer: UBND xã Thạch Châu", "issuer: UBND xã Thạch Chu", "unit-unknown", "Thạch Châu"),
    (PLAN, "deadline: Quý I năm 2023", "deadline: Quý V năm 2023", "", "quý 5"),
    (PLAN, "year: 2023", "year: hai nghìn", "bad-value", "hai nghìn"),
    (PLAN, "plan:", "plan: [", "", ""),
    (UNITS, "level: commune", "level: comune", "", "commune"),
    (RULES, "tell: lead", "tell: leed", "", "lead"),
    (RULES, "tone: warn", "tone: warn\n  tone: warn", "", ""),
    ("rules/calendar.yaml", "date: 01/01/2019", "date: 31/02/2019", "bad-date", "31/02/2019"),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "said"), BROKEN, ids=lambda value: str(value)[:20])
def test_an_error_has_its_place_and_a_way_out(
    starter_home: Path, file: str, old: str, new: str, code: str, said: str
) -> None:
    edit(starter_home, file, old, new)
    before = everything_in(starter_home)
    answer = dondoc("check", "--json", "--home", starter_home)
    assert (answer.status, answer.err) == (1, "")
    found = [problem for problem in errors(answer) if problem["file"] == file]
    assert found
    assert all(
        problem["line"] > 0 and problem["column"] > 0 for problem in found if problem["code"] != "not-checked"
    )
    assert not code or code in {problem["code"] for problem in found}
    assert any(said in problem["message"] + problem["hint"] for problem in found)
    assert all(re.search("[À-ỹ]", problem["message"]) for problem in found)
    assert everything_in(starter_home) == before


def test_the_line_is_quoted_with_a_caret(starter_home: Path) -> None:
    edit(starter_home, PLAN, "year: 2023", "year: hai nghìn")
    number = next(
        n
        for n, line in enumerate((starter_home / PLAN).read_text(encoding="utf-8").splitlines(), 1)
        if "hai nghìn" in line
    )
    answer = dondoc("check", "--home", starter_home)
    assert answer.status == 1
    lines = answer.out.splitlines()
    at = next(n for n, line in enumerate(lines) if f"lỗi: dòng {number}, cột 9" in line)
    assert lines[at + 1] == "      |   year: hai nghìn"
    assert lines[at + 2] == "      | " + " " * 8 + "^"
    assert PLAN in lines
    assert re.search(r"^1 lỗi, \d+ cảnh báo trong \d+ tệp\.$", answer.out, re.MULTILINE)
    assert "\x1b" not in answer.out


def test_all_errors_of_all_files_at_once(starter_home: Path) -> None:
    for file, old, new, *_ in BROKEN[:2] + BROKEN[5:6] + BROKEN[8:]:
        edit(starter_home, file, old, new)
    found = errors(dondoc("check", "--json", "--home", starter_home))
    assert {problem["file"] for problem in found} >= {PLAN, UNITS, "rules/calendar.yaml"}
    # With the units broken the names cannot be read, and the plans say so instead of passing.
    unchecked = {problem["file"] for problem in found if problem["code"] == "not-checked"}
    assert PLAN in unchecked
    assert "plans/an-duong-2023.yaml" in unchecked
    assert "unknown-key" in {problem["code"] for problem in found if problem["file"] == PLAN}


@pytest.mark.parametrize(
    ("folder", "code"),
    [("rules/calendar.yaml", "no-calendar"), ("plans/units", "no-units"), ("rules", "rules-none")],
)
def test_what_is_missing_is_named(starter_home: Path, folder: str, code: str) -> None:
    place = starter_home / folder
    for path in [place] if place.is_file() else place.glob("*.yaml"):
        path.unlink()
    answer = dondoc("check", "--json", "--home", starter_home)
    assert answer.status == 1
    assert code in {problem["code"] for problem in errors(answer)}


@pytest.mark.parametrize("make", ["none", "no-plans"])
def test_a_folder_that_is_no_home(tmp_path: Path, make: str) -> None:
    home = tmp_path / "x"
    if make == "no-plans":
        home.mkdir()
    answer = dondoc("check", "--json", "--home", home)
    assert (answer.status, answer.out) == (1, "")
    assert "dondoc init" in answer.err


def named(tmp_path: Path, kind: str) -> Path:
    """A file that cannot be a plan."""
    path = tmp_path / "tệp.yaml"
    match kind:
        case "folder":
            path.mkdir()
        case "binary":
            path.write_bytes(bytes(range(256)) * 40)
        case "empty":
            path.write_bytes(b"")
        case "utf16":
            path.write_bytes("plan: {}\n".encode("utf-16"))
        case "tabs":
            path.write_text("plan:\n\tid: a\n", encoding="utf-8")
        case "list":
            path.write_text("- a\n- b\n", encoding="utf-8")
        case "huge":
            path.write_bytes(b"# " + b"x" * 60_000_000)
        case "loop":
            path.symlink_to(path)
    return path


@pytest.mark.parametrize(
    "kind", ["missing", "folder", "binary", "empty", "utf16", "tabs", "list", "huge", "loop"]
)
def test_a_file_that_is_no_plan(pristine_home: Path, tmp_path: Path, kind: str) -> None:
    path = named(tmp_path, kind)
    answer = dondoc("check", path, "--json", "--home", pristine_home)
    assert (answer.status, answer.err) == (1, "")
    found = errors(answer)
    assert found
    assert {problem["file"] for problem in found} == {path.as_posix()}
    for problem in found:
        assert re.search("[À-ỹ]", problem["message"])
        assert re.findall(ENGLISH, problem["message"]) == []
    people = dondoc("check", path, "--home", pristine_home)
    assert people.status == 1
    assert "lỗi" in people.out


def test_a_plan_outside_is_checked_against_the_units_of_the_home(pristine_home: Path, tmp_path: Path) -> None:
    text = (pristine_home / PLAN).read_text(encoding="utf-8")
    copy = tmp_path / "thach-chau-15-2023.yaml"
    copy.write_text(text, encoding="utf-8")
    assert dondoc("check", copy, "--home", pristine_home).status == 0
    copy.write_text(text.replace("UBND xã Thạch Châu", "UBND xã Mộng Mơ", 1), encoding="utf-8")
    answer = dondoc("check", copy, "--json", "--home", pristine_home)
    assert answer.status == 1
    assert {p["file"] for p in errors(answer)} == {copy.as_posix()}
    assert "unit-unknown" in {p["code"] for p in errors(answer)}


def test_only_the_named_files_are_reported(starter_home: Path) -> None:
    edit(starter_home, RULES, "tell: lead", "tell: leed")
    edit(starter_home, "plans/an-duong-2023.yaml", "year: 2023", "year: x")
    answer = dondoc("check", starter_home / PLAN, "--json", "--home", starter_home)
    assert answer.status == 0
    assert {p["file"] for p in problems(answer)} <= {(starter_home / PLAN).as_posix()}


def test_a_named_file_stands_in_for_its_namesake(pristine_home: Path, tmp_path: Path) -> None:
    copies = []
    for file in (UNITS, RULES):
        copy = tmp_path / Path(file).name
        copy.write_bytes((pristine_home / file).read_bytes())
        copies.append(copy)
    answer = dondoc("check", *copies, copies[0], "--json", "--home", pristine_home)
    assert (answer.status, errors(answer)) == (0, [])
    other = tmp_path / "khác.yaml"
    other.write_bytes((pristine_home / UNITS).read_bytes())
    twice = dondoc("check", other, "--json", "--home", pristine_home)
    assert twice.status == 1
    assert "unit-duplicate" in {p["code"] for p in errors(twice)}


def test_a_plan_cannot_pass_where_the_units_are_broken(starter_home: Path) -> None:
    edit(starter_home, UNITS, "level: commune", "level: comune")
    answer = dondoc("check", starter_home / PLAN, "--json", "--home", starter_home)
    assert answer.status == 1
    assert {p["code"] for p in errors(answer)} >= {"not-checked"}
    assert UNITS in {p["file"] for p in errors(answer)}, "what stops it is shown"


def test_rule_tests_can_be_checked_too(starter_home: Path) -> None:
    file = starter_home / "rules" / "tests" / "qua-han.yaml"
    assert dondoc("check", file, "--home", starter_home).status == 0
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("lead qua-han-nhac-lai", "lead qua-han-nhac-la", 1), encoding="utf-8")
    answer = dondoc("check", file, "--json", "--home", starter_home)
    assert answer.status == 1
    assert "qua-han-nhac-lai" in str(errors(answer))


def test_in_a_process_of_its_own(starter_home: Path) -> None:
    edit(starter_home, PLAN, "lead:", "led:")
    answer = dondoc_process("check", PLAN, "--json", cwd=starter_home)
    assert answer.status == 1
    assert {p["file"] for p in errors(answer)} == {PLAN}
    assert answer.err == ""
