"""Holds the arrows of docs/architecture.md: a module imports only from its own room and those above."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house_rules import (
    arrows,
    broken_arrows,
    clock_readers,
    hidden_imports,
    room_of,
    rooms,
    strangers,
    talkers,
    too_long,
)
from tests.import_graph import Import, Module, circles, imports_of, read_modules

ROOT = Path(__file__).parent.parent
PACKAGES = ("engine", "notifiers", "web")


@pytest.fixture(scope="module")
def house() -> list[tuple[str, ...]]:
    return rooms((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    return read_modules(ROOT, *PACKAGES)


@pytest.fixture(scope="module")
def found(modules: dict[str, Module]) -> list[Import]:
    return imports_of(modules)


def test_every_module_has_a_room(house: list[tuple[str, ...]], modules: dict[str, Module]) -> None:
    homeless = [name for name in modules if name not in PACKAGES and room_of(name, house) is None]
    assert homeless == [], "name them in the rooms table of docs/architecture.md"


def test_no_arrow_points_down(house: list[tuple[str, ...]], found: list[Import]) -> None:
    assert broken_arrows(found, house) == []


def test_no_module_knows_what_it_should_not(found: list[Import]) -> None:
    assert strangers(found) == []


def test_no_circles(found: list[Import], modules: dict[str, Module]) -> None:
    assert circles(arrows(found, modules)) == []


def test_an_import_inside_a_function_says_why(found: list[Import]) -> None:
    assert hidden_imports(found) == []


def test_only_the_scheduler_and_the_command_line_read_the_clock(modules: dict[str, Module]) -> None:
    assert clock_readers(modules.values()) == []


def test_rooms_that_compute_do_not_talk(modules: dict[str, Module]) -> None:
    assert talkers(modules.values()) == []


def test_no_module_is_two_ideas(modules: dict[str, Module]) -> None:
    assert too_long(modules.values()) == []


# --- the checks themselves, on a small house that is wrong in every way --------------------------------

HOUSE = """
## Rooms

| room | holds | may import |
| --- | --- | --- |
| `engine/errors.py`, `engine/model/` | values | each other |
| `engine/loading/` | files | the above |
| `engine/ruleset/` | rules | loading |
| `engine/tick.py` | one pass | ruleset |
| `notifiers/` | channels | – |

## Another table

