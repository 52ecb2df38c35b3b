"""``office …``: what the office decides about assignments."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, AtOption, HomeOption, JsonOption, add_group, read_day
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.office.say import record_events

if TYPE_CHECKING:
    from engine.installation.opening import Installation
    from engine.model.event import EventKind

office = add_group("office", help="Quyết định của văn phòng: xác nhận, trả lại, gia hạn, rút, ghi sự kiện …")

Assignments = Annotated[
    list[str],
    typer.Argument(
        metavar="MÃ…",
        help="Một hay nhiều mã việc được giao; KẾ_HOẠCH:NHIỆM_VỤ là mọi đơn vị của nhiệm vụ đó.",
    ),
]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="CHỮ", help="Lý do hoặc ghi chú.")]
ByOption = Annotated[str, typer.Option("--by", metavar="AI", help="Ai quyết định.")]
DayOption = Annotated[date, typer.Option("--to", metavar="NGÀY", parser=read_day, help="Đến ngày này.")]


def _decide(
    kind: EventKind,
    ids: list[str],
    home: Path,
    at: datetime | None,
    by: str,
    note: str | None,
    as_json: bool,
    day: date | None = None,
    cures: bool = False,
) -> None:
    # heavy: the database
    from engine.model.event import Event, EventKind

    when = at or now_in_utc()
    installation = opened(home)
    chosen = _assignments(installation, ids, withdrawn=kind is EventKind.REINSTATE)
    events = [Event(id, kind, when, by or "văn phòng", note=note, day=day, cures=cures) for id in chosen]
    record_events(installation, events, as_json)


def _assignments(installation: Installation, ids: list[str], *, withdrawn: bool) -> list[str]:
    """Each id as it stands, or of a task named ``plan:task`` all assignments that are (not) ``withdrawn``,
    each once."""
    # heavy: as above
    from engine.store import views
    from engine.store.database import reading

    chosen: dict[str, None] = {}
    with reading(installation.engine) as connection:
        for id in ids:
            whole = views.of_task(connection, id) if id.count(":") == 1 else []
            known = views.tracked(connection, installation.home.registry, ids=whole) if whole else []
            fitting = [t.promise.id for t in known if (t.standing.state.value == "withdrawn") is withdrawn]
            chosen.update(dict.fromkeys(fitting or whole or [id]))
    return list(chosen)


@office.command("confirm", help="Xác nhận đơn vị đã hoàn thành.")
def confirm(
    ids: Assignments,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.CONFIRM, ids, home, at, by, note, as_json)


@office.command("return", help="Trả lại báo cáo để đơn vị làm tiếp; phải nêu lý do (--note).")
def return_(
    ids: Assignments,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.RETURN, ids, home, at, by, note, as_json)


@office.command("extend", help="Cho gia hạn đến ngày mới; --refuse để không cho.")
def extend(
    ids: Assignments,
    to: Annotated[
        date | None,
        typer.Option("--to", metavar="NGÀY", parser=read_day, help="Ngày mới; mặc định là ngày đơn vị xin."),
    ] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Không cho gia hạn.")] = False,
    cures: Annotated[
        bool, typer.Option("--cures", help="Cho sau khi đã quá hạn thì coi như chưa từng quá hạn.")
    ] = False,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    if refuse and (to is not None or cures):
        raise typer.BadParameter("--refuse là không cho gia hạn, nên không đi cùng --to hay --cures")
    _decide(EventKind.REFUSE if refuse else EventKind.EXTEND, ids, home, at, by, note, as_json, to, cures)


@office.command("withdraw", help="Rút việc đã giao; lịch sử vẫn giữ.")
def withdraw(
    ids: Assignments,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.WITHDRAW, ids, home, at, by, note, as_json)


@office.command("reinstate", help="Giao lại việc đã rút.")
def reinstate(
    ids: Assignments,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.REINSTATE, ids, home, at, by, note, as_json)


@office.command("trigger", help="Ghi nhận sự kiện đã xảy ra, để việc chờ sự kiện bắt đầu tính.")
def trigger(
    ids: Assignments,
    on: Annotated[
        date | None,
        typer.Option("--on", metavar="NGÀY", parser=read_day, help="Ngày xảy ra; mặc định hôm nay."),
    ] = None,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.TRIGGER, ids, home, at, by, note, as_json, on)


@office.command("date", help="Đặt thời hạn cho việc chưa có ngày.")
def set_date(
    ids: Assignments,
    to: DayOption,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.DATE, ids, home, at, by, note, as_json, to)


@office.command("snooze", help="Tạm ngừng nhắc đến một ngày.")
def snooze(
    ids: Assignments,
    to: DayOption,
    note: NoteOption = None,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: as above
    from engine.model.event import EventKind

    _decide(EventKind.SNOOZE, ids, home, at, by, note, as_json, to)
