"""``office …``: what the office decides, for one assignment, for several, for a whole task."""

from __future__ import annotations

from datetime import date

import pytest

from tests.office.offices import (
    ALWAYS,
    EVENT,
    FORMULA,
    FORMULA_TOO,
    HAI,
    MOT,
    REPORT,
    UNDATED,
    VAN_HOA,
    Office,
)

ON = ("--as-of", "2023-06-30")


def state(office: Office, id: str, *words: str) -> tuple[str, str]:
    found = office.assignment(id, *(words or ON))
    return found["state"], found["timeliness"]


def decide(office: Office, what: str, *words: str, at: str = "2023-06-01") -> str:
    return office.good("office", what, *words, "--at", at).out


def test_confirm_and_return(office: Office) -> None:
    office.say(REPORT, "done", date(2023, 3, 30))
    said = decide(office, "return", REPORT, "--note", "Thiếu biểu mẫu", at="2023-04-03")
    assert said == f"Đã ghi: trả lại – {REPORT}. Trạng thái: bị trả lại, phải làm tiếp.\n"
    assert state(office, REPORT, "--as-of", "2023-04-03") == ("returned", "overdue")
    office.say(REPORT, "done", date(2023, 4, 4))
    decide(office, "confirm", REPORT)
    assert state(office, REPORT) == ("confirmed", "done_late")
    assert office.rows("SELECT kind, note, by FROM event ORDER BY id")[1] == (
        "return",
        "Thiếu biểu mẫu",
        "văn phòng",
    )


def test_several_at_once_are_taken_together_or_not_at_all(office: Office) -> None:
    office.say(REPORT, "done", date(2023, 3, 30))
    said = office.refused("office", "confirm", REPORT, FORMULA, "thu-2023:9:huyen.noi-vu")
    assert f"{FORMULA}: Không thể xác nhận hoàn thành" in said
    assert "“thu-2023:9:huyen.noi-vu”" in said
    office.say(FORMULA, "done", date(2023, 4, 1))
    found = office.good("office", "confirm", REPORT, FORMULA, REPORT, "--at", "2023-04-05", "--json").json
    assert found["recorded"] == 2
    assert {each["state"] for each in found["assignments"]} == {"confirmed"}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["return", REPORT], 1, "Không thể trả lại"),
        (["confirm", REPORT], 1, "đang ở trạng thái “chưa bắt đầu”"),
        (["extend", REPORT], 1, "Gia hạn phải ghi ngày mới"),
        (["extend", REPORT, "--to", "31/3/2023"], 1, "phải sau thời hạn 31/03/2023"),
        (["extend", REPORT, "--refuse"], 1, "Không có đề nghị gia hạn nào đang chờ"),
        (["extend", REPORT, "--refuse", "--to", "2023-04-30"], 2, "--refuse là không cho gia hạn"),
        (["extend", REPORT, "--refuse", "--cures"], 2, "--refuse là không cho gia hạn"),
        (["extend", ALWAYS, "--to", "2023-04-30"], 1, "không có thời hạn"),
        (["extend", REPORT, "--to", "2051-04-30", "--at", "2023-03-01"], 1, "Lịch làm việc chưa có năm 2051"),
        (["reinstate", REPORT], 1, "Không thể giao lại"),
        (["trigger", REPORT], 1, "Không thể ghi nhận sự kiện"),
        (["date", REPORT, "--to", "2023-04-30"], 1, "Kế hoạch đã ghi thời hạn"),
        (["date", UNDATED], 2, "còn thiếu tùy chọn --to"),
        (["snooze", REPORT], 2, "còn thiếu tùy chọn --to"),
        (["snooze", REPORT, "--to", "mai"], 2, "không phải là một ngày"),
        (["withdraw"], 2, "còn thiếu tham số MÃ"),
        (["withdraw", "thu-2023:7"], 1, "“thu-2023:7”"),
    ],
)
def test_what_does_not_fit_is_refused(office: Office, words: list[str], status: int, said: str) -> None:
    assert said in office.refused("office", *words, status=status)


