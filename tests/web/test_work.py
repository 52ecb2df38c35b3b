"""One assignment and one whole task: what the pages say, what the office decides, two people at once."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from httpx2 import Response
from sqlalchemy import text

from engine.installation.opening import open_installation, sync_installation
from engine.model.access import Role
from engine.model.assignment import Extension, State
from engine.model.event import Event, EventKind
from engine.store import sync as sync_module
from engine.store import views
from engine.store.access import audit
from engine.store.database import reading, take_turns, writing
from engine.store.events import record
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import Refusal, apply, opening
from tests.cast import CALENDAR, EXTERNAL, after_event, due_on, plan, promises, said, task
from tests.web.sites import ROOT, Browser, Clock, Web
from web.site import Site
from web.wording import weekday
from web.work.choices import ALL, Ask, choices
from web.work.typed import NotADay, typed_day, typed_words


class Pages:
    """A browser's pages as text."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def get(self, path: str) -> Response:
        answer = self.browser.client.get(path)
        assert isinstance(answer, Response)
        return answer

    def post(self, path: str, data: dict[str, object]) -> Response:
        answer = self.browser.client.post(path, data={"khoa": self.browser.key, **data})
        assert isinstance(answer, Response)
        return answer

    def decide(self, id: str, slug: str, **fields: object) -> Response:
        """Opens the page of an assignment and sends one of its forms."""
        return self.post(f"{path_of(id)}/quyet-dinh", seen_on(self.get(path_of(id)).text, slug) | fields)


def path_of(id: str) -> str:
    """The address of an assignment's page."""
    return f"/viec/{quote(id, safe='')}"


def seen_on(html: str, slug: str) -> dict[str, object]:
    """The hidden fields of one form."""
    form = re.search(rf'<details id="{slug}".*?</form>', html, re.DOTALL)
    assert form, f"no form {slug}"
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0])
    return {name: value for name, value in hidden if name != "khoa"}


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, pristine_web_home: Path, tmp_path: Path) -> Iterator[Web]:
    """A site over one of the shipped plans, on either database."""
    home = tmp_path / "web-home"
    if request.param == "sqlite":
        shutil.copytree(pristine_web_home, home)
    else:
        home.mkdir()
        for name in ("plans", "rules"):
            shutil.copytree(ROOT / name, home / name)
        for name in ("hai-phong-128-2022", "tan-dan-37-2022", "thach-chau-15-2023"):
            (home / "plans" / f"{name}.yaml").unlink()
        url = request.getfixturevalue("postgres_url")
        (home / "dondoc.toml").write_text(f"database_url = {json.dumps(url)}\n")
        installation = open_installation(home)
        sync_installation(installation, datetime(2022, 5, 27, tzinfo=UTC))
        installation.engine.dispose()
    clock = Clock()
    made = Web(Site(home, clock), clock)
    yield made
    for client in made.clients:
        client.close()
    made.site.engine.dispose()


def manager(web: Web, login: str = "") -> Pages:
    """Somebody who may decide."""
    return Pages(web.signed_in(Role.MANAGER, login))


def some(web: Web, where: str) -> str:
    """The first assignment of which ``where`` is true."""
    with reading(web.site.engine) as connection:
        found = connection.execute(text(f"SELECT id FROM assignment WHERE {where} ORDER BY id")).scalar()
    assert isinstance(found, str)
    return found


def dated(web: Web) -> str:
    """An assignment of 2023 with a day."""
    return some(web, "plan = 'an-duong-2023' AND kind = 'date' AND due = '2023-06-30'")


def late(web: Web) -> str:
    """An assignment whose day has passed."""
    return some(web, "plan = 'thach-chau-15-2023' AND kind = 'date' AND due < '2023-06-01'")


def tell(web: Web, id: str, kind: EventKind, **more: object) -> None:
    """A unit's word."""
    with writing(web.site.engine) as connection:
        event = Event(id, kind, web.clock.now, **more)  # type: ignore[arg-type]
        record(connection, [event], web.site.calendar, web.clock.now)


def now(web: Web, id: str) -> Tracked:
    """How an assignment stands."""
    with reading(web.site.engine) as connection:
        [found] = views.tracked(connection, web.site.registry, ids=[id])
    return found


def events(web: Web, id: str) -> list[Event]:
    """What was said of it."""
    with reading(web.site.engine) as connection:
        return views.events_of(connection, [id]).get(id, [])


def audited(web: Web) -> list[tuple[str, str, str, str, str]]:
    """Action, subject, actor's name, before and after of each line of the log."""
    with reading(web.site.engine) as connection:
        assert audit.first_broken(connection) is None
        rows = connection.execute(
            text("SELECT action, subject, actor_name, before, after FROM audit ORDER BY id")
        )
        return [(r[0], r[1], r[2], r[3], r[4]) for r in rows]


