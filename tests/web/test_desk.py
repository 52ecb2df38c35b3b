"""The notification desk in the browser: what was sent, what failed, why, and what a person decides."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from engine.explain import explain_silence
from engine.model.access import Role
from engine.store.database import reading, writing
from engine.store.messages.desk import DeskFilter, DeskState, counts
from tests.cli.command_line import dondoc
from tests.tick.desk import UNKNOWN, FarEnd
from tests.web.desk_scene import (
    CUT_OFF,
    HEARS,
    REFUSES,
    make_morning,
    messages,
    opened,
    pass_now,
    people,
    the_one,
)
from tests.web.sites import Web
from web.in_force import rules_of


@pytest.fixture(scope="session")
def pristine_morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it was made; tests must not change it."""
    folder = tmp_path_factory.mktemp("desk") / "home"
    make_morning(folder)
    return folder


@pytest.fixture
def web(pristine_morning: Path, tmp_path: Path) -> Iterator[Web]:
    """One message arrived, one was refused, one was cut off, others have no address."""
    home = tmp_path / "desk-home"
    shutil.copytree(pristine_morning, home)
    with opened(home) as web:
        yield web


def get(web: Web, path: str, role: Role = Role.MANAGER) -> Any:
    return web.signed_in(role).client.get(path)


def post(web: Web, path: str, data: dict[str, object], role: Role = Role.MANAGER) -> Any:
    return web.signed_in(role).post(path, data)


