"""Measurements through the unit's page and through another system."""

from __future__ import annotations

import re

from sqlalchemy import text

from engine.store.access.keys import Scope
from engine.store.database import reading
from engine.store.reports.catalogue import marks
from engine.store.reports.measurements import latest
from tests.web.sites import Web
from tests.web.systems import system
from tests.web.unit_links import unit_by_link, words

PLAN = "an-duong-2023"
COMMUNE = "hai-phong.an-duong.an-hung"
MINE = f"pl2.ii.{COMMUNE}"
THEIRS = "pl2.ii.hai-phong.an-duong.an-dong"


def figures(web: Web) -> dict[str, tuple[str, str, str]]:
    with reading(web.site.engine) as connection:
        found = latest(connection, [PLAN], web.site.today())
    return {key[1]: (f"{m.value:.2f}", m.source, m.by) for key, m in found.items()}


def audited(web: Web) -> list[tuple[str, str]]:
    query = text("SELECT actor, action FROM audit WHERE action = 'measurement.submit' ORDER BY id")
    with reading(web.site.engine) as connection:
        return [(row.actor.partition(":")[0], row.action) for row in connection.execute(query)]


# --- the unit's page --------------------------------------------------------------------------------------


def test_a_unit_reports_its_figure_and_sees_it(web: Web) -> None:
    unit = unit_by_link(web, COMMUNE)
    assert "Xem 1 chỉ tiêu của đơn vị và báo số liệu" in words(unit.get())
    page = unit.get("/chi-tieu")
    assert "Chỉ tiêu được giao: 99,0%" in words(page)
    assert "Chưa báo số liệu nào" in words(page)
    chosen = re.search(r'value="(2023-\d\d)" selected', page.text)
    assert chosen is not None
    assert chosen[1] == "2023-06"
    form = {"chi_tieu": f"{PLAN}/{MINE}", "ky": "2023-06", "so_dat": "763", "tong_so": "1.000"}
    answer = unit.client.post(f"{unit.path}/chi-tieu", data=form)
    assert answer.status_code == 303
    after = unit.client.get(answer.headers["location"])
    assert "Đã ghi nhận số liệu" in words(after)
    assert "15/05–14/06/2023: 76,30 % (763 / 1.000)" in words(after)
    assert figures(web)[MINE][:2] == ("76.30", "link")
    assert "Bà An" in figures(web)[MINE][2]
    assert audited(web) == [("link", "measurement.submit")]


WRONG_ON_THE_PAGE = [
    ({}, "Chưa ghi số nào"),
    ({"so_lieu": "99.5"}, "có phải là “99,5”?"),
    ({"so_dat": "5"}, "Phải ghi đủ số đạt và tổng số"),
    ({"so_dat": "6", "tong_so": "5"}, "Số đạt lớn hơn tổng số"),
    ({"so_lieu": "50", "ky": "2021-01"}, "Hãy chọn kỳ"),
    ({"so_lieu": "50", "ghi_chu": "x" * 2001}, "dài quá 2000"),
]


def test_what_is_wrong_stands_by_its_field_and_nothing_is_written(web: Web) -> None:
    unit = unit_by_link(web, COMMUNE)
    for fields, problem in WRONG_ON_THE_PAGE:
        form = {"chi_tieu": f"{PLAN}/{MINE}", "ky": "2023-06", **fields}
        answer = unit.client.post(f"{unit.path}/chi-tieu", data=form)
        assert answer.status_code == 422, fields
        assert problem in words(answer)
        assert "Chưa ghi nhận gì" in words(answer)
    assert figures(web) == {}
    assert audited(web) == []


def test_nobody_reports_for_another_unit(web: Web) -> None:
    unit = unit_by_link(web, COMMUNE)
    form = {"chi_tieu": f"{PLAN}/{THEIRS}", "ky": "2023-06", "so_lieu": "50"}
    assert unit.client.post(f"{unit.path}/chi-tieu", data=form).status_code == 404
    assert THEIRS not in unit.get("/chi-tieu").text
    other = unit_by_link(web)
    assert "không có chỉ tiêu nào" in words(other.get("/chi-tieu"))
    assert "chi-tieu" not in other.get().text
    assert figures(web) == {}


