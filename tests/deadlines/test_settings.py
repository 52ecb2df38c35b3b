"""What a plan decides: before a day or on it, rolling, its day, its year; and the shape of the JSON."""

from __future__ import annotations

from datetime import date

import pytest

from engine.deadlines import deadline_json, read_deadline
from engine.model.deadline import Deadline, DeadlineKind
from engine.workdays import WorkCalendar
from tests.deadlines.wording import calendar, gist, read


def test_before_a_day_may_mean_the_day_itself() -> None:
    strict, inclusive = (
        read("Trước ngày 15/6/2024", before_day=way).deadline for way in ("exclusive", "inclusive")
    )
    assert (strict.due, strict.alt_due) == (date(2024, 6, 14), date(2024, 6, 15))
    assert (inclusive.due, inclusive.alt_due) == (date(2024, 6, 15), date(2024, 6, 14))
    assert inclusive.rolled == date(2024, 6, 17)  # the 15th is a Saturday
    assert inclusive.alt_rolled == date(2024, 6, 14)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("trước ngày 20 hàng tháng", "FREQ=MONTHLY;BYMONTHDAY=20"),
        ("trước ngày 20/11 hàng năm", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=20"),
        ("trước thứ Sáu hàng tuần", "FREQ=WEEKLY;BYDAY=FR"),
        ("trước ngày 01 hàng tháng", "FREQ=MONTHLY;BYMONTHDAY=1"),
    ],
)
def test_before_a_day_that_comes_again(text: str, meaning: str) -> None:
    strict = read(text).deadline
    inclusive = read(text, before_day="inclusive").deadline
    assert inclusive.rrules == (meaning,)
    assert inclusive.alt_rrules == strict.rrules
    assert strict.alt_rrules == inclusive.rrules
    assert inclusive.alt_due_dates == tuple(each.due for each in strict.occurrences)


def test_before_a_month_is_the_same_either_way() -> None:
    assert gist(read("Trước tháng 9/2024")) == gist(read("Trước tháng 9/2024", before_day="inclusive"))


def _rolled(deadline: Deadline) -> tuple[date | None, date | None]:
    return deadline.due, deadline.rolled


def test_rolling_is_a_setting_and_never_moves_the_due_day() -> None:
    text, saturday, monday = "30/11/2024", date(2024, 11, 30), date(2024, 12, 2)
    on = read_deadline(text, plan_year=2024, calendar=calendar()).deadline
    off = read_deadline(text, plan_year=2024, calendar=calendar(), roll=False).deadline
    without = read_deadline(text, plan_year=2024).deadline
    assert _rolled(on) == (saturday, monday)
    assert _rolled(off) == (saturday, saturday)
    assert _rolled(without) == (saturday, None)


def test_a_year_outside_the_calendar_is_not_rolled() -> None:
    small = WorkCalendar(days_off={}, working_saturdays=frozenset(), years=frozenset({2023}))
    read_2024 = read_deadline("30/11/2024", plan_year=2024, calendar=small).deadline
    assert _rolled(read_2024) == (date(2024, 11, 30), None)
    over_the_end = read_deadline("31/12/2023", plan_year=2023, calendar=small).deadline
    assert _rolled(over_the_end) == (date(2023, 12, 31), None)
    weekly = read_deadline("Hàng tuần", plan_year=2024, calendar=small).deadline
    assert {each.rolled for each in weekly.occurrences} == {None}


def test_due_days_that_come_again_are_rolled_one_by_one() -> None:
    monthly = read("Hàng tháng", year=2023, issued=None).deadline
    by_due = {each.due: each.rolled for each in monthly.occurrences}
    assert by_due[date(2023, 4, 30)] == date(2023, 5, 4)  # Sunday, then three days off
    assert by_due[date(2023, 5, 31)] == date(2023, 5, 31)
    assert by_due[date(2023, 12, 31)] == date(2024, 1, 2)


@pytest.mark.parametrize(
    ("issued", "in_force_from", "first", "start"),
    [
        (None, None, "2023-01-31", date(2023, 1, 1)),
        (date(2023, 5, 10), None, "2023-05-31", date(2023, 5, 10)),
        (None, date(2023, 5, 23), "2023-05-31", date(2023, 5, 23)),
        (date(2023, 8, 31), date(2023, 5, 23), "2023-08-31", date(2023, 8, 31)),
        (date(2022, 12, 20), None, "2023-01-31", date(2023, 1, 1)),
        (date(2024, 2, 1), None, "2023-01-31", date(2023, 1, 1)),
    ],
)
def test_nothing_is_due_before_the_plan_counts(
    issued: date | None, in_force_from: date | None, first: str, start: date
) -> None:
    monthly = read_deadline("Hằng tháng", plan_year=2023, issued=issued, in_force_from=in_force_from)
    assert deadline_json(monthly)["due_dates"][0] == first
    steady = read_deadline("Thường xuyên", plan_year=2023, issued=issued, in_force_from=in_force_from)
    assert (steady.deadline.start, steady.deadline.end) == (start, date(2023, 12, 31))


