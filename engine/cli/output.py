"""What the commands print: JSON for programs, tables and plain words for people, dates dd/mm/yyyy."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from engine.cli.problem_list import problem_lines
from engine.errors import Problem

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OF_A_FILE = 120

# What some readers take for the end of a line, though JSON does not escape it.
_OTHER_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}

Report = Callable[[str, int], None]
"""Says what is going on and how far it is, in percent."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table for people. ``fixed`` keeps its cells on one line (ids, dates, numbers)."""

    heading: str
    align: Literal["left", "right"] = "left"
    fixed: bool = False


def print_json(value: Any) -> None:
    """One JSON value on standard output and nothing else: Vietnamese readable, dates in ISO 8601."""
    _write(sys.stdout, json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_json_line(value: Any) -> None:
    """One JSON value on a line of its own, handed on at once."""
    line = json.dumps(value, ensure_ascii=False, default=_plain)
    _write(sys.stdout, line.translate(_OTHER_LINE_ENDS))
    sys.stdout.flush()


def _plain(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"no JSON form of {type(value).__name__}")


def say(text: str = "") -> None:
    """One line (or several) to the person, on standard output, as it stands."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """A remark beside the answer: to standard error, so that the output stays the answer alone."""
    _write(sys.stderr, text)


def complain(text: str) -> None:
    """What went wrong, to standard error."""
    _write(sys.stderr, f"Lỗi: {text}")


def _write(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")


def print_problems(
    problems: Iterable[Problem],
    as_json: bool = False,
    *,
    sources: Mapping[str, bytes] | None = None,
    to_stdout: bool = False,
) -> None:
    """Every problem: as the JSON list of ``dondoc check`` on standard output, or for people by file.

    People's list goes to standard error unless it is the answer itself (``to_stdout``). ``sources``
    holds the bytes of files by the name that the problems give them, to quote the lines.
    """
    found = list(problems)
    if as_json:
        print_json([problem.to_json() for problem in found])
        return
    # heavy: only where problems are shown to a person
    from rich.text import Text

    shown = console(to_stderr=not to_stdout)
    for line in problem_lines(found, sources or {}):
        shown.print(Text(line.text, style=line.style), soft_wrap=True)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """A table for people on standard output, as wide as the terminal."""
    # heavy: only where a person reads
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.heading, justify=column.align, no_wrap=column.fixed, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def console(*, to_stderr: bool = False) -> Console:
    """A Rich console that prints text as it stands (no markup), in colour on a terminal only."""
    # heavy: only where a person reads
    from rich.console import Console

    made = Console(stderr=to_stderr, markup=False, highlight=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _WIDTH_OF_A_FILE
    return made


@contextmanager
def progress_bar(title: str) -> Iterator[Report]:
    """A bar on standard error while long work goes on; nothing at all where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _words, _percent: None
        return
    # heavy: only on a terminal
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    bar = Progress(*columns, TimeElapsedColumn(), console=console(to_stderr=True), transient=True)
    with bar:
        task = bar.add_task(title, total=100)
        yield lambda words, percent: bar.update(task, description=words or title, completed=percent)


def day_words(day: date | None) -> str:
    """ "05/06/2023" for people; empty where there is none."""
    return f"{day:%d/%m/%Y}" if day else ""