def test_a_unit_ticks_what_it_offers(web: Web) -> None:
    unit = unit_by_link(web, COMMUNE)
    assert "Đánh dấu thủ tục" in words(unit.get())
    page = unit.get("/danh-muc")
    assert "(0/3)" in words(page)
    assert words(page).count("(chưa trả lời)") == 3
    ids = re.findall(r'name="thu_tuc" value="([^"]+)"', page.text)
    form = {"danh_muc": f"{PLAN}/{COMMUNE}", "thu_tuc": ids[:2]}
    assert unit.client.post(f"{unit.path}/danh-muc", data=form).status_code == 422
    answer = unit.client.post(f"{unit.path}/danh-muc", data={**form, "dong_y": "co"})
    assert answer.status_code == 303
    after = words(unit.client.get(answer.headers["location"]))
    assert "cung cấp 2/3 thủ tục trong danh mục" in after
    assert "chưa trả lời" not in after
    with reading(web.site.engine) as connection:
        found = marks(connection, PLAN, web.site.today())
    assert {item: mark.offered for (_, item), mark in found.items()} == {
        ids[0]: True,
        ids[1]: True,
        ids[2]: False,
    }
    other = {"danh_muc": f"{PLAN}/hai-phong.an-duong.phong-noi-vu", "dong_y": "co"}
    assert unit.client.post(f"{unit.path}/danh-muc", data=other).status_code == 404


# --- another system ---------------------------------------------------------------------------------------


def body(**more: object) -> dict[str, object]:
    return {"plan": PLAN, "indicator": MINE, "window": "2023-05", **more}


def test_a_system_reports_once(web: Web) -> None:
    caller = system(web)
    name = {"idempotency-key": "thang-5"}
    first = caller.post("/measurements", body(part="763", whole=771, by="Bà Lan"), **name)
    again = caller.post("/measurements", body(part="763", whole=771, by="Bà Lan"), **name)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["last"] == "2023-05-14"
    assert figures(web)[MINE] == ("98.96", "api", "Bà Lan – Hệ thống văn bản")
    assert audited(web) == [("key", "measurement.submit")]
    other = caller.post("/measurements", body(value="77"), **name)
    assert other.status_code == 422


WRONG_FOR_A_SYSTEM: list[tuple[dict[str, object], str]] = [
    ({}, "Thiếu số liệu"),
    ({"value": "99.5"}, "99,5"),
    ({"value": 101}, "lớn hơn 100"),
    ({"value": -1}, "Không đúng dạng"),
    ({"value": 5, "window": "2023-6"}, "không phải là một kỳ"),
    ({"value": 5, "plan": "khong-co"}, "Không có kế hoạch"),
    ({"value": 5, "indicator": "khong-co"}, "không có chỉ tiêu"),
    ({"value": 5, "la": 1}, "phần lạ"),
]


def test_a_system_hears_what_is_wrong(web: Web) -> None:
    caller = system(web)
    for more, said in WRONG_FOR_A_SYSTEM:
        answer = caller.post("/measurements", body(**more), **{"idempotency-key": "x"})
        assert answer.status_code == 422, more
        assert said in answer.json()["error"]
    assert figures(web) == {}


def test_a_key_of_one_unit_reports_for_no_other(web: Web) -> None:
    mine = system(web, unit=COMMUNE)
    name = {"idempotency-key": "x"}
    assert mine.post("/measurements", body(value=98.5), **name).status_code == 201
    assert mine.post("/measurements", body(value=5, indicator=THEIRS), **name).status_code == 404
    reads = system(web, scopes=frozenset({Scope.READ}))
    assert reads.post("/measurements", body(value=5), **name).status_code == 403
    assert figures(web)[MINE][0] == "98.50"
