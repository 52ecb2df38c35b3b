"""``contacts``: who is told, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.frame import HERE, HomeOption, add_group
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import say

contacts = add_group("contacts", help="Danh bạ: nhắc ai, qua địa chỉ nào.")


@contacts.command(
    "import", help="Đọc danh bạ từ tệp .xlsx hoặc .csv; thay danh bạ cũ của các đơn vị có trong tệp."
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="TỆP", help="Cột: Đơn vị, Vai trò, Họ tên, Thư điện tử.")],
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.exchange.contact_file import read_contacts
    from engine.store.access import links
    from engine.store.database import writing

    # heavy: as above
    from engine.store.people.contacts import replace_all

    installation = opened(home)
    found = read_contacts(file, installation.home.registry)
    units = {contact.unit for contact in found}
    with writing(installation.engine) as connection:
        before = links.readers(connection)
        count = replace_all(connection, found, units)
        links.revoke_of_former(connection, before, now_in_utc())
    say(f"Đã nhận {count} liên hệ của {len(units)} đơn vị.")


@contacts.command("export", help="Ghi danh bạ ra tệp .xlsx.")
def export(
    file: Annotated[Path, typer.Argument(metavar="TỆP.xlsx", help="Tệp Excel sẽ ghi.")],
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.exchange.contact_file import write_contacts
    from engine.store.database import reading
    from engine.store.people.contacts import active

    installation = opened(home)
    with reading(installation.engine) as connection:
        found = [contact for group in active(connection).values() for contact in group]
    write_contacts(file, found, installation.home.registry)
    say(f"Đã ghi {len(found)} liên hệ ra {file}.")