def test_returning_needs_a_reason(office: Office) -> None:
    office.say(REPORT, "done", date(2023, 3, 30))
    assert "Trả lại phải nêu lý do" in office.refused("office", "return", REPORT)


def test_an_extension_before_the_deadline_moves_it(office: Office) -> None:
    office.say(REPORT, "extension", date(2023, 3, 20), "--until", "29/4/2023", "--note", "chờ")
    decide(office, "extend", REPORT, at="2023-03-22")
    found = office.assignment(REPORT, "--as-of", "2023-04-10")
    # Saturday 29 April, then two days off.
    assert (found["due"], found["rolled"], found["first_due"]) == ("2023-04-29", "2023-05-03", "2023-03-31")
    assert (found["timeliness"], found["extension"]) == ("on_track", "granted")


def test_an_extension_after_the_deadline_cures_only_when_the_office_says_so(office: Office) -> None:
    decide(office, "extend", FORMULA, "--to", "30/06/2023", at="2023-05-10")
    decide(office, "extend", FORMULA_TOO, "--to", "30/06/2023", "--cures", at="2023-05-10")
    found = office.assignment(FORMULA, "--as-of", "2023-05-11")
    assert (found["timeliness"], found["due"]) == ("overdue", "2023-04-28")
    cured = office.assignment(FORMULA_TOO, "--as-of", "2023-05-11")
    assert (cured["timeliness"], cured["due"]) == ("on_track", "2023-06-30")


def test_a_refused_extension(office: Office) -> None:
    office.say(REPORT, "extension", date(2023, 3, 20), "--until", "28/4/2023", "--note", "chờ")
    decide(office, "extend", REPORT, "--refuse", "--note", "Đã gia hạn một lần", at="2023-03-22")
    assert office.assignment(REPORT, "--as-of", "2023-04-10")["extension"] == "refused"
    assert state(office, REPORT, "--as-of", "2023-04-10")[1] == "overdue"


def test_a_whole_task_is_triggered_withdrawn_and_reinstated(office: Office) -> None:
    ids = [f"{EVENT}:{MOT}", f"{EVENT}:{HAI}"]
    decide(office, "withdraw", ids[0], "--note", "Đã giao nơi khác", at="2023-04-01")
    # What was withdrawn does not stand in the way of the rest.
    assert f"– {ids[1]}." in decide(office, "trigger", EVENT, "--on", "05/4/2023", at="2023-04-06")
    assert [state(office, id)[0] for id in ids] == ["withdrawn", "not_started"]
    decide(office, "date", EVENT, "--to", "20/4/2023", at="2023-04-07")
    assert office.assignment(ids[1], *ON)["due"] == "2023-04-20"
    decide(office, "withdraw", EVENT, at="2023-04-08")
    assert {state(office, id) for id in ids} == {("withdrawn", "not_applicable")}
    assert decide(office, "reinstate", EVENT, at="2023-04-09") == "Đã ghi 2 cập nhật.\n"
    assert [state(office, id)[0] for id in ids] == ["dormant", "not_started"]


def test_a_date_for_what_has_none(office: Office) -> None:
    decide(office, "date", UNDATED, "--to", "30/4/2023", at="2023-04-01")
    found = office.assignment(UNDATED, "--as-of", "2023-05-04")
    assert (found["due"], found["rolled"], found["timeliness"]) == ("2023-04-30", "2023-05-03", "overdue")
    decide(office, "date", f"thu-2023:5:{VAN_HOA}", "--to", "31/5/2023", at="2023-05-04")
    assert office.assignment(UNDATED, "--as-of", "2023-05-05")["due"] == "2023-05-31"
    assert office.assignment(UNDATED, "--as-of", "2023-05-03")["due"] == "2023-04-30"
