"""The lists in the browser's words: what they show, how filters stay, files, and that all numbers agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from engine.installation.opening import open_installation, sync_installation
from engine.model.access import Role
from engine.model.assignment import State, Timeliness
from engine.model.event import Event, EventKind
from engine.store import views
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.tables import PlanRow, TaskRow
from engine.tracking.assess import Tracked, assess
from tests.postgres import PostgresServer
from tests.web.sites import Clock, Web
from web.lists import sheet as sheets
from web.lists.asked import FIELDS
from web.lists.words import PATHS
from web.site import Site

LISTS = list(PATHS.values())
PAGES = [*LISTS, "/theo-don-vi", "/theo-ke-hoach"]
_TASK = TaskRow.__table__  # type: ignore[attr-defined]
_PLAN = PlanRow.__table__  # type: ignore[attr-defined]

TAN_DAN = "tan-dan-37-2022"


@pytest.fixture(scope="session")
def synced_postgres(postgres: PostgresServer, pristine_web_home: Path) -> str:
    """The name of a PostgreSQL database that holds what the SQLite file of the home holds."""
    name = "lists_template"
    postgres.create_database(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DONDOC_DATABASE_URL", postgres.url(name))
        installation = open_installation(pristine_web_home)
        sync_installation(installation, datetime(2022, 5, 27, tzinfo=UTC))
        installation.engine.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, pristine_web_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Web]:
    """The shipped plans under way, on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("web")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"lists_{token_hex(4)}"
    server.create_database(name, request.getfixturevalue("synced_postgres"))
    monkeypatch.setenv("DONDOC_DATABASE_URL", server.url(name))
    clock = Clock()
    web = Web(Site(pristine_web_home, clock), clock)
    yield web
    for client in web.clients:
        client.close()
    web.site.engine.dispose()
    server.drop_database(name)


def get(web: Web, path: str, role: Role = Role.MANAGER) -> str:
    answer = web.signed_in(role).client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def assignments(web: Web) -> list[Tracked]:
    with reading(web.site.engine) as connection:
        return views.tracked(connection, web.site.registry)


def of(web: Web, timeliness: Timeliness) -> list[Tracked]:
    today, calendar = web.site.today(), web.site.calendar
    return [t for t in assignments(web) if assess(t, today, calendar).timeliness is timeliness]


def say(web: Web, id: str, kind: EventKind, **more: Any) -> None:
    carries = {"by": "đơn vị", "note": "lý do", **more}
    with writing(web.site.engine) as connection:
        record(connection, [Event(id, kind, web.site.now(), **carries)], web.site.calendar, web.site.now())


def listed(html: str) -> int:
    """The number that the table's caption names; 0 where there is no table."""
    found = re.search(r'<caption id="ten-bang">([\d.]+) ', html)
    return int(found[1].replace(".", "")) if found else 0


def shown(html: str) -> list[str]:
    """The assignments of the page, in order."""
    return [unescape(id) for id in re.findall(r'<a class="keep-lines" href="/viec/([^"]+)"', html)]


def tabs(html: str) -> dict[str, int]:
    found = re.findall(
        r'<li><a href="([^"?]+)[^"]*"[^>]*>[^<]+ <span class="count">([\d.]+)</span></a>', html
    )
    return {path: int(number.replace(".", "")) for path, number in found if path in LISTS}


@pytest.mark.parametrize("path", PAGES)
def test_whoever_reads_may_look_and_a_stranger_may_not(web: Web, path: str) -> None:
    assert web.visitor().get(path).status_code == 303
    for role in Role:
        html = get(web, path, role)
        assert html.count("<h1>") == 1
        assert ("/don-doc/xem-truoc" in html) == (role is Role.MANAGER and path == "/qua-han")


def test_the_overdue_list_is_what_assess_calls_overdue(office: Web) -> None:
    late = of(office, Timeliness.OVERDUE)
    html = get(office, "/qua-han")
    assert listed(html) == tabs(html)["/qua-han"] == len(late)
    worst = sorted(late, key=lambda t: (t.standing.rolled or t.promise.rolled or date.max, t.promise.id))
    assert shown(html) == [quote(t.promise.id) for t in worst[:50]]


