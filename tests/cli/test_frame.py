"""The frame: Vietnamese throughout, exit statuses, --home on both sides, no traceback, quick to start."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

import engine.cli.main as program
from engine.cli.frame import HERE, CommandLine, HomeOption, app, read_day, read_instant
from engine.cli.output import Column, print_json, print_json_line, print_table, progress_bar
from engine.errors import DondocError, InputError, Problem, Severity
from tests.cli.command_line import ENGLISH, ROOT, dondoc, dondoc_process

_MARKED = re.compile(r"[À-ỹ]")


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group with the words that lead to it."""
    assert program.COMMANDS, "the modules that register commands"
    here = group or get_command(app)
    yield path, here
    if isinstance(here, TyperGroup):
        for name, inner in here.commands.items():
            yield from commands(inner, (*path, name))


EVERY = dict(commands())


@pytest.mark.parametrize("path", EVERY, ids=lambda path: " ".join(path) or "dondoc")
def test_every_help_page_is_vietnamese(path: tuple[str, ...]) -> None:
    answer = dondoc(*path, "--help")
    assert (answer.status, answer.err) == (0, "")
    page = answer.out
    assert "Cách dùng: dondoc" in page
    assert "Hiện trợ giúp này rồi thoát." in page
    assert re.findall(ENGLISH, page.replace("--help", "")) == []
    assert all(len(line) <= 100 for line in page.splitlines())


@pytest.mark.parametrize("path", EVERY, ids=lambda path: " ".join(path) or "dondoc")
def test_every_command_and_parameter_says_what_it_is_for(path: tuple[str, ...]) -> None:
    command = EVERY[path]
    assert _MARKED.search(command.help or "")
    for parameter in command.params:
        assert parameter.help, f"{parameter.name} has no help"
        if not isinstance(parameter, TyperOption) or not parameter.is_flag:
            assert parameter.metavar or parameter.type_descriptor.choices, f"{parameter.name} has no metavar"


# The demonstration plays in a home of its own making.
@pytest.mark.parametrize(
    "path", [path for path in EVERY if path != ("demo",)], ids=lambda path: " ".join(path) or "dondoc"
)
def test_every_command_takes_home(path: tuple[str, ...]) -> None:
    assert any("--home" in parameter.opts for parameter in EVERY[path].params)


WRONG = [
    (["chek"], ["không có lệnh “chek”", "Có phải là: check"]),
    (["zzzzzz"], ["không có lệnh “zzzzzz”", "Các lệnh: "]),
    (["check", "--jsn"], ["không có tùy chọn --jsn", "Có phải là: --json"]),
    (["check", "-q"], ["không có tùy chọn -q"]),
    (["--hme", "x", "check"], ["không có tùy chọn --hme", "--home"]),
    (["schema"], ["còn thiếu tham số plan|rules|units"]),
    (["schema", "plans"], ["không nhận giá trị “plans”", "Chọn một trong: plan, rules, units"]),
    (["schema", "plan", "units"], ["thừa tham số: units"]),
    (["plan"], ["Cách dùng: dondoc plan"]),
    (["plan", "shw"], ["không có lệnh “shw”", "Có phải là: show"]),
    (["plan", "show"], ["còn thiếu tham số MÃ"]),
    (["deadline", "x", "--year"], ["tùy chọn --year còn thiếu giá trị"]),
    (["deadline", "x", "--year", "hai"], ["--year: ", "“hai” không phải số nguyên"]),
    (["deadline", "x", "--year", "12"], ["--year: ", "1990"]),
    (["deadline", "x"], ["--year"]),
    (["deadline"], ["còn thiếu tham số CHỮ"]),
    (["deadline", "x", "--year", "2023", "--issued", "31/02/2023"], ["--issued: “31/02/2023” không phải"]),
    (["check", "--json=1"], ["--json không nhận giá trị"]),
    (["tick", "--at", "hôm qua"], ["--at: “hôm qua” không phải là một thời điểm"]),
    ([], ["Cách dùng: dondoc", "Lệnh"]),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=lambda value: " ".join(value) if value else "-")
