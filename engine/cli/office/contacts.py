"""``contacts``: who is told, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, HomeOption, add_group
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import say
from engine.errors import DondocError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.store.access.audit import Actor
    from engine.store.people.address_book import Entry

contacts = add_group("contacts", help="Danh bạ: nhắc ai, qua địa chỉ nào.")

_COLUMNS = "Cột: Đơn vị, Vai trò, Họ tên, Thư điện tử, Điện thoại, Kênh nhận tin, Nhận tin để biết."


@contacts.command(
    "import", help="Đọc danh bạ từ tệp .xlsx hoặc .csv; thay danh bạ cũ của các đơn vị có trong tệp."
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="TỆP", help=_COLUMNS)],
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.exchange.contact_file import read_contacts
    from engine.store.access import audit, links
    from engine.store.database import writing

    # heavy: as above
    from engine.store.people.contacts import replace_all

    installation = opened(home)
    found = read_contacts(file, installation.home.registry)
    units = {contact.unit for contact in found.contacts}
    with writing(installation.engine) as connection:
        before = links.readers(connection)
        count = replace_all(connection, found.contacts, units, found.columns)
        ended = links.revoke_of_former(connection, before, now_in_utc())
        what = {"contacts": count, "units": len(units)} | ({"links": ended} if ended else {})
        audit.append(connection, _by_hand(), "contact.import", "contacts", now_in_utc(), after=what)
    say(f"Đã nhận {count} liên hệ của {len(units)} đơn vị.")


@contacts.command("export", help="Ghi danh bạ ra tệp .xlsx.")
def export(
    file: Annotated[Path, typer.Argument(metavar="TỆP.xlsx", help="Tệp Excel sẽ ghi.")],
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.exchange.contact_file import write_contacts
    from engine.store.access import audit
    from engine.store.database import reading, writing
    from engine.store.people.contacts import active

    installation = opened(home)
    with reading(installation.engine) as connection:
        found = [contact for group in active(connection).values() for contact in group]
    write_contacts(file, found, installation.home.registry)
    with writing(installation.engine) as connection:
        what = {"contacts": len(found)}
        audit.append(connection, _by_hand(), "contact.export", "contacts", now_in_utc(), after=what)
    say(f"Đã ghi {len(found)} liên hệ ra {file}.")


@contacts.command("test", help="Gửi một tin thử tới một người trong danh bạ và cho biết ngay kết quả.")
def try_out(
    who: Annotated[
        str,
        typer.Argument(
            metavar="SỐ|ĐỊA_CHỈ",
            help="Số của liên hệ (như ở trang /danh-ba/SỐ): thử lần lượt các kênh; hoặc một địa chỉ thư, "
            "số điện thoại có trong danh bạ: chỉ thử địa chỉ đó.",
        ),
    ],
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine import trial_message
    from engine.installation.trials import send_trial
    from engine.store.database import reading

    installation = opened(home)
    with reading(installation.engine) as connection:
        entry, ways = _meant(connection, who.strip())
    if not ways:
        raise DondocError("Người này chưa có địa chỉ nào trong danh bạ")
    trials = send_trial(installation, entry.contact, ways, _by_hand(), now_in_utc())
    lines = [trial_message.words(each) for each in trials]
    if not trial_message.arrived(trials):
        raise DondocError("Tin thử chưa gửi được. " + " ".join(lines))
    for line in lines:
        say(line)


def _meant(connection: Connection, who: str) -> tuple[Entry, list[tuple[str, str]]]:
    """The contact, and the ways to try."""
    # heavy: as above
    from engine.store.people import address_book
    from notifiers.phone import PhoneError, plain_phone

    if who.isascii() and who.isdigit() and len(who) < 9:
        entry = address_book.entry(connection, int(who))
        if entry is None:
            raise DondocError(f"Không có liên hệ số {who} trong danh bạ")
        return entry, list(entry.contact.ways())
    address = who
    if "@" not in who:
        try:
            address = plain_phone(who)
        except PhoneError as error:
            raise DondocError(f"Không hiểu địa chỉ này: {error}") from None
    found = address_book.at_address(connection, address)
    if not found:
        raise DondocError("Không có ai đang dùng địa chỉ này trong danh bạ")
    channel = address_book.channel_at(found[0].contact, address)
    return found[0], [way for way in found[0].contact.ways() if way[0] == channel]


def _by_hand() -> Actor:
    # heavy: the database
    from engine.store.access.audit import Actor

    return Actor("system", "dòng lệnh")
