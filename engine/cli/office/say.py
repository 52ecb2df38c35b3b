"""``submit``: what units say of their work, one by one or from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, AtOption, HomeOption, JsonOption, app, read_day
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import print_json, say
from engine.errors import DondocError

if TYPE_CHECKING:
    from datetime import date

    from engine.installation.opening import Installation
    from engine.model.event import Event
    from engine.tracking.assess import Tracked
    from engine.workdays import WorkCalendar


@app.command(
    "submit",
    help="Ghi nhận cập nhật của đơn vị: received (đã nhận), progress (tiến độ), done (báo cáo hoàn thành), "
    "extension (xin gia hạn), declined (không thuộc trách nhiệm). Hoặc đọc cả tệp bằng --file.",
)
def submit(
    assignment: Annotated[str | None, typer.Argument(metavar="MÃ", help="Mã việc được giao.")] = None,
    status: Annotated[
        str | None, typer.Argument(metavar="NỘI_DUNG", help="received, progress, done …")
    ] = None,
    percent: Annotated[
        int | None, typer.Option("--percent", metavar="SỐ", help="Tỷ lệ hoàn thành, 0–100.")
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", metavar="SỐ", help="Số, ngày của văn bản sản phẩm.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="CHỮ", help="Ghi chú hoặc lý do.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="NGÀY", help="Ngày xin gia hạn đến.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="AI", help="Ai cập nhật.")] = "",
    at: AtOption = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="TỆP", help="Tệp .csv hoặc .xlsx; nhận cả tệp hoặc không nhận gì."),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    if file is not None:
        if (assignment, status, percent, document, note, until, by, at) != (*[None] * 6, "", None):
            raise typer.BadParameter("dùng --file thì không ghi gì thêm; mỗi việc là một dòng trong tệp")
        _submit_file(file, as_json, home)
        return
    if assignment is None or status is None:
        raise typer.BadParameter("cần mã việc và nội dung cập nhật, hoặc --file TỆP")
    # heavy: the database
    from engine.exchange.status_file import event_kind, kinds_hint
    from engine.model.event import Event

    kind = event_kind(status)
    if kind is None:
        raise DondocError(f"Không hiểu nội dung cập nhật “{status}”. {kinds_hint(status)}")
    now = now_in_utc()
    day: date | None = read_day(until) if until else None
    event = Event(assignment, kind, at or now, by, percent, document, note, day)
    record_events(opened(home), [event], as_json)


def _submit_file(file: Path, as_json: bool, home: Path) -> None:
    # heavy: the database
    from engine.exchange.status_file import read_status_file, refused_rows
    from engine.store.events import EventsRefused

    rows = read_status_file(file, now_in_utc())
    try:
        record_events(opened(home), [event for _, event in rows], as_json)
    except EventsRefused as error:
        raise refused_rows(file, [(rows[i][0], why) for i, why in error.refusals]) from None


def record_events(installation: Installation, events: list[Event], as_json: bool) -> None:
    """Records events, all or none, and says how the assignments stand now."""
    # heavy: the database
    from engine.store import views
    from engine.store.database import writing
    from engine.store.events import record
    from engine.store.sync import chunks
    from engine.tracking.progress import EVENT_NAMES, STATE_NAMES, local_day

    home = installation.home
    ids = sorted({e.assignment for e in events}) if as_json else [events[0].assignment]
    day = max(local_day(e.at) for e in events)
    with writing(installation.engine) as connection:
        record(connection, events, home.calendar, now_in_utc())
        after = [t for c in chunks(ids, 500) for t in views.tracked(connection, home.registry, ids=c)]
        # Before the end of the transaction: where this cannot be said, nothing was recorded either.
        shown = [_standing_json(each, day, home.calendar) for each in after] if as_json else []
    if as_json:
        print_json({"recorded": len(events), "assignments": shown})
    elif len(events) == 1:
        event, state = events[0], after[0].standing.state
        say(f"Đã ghi: {EVENT_NAMES[event.kind]} – {event.assignment}. Trạng thái: {STATE_NAMES[state]}.")
    else:
        say(f"Đã ghi {len(events)} cập nhật.")


def _standing_json(tracked: Tracked, day: date, calendar: WorkCalendar) -> dict[str, Any]:
    # heavy: as above
    from engine.tracking.assess import assess

    seen = assess(tracked, day, calendar)
    return {
        "id": tracked.promise.id,
        "state": tracked.standing.state.value,
        "timeliness": seen.timeliness.value,
        "due": seen.due,
        "rolled": seen.rolled,
    }
