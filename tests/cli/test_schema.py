"""``dondoc schema`` and the copies in docs/schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine.cli.files.schema import DRAFT, KINDS, Kind
from engine.loading.plan_schema import PlanSchema
from engine.loading.unit_schema import UnitFileSchema
from tests.cli.command_line import ROOT, dondoc

_MARKED = re.compile(r"[À-ỹ]")
_PLAIN = {"STT", "Quy mô"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_copy_in_docs_is_current(kind: Kind) -> None:
    answer = dondoc("schema", kind)
    assert (answer.status, answer.err) == (0, "")
    copy = ROOT / "docs" / "schema" / f"{kind}.schema.json"
    assert copy.read_text(encoding="utf-8") == answer.out, (
        f"dondoc schema {kind} > docs/schema/{kind}.schema.json"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_title_is_vietnamese_and_every_key_has_one(kind: Kind) -> None:
    schema = dondoc("schema", kind).json
    assert schema["$schema"] == DRAFT
    for path, properties in objects(schema, ()):
        for key, value in properties.items():
            assert "title" in value or "$ref" in value, f"{path}: {key} has no title"
    titles = set(words(schema, "title"))
    assert {title for title in titles - _PLAIN if not _MARKED.search(title)} == set()


def objects(
    schema: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """The ``properties`` of every object schema inside."""
    if isinstance(schema, dict):
        if isinstance(found := schema.get("properties"), dict) and schema.get("type") == "object":
            yield path, found
        for key, value in schema.items():
            yield from objects(value, (*path, key))
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from objects(value, (*path, index))


def words(schema: Any, key: str) -> Iterator[str]:
    """Every text under ``key`` that is an annotation (not the name of a property)."""
    if isinstance(schema, dict):
        if isinstance(found := schema.get(key), str):
            yield found
        for value in schema.values():
            yield from words(value, key)
    elif isinstance(schema, list):
        for value in schema:
            yield from words(value, key)


def test_the_keys_are_those_that_the_program_reads() -> None:
    plan, units = json.loads(dondoc("schema", "plan").out), json.loads(dondoc("schema", "units").out)
    assert set(plan["properties"]) == set(PlanSchema.model_fields)
    assert set(units["properties"]) == set(UnitFileSchema.model_fields)
    assert plan["additionalProperties"] is False
