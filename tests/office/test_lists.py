"""``sync``, ``assignments`` and ``overdue``: the fields of the contract, and the Excel file opened again."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.office.offices import (
    ALWAYS,
    EVENT,
    FORMULA,
    FORMULA_TOO,
    HAI,
    MORE_PLAN,
    MOT,
    PLAN,
    REPORT,
    UNDATED,
    Office,
    make_home,
)

EVERY = [REPORT, FORMULA_TOO, FORMULA, ALWAYS, f"{EVENT}:{HAI}", f"{EVENT}:{MOT}", UNDATED]
MAY = ("--as-of", "2023-05-05")


def test_sync_says_what_it_did_and_then_that_nothing_is_left_to_do(tmp_path: Path) -> None:
    make_home(tmp_path / "home")
    office = Office(tmp_path / "home")
    nothing = office.good("sync", "--json").json
    assert nothing == {
        "dry_run": False,
        "plans": 1,
        "added": [],
        "changed": [],
        "withdrawn": [],
        "restored": [],
        "unchanged": len(EVERY),
        "stale": [],
        "broken": [],
    }
    office.write("plans/them-2023.yaml", MORE_PLAN)
    office.write("plans/thu-2023.yaml", PLAN.replace("Trước 01/4/2023", "Trước 06/4/2023"))
    before = office.content()
    planned = office.good("sync", "--dry-run", "--json").json
    assert office.content() == before
    assert sorted(planned["added"]) == [f"them-2023:{n}:huyen.noi-vu" for n in (1, 2, 3)]
    assert planned["changed"] == [
        {
            "id": REPORT,
            "changes": [
                {"field": "due", "old": "2023-03-31", "new": "2023-04-05"},
                {"field": "rolled", "old": "2023-03-31", "new": "2023-04-05"},
            ],
        }
    ]
    said = office.good("sync").out
    assert "thêm 3, sửa 1, rút 0, giao lại 0, giữ nguyên 6" in said
    assert f"{REPORT}: thời hạn: 31/03/2023 → 05/04/2023; hạn tính: 31/03/2023 → 05/04/2023" in said
    assert office.good("sync", "--json").json["added"] == []


def test_assignments_have_the_fields_of_the_contract(office: Office) -> None:
    rows = office.good("assignments", "--json", *MAY).json
    assert [row["id"] for row in rows] == sorted(EVERY)
    fields = "id plan task unit milestone period due rolled state timeliness days_late".split()
    assert [field for row in rows for field in fields if field not in row] == []
    found = office.assignment(REPORT, *MAY)
    expected = {
        "plan": "thu-2023",
        "task": "1",
        "unit": "huyen.noi-vu",
        "milestone": None,
        "period": None,
        "due": "2023-03-31",
        "rolled": "2023-03-31",
        "state": "not_started",
        "timeliness": "overdue",
        "days_late": 23,
    }
    assert {key: found[key] for key in expected} == expected
    for id, timeliness in (
        (ALWAYS, "no_deadline"),
        (UNDATED, "no_deadline"),
        (f"{EVENT}:{MOT}", "not_applicable"),
    ):
        one = office.assignment(id, *MAY)
        assert (one["due"], one["rolled"], one["timeliness"]) == (None, None, timeliness)


def test_a_day_is_looked_at_as_it_ended(office: Office) -> None:
    office.say(REPORT, "progress", date(2023, 3, 20))
    office.say(REPORT, "done", date(2023, 4, 5))
    states = {
        day: (row["state"], row["timeliness"], row["days_late"])
        for day in ("2023-03-19", "20/03/2023", "2023-04-04", "2023-04-05", "2024-01-02")
        for row in [office.assignment(REPORT, "--as-of", day)]
    }
    assert states == {
        "2023-03-19": ("not_started", "on_track", 0),
        "20/03/2023": ("in_progress", "on_track", 0),
        "2023-04-04": ("in_progress", "overdue", 2),
        "2023-04-05": ("reported", "done_late", 3),
        "2024-01-02": ("reported", "done_late", 3),
    }
    assert office.good("assignments", "--json", "--as-of", "2023-02-28").json == []


@pytest.mark.parametrize(
    ("unit", "ids"),
    [
        ("huyen.noi-vu", [REPORT]),
        ("Phòng VH&TT", [ALWAYS, UNDATED]),
        ("ubnd huyện thử", EVERY),
        ("UBND các xã", [FORMULA_TOO, FORMULA, f"{EVENT}:{HAI}", f"{EVENT}:{MOT}"]),
        ("huyen.van-phong", []),
    ],
)
def test_a_unit_means_all_below_it_and_a_group_its_members(office: Office, unit: str, ids: list[str]) -> None:
    found = office.good("assignments", "--json", "--unit", unit, *MAY).json
    assert [row["id"] for row in found] == sorted(ids)


@pytest.mark.parametrize("command", ["assignments", "overdue"])
def test_unknown_plans_and_units_are_answered_with_the_nearest(office: Office, command: str) -> None:
    said = office.refused(command, "--json", "--plan", "thu-2024")
    assert said == "Lỗi: Không có kế hoạch mang mã “thu-2024”. Có phải là: thu-2023?\n"
    said = office.refused(command, "--json", "--unit", "Phòng Nội vu")
    assert "“Phòng Nội vu”" in said
    assert "“Phòng Nội vụ”" in said
    office.write("plans/them-2023.yaml", MORE_PLAN)
    assert "Chạy: dondoc sync" in office.refused(command, "--plan", "them-2023")


def test_the_overdue_list_has_the_fields_of_the_contract_worst_first(office: Office) -> None:
    office.say(FORMULA, "progress", date(2023, 4, 20), "--percent", "60")
    found = office.good("overdue", "--json", *MAY).json
    assert (found["as_of"], found["total"]) == ("2023-05-05", 3)
    assert [row["assignment"] for row in found["rows"]] == [REPORT, FORMULA_TOO, FORMULA]
    fields = "assignment plan task stt title unit due rolled days_late state last_event reminders".split()
    assert [field for row in found["rows"] for field in fields if field not in row] == []
    last = found["rows"][-1]
    expected = {
        "plan": "thu-2023",
        "task": "2",
        "stt": "2",
        "unit": MOT,
        "due": "2023-04-28",
        "rolled": "2023-04-28",
        "days_late": 3,  # two days off around the first of May
        "calendar_days_late": 7,
        "state": "in_progress",
        "last_event": {"on": "2023-04-20", "text": "cập nhật tiến độ: 60%"},
        "reminders": 0,
    }
    assert {key: last[key] for key in expected} == expected
    assert office.good("overdue", "--json", "--as-of", "2023-03-31").json["rows"] == []
    one = office.good("overdue", "--json", "--unit", MOT, "--plan", "thu-2023", *MAY).json
    assert [row["assignment"] for row in one["rows"]] == [FORMULA]


def test_the_overdue_list_for_people(office: Office) -> None:
    said = office.good("overdue", *MAY).out
    assert "3 việc quá hạn tính đến hết ngày 05/05/2023" in said
    assert "23 (35)" in said
    assert said.index("23 (35)") < said.index("3 (7)")
    assert "=HYPER" in said


def sheet_of(path: Path) -> Any:
    return load_workbook(path).worksheets[0]


def test_the_excel_file_opened_again(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "quá hạn.xlsx"
    office.write("plans/them-2023.yaml", MORE_PLAN)
    office.good("sync")
    office.good("overdue", *MAY, "--xlsx", file)
    sheet = sheet_of(file)
    assert "tính đến hết ngày 05/05/2023" in sheet["A1"].value
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:N8")
    rows = list(sheet.iter_rows(min_row=3))
    listed = office.good("overdue", "--json", *MAY).json["rows"]
    assert [row[13].value for row in rows] == [row["assignment"] for row in listed]
    for row, told in zip(rows, listed, strict=True):
        for cell, key in ((row[6], "due"), (row[7], "rolled")):
            assert (cell.value, cell.number_format) == (datetime.fromisoformat(told[key]), "dd/mm/yyyy")
        assert (row[8].value, row[9].value) == (told["days_late"], told["calendar_days_late"])
    titles = {row[3].value: row[3].data_type for row in rows}
    assert {title[0] for title in titles} == {"B", "=", "+", "-", "@"}
    assert set(titles.values()) == {"s"}, "a title is text, never a formula"


def test_the_excel_file_is_whole_or_not_there(office: Office, tmp_path: Path) -> None:
    missing = tmp_path / "không có"
    assert "không có tệp hoặc thư mục" in office.refused("overdue", *MAY, "--xlsx", missing / "a.xlsx")
    assert not missing.exists()
    (tmp_path / "thư mục.xlsx").mkdir()
    assert "Không ghi được" in office.refused("overdue", *MAY, "--xlsx", tmp_path / "thư mục.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["office", "thư mục.xlsx"]


def test_an_empty_overdue_list_is_a_file_too(office: Office, tmp_path: Path) -> None:
    office.good("overdue", "--as-of", "2023-03-02", "--xlsx", tmp_path / "a.xlsx")
    sheet = sheet_of(tmp_path / "a.xlsx")
    assert sheet["A1"].value.endswith("0 nhiệm vụ")
    assert [cell.value for cell in sheet[2]][:2] == ["STT", "Số kế hoạch"]
    assert sheet.max_row == 2
