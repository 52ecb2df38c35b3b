"""Unit files: every problem with its line, and nothing half-read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.errors import Problem
from engine.loading.units import load_units
from engine.units import Registry
from tests.core.files import UNITS

DAY = date(2023, 3, 1)
ROOT = Path(__file__).resolve().parents[2]


def problems_of(extra: str, *, file: str = "plans/units/tinh.yaml") -> list[Problem]:
    registry, problems = load_units({file: (UNITS + extra).encode()})
    assert registry is None, "the file should not be good"
    return list(problems)


def registry_of(extra: str = "") -> Registry:
    registry, problems = load_units({"plans/units/tinh.yaml": (UNITS + extra).encode()})
    assert registry is not None, problems
    return registry


def test_a_good_file_is_read_whole() -> None:
    registry = registry_of()
    assert len(registry.units) == 7
    assert registry.units["tinh.an.noi-vu"].parent == "tinh.an"
    assert registry.units["tinh"].parent is None
    assert registry.expand("cac-xa", "tinh.an", DAY) == ("tinh.an.mot", "tinh.an.hai")


GROUP_PROBLEMS = [
    ("  - {id: g, name: Nhóm}\n", "group-members"),
    ("  - {id: g, name: Nhóm, members: []}\n", "group-empty"),
    ("  - {id: g, name: Nhóm, members: [tinh.an.ba]}\n", "unit-link"),
    ("  - {id: g, name: Nhóm, members: [h]}\n  - {id: h, name: Khác, members: [g]}\n", "group-circle"),
    ("  - {id: g, name: Nhóm, members: [g]}\n", "group-circle"),
    ("  - {id: g, name: Nhóm, members: unlisted, under: tinh.binh}\n", "unit-link"),
    ("  - {id: cac-xa, name: Nhóm, members: unlisted}\n", "unit-duplicate"),
    ("  - {id: tinh.an, name: Nhóm, members: unlisted}\n", "unit-duplicate"),
]


@pytest.mark.parametrize(("group", "code"), GROUP_PROBLEMS)
def test_a_wrong_group_is_named_with_its_line(group: str, code: str) -> None:
    found = [p for p in problems_of(group) if p.code == code]
    assert found
    assert found[0].line == UNITS.count("\n") + 1
    assert found[0].message


UNIT_PROBLEMS = [
    ("- {id: tinh.an.x, name: UBND xã X, level: commune, kind: committee}", "unit-form"),
    ("- {id: tinh.binh.x, name: Phòng X, level: district, kind: department}", "unit-link"),
    ("- {id: tinh.an.x, name: X, level: commune, kind: team, merged_into: tinh.an.mott}", "unit-link"),
    (
        "- {id: tinh.an.x, name: X, level: commune, kind: team, valid_from: 2/1/2023, valid_to: 1/1/2023}",
        "unit-dates",
    ),
    ("- {id: tinh.an.x, name: X, level: commune, kind: team, parent: tinh.an.x}", "unit-circle"),
    (
        "- {id: tinh.an.x, name: P. Văn hoá, aliases: [phòng văn hoá], level: district, kind: team}",
        "unit-same-name",
    ),
    ("- {id: tinh.an.mot, name: X, level: commune, kind: team}", "unit-duplicate"),
]


@pytest.mark.parametrize(("unit", "code"), UNIT_PROBLEMS)
def test_a_wrong_unit_is_named_with_its_file(unit: str, code: str) -> None:
    other = f"units:\n  {unit}\n".encode()
    registry, problems = load_units({"plans/units/a.yaml": UNITS.encode(), "plans/units/b.yaml": other})
    assert registry is None
    [found] = [p for p in problems if p.code == code]
    assert (found.file, found.line) == ("plans/units/b.yaml", 2)


def test_a_dangling_link_gets_the_nearest_id() -> None:
    found = problems_of("  - {id: g, name: Nhóm, members: [tinh.an.noi-vu2]}\n")
    assert "tinh.an.noi-vu" in found[0].hint


def test_all_problems_at_once() -> None:
    codes = {p.code for p in problems_of("  - {id: g, name: G}\n  - {id: h, name: H, members: [x]}\n")}
    assert codes == {"group-members", "unit-link"}


def test_equal_names_in_different_places_are_fine() -> None:
    other = "units:\n  - {id: tinh.noi-vu, name: Phòng Nội vụ, level: province, kind: department}\n"
    registry, problems = load_units(
        {"plans/units/a.yaml": UNITS.encode(), "plans/units/b.yaml": other.encode()}
    )
    assert registry is not None, problems


def test_no_files_are_an_empty_registry() -> None:
    registry, problems = load_units({})
    assert registry is not None
    assert (registry.units, problems) == ({}, ())


def test_the_shipped_registry_stands() -> None:
    files = {f"plans/units/{p.name}": p.read_bytes() for p in (ROOT / "plans" / "units").glob("*.yaml")}
    registry, problems = load_units(files)
    assert registry is not None, problems
    issuers = ("hai-phong", "hai-phong.an-duong")
    counts = [len(registry.expand(_group(registry, "UBND các xã, thị trấn", i), i, DAY)) for i in issuers]
    assert counts[1] == 16


def _group(registry: Registry, name: str, scope: str) -> str:
    found = registry.resolve(name, scope)
    assert isinstance(found, str), found
    return found
