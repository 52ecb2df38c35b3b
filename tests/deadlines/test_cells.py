"""Every cell of the specification, every field that it gives."""

from __future__ import annotations

from typing import Any

import pytest

from engine.deadlines import deadline_json
from tests.deadlines.wording import cells, read_cell

# What describes the cell, not the reading; the window of reports says nothing of the deadline.
_OF_THE_CELL = frozenset("id plan_year issued note reporting_window expect_error text".split())


def differences(wanted: dict[str, Any], given: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields that are not as wanted; of an offset and of a milestone, those that are given."""
    found: dict[str, tuple[Any, Any]] = {}
    for name, value in wanted.items():
        got = given.get(name, "absent")
        if name == "offset" and isinstance(value, dict) and isinstance(got, dict):
            got = {key: got.get(key) for key in value}
        if name == "milestones" and isinstance(got, list) and len(got) == len(value):
            for number, (part, part_got) in enumerate(zip(value, got, strict=True)):
                for key, each in differences(part, part_got).items():
                    found[f"{number}.{key}"] = each
        elif got != value:
            found[name] = (value, got)
    return found


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell["id"])
def test_cell(cell: dict[str, Any]) -> None:
    given = deadline_json(read_cell(cell))
    wanted = {name: value for name, value in cell.items() if name not in _OF_THE_CELL}
    assert differences(wanted, given) == {}
    assert bool(given["errors"]) == bool(cell.get("expect_error"))
    assert given["text"] == cell["text"]
    assert given["rule"]


def test_the_specification_is_whole() -> None:
    assert len(cells()) == 169


def test_fields_that_are_always_there() -> None:
    for cell in cells():
        given = deadline_json(read_cell(cell))
        always = {"date": {"start", "due"}, "event": {"trigger", "offset"}, "recurring": {"rrules", "rrule"}}
        present = always.get(given["kind"], set()) & given.keys()
        assert given["kind"] not in always or present, cell["id"]
        assert {"kind", "text", "errors"} <= given.keys()
