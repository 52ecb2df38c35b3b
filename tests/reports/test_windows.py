"""Reporting windows: Nghị định 09/2019 Điều 12, a plan's own months, and that they tile the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loading.plans import load_plan
from engine.model.plan import Reporting
from engine.reports.windows import BY_DECREE, Kind, before, holding, named, own, recognised
from tests.cast import CALENDAR, REGISTRY

HAI_PHONG = Reporting(15, 20)
TO_THE_END = Reporting(31, None)

WINDOWS = [
    ("2023-06", BY_DECREE, "15/05/2023", "14/06/2023", "tháng 6 năm 2023"),
    ("2023-01", BY_DECREE, "15/12/2022", "14/01/2023", "tháng 1 năm 2023"),
    ("2023-12", BY_DECREE, "15/11/2023", "14/12/2023", "tháng 12 năm 2023"),
    ("2023-Q1", BY_DECREE, "15/12/2022", "14/03/2023", "quý I năm 2023"),
    ("2023-q4", BY_DECREE, "15/09/2023", "14/12/2023", "quý IV năm 2023"),
    ("2023-H1", BY_DECREE, "15/12/2022", "14/06/2023", "6 tháng đầu năm 2023"),
    ("2023-H2", BY_DECREE, "15/06/2023", "14/12/2023", "6 tháng cuối năm 2023"),
    ("2023", BY_DECREE, "15/12/2022", "14/12/2023", "năm 2023"),
    ("2022-06", HAI_PHONG, "16/05/2022", "15/06/2022", "tháng 6 năm 2022"),
    ("2023-01", HAI_PHONG, "16/12/2022", "15/01/2023", "tháng 1 năm 2023"),
    ("2024-02", TO_THE_END, "01/02/2024", "29/02/2024", "tháng 2 năm 2024"),
    ("2023", TO_THE_END, "01/01/2023", "31/12/2023", "năm 2023"),
]


@pytest.mark.parametrize(("name", "rule", "first", "last", "title"), WINDOWS)
def test_the_days_of_a_window(name: str, rule: Reporting, first: str, last: str, title: str) -> None:
    found = named(name, rule)
    assert found is not None
    assert (f"{found.first:%d/%m/%Y}", f"{found.last:%d/%m/%Y}", found.title) == (first, last, title)
    assert found.name == name.upper()
    assert recognised(found.first, found.last, rule) == found


@pytest.mark.parametrize("name", ["", "2023-13", "2023-00", "2023-Q5", "2023-H3", "06/2023", "23-06", "9999"])
def test_what_is_no_window(name: str) -> None:
    assert named(name) is None


SENT = [
    (HAI_PHONG, date(2022, 6, 20)),
    (Reporting(14, 10), date(2022, 7, 10)),  # a day before the closing one: of the next month
    (Reporting(31, 31), date(2022, 7, 31)),
    (BY_DECREE, None),
]


@pytest.mark.parametrize(("rule", "send"), SENT)
def test_before_which_day_a_month_is_sent(rule: Reporting, send: date | None) -> None:
    found = named("2022-06", rule)
    assert found is not None
    assert found.send_before == send


RULES = st.builds(Reporting, st.integers(1, 31), st.none())
KINDS = st.sampled_from([Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR])


@given(kind=KINDS, rule=RULES, day=st.dates(date(1995, 1, 1), date(2090, 1, 1)))
def test_windows_of_a_kind_tile_the_calendar(kind: Kind, rule: Reporting, day: date) -> None:
    """Every day lies in exactly one, and the one before ends the day before it begins."""
    found = holding(kind, day, rule)
    assert found.first <= day <= found.last
    earlier = before(found, rule)
    assert earlier.last + timedelta(days=1) == found.first
    assert holding(kind, found.first - timedelta(days=1), rule) == earlier
    assert holding(kind, found.last + timedelta(days=1), rule).first == found.last + timedelta(days=1)


def test_a_window_of_ones_own_follows_one_of_as_many_days() -> None:
    found = own(date(2023, 2, 1), date(2023, 3, 15))
    assert found.title == "từ 01/02/2023 đến 15/03/2023"
    earlier = before(found)
    assert (earlier.first, earlier.last) == (date(2022, 12, 20), date(2023, 1, 31))
    with pytest.raises(ValueError, match="2023"):
        own(date(2023, 3, 2), date(2023, 3, 1))


PLAN = """plan:
  id: thu
  number: 1/KH-UBND
  title: Thử
  issuer: UBND huyện An
  issued: 01/03/2023
  year: 2023
  monitor: Văn phòng HĐND & UBND
{reporting}tasks: []
"""
ACCEPTED = [
    ("", None),
    ("  reporting: {closes_on: 15, send_before: 20}\n", HAI_PHONG),
    ("  reporting: {closes_on: 31}\n", TO_THE_END),
]
REFUSED = ["{closes_on: 0}", "{closes_on: 32}", "{send_before: 20}", "{closes_on: 15, send_before: 32}", "15"]


@pytest.mark.parametrize(("text", "reporting"), ACCEPTED)
def test_a_plan_says_when_its_months_close(text: str, reporting: Reporting | None) -> None:
    found, problems = load_plan(PLAN.format(reporting=text).encode(), "plans/thu.yaml", REGISTRY, CALENDAR)
    assert found is not None, problems
    assert found.reporting == reporting


@pytest.mark.parametrize("text", REFUSED)
def test_a_wrong_rule_is_named_with_its_line(text: str) -> None:
    data = PLAN.format(reporting=f"  reporting: {text}\n").encode()
    found, problems = load_plan(data, "plans/thu.yaml", REGISTRY, CALENDAR)
    assert found is None
    assert {problem.line for problem in problems} == {9}