# --- what the page says ----------------------------------------------------------------------------------


def test_the_page_says_everything_of_an_overdue_assignment(web: Web) -> None:
    id = late(web)
    page = Pages(web.signed_in(Role.LEADER)).get(path_of(id))
    seen = assess(now(web, id), web.site.today(), web.site.calendar)
    assert page.status_code == 200
    book = web.site.book()
    tracked = now(web, id)
    for words in (
        book.task_of(tracked).heading(tracked.promise.milestone).splitlines()[0],
        book.registry.full_name(tracked.promise.unit),
        f"chậm {seen.days_late} ngày làm việc ({-(seen.calendar_days or 0)} ngày)",
        f"{seen.due:%d/%m/%Y}",
        "chưa bắt đầu",
        "Chưa ai cập nhật gì",
        "Chưa có tin nào",
        f'href="/nhiem-vu/{tracked.promise.plan}/{tracked.promise.task}"',
    ):
        assert words in page.text
    assert "Quyết định của văn phòng" not in page.text  # a leader reads


def test_a_rolled_day_is_explained(web: Web) -> None:
    id = some(web, "plan = 'an-duong-2023' AND kind <> 'event' AND rolled <> due")
    page = manager(web).get(path_of(id)).text
    found = now(web, id).promise
    assert found.due is not None
    assert found.rolled is not None
    assert "là ngày nghỉ" in page
    assert f"tính đến hết {weekday(found.rolled)}" in page


def test_history_notices_helpers_and_files_are_shown(web: Web) -> None:
    id = dated(web)
    tell(web, id, EventKind.PROGRESS, by="Anh Bình", percent=40, note="Đang lấy ý kiến <b>các xã</b>")
    tell(web, id, EventKind.DONE, by="Anh Bình", document="12/BC-UBND")
    with writing(web.site.engine) as connection:
        number = connection.execute(text("SELECT max(id) FROM event")).scalar()
        connection.execute(
            text(
                'INSERT INTO evidence (id, assignment, event, name, media_type, size, sha256, "by", at) '
                "VALUES (:f, :a, :e, 'bao cao <x>.pdf', 'application/pdf', 2048, '', 'Anh Bình', :at)"
            ),
            {"f": "ab" * 16, "a": id, "e": number, "at": web.clock.now.replace(tzinfo=None)},
        )
        connection.execute(
            text(
                "INSERT INTO notice (rule, assignment, deadline, recipient, occasion, role, tone, why, day, "
                "created_at, state, reason) VALUES ('qua-han', :a, '-', :u, 'once', 'lead', 'warn', "
                "'Quá hạn mà chưa báo cáo', '2023-06-01', :at, 'withdrawn', 'Đã làm xong')"
            ),
            {"a": id, "u": now(web, id).promise.unit, "at": web.clock.now.replace(tzinfo=None)},
        )
    page = manager(web).get(path_of(id)).text
    assert "hoàn thành 40%" in page
    assert "Đang lấy ý kiến &lt;b&gt;các xã&lt;/b&gt;" in page
    assert "văn bản 12/BC-UBND" in page
    assert f'href="{path_of(id)}/minh-chung/{"ab" * 16}"' in page
    assert "bao cao &lt;x&gt;.pdf" in page
    assert "Quá hạn mà chưa báo cáo" in page
    assert "không gửi: Đã làm xong" in page
    assert "Văn phòng xác nhận hoàn thành, hoặc trả lại" in page


@pytest.mark.parametrize(
    "path", ["/viec/khong-co", "/viec/a:b:c", "/nhiem-vu/khong/co", "/viec/a%00b", "/nhiem-vu/%00/a"]
)
def test_what_does_not_exist_is_said(both: Web, path: str) -> None:
    answer = manager(both).get(path)
    assert answer.status_code == 404
    assert "Không tìm thấy nhiệm vụ này" in answer.text


def test_who_only_reads_cannot_decide(web: Web) -> None:
    id = dated(web)
    for role in (Role.AUTHOR, Role.LEADER, Role.ADMINISTRATOR):
        answer = Pages(web.signed_in(role)).post(
            f"{path_of(id)}/quyet-dinh", {"quyet_dinh": "rut", "ly_do": "x", "luot": 0, "den": 0}
        )
        assert answer.status_code == 403
    assert events(web, id) == []


# --- one decision ----------------------------------------------------------------------------------------


