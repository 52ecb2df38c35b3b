"""``dondoc schema``: the JSON Schema that editors use to complete and to check the YAML files."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.output import say

DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Kind(StrEnum):
    """The kinds of file that have a schema."""

    PLAN = "plan"
    RULES = "rules"
    UNITS = "units"


KINDS = tuple(Kind)


@app.command("schema", help="In JSON Schema của một loại tệp, để trình soạn thảo gợi ý và báo lỗi.")
def schema(
    kind: Annotated[Kind, typer.Argument(metavar="plan|rules|units", help="Loại tệp.")],
    home: HomeOption = HERE,
) -> None:
    """Prints the schema."""
    say(schema_text(kind).rstrip("\n"))


def schema_text(kind: Kind) -> str:
    """The schema as the file in ``docs/schema`` holds it, with a line end."""
    return json.dumps(json_schema(kind), ensure_ascii=False, indent=2) + "\n"


def json_schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of file, with Vietnamese titles."""
    # heavy: pydantic and the models
    from engine.loading.plan_schema import PlanSchema
    from engine.loading.unit_schema import UnitFileSchema
    from engine.ruleset.schema import rule_schema

    if kind is Kind.PLAN:
        made, title = PlanSchema.model_json_schema(), "Kế hoạch"
    elif kind is Kind.UNITS:
        made, title = UnitFileSchema.model_json_schema(), "Sổ đơn vị"
    else:
        made, title = rule_schema(), "Luật nhắc việc"
    without = {key: value for key, value in made.items() if key not in ("$schema", "title")}
    found: dict[str, Any] = {"$schema": DRAFT, "title": title, **without}
    for name, definition in found.get("$defs", {}).items():
        # pydantic titles a definition with the name of its class, which says nothing to an author
        if definition.get("title") == name:
            del definition["title"]
    return found