def test_wrong_usage_is_explained_in_vietnamese(words: list[str], said: list[str]) -> None:
    answer = dondoc(*words)
    assert (answer.status, answer.out) == (2, "")
    assert [part for part in said if part not in answer.err] == []
    assert re.findall(ENGLISH, answer.err.replace("--help", "")) == []


def test_home_is_taken_from_the_word_nearest_to_the_command(pristine_home: Path, tmp_path: Path) -> None:
    lines: list[list[str | Path]] = [
        ["--home", pristine_home, "plan", "list", "--json"],
        ["plan", "--home", pristine_home, "list", "--json"],
        ["plan", "list", "--json", "--home", pristine_home],
        ["--home", tmp_path, "plan", "list", "--json", "--home", pristine_home],
    ]
    for words in lines:
        answer = dondoc(*words)
        assert (answer.status, answer.err, len(answer.json)) == (0, "", 4)
    missing = dondoc("plan", "list", "--home", tmp_path / "missing")
    assert (missing.status, missing.out) == (1, "")
    assert "Không có thư mục" in missing.err


def test_a_home_of_the_current_folder(pristine_home: Path) -> None:
    answer = dondoc_process("plan", "list", "--json", cwd=pristine_home)
    assert (answer.status, len(answer.json)) == (0, 4)


FAILURES: dict[str, BaseException] = {
    "expected": DondocError("Không có thư mục nào"),
    "input": InputError([Problem("a.yaml", 3, 2, Severity.ERROR, "x", "Sai chỗ này", "sửa đi")]),
    "bug": KeyError("secret"),
    "full": OSError(28, "No space left on device", "dondoc.db"),
    "odd": OSError(5555, "odd"),
    "stop": KeyboardInterrupt(),
    "no": typer.Exit(1),
    "abort": typer.Abort(),
    "usage": typer.BadParameter("cần mã việc"),
}


def failing() -> CommandLine:
    """An application whose command fails in every way."""
    application = CommandLine(help="Thử")

    @application.command("fail", help="Hỏng")
    def fail(kind: str, home: HomeOption = HERE) -> None:
        if kind in FAILURES:
            raise FAILURES[kind]
        print_json({"ngày": read_day("05/06/2023")})

    @application.command("other", help="Khác")
    def other() -> None:
        pass

    return application


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("expected", 1, "Lỗi: Không có thư mục nào\n"),
        ("input", 1, "a.yaml\n  lỗi: dòng 3, cột 2: Sai chỗ này\n      → sửa đi\n\n1 lỗi trong 1 tệp.\n"),
        ("bug", 1, "Lỗi: Lỗi ngoài dự kiến (KeyError). Để xem chi tiết"),
        ("full", 1, "Lỗi: Không làm được với dondoc.db: hết chỗ trên đĩa.\n"),
        ("odd", 1, "Lỗi: Không làm được với tệp: hệ thống báo lỗi 5555.\n"),
        ("stop", 130, ""),
        ("abort", 130, ""),
        ("no", 1, ""),
        ("usage", 2, "Lỗi: cần mã việc.\n"),
    ],
)
def test_every_failure_is_a_status_and_vietnamese_words(kind: str, status: int, said: str) -> None:
    answer = dondoc("fail", kind, application=failing())
    assert (answer.status, answer.out) == (status, "")
    assert answer.err.startswith(said)
    assert (answer.err == "") == (said == "")
    assert re.findall(ENGLISH, answer.err.replace("--help", "")) == []


def test_success_is_zero() -> None:
    answer = dondoc("fail", "none", application=failing())
    assert (answer.status, answer.err, answer.json) == (0, "", {"ngày": "2023-06-05"})


def test_the_details_of_a_bug_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(program.DEBUG, "1")
    assert "KeyError: 'secret'" in dondoc("fail", "bug", application=failing()).err


