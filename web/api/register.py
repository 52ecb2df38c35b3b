"""``/api/v1/plans`` and ``/api/v1/units``: what the identities in other answers mean."""

from __future__ import annotations

from typing import Any

from engine.store.database import reading
from engine.store.work.assignment_pages import plans_of
from web.api.answers import api_router, problems
from web.api.caller import Reads
from web.api.shapes import PlanList, UnitList

router = api_router("Danh mục")


@router.get(
    "/plans",
    response_model=PlanList,
    response_description="Được",
    responses=problems(),
    summary="Các kế hoạch đang theo dõi",
)
def plans(caller: Reads) -> dict[str, Any]:
    with reading(caller.site.engine) as connection:
        known = caller.site.book(connection).plans
        seen = set(known) if caller.units is None else plans_of(connection, caller.units)
    return {
        "items": [
            {
                "id": plan.id,
                "number": plan.number,
                "title": plan.title,
                "issuer": plan.issuer,
                "issued": plan.issued,
                "starts": plan.starts,
                "year": plan.year,
                "monitor": plan.monitor,
                "completion": plan.settings.completion,
            }
            for plan in sorted(known.values(), key=lambda plan: plan.id)
            if plan.id in seen
        ]
    }


@router.get(
    "/units", response_model=UnitList, response_description="Được", responses=problems(), summary="Các đơn vị"
)
def units(caller: Reads) -> dict[str, Any]:
    known = caller.site.registry.units
    return {
        "items": [
            {
                "id": unit.id,
                "name": unit.name,
                "level": unit.level,
                "kind": unit.kind,
                "parent": unit.parent,
                "valid_from": unit.valid_from,
                "valid_to": unit.valid_to,
                "merged_into": unit.merged_into,
            }
            for unit in sorted(known.values(), key=lambda unit: unit.id)
            if caller.sees(unit.id)
        ]
    }
