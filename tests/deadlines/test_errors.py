"""What is not a deadline is an error that says what was understood, what was not, and where."""

from __future__ import annotations

import unicodedata

import pytest

from engine.deadlines import deadline_json, read_deadline
from engine.model.deadline import DeadlineKind
from tests.deadlines.wording import read

_IMPOSSIBLE = {
    "31/6": "no-such-day",
    "Trước ngày 31/6/2024": "no-such-day",
    "29/2/2023": "no-such-day",
    "ngày 0/5/2024": "no-such-day",
    "Từ 30/4 đến 31/4/2024": "no-such-day",
    "Ngày 32 hàng tháng": "no-such-day",
    "30/2 hàng năm": "no-such-day",
    "Trước ngày 31 tháng 4 hằng năm": "no-such-day",
    "Tháng 13": "no-such-month",
    "tháng 0/2024": "no-such-month",
    "15/13/2024": "no-such-month",
    "13/2024": "no-such-month",
    "Tháng 11-14/2024": "no-such-month",
    "15 tháng đầu năm": "no-such-month",
    "Tháng sáu mươi": "no-such-month",
    "quý V": "no-such-quarter",
    "Quý 5/2024": "no-such-quarter",
    "Quý IV, V/2024": "no-such-quarter",
    "Tuần 6 tháng 5": "no-such-week",
    "Tuần 5 tháng 2/2023": "no-such-week",
    "Trước 25h ngày 5/6": "no-such-hour",
    "Trước 17h75 ngày 5/6": "no-such-hour",
    "thứ 9 hàng tuần": "no-such-weekday",
    "Thứ 6 ngày 24/11/2024": "weekday-differs",
    "Ngày 25 (hai mươi tư) tháng 11": "number-words-differ",
    "Năm 1945": "year-out-of-range",
    "Trước ngày 15/6/2204": "year-out-of-range",
    "Từ tháng 9/2024 đến tháng 3/2024": "reversed",
    "Từ 30/6 đến 15/5/2024": "reversed",
    "Từ tháng 9/2024, hoàn thành trước 30/6/2024": "reversed",
    "Thường xuyên từ tháng 9/2024 đến hết năm 2023": "reversed",
    "ngày 15": "missing-month",
    "Trước ngày 15": "missing-month",
    "thứ Sáu": "missing-period",
    "Trước ngày 18 của tháng cuối kỳ báo cáo": "missing-period",
    "Trong vòng 30 ngày": "missing-anchor",
    "Chậm nhất 05 ngày làm việc": "missing-anchor",
    "Tháng 6 hoặc tháng 7/2024": "two-readings",
    "Trước 15/6 hoặc 15/7/2024": "two-readings",
    "2 tháng": "two-readings",
    "Trước tháng 5-6/2024": "two-readings",
}
_UNKNOWN = (
    "xyz",
    "Như trên",
    "Chưa xác định",
    "Theo",
    "Khi",
    "Trước",
    "Trước ngày",
    "quý",
    "tháng",
    "năm",
    "Hàng",
    "5 ngày",
    "trước ngàyy 15/6/2024",
    "thàng 6/2024",
    "Tháng 6/20245",
    "Quý II/2024 abc xyz",
    "15/6/2024 và blah",
    "Tháng 6, blah tháng 7",
    "Trong tháng",
    "nếu có",
    "Năm học 2023-2024",
    "Trong quá trình thực hiện",
    "100%",
    "Tháng 6/7/8",
    "1/2/3/4",
    "((()))",
    "Quý II/",
    "Tháng 6/2024 17h",
    "Định kỳ hoặc đột xuất",
    "Sớm nhất có thể",
    "trước ngày 15/6/2024 25/7",
    "Quý I quý",
    "hoàn thành",
    "Báo cáo kết quả",
    "UBND các xã",
)


@pytest.mark.parametrize(("text", "code"), _IMPOSSIBLE.items())
def test_impossible_or_undecided(text: str, code: str) -> None:
    reading = read(text)
    assert [problem.code for problem in reading.problems] == [code]
    assert reading.deadline.kind is DeadlineKind.INVALID
    assert reading.deadline.due is None


@pytest.mark.parametrize("text", _UNKNOWN)
def test_unknown_text_is_never_guessed(text: str) -> None:
    reading = read(text)
    assert [problem.code for problem in reading.problems] == ["not-understood"]
    assert reading.deadline.kind is DeadlineKind.INVALID
    (problem,) = reading.problems
    assert "hưa hiểu: “" in problem.message
    assert problem.hint
    assert 0 <= problem.start < problem.end <= len(text)


@pytest.mark.parametrize(
    ("text", "message", "words"),
    [
        ("Quý II/2024 abc xyz", "Hiểu được: “Quý II/2024”; chưa hiểu: “abc xyz”.", "abc xyz"),
        ("trước ngàyy 15/6/2024", "Hiểu được: “15/6/2024”; chưa hiểu: “trước ngàyy”.", "trước ngàyy"),
        ("Tháng 6, blah tháng 7", "Hiểu được: “Tháng 6”, “tháng 7”; chưa hiểu: “blah”.", "blah"),
        ("xyz", "Chưa hiểu: “xyz”.", "xyz"),
    ],
)
def test_says_what_was_understood_and_where(text: str, message: str, words: str) -> None:
    (problem,) = read(text).problems
    assert problem.message == message
    assert text[problem.start : problem.end] == words


def test_the_place_is_in_the_text_as_typed() -> None:
    text = unicodedata.normalize("NFD", "Trước ngày 15/6/2024; Tháng 13/2024")
    (problem,) = read(text).problems
    assert problem.code == "no-such-month"
    assert unicodedata.normalize("NFC", text[problem.start : problem.end]) == "Tháng 13/2024"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("thàng 6/2024", "“tháng”"),
        ("trước ngàyy 15/6/2024", "“ngày”"),
        ("Thừơng xuyen", "“thường xuyên”"),
        ("Như trên", "dòng trên"),
        ("Trong tháng", "“Hằng tháng”"),
    ],
)
def test_the_hint_names_a_way_out(text: str, hint: str) -> None:
    (problem,) = read(text).problems
    assert hint in problem.hint


def test_both_readings_are_shown() -> None:
    (problem,) = read("Quý II hoặc quý III/2024").problems
    assert "“Quý II” hay “quý III/2024”" in problem.message


@pytest.mark.parametrize("text", ["", " ", "\n", "-", "...", "…", "\u00a0", " - ", "\u200b"])
def test_an_empty_cell_has_no_deadline(text: str) -> None:
    reading = read(text)
    assert reading.deadline.kind is DeadlineKind.UNSPECIFIED
    assert [problem.code for problem in reading.problems] == ["empty"]


def test_a_cell_that_is_no_cell() -> None:
    reading = read("Quý II/2024 " * 1000)
    assert [problem.code for problem in reading.problems] == ["too-long"]


def test_working_days_need_a_calendar() -> None:
    reading = read_deadline("05 ngày làm việc kể từ ngày ban hành", plan_year=2024, issued=None)
    assert reading.deadline.kind is DeadlineKind.EVENT
    issued = read("2/9").deadline.due
    reading = read_deadline("05 ngày làm việc kể từ ngày ban hành", plan_year=2024, issued=issued)
    assert [problem.code for problem in reading.problems] == ["calendar-missing"]


def test_errors_in_json() -> None:
    (error,) = deadline_json(read("Tháng 13/2024"))["errors"]
    assert error["code"] == "no-such-month"
    assert error["message"] == "Không có tháng 13."
    assert (error["start"], error["end"]) == (0, 13)
