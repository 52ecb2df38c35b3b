"""Problems of files, each with the line that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from engine.errors import Problem, Severity
from engine.loading.yaml_bytes import read_text

_LONGEST = 300
_AROUND = 3
WHOLE = 1500
"""Lines up to which a text is shown whole; of a longer one only those around problems."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem and the line of the file that it is about, empty where there is none."""

    problem: Problem
    quoted: str

    @property
    def is_error(self) -> bool:
        """Whether it keeps the file out of force."""
        return self.problem.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text with the problems that stand on it; ``skipped`` lines before it are not shown."""

    number: int
    text: str
    problems: tuple[Problem, ...]
    skipped: int


def by_file(problems: Iterable[Problem], sources: Mapping[str, bytes]) -> dict[str, list[Placed]]:
    """The problems of each file in the order of its lines, errors and warnings together."""
    found: dict[str, list[Placed]] = {}
    for file, group in groupby(sorted(problems), key=lambda problem: problem.file):
        lines = lines_of(sources.get(file, b""), file)
        found[file] = [Placed(p, _quoted(lines, p.line)) for p in group]
    return found


def counted(problems: Iterable[Problem]) -> tuple[int, int]:
    """How many errors and how many warnings."""
    found = [problem.severity is Severity.ERROR for problem in problems]
    return sum(found), len(found) - sum(found)


def lines_of(data: bytes, file: str) -> list[str]:
    """The lines of a file as its problems count them; none where it is no text."""
    text, _ = read_text(data, file)
    return text.split("\n") if text else []


def annotated(lines: list[str], problems: Iterable[Problem]) -> list[Line]:
    """The text with each problem at its line."""
    at: dict[int, list[Problem]] = {}
    for problem in problems:
        at.setdefault(min(problem.line, len(lines)), []).append(problem)
    shown = range(1, len(lines) + 1)
    chosen = [n for n in shown if len(lines) <= WHOLE or _near(n, at)]
    found, last = [], 0
    for number in chosen:
        text = lines[number - 1][:_LONGEST]
        found.append(Line(number, text, tuple(at.get(number, ())), number - last - 1))
        last = number
    return found


def _near(number: int, at: Mapping[int, object]) -> bool:
    return any(line in at for line in range(number - _AROUND, number + _AROUND + 1))


def _quoted(lines: list[str], line: int) -> str:
    return lines[line - 1].strip()[:_LONGEST] if 0 < line <= len(lines) else ""