def test_confirm_is_recorded_with_its_name_and_in_the_audit_log(both: Web) -> None:
    id = dated(both)
    tell(both, id, EventKind.DONE, document="12/BC-UBND")
    answer = manager(both, "lan").decide(id, "xac-nhan", ly_do="Đủ hồ sơ; gọi 0912 345 678")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{path_of(id)}?da=xac-nhan"
    assert "Đã xác nhận hoàn thành." in manager(both).get(answer.headers["location"]).text
    last = events(both, id)[-1]
    assert (last.kind, last.by) == (EventKind.CONFIRM, "Cán bộ lan (lan)")
    assert last.note == "Đủ hồ sơ; gọi 0912 345 678"
    [(action, subject, who, before, after)] = audited(both)
    assert (action, subject, who) == ("decide.confirm", id, "Cán bộ lan")
    assert (json.loads(before)["state"], json.loads(after)["state"]) == ("reported", "confirmed")
    assert "0912" not in after


DECISIONS = [
    ("tra-lai", EventKind.DONE, {"ly_do": "Thiếu phụ lục"}, State.RETURNED),
    ("tra-lai", EventKind.DECLINED, {"ly_do": "Vẫn là việc của phòng"}, State.RETURNED),
    ("rut", None, {"ly_do": "Giao nhầm"}, State.WITHDRAWN),
    ("xac-nhan", EventKind.DONE, {}, State.CONFIRMED),
]


@pytest.mark.parametrize(("slug", "word", "fields", "state"), DECISIONS)
def test_a_decision_moves_the_state(
    web: Web, slug: str, word: EventKind | None, fields: dict[str, object], state: State
) -> None:
    id = dated(web)
    if word is not None:
        tell(web, id, word, note="lý do")
    assert manager(web).decide(id, slug, **fields).status_code == 303
    assert now(web, id).standing.state is state


def test_a_withdrawn_one_is_given_back(web: Web) -> None:
    id = dated(web)
    pages = manager(web)
    pages.decide(id, "rut", ly_do="Nhầm")
    assert "Giao lại" in pages.get(path_of(id)).text
    assert pages.decide(id, "giao-lai").status_code == 303
    assert now(web, id).standing.state is State.NOT_STARTED
    assert [a[0] for a in audited(web)] == ["decide.withdraw", "decide.reinstate"]


def test_an_extension_before_the_deadline_moves_it(web: Web) -> None:
    id = dated(web)
    tell(web, id, EventKind.EXTENSION, day=date(2023, 12, 22), note="Chờ hướng dẫn")
    pages = manager(web)
    html = pages.get(path_of(id)).text
    assert 'value="22/12/2023"' in html
    assert "Coi là đúng hạn" not in html
    assert pages.decide(id, "gia-han", ngay="2023-12-20").status_code == 303
    standing = now(web, id).standing
    assert (standing.due, standing.extension) == (date(2023, 12, 20), Extension.GRANTED)
    page = pages.get(path_of(id)).text
    assert "Thời hạn đầu tiên" in page
    assert "Đã cho gia hạn đến thứ Tư, 20/12/2023" in page


@pytest.mark.parametrize(("cures", "stays_late"), [("co", False), ("", True)])
def test_an_extension_after_the_deadline_cures_only_when_said(web: Web, cures: str, stays_late: bool) -> None:
    id = late(web)
    pages = manager(web)
    assert "Coi là đúng hạn" in pages.get(path_of(id)).text
    pages.decide(id, "gia-han", ngay="30/6/2023", dung_han=cures)
    seen = assess(now(web, id), web.site.today(), web.site.calendar)
    assert (seen.days_late > 0) is stays_late
    assert ("vẫn tính theo thời hạn trước" in pages.get(path_of(id)).text) is stays_late


def test_an_extension_is_refused(web: Web) -> None:
    id = dated(web)
    tell(web, id, EventKind.EXTENSION, day=date(2023, 12, 22), note="Chờ hướng dẫn")
    assert manager(web).decide(id, "khong-gia-han", ly_do="Đã chờ đủ").status_code == 303
    assert now(web, id).standing.extension is Extension.REFUSED


def test_an_undated_task_gets_its_day(web: Web) -> None:
    id = some(web, "kind = 'external'")
    pages = manager(web)
    assert "Văn phòng đặt thời hạn khi đã biết ngày" in pages.get(path_of(id)).text
    assert pages.decide(id, "dat-thoi-han", ngay="30/09/2023").status_code == 303
    assert now(web, id).standing.due == date(2023, 9, 30)
    assert "là ngày nghỉ nên tính đến hết thứ Hai, 02/10/2023" in pages.get(path_of(id)).text


