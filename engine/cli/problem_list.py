"""Problems for people: grouped by file, the line quoted, a caret under the place, a summary at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import Problem, Severity

_NAMES = {Severity.ERROR: "lỗi", Severity.WARNING: "cảnh báo"}
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
_LONGEST_QUOTE = 100


@dataclass(frozen=True, slots=True)
class StyledLine:
    """A line and the Rich style that it has on a terminal."""

    text: str
    style: str = ""


def problem_lines(problems: Sequence[Problem], sources: Mapping[str, bytes]) -> Iterator[StyledLine]:
    """The list and its summary; an empty list yields nothing."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in by_file.items():
        yield StyledLine(file, "bold")
        lines = sources.get(file, b"").decode("utf-8", errors="replace").splitlines()
        for problem in sorted(found):
            yield from _one(problem, lines)
        yield StyledLine("")
    if problems:
        yield StyledLine(summary(problems))


def summary(problems: Iterable[Problem]) -> str:
    """ "2 lỗi, 1 cảnh báo trong 1 tệp."."""
    found = list(problems)
    counts = [(sum(p.severity is severity for p in found), name) for severity, name in _NAMES.items()]
    words = ", ".join(f"{count} {name}" for count, name in counts if count)
    return f"{words} trong {len({p.file for p in found})} tệp."


def _one(problem: Problem, lines: Sequence[str]) -> Iterator[StyledLine]:
    place = f"dòng {problem.line}, cột {problem.column}: " if problem.line else ""
    style = _STYLES[problem.severity]
    yield StyledLine(f"  {_NAMES[problem.severity]}: {place}{problem.message}", style)
    if 0 < problem.line <= len(lines):
        yield from _quote(lines[problem.line - 1], problem.column)
    if problem.hint:
        yield StyledLine(f"      → {problem.hint}")


def _quote(line: str, column: int) -> Iterator[StyledLine]:
    """The line with a caret under the column (from 1); a long line is cut around it."""
    text = line.replace("\t", " ").rstrip()
    at = min(max(column - 1, 0), len(text))
    begin = max(0, min(at - _LONGEST_QUOTE // 2, len(text) - _LONGEST_QUOTE))
    cut = text[begin : begin + _LONGEST_QUOTE]
    before = "…" if begin else ""
    after = "…" if begin + _LONGEST_QUOTE < len(text) else ""
    yield StyledLine(f"      | {before}{cut}{after}", "dim")
    yield StyledLine(f"      | {' ' * (len(before) + at - begin)}^", "dim")