def test_all_pages_together_show_each_assignment_once(office: Web) -> None:
    where = f"/tat-ca?ke-hoach={TAN_DAN}"
    first = get(office, where)
    pages = -(-listed(first) // 50)
    found = [id for n in range(1, pages + 1) for id in shown(get(office, f"{where}&trang={n}"))]
    assert sorted(found) == sorted(
        quote(t.promise.id) for t in assignments(office) if t.promise.plan == TAN_DAN
    )
    # Far beyond the end is the last page, and nonsense the first.
    assert shown(get(office, f"{where}&trang=999999")) == shown(get(office, f"{where}&trang={pages}"))
    assert shown(get(office, f"{where}&trang=-3")) == shown(first)


def test_numbers_of_plans_and_units_lead_to_lists_of_that_length(office: Web) -> None:
    late = of(office, Timeliness.OVERDUE)
    say(office, late[0].promise.id, EventKind.DONE)
    say(office, late[1].promise.id, EventKind.DECLINED)
    for path in ("/theo-don-vi", "/theo-ke-hoach"):
        html = get(office, path)
        links = re.findall(r'<a href="([^"]+)"(?: aria-label="[^"]*")?>([\d.]+)</a>', html)
        assert len(links) > 8
        for address, number in links[:9]:
            assert listed(get(office, unescape(address))) == int(number.replace(".", "")), address


def test_parts_of_the_overdue_list_have_the_length_they_claim(office: Web) -> None:
    late = of(office, Timeliness.OVERDUE)
    new = date(2023, 7, 20)
    say(office, late[0].promise.id, EventKind.EXTENSION, day=new)
    say(office, late[1].promise.id, EventKind.DECLINED)
    say(office, late[2].promise.id, EventKind.RECEIVED)
    html = get(office, "/qua-han")
    parts = re.findall(r'<li><a href="(/qua-han\?[^"]+)">([^<]+) <span class="count">([\d.]+)</span>', html)
    names = {name: int(number.replace(".", "")) for _, name, number in parts}
    assert names["đang xin gia hạn"] == names["đơn vị báo không thuộc trách nhiệm"] == 1
    assert names["đơn vị chưa tiếp nhận"] == len(late) - 3
    bands = [count for name, count in names.items() if name.startswith("chậm")]
    assert (len(bands), sum(bands)) == (3, len(late))
    for address, _, number in parts:
        assert listed(get(office, unescape(address))) == int(number.replace(".", ""))


def test_a_report_moves_a_row_from_one_list_to_the_other(office: Web) -> None:
    id = next(t.promise.id for t in of(office, Timeliness.OVERDUE) if t.completion == "reported")
    before = tabs(get(office, "/qua-han"))
    say(office, id, EventKind.DONE, document="12/BC")
    after = tabs(get(office, "/qua-han"))
    assert after["/qua-han"] == before["/qua-han"] - 1
    assert after["/cho-xac-nhan"] == before["/cho-xac-nhan"] + 1
    assert shown(get(office, "/cho-xac-nhan")) == [quote(id)]
    say(office, id, EventKind.WITHDRAW)
    assert shown(get(office, "/cho-xac-nhan")) == []
    assert quote(id) in shown(get(office, "/tat-ca?trang-thai=da-rut"))


def test_a_deadline_turns_at_midnight_in_viet_nam(web: Web) -> None:
    waiting = [
        t
        for t in assignments(web)
        if t.standing.state is State.NOT_STARTED and t.promise.rolled and t.promise.rolled > date(2023, 6, 15)
    ]
    one = min(waiting, key=lambda t: (t.promise.rolled or date.max, t.promise.id))
    last = one.promise.rolled
    assert last is not None
    about = f"?ke-hoach={one.promise.plan}&don-vi={one.promise.unit}&rieng=1"

    def where() -> list[str]:
        number = quote(one.promise.id)
        return [path for path in ("/sap-den-han", "/qua-han") if number in shown(get(web, path + about))]

    midnight = datetime(last.year, last.month, last.day, 17, tzinfo=UTC)
    web.clock.now = midnight - timedelta(minutes=1)
    assert where() == ["/sap-den-han"]
    web.clock.now = midnight
    assert where() == ["/qua-han"]


# --- filters ------------------------------------------------------------------------------------------


def test_a_unit_is_found_by_name_or_id_with_all_below_it(office: Web) -> None:
    below = office.site.registry.subtree("hai-phong.an-duong")
    expected = sum(t.promise.unit in below for t in of(office, Timeliness.OVERDUE))
    assert expected > 0
    for typed in (
        "hai-phong.an-duong",
        "UBND huyện An Dương",
        "ubnd huyen An Dương".replace("huyen", "huyện"),
    ):
        html = get(office, f"/qua-han?don-vi={quote(typed)}")
        assert listed(html) == expected
        assert 'value="UBND huyện An Dương"' in html
    own = sum(t.promise.unit == "hai-phong.an-duong" for t in of(office, Timeliness.OVERDUE))
    assert listed(get(office, "/qua-han?don-vi=hai-phong.an-duong&rieng=1")) == own != expected


def test_filters_stay_when_turning_pages_and_between_lists(web: Web) -> None:
    html = get(web, "/qua-han?tim=ho+so&cap=xa&cham=tren-30&xep=don-vi")
    turn = unescape(re.findall(r'<a rel="next" href="([^"]+)"', html)[0])
    assert turn == "/qua-han?tim=ho+so&cap=xa&cham=tren-30&xep=don-vi&trang=2"
    other = [unescape(a) for a in re.findall(r'<li><a href="([^"]+)"', html) if a.startswith("/tat-ca?")]
    assert other == ["/tat-ca?tim=ho+so&cap=xa"]
    assert '<option value="tren-30" selected>' in html
    assert 'value="ho so"' in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("don-vi=UBND+xa+khong+co", "Không có đơn vị hay nhóm đơn vị nào tên là"),
        ("don-vi=Các+Sở,+ban,+ngành+thành+phố", "là một nhóm đơn vị"),
        ("ke-hoach=khong-co", "Không có kế hoạch này"),
        ("cham=9", "Không có lựa chọn này"),
        ("chu-y=chua-co-han", "Không có lựa chọn này"),
        ("cap=x", "Không có lựa chọn này"),
        ("xep=id;drop", "Không có lựa chọn này"),
    ],
)
def test_a_wrong_filter_shows_nothing_and_says_so(web: Web, query: str, words: str) -> None:
    browser = web.signed_in(Role.MANAGER).client
    answer = browser.get(f"/qua-han?{query}")
    assert answer.status_code == 400
    assert words in unescape(answer.text)
    assert shown(answer.text) == []
    refused = browser.get(f"/qua-han.xlsx?{query}")
    assert refused.status_code == 400
    assert refused.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        '"><script>alert(1)</script>',
        "\x00\x07",
        "%",
        "[1]",
        "٣",
        "9" * 30,
        "a" * 5000,
        "💩",
    ],
)
def test_nothing_typed_breaks_a_page_or_comes_back_as_markup(office: Web, text: str) -> None:
    browser = office.signed_in(Role.MANAGER).client
    for field in FIELDS:
        answer = browser.get("/tat-ca", params={field: text})
        assert answer.status_code in (200, 400)
        assert "<script" not in answer.text
    for path in PAGES:
        answer = browser.get(path, params={"tim": text, "trang": text, "thu-tu": text, "chon": text})
        assert answer.status_code == 200
        assert "<script" not in answer.text


