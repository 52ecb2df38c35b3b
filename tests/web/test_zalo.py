"""The webhook of the bot, and the pages that tie a person's chat to the address book."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from engine.model.access import Role
from engine.store.access import audit_reading, links
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading, writing
from engine.store.people import address_book
from engine.store.people.contacts import Contact
from tests.far_end.zalo import Zalo
from tests.far_end.zalo import zalo as playing_zalo
from tests.web.sites import Browser, Clock, Web
from tests.web.unit_links import OTHER, UNIT, Unit, words
from tests.zalo.bot_chat import BOT_NAME, CHAT, said, settings, update
from web.site import Site

SECRET = "khoa-bi-mat-cua-webhook"
HEADER = "X-Bot-Api-Secret-Token"
CODE = re.compile(r'<code class="secret">([A-Z2-9]{4}-[A-Z2-9]{4})</code>')


@pytest.fixture
def server() -> Iterator[Zalo]:
    with playing_zalo() as far:
        yield far


@pytest.fixture
def zalo(pristine_web_home: Path, tmp_path: Path, server: Zalo) -> Iterator[Web]:
    """A site whose bot brings messages by webhook."""
    home = tmp_path / "home"
    shutil.copytree(pristine_web_home, home)
    (home / "dondoc.toml").write_text(settings(server, zalo_bot_webhook_secret=SECRET), encoding="utf-8")
    clock = Clock()
    web = Web(Site(home, clock), clock)
    yield web
    for client in web.clients:
        client.close()
    web.site.engine.dispose()


def person(web: Web, unit: str = UNIT, **other: object) -> int:
    values = {"unit": unit, "role": "head", "name": "Bà An", "email": "an@thu.test"} | other
    with writing(web.site.engine) as connection:
        return address_book.add(connection, Contact(**values)).id  # type: ignore[arg-type]


def chat_of(web: Web, id: int) -> str:
    with reading(web.site.engine) as connection:
        entry = address_book.entry(connection, id)
    assert entry is not None
    return entry.contact.zalo


NOT_A_PERSON: dict[str, Any] = {"from": {"id": "b", "is_bot": True}}


def brought(web: Web, content: object, secret: str | bytes | None = SECRET) -> Response:
    headers: dict[str, Any] = {} if secret is None else {HEADER: secret}
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer: Response = web.visitor().post("/zalo/webhook", content=body, headers=headers)
    return answer


def acts(web: Web) -> list[tuple[str, str]]:
    with reading(web.site.engine) as connection:
        found = audit_reading.entries(connection, AuditFilter(), at_most=100)
    return [(each.action, each.actor) for each in found][::-1]


# --- the webhook ------------------------------------------------------------------------------------------


def test_a_code_that_zalo_brings(zalo: Web, server: Zalo) -> None:
    id = person(zalo)
    admin = zalo.signed_in(Role.ADMINISTRATOR)
    code = made(admin, id)
    for _ in range(2):  # Zalo may bring it twice
        answer = brought(zalo, update(f"mã {code}", "m1"))
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert chat_of(zalo, id) == CHAT
    [(chat, text)] = said(server)
    assert chat == CHAT
    assert text.startswith("Đã ghép xong. Từ nay tin nhắc việc của Sở Nội vụ sẽ đến đây.")
    assert ("contact.pair", "zalo") in acts(zalo)
    assert brought(zalo, update("DỪNG")).status_code == 200
    assert chat_of(zalo, id) == CHAT  # nothing else is configured that would reach the person
    assert len(server.said) == 2


def test_only_zalo_may_bring(zalo: Web, server: Zalo) -> None:
    id = person(zalo)
    code = made(zalo.signed_in(Role.ADMINISTRATOR), id)
    for secret in (None, "", "sai", SECRET + "x", SECRET[:-1], SECRET.upper(), b"kh\xc3\xb3a"):
        answer = brought(zalo, update(code), secret)
        assert answer.status_code == 403, secret
        assert SECRET not in answer.text
    assert chat_of(zalo, id) == ""
    assert server.said == []


ODD: tuple[object, ...] = (
    b"",
    b"\xff\xfe",
    b"khong phai json",
    b"[" * 100_000,
    b'{"message": {"chat": {"id": NaN}}}',
    b'{"message": {"chat": {"id": ' + b"9" * 5000 + b"}}}",
    [],
    None,
    {"event_name": "user.followed"},
    {"ok": True, "result": update("Chào cả nhà", chat={"id": CHAT, "chat_type": "GROUP"})},
    update("Chào", **NOT_A_PERSON),
)


def test_what_is_odd_is_taken_and_forgotten(zalo: Web, server: Zalo) -> None:
    assert [brought(zalo, content).status_code for content in ODD] == [200] * len(ODD)
    assert server.said == []


def test_stickers_and_huge_texts_are_answered(zalo: Web, server: Zalo) -> None:
    assert brought(zalo, update(None, sticker="abc")).status_code == 200
    assert brought(zalo, {"ok": True, "result": update("a" * 500_000)}).status_code == 200
    assert brought(zalo, update("a" * 2_000_000)).status_code == 413
    assert [chat for chat, _ in said(server)] == [CHAT, CHAT]


def test_without_a_webhook_there_is_no_such_address(zalo: Web) -> None:
    both = dict(zalo.site.settings.channels)
    for key, value in (
        ("zalo_bot_token", ""),
        ("zalo_bot_webhook_secret", ""),
        ("zalo_bot_webhook_secret", "ngan"),
    ):
        configure(zalo, both | {key: value})
        for secret in (SECRET, value):
            assert brought(zalo, update("Chào"), secret).status_code == 404, key


def test_zalo_is_away_when_the_answer_goes_out(zalo: Web, server: Zalo) -> None:
    """What was said holds; the answer is lost."""
    id = person(zalo)
    code = made(zalo.signed_in(Role.ADMINISTRATOR), id)
    configure(zalo, dict(zalo.site.settings.channels) | {"zalo_bot_api": "http://127.0.0.1:9"})
    assert brought(zalo, update(code)).status_code == 200
    assert chat_of(zalo, id) == CHAT
    assert server.said == []


def configure(web: Web, channels: dict[str, str]) -> None:
    """As if the site had started with these settings."""
    web.site.settings = replace(web.site.settings, channels=channels)


# --- the office's page ------------------------------------------------------------------------------------


def made(admin: Browser, id: int) -> str:
    answer = admin.post(f"/danh-ba/{id}/zalo")
    assert isinstance(answer, Response)
    assert answer.status_code == 200, answer.text
    found = CODE.search(answer.text)
    assert found, "no code"
    return found[1]


def page(admin: Browser, id: int) -> str:
    answer = admin.get(f"/danh-ba/{id}/zalo")
    assert isinstance(answer, Response)
    assert answer.status_code == 200
    return words(answer)


def test_the_office_pairs_and_unpairs(zalo: Web) -> None:
    id, also = person(zalo), person(zalo, OTHER)
    admin = zalo.signed_in(Role.ADMINISTRATOR)
    before = page(admin, id)
    assert "Chưa ghép." in before
    assert "Sở Tư pháp" in before
    answer = admin.post(f"/danh-ba/{id}/zalo")
    assert isinstance(answer, Response)
    assert BOT_NAME in answer.text
    [code] = CODE.findall(answer.text)
    once = page(admin, id)
    assert code not in once
    assert "Đang có một mã chưa dùng" in once
    brought(zalo, update(code))
    assert "Đã ghép." in page(admin, id)
    assert "không còn cách nào khác" in page(admin, id)  # this site sends no mail
    undone = admin.post(f"/danh-ba/{id}/zalo/bo")
    assert isinstance(undone, Response)
    assert (undone.status_code, undone.headers["location"]) == (303, f"/danh-ba/{id}/zalo?da=bo")
    assert [chat_of(zalo, each) for each in (id, also)] == ["", ""]
    assert [action for action, _ in acts(zalo)] == ["contact.zalo_code", "contact.pair", "contact.pair"] + [
        "contact.unpair"
    ] * 2
    again = admin.post(f"/danh-ba/{id}/zalo/bo")
    assert isinstance(again, Response)
    assert again.status_code == 303
    assert len(acts(zalo)) == 5


def test_who_is_out_of_use_gets_no_code(zalo: Web) -> None:
    id = person(zalo)
    with writing(zalo.site.engine) as connection:
        entry = address_book.entry(connection, id)
        assert entry is not None
        address_book.change(connection, id, entry.contact, active=False)
    admin = zalo.signed_in(Role.ADMINISTRATOR)
    assert "không tạo mã được" in page(admin, id)
    answer = admin.post(f"/danh-ba/{id}/zalo")
    assert isinstance(answer, Response)
    assert answer.status_code == 409
    for path in ("/danh-ba/999999/zalo", "/danh-ba/99999999999999999999/zalo"):
        missing = admin.post(path)
        assert isinstance(missing, Response)
        assert missing.status_code == 404


def test_zalo_does_not_say_what_the_bot_is_called(web: Web) -> None:
    id = person(web)
    answer = web.signed_in(Role.ADMINISTRATOR).post(f"/danh-ba/{id}/zalo")
    assert isinstance(answer, Response)
    assert CODE.search(answer.text)
    assert "văn phòng cho biết tên" in words(answer)
    assert "chưa khai bot Zalo" in words(answer)


# --- the page behind a link -------------------------------------------------------------------------------


def visitor(web: Web, *units: str, address: str = "an@thu.test") -> Unit:
    with writing(web.site.engine) as connection:
        token = links.make(connection, units or (UNIT,), address, "Bà An", now=web.clock.now)
    return Unit(web, web.visitor(), token)


def asks(unit: Unit, **form: str) -> Response:
    answer: Response = unit.client.post(f"{unit.path}/zalo", data=form)
    return answer


def test_a_person_pairs_by_their_own_link(zalo: Web) -> None:
    id, unit = person(zalo), visitor(zalo)
    assert "Lấy mã ghép" in unescape(unit.get("/zalo").text)
    answer = asks(unit, **{"dong-y": "co"})
    assert answer.status_code == 200
    [code] = CODE.findall(answer.text)
    assert BOT_NAME in answer.text
    assert code not in unit.get("/zalo").text
    brought(zalo, update(code))
    assert chat_of(zalo, id) == CHAT
    assert "Đã ghép." in words(unit.get("/zalo"))
    assert [action for action, _ in acts(zalo)] == ["contact.zalo_code", "contact.pair"]
    assert acts(zalo)[0][1].startswith("link:")


def test_a_form_that_nobody_ticked_changes_nothing(zalo: Web) -> None:
    """Scanners of mails send forms; the code that the person holds goes on working."""
    id, unit = person(zalo), visitor(zalo)
    [code] = CODE.findall(asks(unit, **{"dong-y": "co"}).text)
    answer = asks(unit)
    assert answer.status_code == 422
    assert not CODE.search(answer.text)
    brought(zalo, update(code))
    assert chat_of(zalo, id) == CHAT


def test_too_many_codes_in_a_day(zalo: Web) -> None:
    person(zalo)
    unit = visitor(zalo)
    found = [asks(unit, **{"dong-y": "co"}).status_code for _ in range(11)]
    assert found == [200] * 10 + [429]
    zalo.clock.advance(days=1)
    assert asks(unit, **{"dong-y": "co"}).status_code == 200


def test_one_person_in_several_units_is_one(zalo: Web) -> None:
    other, own = person(zalo, OTHER, name=""), person(zalo)
    [code] = CODE.findall(asks(visitor(zalo), **{"dong-y": "co"}).text)
    brought(zalo, update(code))
    assert [chat_of(zalo, id) for id in (own, other)] == [CHAT, CHAT]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("chung@thu.test", "nhiều người dùng chung"),
        ("ai-do@thu.test", "không gắn với người nào"),
        ("", "không gắn với người nào"),
    ],
)
def test_a_link_that_is_nobodys(zalo: Web, address: str, why: str) -> None:
    person(zalo)
    for name in ("Ông Bình", "Bà Chi"):
        person(zalo, name=name, email="chung@thu.test", role="officer" if name == "Bà Chi" else "head")
    unit = visitor(zalo, address=address)
    assert why in words(unit.get("/zalo"))
    assert "<button" not in unit.get("/zalo").text
    answer = asks(unit, **{"dong-y": "co"})
    assert answer.status_code == 409
    assert why in words(answer)
    assert acts(zalo) == []


def test_an_office_without_a_bot(web: Web) -> None:
    person(web)
    unit = visitor(web)
    assert "chưa mở kênh Zalo" in words(unit.get("/zalo"))
    assert asks(unit, **{"dong-y": "co"}).status_code == 409


def test_a_link_that_does_not_work(zalo: Web) -> None:
    unit = Unit(zalo, zalo.visitor(), "x" * 43)
    assert unit.get("/zalo").status_code == 404
    assert asks(unit, **{"dong-y": "co"}).status_code == 404
