"""The unit's page by link: what it shows, what it takes, and that looking changes nothing."""

from __future__ import annotations

import json
import logging
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.installation.opening import open_installation, sync_installation
from engine.model.event import Event, EventKind
from engine.notices.notice import Notice
from engine.ruleset.rule import Role, Tone
from engine.store.access import links
from engine.store.database import writing
from engine.store.events import record
from engine.store.messages import notices
from tests.web.sites import ROOT, Clock, Web
from tests.web.unit_links import OTHER, UNIT, assignments, everything, rows, unit_by_link, words
from web.site import Site

ALL_ANSWERS = ["da-nhan", "tien-do", "xong", "gia-han", "tra-lai"]
NOT_OURS = "Không tìm thấy nhiệm vụ này"


def say(web: Web, id: str, kind: str, **more: object) -> None:
    with writing(web.site.engine) as connection:
        said = Event(id, EventKind(kind), web.clock.now, "văn phòng", **more)  # type: ignore[arg-type]
        record(connection, [said], web.site.calendar, web.clock.now)


def choices_on(page: str) -> list[str]:
    return re.findall(r'name="tra_loi" value="([a-z-]+)"', page)


# --- looking -------------------------------------------------------------------------------------------


def test_the_list_says_who_what_and_by_when(web: Web) -> None:
    page = words(unit_by_link(web).get())
    assert "Việc của Sở Nội vụ" in page
    assert "gửi cho Bà An" in page
    assert re.search(r"Còn \d+ việc phải làm, \d+ việc quá hạn", page)
    assert re.search(r"Hạn: thứ Ba, 14/06/2022; quá hạn \d+ ngày làm việc \(366 ngày\)", page)
    assert "Kế hoạch 128/KH-UBND ngày 27/05/2022" in page


