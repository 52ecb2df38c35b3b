"""``channels``: how the ways to send are, and letting one go on that had stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, add_group
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import Column, print_json, print_table, say
from engine.errors import DondocError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.watching.channels import ChannelView

group = add_group("channels", help="Các kênh gửi tin: thư điện tử, Zalo, ZNS.")


@group.callback(invoke_without_command=True, no_args_is_help=False)
def channels(context: typer.Context, home: HomeOption = HERE) -> None:
    """The list, where no command is named."""
    if context.invoked_subcommand is None:
        list_(as_json=False, home=home)


NameArgument = Annotated[str, typer.Argument(metavar="KÊNH", help="Mã kênh: email, zalo, zns.")]


@group.command("list", help="Liệt kê các kênh: đang dùng, đang nghỉ hay đã dừng, bao nhiêu tin chờ.")
def list_(as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    found = _channels(home)
    if as_json:
        print_json([_json(each) for each in found])
        return
    if not found:
        say("Chưa cấu hình kênh gửi nào. Bắt đầu từ thư điện tử: đặt DONDOC_SMTP_URL.")
        return
    columns = (
        Column("Kênh"),
        Column("Tình trạng"),
        Column("Chờ gửi", "right", fixed=True),
        Column("Không rõ", "right", fixed=True),
        Column("Gửi hôm nay", "right", fixed=True),
        Column("Còn nhận", "right", fixed=True),
        Column("Chi phí tháng này", "right", fixed=True),
    )
    print_table(columns, [_row(each) for each in found])
    for each in found:
        if each.detail:
            say(f"{each.title}: {each.detail}")
        if each.advice:
            say(f"  → {each.advice}")


@group.command(
    "resume", help="Cho một kênh đang nghỉ hoặc đã dừng hoạt động lại, sau khi đã sửa nguyên nhân."
)
def resume(name: NameArgument, home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.store.access.audit import Actor
    from engine.store.database import writing

    # heavy: as above
    from engine.vietnamese import nearest
    from engine.watching.channels import title_of, use_again

    # heavy: as above
    from notifiers.registry import KINDS

    wanted = name.strip().lower()
    if wanted not in (known := [kind.name for kind in KINDS]):
        near = nearest(wanted, known)
        hint = f"Có phải là: {', '.join(near)}?" if near else f"Các kênh: {', '.join(known)}"
        raise DondocError(f"Không có kênh “{name}”. {hint}")
    with writing(opened(home).engine) as connection:
        done = use_again(connection, Actor("system", "dòng lệnh"), wanted, now_in_utc())
    if done:
        say(f"Kênh {title_of(wanted)} hoạt động lại; tin đang chờ đi trong lượt kế tiếp của giờ gửi tin.")
    else:
        say(f"Kênh {title_of(wanted)} không nghỉ và không dừng, nên không có gì phải làm.")


def _channels(home: Path) -> list[ChannelView]:
    # heavy: the database
    from engine.store.database import reading
    from engine.watching.channels import channels_now
    from notifiers.registry import configured

    installation = opened(home)
    names = [kind.name for kind in configured(installation.settings.channels)]
    with reading(installation.engine) as connection:
        return channels_now(connection, names, now_in_utc())


def _row(each: ChannelView) -> tuple[str, ...]:
    # heavy: zone files
    from engine.tracking.progress import VIETNAM

    state = each.state_words
    if each.until is not None:
        state += f" đến {each.until.astimezone(VIETNAM):%H:%M %d/%m}"
    elif each.since is not None:
        state += f" từ {each.since.astimezone(VIETNAM):%H:%M %d/%m}"
    elif not each.configured:
        state = "chưa cấu hình"
    return (
        f"{each.title} ({each.name})",
        state,
        str(each.waiting),
        str(each.in_doubt),
        str(each.sent_today),
        "" if each.remaining is None else str(each.remaining),
        f"{each.cost:,} đồng".replace(",", ".") if each.cost else "",
    )


def _json(each: ChannelView) -> dict[str, Any]:
    return {
        "channel": each.name,
        "title": each.title,
        "configured": each.configured,
        "state": each.state,
        "since": each.since,
        "until": each.until,
        "code": each.code,
        "detail": each.detail,
        "advice": each.advice,
        "waiting": each.waiting,
        "oldest": each.oldest,
        "unknown": each.in_doubt,
        "failed": each.failed,
        "sent_today": each.sent_today,
        "remaining": each.remaining,
        "cost_this_month": each.cost,
        "refused": each.refused,
    }
