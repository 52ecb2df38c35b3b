"""The channels on the desk: which rests or stopped and why, using it again, who is out of reach."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine.model.access import Role
from engine.store.database import reading, writing
from engine.store.messages import channel_states, refusals
from engine.store.messages.channel_states import RESTING, STOPPED, ChannelState
from engine.store.messages.desk import DeskState
from engine.store.messages.refusals import Refusal
from tests.tick.desk import address
from tests.web.desk_scene import HEARS, REFUSES, make_morning, opened, the_one
from tests.web.sites import Web

BANNER = "Kênh Thư điện tử đã dừng nên tin trên kênh này không đi được"
PHONE = "84900000001"


@pytest.fixture(scope="module")
def pristine_morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it was made; tests must not change it."""
    folder = tmp_path_factory.mktemp("channels") / "home"
    make_morning(folder)
    return folder


@pytest.fixture
def web(pristine_morning: Path, tmp_path: Path) -> Iterator[Web]:
    """One message arrived, one was refused, one was cut off, others have no address."""
    home = tmp_path / "desk-home"
    shutil.copytree(pristine_morning, home)
    with opened(home) as web:
        web.site.settings = replace(web.site.settings, channels={"smtp_url": "smtp://127.0.0.1:1"})
        yield web


def get(web: Web, path: str, role: Role = Role.MANAGER) -> Any:
    return web.signed_in(role).client.get(path)


def post(web: Web, path: str, data: dict[str, object] | None = None, role: Role = Role.MANAGER) -> Any:
    return web.signed_in(role).post(path, data)


def put(web: Web, state: str, *, until_minutes: int | None = None, code: int = 535) -> None:
    """Brings the e-mail channel into a state, as sending would."""
    now = web.clock.now
    until = now + timedelta(minutes=until_minutes) if until_minutes is not None else None
    found = ChannelState("email", state, until, 3, code, "Máy chủ thư không nhận mật khẩu", now, None, None)
    with writing(web.site.engine) as connection:
        channel_states.note_used(connection, ["email"], now)
        channel_states.put(connection, found)


def rows(web: Web, query: str) -> list[tuple[Any, ...]]:
    with reading(web.site.engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(web: Web, query: str) -> None:
    with writing(web.site.engine) as connection:
        connection.execute(text(query))


def test_a_stopped_channel_stands_above_the_list_and_on_every_page_of_the_office(web: Web) -> None:
    assert BANNER not in get(web, "/qua-han").text
    put(web, STOPPED)
    page = get(web, "/thong-bao").text
    for words in (
        "Kênh Thư điện tử đã dừng",
        "Dừng từ 10:00 15/06/2023",
        "Máy chủ thư không nhận mật khẩu (mã 535)",
        "Kiểm tra DONDOC_SMTP_URL",
        "Dùng lại kênh Thư điện tử",
    ):
        assert words in page, words
    assert BANNER not in page, "the panel says it already"
    for path in ("/qua-han", "/tong-quan", "/thong-bao/dang-cho", "/khong-co"):
        assert BANNER in get(web, path).text, path
    assert BANNER not in get(web, "/qua-han", Role.AUTHOR).text
    assert BANNER not in web.visitor().get("/dang-nhap").text


def test_a_rest_says_until_when_and_troubles_no_other_page(web: Web) -> None:
    put(web, RESTING, until_minutes=10)
    page = get(web, "/thong-bao").text
    assert "Nghỉ từ 10:00 15/06/2023, tự thử lại lúc 10:10 15/06/2023" in page
    assert "đã dừng nên" not in get(web, "/qua-han").text
    web.clock.advance(minutes=10)
    assert "đang nghỉ" not in get(web, "/thong-bao").text


@pytest.mark.parametrize("state", [STOPPED, RESTING])
def test_a_manager_lets_it_go_on(web: Web, state: str) -> None:
    put(web, state, until_minutes=10 if state == RESTING else None)
    answer = post(web, "/thong-bao/kenh/email/dung-lai")
    assert (answer.status_code, answer.headers["location"]) == (303, "/thong-bao?da=dung-lai")
    assert "Đã cho kênh dùng lại" in get(web, answer.headers["location"]).text
    assert rows(web, "SELECT state, failures FROM channel_state") == [("open", 0)]
    [row] = rows(web, "SELECT action, actor_name, subject, before, after FROM audit")
    assert row[:3] == ("channel.resume", "Cán bộ manager", "channel:email")
    assert (json.loads(row[3])["state"], json.loads(row[4])) == (state, {"state": "open"})
    log = get(web, "/nhat-ky", Role.ADMINISTRATOR).text
    assert "cho kênh gửi dùng lại" in log


def test_a_second_press_changes_nothing_and_says_so(web: Web) -> None:
    put(web, STOPPED)
    post(web, "/thong-bao/kenh/email/dung-lai")
    answer = post(web, "/thong-bao/kenh/email/dung-lai")
    assert "Kênh này đang dùng được rồi" in get(web, answer.headers["location"]).text
    assert rows(web, "SELECT count(*) FROM audit") == [(1,)]
    assert post(web, "/thong-bao/kenh/bo-cau/dung-lai").status_code == 404


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR])
def test_who_may_not_decide_sees_why_but_no_button(web: Web, role: Role) -> None:
    put(web, STOPPED)
    page = get(web, "/thong-bao", role).text
    assert "Máy chủ thư không nhận mật khẩu" in page
    assert "dung-lai" not in page
    assert post(web, "/thong-bao/kenh/email/dung-lai", role=role).status_code == 403
    assert rows(web, "SELECT state FROM channel_state") == [(STOPPED,)]


