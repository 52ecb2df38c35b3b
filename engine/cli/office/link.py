"""``link``: opens a unit's page to somebody by hand, or ends such a link."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import say
from engine.errors import DondocError

if TYPE_CHECKING:
    from engine.store.access.audit import Actor
    from engine.units import Registry


@app.command("link", help="In một đường dẫn mở trang của một đơn vị, hoặc thu hồi đường dẫn.")
def link(
    unit: Annotated[
        str | None, typer.Argument(metavar="ĐƠN_VỊ", help="Tên hoặc mã đơn vị.", show_default=False)
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, help="Dùng được bao nhiêu ngày; mặc định 60.")
    ] = None,
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="HỌ_TÊN",
            show_default=False,
            help="Cho ai; ghi vào lịch sử khi người ấy trả lời.",
        ),
    ] = "",
    revoke: Annotated[
        str | None,
        typer.Option(
            "--revoke",
            metavar="SỐ|ĐƠN_VỊ",
            help="Thu hồi đường dẫn mang số này (xem trang /lien-ket), hoặc mọi đường dẫn của đơn vị.",
        ),
    ] = None,
    home: HomeOption = HERE,
) -> None:
    if (unit is None) == (revoke is None):
        raise typer.BadParameter("ghi một đơn vị để cấp đường dẫn, hoặc --revoke để thu hồi")
    if revoke is not None:
        say(f"Đã thu hồi {_revoked(home, revoke)} đường dẫn.")
        return
    # heavy: the database
    from engine.notices.wording import LINK_PATH
    from engine.store.access import audit, links
    from engine.store.database import writing
    from engine.tracking.progress import VIETNAM

    lasting = days or links.DAYS
    if lasting > links.LONGEST_DAYS:
        raise typer.BadParameter(f"--days nhiều nhất là {links.LONGEST_DAYS}")
    installation = opened(home)
    base = installation.settings.base_url
    if base is None:
        raise DondocError(
            "Chưa khai địa chỉ trang web; đặt DONDOC_BASE_URL, ví dụ https://don-doc.don-vi.example"
        )
    id, now = _unit(installation.home.registry, unit or ""), now_in_utc()
    called = " ".join(name.split())
    with writing(installation.engine) as connection:
        token = links.make(connection, [id], "", called, now=now, days=lasting)
        made = links.find(connection, token, now)
        after = {"kind": links.UNIT, "units": [id], "name": called, "days": lasting}
        subject = f"link:{made.id if made else ''}"
        audit.append(connection, _by_hand(), "link.make", subject, now, after=after)
    say(base + LINK_PATH + token)
    if made is not None:
        until = f"{made.expires_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
        shown = installation.home.registry.full_name(id)
        say(
            f"Đường dẫn số {made.id} mở trang của {shown}, dùng được đến {until}. "
            "Chỉ in lần này; gửi riêng cho đơn vị."
        )


def _revoked(home: Path, which: str) -> int:
    # heavy: the database
    from engine.store.access import audit, links
    from engine.store.database import writing

    installation, now = opened(home), now_in_utc()
    with writing(installation.engine) as connection:
        if which.isascii() and which.isdigit():
            id = int(which) if len(which) < 10 else 0
            known = links.by_id(connection, id)
            if known is None or known.kind != links.UNIT:
                raise DondocError(f"Không có đường dẫn số {which}; xem trang /lien-ket")
            count, subject, units = links.revoke(connection, [id], now), f"link:{id}", list(known.units)
        else:
            units = [_unit(installation.home.registry, which)]
            count, subject = links.revoke_of_unit(connection, units[0], now), "link"
        if count:
            before = {"kind": links.UNIT, "units": units, "links": count}
            audit.append(connection, _by_hand(), "link.revoke", subject, now, before=before)
    return count


def _unit(registry: Registry, text: str) -> str:
    # heavy: the registry
    from engine.units import NameProblem

    found = text if text in registry.units else registry.resolve(text, None)
    if isinstance(found, NameProblem):
        raise DondocError(f"{found.message}. {found.hint}".strip())
    if found not in registry.units:
        raise DondocError(f"“{text}” là một nhóm đơn vị; ghi từng đơn vị")
    return found


def _by_hand() -> Actor:
    # heavy: the database
    from engine.store.access.audit import Actor

    return Actor("system", "dòng lệnh")
