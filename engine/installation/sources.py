"""The YAML files of a home or of the command line: what each one is, and its bytes or why there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.errors import DondocError, Problem, Severity, os_reason
from engine.loading.home import CALENDAR, yaml_files
from engine.loading.strict_yaml import MAX_BYTES
from engine.ruleset.load import is_rule_file


class FileKind(StrEnum):
    """What a YAML file holds."""

    PLAN = "plan"
    UNITS = "units"
    RULES = "rules"
    CALENDAR = "calendar"
    TESTS = "tests"


_KEYS = {
    "plan": FileKind.PLAN,
    "units": FileKind.UNITS,
    "groups": FileKind.UNITS,
    "rules": FileKind.RULES,
    "years": FileKind.CALENDAR,
    "situations": FileKind.TESTS,
    "timelines": FileKind.TESTS,
}
_FOLDERS = {"units": FileKind.UNITS, "rules": FileKind.RULES, "tests": FileKind.TESTS}
_TOP_KEY = re.compile(rb"^(?:\xef\xbb\xbf)?[\"']?([a-z_]+)[\"']?[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """One file. ``shown`` is the name that its problems give; ``unread`` says why ``data`` is empty."""

    shown: str
    path: Path
    kind: FileKind
    data: bytes
    unread: tuple[Problem, ...] = ()


def home_sources(home: Path) -> list[Source]:
    """The calendar, units, rules and plans of a home. DondocError where there is no home."""
    if not home.is_dir():
        raise DondocError(f"Không có thư mục {home}. Tạo mới bằng lệnh: dondoc init {home}")
    if not (home / "plans").is_dir():
        raise DondocError(
            f"Thư mục {home} không có thư mục con plans/. "
            f"Chỉ đúng chỗ bằng --home, hoặc tạo mới: dondoc init {home}"
        )
    calendar = home / CALENDAR
    found = [_source(CALENDAR, calendar, FileKind.CALENDAR)] if calendar.is_file() else []
    found += _in_folder(home, "plans/units", FileKind.UNITS)
    found += [s for s in _in_folder(home, "rules", FileKind.RULES) if is_rule_file(s.path.name)]
    return found + _in_folder(home, "plans", FileKind.PLAN)


def test_sources(home: Path) -> list[Source]:
    """The rule tests of a home."""
    return _in_folder(home, "rules/tests", FileKind.TESTS)


def named_sources(paths: Iterable[Path]) -> list[Source]:
    """The files named on the command line, each once, told apart by their first known key."""
    return [_source(path.as_posix(), path, None) for path in dict.fromkeys(paths)]


def merged(home: Sequence[Source], named: Sequence[Source], kind: FileKind) -> dict[str, bytes]:
    """The files of one kind, those of the home with the named ones in place of their namesakes."""
    mine = [source for source in named if source.kind is kind and not source.unread]
    taken = {source.path.name for source in mine}
    others = [s for s in home if s.kind is kind and not s.unread and s.path.name not in taken]
    return {source.shown: source.data for source in (*others, *mine)}


def _in_folder(home: Path, folder: str, kind: FileKind) -> list[Source]:
    return [_source(shown, path, kind) for shown, path in yaml_files(home, folder).items()]


def _source(shown: str, path: Path, kind: FileKind | None) -> Source:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "kiểm tra lại tên tệp" if isinstance(error, FileNotFoundError) else ""
        message = f"Không đọc được tệp: {os_reason(error)}"
        problem = Problem(shown, 0, 0, Severity.ERROR, "unreadable", message, hint)
        return Source(shown, path, kind or FileKind.PLAN, b"", (problem,))
    return Source(shown, path, kind or kind_of(data, path), data)


def kind_of(data: bytes, path: Path) -> FileKind:
    """What a file holds, by its first known key; by its folder where it has none."""
    for key in _TOP_KEY.findall(data[:MAX_BYTES]):
        if (kind := _KEYS.get(key.decode("ascii"))) is not None:
            return kind
    if path.name == Path(CALENDAR).name:
        return FileKind.CALENDAR
    return _FOLDERS.get(path.absolute().parent.name, FileKind.PLAN)
