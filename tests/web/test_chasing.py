"""Chasing on the page: a preview that changes nothing, one message a unit, once a day, and the letter."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time

import pytest
from docx import Document
from httpx2 import Response
from sqlalchemy import text

from engine.chasing import MOST_CHOSEN
from engine.model.access import Role
from engine.model.event import Event, EventKind
from engine.store.access import audit
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, OFFICER, Contact
from engine.store.sync import chunks
from tests.cast import CALENDAR
from tests.web.sites import Browser, Web
from web.chasing.picture import goes_out
from web.site import Site

SCHOOLING = "hai-phong.so-giao-duc-va-dao-tao"
YOUTH = "hai-phong.thanh-doan-hai-phong"
TASK = "hai-phong-128-2022:pl1.i.6"
ONE, TWO = f"{TASK}:{SCHOOLING}", f"{TASK}:{YOUTH}"
NOBODY = "hai-phong-128-2022:than.iii-2-c:hai-phong.so-thong-tin-va-truyen-thong:2022-05"
PREVIEW, SEND, LETTER = "/don-doc/xem-truoc", "/don-doc", "/don-doc/cong-van"
WORDS = "Đề nghị báo cáo trước ngày 20/6/2023."


@pytest.fixture
def manager(web: Web) -> Browser:
    """A manager; both units of the tests can be reached."""
    people = [
        Contact(SCHOOLING, HEAD, "", "giam-doc@thu.test"),
        Contact(SCHOOLING, OFFICER, "", "chuyen-vien@thu.test"),
        Contact(YOUTH, HEAD, "", "bi-thu@thu.test"),
    ]
    with writing(web.site.engine) as connection:
        contacts.replace_all(connection, people, {p.unit for p in people})
    return web.signed_in(Role.MANAGER)


def post(browser: Browser, path: str, ids: Sequence[str], **more: str) -> Response:
    answer = browser.post(path, {"viec": list(ids), **more})
    assert isinstance(answer, Response)
    return answer


def shown(answer: Response) -> str:
    """What a reader sees, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def seen(answer: Response) -> str:
    [found] = re.findall(r'name="da_xem" value="([0-9a-f]{64})"', answer.text)
    return str(found)


def sent(browser: Browser, ids: Sequence[str], words: str = WORDS) -> Response:
    """Previews, then sends."""
    first = post(browser, PREVIEW, ids, loi=words)
    return post(browser, SEND, ids, loi=words, da_xem=seen(first))