# --- what a row says ----------------------------------------------------------------------------------


def test_a_row_says_what_the_office_needs_to_know(office: Web) -> None:
    id = "tan-dan-37-2022"
    one = min((t for t in of(office, Timeliness.OVERDUE) if t.promise.plan == id), key=lambda t: t.promise.id)
    say(office, one.promise.id, EventKind.PROGRESS, percent=40, note="Đang chờ <b>ý kiến</b>")
    seen = assess(one, office.site.today(), office.site.calendar)
    number = quote(one.promise.id)
    html = unescape(get(office, f"/qua-han?ke-hoach={id}&don-vi={one.promise.unit}&rieng=1"))
    row = next(part for part in html.split("<tr ") if f'href="/viec/{number}"' in part)
    assert f"{seen.days_late} ngày làm việc ({-(seen.calendar_days or 0)} ngày)" in row
    assert "37/KH-UBND<br>10/06/2022" in row
    assert "cập nhật tiến độ: Đang chờ <b>ý kiến</b>" in row  # unescaped above, text in the page
    assert "10:00 15/06/2023" in row
    assert "đang thực hiện" in row


def test_markup_in_a_plan_is_text(web: Web) -> None:
    with writing(web.site.engine) as connection:
        connection.execute(
            update(_TASK).values(title="<img src=x onerror=alert(1)>", coordinating="<i>a</i>")
        )
        connection.execute(update(_PLAN).values(number='"><b>1</b>', title="<script>x</script>"))
    for path in PAGES:
        html = get(web, path)
        assert not re.search(r"<(img|i|b|script)\b", html)