def rows(web: Web, query: str) -> list[tuple[Any, ...]]:
    with reading(web.site.engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def the_units_without_address(web: Web) -> list[str]:
    return [unit for each in messages(web, DeskState.NO_ADDRESS) for unit in each.units]


def test_the_list_says_what_became_of_each_message(web: Web) -> None:
    answer = get(web, "/thong-bao")
    assert answer.status_code == 200
    with reading(web.site.engine) as connection:
        by_state = counts(connection, DeskFilter())
    assert (by_state[DeskState.SENT], by_state[DeskState.FAILED], by_state[DeskState.UNKNOWN]) == (1, 1, 1)
    for part in (
        f"Tất cả: {sum(by_state.values())}",
        "Đã gửi: 1",
        "Thất bại: 1",
        "Không rõ đã đến hay chưa: 1",
        f"Chưa có địa chỉ: {by_state[DeskState.NO_ADDRESS]}",
    ):
        assert part in answer.text
    failed = get(web, "/thong-bao?trang-thai=that-bai").text
    assert "bị từ chối (mã 550): Không có người nhận này" in failed
    assert "t***@thu.test" in failed


def test_no_address_is_ever_shown_whole(web: Web) -> None:
    pages = [
        "/thong-bao",
        "/thong-bao?trang-thai=da-gui",
        "/thong-bao/dang-cho",
        "/thong-bao/chua-co-dia-chi",
    ]
    pages += [f"/thong-bao/{m.id}" for m in messages(web) if m.attempts]
    for path in pages:
        assert "tu-phap-ho-tich@" not in get(web, path).text
        assert "van-phong-thong-ke@" not in get(web, path).text


FILTERS = [
    (f"don-vi={REFUSES}", {REFUSES}),
    ("don-vi=Ngành Tư pháp - Hộ tịch&trang-thai=that-bai", {REFUSES}),
    ("tim=nganh tu phap ho tich&trang-thai=that-bai", {REFUSES}),
    ("tim=van-phong-thong-ke@thu.test", {HEARS}),
    ("tim=van-phong-thong@thu.test", set()),
    ("trang-thai=khong-ro", {CUT_OFF}),
    ("trang-thai=khong-ro&tu=16/06/2023", set()),
    ("trang-thai=khong-ro&tu=15/6/2023&den=15-06-2023", {CUT_OFF}),
    ("trang-thai=khong-ro&den=14/06/2023", set()),
]


@pytest.mark.parametrize(("query", "units"), FILTERS)
def test_filters_stand_in_the_address(web: Web, query: str, units: set[str]) -> None:
    found = get(web, f"/thong-bao?{query}").text
    shown = {m.units[0] for m in messages(web) if f'href="/thong-bao/{m.id}"' in found}
    assert shown == units


def test_wrong_filters_say_so_and_restrict_nothing(web: Web) -> None:
    answer = get(web, "/thong-bao?tu=32/13/2023&don-vi=Khong+co&trang-thai=x&tim=%00&sau=%00&truoc=%ff")
    assert answer.status_code == 200
    for part in (
        "“32/13/2023” không phải là một ngày",
        "Không có đơn vị hay nhóm",
        "Không có tình trạng này",
    ):
        assert part in answer.text


def test_pages_follow_each_other_without_gap_or_double(web: Web) -> None:
    copies = """INSERT INTO message (id, channel, address, recipient, day, subject, text, html, created_at,
        state, not_before, attempts, in_doubt)
        SELECT :day || '-' || substr(id, 10), channel, address, recipient, :on, subject, text, html,
        created_at, 'sent', not_before, 1, false FROM message WHERE day = '2023-06-15'"""
    with writing(web.site.engine) as connection:
        for day in range(1, 10):
            connection.execute(text(copies), {"day": f"2023060{day}", "on": f"2023-06-0{day}"})
    everything = [m.id for m in messages(web)]
    assert len(everything) > 120
    browser = web.signed_in(Role.LEADER).client
    seen: list[str] = []
    path = "/thong-bao"
    while path:
        page = browser.get(path).text
        shown = [id for id in everything if f'href="/thong-bao/{id}"' in page]
        seen += shown
        last = f"/thong-bao?sau={shown[-1]}"
        path = last if f'href="{last}"' in page else ""
    assert seen == everything
    back = browser.get(f"/thong-bao?truoc={everything[60]}").text
    assert [id for id in everything if f'href="/thong-bao/{id}"' in back] == everything[10:60]


def test_a_message_shows_its_words_its_reasons_and_every_attempt(web: Web) -> None:
    sent = the_one(web, DeskState.SENT)
    page = html.unescape(get(web, f"/thong-bao/{sent.id}", Role.LEADER).text)
    stored = rows(web, f"SELECT text FROM message WHERE id = '{sent.id}'")[0][0]
    assert stored in page
    assert "nơi nhận đã nhận" in page
    numbers = [
        n for (n,) in rows(web, f"SELECT notice FROM message_notice WHERE message = '{sent.id}' ORDER BY 1")
    ]
    for number in numbers[:20]:
        said = dondoc("explain", str(number), "--home", str(web.site.home)).out.strip()
        assert said.splitlines()[0].startswith(f"Thông báo số {number} ")
        assert said in page
    assert "Gửi lại" not in page


def test_many_reasons_come_a_page_at_a_time(web: Web) -> None:
    biggest = max(
        messages(web), key=lambda m: rows(web, f"SELECT count(*) FROM message_notice WHERE message='{m.id}'")
    )
    for number in ("", "?trang=2", "?trang=999999", "?trang=-1", "?trang=x"):
        answer = get(web, f"/thong-bao/{biggest.id}{number}")
        assert answer.status_code == 200
        assert answer.text.count("<article") <= 20


@pytest.mark.parametrize("id", ["khong-co", "20230615-0", "%00", "a" * 500, "..%2f..", "%ff"])
def test_an_unknown_message_is_not_found(web: Web, id: str) -> None:
    assert get(web, f"/thong-bao/{id}").status_code == 404


# --- sending again ---------------------------------------------------------------------------------------


def test_what_a_resend_means_is_said_before(web: Web) -> None:
    failed = get(web, f"/thong-bao/{the_one(web, DeskState.FAILED).id}").text
    assert "Ở lượt xét đầu tiên từ 10:15 15/06/2023" in failed
    assert "Đã nhận được" not in failed
    unsure = get(web, f"/thong-bao/{the_one(web, DeskState.UNKNOWN).id}").text
    assert "hai bản giống hệt nhau" in unsure
    assert "Đã nhận được" in unsure
    reader = get(web, f"/thong-bao/{the_one(web, DeskState.FAILED).id}", Role.LEADER).text
    assert "<button>Gửi lại" not in reader


def test_a_failed_message_goes_to_the_address_that_was_mended_once_that_day(web: Web) -> None:
    far_end = FarEnd()
    failed = the_one(web, DeskState.FAILED)
    people(web, REFUSES, mail={REFUSES: "dung@thu.test"})
    answer = post(web, f"/thong-bao/{failed.id}/gui-lai", {"lan": failed.attempts})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/thong-bao/{failed.id}?da=gui-lai")
    assert "Đã xếp tin này vào hàng" in get(web, answer.headers["location"]).text
    pass_now(web, far_end)  # the slot is done: nothing goes to the old address
    assert far_end.tried == []
    web.clock.advance(minutes=20)
    pass_now(web, far_end)
    pass_now(web, far_end, web.clock.now + timedelta(hours=3))
    assert [m.recipient.value for m in far_end.arrived].count("dung@thu.test") == 1
    assert "tu-phap-ho-tich@thu.test" not in [m.recipient.value for m in far_end.tried]
    [row] = rows(web, "SELECT action, actor_name, subject, before, after FROM audit")
    assert row[:3] == ("message.resend", "Cán bộ manager", f"message:{failed.id}")
    assert (json.loads(row[3]), json.loads(row[4])["how"]) == ({"state": "failed"}, "reworded")
    page = get(web, f"/thong-bao/{failed.id}").text
    assert "đã chuyển sang tin sau" in page


def test_what_was_received_is_not_sent_again(web: Web) -> None:
    far_end = FarEnd()
    unsure = the_one(web, DeskState.UNKNOWN)
    answer = post(web, f"/thong-bao/{unsure.id}/da-nhan", {"lan": unsure.attempts})
    assert answer.status_code == 303
    web.clock.advance(hours=2)
    pass_now(web, far_end)
    assert unsure.id not in [m.id for m in far_end.tried]
    [settled] = [m for m in messages(web, DeskState.SENT) if m.id == unsure.id]
    assert settled.sent_at is not None
    assert settled.sent_at < web.clock.now - timedelta(hours=1)
    assert rows(web, "SELECT action FROM audit") == [("message.received",)]


def test_an_unknown_one_sent_again_keeps_its_words_and_its_id(web: Web) -> None:
    far_end = FarEnd()
    unsure = the_one(web, DeskState.UNKNOWN)
    words = rows(web, f"SELECT text, subject FROM message WHERE id = '{unsure.id}'")
    far_end.will(CUT_OFF, UNKNOWN)
    post(web, f"/thong-bao/{unsure.id}/gui-lai", {"lan": unsure.attempts})
    pass_now(web, far_end)
    [again] = far_end.tried
    assert (again.id, [(again.text, again.subject)]) == (unsure.id, words)


@pytest.mark.parametrize("seen", ["0", "2", "x", "-1", ""])
def test_who_decides_on_an_old_page_is_told(web: Web, seen: str) -> None:
    failed = the_one(web, DeskState.FAILED)
    answer = post(web, f"/thong-bao/{failed.id}/gui-lai", {"lan": seen})
    assert answer.status_code == 409
    assert "Tin này vừa được xử lý" in answer.text
    assert the_one(web, DeskState.FAILED).id == failed.id


def test_a_second_press_and_a_sent_message_are_refused(web: Web) -> None:
    failed, sent = the_one(web, DeskState.FAILED), the_one(web, DeskState.SENT)
    assert post(web, f"/thong-bao/{failed.id}/gui-lai", {"lan": 1}).status_code == 303
    assert post(web, f"/thong-bao/{failed.id}/gui-lai", {"lan": 1}).status_code == 409
    assert post(web, f"/thong-bao/{sent.id}/gui-lai", {"lan": 1}).status_code == 409
    assert post(web, f"/thong-bao/{failed.id}/da-nhan", {"lan": 1}).status_code == 409
    assert post(web, "/thong-bao/khong-co/gui-lai", {"lan": 1}).status_code == 404


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR, Role.AUTHOR])
def test_only_a_manager_sends_again(web: Web, role: Role) -> None:
    failed = the_one(web, DeskState.FAILED)
    assert post(web, f"/thong-bao/{failed.id}/gui-lai", {"lan": 1}, role).status_code == 403
    assert the_one(web, DeskState.FAILED).id == failed.id