def test_an_event_starts_the_clock(web: Web) -> None:
    id = some(web, "state = 'dormant' AND plan = 'an-duong-2023'")
    pages = manager(web)
    assert pages.decide(id, "phat-sinh", ngay="14.06.2023").status_code == 303
    assert now(web, id).standing.triggered_on == date(2023, 6, 14)
    assert "sự kiện xảy ra thứ Tư, 14/06/2023" in pages.get(path_of(id)).text


def test_reminders_are_stopped_until_a_day_and_again_at_once(web: Web) -> None:
    id = dated(web)
    pages = manager(web)
    pages.decide(id, "tam-ngung", ngay="01/07/2023")
    assert "Đang tạm ngừng nhắc" in pages.get(path_of(id)).text
    pages.decide(id, "tam-ngung", ngay="15/06/2023")
    assert "Đang tạm ngừng nhắc" not in pages.get(path_of(id)).text


WRONG = [
    ("gia-han", "", "Phải ghi thời hạn mới"),
    ("gia-han", "mai", "không phải là một ngày"),
    ("gia-han", "31/02/2023", "không phải là một ngày"),
    ("gia-han", "01/01/2023", "phải sau thời hạn"),
    ("gia-han", "30/06/2031", "chưa có năm 2031"),
    ("gia-han", "30/06/0023", "chưa có năm 23"),
    ("tam-ngung", "14/06/2023", "không thể ở trước hôm nay"),
    ("tam-ngung", "14/06/2050", "chưa có năm 2050"),
]


@pytest.mark.parametrize(("slug", "day", "said"), WRONG)
def test_a_wrong_day_is_said_and_what_was_typed_stays(web: Web, slug: str, day: str, said: str) -> None:
    id = dated(web)
    answer = manager(web).decide(id, slug, ngay=day, ly_do="Vì <việc> khó")
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{day}"' in answer.text
    assert "Vì &lt;việc&gt; khó</textarea>" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert (events(web, id), audited(web)) == ([], [])


def test_a_day_that_rolls_out_of_the_calendar_is_refused(web: Web) -> None:
    id = some(web, "kind = 'external'")
    last = max(web.site.calendar.years)
    answer = manager(web).decide(id, "dat-thoi-han", ngay=f"31/12/{last}")
    if web.site.calendar.is_working_day(date(last, 12, 31)):
        assert answer.status_code == 303
    else:
        assert (answer.status_code, f"chưa có năm {last + 1}" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("slug", "day", "said"),
    [
        ("dat-thoi-han", "30/09/2022", "trước khi kế hoạch có hiệu lực"),
        ("phat-sinh", "16/06/2023", "không thể ở sau hôm nay"),
        ("phat-sinh", "16/06/2020", "quá một năm"),
    ],
)
def test_a_slip_in_the_year_is_caught(web: Web, slug: str, day: str, said: str) -> None:
    where = "kind = 'external'" if slug == "dat-thoi-han" else "state = 'dormant' AND plan = 'an-duong-2023'"
    id = some(web, where)
    answer = manager(web).decide(id, slug, ngay=day)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert events(web, id) == []


@pytest.mark.parametrize(("words", "said"), [("", "Phải ghi lý do trả lại"), ("x" * 2001, "Dài quá 2000")])
def test_a_missing_or_endless_reason_is_said(web: Web, words: str, said: str) -> None:
    id = dated(web)
    tell(web, id, EventKind.DONE)
    answer = manager(web).decide(id, "tra-lai", ly_do=words)
    assert (answer.status_code, said in answer.text, words in answer.text) == (422, True, True)


def test_a_form_without_a_decision_is_refused(web: Web) -> None:
    id = dated(web)
    for slug in ("", "xoa-het"):
        answer = manager(web).post(f"{path_of(id)}/quyet-dinh", {"quyet_dinh": slug, "luot": 0, "den": 0})
        assert (answer.status_code, "Hãy chọn một quyết định" in answer.text) == (400, True)
    answer = manager(web).post(f"{path_of(id)}/quyet-dinh", {"quyet_dinh": "rut", "luot": "x", "den": 0})
    assert (answer.status_code, "đã cũ" in answer.text) == (400, True)


# --- two people ------------------------------------------------------------------------------------------