def test_days_from_the_issue_wait_for_it() -> None:
    text = "10 ngày kể từ ngày ban hành Kế hoạch"
    waiting = read_deadline(text, plan_year=2023).deadline
    assert waiting.kind is DeadlineKind.EVENT
    assert waiting.trigger == "Kế hoạch được ban hành"
    known = read_deadline(text, plan_year=2023, in_force_from=date(2023, 5, 23)).deadline
    assert known.due == date(2023, 6, 2)


def test_from_now_on_without_a_day_has_no_start() -> None:
    unknown = read_deadline("Từ nay đến hết năm 2023", plan_year=2023).deadline
    assert (unknown.start, unknown.due) == (None, date(2023, 12, 31))


def test_a_missing_year_is_the_year_of_the_plan() -> None:
    for year in (2022, 2023, 2024, 2025):
        assert read("Quý III", year=year).deadline.due == date(year, 9, 30)
        assert read("29/2" if year == 2024 else "28/2", year=year).deadline.due is not None


def test_names_of_periods() -> None:
    def names(text: str) -> list[str]:
        return [each.period for each in read(text, year=2022, issued=date(2022, 10, 1)).deadline.occurrences]

    assert names("Hàng tháng") == ["2022-10", "2022-11", "2022-12"]
    assert names("Hàng tháng, quý, năm") == ["2022-10", "2022-11", "2022-12"]
    assert names("trước ngày 20 hàng tháng") == ["2022-10", "2022-11", "2022-12"]
    assert names("trước ngày 05 tháng sau") == ["2022-09", "2022-10", "2022-11"]
    assert names("Hàng quý") == ["2022-Q4"]
    assert names("trước ngày 15 của tháng cuối quý") == ["2022-Q4"]
    assert names("ngày 10 của tháng đầu quý sau") == ["2022-Q3"]
    assert names("6 tháng/lần") == ["2022-H2"]
    assert names("Hàng năm") == ["2022"]
    assert names("Ngày 10 và 25 hàng tháng")[:3] == ["2022-10", "2022-10/2", "2022-11"]
    assert names("Hàng tuần")[:2] == ["2022-W39", "2022-W40"]
    assert names("Thứ 2, thứ 5 hàng tuần")[:3] == ["2022-W40", "2022-W40/2", "2022-W41"]


def test_a_moved_day_keeps_the_name_of_its_period() -> None:
    first, second = (
        [each.period for each in read(text).deadline.occurrences if each.due.month > 3]
        for text in ("trước ngày 20 hàng tháng", "trước ngày 25 hàng tháng")
    )
    assert first == second


def test_json_of_several_rules() -> None:
    given = deadline_json(read("Hàng tháng, quý, năm"))
    assert len(given["rrules"]) == 3
    assert given["rrule"] == "FREQ=MONTHLY;BYMONTHDAY=-1"
    given = deadline_json(read("Hàng tuần, hàng tháng"))
    assert len(given["rrules"]) == 2
    assert "rrule" not in given
    assert "rrules" not in deadline_json(read("Hàng tháng"))


def test_json_of_an_offset() -> None:
    assert deadline_json(read("5 ngày làm việc kể từ ngày nhận được văn bản"))["offset"] == {
        "n": 5, "unit": "working_day", "days": 5,
    }  # fmt: skip
    assert deadline_json(read("Khi có yêu cầu"))["offset"] is None
    assert "offset" not in deadline_json(read("Quý II"))


def test_daily_has_no_list_of_days() -> None:
    given = deadline_json(read("Hằng ngày"))
    assert given["rrule"] == "FREQ=DAILY"
    assert "due_dates" not in given


def test_the_reading_keeps_its_words() -> None:
    text = " Trước  ngày 15/6/2024\n"
    assert read(text).deadline.text == text
    parts = read("- Xây dựng: trước 15/3\n- Tổng kết: tháng 12").deadline.milestones
    assert [(part.label, part.text) for part in parts] == [
        ("Xây dựng", "trước 15/3"),
        ("Tổng kết", "tháng 12"),
    ]
