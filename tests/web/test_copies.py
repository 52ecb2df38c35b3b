"""/u/…/tin-de-biet: what is only for information can be left out, what the unit owes cannot; a trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.store.access import links
from engine.store.database import writing
from engine.store.people import address_book
from engine.store.people.contacts import Contact
from tests.notifiers.smtp_server import Say, SmtpSink, smtp_server
from tests.web.sites import Clock, Web
from tests.web.unit_links import OTHER, UNIT, Unit, everything, rows, unit_by_link, words
from web.site import Site

WHO, PHONE, CHAT = "an@thu.test", "84900000001", "6ede9AFA66b8"
PAGE = "/tin-de-biet"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def book(web: Web) -> list[int]:
    """Bà An in two offices, and somebody else."""
    an = Contact(UNIT, "head", "Bà An", "An@thu.test", "x", phone=PHONE, zalo=CHAT)
    with writing(web.site.engine) as connection:
        people = (
            an,
            replace(an, unit=OTHER, phone="", zalo=""),
            Contact(UNIT, "officer", "Bình", "b@thu.test"),
        )
        return [address_book.add(connection, each).id for each in people]


def by_link(web: Web, address: str) -> Unit:
    with writing(web.site.engine) as connection:
        token = links.make(connection, [UNIT], address, "", now=web.clock.now)
    return Unit(web, web.visitor(), token)


def copies(web: Web) -> list[bool]:
    return [bool(row[0]) for row in rows(web, "SELECT copies FROM contact ORDER BY id")]


def test_the_page_says_what_is_sent_and_changes_nothing(web: Web) -> None:
    book(web)
    unit = unit_by_link(web)
    before = everything(web), rows(web, "SELECT * FROM contact")
    page = words(unit.get(PAGE))
    assert "a***@thu.test (Thư điện tử)" in page
    assert "Những tin này không tắt được" in page
    assert "Hiện anh/chị đang nhận những tin này" in page
    assert "an@thu.test" not in page
    assert "checked" not in unit.get(PAGE).text
    assert (everything(web), rows(web, "SELECT * FROM contact")) == before
    assert f'href="{unit.path}{PAGE}"' in unit.get().text


def test_off_and_on_again_for_every_entry_with_the_address(web: Web) -> None:
    book(web)
    unit = unit_by_link(web)
    answer = unit.client.post(unit.path + PAGE, data={"nhan": "khong"})
    assert answer.status_code == 303
    assert "từ nay không gửi tin chỉ để biết" in words(unit.client.get(answer.headers["location"]))
    assert copies(web) == [False, False, True]
    assert "Hiện anh/chị không nhận" in words(unit.get(PAGE))
    noted = "SELECT actor_name, action, before, after FROM audit ORDER BY id"
    assert rows(web, noted) == [
        ("Bà An – Sở Nội vụ", "contact.copies", '{"copies": true}', '{"copies": false}'),
    ] * 2  # fmt: skip
    # The same answer once more is no act.
    assert unit.client.post(unit.path + PAGE, data={"nhan": "khong"}).status_code == 303
    assert len(rows(web, noted)) == 2
    assert unit.client.post(unit.path + PAGE, data={"nhan": "co"}).status_code == 303
    assert copies(web) == [True, True, True]


@pytest.mark.parametrize(
    ("address", "changed"), [(PHONE, [0]), (CHAT, [0]), ("B@thu.test", [2]), (WHO, [0, 1])]
)
def test_one_click_works_for_a_link_of_any_channel(web: Web, address: str, changed: list[int]) -> None:
    book(web)
    unit = by_link(web, address)
    answer = unit.client.post(unit.path + PAGE, data=ONE_CLICK)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert "Đã ghi nhận" in answer.text
    assert [at for at, wanted in enumerate(copies(web)) if not wanted] == changed
    # RFC 8058 allows the other way of writing a form, too.
    again = unit.client.post(unit.path + PAGE, files={"List-Unsubscribe": (None, "One-Click")})
    assert again.status_code == 200


def test_forms_that_a_scanner_sends_change_nothing(web: Web) -> None:
    book(web)
    unit = unit_by_link(web)
    before = everything(web), copies(web)
    for path, said in ((PAGE, "Hãy chọn nhận hay không nhận"), ("/gui-thu", "Hãy đánh dấu ô xác nhận")):
        for data in ({}, {"nhan": "x", "dong-y": ""}, {"List-Unsubscribe": "x"}):
            answer = unit.client.post(unit.path + path, data=data)
            assert (answer.status_code, said in answer.text) == (422, True)
    assert (everything(web), copies(web)) == before


def test_a_link_without_an_address_has_nothing_to_choose(web: Web) -> None:
    book(web)
    with writing(web.site.engine) as connection:
        token = links.make(connection, [UNIT], "", "Bà An", now=web.clock.now)
    unit = Unit(web, web.visitor(), token)
    assert "không gắn với địa chỉ nhận tin nào" in words(unit.get(PAGE))
    assert PAGE not in unit.get().text
    for path, data in ((PAGE, {"nhan": "khong"}), ("/gui-thu", {"dong-y": "co"})):
        assert unit.client.post(unit.path + path, data=data).status_code == 409
    assert unit.client.post(unit.path + PAGE, data=ONE_CLICK).status_code == 200
    assert copies(web) == [True, True, True]


def test_a_link_that_does_not_work_changes_nothing(web: Web) -> None:
    book(web)
    path = "/u/" + "x" * 43
    assert web.visitor().get(path + PAGE).status_code == 404
    assert web.visitor().post(path + PAGE, data=ONE_CLICK).status_code == 404
    unit = unit_by_link(web)
    elsewhere = {"origin": "https://xau.example", "sec-fetch-site": "cross-site"}
    assert unit.client.post(unit.path + PAGE, data=ONE_CLICK, headers=elsewhere).status_code == 403
    assert copies(web) == [True, True, True]


# --- a trial message -----------------------------------------------------------------------------------


@pytest.fixture
def mailing(web: Web) -> Iterator[tuple[Web, SmtpSink]]:
    """A site whose settings name a mail server."""
    with smtp_server() as sink:
        url = f"smtp://127.0.0.1:{sink.port}?from=dondoc@thu.example"
        (web.site.home / "dondoc.toml").write_text(f'smtp_url = "{url}"\n', encoding="utf-8")
        clock = Clock()
        mailing = Web(Site(web.site.home, clock), clock)
        yield mailing, sink
        for client in mailing.clients:
            client.close()
        mailing.site.engine.dispose()


def test_a_trial_goes_to_the_address_of_the_link_three_times_a_day(mailing: tuple[Web, SmtpSink]) -> None:
    web, sink = mailing
    book(web)
    unit, other = unit_by_link(web), unit_by_link(web)

    def tried(through: Unit = unit) -> tuple[int, str]:
        answer = through.client.post(through.path + "/gui-thu", data={"dong-y": "co"})
        status = answer.status_code
        if status == 303:
            answer = through.client.get(answer.headers["location"])
        return status, words(answer)

    status, page = tried()
    assert status == 303
    assert "Vừa gửi thử, 10:00 15/06/2023: Thư điện tử: đã gửi" in page
    sink.will("RCPT", Say("550 5.1.1 No such user"))
    page = tried()[1]
    assert "Thư điện tử: từ chối địa chỉ này (mã 550)." in page
    assert "Máy chủ thư từ chối địa chỉ này từ 15/06/2023" in page
    assert rows(web, "SELECT channel, address FROM refusal") == [("email", WHO)]
    assert "đã gửi" in tried()[1]
    assert rows(web, "SELECT channel, address FROM refusal") == []
    status, page = tried()
    assert status == 429
    assert "Đã gửi thử 3 lần trong một ngày. Thử lại sau 24 giờ, lúc 10:00." in page
    assert len(sink.received) == 2
    assert {each.recipients for each in sink.received} == {("an@thu.test",)}
    assert tried(other)[0] == 303
    web.clock.advance(hours=23, minutes=59)
    assert tried()[0] == 429
    web.clock.advance(minutes=1)
    assert tried()[0] == 303
    assert rows(web, "SELECT DISTINCT actor_name, subject FROM audit WHERE action = 'contact.trial'") == [
        ("Bà An – Sở Nội vụ", "contact:1")
    ]
    assert rows(web, "SELECT count(*) FROM message") == [(0,)]


def test_a_trial_through_a_chat_link_stays_in_the_chat(mailing: tuple[Web, SmtpSink]) -> None:
    web, sink = mailing
    book(web)
    unit = by_link(web, CHAT)
    answer = unit.client.post(unit.path + "/gui-thu", data={"dong-y": "co"})
    page = words(unit.client.get(answer.headers["location"]))
    assert "Zalo: chưa thử: chưa khai kênh này trong cấu hình." in page
    assert "Thư điện tử:" not in page
    assert sink.received == []


def test_settings_that_cannot_be_used_say_so(web: Web) -> None:
    book(web)
    (web.site.home / "dondoc.toml").write_text('smtp_url = "ftp://may-chu.example"\n', encoding="utf-8")
    broken = Web(Site(web.site.home, web.clock), web.clock)
    unit = unit_by_link(broken)
    answer = unit.client.post(unit.path + "/gui-thu", data={"dong-y": "co"})
    assert (answer.status_code, "Báo cho văn phòng" in answer.text) == (503, True)
    unit.client.close()
    broken.site.engine.dispose()