def rows(web: Web, query: str) -> list[tuple[object, ...]]:
    with reading(web.site.engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def everything(web: Web) -> list[object]:
    names = ("chase", "notice", "message", "audit", "event", "assignment")
    return [rows(web, f"SELECT * FROM {name}") for name in names]


def test_the_preview_shows_every_message_and_changes_nothing(web: Web, manager: Browser) -> None:
    before = everything(web)
    answer = post(manager, PREVIEW, [ONE, TWO], loi=WORDS)
    assert answer.status_code == 200
    words = shown(answer)
    assert "Sẽ gửi 2 tin tới 2 đơn vị" in words
    assert "g***@thu.test, c***@thu.test" in words
    assert "giam-doc@thu.test" not in answer.text
    assert words.count("Kính gửi: Sở Giáo dục và Đào tạo") == 1
    assert f"đôn đốc ngày 15/06/2023: “{WORDS[:-1]}”." in words
    assert "Đôn đốc: 1 việc quá hạn – Sở Giáo dục và Đào tạo – 15/06/2023" in words
    assert "quá hạn 261 ngày làm việc (380 ngày)" in words
    assert "trong lượt gửi tới" in words
    assert everything(web) == before


def test_what_was_seen_is_sent_and_written_down(web: Web, manager: Browser) -> None:
    answer = sent(manager, [ONE, TWO])
    assert (answer.status_code, answer.headers["location"]) == (303, "/don-doc?gui=2&bo=0")
    assert rows(web, "SELECT unit, words, created_by FROM chase ORDER BY unit") == [
        (SCHOOLING, WORDS, "Cán bộ manager"),
        (YOUTH, WORDS, "Cán bộ manager"),
    ]
    assert rows(web, "SELECT assignment, rule, recipient, state FROM notice ORDER BY assignment") == [
        (ONE, "don-doc", SCHOOLING, "pending"),
        (TWO, "don-doc", YOUTH, "pending"),
    ]
    assert rows(web, "SELECT action, actor_name, subject FROM audit WHERE action = 'chase' ORDER BY id") == [
        ("chase", "Cán bộ manager", "chase:1"),
        ("chase", "Cán bộ manager", "chase:2"),
    ]
    with reading(web.site.engine) as connection:
        assert audit.first_broken(connection) is None
    listed = manager.client.get(answer.headers["location"])
    assert "Đã ghi đôn đốc 2 đơn vị" in shown(listed)
    one = shown(manager.client.get("/don-doc/1"))
    assert "Đôn đốc Sở Giáo dục và Đào tạo ngày 15/06/2023" in one
    assert "số 1, đang chờ đưa vào tin" in one


def test_what_was_not_seen_is_not_sent(web: Web, manager: Browser) -> None:
    first = post(manager, PREVIEW, [ONE, TWO], loi=WORDS)
    for ids, words in (([ONE, TWO], "Lời khác"), ([ONE], WORDS)):
        answer = post(manager, SEND, ids, loi=words, da_xem=seen(first))
        assert answer.status_code == 409
        assert "khác với lần bạn xem trước" in shown(answer)
        assert words in shown(answer)
    assert post(manager, SEND, [ONE, TWO], loi=WORDS).status_code == 409
    assert rows(web, "SELECT id FROM chase") == []


def test_work_done_since_the_preview_is_shown_before_anything_is_sent(web: Web, manager: Browser) -> None:
    first = post(manager, PREVIEW, [ONE, TWO])
    done = Event(ONE, EventKind.DONE, web.clock.now, "Sở", note="xong")
    with writing(web.site.engine) as connection:
        record(connection, [done], web.site.calendar, web.clock.now)
    answer = post(manager, SEND, [ONE, TWO], da_xem=seen(first))
    assert answer.status_code == 409
    assert "đơn vị đã báo cáo hoàn thành, đang chờ văn phòng xác nhận" in shown(answer)
    again = post(manager, SEND, [ONE, TWO], da_xem=seen(answer))
    assert again.headers["location"] == "/don-doc?gui=1&bo=0"


def test_a_second_time_the_same_day_is_refused_with_who_and_when(web: Web, manager: Browser) -> None:
    sent(manager, [ONE])
    web.clock.advance(hours=2)
    other = web.signed_in(Role.MANAGER, "khac")
    answer = post(other, PREVIEW, [ONE, TWO])
    assert "Hôm nay đã đôn đốc, không gửi lại (1)" in shown(answer)
    assert "Sở Giáo dục và Đào tạo : Cán bộ manager, lúc 10:00 15/06/2023" in shown(answer)
    assert "Sẽ gửi 1 tin tới 1 đơn vị" in shown(answer)
    alone = sent(other, [ONE])
    assert alone.status_code == 409
    assert "không còn đơn vị nào để đôn đốc" in shown(alone)
    web.clock.advance(days=1)
    assert sent(web.signed_in(Role.MANAGER, "khac"), [ONE]).status_code == 303


def test_double_clicks_send_once(web: Web, manager: Browser) -> None:
    first = post(manager, PREVIEW, [ONE])
    answers = [post(manager, SEND, [ONE], da_xem=seen(first)).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert rows(web, "SELECT count(*) FROM notice") == [(1,)]


def test_a_chase_over_midnight_is_all_of_one_day(web: Web, manager: Browser) -> None:
    evening, morning = (datetime(2023, 6, 15, *at, tzinfo=UTC) for at in ((16, 59, 59), (17, 0, 0)))
    web.clock.now = evening
    manager = web.signed_in(Role.MANAGER)
    form = {"viec": [ONE], "loi": WORDS, "da_xem": seen(post(manager, PREVIEW, [ONE], loi=WORDS))}
    found = []
    for before in range(20):
        asked = iter([evening] * before)
        site = Site(web.site.home, lambda asked=asked: next(asked, morning))  # type: ignore[misc]
        client = Web(site, web.clock).visitor()
        client.cookies = manager.client.cookies
        client.post(SEND, data={"khoa": manager.key, **form})
        found += rows(web, "SELECT c.day, n.occasion FROM chase c JOIN notice n ON n.recipient = c.unit")
        with writing(web.site.engine) as connection:
            for table in ("message_notice", "notice", "chase"):
                connection.execute(text(f"DELETE FROM {table}"))
        client.close()
        site.engine.dispose()
    assert found
    assert {str(occasion).rpartition("@")[2] == str(day) for day, occasion in found} == {True}


def test_what_cannot_be_chased_is_named(web: Web, manager: Browser) -> None:
    later = "thach-chau-15-2023:khong-co"
    done = Event(TWO, EventKind.DONE, web.clock.now, "Đoàn", note="xong")
    with writing(web.site.engine) as connection:
        record(connection, [done], web.site.calendar, web.clock.now)
    words = shown(post(manager, PREVIEW, [ONE, TWO, later]))
    assert "Không đôn đốc (2)" in words
    assert "Thành đoàn Hải Phòng: đơn vị đã báo cáo hoàn thành" in words
    assert f"{later}: không có nhiệm vụ nào mang mã này" in words
    only = post(manager, PREVIEW, [TWO])
    assert "Không có đơn vị nào để đôn đốc" in shown(only)
    assert 'formaction="/don-doc"' not in only.text


def test_a_unit_without_an_address_is_named(manager: Browser) -> None:
    answer = post(manager, PREVIEW, [ONE, NOBODY])
    assert "Chưa có địa chỉ liên hệ (1) Sở Thông tin và Truyền thông" in shown(answer)


def test_who_had_the_message_of_the_day_gets_the_chase_with_the_next(web: Web, manager: Browser) -> None:
    with writing(web.site.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO message (id, channel, address, recipient, day, subject, text, html, created_at,"
                " state, not_before, attempts, in_doubt, sent_at) VALUES ('x', 'email', 'bi-thu@thu.test',"
                " :unit, '2023-06-15', 's', 't', 'h', :now, 'sent', :now, 1, false, :now)"
            ),
            {"unit": YOUTH, "now": "2023-06-15 01:00:00.000000"},
        )
    words = shown(post(manager, PREVIEW, [TWO]))
    assert "Hôm nay người nhận đã có tin, nên đi cùng tin kế tiếp: từ 07:30 ngày 16/06/2023" in words


@pytest.mark.parametrize("typed", ["đ" * 501, "a\x07b", "a\u202eb"])
@pytest.mark.parametrize("path", [PREVIEW, SEND, LETTER])
def test_words_that_cannot_be_sent_are_said_and_kept(
    web: Web, manager: Browser, path: str, typed: str
) -> None:
    answer = post(manager, path, [ONE], loi=typed, da_xem="0" * 64)
    assert answer.status_code == 422
    assert "Lời đôn đốc" in shown(answer)
    assert html.escape(typed) in answer.text
    assert rows(web, "SELECT id FROM chase") == []


def test_words_are_text_and_nothing_else(manager: Browser) -> None:
    answer = post(manager, PREVIEW, [ONE], loi="</textarea><script>alert(1)</script>\n<b>đậm</b>")
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text


BAD_CHOICES = [
    ([], 400),
    ([""], 400),
    ([f"x:{n}" for n in range(MOST_CHOSEN + 1)], 400),
    (["x" * 301], 400),
    (["x\x00y"], 400),
]


@pytest.mark.parametrize("path", [PREVIEW, SEND, LETTER])
@pytest.mark.parametrize(("ids", "status"), BAD_CHOICES)
def test_a_choice_that_makes_no_sense_is_refused(
    manager: Browser, path: str, ids: list[str], status: int
) -> None:
    assert post(manager, path, ids).status_code == status


def test_as_many_as_allowed_can_be_chosen_at_once(web: Web, manager: Browser) -> None:
    overdue = "SELECT id FROM assignment WHERE open AND last_day < '2023-06-15' ORDER BY last_day, id"
    ids = [str(row[0]) for row in rows(web, f"{overdue} LIMIT {MOST_CHOSEN}")]
    answer = sent(manager, ids, "")
    assert answer.status_code == 303, shown(answer)[:300]
    assert rows(web, "SELECT count(*) FROM notice") == [(len(ids),)]


def test_the_letter_is_a_download_and_changes_nothing(web: Web, manager: Browser) -> None:
    sent(manager, [ONE])
    before = everything(web)
    answer = post(manager, LETTER, [ONE, TWO], loi=WORDS)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="cong-van-don-doc-2023-06-15.docx"'
    written = Document(io.BytesIO(answer.content))
    words = "\n".join(paragraph.text for paragraph in written.paragraphs)
    assert "- Sở Giáo dục và Đào tạo;" in words
    assert "- Thành đoàn Hải Phòng." in words
    assert WORDS in words
    assert everything(web) == before


def test_a_letter_about_nothing_owed_is_refused(manager: Browser) -> None:
    assert post(manager, LETTER, ["khong:co"]).status_code == 409


@pytest.mark.parametrize("path", [PREVIEW, SEND, LETTER])
@pytest.mark.parametrize("role", [Role.AUTHOR, Role.LEADER, Role.ADMINISTRATOR])
def test_only_a_manager_chases(web: Web, path: str, role: Role) -> None:
    assert post(web.signed_in(role), path, [ONE]).status_code == 403


def test_a_form_without_the_sessions_key_is_refused(web: Web, manager: Browser) -> None:
    answer = manager.client.post(SEND, data={"viec": [ONE], "khoa": "sai"})
    assert answer.status_code == 403
    assert rows(web, "SELECT id FROM chase") == []


@pytest.mark.parametrize("id", ["0", "2", "x", "-1", "1.5", "9" * 12, "9" * 30, "²"])
def test_a_chase_that_does_not_exist_is_not_found(manager: Browser, id: str) -> None:
    assert manager.client.get(f"/don-doc/{id}").status_code == 404


@pytest.mark.parametrize("query", ["trang=0", "trang=x", f"trang={'9' * 40}", "gui=<b>", "bo=-1"])
def test_an_odd_query_still_shows_the_list(manager: Browser, query: str) -> None:
    answer = manager.client.get(f"/don-doc?{query}")
    assert answer.status_code == 200
    assert "<b>" not in answer.text


def test_the_list_is_parted_into_pages(web: Web, manager: Browser) -> None:
    with writing(web.site.engine) as connection:
        for chunk in chunks(range(51), 20):
            for n in chunk:
                connection.execute(
                    text(
                        "INSERT INTO chase (unit, day, assignments, words, created_by, created_at) "
                        "VALUES (:unit, '2023-01-05', '[]', :words, 'x', '2023-01-05 00:00:00.000000')"
                    ),
                    {"unit": f"u{n}", "words": f"lời {n:02}"},
                )
    first, second = (shown(manager.client.get(f"/don-doc?trang={n}")) for n in (1, 2))
    assert ("lời 50" in first, "lời 00" in first) == (True, False)
    assert ("lời 50" in second, "lời 00" in second) == (False, True)
    assert "51 lần, mới nhất ở trên" in first


HOURS = (time(7, 30), time(17, 0))
WHEN = [
    (datetime(2023, 4, 6, 0, 29, tzinfo=UTC), False, "từ 07:30 hôm nay"),
    (datetime(2023, 4, 6, 0, 30, tzinfo=UTC), False, "trong lượt gửi tới"),
    (datetime(2023, 4, 6, 9, 59, tzinfo=UTC), False, "trong lượt gửi tới"),
    (datetime(2023, 4, 6, 10, 0, tzinfo=UTC), False, "từ 07:30 ngày 07/04/2023"),
    (datetime(2023, 4, 6, 3, tzinfo=UTC), True, "từ 07:30 ngày 07/04/2023"),
    (datetime(2023, 4, 7, 17, tzinfo=UTC), False, "từ 07:30 ngày 10/04/2023"),  # Saturday in Viet Nam
    (datetime(2024, 12, 31, 10, tzinfo=UTC), False, "từ 07:30 ngày làm việc kế tiếp"),
]


@pytest.mark.parametrize(("now", "later", "words"), WHEN)
def test_when_a_message_goes_out(now: datetime, later: bool, words: str) -> None:
    assert goes_out(now, CALENDAR, HOURS, later=later) == words