def test_vietnamese_comes_out_whole_whatever_the_locale(pristine_home: Path) -> None:
    env = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    answer = dondoc_process("plan", "list", "--home", pristine_home, env=env)
    assert answer.status == 0
    assert "UBND huyện An Dương" in answer.out
    assert "\x1b" not in answer.out


@pytest.mark.parametrize(
    "words", [["plan", "list", "--json"], ["plan", "show", "hai-phong-128-2022"], ["--help"]]
)
def test_a_reader_that_went_away_is_no_error(words: list[str], pristine_home: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-m", "engine.cli.main", "--home", str(pristine_home), *words]
    ended = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(theirs)
    assert (ended.returncode, ended.stderr) == (1, b"")


def on_a_terminal(code: str, **env: str) -> str:
    """What a piece of Python prints to a terminal of its own."""
    ours, theirs = pty.openpty()
    settings = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**settings, "TERM": "xterm", **env},
    ) as running:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 65536):
                said += part
        except OSError:
            pass  # the terminal is gone with the last process on it
        running.wait(60)
    os.close(ours)
    return said.decode()


HELP = "from engine.cli.main import run; run(['--help'])"
BAR = "from engine.cli.output import progress_bar\nwith progress_bar('Gửi tin') as report: report('Gửi', 40)"
_COLOUR = "\x1b[36m"


def test_colours_and_bars_on_a_terminal_only() -> None:
    assert _COLOUR in on_a_terminal(HELP)
    assert _COLOUR not in on_a_terminal(HELP, NO_COLOR="1")
    assert _COLOUR not in dondoc("--help").out
    assert "Gửi tin" in on_a_terminal(BAR)


def test_no_bar_where_there_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Gửi tin") as report:
        report("Gửi", 40)
    assert capfd.readouterr() == ("", "")


def test_a_table_prints_text_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([Column("Mã", fixed=True), Column("Số", "right")], [["[bold]a[/]", ":smile: 1"]], title="[x]")
    said = capsys.readouterr().out
    assert "[bold]a[/]" in said
    assert ":smile: 1" in said
    assert "[x]" in said


def test_json_keeps_vietnamese_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json_line({"đơn vị": Severity.ERROR, "tệp": Path("a")})
    assert capsys.readouterr().out == '{"đơn vị": "error", "tệp": "a"}\n'


HEAVY = {
    "pydantic",
    "rich",
    "yaml",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "durable",
    "apscheduler",
    "openpyxl",
}


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["--version"], set()),
        (["--help"], {"rich"}),
        (["deadline", "Trước ngày 15/6/2023", "--year", "2023", "--json"], {"pydantic", "yaml"}),
        (["plan", "list", "--json"], {"pydantic", "yaml"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_quick_command_imports_nothing_slow(
    words: list[str], allowed: set[str], pristine_home: Path
) -> None:
    code = (
        "import sys; from engine.cli.main import run; run(sys.argv[1:]); "
        f"print(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    home = [] if words[0].startswith("-") else ["--home", str(pristine_home)]
    ended = subprocess.run(
        [sys.executable, "-c", code, *words, *home], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert set(ended.stderr.split()) <= allowed


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023-06-05T08:00", "2023-06-05T01:00:00+00:00"),
        ("2023-06-05T08:00:00+00:00", "2023-06-05T08:00:00+00:00"),
        ("2023-06-05T08:00:00Z", "2023-06-05T08:00:00+00:00"),
        ("2023-06-05", "2023-06-05T05:00:00+00:00"),
        ("05/06/2023", "2023-06-05T05:00:00+00:00"),
    ],
)
def test_an_instant_without_a_zone_is_viet_nams(text: str, iso: str) -> None:
    assert read_instant(text).isoformat() == iso


@pytest.mark.parametrize("text", ["", "5/6", "31/02/2023", "2023", "0001-01-01T00:00:00+23:59", "năm nay"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        read_instant(text)