def test_the_slower_one_is_told_who_did_what(both: Web) -> None:
    id = dated(both)
    tell(both, id, EventKind.DONE)
    lan, minh = manager(both, "lan"), manager(both, "minh")
    seen = seen_on(lan.get(path_of(id)).text, "tra-lai")
    assert minh.decide(id, "xac-nhan", ly_do="Tốt").status_code == 303
    answer = lan.post(f"{path_of(id)}/quyet-dinh", seen | {"ly_do": "Thiếu chữ ký"})
    assert answer.status_code == 409
    assert "Cán bộ minh (minh)" in answer.text
    assert "xác nhận hoàn thành" in answer.text
    assert '“<span class="keep-lines">Tốt</span>”' in answer.text
    assert "Thiếu chữ ký" in answer.text
    assert now(both, id).standing.state is State.CONFIRMED
    assert [a[0] for a in audited(both)] == ["decide.confirm"]
    # Having seen it, she may still return it: the form on the answer is a fresh one.
    fresh = seen_on(answer.text, "tra-lai") | {"ly_do": "Thiếu chữ ký"}
    assert lan.post(f"{path_of(id)}/quyet-dinh", fresh).status_code == 303
    assert now(both, id).standing.state is State.RETURNED


def test_words_of_a_decision_that_no_longer_fits_are_kept(web: Web) -> None:
    id = dated(web)
    tell(web, id, EventKind.EXTENSION, day=date(2023, 12, 22), note="Chờ")
    lan = manager(web, "lan")
    seen = seen_on(lan.get(path_of(id)).text, "gia-han")
    manager(web, "minh").decide(id, "rut", ly_do="Trùng việc")
    answer = lan.post(f"{path_of(id)}/quyet-dinh", seen | {"ngay": "20/12/2023", "ly_do": "Đồng ý"})
    assert answer.status_code == 409
    assert "không còn phù hợp" in answer.text
    assert '<blockquote class="keep-lines">Đồng ý</blockquote>' in answer.text
    assert "20/12/2023" in answer.text


