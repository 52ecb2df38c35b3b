"""``dondoc plan list`` and ``dondoc plan show``: what the plan files say, as far as they are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, add_group
from engine.cli.output import Column, day_words, note, print_json, print_table, say
from engine.errors import DondocError
from engine.vietnamese import nearest

if TYPE_CHECKING:
    from engine.loading.home import Home
    from engine.model.plan import Plan

plan = add_group("plan", "Xem các kế hoạch đang có.")

_STATUS_WORDS = {
    "in-force": "đang áp dụng",
    "last-good": "tệp có lỗi, đang dùng bản tốt gần nhất",
    "broken": "tệp có lỗi, chưa có bản tốt nào",
}


@plan.command("list", help="Liệt kê các kế hoạch: số nhiệm vụ, chỉ tiêu, thủ tục và tình trạng tệp.")
def list_plans(as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    """Broken plans are listed too."""
    # heavy: pydantic and the grammar
    from engine.cli.files.in_force import home_in_force

    found = home_in_force(home)
    rows = [_summary(each, _status(each.id, found)) for each in found.plans]
    rows += [{"id": id, "status": "broken"} for id in found.broken]
    rows.sort(key=lambda row: row["id"])
    if as_json:
        print_json(rows)
        return
    if not rows:
        say("Chưa có kế hoạch nào trong plans/.")
        return
    columns = [
        Column("Mã", fixed=True),
        Column("Số, ký hiệu"),
        Column("Cơ quan ban hành"),
        Column("Ngày", fixed=True),
        Column("Nhiệm vụ", "right"),
        Column("Chỉ tiêu", "right"),
        Column("Thủ tục", "right"),
        Column("Tình trạng"),
    ]
    print_table(columns, [_cells(row) for row in rows])
    _explain(found)


@plan.command("show", help="Xem một kế hoạch: nhiệm vụ, thời hạn đã hiểu, chỉ tiêu, thủ tục.")
def show_plan(
    id: Annotated[str, typer.Argument(metavar="MÃ", help="Mã kế hoạch, xem dondoc plan list.")],
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Exit status 1 when there is no such plan."""
    # heavy: pydantic and the grammar
    from engine.cli.files.in_force import home_in_force
    from engine.cli.files.plan_json import plan_json
    from engine.cli.files.plan_page import print_plan

    found = home_in_force(home)
    wanted = next((each for each in found.plans if each.id == id), None)
    if wanted is None:
        raise DondocError(_not_found(id, found))
    if as_json:
        print_json(plan_json(wanted) | {"status": _status(id, found)})
        return
    print_plan(wanted)
    if id in found.stale:
        note(f"Tệp plans/{id}.yaml có lỗi nên đây là bản tốt gần nhất; xem lỗi: dondoc check")


def _not_found(id: str, home: Home) -> str:
    if id in home.broken:
        return f"Kế hoạch “{id}” có lỗi nên chưa xem được. Xem lỗi: dondoc check plans/{id}.yaml"
    known = sorted([*(each.id for each in home.plans), *home.broken])
    close = nearest(id, known)
    if close:
        return f"Không có kế hoạch “{id}”. Có phải là: {', '.join(close)}?"
    return f"Không có kế hoạch “{id}”. Các kế hoạch: {', '.join(known) or 'chưa có'}."


def _status(id: str, home: Home) -> str:
    return "last-good" if id in home.stale else "in-force"


def _summary(each: Plan, status: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "number": each.number,
        "title": each.title,
        "issuer": each.issuer.name,
        "issued": each.issued,
        "year": each.year,
        "tasks": len(each.tasks),
        "indicators": len(each.indicators),
        "catalogue": len(each.catalogue),
        "status": status,
    }


def _cells(row: dict[str, Any]) -> list[str]:
    if row["status"] == "broken":
        return [row["id"], "", "", "", "", "", "", _STATUS_WORDS["broken"]]
    counts = [str(row[key]) for key in ("tasks", "indicators", "catalogue")]
    issued = day_words(row["issued"]) or f"năm {row['year']}"
    return [row["id"], row["number"], row["issuer"], issued, *counts, _STATUS_WORDS[row["status"]]]


def _explain(home: Home) -> None:
    if home.stale or home.broken:
        note("Có tệp kế hoạch bị lỗi; xem từng lỗi: dondoc check")
