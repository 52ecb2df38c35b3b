"""``demo``: the shipped plans through their year, into a mail sink on this machine."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import app
from engine.cli.office.opened import now_in_utc
from engine.cli.output import Column, print_table, progress_bar, say

if TYPE_CHECKING:
    from engine.demo.play import Played
    from engine.demo.sink import Sink
    from engine.installation.opening import Installation

_PLACE = Path(".demo")


@app.command("demo", help="Diễn thử: các kế hoạch kèm theo chạy trọn năm, thư gửi vào hộp thư trên máy này.")
def demo(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="THƯ_MỤC", help="Nơi diễn thử; bị xóa và làm lại mỗi lần.")
    ] = _PLACE,
) -> None:
    # heavy: everything
    from engine.cli.files.starter import starter_folder
    from engine.demo.play import fresh_home, play
    from engine.demo.sink import Sink
    from engine.installation.opening import open_installation

    home = folder / "home"
    fresh_home(home, starter_folder())
    with Sink(folder / "thu") as sink, progress_bar("Diễn thử") as report:
        played = play(home, sink, now_in_utc, report)
    installation = open_installation(home)
    _plans(installation)
    _months(played)
    _letters(sink)
    _recipients(played, installation)
    _overdue(installation, played)
    _page(installation, home, played)
    say(
        f"\nThư đã gửi nằm trong {folder / 'thu'} ({sink.count} tệp .eml). Xem tiếp với chính dữ liệu này:\n"
        f"  dondoc overdue --home {home} --as-of 2023-12-31\n"
        f"  dondoc assignments --home {home} --plan thach-chau-15-2023\n"
        f"  dondoc explain 1 --home {home}"
    )


def _page(installation: Installation, home: Path, played: Played) -> None:
    # heavy: as above
    from engine.demo.play import BASE_URL
    from engine.demo.visitors import LOGINS, invite
    from engine.notices.wording import LINK_PATH
    from engine.tracking.progress import VIETNAM

    morning = datetime.combine(played.last, time(9), VIETNAM)
    visitors = invite(installation, morning)
    say(
        f"\nTrang web, như sáng {played.last:%d/%m/%Y}:\n"
        f"  dondoc web --home {home} --at {morning:%Y-%m-%dT%H:%M}\n"
        f"rồi mở {BASE_URL}; tên đăng nhập: {', '.join(LOGINS)}; mật khẩu: {visitors.password}\n"
        f"Trang riêng của {installation.home.registry.full_name(visitors.unit)}, không cần mật khẩu:\n"
        f"  {BASE_URL}{LINK_PATH}{visitors.token}"
    )


def _plans(installation: Installation) -> None:
    say("ĐÔN ĐỐC – diễn thử bốn kế hoạch thật, từ ngày ban hành đến hết năm kế hoạch\n")
    name = installation.home.registry.full_name
    rows = [
        (p.number, name(p.issuer.id), f"{p.starts:%d/%m/%Y}", str(len(p.tasks)), str(len(p.indicators)))
        for p in installation.home.plans
    ]
    columns = (
        Column("Số", fixed=True),
        Column("Cơ quan ban hành"),
        Column("Tính từ", fixed=True),
        Column("Nhiệm vụ", "right", fixed=True),
        Column("Chỉ tiêu", "right", fixed=True),
    )
    print_table(columns, rows)


def _months(played: Played) -> None:
    rows = [
        (month, str(played.notices_by_month[month]), str(mails)) for month, mails in played.by_month.items()
    ]
    columns = (Column("Tháng", fixed=True), Column("Lượt nhắc", "right"), Column("Thư đã gửi", "right"))
    print_table(columns, rows, title=f"{played.mails} thư; {played.answers} cập nhật của đơn vị và văn phòng")


def _letters(sink: Sink) -> None:
    # heavy: as above
    from engine.demo.sink import plain_text

    for heading, message in sink.first_with.items():
        lines = plain_text(message).strip().splitlines()
        say(f"┌─ Thư đầu tiên có mục “{heading}”\n│ Tới: {message['To']}\n│ Tiêu đề: {message['Subject']}\n│")
        for line in lines[:22]:
            say(f"│ {line[:118]}")
        say("└─" + (f" … (còn {len(lines) - 22} dòng)" if len(lines) > 22 else "") + "\n")


def _recipients(played: Played, installation: Installation) -> None:
    name = installation.home.registry.full_name
    rows = [
        ("; ".join(name(u) for u in units.split("; ")), str(count))
        for units, count in played.by_recipient.most_common(10)
    ]
    title = (
        f"{len(played.by_recipient)} nơi nhận; nơi nhận nhiều nhất trong một ngày: {played.busiest_day} thư"
    )
    print_table(
        (Column("Nhận nhiều thư nhất cả kỳ"), Column("Số thư", "right", fixed=True)), rows, title=title
    )


def _overdue(installation: Installation, played: Played) -> None:
    # heavy: as above
    from engine.cli.office.lists import show_overdue
    from engine.notices.notice import Book
    from engine.overdue import overdue_rows
    from engine.store import views
    from engine.store.database import reading
    from engine.store.messages.deliveries import reminder_counts

    registry, calendar = installation.home.registry, installation.home.calendar
    with reading(installation.engine) as connection:
        book = Book(registry, views.plans(connection), views.tasks(connection))
        tracked = views.tracked(connection, registry, only_open=True)
        counts = reminder_counts(connection, [t.promise.id for t in tracked])
    show_overdue(
        overdue_rows(tracked, book, calendar, played.last, counts), played.last, most=12, one_per_task=True
    )
