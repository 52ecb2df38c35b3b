"""``dondoc plan list`` and ``dondoc plan show``: the fields of the contract, and what a broken file does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.installation.opening import open_installation, sync_installation
from tests.cli.command_line import dondoc, everything_in

SHIPPED = ["an-duong-2023", "hai-phong-128-2022", "tan-dan-37-2022", "thach-chau-15-2023"]
PLAN = "plans/thach-chau-15-2023.yaml"


def break_plan(home: Path) -> None:
    text = (home / PLAN).read_text(encoding="utf-8")
    (home / PLAN).write_text(text.replace("lead:", "led:", 1), encoding="utf-8")


def test_the_list(pristine_home: Path) -> None:
    before = everything_in(pristine_home)
    answer = dondoc("plan", "list", "--json", "--home", pristine_home)
    assert (answer.status, answer.err) == (0, "")
    assert [row["id"] for row in answer.json] == SHIPPED
    thach_chau = answer.json[3]
    assert thach_chau["number"] == "15/KH-UBND"
    assert thach_chau["issuer"] == "UBND xã Thạch Châu"
    assert (thach_chau["issued"], thach_chau["year"]) == ("2023-03-10", 2023)
    assert {row["status"] for row in answer.json} == {"in-force"}
    assert all(row["tasks"] > 0 for row in answer.json)
    people = dondoc("plan", "list", "--home", pristine_home)
    assert [id for id in SHIPPED if id not in people.out] == []
    assert "10/03/2023" in people.out
    assert everything_in(pristine_home) == before, "looking writes nothing, not even a database"


@pytest.mark.parametrize("id", SHIPPED)
def test_a_plan_has_the_fields_of_the_contract(pristine_home: Path, id: str) -> None:
    answer = dondoc("plan", "show", id, "--json", "--home", pristine_home)
    assert (answer.status, answer.err) == (0, "")
    plan = answer.json
    assert {"id", "number", "title", "issuer", "issued", "year", "tasks", "indicators", "catalogue"} <= set(
        plan
    )
    task_keys = {
        *("id", "stt", "appendix", "section", "title", "leads", "coordinating"),
        *("deadline", "deliverable", "milestones"),
    }
    for task in plan["tasks"]:
        assert task_keys <= set(task)
        assert task["leads"]
        assert all(isinstance(name, str) for name in (*task["leads"], *task["coordinating"]))
        assert {"text", "kind"} <= set(task["deadline"])
        for milestone in task["milestones"]:
            assert set(milestone) == {"title", "deadline", "deliverable"}
            assert {"text", "kind"} <= set(milestone["deadline"])
    assert all({"unit", "name", "target"} <= set(row) for row in plan["indicators"])
    assert all({"level", "unit", "field", "procedure"} <= set(item) for item in plan["catalogue"])
    listed = next(
        row for row in dondoc("plan", "list", "--json", "--home", pristine_home).json if row["id"] == id
    )
    assert [len(plan[key]) for key in ("tasks", "indicators", "catalogue")] == [
        listed[key] for key in ("tasks", "indicators", "catalogue")
    ]


def test_a_deadline_of_a_plan_is_what_the_deadline_command_says(pristine_home: Path) -> None:
    plan = dondoc("plan", "show", SHIPPED[3], "--json", "--home", pristine_home).json
    for task in plan["tasks"]:
        words = ["deadline", task["deadline"]["text"], "--year", "2023", "--issued", "10/03/2023", "--json"]
        alone = dondoc(*words, "--home", pristine_home).json
        assert alone | {"errors": []} == task["deadline"] | {"errors": []}


def test_a_plan_for_people(pristine_home: Path) -> None:
    answer = dondoc("plan", "show", SHIPPED[3], "--home", pristine_home)
    assert (answer.status, answer.err) == (0, "")
    assert "Số 15/KH-UBND, UBND xã Thạch Châu, 10/03/2023" in answer.out
    assert "Trong thân văn bản" in answer.out
    big = dondoc("plan", "show", SHIPPED[1], "--home", pristine_home).out
    assert "Danh mục thủ tục" in big
    assert "217 dòng" in big


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("an-duong-2024", "Có phải là: an-duong-2023"),
        ("An Dương 2023", "Có phải là: an-duong-2023"),
        ("zzz", "Các kế hoạch: an-duong-2023, hai-phong-128-2022"),
        ("../an-duong-2023", "Không có kế hoạch"),
    ],
)
def test_an_unknown_plan(pristine_home: Path, id: str, said: str) -> None:
    answer = dondoc("plan", "show", id, "--json", "--home", pristine_home)
    assert (answer.status, answer.out) == (1, "")
    assert said in answer.err


def test_a_broken_plan_is_listed_and_the_others_stand(starter_home: Path) -> None:
    break_plan(starter_home)
    before = everything_in(starter_home)
    answer = dondoc("plan", "list", "--json", "--home", starter_home)
    assert answer.status == 0
    assert {row["id"]: row["status"] for row in answer.json} == {
        **dict.fromkeys(SHIPPED[:3], "in-force"),
        SHIPPED[3]: "broken",
    }
    people = dondoc("plan", "list", "--home", starter_home)
    assert "chưa có bản tốt nào" in " ".join(people.out.split())
    assert "dondoc check" in people.err
    shown = dondoc("plan", "show", SHIPPED[3], "--home", starter_home)
    assert (shown.status, shown.out) == (1, "")
    assert f"dondoc check {PLAN}" in shown.err
    assert everything_in(starter_home) == before


def test_the_last_good_version_stands_in_for_a_broken_file(starter_home: Path) -> None:
    installation = open_installation(starter_home)
    sync_installation(installation, datetime(2023, 3, 15, tzinfo=UTC))
    installation.engine.dispose()
    break_plan(starter_home)
    rows = dondoc("plan", "list", "--json", "--home", starter_home).json
    assert [row["status"] for row in rows] == ["in-force", "in-force", "in-force", "last-good"]
    shown = dondoc("plan", "show", SHIPPED[3], "--json", "--home", starter_home)
    assert (shown.status, shown.json["status"]) == (0, "last-good")
    people = dondoc("plan", "show", SHIPPED[3], "--home", starter_home)
    assert "bản tốt gần nhất" in people.err
    for broken in ("plans/units/thach-chau.yaml", "rules/calendar.yaml"):
        (starter_home / broken).write_text("x: [", encoding="utf-8")
        assert len(dondoc("plan", "list", "--json", "--home", starter_home).json) == 4


def test_broken_units_without_a_last_good_version(starter_home: Path) -> None:
    (starter_home / "plans" / "units" / "thach-chau.yaml").write_text("units: [", encoding="utf-8")
    answer = dondoc("plan", "list", "--json", "--home", starter_home)
    assert (answer.status, answer.out) == (1, "")
    assert "plans/units/thach-chau.yaml" in answer.err
    assert "lỗi" in answer.err


def test_a_database_that_cannot_be_asked_does_not_hide_the_plans(
    starter_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", "postgresql://x@127.0.0.1:9/x?connect_timeout=2")
    break_plan(starter_home)
    answer = dondoc("plan", "list", "--json", "--home", starter_home)
    assert (answer.status, len(answer.json)) == (0, 4)
    assert "cơ sở dữ liệu" in answer.err


def test_an_empty_home(starter_home: Path) -> None:
    for path in (starter_home / "plans").glob("*.yaml"):
        path.unlink()
    assert dondoc("plan", "list", "--json", "--home", starter_home).json == []
    assert "Chưa có kế hoạch nào" in dondoc("plan", "list", "--home", starter_home).out