# --- silences and what waits -----------------------------------------------------------------------------


def test_a_silence_is_explained_as_the_command_line_does(web: Web) -> None:
    id = rows(web, "SELECT assignment FROM notice WHERE assignment NOT LIKE 'unit:%' ORDER BY id LIMIT 1")[0][
        0
    ]
    page = html.unescape(get(web, f"/thong-bao/vi-sao?viec={quote(id)}&ngay=16/06/2023").text)
    said = dondoc("why-not", id, "--on", "16/06/2023", "--home", str(web.site.home)).out.strip()
    assert said
    assert all(line in page for line in said.splitlines())
    with reading(web.site.engine) as connection:
        ruleset, _ = rules_of(web.site)
        day = web.clock.now.date() + timedelta(days=1)
        own = explain_silence(connection, id, day, ruleset, web.site.book(connection), web.site.calendar)
    assert own == said


WRONG = [
    ("viec=khong-co&ngay=16/06/2023", "Không có nhiệm vụ được giao nào mang mã “khong-co”"),
    ("viec=x&ngay=mai", "không phải là một ngày"),
    ("viec=&ngay=16/06/2023", "Ghi mã việc được giao"),
    ("viec=x&ngay=", "Ghi ngày cần hỏi"),
    ("viec=%3Cscript%3E&ngay=16/06/2023", "“&lt;script&gt;”"),
]