| `engine/elsewhere/` | … | … |
"""


def a_house(root: Path, **files: str) -> Iterator[Import]:
    """Writes modules (`engine__tick` is engine/tick.py) and reads their imports."""
    for name, text in {"engine____init__": "", "notifiers____init__": "", **files}.items():
        path = root.joinpath(*name.split("__", 2 if name.endswith("__init__") else -1)).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    yield from imports_of(read_modules(root, "engine", "notifiers"))


def test_the_table_is_read_up_to_the_next_heading() -> None:
    assert rooms(HOUSE) == [
        ("engine.errors", "engine.model"),
        ("engine.loading",),
        ("engine.ruleset",),
        ("engine.tick",),
        ("notifiers",),
    ]


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"engine__errors": "from engine.tick import run"}, "engine.errors:1 imports engine.tick"),
        (
            {"engine__tick": "", "engine__errors": "from engine import tick"},
            "engine.errors:1 imports engine.tick",
        ),
        ({"engine__tick": "", "engine__errors": "from . import tick"}, "engine.errors:1 imports engine.tick"),
        (
            {"engine__model__plan": "def f():\n    import engine.loading"},
            "engine.model.plan:2 imports engine.loading",
        ),
        (
            {"engine__loading__plans": "from ..ruleset.durable import Matcher"},
            "engine.loading.plans:1 imports engine.ruleset.durable",
        ),
        ({"notifiers__mail": "from engine.errors import Problem"}, "notifiers.mail:1 imports engine.errors"),
        ({"notifiers__mail": "import web"}, "notifiers.mail:1 imports web"),
    ],
)
def test_a_broken_arrow_is_found(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    (wrong,) = broken_arrows(a_house(tmp_path, **files), rooms(HOUSE))
    assert wrong.startswith(complaint + ",")


def test_arrows_that_point_up_are_left_alone(tmp_path: Path) -> None:
    good = a_house(
        tmp_path,
        engine__model__plan="import engine.errors",
        engine__tick="from engine.ruleset.durable import Matcher\nimport notifiers.mail",
        notifiers__mail="from notifiers.channel import Channel\nimport enginery",
    )
    assert broken_arrows(good, rooms(HOUSE)) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("engine__tick", "import durable.lang"),
        ("engine__cli__main", "from apscheduler.schedulers.base import BaseScheduler"),
        ("notifiers__zalo", "import importlib\nimportlib.import_module('apprise')"),
        ("engine__model__plan", "import os.path"),
        ("engine__model__plan", "from pathlib import Path"),
        ("engine__notices__digest", "import sqlmodel"),
        ("engine__ruleset__trial", "import sqlalchemy.orm"),
    ],
)
def test_a_stranger_is_found(tmp_path: Path, module: str, text: str) -> None:
    assert len(strangers(a_house(tmp_path, **{module: text}))) == 1


def test_what_a_room_may_know_is_left_alone(tmp_path: Path) -> None:
    good = a_house(
        tmp_path,
        engine__ruleset__durable="from durable.engine import Host",
        engine__ruleset__trial="import subprocess",
        engine__notices__links="from urllib.parse import quote",
        engine__model__plan="import oscillation",
    )
    assert strangers(good) == []


def test_circles_are_found_in_functions_too(tmp_path: Path) -> None:
    files = {
        "engine__a": "import engine.b",
        "engine__b": "def f():\n    from engine import c",
        "engine__c": "from engine.a import x",
        "engine__d": "import engine.a",
    }
    found = list(a_house(tmp_path, **files))
    assert circles(arrows(found, read_modules(tmp_path, "engine"))) == [["engine.a", "engine.b", "engine.c"]]


@pytest.mark.parametrize(
    ("line", "complaints"),
    [
        ("import rich", 1),
        ("import rich  # heavy", 1),
        ("import rich  # heavy: 60 ms, tables only", 0),
        ("# heavy: 60 ms\n    import rich", 0),
        ("# heavy: 60 ms\n    from rich import (\n        box,\n    )\n    import yaml", 0),
        ("import yaml  # heavy: 9 ms\n    import rich", 1),
        ("# heavy: 60 ms\n    x = 1\n    import rich", 1),
        ("importlib.import_module('rich')", 1),
    ],
)
def test_a_hidden_import_is_found(tmp_path: Path, line: str, complaints: int) -> None:
    assert len(hidden_imports(a_house(tmp_path, engine__tick=f"def f():\n    {line}\n"))) == complaints


@pytest.mark.parametrize(
    ("module", "text", "complaints"),
    [
        ("engine__tick", "datetime.now(UTC)", 1),
        ("engine__tick", "datetime.datetime.now(UTC)", 1),
        ("engine__tick", "x = date.today", 1),
        ("engine__tick", "time.time()", 1),
        ("engine__tick", "time.monotonic()", 0),
        ("engine__tick", "situation.today", 0),
        ("engine__schedule", "datetime.now(UTC)", 0),
        ("engine__cli__main", "datetime.now(UTC)", 0),
    ],
)
def test_a_reader_of_the_clock_is_found(tmp_path: Path, module: str, text: str, complaints: int) -> None:
    list(a_house(tmp_path, **{module: text}))
    assert len(clock_readers(read_modules(tmp_path, "engine").values())) == complaints


def test_a_talker_and_a_long_module_are_found(tmp_path: Path) -> None:
    list(
        a_house(
            tmp_path,
            engine__model__plan="print(open('x'))",
            engine__tick="pass\n" * 351,
            engine__errors="pass\n" * 301,
            engine__cli__main="print(1)\n" * 300,
        )
    )
    modules = read_modules(tmp_path, "engine").values()
    assert talkers(modules) == ["engine.model.plan:1 calls print", "engine.model.plan:1 calls open"]
    assert too_long(modules) == ["engine.tick: 351 lines", "engine.errors: 301 lines"]
    assert too_long([module for module in modules if module.name != "engine.tick"]) == []
