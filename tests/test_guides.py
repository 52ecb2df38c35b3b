"""The guides tell the truth: their files load, their excerpts, readings, messages and commands are real."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.deadlines import read_deadline
from engine.loading.calendar import load_calendar
from engine.loading.home import load_home
from engine.model.deadline import Deadline, DeadlineKind
from engine.ruleset.load import load_rules
from tests.cli.command_line import dondoc, dondoc_process

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "docs" / "vi").glob("*.md"))
PLAN_GUIDE = ROOT / "docs" / "vi" / "huong-dan-soan-ke-hoach.md"
RULE_GUIDE = ROOT / "docs" / "vi" / "huong-dan-viet-luat.md"

WHOLE, EXCERPT = "# tệp: ", "# trích: "
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")


class Block(NamedTuple):
    guide: Path
    language: str
    text: str


def blocks(guide: Path) -> list[Block]:
    return [Block(guide, *match) for match in _FENCE.findall(guide.read_text(encoding="utf-8"))]


def rows_of(guide: Path, heading: str) -> list[list[str]]:
    """The cells of the first table whose first column has this heading."""
    lines = iter(guide.read_text(encoding="utf-8").splitlines())
    next(line for line in lines if line.startswith(f"| {heading} |"))
    next(lines)
    found: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            return found
        found.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


YAML = [block for guide in GUIDES for block in blocks(guide) if block.language == "yaml"]


def test_every_yaml_example_is_a_whole_file_or_an_excerpt() -> None:
    unmarked = [block.text for block in YAML if not block.text.startswith((WHOLE, EXCERPT))]
    assert unmarked == []
    assert {block.guide for block in YAML} == {PLAN_GUIDE, RULE_GUIDE}


# --- whole files ------------------------------------------------------------------------------------------


def whole_files() -> dict[str, str]:
    """Every whole file of the guides by the path that its first line names."""
    whole = [block.text for block in YAML if block.text.startswith(WHOLE)]
    return {text.splitlines()[0].removeprefix(WHOLE): text for text in whole}


@pytest.fixture
def example_home(tmp_path: Path) -> Path:
    """The shipped rules and calendar, and every file of the guides beside them."""
    shutil.copytree(ROOT / "rules", tmp_path / "home" / "rules")
    for path, text in whole_files().items():
        target = tmp_path / "home" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return tmp_path / "home"


def test_the_example_plan_has_no_problem_and_the_shape_that_the_guide_tells(example_home: Path) -> None:
    home = load_home(example_home)
    assert [problem for problem in home.problems if not problem.file.startswith("rules/")] == []
    (plan,) = home.plans
    assert [
        task.id.removeprefix("pl-phu-luc.") for task in plan.tasks
    ] == "i.1 i.2 ii.1 ii.2 than.iii-2".split()
    assert [each.deadline.due for each in plan.tasks[3].milestones] == [date(2026, 3, 14), date(2026, 11, 14)]


def test_the_example_rule_is_good_and_tested_beside_the_shipped_ones(example_home: Path) -> None:
    (path,) = (path for path in whole_files() if path.startswith("rules/tests/"))
    answer = dondoc("test", "--home", example_home)
    assert answer.status == 0, answer.out + answer.err
    (example_home / path).unlink()
    answer = dondoc("test", "--home", example_home)
    assert answer.status == 1
    assert "chua-bao-nhan" in answer.out + answer.err


# --- excerpts ---------------------------------------------------------------------------------------------

EXCERPTS = [block.text for block in YAML if block.text.startswith(EXCERPT)]


@pytest.mark.parametrize("text", EXCERPTS, ids=lambda text: text.splitlines()[0].removeprefix(EXCERPT))
def test_an_excerpt_stands_in_its_file_line_by_line(text: str) -> None:
    first, *lines = text.splitlines()
    source = (ROOT / first.removeprefix(EXCERPT)).read_text(encoding="utf-8").splitlines()
    assert missing_lines(lines, source) == []


def missing_lines(lines: list[str], source: list[str]) -> list[str]:
    """What is left of ``lines`` where they stop following in ``source``: each right below the last one,
    or anywhere below it after a "…"."""
    starts = [place for place, line in enumerate(source) if line == lines[0]]
    return min((_left_over(lines, source, start) for start in starts), key=len, default=lines)


def _left_over(lines: list[str], source: list[str], place: int) -> list[str]:
    for number, line in enumerate(lines):
        if line.strip() == "…":
            following = lines[number + 1]
            place = next((i for i in range(place, len(source)) if source[i] == following), len(source))
        elif place < len(source) and source[place] == line:
            place += 1
        else:
            return lines[number:]
    return []


def test_the_finder_of_lines_finds_what_is_missing() -> None:
    source = ["a", "b", "c", "a", "d"]
    assert missing_lines(["a", "b"], source) == []
    assert missing_lines(["a", "d"], source) == []
    assert missing_lines(["a", "…", "d"], source) == []
    assert missing_lines(["a", "c"], source) != []
    assert missing_lines(["d", "…", "b"], source) != []


# --- readings of deadlines --------------------------------------------------------------------------------

NAMES = {
    "có ngày đến hạn": DeadlineKind.DATE,
    "định kỳ": DeadlineKind.RECURRING,
    "thường xuyên": DeadlineKind.CONTINUOUS,
    "theo sự kiện": DeadlineKind.EVENT,
    "theo văn bản khác": DeadlineKind.EXTERNAL,
    "nhiều mốc trong một ô": DeadlineKind.MILESTONES,
}


def days_of(deadline: Deadline) -> list[date | None]:
    """The days that the guide shows of a reading."""
    match deadline.kind:
        case DeadlineKind.DATE:
            moved = [deadline.rolled] if deadline.rolled != deadline.due else []
            return [deadline.due, *moved]
        case DeadlineKind.RECURRING:
            return [each.due for each in deadline.occurrences[:3]]
        case DeadlineKind.CONTINUOUS:
            return [deadline.start, deadline.end]
        case DeadlineKind.MILESTONES:
            return [part.due for part in deadline.milestones]
        case _:
            return []


@pytest.mark.parametrize("row", rows_of(PLAN_GUIDE, "văn bản ghi"), ids=lambda row: row[0])
def test_a_cell_is_read_as_the_guide_says(row: list[str]) -> None:
    cell, kind, days = row
    calendar, _ = load_calendar((ROOT / "rules" / "calendar.yaml").read_bytes(), "rules/calendar.yaml")
    reading = read_deadline(cell, plan_year=2023, issued=date(2023, 3, 10), calendar=calendar)
    assert reading.problems == ()
    assert reading.deadline.kind is NAMES[kind]
    shown = [f"{day:%d/%m/%Y}" for day in days_of(reading.deadline) if day]
    assert _DAY.findall(days) == shown


# --- messages ---------------------------------------------------------------------------------------------

SPOILED = (
    ("  year: 2026\n", ""),
    ("  year: 2026\n", "  yaer: 2026\n"),
    ("    lead: Văn phòng\n", "    lead: Văn phòng\n    lead: Công an xã\n"),
    ("    lead: Văn phòng\n", "\tlead: Văn phòng\n"),
    ("    lead: Văn phòng\n", "   lead: Văn phòng\n"),
    ("deliverable: Báo cáo\n", "deliverable: Báo cáo: số liệu\n"),
    ("    lead: Văn phòng; Công an xã\n", "    lead: Văn phòng, Công an xã\n"),
    ("deadline: Thường xuyên\n", "deadline: Thường xuyên nhé\n"),
    ("deadline: Quý I/2026\n", "deadline: Trước ngày 31/9/2026\n"),
    ('  - stt: "2"\n', '  - stt: "1"\n'),
    ('  - stt: "1"\n    title: Ban', "  - title: Ban"),
    ("  id: xa-mau-2026\n", "  id: xa-mau\n"),
    ("issued: 15/01/2026", "issued: 2026-01-15"),
    ("  year: 2026\n", "  year: 2026\n  secrecy: Mật\n"),
    ("deadline: trước 15/11/2026,", "deadline: trước 20/11/2026,"),
)


def messages(home: Path) -> Iterator[str]:
    """What ``dondoc check`` says of each spoiled version of the example plan."""
    plan = home / "plans" / "xa-mau-2026.yaml"
    good = plan.read_text(encoding="utf-8")
    table = good + (
        "indicators:\n  - table: Bảng\n    name: Tỷ lệ\n    columns: [Chỉ tiêu]\n    target: Chỉ tiêu\n"
        "    rows: [1 | Phòng Kinh tế]\n"
    )
    spoiled = [good.replace(old, new, 1) for old, new in SPOILED]
    assert good not in spoiled
    for content in [text.encode() for text in (*spoiled, table)] + [good.encode("cp1258", "replace"), b""]:
        plan.write_bytes(content)
        answer = dondoc("check", "--json", "--home", home, plan)
        assert answer.status == 1
        yield from (problem["message"] for problem in answer.json)


def test_every_message_of_the_guide_is_one_that_the_program_gives(example_home: Path) -> None:
    said = set(messages(example_home))
    unknown = [
        row[0]
        for row in rows_of(PLAN_GUIDE, "máy báo")
        if not any(re.fullmatch(re.escape(row[0]).replace("…", ".*"), message) for message in said)
    ]
    assert unknown == []


# --- rules ------------------------------------------------------------------------------------------------

ROLES = {
    "lead": "chủ trì",
    "coordinating": "phối hợp",
    "monitor": "đơn vị theo dõi",
    "leader": "lãnh đạo phụ trách",
}


def test_the_table_of_shipped_rules_is_complete_and_right() -> None:
    files = {f"rules/{path.name}": path.read_bytes() for path in (ROOT / "rules").glob("*.yaml")}
    ruleset, _ = load_rules({path: data for path, data in files.items() if "calendar" not in path})
    assert ruleset is not None
    told = {row[0].strip("`"): row[2] for row in rows_of(RULE_GUIDE, "luật") if row[0].startswith("`")}
    assert set(told) == {rule.id for rule in ruleset.rules}
    for rule in ruleset.rules:
        roles, _, pace = told[rule.id].partition(";")
        assert roles == ", ".join(ROLES[role] for role in rule.tell), rule.id
        numbers = [int(number) for number in re.findall(r"\d+", pace)]
        steps = rule.occasions
        every = [steps.every] if steps and steps.every else []
        # "weekly" is a word of its own.
        thresholds = [n for n in (steps.thresholds if steps else ()) if n and not rule.sums_up]
        assert numbers == [*thresholds, *every], rule.id


# --- commands ---------------------------------------------------------------------------------------------


def shell_lines(block: Block) -> list[list[str]]:
    """The commands of a block, word by word, without what follows a "#"."""
    return [words for line in block.text.splitlines() if (words := shlex.split(line, comments=True))]


COMMANDS = [
    words
    for guide in (README, *GUIDES)
    for block in blocks(guide)
    if block.language == "sh"
    for words in shell_lines(block)
    if words[0] == "dondoc"
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_in_the_guides_exists(words: list[str]) -> None:
    nested = 3 if words[1] in {"plan", "office", "contacts", "account", "zalo", "report"} else 2
    answer = dondoc(*words[1:nested], "--help")
    assert answer.status == 0
    options = {word for word in words[nested:] if word.startswith("--")}
    assert options <= set(re.findall(r"--[a-z-]+", answer.out))


def test_the_first_five_minutes_go_as_the_readme_says(tmp_path: Path) -> None:
    (block,) = [b for b in blocks(README) if b.language == "sh" and "dondoc init" in b.text]
    place = tmp_path
    answers = {}
    for words in shell_lines(block):
        match words:
            case ["cd", folder]:
                place /= folder
            case ["rm", *files]:
                for file in files:
                    (place / file).unlink()
            case ["dondoc", *rest]:
                answer = dondoc_process(*rest, cwd=place)
                assert answer.status == 0, (words, answer.out, answer.err)
                answers[" ".join(rest)] = answer.out
            case _:
                raise AssertionError(words)
    done = "Xây dựng Kế hoạch rà"
    assert done in answers["overdue --as-of 10/4/2023"]
    assert done not in answers["overdue --as-of 11/4/2023"]
    (letters,) = [out for command, out in answers.items() if command.startswith("tick")]
    assert "việc cần làm" in letters
