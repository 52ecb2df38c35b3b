"""``measure``: figures of indicators, one by one or from a file, and the sheet to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, AtOption, HomeOption, JsonOption, PlanOption, app
from engine.cli.office.opened import now_in_utc, opened, today_in_vietnam
from engine.cli.output import print_json, say
from engine.errors import DondocError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from engine.installation.opening import Installation
    from engine.model.plan import Plan
    from engine.store.reports.measurements import Said


@app.command(
    "measure",
    help="Ghi số liệu chỉ tiêu của đơn vị: 76,7 hoặc --part 1933 --whole 2521; “-” để rút lại. "
    "Hoặc đọc cả tệp bằng --file; --template ghi ra tệp mẫu để điền.",
)
def measure(
    plan: Annotated[str | None, typer.Argument(metavar="KẾ_HOẠCH", help="Mã kế hoạch.")] = None,
    indicator: Annotated[
        str | None, typer.Argument(metavar="CHỈ_TIÊU", help="Mã chỉ tiêu, hoặc đơn vị có một chỉ tiêu.")
    ] = None,
    value: Annotated[
        str | None, typer.Argument(metavar="SỐ", help="Như người ta viết: 1.234,5 hoặc 76,7% hoặc -")
    ] = None,
    part: Annotated[str, typer.Option("--part", metavar="SỐ", help="Số đạt, cùng với --whole.")] = "",
    whole: Annotated[str, typer.Option("--whole", metavar="SỐ", help="Tổng số.")] = "",
    window: Annotated[
        str,
        typer.Option("--window", metavar="KỲ", help="Kỳ: 2023-06, 2023-Q2 …; mặc định là tháng vừa hết."),
    ] = "",
    note: Annotated[str, typer.Option("--note", metavar="CHỮ", help="Ghi chú.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="AI", help="Ai báo số liệu.")] = "",
    at: AtOption = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="TỆP", help="Tệp .csv hoặc .xlsx; nhận cả tệp hoặc không nhận gì."),
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", metavar="TỆP.xlsx", help="Ghi tệp mẫu để điền, cùng --plan.")
    ] = None,
    plan_of_file: PlanOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    if file is not None and template is not None:
        raise typer.BadParameter("chọn một trong hai: --file hoặc --template")
    if file is None and template is None:
        if plan is None or indicator is None:
            raise typer.BadParameter("cần mã kế hoạch, chỉ tiêu và số liệu, hoặc --file TỆP")
        if plan_of_file is not None:
            raise typer.BadParameter("--plan chỉ dùng với --file hoặc --template")
        if value is None and not (part or whole):
            raise typer.BadParameter("cần số liệu, hoặc --part SỐ --whole SỐ")
        _one(home, plan, indicator, (value or "", part, whole, note), window, by, at, as_json)
        return
    if plan is not None or value is not None or part or whole or note:
        raise typer.BadParameter("dùng --file, --template thì số liệu nằm trong tệp")
    if template is not None:
        _template(home, template, plan_of_file, window)
    elif file is not None:
        _file(home, file, plan_of_file, window, by, at, as_json)


def _one(
    home: Path,
    plan: str,
    indicator: str,
    typed: tuple[str, str, str, str],
    window: str,
    by: str,
    at: datetime | None,
    as_json: bool,
) -> None:
    # heavy: the database and the reports
    from engine.reports.measuring import Typed, indicator_called, read_said, window_called

    now = now_in_utc()
    installation = opened(home, with_plans=True)
    known = _plan(installation, plan)
    row = indicator_called(known, indicator, installation.home.registry)
    said = read_said(known, row, window_called(known, window, _today(at, now)), Typed(*typed))
    _record(installation, [said], "cli", by, at, now)
    if as_json:
        print_json({"recorded": [_json(said)]})
    else:
        say(f"Đã ghi {_words(said)}: {row.name} – {installation.home.registry.full_name(row.unit.id)}.")


def _file(
    home: Path, file: Path, plan: str | None, window: str, by: str, at: datetime | None, as_json: bool
) -> None:
    # heavy: the database and the reports
    from engine.exchange.measurement_file import read_measurement_file

    now = now_in_utc()
    installation = opened(home, with_plans=True)
    if plan is not None:
        _plan(installation, plan)
    plans = {each.id: each for each in installation.home.plans}
    registry = installation.home.registry
    said = read_measurement_file(file, plans, plan, window, registry, _today(at, now))
    if not said:
        raise DondocError(f"{file}: chưa có dòng nào ghi số liệu")
    _record(installation, said, "file", by, at, now)
    if as_json:
        print_json({"recorded": [_json(each) for each in said]})
    else:
        say(f"Đã ghi {len(said)} số liệu.")


def _template(home: Path, path: Path, plan: str | None, window: str) -> None:
    # heavy: openpyxl
    from engine.exchange.measurement_file import write_measurement_sheet
    from engine.reports.measuring import window_called

    if plan is None:
        raise typer.BadParameter("--template cần --plan MÃ")
    if path.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"“{path}” phải có đuôi .xlsx")
    if path.exists():
        raise DondocError(f"Đã có tệp {path}; chọn tên khác.")
    installation = opened(home, with_plans=True)
    known = _plan(installation, plan)
    if not known.indicators:
        raise DondocError(f"Kế hoạch {plan} không có bảng chỉ tiêu nào.")
    chosen = window_called(known, window, today_in_vietnam())
    count = write_measurement_sheet(path, known, chosen, installation.home.registry)
    say(f"Đã ghi {count} chỉ tiêu, kỳ {chosen.title}, ra {path}.")
    say(f"Điền “Số đạt” và “Tổng số” (hoặc “Số liệu”), rồi chạy: dondoc measure --file {path}")


def _plan(installation: Installation, id: str) -> Plan:
    # heavy: with the rest of the reports
    from engine.vietnamese import nearest

    for plan in installation.home.plans:
        if plan.id == id:
            return plan
    near = nearest(id, [plan.id for plan in installation.home.plans])
    hint = f" Có phải là: {', '.join(near)}?" if near else ""
    raise DondocError(f"Không có kế hoạch mang mã “{id}”.{hint}")


def _today(at: datetime | None, now: datetime) -> date:
    if at is not None and at > now:
        raise DondocError("--at phải là một thời điểm đã qua.")
    return today_in_vietnam(at or now)


def _record(
    installation: Installation,
    said: Sequence[Said],
    source: str,
    by: str,
    at: datetime | None,
    now: datetime,
) -> None:
    # heavy: the database
    from engine.reports.measuring import record_said
    from engine.store.access.audit import Actor
    from engine.store.database import writing

    actor = Actor("system", by or "dòng lệnh")
    with writing(installation.engine) as connection:
        record_said(connection, said, source, by, actor, at or now, now)


def _json(said: Said) -> dict[str, object]:
    return {
        "plan": said.plan,
        "indicator": said.indicator,
        "unit": said.unit,
        "from": said.first,
        "to": said.last,
        "value": said.value,
        "part": said.part,
        "whole": said.whole,
    }


def _words(said: Said) -> str:
    # heavy: with the rest of the reports
    from engine.numbers import written

    days = f"kỳ {said.first:%d/%m/%Y}–{said.last:%d/%m/%Y}"
    if said.part is not None:
        return f"{written(said.part)} / {written(said.whole)}, {days}"
    if said.value is not None:
        return f"{written(said.value)}, {days}"
    return f"“chưa có số liệu”, {days}"