def test_it_says_why_the_unit_was_told(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    told = Notice("x", id, "-", UNIT, "1", Role.LEAD, Tone.WARN, "Lý do <b>thật</b>")
    with writing(web.site.engine) as connection:
        notices.insert_notices(connection, [told], date(2023, 6, 14), web.clock.now)
        notices.set_state(connection, [1], notices.COMPOSED)
    assert "Vì sao được nhắc: Lý do &lt;b&gt;thật&lt;/b&gt; (tin ngày 14/06/2023)" in unit.get().text
    assert "Lý do &lt;b&gt;thật&lt;/b&gt; (tin ngày 14/06/2023)" in unit.open(id).text


def test_looking_changes_nothing(web: Web) -> None:
    unit = unit_by_link(web)
    id = assignments(web)[0]
    before = everything(web)
    for path in ("", "?nhom=qua-han", "?da=1-9", "/phoi-hop", "?nhom=khac&trang=2", "/tin-de-biet"):
        assert unit.get(path).status_code == 200
        assert unit.client.head(unit.path + path).status_code in (200, 405)
    assert unit.open(id).status_code == 200
    assert unit.client.head(unit.work(id)).status_code == 405
    assert everything(web) == before


def test_forms_that_submit_themselves_change_nothing(web: Web) -> None:
    """A mail scanner sends every form of a page as it finds it."""
    unit = unit_by_link(web)
    id = assignments(web)[0]
    before = everything(web)
    answer = unit.answer(id, None, **{"xong-so_hieu": "1/BC", "gia-han-loi": "lý do đã viết"})
    assert answer.status_code == 422
    assert "Hãy chọn một trong các câu trả lời" in answer.text
    assert "lý do đã viết" in answer.text
    for path in ("/da-nhan", "/phoi-hop"):
        answer = unit.client.post(unit.path + path, data={"loi": "đã viết"})
        assert (answer.status_code, "Hãy chọn ít nhất một việc" in answer.text) == (422, True)
    assert everything(web) == before
    page = unit.open(id).text
    assert "checked" not in page
    assert "checked" not in unit.get().text


def test_only_so_many_are_shown_and_the_rest_is_a_page_away(web: Web) -> None:
    unit = unit_by_link(web)
    late = len(re.findall("<li>", unit.get("?nhom=qua-han").text))
    assert late > 20
    assert f'href="{unit.path}?nhom=qua-han">Xem cả {late} việc quá hạn' in unit.get().text
    assert unit.get("?nhom=khong-co").status_code == 404
    assert unit.get("?nhom=qua-han&trang=0").status_code == 404


# --- answering -----------------------------------------------------------------------------------------


def test_received(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    answer = unit.answer(id, "da-nhan")
    assert answer.status_code == 303
    page = words(unit.client.get(answer.headers["location"]))
    assert "Đã ghi nhận lúc 10:00 15/06/2023." in page
    assert "Bà An – Sở Nội vụ" in page
    [(kind, by)] = rows(web, "SELECT kind, by FROM event")
    assert (kind, by) == ("received", "Bà An – Sở Nội vụ")
    [(actor, name, action, subject)] = rows(web, "SELECT actor, actor_name, action, subject FROM audit")
    assert (action, subject, name) == ("submit", id, "Bà An – Sở Nội vụ")
    assert re.fullmatch(r"link:\d+", str(actor))
    assert choices_on(unit.open(id).text) == ["tien-do", "xong", "gia-han", "tra-lai"]


@pytest.mark.parametrize(
    ("choice", "fields", "expected"),
    [
        (
            "tien-do",
            {"tien-do-phan_tram": "40%", "tien-do-loi": "đang làm"},
            ("progress", 40, None, "đang làm", None),
        ),
        ("tien-do", {"tien-do-phan_tram": "0"}, ("progress", 0, None, None, None)),
        (
            "xong",
            {"xong-so_hieu": " 45/BC-SNV ", "xong-ngay": "14/6/2023", "xong-loi": "gửi kèm"},
            ("done", None, "45/BC-SNV ngày 14/06/2023", "gửi kèm", None),
        ),
        ("xong", {}, ("done", None, None, None, None)),
        (
            "gia-han",
            {"gia-han-ngay": "2023-12-31", "gia-han-loi": "chờ hướng dẫn"},
            ("extension", None, None, "chờ hướng dẫn", "2023-12-31"),
        ),
        ("tra-lai", {"tra-lai-loi": "của Sở khác"}, ("declined", None, None, "của Sở khác", None)),
    ],
)
def test_every_answer_is_recorded(
    web: Web, choice: str, fields: dict[str, str], expected: tuple[object, ...]
) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    # What stands in the fields of other answers does not count.
    answer = unit.answer(id, choice, **({"gia-han-loi": "bỏ", "tra-lai-loi": "bỏ"} | fields))
    assert answer.status_code == 303
    assert rows(web, "SELECT kind, percent, document, note, day FROM event") == [expected]
    assert unit.client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("choice", "fields", "said"),
    [
        ("tien-do", {}, "Hãy ghi tỷ lệ đã làm"),
        ("tien-do", {"tien-do-phan_tram": "101"}, "từ 0 đến 100"),
        ("tien-do", {"tien-do-phan_tram": "-1"}, "từ 0 đến 100"),
        ("tien-do", {"tien-do-phan_tram": "9" * 5000}, "từ 0 đến 100"),
        ("tien-do", {"tien-do-phan_tram": "٣"}, "từ 0 đến 100"),
        ("tien-do", {"tien-do-loi": "a" * 2001}, "Dài quá 2000 ký tự"),
        ("xong", {"xong-ngay": "14/06/2023"}, "chưa có số, ký hiệu"),
        ("xong", {"xong-so_hieu": "1/BC", "xong-ngay": "16/06/2023"}, "không thể ở sau hôm nay"),
        ("xong", {"xong-so_hieu": "1/BC", "xong-ngay": "hôm qua"}, "không phải là một ngày"),
        ("xong", {"xong-so_hieu": "1/BC", "xong-ngay": "01/01/1990"}, "quá xa trước đây"),
        ("gia-han", {"gia-han-loi": "chờ"}, "Hãy ghi ngày xin gia hạn"),
        ("gia-han", {"gia-han-ngay": "31/12/2023"}, "Hãy nêu lý do"),
        ("gia-han", {"gia-han-ngay": "15/06/2023", "gia-han-loi": "x"}, "phải sau hôm nay"),
        ("gia-han", {"gia-han-ngay": "31/12/2099", "gia-han-loi": "x"}, "quá xa"),
        ("gia-han", {"gia-han-ngay": "31/02/2024", "gia-han-loi": "x"}, "không phải là một ngày"),
        ("tra-lai", {}, "Hãy nêu lý do"),
        ("xac-nhan", {}, "Hãy chọn một trong các câu trả lời"),
        ("confirm", {}, "Hãy chọn một trong các câu trả lời"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    web: Web, choice: str, fields: dict[str, str], said: str
) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    before = everything(web)
    answer = unit.answer(id, choice, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Chưa ghi nhận gì" in answer.text
    for typed in fields.values():
        assert typed[:120] in answer.text
    assert everything(web) == before


def test_a_double_tap_is_recorded_once(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    seen = unit.revision(id)
    files = [("tep", ("a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf"))]
    first, second = (
        unit.answer(id, "xong", luot=seen, files=files, **{"xong-so_hieu": "1/BC"}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert rows(web, "SELECT count(*) FROM event") == [(1,)]
    assert rows(web, "SELECT count(*) FROM evidence") == [(1,)]
    assert len([p for p in (web.site.home / "evidence").rglob("*") if p.is_file()]) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """A site over one plan, on either database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("web")
        return
    home = tmp_path / "home"
    shutil.copytree(ROOT / "rules", home / "rules")
    shutil.copytree(ROOT / "plans" / "units", home / "plans" / "units")
    shutil.copy(ROOT / "plans" / "hai-phong-128-2022.yaml", home / "plans")
    url = request.getfixturevalue("postgres_url")
    (home / "dondoc.toml").write_text(f"database_url = {json.dumps(url)}\n", encoding="utf-8")
    installation = open_installation(home)
    sync_installation(installation, datetime(2022, 5, 27, tzinfo=UTC))
    installation.engine.dispose()
    clock = Clock()
    made = Web(Site(home, clock), clock)
    yield made
    for client in made.clients:
        client.close()
    made.site.engine.dispose()


def test_a_visit_on_either_database(either: Web) -> None:
    unit, ids = unit_by_link(either), assignments(either)
    for path in ("", "?nhom=qua-han", "/phoi-hop"):
        assert unit.get(path).status_code == 200
    values = [f"0|{id}" for id in ids[:2]]
    done = unit.client.post(f"{unit.path}/da-nhan", data={"viec": values})
    assert "đơn vị đã nhận 2 việc" in unit.client.get(done.headers["location"]).text
    files = [("tep", ("a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf"))]
    told = unit.answer(ids[0], "xong", files=files)
    assert "a.pdf" in unit.client.get(told.headers["location"]).text
    parts = re.findall(r'name="phan" value="([^"]+)"', unit.get("/phoi-hop").text)
    helped = unit.client.post(f"{unit.path}/phoi-hop", data={"phan": parts[0]})
    assert helped.headers["location"].endswith("?da=ghi")
    administrator = either.signed_in("administrator").client
    assert "Đang dùng được (1)" in words(administrator.get("/lien-ket", params={"don_vi": UNIT}))


def test_a_double_tap_at_the_same_moment_is_recorded_once(either: Web) -> None:
    web = either
    unit, id = unit_by_link(web), assignments(web)[0]
    seen, path = unit.revision(id), unit.work(id)
    answers: list[int] = []

    def tap(browser: TestClient) -> None:
        sent = browser.post(path, data={"luot": seen, "tra_loi": "xong"})
        answers.append(sent.status_code)

    browsers = [web.visitor() for _ in range(4)]
    assert [browser.get(path).status_code for browser in browsers] == [200] * 4
    threads = [threading.Thread(target=tap, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 4
    assert rows(web, "SELECT count(*) FROM event") == [(1,)]


def test_an_old_page_records_nothing_and_keeps_the_words(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    seen = unit.revision(id)
    say(web, id, "progress", note="đã nói qua đường khác")
    before = everything(web)
    answer = unit.answer(
        id, "gia-han", luot=seen, **{"gia-han-ngay": "31/12/2023", "gia-han-loi": "lý do dài"}
    )
    assert answer.status_code == 409
    page = words(answer)
    assert "Chưa ghi nhận: việc này vừa thay đổi" in page
    assert "đã nói qua đường khác" in page
    assert "lý do dài" in page
    assert everything(web) == before
    fresh = re.search(r'name="luot" value="(\d+)"', answer.text)
    assert fresh is not None
    again = {"gia-han-ngay": "31/12/2023", "gia-han-loi": "lý do dài", "luot": fresh[1]}
    assert unit.answer(id, "gia-han", **again).status_code == 303


def test_words_that_no_longer_fit_are_handed_back(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    seen = unit.revision(id)
    say(web, id, "done")
    answer = unit.answer(
        id, "gia-han", luot=seen, **{"gia-han-ngay": "31/12/2023", "gia-han-loi": "lý do dài"}
    )
    assert answer.status_code == 409
    assert "không còn phù hợp" in answer.text
    assert "“lý do dài”" in answer.text
    assert choices_on(answer.text) == []


@pytest.mark.parametrize(
    ("events", "fitting"),
    [
        ([], ALL_ANSWERS),
        (["received"], ALL_ANSWERS[1:]),
        (["progress"], ALL_ANSWERS[1:]),
        (["done"], []),
        (["done", "return"], ALL_ANSWERS),
        (["done", "confirm"], []),
        (["declined"], ALL_ANSWERS[:4]),
        (["withdraw"], []),
    ],
)
def test_only_answers_that_fit_are_offered(web: Web, events: list[str], fitting: list[str]) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    for kind in events:
        say(web, id, kind, note="vì thế")
    offered = choices_on(unit.open(id).text)
    assert offered == fitting
    for choice in set(ALL_ANSWERS) - set(fitting) - {"da-nhan"}:
        sent = {"tra-lai-loi": "x", "tien-do-loi": "x", "gia-han-loi": "x", "gia-han-ngay": "31/12/2023"}
        [(revision,)] = rows(web, "SELECT revision FROM assignment WHERE id = :id", id=id)
        answer = unit.answer(id, choice, luot=str(revision), **sent)
        assert answer.status_code == 422
        assert "Không thể" in answer.text


def test_several_are_received_at_once(web: Web) -> None:
    unit, ids = unit_by_link(web), assignments(web)[:3]
    values = [f"0|{id}" for id in ids]
    answer = unit.client.post(f"{unit.path}/da-nhan", data={"viec": values})
    assert answer.status_code == 303
    assert (
        "Đã ghi nhận lúc 10:00 15/06/2023: đơn vị đã nhận 3 việc."
        in unit.client.get(answer.headers["location"]).text
    )
    again = unit.client.post(f"{unit.path}/da-nhan", data={"viec": values})
    assert again.headers["location"] == answer.headers["location"]
    assert rows(web, "SELECT count(*) FROM event") == [(3,)]
    mixed = [*values, f"0|{assignments(web)[0]}"]
    assert unit.client.post(f"{unit.path}/da-nhan", data={"viec": mixed}).status_code == 409
    assert rows(web, "SELECT count(*) FROM event") == [(3,)]


# --- whose ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/xong?so=1"])
def test_another_units_work_is_not_there(web: Web, path: str) -> None:
    unit, theirs = unit_by_link(web), assignments(web, OTHER)[0]
    answer = unit.client.get(unit.work(theirs) + path)
    assert (answer.status_code, NOT_OURS in answer.text) == (404, True)
    assert answer.text == unit.client.get(unit.work("khong:co:that") + path).text


def test_another_units_work_cannot_be_answered(web: Web) -> None:
    unit, theirs, ours = unit_by_link(web), assignments(web, OTHER)[0], assignments(web)[0]
    before = everything(web)
    assert unit.answer(theirs, "xong", luot="0").status_code == 404
    values = [f"0|{ours}", f"0|{theirs}"]
    assert unit.client.post(f"{unit.path}/da-nhan", data={"viec": values}).status_code == 404
    assert everything(web) == before


def test_an_answer_of_another_unit_is_not_shown_under_ours(web: Web) -> None:
    unit, ours, theirs = unit_by_link(web), assignments(web)[0], assignments(web, OTHER)[0]
    say(web, theirs, "received")
    [(number,)] = rows(web, "SELECT id FROM event")
    assert unit.client.get(unit.work(ours) + f"/xong?so={number}").status_code == 404
    assert "đơn vị đã nhận" not in unit.get(f"?da={number}-{number}").text


# --- the link itself -----------------------------------------------------------------------------------


def test_a_link_that_does_not_work_says_so_alike(web: Web) -> None:
    expired, revoked = unit_by_link(web, days=1), unit_by_link(web)
    feed = unit_by_link(web)
    with writing(web.site.engine) as connection:
        made = links.find(connection, revoked.token, web.clock.now)
        assert made is not None
        links.revoke(connection, [made.id], web.clock.now)
        feed.token = links.make(connection, [UNIT], "", "", links.FEED, now=web.clock.now)
    web.clock.advance(days=1)
    tokens = [expired.token, revoked.token, feed.token, "a" * 43, "a", "%00", "%2e%2e", expired.token + "a"]
    answers = [web.visitor().get(f"/u/{token}") for token in tokens]
    assert {answer.status_code for answer in answers} == {404}
    pages = {answer.text for answer in answers if "trang này" not in words(answer)}
    assert len(pages) == 1
    assert "Đường dẫn này không dùng được" in pages.pop()


def test_every_way_in_checks_the_link(web: Web) -> None:
    id = assignments(web)[0]
    wrong = unit_by_link(web)
    wrong.token = "b" * 43
    client = wrong.client
    assert client.get(wrong.work(id)).status_code == 404
    assert client.get(wrong.work(id) + "/xong?so=1").status_code == 404
    assert client.post(wrong.work(id), data={"tra_loi": "xong", "luot": "0"}).status_code == 404
    assert client.post(f"{wrong.path}/da-nhan", data={"viec": f"0|{id}"}).status_code == 404
    assert client.get(f"{wrong.path}/phoi-hop").status_code == 404
    assert client.post(f"{wrong.path}/phoi-hop", data={"phan": "a|b||"}).status_code == 404
    assert client.get(f"{wrong.path}/minh-chung/{'0' * 32}").status_code == 404
    assert rows(web, "SELECT count(*) FROM event") == [(0,)]


def test_guessing_is_slowed_down_and_good_links_still_open(web: Web) -> None:
    unit, stranger = unit_by_link(web), web.visitor()
    codes = [stranger.get(f"/u/{n:043}").status_code for n in range(31)]
    assert codes == [404] * 30 + [429]
    refused = stranger.get(f"/u/{'c' * 43}")
    assert "Thử lại sau 15 phút, lúc 10:15." in refused.text
    assert int(refused.headers["retry-after"]) == 15 * 60
    assert unit.get().status_code == 200
    web.clock.advance(minutes=16)
    assert stranger.get(f"/u/{'c' * 43}").status_code == 404


def test_the_token_stays_out_of_logs_errors_and_referrers(
    web: Web, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    unit, id = unit_by_link(web), assignments(web)[0]
    answers = [unit.get(), unit.open(id), unit.answer(id, "da-nhan"), unit.get("?nhom=khong-co")]
    answers += [unit.client.get(f"/u/{unit.token[:-1]}x"), unit.client.put(unit.path)]
    captured = capsys.readouterr()
    log = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert unit.token not in captured.out + captured.err + log
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers.get("location", unit.path).startswith(unit.path)
        assert not re.search(r'(href|src|action)="(https?:)?//', answer.text)
    for answer in answers[3:]:
        assert unit.token[:-1] not in answer.text
    for table in ("audit", "event", "attempt", "link"):
        assert unit.token not in str(rows(web, f"SELECT * FROM {table}"))


def test_a_form_of_another_site_is_refused(web: Web) -> None:
    unit, id = unit_by_link(web), assignments(web)[0]
    for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
        sent = unit.client.post(unit.work(id), data={"tra_loi": "xong", "luot": "0"}, headers=headers)
        assert sent.status_code == 403
    assert rows(web, "SELECT count(*) FROM event") == [(0,)]


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "' OR 1=1 --", "{{ 7*7 }}", "\u202eabc", "a\x0bb"]
)
def test_words_are_shown_as_words(web: Web, typed: str) -> None:
    unit, id = unit_by_link(web, name=typed), assignments(web)[0]
    answer = unit.answer(id, "tien-do", **{"tien-do-loi": typed + "."})
    assert answer.status_code == 303
    for page in (unit.client.get(answer.headers["location"]), unit.open(id), unit.get()):
        assert page.status_code == 200
        assert "<script>" not in page.text
        assert "49" not in re.sub(r"\d{2,}", "", page.text)
    [(note,)] = rows(web, "SELECT note FROM event")
    assert not set(str(note)) & {"\u202e", "\x0b"}


def test_an_heir_answers_for_a_unit_that_was_merged(web: Web) -> None:
    """After 30 June 2025 the communes of An Dương are parts of others."""
    registry = web.site.registry
    merged = next(
        u for u in registry.units.values() if u.valid_to is not None and registry.final_heir(u.id) is not None
        and assignments(web, u.id)
    )  # fmt: skip
    heir = str(registry.final_heir(merged.id))
    id = assignments(web, merged.id)[0]
    unit = unit_by_link(web, heir)
    assert unit.open(id).status_code == 404
    assert merged.valid_to is not None
    web.clock.now += timedelta(days=(merged.valid_to - web.site.today()).days + 1)
    later = unit_by_link(web, heir)
    assert later.open(id).status_code == 200
    assert later.answer(id, "da-nhan").status_code == 303


# --- helping -------------------------------------------------------------------------------------------


def test_the_part_of_a_helper_is_noted_once(web: Web) -> None:
    unit = unit_by_link(web)
    page = unit.get("/phoi-hop").text
    values = re.findall(r'name="phan" value="([^"]+)"', page)
    assert values
    answer = unit.client.post(f"{unit.path}/phoi-hop", data={"phan": values[0], "loi": "đã góp ý"})
    assert answer.headers["location"] == f"{unit.path}/phoi-hop?da=ghi"
    said = unit.client.get(answer.headers["location"])
    assert "phần phối hợp của đơn vị đã xong" in said.text
    assert values[0] not in re.findall(r'name="phan" value="([^"]+)"', said.text)
    noted = rows(web, "SELECT assignment, unit, by, note FROM contribution")
    plan, task = values[0].split("|")[:2]
    assert noted
    assert all(str(row[0]).startswith(f"{plan}:{task}:") and row[1] == UNIT for row in noted)
    assert {row[2:] for row in noted} == {("Bà An – Sở Nội vụ", "đã góp ý")}
    again = unit.client.post(f"{unit.path}/phoi-hop", data={"phan": values[0]})
    assert again.headers["location"] == f"{unit.path}/phoi-hop?da=co"
    assert rows(web, "SELECT assignment, unit, by, note FROM contribution") == noted
    assert rows(web, "SELECT action, subject FROM audit") == [("contribution", f"{plan}:{task}")]


def test_who_does_not_help_has_nothing_to_say(web: Web) -> None:
    helper, stranger = unit_by_link(web), unit_by_link(web, "hai-phong.an-duong.an-hung")
    theirs = set(re.findall(r'name="phan" value="([^"]+)"', stranger.get("/phoi-hop").text))
    values = set(re.findall(r'name="phan" value="([^"]+)"', helper.get("/phoi-hop").text)) - theirs
    for value in [*sorted(values)[:2], "khong|co|1|2", "|||", "x"]:
        assert stranger.client.post(f"{stranger.path}/phoi-hop", data={"phan": value}).status_code == 404
    assert rows(web, "SELECT count(*) FROM contribution") == [(0,)]
