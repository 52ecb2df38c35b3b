"""``dondoc report tasks|form1``: the fields of the contract, windows, days, and what goes wrong."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.office.conftest import office, pristine_office
from tests.office.offices import HAI, MORE_PLAN, MOT, NOI_VU, REPORT, VAN_HOA, Office

__all__ = ["office", "pristine_office"]

MAY = ("--as-of", "2023-05-05")
COUNTS = "assigned done_on_time done_late open_within_time open_overdue no_deadline".split()


def test_tasks_have_the_fields_of_the_contract(office: Office) -> None:
    office.say(REPORT, "done", date(2023, 3, 31))
    found = office.good("report", "tasks", "--plan", "thu-2023", "--json", *MAY).json
    assert [found["total"][count] for count in COUNTS] == [5, 1, 0, 0, 2, 2]
    assert found["as_of"] == "2023-05-05"
    assert {unit["unit"]: unit["assigned"] for unit in found["units"]} == {
        NOI_VU: 1,
        VAN_HOA: 2,
        MOT: 1,
        HAI: 1,
    }
    assert {unit["name"] for unit in found["units"]} >= {"UBND xã Một", "Phòng Nội vụ"}
    assert [plan["plan"] for plan in found["plans"]] == ["thu-2023"]
    assert [level["level"] for level in found["levels"]] == ["district", "commune"]
    assert [line["outcome"] for line in found["tasks"]] == [
        "done_on_time",
        "open_overdue",
        "no_deadline",
        "left_out",
        "no_deadline",
    ]
    assert found["by_task"]["assigned"] == 4
    shares = {share["name"]: share for share in found["shares"]}
    assert shares["on_time_of_judged"] | {"title": ""} == {
        "name": "on_time_of_judged",
        "title": "",
        "part": 1,
        "whole": 3,
        "percent": 33.33,
        "of": "số lượt đã hoàn thành hoặc đã quá hạn",
    }
    assert all(share["of"] for share in found["shares"])
    assert (found["window"], found["previous"]) == (None, None)


def test_a_window_by_name_or_by_its_days(office: Office) -> None:
    named = office.good("report", "tasks", "--all", "--window", "2023-Q2", "--json").json
    assert (named["window"]["from"], named["window"]["to"]) == ("2023-03-15", "2023-06-14")
    assert named["previous"]["window"]["name"] == "2023-Q1"
    assert named["carried"]["assigned"] + named["given"]["assigned"] == named["total"]["assigned"]
    days = ("--from", "15/03/2023", "--to", "14/06/2023")
    assert office.good("report", "tasks", "--all", *days, "--json").json == named
    until = office.good("report", "tasks", "--all", "--to", "05/05/2023", "--json").json
    assert until == office.good("report", "tasks", "--all", *MAY, "--json").json


def test_days_at_the_edge_of_the_calendar_are_no_trouble(office: Office) -> None:
    whole = office.good(
        "report", "tasks", "--all", "--from", "0001-01-01", "--to", "9999-12-31", "--json"
    ).json
    assert (whole["previous"], whole["carried"]["assigned"]) == (None, 0)
    assert (
        office.good("report", "tasks", "--all", "--window", "1900", "--json").json["total"]["assigned"] == 0
    )
    assert (
        office.good("report", "form1", "--all", "--as-of", "0001-01-01", "--json").json["items"][1]["value"]
        is None
    )


def test_a_plans_own_months_hold_for_it(office: Office) -> None:
    text = MORE_PLAN.replace("  year: 2023", "  year: 2023\n  reporting: {closes_on: 15, send_before: 20}")
    office.write("plans/them-2023.yaml", text)
    office.good("sync")
    found = office.good("report", "tasks", "--plan", "them-2023", "--window", "2023-06", "--json").json
    assert (found["window"]["from"], found["window"]["to"]) == ("2023-05-16", "2023-06-15")
    assert found["window"]["send_before"] == "2023-06-20"
    both = office.good("report", "tasks", "--all", "--window", "2023-06", "--json").json
    assert both["window"]["to"] == "2023-06-14"


def test_form1_leaves_empty_what_nobody_reported(office: Office) -> None:
    office.say(REPORT, "done", date(2023, 3, 31))
    found = office.good("report", "form1", "--plan", "thu-2023", "--json", *MAY).json
    values = {item["stt"]: item["value"] for item in found["items"]}
    assert [values[stt] for stt in ("2", "2.1", "2.2", "4.1", "1")] == [20, 5, 1, None, None]
    assert (found["unit"], found["plan"], found["as_of"]) == ("huyen", "thu-2023", "2023-05-05")
    below = office.good("report", "form1", "--all", "--unit", "UBND xã Một", "--json", *MAY).json
    values = {item["stt"]: item["value"] for item in below["items"]}
    assert [values[stt] for stt in ("2.1", "4.1", "4.2", "4.4")] == [None, 1, 0, 1]


def test_people_read_tables(office: Office) -> None:
    said = office.good("report", "tasks", "--plan", "thu-2023", *MAY).out
    assert "số liệu tính đến hết ngày 05/05/2023" in said
    assert "UBND xã Một" in said
    form = office.good("report", "form1", "--plan", "thu-2023", *MAY).out
    assert "Số nhiệm vụ đề ra trong kế hoạch" in form


def test_excel_has_real_numbers(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "bao-cao.xlsx"
    assert str(file) in office.good("report", "tasks", "--all", *MAY, "--xlsx", file).out
    book = load_workbook(file)
    assert "Theo đơn vị" in book.sheetnames
    cells = [cell.value for row in book["Theo đơn vị"].iter_rows() for cell in row]
    assert any(isinstance(value, int) for value in cells)


def test_word_in_the_template_of_the_office(office: Office, tmp_path: Path) -> None:
    file, mine = tmp_path / "bao-cao.docx", office.home / "mau" / "bao-cao.docx"
    mine.parent.mkdir()
    office.good("report", "template", mine)
    own = Document(str(mine))
    own.add_paragraph("Riêng của huyện Thử")
    own.save(str(mine))
    office.good("report", "form1", "--plan", "thu-2023", *MAY, "--docx", file)
    assert "Riêng của huyện Thử" in [each.text for each in Document(str(file)).paragraphs]


def test_a_day_to_come_is_said_to_be_none(office: Office) -> None:
    later = date.today() + timedelta(days=30)  # noqa: DTZ011 - any day that has not come
    answer = office.good("report", "tasks", "--all", "--as-of", later.isoformat(), "--json")
    assert "chưa đến; số liệu tính đến hôm nay" in answer.err
    assert answer.json["as_of"] < later.isoformat()
    assert "bắt đầu từ" in office.refused("report", "tasks", "--all", "--window", "2190")


WRONG_USAGE = [
    (["tasks"], "cần --plan MÃ, hoặc --all"),
    (["form1", "--plan", "thu-2023", "--all"], "chọn một trong hai"),
    (["tasks", "--all", "--window", "2023-13"], "không phải là một kỳ"),
    (["tasks", "--all", "--window", "2023-06", "--from", "01/01/2023"], "--window không đi cùng"),
    (["tasks", "--all", "--from", "02/01/2023", "--to", "01/01/2023"], "--to đứng trước --from"),
    (["tasks", "--all", "--to", "02/01/2023", "--as-of", "01/01/2023"], "chỉ ghi một trong hai"),
    (["tasks", "--all", "--from", "02/01/2023", "--as-of", "01/01/2023"], "sau ngày tính số liệu"),
    (["form1", "--all", "--template", "mau.docx"], "phải đi cùng --docx"),
]


@pytest.mark.parametrize(("words", "said"), WRONG_USAGE)
def test_wrong_usage(office: Office, words: list[str], said: str) -> None:
    assert said in office.refused("report", *words, status=2)


UNKNOWN = [
    (["--plan", "thu-2032"], "thu-2023"),
    (["--all", "--unit", "UBND xã Mọt"], "UBND xã Một"),
]


@pytest.mark.parametrize(("words", "near"), UNKNOWN)
def test_the_nearest_known_name_is_offered(office: Office, words: list[str], near: str) -> None:
    assert near in office.refused("report", "tasks", *words)
