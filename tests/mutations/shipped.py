"""The shipped files and the real loaders: what the mutations start from and what judges them."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

from engine.errors import Problem, Severity
from engine.loading.calendar import load_calendar
from engine.loading.home import CALENDAR, yaml_files
from engine.loading.plans import load_plan
from engine.loading.units import load_units
from engine.ruleset.load import is_rule_file, load_rules
from engine.units import Registry
from engine.workdays import WorkCalendar

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2.0
"""Processor time that one file may take: a busy machine is no fault of the loader."""

Loaded = tuple[object | None, tuple[Problem, ...]]


@cache
def shipped(folder: str) -> Mapping[str, bytes]:
    """The YAML files of a folder of this repository by their path."""
    files = {shown: path.read_bytes() for shown, path in yaml_files(ROOT, folder).items()}
    return {s: data for s, data in files.items() if folder != "rules" or is_rule_file(Path(s).name)}


FILES: Mapping[str, bytes] = {
    **shipped("plans"),
    **shipped("plans/units"),
    CALENDAR: (ROOT / CALENDAR).read_bytes(),
    **shipped("rules"),
}


def kind_of(file: str) -> str:
    """plan, units, calendar or rules."""
    if file == CALENDAR:
        return "calendar"
    folder = file.rpartition("/")[0]
    return {"plans": "plan", "plans/units": "units", "rules": "rules"}[folder]


@cache
def registry() -> Registry:
    """The shipped units."""
    found, problems = load_units(shipped("plans/units"))
    assert found is not None, problems
    return found


@cache
def calendar() -> WorkCalendar:
    """The shipped calendar."""
    found, problems = load_calendar(FILES[CALENDAR], CALENDAR)
    assert found is not None, problems
    return found


def load(file: str, data: bytes) -> Loaded:
    """What the loader of this kind of file makes of ``data`` among the other shipped files."""
    match kind_of(file):
        case "plan":
            return load_plan(data, file, registry(), calendar())
        case "units":
            return load_units({**shipped("plans/units"), file: data})
        case "calendar":
            return load_calendar(data, file)
        case _:
            return load_rules({**shipped("rules"), file: data})


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """TimeoutError once the block has used more than ``seconds`` of processor time."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    began = time.process_time()
    try:
        yield
        assert time.process_time() - began <= seconds
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judged(file: str, data: bytes) -> tuple[Problem, ...]:
    """The problems of a mutant, after checking what every answer must keep."""
    with at_most(SECONDS):
        value, problems = load(file, data)
    errors = [p for p in problems if p.severity is Severity.ERROR]
    assert (value is None) is bool(errors), (value, problems)
    for problem in problems:
        refuse_bad_problem(problem, file, data)
    return problems


# Words of PyYAML, pydantic and Python that must never reach a person. What stands in quotation marks
# comes from the file, what follows "chọn một trong", "khóa được dùng" and "dạng được nhận" is to be typed.
_ENGLISH = re.compile(
    r"\b(expected|found|mapping|sequence|scalar|token|block|flow|while|parsing|scanning|could|invalid|should|"
    r"must|input|valid|string|integer|boolean|dictionary|forbidden|permitted|missing|error|exception|None|"
    r"Traceback|column|character|stream|node|object|type|the|is|not|of)\b"
)
_QUOTED = re.compile(
    r"“[^”]*”|\"[^\"]*\"|'[^']*'|(chọn một trong|được dùng ở đây|dạng được nhận|dùng được|các cách viết):.*",
    re.DOTALL,
)
_VIETNAMESE = re.compile(r"[^\x00-\x7f]")


def refuse_bad_problem(problem: Problem, file: str, data: bytes) -> None:
    """AssertionError unless the problem is Vietnamese, names a known file and lies within it."""
    said = f"{problem.message} → {problem.hint}"
    assert _VIETNAMESE.search(problem.message), problem
    assert not problem.hint or _VIETNAMESE.search(problem.hint), problem
    assert not (english := _ENGLISH.search(_QUOTED.sub("", said))), (english, problem)
    assert re.fullmatch(r"[a-z0-9-]+", problem.code), problem
    assert problem.file in FILES or problem.file in {"rules", file}, problem
    content = data if problem.file == file else FILES.get(problem.file, b"")
    text = content.decode("utf-8", errors="replace")
    if problem.code != "encoding":  # bytes that are no text have no other line ends
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    assert 0 <= problem.line <= len(lines), problem
    assert (problem.line == 0) is (problem.column == 0), problem
    if problem.line:
        # Bytes that are no UTF-8 are counted one by one, as an editor that shows bytes does.
        widest = max(len(lines[problem.line - 1]), len(lines[problem.line - 1].encode()))
        assert problem.column <= widest + 1, problem
