"""``zns``: the keys of ZNS and how the channel stands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from engine.cli.frame import HERE, HomeOption, add_group
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import say
from engine.errors import DondocError

zns = add_group("zns", help="ZNS: mã truy cập, hạn mức, mẫu tin.")


@zns.command(
    "token", help="Cất mã làm mới (refresh token) mà ứng dụng Zalo vừa cấp; đọc từ bàn phím hoặc đầu vào."
)
def token(home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.installation.channels import vault_of
    from engine.store.access import audit
    from engine.store.access.audit import Actor
    from engine.store.access.vault import plant
    from engine.store.database import writing
    from engine.store.messages.channel_states import resume

    installation = opened(home)
    vault = vault_of(installation, now_in_utc)
    # Never an argument: those stand in the shell's history and in the list of processes.
    if sys.stdin.isatty():
        typed = typer.prompt("Mã làm mới (không hiện khi gõ)", hide_input=True)
    else:
        typed = sys.stdin.readline()
    refresh = typed.strip()
    if not refresh or len(refresh) > 4000 or any(letter.isspace() for letter in refresh):
        raise DondocError("Chưa có mã làm mới; dán mã lấy ở trang quản lý ứng dụng Zalo, trên một dòng")
    now = now_in_utc()
    with writing(installation.engine) as connection:
        plant(connection, vault.channel, refresh, vault.secret_key, now, seed=vault.seed)
        resume(connection, vault.channel, now)
        audit.append(connection, Actor("system", "dòng lệnh"), "channel.key", f"channel:{vault.channel}", now)
    say("Đã cất mã làm mới; kênh ZNS chạy lại từ lượt sau.")


@zns.command("status", help="Mã truy cập còn đến bao giờ, hôm nay còn gửi được bao nhiêu tin.")
def status(
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Có hỏi máy chủ ZNS hay không.")] = True,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database, Apprise
    from engine.installation.channels import vault_of
    from engine.store.access.vault import NO_KEY, kept
    from engine.store.database import reading
    from engine.tracking.progress import VIETNAM
    from notifiers.errors import ChannelError
    from notifiers.http import HttpFailure
    from notifiers.vault import VaultTrouble
    from notifiers.zns import open_from

    installation = opened(home)
    values = installation.settings.channels
    missing = [key for key in ("zns_app_id", "zns_secret", "zns_template_id") if not values.get(key)]
    if missing:
        raise DondocError(
            f"Kênh ZNS chưa khai: thiếu {', '.join(f'DONDOC_{key.upper()}' for key in missing)}"
        )
    vault = vault_of(installation, now_in_utc)
    with reading(installation.engine) as connection:
        found = kept(connection, vault.channel)
    if found is None and not vault.seed:
        raise DondocError(NO_KEY)
    if found is not None and found.trouble:
        raise DondocError(found.trouble)
    if found is None or found.expires_at is None:
        say("Đã có mã làm mới; mã truy cập được xin khi gửi tin đầu tiên.")
    else:
        say(
            f"Mã truy cập dùng được đến {found.expires_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}; tự xin mã mới."
        )
    if not ask:
        return
    try:
        daily, left = open_from(values, vault).quota()
    except (ChannelError, VaultTrouble, HttpFailure) as error:
        raise DondocError(str(error)) from None
    if daily is None or left is None:
        say("ZNS không cho biết hôm nay còn gửi được bao nhiêu tin.")
    else:
        say(f"Hôm nay còn gửi được {left} trong {daily} tin.")
