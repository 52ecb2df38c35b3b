"""Reads a home: calendar, units and plans from disk, each broken file replaced by its last good version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.errors import DondocError, InputError, Problem, Severity, os_reason
from engine.loading.calendar import load_calendar
from engine.loading.strict_yaml import MAX_BYTES
from engine.loading.units import load_units
from engine.model.plan import Plan
from engine.units import Registry
from engine.workdays import WorkCalendar

CALENDAR = "rules/calendar.yaml"
_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Home:
    """What the files of a home say, as far as it is in force.

    ``stale`` names plans that stand in their last good version, ``broken`` those without one.
    ``good`` holds the files that may be remembered as last good versions.
    """

    calendar: WorkCalendar
    registry: Registry
    plans: tuple[Plan, ...]
    stale: tuple[str, ...]
    broken: tuple[str, ...]
    problems: tuple[Problem, ...]
    good: Mapping[str, bytes]


def yaml_files(home: Path, folder: str) -> dict[str, Path]:
    """The YAML files directly in a folder of the home, by their path relative to it."""
    place = home / folder
    found = sorted(place.glob("*")) if place.is_dir() else []
    # A link that leads nowhere counts: it is a plan that cannot be read, not one that was removed.
    return {
        f"{folder}/{path.name}": path
        for path in found
        if path.suffix in _YAML and (path.is_file() or path.is_symlink())
    }


def read_file(path: Path, shown: str) -> tuple[bytes, tuple[Problem, ...]]:
    """The bytes of a file, at most one more than a file may have; a problem when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1), ()
    except OSError as error:
        text = f"Không đọc được tệp: {os_reason(error)}"
        return b"", (Problem(shown, 0, 0, Severity.ERROR, "unreadable", text),)


def load_home(home: Path, accepted: Mapping[str, bytes] | None = None, *, with_plans: bool = True) -> Home:
    """The home as far as it is in force; ``with_plans`` False reads only the calendar and the units.

    ``accepted`` holds the last good version of files by relative path. Raises InputError when the
    calendar or the units are broken and no good version is known: nothing can be read without them.
    """
    known = dict(accepted or {})
    if not home.is_dir():
        raise DondocError(f"Không có thư mục {home}. Tạo mới bằng lệnh: dondoc init {home}")
    if not (home / "plans").is_dir():
        raise DondocError(
            f"Thư mục {home} không có thư mục con plans/. "
            f"Chỉ đúng chỗ bằng --home, hoặc tạo mới: dondoc init {home}"
        )
    problems: list[Problem] = []
    good: dict[str, bytes] = {}
    calendar = _calendar(home, known, problems, good)
    registry = _units(home, known, problems, good)
    plans: list[Plan] = []
    stale: list[str] = []
    broken: list[str] = []
    for shown, path in yaml_files(home, "plans").items() if with_plans else ():
        data, unread = read_file(path, shown)
        plan, found = (None, unread) if unread else _plan(data, shown, registry, calendar)
        problems.extend(found)
        id = path.stem
        if any(other.id == id for other in plans):
            message = f"Kế hoạch “{id}” có hai tệp; tệp này không được dùng"
            problems.append(Problem(shown, 0, 0, Severity.ERROR, "plan-twice", message, "Chỉ giữ một tệp"))
            continue
        if plan is not None:
            good[shown] = data
        elif shown in known:
            plan, _ = _plan(known[shown], shown, registry, calendar)
            stale.append(id)
        if plan is not None:
            plans.append(plan)
        else:
            broken.append(id)
    return Home(calendar, registry, tuple(plans), tuple(stale), tuple(broken), tuple(problems), good)


_T = TypeVar("_T")


def _plan(
    data: bytes, shown: str, registry: Registry, calendar: WorkCalendar
) -> tuple[Plan | None, tuple[Problem, ...]]:
    # heavy: the grammar of deadlines, of no use to commands that ask the database alone
    from engine.loading.plans import load_plan

    return load_plan(data, shown, registry, calendar)


def _calendar(
    home: Path, known: Mapping[str, bytes], problems: list[Problem], good: dict[str, bytes]
) -> WorkCalendar:
    path = home / CALENDAR
    if not path.is_file():
        missing = Problem(
            CALENDAR,
            0,
            0,
            Severity.ERROR,
            "no-calendar",
            "Thiếu lịch ngày nghỉ và ngày làm bù",
            "Lấy lại tệp gốc bằng lệnh: dondoc init THƯ_MỤC_KHÁC rồi chép sang",
        )
        raise InputError([missing])
    data, unread = read_file(path, CALENDAR)
    return _good_or_last(
        {CALENDAR: data}, unread, lambda f: load_calendar(f[CALENDAR], CALENDAR), known, problems, good
    )


def _units(
    home: Path, known: Mapping[str, bytes], problems: list[Problem], good: dict[str, bytes]
) -> Registry:
    files: dict[str, bytes] = {}
    unread: tuple[Problem, ...] = ()
    for shown, path in yaml_files(home, "plans/units").items():
        files[shown], failed = read_file(path, shown)
        unread += failed
    return _good_or_last(files, unread, load_units, known, problems, good)


def _good_or_last(
    files: Mapping[str, bytes],
    unread: tuple[Problem, ...],
    load: Callable[[Mapping[str, bytes]], tuple[_T | None, tuple[Problem, ...]]],
    known: Mapping[str, bytes],
    problems: list[Problem],
    good: dict[str, bytes],
) -> _T:
    loaded, found = (None, unread) if unread else load(files)
    problems.extend(found)
    if loaded is not None:
        good.update(files)
        return loaded
    last = {shown: known[shown] for shown in files if shown in known}
    if last:
        loaded, _ = load(last)
        if loaded is not None:
            return loaded
    raise InputError(problems)