def test_without_the_calendar_of_the_year_lists_still_open(web: Web) -> None:
    web.clock.now = datetime(2031, 3, 3, 3, tzinfo=UTC)
    html = get(web, "/qua-han")
    assert "Lịch làm việc chưa có năm 2031" in html
    assert listed(html) > 0
    assert "chưa tính được: lịch làm việc thiếu năm" in html


def test_chasing_posts_what_was_ticked(web: Web) -> None:
    html = get(web, "/qua-han?chon=ca-trang")
    form = re.search(r'<form method="post" action="/don-doc/xem-truoc">(.*?)</form>', html, re.DOTALL)
    assert form
    assert 'name="khoa"' in form[1]
    ticked = [unescape(v) for v in re.findall(r'name="viec" value="([^"]+)" checked', form[1])]
    assert [quote(id) for id in ticked] == shown(html)
    assert " checked" not in get(web, "/qua-han")
    assert "/don-doc/xem-truoc" not in get(web, "/cho-xac-nhan")


# --- files --------------------------------------------------------------------------------------------


def workbook(web: Web, path: str) -> Any:
    answer = web.signed_in(Role.LEADER).client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="{path.partition(".")[0][1:]}-2023-06-15.xlsx"'
    )
    return load_workbook(BytesIO(answer.content)).active


@pytest.mark.parametrize("path", LISTS)
def test_every_list_can_be_saved(office: Web, path: str) -> None:
    sheet = workbook(office, f"{path}.xlsx?ke-hoach={TAN_DAN}")
    assert "10:00 15/06/2023" in sheet["A1"].value
    assert "37/KH-UBND" in sheet["A2"].value
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref.startswith("A3:U")
    assert sheet.max_row - 3 == listed(get(office, f"{path}?ke-hoach={TAN_DAN}"))


def test_a_file_holds_days_numbers_and_no_formula(web: Web) -> None:
    with writing(web.site.engine) as connection:
        connection.execute(update(_TASK).where(_TASK.c.plan == TAN_DAN).values(title="=HYPERLINK(1)"))
    sheet = workbook(web, f"/qua-han.xlsx?ke-hoach={TAN_DAN}&tim=")
    heads = [cell.value for cell in sheet[3]]
    first = dict(zip(heads, sheet[4], strict=True))
    assert isinstance(first["Thời hạn"].value, datetime)
    assert isinstance(first["Ngày văn bản"].value, datetime)
    assert isinstance(first["Chậm (ngày làm việc)"].value, int)
    assert "=HYPERLINK(1)" in first["Nội dung nhiệm vụ"].value
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_a_long_list_says_that_the_file_is_only_its_beginning(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(get(web, "/qua-han"))
    monkeypatch.setattr("web.lists.lists.MOST", 5)
    sheet = workbook(web, "/qua-han.xlsx")
    assert f"{whole:,}".replace(",", ".") in sheet["A1"].value
    assert "chỉ có 5 dòng đầu" in sheet["A2"].value
    assert sheet.max_row == 3 + 5
    assert sheets.MOST >= 10_000