def test_a_button_pressed_twice_is_recorded_once(web: Web) -> None:
    id = dated(web)
    tell(web, id, EventKind.DONE)
    lan = manager(web, "lan")
    seen = seen_on(lan.get(path_of(id)).text, "xac-nhan") | {"ly_do": "Tốt"}
    answers = [lan.post(f"{path_of(id)}/quyet-dinh", seen) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert [e.kind for e in events(web, id)] == [EventKind.DONE, EventKind.CONFIRM]


def test_of_people_deciding_at_once_one_wins_and_the_others_are_told(both: Web) -> None:
    ids = []
    with reading(both.site.engine) as connection:
        query = "SELECT id FROM assignment WHERE plan = 'an-duong-2023' AND kind = 'date' ORDER BY id LIMIT 5"
        ids = list(connection.execute(text(query)).scalars())
    for id in ids:
        tell(both, id, EventKind.DONE)
    people = [manager(both, name) for name in ("lan", "minh", "hoa", "son")]
    slugs = ("xac-nhan", "tra-lai", "xac-nhan", "tra-lai")
    for id in ids:
        forms = [
            seen_on(p.get(path_of(id)).text, slug) | {"ly_do": f"ý của {n}"}
            for n, (p, slug) in enumerate(zip(people, slugs, strict=True))
        ]
        together = threading.Barrier(len(people))
        answers: list[Response] = []

        def press(
            who: Pages,
            form: dict[str, object],
            id: str = id,
            together: threading.Barrier = together,
            answers: list[Response] = answers,
        ) -> None:
            together.wait()
            answers.append(who.post(f"{path_of(id)}/quyet-dinh", form))

        threads = [threading.Thread(target=press, args=each) for each in zip(people, forms, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(a.status_code for a in answers) == [303, 409, 409, 409]
        assert all("đã có thay đổi" in a.text for a in answers if a.status_code == 409)
        assert len(events(both, id)) == 2
    assert len(audited(both)) == len(ids)


def test_a_decision_waits_for_a_sync_and_a_sync_for_a_decision(both: Web) -> None:
    """Both take turns with their likes; were their turns the same, each would wait for the other."""
    id = dated(both)
    form = seen_on(manager(both).get(path_of(id)).text, "rut") | {"ly_do": "Trùng"}
    answers: list[Response] = []
    deciding = threading.Thread(
        target=lambda: answers.append(manager(both).post(f"{path_of(id)}/quyet-dinh", form))
    )
    with reading(both.site.engine) as connection:
        query = "SELECT id FROM assignment ORDER BY id"
        ids = list(connection.execute(text(query)).scalars())
    with writing(both.site.engine) as connection:
        take_turns(connection, sync_module._WORK)
        deciding.start()
        time.sleep(0.5)  # by now the decision holds its row, where a database locks rows
        sync_module._lock(connection, ids)
    deciding.join()
    assert [answer.status_code for answer in answers] == [303]


# --- the state machine and the forms agree ---------------------------------------------------------------

SHAPES = {
    "dated": due_on(date(2023, 3, 31)),
    "external": EXTERNAL,
    "event": after_event(),
    "counted": after_event(10),
}
HISTORIES: list[list[str]] = [
    [],
    ["received"],
    ["done"],
    ["done", "confirm"],
    ["done", "return"],
    ["declined"],
    ["withdraw"],
    ["done", "withdraw"],
    ["trigger"],
    ["trigger", "done"],
    ["trigger", "declined"],
    ["extension"],
    ["extension", "refuse"],
    ["extension", "extend"],
    ["snooze"],
    ["date"],
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("history", HISTORIES, ids=lambda h: "-".join(h) or "nothing")
def test_what_is_offered_is_accepted_and_nothing_else(shape: str, history: list[str]) -> None:
    made = plan(task(deadline=SHAPES[shape]))
    [promise] = promises(made).values()
    standing = opening(promise)
    for kind in history:
        day = date(2023, 12, 1) if kind in ("extension", "extend", "date", "snooze") else date(2023, 4, 3)
        after = apply(
            promise, standing, said(promise.id, kind, date(2023, 4, 3), new=day), made.settings, CALENDAR
        )
        if isinstance(after, Refusal):
            return  # this history cannot be
        standing = after
    offered = choices(Tracked(promise, standing, "reported", "district"))
    for choice in ALL:
        event = said(promise.id, choice.kind, date(2023, 4, 4), new=date(2023, 12, 29))
        accepted = not isinstance(apply(promise, standing, event, made.settings, CALENDAR), Refusal)
        if choice in offered:
            assert accepted, choice.slug
        elif choice.slug not in ("tam-ngung", "dat-thoi-han"):  # of no use there, though harmless
            assert not accepted, choice.slug


# --- reading what is typed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["05/06/2023", "5/6/2023", " 05 / 06 / 2023 ", "2023-06-05", "5-6-2023", "05.06.2023", "０５/06/2023"],
)
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert typed_day(text) == date(2023, 6, 5)


@pytest.mark.parametrize(
    "text", ["06/2023", "5/13/2023", "30/02/2023", "hôm nay", "2023/06/05x", "5/6/23", "1" * 99]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotADay):
        typed_day(text)


def test_words_keep_their_lines_and_lose_what_nobody_sees() -> None:
    assert typed_words(" Một\nhai\x1b[31m \u202eba\u200b ") == "Một\nhai[31m ba"
    assert typed_day("  ") is None
    assert {c.day for c in ALL} == {Ask.NEVER, Ask.MUST}


# --- a whole task ----------------------------------------------------------------------------------------


def whole(web: Web, where: str) -> tuple[str, list[str]]:
    """The address of a task with several assignments of which ``where`` is true, and their ids."""
    with reading(web.site.engine) as connection:
        query = (
            f"SELECT plan, task FROM assignment WHERE {where} GROUP BY plan, task "
            "HAVING count(*) > 4 ORDER BY plan, task"
        )
        plan, task = connection.execute(text(query)).first() or ("", "")
        ids = connection.execute(
            text(f"SELECT id FROM assignment WHERE plan = :p AND task = :t AND {where} ORDER BY id"),
            {"p": plan, "t": task},
        )
        return f"/nhiem-vu/{plan}/{task}", list(ids.scalars())


def seen_in_bulk(html: str) -> dict[str, object]:
    """The hidden fields of the form."""
    form = re.search(r'class="bulk">.*?</form>', html, re.DOTALL)
    assert form
    hidden = re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form[0])
    return {name: value for name, value in hidden if name != "khoa"}


def boxes(html: str, ids: list[str]) -> list[str]:
    """The values of the check boxes of some assignments."""
    values = re.findall(r'name="chon" value="([^"]*)"', html)
    return [value for value in values if value.partition("@")[2] in ids]


def test_the_page_of_a_task_lists_its_units(web: Web) -> None:
    path, ids = whole(web, "plan = 'hai-phong-128-2022' AND kind = 'date'")
    page = Pages(web.signed_in(Role.LEADER)).get(path)
    assert page.status_code == 200
    assert f"{len(ids)} việc" in page.text
    assert page.text.count('<th scope="row">') == min(100, len(ids))
    assert "Quyết định cho nhiều đơn vị" not in page.text
    assert page.text.count('<th scope="row">') + Pages(web.signed_in(Role.LEADER)).get(
        f"{path}?trang=2"
    ).text.count('<th scope="row">') == min(200, len(ids))


def test_the_place_in_the_document_ends_with_one_full_stop(web: Web) -> None:
    html = manager(web).get("/nhiem-vu/hai-phong-128-2022/pl1.i.1").text
    assert "số thứ tự 1.</p>" in html


def test_an_event_starts_the_clock_of_all_units(both: Web) -> None:
    path, ids = whole(both, "state = 'dormant' AND plan = 'an-duong-2023'")
    lan = manager(both, "lan")
    form = seen_in_bulk(lan.get(path).text) | {
        "quyet_dinh": "phat-sinh",
        "pham_vi": "tat-ca",
        "ngay": "14/06/2023",
    }
    answer = lan.post(f"{path}/quyet-dinh", form)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{path}?da=phat-sinh&so={len(ids)}"
    assert f"({len(ids)} việc)" in lan.get(answer.headers["location"]).text
    assert {now(both, id).standing.triggered_on for id in ids} == {date(2023, 6, 14)}
    assert sorted(a[1] for a in audited(both)) == ids
    assert {a[0] for a in audited(both)} == {"decide.trigger"}


def test_chosen_units_only_are_confirmed(both: Web) -> None:
    path, ids = whole(both, "kind = 'date' AND plan = 'an-duong-2023'")
    for id in ids[:3]:
        tell(both, id, EventKind.DONE)
    lan = manager(both, "lan")
    html = lan.get(path).text
    form = seen_in_bulk(html) | {"quyet_dinh": "xac-nhan", "pham_vi": "chon", "chon": boxes(html, ids[:2])}
    assert lan.post(f"{path}/quyet-dinh", form).status_code == 303
    states = [now(both, id).standing.state for id in ids[:4]]
    assert states == [State.CONFIRMED, State.CONFIRMED, State.REPORTED, State.NOT_STARTED]


def test_all_are_withdrawn_but_what_is_done_and_given_back(web: Web) -> None:
    path, ids = whole(web, "kind = 'date' AND plan = 'an-duong-2023'")
    tell(web, ids[0], EventKind.DONE)
    lan = manager(web)
    lan.decide(ids[0], "xac-nhan")
    form = seen_in_bulk(lan.get(path).text) | {"quyet_dinh": "rut", "pham_vi": "tat-ca"}
    nothing = lan.post(f"{path}/quyet-dinh", form | {"ly_do": ""})
    assert (nothing.status_code, "Phải ghi lý do rút" in nothing.text) == (422, True)
    assert lan.post(f"{path}/quyet-dinh", form | {"ly_do": "Nhiệm vụ đã bỏ"}).status_code == 303
    assert [now(web, id).standing.state for id in ids[:2]] == [State.CONFIRMED, State.WITHDRAWN]
    back = seen_in_bulk(lan.get(path).text) | {"quyet_dinh": "giao-lai", "pham_vi": "tat-ca"}
    assert lan.post(f"{path}/quyet-dinh", back).status_code == 303
    assert {now(web, id).standing.state for id in ids[1:]} == {State.NOT_STARTED}


def test_a_filter_limits_what_all_means(web: Web) -> None:
    path, ids = whole(web, "kind = 'date' AND plan = 'an-duong-2023'")
    tell(web, ids[0], EventKind.RECEIVED)
    lan = manager(web)
    html = lan.get(f"{path}?trang-thai=received").text
    assert "1 việc" in html
    form = seen_in_bulk(html) | {"quyet_dinh": "rut", "pham_vi": "tat-ca", "ly_do": "Thử"}
    assert lan.post(f"{path}/quyet-dinh", form).status_code == 303
    assert [now(web, id).standing.state for id in ids[:2]] == [State.WITHDRAWN, State.NOT_STARTED]


def test_all_means_what_was_seen(both: Web) -> None:
    path, ids = whole(both, "kind = 'date' AND plan = 'an-duong-2023'")
    for id in ids[:2]:
        tell(both, id, EventKind.DONE)
    lan = manager(both, "lan")
    form = seen_in_bulk(lan.get(path).text) | {
        "quyet_dinh": "xac-nhan",
        "pham_vi": "tat-ca",
        "ly_do": "Tốt cả",
    }
    # One is confirmed by a colleague and another reported meanwhile: as many as before, not the same ones.
    manager(both, "minh").decide(ids[0], "xac-nhan")
    tell(both, ids[2], EventKind.DONE, by="xã Ba")
    answer = lan.post(f"{path}/quyet-dinh", form)
    assert answer.status_code == 409
    assert "Cán bộ minh (minh)" in answer.text
    assert "xã Ba" in answer.text
    assert "Tốt cả</textarea>" in answer.text
    assert now(both, ids[1]).standing.state is State.REPORTED


def test_chosen_ones_that_changed_stop_everything_and_stay_ticked(both: Web) -> None:
    path, ids = whole(both, "kind = 'date' AND plan = 'an-duong-2023'")
    for id in ids[:2]:
        tell(both, id, EventKind.DONE)
    lan = manager(both, "lan")
    html = lan.get(path).text
    form = seen_in_bulk(html) | {"quyet_dinh": "xac-nhan", "pham_vi": "chon", "chon": boxes(html, ids[:2])}
    manager(both, "minh").decide(ids[0], "tra-lai", ly_do="Thiếu")
    answer = lan.post(f"{path}/quyet-dinh", form)
    assert (answer.status_code, "Cán bộ minh (minh)" in answer.text) == (409, True)
    assert answer.text.count("checked") == 4  # two boxes, the decision, the scope
    assert now(both, ids[1]).standing.state is State.REPORTED


def test_nothing_ticked_or_ticked_in_vain_is_said(web: Web) -> None:
    path, ids = whole(web, "kind = 'date' AND plan = 'an-duong-2023'")
    tell(web, ids[0], EventKind.DONE)
    lan = manager(web)
    html = lan.get(path).text
    form = seen_in_bulk(html) | {"quyet_dinh": "xac-nhan", "pham_vi": "chon"}
    answer = lan.post(f"{path}/quyet-dinh", form)
    assert (answer.status_code, "Chưa đánh dấu đơn vị nào" in answer.text) == (422, True)
    answer = lan.post(f"{path}/quyet-dinh", form | {"chon": boxes(html, ids[:2])})
    assert (answer.status_code, "Không ghi nhận việc nào" in answer.text) == (422, True)
    assert "chưa bắt đầu" in answer.text
    assert now(web, ids[0]).standing.state is State.REPORTED
    stranger = lan.post(f"{path}/quyet-dinh", form | {"chon": ["0@khac:viec:don-vi"]})
    assert stranger.status_code == 400


@pytest.mark.parametrize("scope", ["chon", "tat-ca"])
def test_many_decided_twice_by_a_double_press_are_recorded_once(web: Web, scope: str) -> None:
    path, ids = whole(web, "kind = 'date' AND plan = 'an-duong-2023'")
    for id in ids[:3]:
        tell(web, id, EventKind.DONE)
    lan = manager(web, "lan")
    html = lan.get(path).text
    form = seen_in_bulk(html) | {"quyet_dinh": "xac-nhan", "pham_vi": scope, "chon": boxes(html, ids[:3])}
    answers = [lan.post(f"{path}/quyet-dinh", form) for _ in range(2)]
    assert [a.headers.get("location") for a in answers] == [f"{path}?da=xac-nhan&so=3"] * 2
    assert len(audited(web)) == 3


def test_one_of_them_decided_apart_is_not_all_of_them(web: Web) -> None:
    path, ids = whole(web, "kind = 'date' AND plan = 'an-duong-2023'")
    for id in ids[:3]:
        tell(web, id, EventKind.DONE)
    lan = manager(web, "lan")
    form = seen_in_bulk(lan.get(path).text) | {"quyet_dinh": "xac-nhan", "pham_vi": "tat-ca"}
    assert lan.decide(ids[0], "xac-nhan").status_code == 303
    assert lan.post(f"{path}/quyet-dinh", form).status_code == 409
    assert now(web, ids[1]).standing.state is State.REPORTED


def test_another_day_is_no_double_press(web: Web) -> None:
    path, ids = whole(web, "state = 'dormant' AND plan = 'an-duong-2023'")
    lan = manager(web, "lan")
    form = seen_in_bulk(lan.get(path).text) | {"quyet_dinh": "phat-sinh", "pham_vi": "tat-ca"}
    days = ("14/06/2023", "13/06/2023", "14/06/2023")
    answers = [lan.post(f"{path}/quyet-dinh", form | {"ngay": day}).status_code for day in days]
    assert answers == [303, 409, 303]
    assert len(audited(web)) == len(ids)


def test_a_box_with_an_odd_value_is_refused(both: Web) -> None:
    path, ids = whole(both, "kind = 'date' AND plan = 'an-duong-2023'")
    lan = manager(both)
    form = seen_in_bulk(lan.get(path).text) | {"quyet_dinh": "rut", "pham_vi": "chon", "ly_do": "x"}
    for value in ("", "x@y", f"0@{ids[0]}\x00", "0"):
        assert lan.post(f"{path}/quyet-dinh", form | {"chon": [value]}).status_code == 400
    gone = lan.post(f"{path}/quyet-dinh", form | {"chon": [f"0@{ids[0]}x"]})
    assert gone.status_code == 422


@pytest.mark.parametrize(
    "query",
    ["?trang=999", "?trang=x", "?moc=99&ky=2020-01", "?trang-thai=xyz", "?ky=%27%3B--", "?ky=%00&moc=%00"],
)
def test_odd_filters_are_harmless(both: Web, query: str) -> None:
    path, _ = whole(both, "kind = 'date' AND plan = 'an-duong-2023'")
    assert manager(both).get(path + query).status_code == 200
