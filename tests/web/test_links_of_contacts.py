"""Who is no contact any more loses the links that were sent to them; who still is keeps theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

import engine.cli.office.contacts  # noqa: F401 - registers the command
from engine.cli.frame import app
from engine.store.access import links
from engine.store.database import writing
from engine.store.people import address_book
from engine.store.people.contacts import Contact
from tests.web.sites import Browser, Web
from tests.web.unit_links import OTHER, UNIT, rows

NAME = "Sở Nội vụ"
WHO = "an@thu.test"


def book(web: Web, *units: str, address: str = "An@thu.test") -> list[int]:
    with writing(web.site.engine) as connection:
        found = [
            address_book.add(connection, Contact(u, "head", "Bà An", address, "nhắc việc")) for u in units
        ]
    return [each.id for each in found]


def link(web: Web, *units: str, address: str = WHO) -> str:
    with writing(web.site.engine) as connection:
        return "/u/" + links.make(connection, units, address, "Bà An", now=web.clock.now)


def works(web: Web, path: str) -> bool:
    return web.visitor().get(path).status_code == 200


def changed(admin: Browser, id: int, **other: str) -> None:
    form = {"don-vi": NAME, "vai-tro": "head", "ho-ten": "Bà An", "thu": WHO, "muc-dich": "nhắc việc"}
    answer = admin.client.post(f"/danh-ba/{id}/sua", data={"khoa": admin.key, **form, **other})
    assert answer.status_code == 303, answer.text


def close(admin: Browser, id: int) -> None:
    assert admin.client.post(f"/danh-ba/{id}/ngung", data={"khoa": admin.key}).status_code == 303


@pytest.mark.parametrize(
    ("act", "stays"),
    [
        (close, False),
        (lambda admin, id: changed(admin, id, thu="binh@thu.test"), False),
        (lambda admin, id: changed(admin, id, **{"don-vi": OTHER}), False),
        (lambda admin, id: changed(admin, id, **{"ho-ten": "Ông Bình", "vai-tro": "officer"}), True),
    ],
    ids=["closed", "another address", "another unit", "another name"],
)
def test_a_contact_that_changes(web: Web, act: Callable[[Browser, int], None], stays: bool) -> None:
    [id], mine = book(web, UNIT), link(web, UNIT)
    somebody_else, by_hand = link(web, UNIT, address="cu@thu.test"), link(web, UNIT, address="")
    assert works(web, mine)
    act(web.signed_in("administrator"), id)
    assert works(web, mine) is stays
    assert works(web, somebody_else)
    assert works(web, by_hand)
    [(after,)] = rows(web, "SELECT \"after\" FROM audit WHERE action LIKE 'contact.%'")
    assert ('"links": 1' in str(after)) is not stays


def test_who_leaves_one_of_two_units_keeps_the_other(web: Web) -> None:
    ids = book(web, UNIT, OTHER)
    left, kept, both = link(web, UNIT), link(web, OTHER), link(web, UNIT, OTHER)
    close(web.signed_in("administrator"), ids[0])
    assert [works(web, each) for each in (left, kept, both)] == [False, True, False]


def test_two_roles_of_one_person(web: Web) -> None:
    [id], mine = book(web, UNIT), link(web, UNIT)
    with writing(web.site.engine) as connection:
        address_book.add(connection, Contact(UNIT, "officer", "Bà An", WHO, "nhắc việc"))
    close(web.signed_in("administrator"), id)
    assert works(web, mine)


def sheet(folder: Path, *addresses: str) -> Path:
    made = Workbook()
    assert made.active is not None
    made.active.append(["Đơn vị", "Vai trò", "Họ tên", "Thư điện tử"])
    for address in addresses:
        made.active.append([NAME, "thủ trưởng", "Người thử", address])
    made.save(folder / "danh-ba.xlsx")
    return folder / "danh-ba.xlsx"


@pytest.mark.parametrize("way", ["page", "command"])
def test_a_file_that_replaces_contacts(web: Web, tmp_path: Path, way: str) -> None:
    book(web, UNIT)
    book(web, UNIT, address="binh@thu.test")
    book(web, OTHER, address="chi@thu.test")
    gone, kept = link(web, UNIT), link(web, UNIT, address="binh@thu.test")
    elsewhere = link(web, OTHER, address="chi@thu.test")
    file = sheet(tmp_path, "binh@thu.test", "dung@thu.test")
    if way == "page":
        admin = web.signed_in("administrator")
        answer = admin.client.post(
            "/danh-ba/tep", data={"khoa": admin.key}, files={"tep": (file.name, file.read_bytes())}
        )
        assert answer.status_code == 303, answer.text
    else:
        # Links made in 2023 are over for the command's own clock; these are not.
        with writing(web.site.engine) as connection:
            connection.exec_driver_sql("UPDATE link SET expires_at = '2999-01-01 00:00:00.000000'")
        done = CliRunner().invoke(app, ["contacts", "import", str(file), "--home", str(web.site.home)])
        assert done.exit_code == 0, done.output
    assert [works(web, each) for each in (gone, kept, elsewhere)] == [False, True, True]
