"""What a module may import, how long it may get, and who may read the clock.

Each check returns its complaints; tests/test_layers.py asks for none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from tests.import_graph import Import, Module, below

LONGEST_MODULE = 350
CLOSE_TO_LONGEST = 300

# Each of these libraries is known to one file, so that its traps stay in one place.
ONLY_HERE = {
    "durable": "engine.ruleset.durable",
    "apscheduler": "engine.schedule",
    "apprise": "notifiers.plugin",
    "prometheus_client": "engine.watching.metrics",
}

_OUTSIDE = frozenset(
    "alembic asyncio http logging openpyxl psycopg requests rich secrets smtplib socket sqlalchemy "
    "sqlite3 sqlmodel ssl structlog typer urllib.request".split()
)
_DISK_AND_SYSTEM = frozenset(
    "glob importlib.resources io multiprocessing os pathlib random shutil subprocess sys tempfile "
    "threading time yaml".split()
)
# Rooms that only compute, and rooms that read files or try rules in a process of their own besides.
_PURE = ("errors vietnamese model units workdays deadlines tracking notices day overdue").split()
_NO_DATABASE = "loading ruleset".split()
FORBIDDEN = {f"engine.{room}": _OUTSIDE | _DISK_AND_SYSTEM for room in _PURE}
FORBIDDEN |= {f"engine.{room}": _OUTSIDE - {"logging", "structlog"} for room in _NO_DATABASE}

READ_THE_CLOCK = ("engine.schedule", "engine.cli")
_CLOCK = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "strftime", "ctime"},
    "func": {"now", "current_timestamp", "current_date", "localtimestamp"},
}
_TOUCHES_THE_OUTSIDE = {"open", "print", "input"}


def rooms(architecture: str) -> list[tuple[str, ...]]:
    """The module names in each row of the table under "## Rooms", topmost first.

    `engine/model/` and `engine/errors.py` become engine.model and engine.errors.
    """
    table = architecture.partition("\n## Rooms\n")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\| (`[^|]+)\|", table, re.MULTILINE)
    return [
        tuple(re.sub(r"\.py$|/$", "", path).replace("/", ".") for path in re.findall(r"`([^`]+)`", cell))
        for cell in first_cells
    ]


def room_of(name: str, house: list[tuple[str, ...]]) -> int | None:
    """The row that a module belongs to; the packages themselves belong to none."""
    return next((row for row, room in enumerate(house) if any(below(name, part) for part in room)), None)


def broken_arrows(found: Iterable[Import], house: list[tuple[str, ...]]) -> list[str]:
    """Imports of a room further down in the table, and any way out of notifiers."""
    wrong = []
    for one in found:
        here, there = room_of(one.importer, house), room_of(one.target, house)
        if below(one.importer, "notifiers"):
            if one.target.partition(".")[0] in {"engine", "web"}:
                wrong.append(f"{one.where}, but notifiers is a leaf")
        elif here is not None and there is not None and not below(one.target, "notifiers") and there > here:
            wrong.append(f"{one.where}, which stands below it")
    return wrong


def strangers(found: Iterable[Import]) -> list[str]:
    """Imports of a library or of a part of the system that the importing module must not know."""
    wrong = []
    for one in found:
        top = one.target.partition(".")[0]
        if top in ONLY_HERE and one.importer != ONLY_HERE[top]:
            wrong.append(f"{one.where}, but only {ONLY_HERE[top]} may")
            continue
        wrong += [
            f"{one.where}, but {room} only computes"
            for room, forbidden in FORBIDDEN.items()
            if below(one.importer, room) and any(below(one.target, name) for name in forbidden)
        ]
    return wrong


def hidden_imports(found: Iterable[Import]) -> list[str]:
    """Imports inside a function without a `# heavy: …` beside them or above their block."""
    return [one.where for one in found if one.inside and not re.search(r"# heavy: \w", one.note)]


def arrows(found: Iterable[Import], modules: Mapping[str, Module]) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for one in found:
        if one.target in modules:
            graph[one.importer].add(one.target)
    return graph


def clock_readers(modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.name}:{node.lineno} reads the clock"
        for module in modules
        if below(module.name, "engine") and not any(below(module.name, name) for name in READ_THE_CLOCK)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in _CLOCK.get(_last_name(node.value), ())
    ]


def _last_name(node: ast.expr) -> str:
    """`datetime` for both datetime.now and datetime.datetime.now."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def talkers(modules: Iterable[Module]) -> list[str]:
    """Calls of open, print and input in rooms that only compute."""
    pure = [room for room, forbidden in FORBIDDEN.items() if "pathlib" in forbidden]
    return [
        f"{module.name}:{node.lineno} calls {node.func.id}"
        for module in modules
        if any(below(module.name, room) for room in pure)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _TOUCHES_THE_OUTSIDE
    ]


def too_long(modules: Iterable[Module]) -> list[str]:
    """Modules past the limit; those close to it are told along, so that they are split in time."""
    sizes = sorted(((len(module.lines), module.name) for module in modules), reverse=True)
    if not sizes or sizes[0][0] <= LONGEST_MODULE:
        return []
    return [f"{name}: {size} lines" for size, name in sizes if size > CLOSE_TO_LONGEST]
