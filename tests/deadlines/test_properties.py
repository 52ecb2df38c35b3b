"""What holds for every text: no traceback, dates in order, the same rules as RFC 5545, linear time."""

from __future__ import annotations

import re
import time
from datetime import date, datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from engine.deadlines import Reading, deadline_json, read_deadline
from engine.model.deadline import Deadline, DeadlineKind
from tests.deadlines.wording import DATA, calendar, cells, read

_FRAGMENTS = (
    "\n- ",
    "\n",
    *(
        "khi |có |trước |ngày |1/2 |15/6/2024 |tháng |5 |- |, |; |(|)|: |theo |báo cáo |hàng |quý |II |"
        "đến |từ |và |hoặc |thường xuyên |6 tháng |đợt 1 |năm |2024 |lần |/|chậm nhất |sau |17h |thứ 2 |"
        "xyz |đầu |cuối |mỗi |nay |làm việc |kể từ |của |một |hai |số 12/KH-UBND |kỳ |tuần |31/2 |99 |0 |"
        "ngay |* |+ |. |trong |vòng |24 giờ"
    ).split("|"),
)
_texts = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "Z", "M", "C"]), max_size=120),
    st.lists(st.sampled_from(_FRAGMENTS), max_size=40).map("".join),
    st.builds(
        lambda text, place, size, new: text[:place] + new + text[place + size :],
        st.sampled_from([cell["text"] for cell in cells()]),
        st.integers(min_value=0, max_value=60),
        st.integers(min_value=0, max_value=6),
        st.sampled_from(("", " ", *_FRAGMENTS)),
    ),
)
_days = st.dates(min_value=date(2019, 1, 1), max_value=date(2027, 12, 31))


def _wordings() -> list[str]:
    lines = (DATA / "deadline_wordings.txt").read_text(encoding="utf-8").splitlines()
    words = [line.split("  =>  ")[0].replace("\\n", "\n") for line in lines if line and line[0] != "#"]
    return [*words, *(cell["text"] for cell in cells())]


@given(_texts, st.integers(min_value=2019, max_value=2027), st.none() | _days)
def test_any_text_has_a_reading(text: str, year: int, issued: date | None) -> None:
    reading = read_deadline(text, plan_year=year, issued=issued, calendar=calendar())
    _in_order(reading.deadline)
    _says_what_is_wrong(reading, text)
    deadline_json(reading)


def _says_what_is_wrong(reading: Reading, text: str) -> None:
    wrong = reading.deadline.kind in (DeadlineKind.INVALID, DeadlineKind.UNSPECIFIED)
    assert wrong == bool(reading.problems)
    assert reading.deadline.text == text
    assert reading.deadline.rule
    for problem in reading.problems:
        assert problem.message
        assert problem.hint
        assert 0 <= problem.start <= problem.end <= len(text)


def _in_order(deadline: Deadline) -> None:
    if deadline.kind is DeadlineKind.DATE:
        assert deadline.due is not None
        assert deadline.start is None or deadline.start <= deadline.due
        assert deadline.rolled is None or deadline.rolled >= deadline.due
    if deadline.kind is DeadlineKind.CONTINUOUS:
        assert deadline.start is not None
        assert deadline.end is not None
        assert deadline.start <= deadline.end
    if deadline.kind is DeadlineKind.EVENT:
        assert deadline.trigger
    dues = [each.due for each in deadline.occurrences]
    assert dues == sorted(set(dues))
    names = [each.period for each in deadline.occurrences]
    assert len(names) == len(set(names))
    for each in deadline.occurrences:
        assert each.start <= each.due
        assert each.rolled is None or each.rolled >= each.due
    for part in deadline.milestones:
        assert part.kind is not DeadlineKind.MILESTONES
        _in_order(part)


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_due_days_are_those_of_the_rules(year: int) -> None:
    """A second opinion on every rule: dateutil expands the same text of the rule to the same days."""
    first, last = (
        datetime.combine(day, datetime.min.time()) for day in (date(year, 3, 15), date(year, 12, 31))
    )
    checked = 0
    for text in _wordings():
        deadline = read(text, year=year, issued=first.date()).deadline
        if deadline.kind is not DeadlineKind.RECURRING or deadline.start or deadline.end:
            continue
        if deadline.rrules == ("FREQ=DAILY",) or re.search(r"20\d\d", text):
            continue
        days = {
            day.date()
            for rule in deadline.rrules
            for day in rrulestr(rule, dtstart=first).between(first, last, inc=True)
        }
        assert [each.due for each in deadline.occurrences] == sorted(days), text
        if deadline.rrule:
            single = rrulestr(deadline.rrule, dtstart=first).between(first, last, inc=True)
            assert [day.date() for day in single] == sorted(days), text
        checked += 1
    assert checked > 120


def test_time_grows_with_the_length_only() -> None:
    for fragment in (
        *_FRAGMENTS,
        "a",
        "(",
        "((khi ",
        "a: ",
        "Tháng 3, ",
        "trước ngày 1/1/2024 ",
        "báo cáo khi 5/6 ",
    ):
        for size in (1000, 10_000):
            text = (fragment * size)[:size]
            before = time.perf_counter()
            read_deadline(text, plan_year=2024, calendar=calendar())
            assert time.perf_counter() - before < 1, fragment


@pytest.mark.parametrize("text", ["Quý II/2024", "trước ngày 20 hàng tháng", "Khi có yêu cầu"])
def test_reading_twice_is_the_same(text: str) -> None:
    assert read(text) == read(text)
    assert hash(read(text)) == hash(read(text))
