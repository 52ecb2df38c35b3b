"""``office chase``: shows every message, records each unit once a day, says what it leaves out."""

from __future__ import annotations

from datetime import date

from tests.office.offices import ALWAYS, FORMULA, FORMULA_TOO, REPORT, Office

WHEN = ("--at", "2023-06-05T09:00")


def test_a_dry_run_shows_the_messages_and_writes_nothing(office: Office) -> None:
    before = office.content()
    said = office.good("office", "chase", REPORT, FORMULA, "--words", "Gấp.", "--dry-run", *WHEN).out
    assert office.content() == before
    assert said.count("Văn phòng đôn đốc ngày 05/06/2023: “Gấp”.") == 2
    assert "Đôn đốc: 1 việc quá hạn – Phòng Nội vụ" in said
    assert said.endswith("Chưa ghi và chưa gửi gì.\n")


def test_each_unit_is_chased_once_a_day(office: Office) -> None:
    said = office.good("office", "chase", REPORT, "thu-2023:2", "--by", "Chánh Văn phòng", *WHEN)
    assert "Đã ghi đôn đốc 3 đơn vị" in said.out
    assert office.rows("SELECT unit, created_by FROM chase ORDER BY unit") == [
        ("huyen.hai", "Chánh Văn phòng"),
        ("huyen.mot", "Chánh Văn phòng"),
        ("huyen.noi-vu", "Chánh Văn phòng"),
    ]
    before = office.content()
    answer = office("office", "chase", REPORT, ALWAYS, *WHEN)
    assert answer.status == 1
    assert office.content() == before
    assert "hôm nay đã được Chánh Văn phòng đôn đốc lúc 09:00, mỗi ngày một lần" in answer.err
    assert f"Không đôn đốc {ALWAYS}: không có thời hạn." in answer.err


def test_programs_get_the_same(office: Office) -> None:
    office.say(FORMULA, "done", date(2023, 6, 1))
    found = office.good("office", "chase", FORMULA, FORMULA_TOO, "--json", *WHEN).json
    assert found["chases"] == [1]
    [message] = found["messages"]
    assert (message["units"], message["recipients"], message["later"]) == (["huyen.hai"], [], False)
    assert found["left_out"] == [
        {"assignment": FORMULA, "reason": "đơn vị đã báo cáo hoàn thành, đang chờ văn phòng xác nhận"}
    ]
    again = office("office", "chase", FORMULA_TOO, "--json", *WHEN)
    assert again.status == 1
    assert [each["unit"] for each in again.json["refused"]] == ["huyen.hai"]


def test_what_does_not_exist_and_words_too_long_are_refused(office: Office) -> None:
    assert "“thu-2023:9:x”" in office.refused("office", "chase", "thu-2023:9:x", *WHEN)
    assert "nhiều nhất là 500" in office.refused("office", "chase", REPORT, "--words", "đ" * 501, *WHEN)
