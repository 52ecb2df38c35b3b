"""The leader's overview: numbers that add up, charts that hold nothing foreign, tables that say the same."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from engine.model.access import Role
from engine.model.assignment import Timeliness
from engine.model.event import Event, EventKind
from engine.store import views
from engine.store.database import reading, writing
from engine.store.events import record
from engine.tracking.assess import assess
from tests.web.sites import Browser, Web
from web.overview.charts import columns_chart, shares_chart
from web.overview.trend import months_until, weeks_until

PAGES = (
    "/tong-quan",
    "/tong-quan/don-vi",
    "/tong-quan/xu-huong",
    "/tong-quan/lich",
    "/tong-quan/lich/2023-06-30",
    "/tong-quan/xep-hang",
)
SHEETS = (
    "/tong-quan/tong-hop.xlsx",
    "/tong-quan/don-vi.xlsx",
    "/tong-quan/xu-huong.xlsx",
    "/tong-quan/lich.xlsx",
    "/tong-quan/xep-hang.xlsx",
)


@pytest.fixture
def leader(web: Web) -> Browser:
    """A leader, when every third dated assignment was reported, half of those late."""
    with writing(web.site.engine) as connection:
        events = []
        dated = [
            each
            for each in views.tracked(connection, web.site.registry)
            if each.promise.rolled is not None and each.standing.state.value == "not_started"
        ]
        for number, each in enumerate(dated):
            rolled = each.promise.rolled
            assert rolled is not None
            if number % 3 == 0 and rolled < date(2023, 6, 1):
                day = rolled + timedelta(days=3 if number % 2 else -1)
                instant = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
                events.append(Event(each.promise.id, EventKind.DONE, instant, "đơn vị"))
        record(connection, events, web.site.calendar, web.clock.now)
    return web.signed_in(Role.LEADER)


def text_of(browser: Browser, path: str, status: int = 200) -> str:
    answer: Any = browser.get(path)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def rows_of(browser: Browser, path: str) -> list[tuple[Any, ...]]:
    """The rows below the headings of a spreadsheet."""
    answer: Any = browser.get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert sheet.freeze_panes
    top = int(re.sub(r"\D", "", str(sheet.freeze_panes)))
    return [tuple(row) for row in sheet.iter_rows(min_row=top, values_only=True)]


def table_rows(text: str, caption: str) -> list[list[str]]:
    """The cells of the body and foot of the table with this caption, as a reader sees them."""
    [table] = [t for t in re.findall(r"<table.*?</table>", text, re.DOTALL) if caption in t]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells[1:]]


def whole(cell: str) -> int:
    return int(cell.replace(".", ""))


def counted(web: Web, plan: str | None = None) -> dict[Timeliness, int]:
    """The slow and obvious count."""
    with reading(web.site.engine) as connection:
        found = [
            assess(each, web.site.today(), web.site.calendar).timeliness
            for each in views.tracked(connection, web.site.registry, plan=plan)
        ]
    return {each: found.count(each) for each in Timeliness}


def test_the_parts_add_up_and_are_what_assess_says(web: Web, leader: Browser) -> None:
    rows = table_rows(text_of(leader, "/tong-quan"), "các phần cộng lại")
    shown = {row[0]: whole(row[1]) for row in rows}
    assigned = shown.pop("Được giao")
    assert sum(shown.values()) == assigned
    true = counted(web)
    assert shown == {
        "Hoàn thành đúng hạn": true[Timeliness.DONE_ON_TIME],
        "Hoàn thành quá hạn": true[Timeliness.DONE_LATE],
        "Chưa xong, còn trong hạn": true[Timeliness.ON_TRACK] + true[Timeliness.DUE_SOON],
        "Chưa xong, quá hạn": true[Timeliness.OVERDUE],
        "Không có thời hạn": true[Timeliness.NO_DEADLINE],
    }
    assert all(shown.values())


def test_what_is_counted_as_overdue_is_what_the_list_holds(leader: Browser) -> None:
    for page in ("/tong-quan", "/tong-quan/don-vi?gop=1", "/tong-quan?don-vi=hai-phong.an-duong"):
        links = re.findall(
            r'href="(/qua-han[^"]*)" aria-label="([0-9.]+) việc quá hạn', text_of(leader, page)
        )
        assert links
        for address, count in links:
            listed = text_of(leader, address.replace("&amp;", "&"))
            assert re.search(rf"(?<![0-9.]){re.escape(count)}(?![0-9.])", listed), address


@pytest.mark.parametrize(
    ("path", "caption"),
    [
        ("/tong-quan", "theo kế hoạch"),
        ("/tong-quan", "theo cấp"),
        ("/tong-quan/don-vi?gop=1", "theo đơn vị"),
        ("/tong-quan?don-vi=hai-phong.an-duong", "theo kế hoạch"),
    ],
)
def test_every_table_adds_up(leader: Browser, path: str, caption: str) -> None:
    rows = table_rows(text_of(leader, path), f"Tình hình thực hiện {caption}")
    if "gop" in path:
        rows = [*(row[1:] for row in rows[:-1]), rows[-1]]
    *lines, last = [[whole(cell) for cell in row[1:7]] for row in rows]
    assert len(lines) > 1
    assert [sum(column) for column in zip(*lines, strict=True)] == last
    assert all(line[0] == sum(line[1:]) for line in [*lines, last])


def test_a_plan_and_a_unit_restrict_every_page(web: Web, leader: Browser) -> None:
    rows = table_rows(
        text_of(leader, "/tong-quan?ke-hoach=thach-chau-15-2023"), "Tình hình thực hiện theo kế hoạch"
    )
    true = counted(web, "thach-chau-15-2023")
    assert len(rows) == 2
    assert whole(rows[0][5]) == true[Timeliness.OVERDUE]
    for page in PAGES:
        text = text_of(leader, f"{page}?ke-hoach=an-duong-2023&don-vi=hai-phong.an-duong.an-hung")
        assert "Chỉ tính: kế hoạch /KH-UBND; UBND xã An Hưng (huyện An Dương) và các đơn vị" in text
        assert "ke-hoach=an-duong-2023&amp;don-vi=hai-phong.an-duong.an-hung" in text
    alone = text_of(leader, "/tong-quan/don-vi?ke-hoach=an-duong-2023&don-vi=hai-phong.an-duong.an-hung")
    assert len(table_rows(alone, "theo đơn vị")) == 2


def test_the_units_below_are_added_to_the_unit_above(leader: Browser) -> None:
    each = rows_of(leader, "/tong-quan/don-vi.xlsx?don-vi=hai-phong.an-duong")
    together = rows_of(leader, "/tong-quan/don-vi.xlsx?don-vi=hai-phong&gop=1")
    [district] = [row for row in together if row[1] == "UBND huyện An Dương"]
    assert len(each) > 10
    assert district[2:8] == tuple(sum(row[n] for row in each) for n in range(2, 8))


def test_every_number_of_units_together_leads_to_a_list_of_that_length(leader: Browser) -> None:
    text = text_of(leader, "/tong-quan/don-vi?gop=1&don-vi=hai-phong.an-duong")
    links = re.findall(r'href="(/qua-han[^"]*)" aria-label="([\d.]+) việc', text)
    assert len(links) > 10
    for address, count in links:
        listed = text_of(leader, address.replace("&amp;", "&"))
        assert re.search(rf"<caption[^>]*>\s*{re.escape(count)} việc", listed), address


def test_units_are_found_without_accents_and_sorted(leader: Browser) -> None:
    rows = table_rows(text_of(leader, "/tong-quan/don-vi?tim=hong+phong&xep=ten"), "theo đơn vị")
    assert [row[1] for row in rows[:-1]] == ["UBND xã Hồng Phong"]
    rows = table_rows(text_of(leader, "/tong-quan/don-vi?tim=ubnd+xa+dong&xep=ten"), "theo đơn vị")
    assert len(rows) > 2
    assert all(row[1].startswith(("UBND xã Đông", "UBND xã Đồng")) for row in rows[:-1])
    worst = rows_of(leader, "/tong-quan/don-vi.xlsx?xep=qua-han")
    assert [row[6] for row in worst] == sorted((row[6] for row in worst), reverse=True)
    assert "Không có đơn vị nào phù hợp" in text_of(leader, "/tong-quan/don-vi?tim=zzz")


def test_the_trend_ends_with_the_overdue_of_today(web: Web, leader: Browser) -> None:
    overdue = counted(web)[Timeliness.OVERDUE]
    for step, count in (("tuan", 12), ("thang", 12)):
        rows = rows_of(leader, f"/tong-quan/xu-huong.xlsx?theo={step}")
        assert len(rows) == count
        day, last, change = rows[-1]
        assert (day.date(), last) == (date(2023, 6, 15), overdue)
        assert change == last - rows[-2][1]
        with reading(web.site.engine) as connection:
            then = rows[4][0].date()
            past = views.tracked_as_of(connection, web.site.registry, web.site.calendar, then)
        true = [assess(each, then, web.site.calendar).timeliness for each in past]
        assert rows[4][1] == true.count(Timeliness.OVERDUE)


def test_a_report_moves_the_figures_at_once(web: Web, leader: Browser) -> None:
    def overdue() -> int:
        rows = table_rows(text_of(web.signed_in(Role.LEADER), "/tong-quan"), "các phần cộng lại")
        return whole(dict(row[:2] for row in rows)["Chưa xong, quá hạn"])

    before = overdue()
    with writing(web.site.engine) as connection:
        late = next(
            each.promise.id
            for each in views.tracked(connection, web.site.registry)
            if assess(each, web.site.today(), web.site.calendar).timeliness is Timeliness.OVERDUE
        )
        record(
            connection, [Event(late, EventKind.DONE, web.clock.now, "x")], web.site.calendar, web.clock.now
        )
    assert overdue() == before - 1
    web.clock.advance(days=30)
    assert overdue() > before


@pytest.mark.parametrize(
    ("today", "first", "last_but_one"),
    [
        (date(2023, 6, 15), date(2023, 4, 2), date(2023, 6, 11)),
        (date(2023, 6, 18), date(2023, 4, 2), date(2023, 6, 11)),
        (date(2023, 6, 19), date(2023, 4, 9), date(2023, 6, 18)),
    ],
)
def test_weeks_end_on_sundays_and_today_stands_last(today: date, first: date, last_but_one: date) -> None:
    days = weeks_until(today)
    assert (len(days), days[0], days[-2], days[-1]) == (12, first, last_but_one, today)
    assert len(set(days)) == 12


def test_months_end_on_their_last_days() -> None:
    days = months_until(date(2024, 3, 31))
    assert (len(days), days[0], days[-2], days[-1]) == (
        12,
        date(2023, 4, 30),
        date(2024, 2, 29),
        date(2024, 3, 31),
    )


def test_the_year_marks_days_off_and_leads_to_each_day(leader: Browser) -> None:
    text = text_of(leader, "/tong-quan/lich?nam=2023")
    assert "01/05 (N): Ngày Quốc tế lao động" in text
    assert "Tháng 12" in text
    rows = rows_of(leader, "/tong-quan/lich.xlsx?nam=2023")
    links = re.findall(r'href="(/tong-quan/lich/[^"]+)" aria-label="([^"]+)"', text)
    assert len(links) == len(rows)
    day, _weekday, due, owed = max(rows, key=lambda row: row[2])
    [(address, label)] = [link for link in links if f"{day:%Y-%m-%d}" in link[0]]
    assert f"{due:,} thời hạn, {owed:,} chưa xong".replace(",000", ".000").split(" ", 1)[1] in label.replace(
        ".", ","
    )
    listed = text_of(leader, address)
    assert len(re.findall(r'<a href="/viec/', listed)) == min(due, 100)
    assert sum(row[2] for row in rows) == whole(table_rows(text, "rơi vào mỗi tháng")[-1][1])


def test_a_day_still_opens_where_the_calendar_cannot_judge_it(web: Web, leader: Browser) -> None:
    web.clock.now = datetime(2031, 3, 3, 3, tzinfo=UTC)
    text = text_of(web.signed_in(Role.LEADER), "/tong-quan/lich/2023-06-30")
    assert "chưa tính được: lịch làm việc chưa có năm 2031" in text


@pytest.mark.parametrize("path", ["/tong-quan/lich/2023-06-30", "/tong-quan/xep-hang?khoi=commune-committee"])
def test_past_the_last_page_stands_the_last_page(leader: Browser, path: str) -> None:
    joined = "&" if "?" in path else "?"
    rows = [len(re.findall("<tr", text_of(leader, f"{path}{joined}trang={n}"))) for n in (1, 99)]
    assert rows[1] > 1


def test_a_swapped_saturday_and_a_year_without_calendar(leader: Browser) -> None:
    assert "(B): Làm bù" in text_of(leader, "/tong-quan/lich?nam=2024")
    text = text_of(leader, "/tong-quan/lich?nam=2035")
    assert "Lịch làm việc chưa có năm 2035" in text


def test_the_ranking_prints_its_formula_and_keeps_like_to_like(leader: Browser) -> None:
    text = text_of(leader, "/tong-quan/xep-hang?tu=1/1/2022&toi-thieu=3")
    assert "Điểm = số việc xong đúng hạn ÷ (xong đúng hạn + xong quá hạn + quá hạn chưa xong) × 100" in text
    assert re.search(r"Ví dụ: .+: \d+ ÷ \(\d+ \+ \d+ \+ \d+\) × 100 = [\d,]+ điểm", text)
    rows = rows_of(leader, "/tong-quan/xep-hang.xlsx?tu=1/1/2022&toi-thieu=3")
    assert len({row[0] for row in rows}) > 3
    for league, rank, _unit, on_time, late, overdue, judged, score, remark in rows:
        assert judged == on_time + late + overdue > 0
        assert score == pytest.approx(100 * on_time / judged)
        better = sum(r[0] == league and r[6] >= 3 and r[7] > score + 1e-9 for r in rows)
        assert rank == (better + 1 if judged >= 3 else None)
        assert bool(remark) == (rank is None)


def test_a_window_in_the_future_is_cut_at_today(leader: Browser) -> None:
    text = text_of(leader, "/tong-quan/xep-hang?den=31/12/2023")
    assert "Ngày cuối sau hôm nay" in text
    assert "từ 01/01/2023 đến 15/06/2023" in text
    assert "Không có việc nào đến hạn" in text_of(leader, "/tong-quan/xep-hang?tu=2/6/2021&den=3/6/2021")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/tong-quan?ke-hoach=khong-co", "Không có kế hoạch này"),
        ("/tong-quan?don-vi=qwertz", "Không có đơn vị hay nhóm đơn vị nào tên là “qwertz”"),
        ("/tong-quan/don-vi?don-vi=xã", "đơn vị có tên như vậy"),
        ("/tong-quan?don-vi=ubnd-cac-xa-thi-tran", "là một nhóm đơn vị; hãy ghi tên một đơn vị"),
        ("/tong-quan/don-vi?xep=%00", ""),
        ("/tong-quan/don-vi?xep=x'--", "Không có cách sắp xếp này"),
        ("/tong-quan/don-vi?trang=-1", "Phải là số từ 1"),
        ("/tong-quan/don-vi?trang=%D9%A3", "Phải là số từ 1"),
        ("/tong-quan/xu-huong?theo=nam", "Chọn theo tuần"),
        ("/tong-quan/lich?nam=999999999999999999999", "Phải là số từ 2000 đến 2100"),
        ("/tong-quan/lich/2023-02-30", "không đúng dạng"),
        ("/tong-quan/xep-hang?tu=31/2/2023", "ngày/tháng/năm"),
        ("/tong-quan/xep-hang?tu=2/1/2023&den=1/1/2023", "Ngày đầu phải không sau"),
        ("/tong-quan/xep-hang.xlsx?toi-thieu=0", "Phải là số từ 1"),
        ("/tong-quan/don-vi.xlsx?don-vi=qwertz", "Không có đơn vị"),
    ],
)
def test_a_wrong_filter_is_said_and_nothing_is_counted(leader: Browser, path: str, message: str) -> None:
    text = text_of(leader, path, 400 if message else 200)
    assert message in text
    if message:
        assert "<svg" not in text


def test_what_is_typed_is_never_markup(leader: Browser) -> None:
    for name in ("ke-hoach", "don-vi", "tim", "xep", "tu", "nam", "khoi", "theo"):
        for page in PAGES:
            answer: Any = leader.get(f"{page}?{name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
            assert answer.status_code in (200, 400)
            assert "<script" not in answer.text


@pytest.mark.parametrize("path", [*PAGES, *SHEETS])
def test_every_role_may_read_and_nobody_else(web: Web, path: str) -> None:
    assert web.visitor().get(path).status_code == 303
    for role in Role:
        answer: Any = web.signed_in(role).get(path)
        assert answer.status_code == 200


def test_an_empty_database_has_an_overview_too(web: Web) -> None:
    with writing(web.site.engine) as connection:
        connection.exec_driver_sql("DELETE FROM event")
        connection.exec_driver_sql("DELETE FROM assignment")
    browser = web.signed_in(Role.LEADER)
    for page in PAGES:
        text_of(browser, page)
    assert "Chưa có việc nào được giao" in text_of(browser, "/tong-quan")


# --- charts ------------------------------------------------------------------------------------------

NASTY = "<script>alert(1)</script>\"&'>"


def drawn() -> list[str]:
    return [
        str(shares_chart("mot", NASTY, NASTY, ("A", NASTY), [(NASTY, (60, 40)), ("b", (0, 100))])),
        str(columns_chart("hai", "Tên", "Lời", [("1/6", 0), ("2/6", 1234)], pattern=3)),
    ]


def test_a_chart_holds_nothing_that_the_page_may_not_hold() -> None:
    for svg in drawn():
        root = ET.fromstring(svg)
        assert (root.get("role"), root.get("aria-labelledby")) == (
            "img",
            " ".join(str(root[n].get("id")) for n in (0, 1)),
        )
        for element in root.iter():
            tag = element.tag.rpartition("}")[2]
            assert tag in {"svg", "title", "desc", "defs", "pattern", "rect", "path", "g", "text"}
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                assert name not in {"style", "href"}
                assert "://" not in value
                assert "url(" not in value or re.fullmatch(r"url\(#(mot|hai)-\d\)", value)
        assert "pygal" not in svg.lower()
        assert svg.count("://") == 1  # the name of the SVG namespace


def test_the_same_numbers_give_the_same_drawing() -> None:
    assert drawn() == drawn()


def test_labels_and_numbers_of_a_chart_are_whole() -> None:
    shares, columns = (
        ["".join(e.itertext()) for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]
        for svg in drawn()
    )
    assert {NASTY, "A", "b", "0%", "100%"} <= set(shares)
    assert {"1/6", "2/6", "1.234"} <= set(columns)


def test_series_differ_by_pattern_and_every_reference_leads_somewhere(leader: Browser) -> None:
    text = text_of(leader, "/tong-quan")
    names = re.findall(r'<pattern id="([^"]+)"', text)
    assert len(names) == len(set(names)) == 10
    assert set(re.findall(r"url\(#([^)]+)\)", text)) == set(names)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