@pytest.mark.parametrize(("query", "part"), WRONG)
def test_a_wrong_question_is_answered_kindly(web: Web, query: str, part: str) -> None:
    answer = get(web, f"/thong-bao/vi-sao?{query}")
    assert answer.status_code == 400
    assert part in answer.text


def test_a_day_without_calendar_is_refused_in_words(web: Web) -> None:
    id = rows(web, "SELECT id FROM assignment WHERE state = 'not_started' ORDER BY id LIMIT 1")[0][0]
    answer = get(web, f"/thong-bao/vi-sao?viec={quote(id)}&ngay=01/06/2090")
    assert answer.status_code == 400
    assert "Lịch làm việc chưa có năm" in answer.text


@pytest.mark.parametrize("day", ["01/06/2090", "31/12/9999"])
def test_a_day_past_every_calendar_is_the_fault_of_the_day(web: Web, day: str) -> None:
    id = rows(web, "SELECT id FROM assignment WHERE state = 'not_started' ORDER BY id LIMIT 1")[0][0]
    answer = get(web, f"/thong-bao/vi-sao?viec={quote(id)}&ngay={day}")
    assert answer.status_code == 400
    assert re.search(r'id="ngay"[^>]*aria-invalid', answer.text)


def test_what_joins_a_message_not_yet_sent_does_not_wait_for_tomorrow(web: Web) -> None:
    unit = the_units_without_address(web)[0]
    with writing(web.site.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO notice (rule, assignment, deadline, recipient, occasion, role, tone, why, day,"
                " created_at, state, reason) SELECT 'don-doc', assignment, deadline, recipient, 'thu', role,"
                " tone, why, day, created_at, 'pending', '' FROM notice WHERE recipient = :unit LIMIT 1"
            ),
            {"unit": unit},
        )
    page = get(web, "/thong-bao/dang-cho").text
    assert "chờ lượt xét kế tiếp" in page
    assert "hôm nay nơi nhận đã có một tin" not in page


def test_what_waits_says_until_when(web: Web) -> None:
    web.clock.now = web.clock.now.replace(day=16, hour=14)  # Friday, 21:00: nothing goes out before Monday
    pass_now(web, None)
    page = get(web, "/thong-bao/dang-cho").text
    assert "ngoài giờ gửi tin" in page
    assert "Giờ gửi tin kế tiếp: 07:30 19/06/2023" in page
    pending = rows(web, "SELECT count(*) FROM notice WHERE state = 'pending'")[0][0]
    assert f"{pending:,}".replace(",", ".") + " thông báo" in get(web, "/thong-bao").text


def test_units_with_nobody_to_tell_are_listed_until_somebody_is(web: Web) -> None:
    page = get(web, "/thong-bao/chua-co-dia-chi").text
    assert "UBND phường Tân Dân" in page
    assert REFUSES not in page
    people(web, "hai-duong.kinh-mon.tan-dan")
    assert "UBND phường Tân Dân" not in get(web, "/thong-bao/chua-co-dia-chi").text


def test_what_a_unit_is_called_cannot_break_out(web: Web) -> None:
    with writing(web.site.engine) as connection:
        connection.execute(
            text("UPDATE message SET subject = '<script>alert(1)</script>', text = '</div><b>'")
        )
        connection.execute(text("UPDATE delivery SET detail = '<img src=x onerror=alert(1)>'"))
    for path in ("/thong-bao?trang-thai=that-bai", f"/thong-bao/{the_one(web, DeskState.FAILED).id}"):
        page = get(web, path).text
        assert "<script>" not in page
        assert "<img" not in page
        assert "</div><b>" not in page
