"""A bad file never stops the good ones: the last good version stays in force and the author is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.cast import RULES
from tests.office.offices import MORE_PLAN, PLAN, REPORT, UNITS, Office

DAY = "2023-04-03T09:00"
BROKEN = ["plan: [", "", "\x00", "plan:\n  id: thu-2023\n", PLAN.replace("Trước 01/4/2023", "lúc nào đó")]


@pytest.mark.parametrize("text", BROKEN)
def test_a_plan_that_breaks_keeps_its_assignments(office: Office, text: str) -> None:
    office.say(REPORT, "progress", date(2023, 3, 20))
    before = office.good("assignments", "--json", "--as-of", "2023-04-03").json
    office.write("plans/thu-2023.yaml", text)
    office.write("plans/them-2023.yaml", MORE_PLAN)
    answer = office.good("sync", "--json")
    assert "kế hoạch thu-2023 đang có lỗi, bản đúng gần nhất vẫn có hiệu lực" in answer.err
    found = answer.json
    assert (found["stale"], found["broken"], found["withdrawn"]) == (["thu-2023"], [], [])
    assert len(found["added"]) == 3
    assert office.good("assignments", "--json", "--plan", "thu-2023", "--as-of", "2023-04-03").json == before
    assert office.good("tick", "--at", DAY, "--json").json["assignments"] == 7 + 3
    assert office("check").status == 1


def test_a_new_plan_that_is_broken_does_not_stop_the_others(office: Office) -> None:
    office.write("plans/them-2023.yaml", MORE_PLAN.replace("Phòng Nội vụ", "Phòng Không Có"))
    answer = office.good("sync", "--json")
    assert (answer.json["broken"], answer.json["unchanged"]) == (["them-2023"], 7)
    assert "kế hoạch them-2023 có lỗi và chưa có bản nào dùng được" in answer.err


@pytest.mark.parametrize("command", [("sync",), ("tick", "--at", DAY), ("overdue",), ("assignments",)])
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("rules/calendar.yaml", "lịch ngày nghỉ (rules/calendar.yaml)"),
        ("plans/units/thu.yaml", "sổ đơn vị (plans/units/)"),
    ],
)
def test_units_and_calendar_that_break_stay_in_force_and_it_is_said(
    office: Office, file: str, name: str, command: tuple[str, ...]
) -> None:
    office.write(file, "units: {\nyears: [")
    answer = office.good(*command, "--json")
    assert f"Chú ý: {name} đang có lỗi, bản đúng gần nhất vẫn có hiệu lực (xem: dondoc check)." in answer.err
    if command == ("sync",):
        assert (answer.json["unchanged"], answer.json["withdrawn"]) == (7, [])
    if command[0] == "tick":
        assert answer.json["assignments"] == 7


def test_units_that_never_were_good_stop_with_every_problem(home: Path) -> None:
    office = Office(home)
    office.write("rules/calendar.yaml", "years: []")
    office.write("plans/units/thu.yaml", "units: 5")
    answer = office("sync")
    assert (answer.status, answer.out) == (1, "")
    assert "rules/calendar.yaml" in answer.err
    assert not office.rows("SELECT * FROM assignment")


@pytest.mark.parametrize(
    "text",
    [
        "rules: [",
        RULES.replace("days_late in 1, 3", "days_late in mai"),
        RULES.replace("silences: qua-han", "silences: khong-co"),
        "",
    ],
)
def test_a_broken_rule_set_is_never_in_force(office: Office, text: str) -> None:
    office.write("rules/thu.yaml", text)
    answer = office.good("tick", "--at", DAY, "--json")
    assert "bộ luật trong rules/ có lỗi, bản đúng gần nhất vẫn có hiệu lực" in answer.err
    assert "qua-han" in {rule for (rule,) in office.rows("SELECT rule FROM notice")}
    accepted = office.rows("SELECT content FROM accepted_file WHERE path = 'rules/thu.yaml'")
    assert accepted == [(RULES.encode(),)]


def test_a_rule_set_that_ends_its_trial_is_never_in_force(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules read well, but the process that tries them dies."""
    deadly = "import os, sys\nif 'engine.ruleset.trial' in sys.orig_argv:\n    os._exit(9)\n"
    (tmp_path / "sitecustomize.py").write_text(deadly, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    office.write("rules/thu.yaml", RULES.replace("Nhiệm vụ quá hạn", "Đã quá hạn"))
    assert "bản đúng gần nhất vẫn có hiệu lực" in office.good("tick", "--at", DAY).err
    assert "Nhiệm vụ quá hạn" in {why for (why,) in office.rows("SELECT why FROM notice")}
    assert office.rows("SELECT count(*) FROM notice WHERE why = 'Đã quá hạn'") == [(0,)]
    monkeypatch.delenv("PYTHONPATH")
    assert office.good("tick", "--at", "2023-04-05T09:00").err == ""
    assert office.rows("SELECT count(*) FROM notice WHERE why = 'Đã quá hạn'") == [(1,)]


def test_a_rule_set_that_is_better_comes_into_force_with_the_next_pass(office: Office) -> None:
    office.write(
        "rules/thu.yaml", RULES.replace("id: qua-han\n", "id: tre-han\n").replace(": qua-han", ": tre-han")
    )
    assert office.good("tick", "--at", DAY, "--json").err == ""
    rules = {rule for (rule,) in office.rows("SELECT rule FROM notice")}
    assert "tre-han" in rules
    assert "qua-han" not in rules
    office.write("rules/thu.yaml", "rules: [")
    assert "bản đúng gần nhất" in office.good("tick", "--at", "2023-04-06T09:00").err
    assert "qua-han" not in {rule for (rule,) in office.rows("SELECT rule FROM notice")}


def test_a_removed_plan_is_withdrawn_and_comes_back_with_its_state(office: Office) -> None:
    office.say(REPORT, "progress", date(2023, 3, 20), "--percent", "70")
    file = office.home / "plans" / "thu-2023.yaml"
    file.unlink()
    assert len(office.good("sync", "--json").json["withdrawn"]) == 7
    assert {row["state"] for row in office.good("assignments", "--json").json} == {"withdrawn"}
    assert office.good("tick", "--at", DAY, "--json").json["assignments"] == 0
    office.write("plans/thu-2023.yaml", PLAN)
    assert len(office.good("sync", "--json").json["restored"]) == 7
    found = office.assignment(REPORT)
    assert (found["state"], found["percent"]) == ("in_progress", 70)


def test_a_removed_plan_has_no_last_good_version_but_a_dead_link_is_no_removal(office: Office) -> None:
    file = office.home / "plans" / "thu-2023.yaml"
    file.unlink()
    file.symlink_to(office.home / "không có")
    for _ in range(2):
        found = office.good("sync", "--json").json
        assert (found["stale"], found["withdrawn"]) == (["thu-2023"], [])
    file.unlink()
    office.good("sync")
    assert office.rows("SELECT path FROM accepted_file WHERE path = 'plans/thu-2023.yaml'") == []


def test_a_unit_that_is_renamed_in_place_changes_no_assignment(office: Office) -> None:
    office.write(
        "plans/units/thu.yaml", UNITS.replace("name: Phòng Nội vụ", "name: Phòng NV, aliases: [Phòng Nội vụ]")
    )
    assert office.good("sync", "--json").json["unchanged"] == 7