def test_what_it_costs_and_what_waits_is_on_the_page(web: Web) -> None:
    change(web, "UPDATE delivery SET cost = 1300 WHERE id = 1")
    put(web, STOPPED)
    change(web, "UPDATE message SET state = 'queued' WHERE state = 'sent'")
    page = get(web, "/thong-bao").text
    assert "tháng này đã tốn 1.300 đồng" in page
    assert 'href="/thong-bao?kenh=email&amp;trang-thai=cho">1 tin đang chờ kênh này' in page


def test_messages_are_told_apart_by_channel(web: Web) -> None:
    change(web, f"UPDATE message SET channel = 'zns', address = '{PHONE}' WHERE state = 'sent'")
    zns = get(web, "/thong-bao?kenh=zns").text
    assert "•••001, ZNS" in zns
    assert PHONE not in zns
    assert "Tất cả: 1" in zns
    assert "Thư điện tử</span>" in get(web, "/thong-bao?kenh=email").text
    assert "Tất cả: 1" in get(web, "/thong-bao?tim=0900 000 001").text
    assert "Tất cả: 0" in get(web, "/thong-bao?tim=0900 000 002").text
    assert "Không có kênh này" in get(web, "/thong-bao?kenh=bo-cau").text


def test_without_any_channel_the_desk_says_so(web: Web) -> None:
    words = "Chưa cấu hình kênh gửi nào"
    assert words not in get(web, "/thong-bao").text
    web.site.settings = replace(web.site.settings, channels={})
    assert words in get(web, "/thong-bao").text


# --- unknown on a channel that costs money ---------------------------------------------------------------


def test_a_costly_one_is_sent_again_only_by_somebody_who_asked(web: Web) -> None:
    change(web, f"UPDATE message SET channel = 'zns', address = '{PHONE}', state = 'failed' WHERE in_doubt")
    unsure = the_one(web, DeskState.UNKNOWN)
    page = get(web, f"/thong-bao/{unsure.id}").text
    assert "Tôi đã hỏi: tin chưa đến" in page
    assert "phần mềm không tự gửi lại trên kênh này" in page
    answer = post(web, f"/thong-bao/{unsure.id}/gui-lai", {"lan": unsure.attempts})
    assert answer.status_code == 400
    assert "Tôi đã hỏi" in answer.text
    assert the_one(web, DeskState.UNKNOWN).given_up
    sure = {"lan": unsure.attempts, "da-hoi": "1"}
    assert post(web, f"/thong-bao/{unsure.id}/gui-lai", sure).status_code == 303
    assert rows(web, "SELECT state FROM message WHERE channel = 'zns'") == [("queued",)]


def test_mail_needs_no_such_word(web: Web) -> None:
    unsure = the_one(web, DeskState.UNKNOWN)
    assert "Tôi đã hỏi" not in get(web, f"/thong-bao/{unsure.id}").text
    assert post(web, f"/thong-bao/{unsure.id}/gui-lai", {"lan": unsure.attempts}).status_code == 303


# --- out of reach ----------------------------------------------------------------------------------------


def test_refused_addresses_are_listed_masked_with_whose_they_are(web: Web) -> None:
    with writing(web.site.engine) as connection:
        connection.execute(text("DELETE FROM refusal"))
        for value, unit_code in ((address(REFUSES), 550), ("da-di@thu.test", 551)):
            refused = Refusal("email", value, unit_code, "Không có người nhận này", "", web.clock.now)
            refusals.record(connection, refused)
    page = get(web, "/thong-bao/bi-tu-choi").text
    assert address(REFUSES) not in page
    assert "t***@thu.test" in page
    assert "thủ trưởng Ngành Tư pháp - Hộ tịch" in page
    assert "không còn ai trong danh bạ" in page
    assert "/danh-ba/" not in page
    [(id,)] = rows(web, f"SELECT id FROM contact WHERE unit = '{REFUSES}'")
    assert f'href="/danh-ba/{id}"' in get(web, "/thong-bao/bi-tu-choi", Role.ADMINISTRATOR).text
    assert "Trưởng " not in page, "names of people stay in the address book"


def test_people_whom_no_way_reaches_are_listed_by_unit_and_role(web: Web) -> None:
    [(id,)] = rows(web, f"SELECT id FROM contact WHERE unit = '{HEARS}'")
    assert "không kênh nào tới được" not in get(web, "/thong-bao/chua-co-dia-chi").text
    change(
        web,
        f"UPDATE message SET channel = 'none', state = 'no_channel', address = 'contact:{id}'"
        " WHERE state = 'sent'",
    )
    page = get(web, "/thong-bao/chua-co-dia-chi").text
    assert "1 người" in page
    assert "thủ trưởng" in page
    assert f"/danh-ba/{id}" not in page
    assert f'href="/danh-ba/{id}"' in get(web, "/thong-bao/chua-co-dia-chi", Role.ADMINISTRATOR).text
    change(web, f"UPDATE contact SET active = 0 WHERE id = {id}")
    assert "1 người" not in get(web, "/thong-bao/chua-co-dia-chi").text
