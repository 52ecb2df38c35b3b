"""Rules about indicators: the days on which they speak, to whom, in what words, and what takes them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from engine.day import conclude
from engine.indicator_watch import watched_now, watched_of
from engine.model.plan import Indicator, Plan
from engine.notices.indicator import figures_words
from engine.notices.notice import Book, Notice
from engine.simulate import simulate
from engine.store.database import reading, writing
from engine.store.messages.reach import reach_on_paper
from engine.store.people import contacts
from engine.store.reports.measurements import Said, say
from engine.tracking.watched import Watched, situation_of_indicator
from tests.cast import CALENDAR, COMMUNES, OFFICE, at, book, plan, ref, ruleset
from tests.tick.desk import Desk, desk_with

RULES = (Path(__file__).parents[2] / "rules" / "chi-tieu.yaml").read_text(encoding="utf-8")
LAW = ruleset(RULES)
ONE, TWO, THREE = COMMUNES
END = date(2023, 12, 31)


def row(id: str, unit: str, target: str | None = "80", *, name: str = "Tỷ lệ hồ sơ trực tuyến") -> Indicator:
    value = Decimal(target) if target else None
    return Indicator("Phụ lục 2", "3", "1", ref(unit), name, target, value, (), id, in_percent=True)


PLAN: Plan = replace(
    plan(),
    indicators=(row("pl2.1", ONE), row("pl2.2", ONE, "95", name="Thanh toán"), row("pl2.3", TWO, None)),
)


def watched(value: str | None = None, on: date = date(2023, 12, 1), **more: object) -> Watched:
    found = watched_of([PLAN])["an-2023/pl2.1"]
    if value is not None:
        found = replace(found, value=Decimal(value), measured_on=on, measured_until=on, window="tháng 4/2023")
    return replace(found, **more)  # type: ignore[arg-type]


def told(day: date, *rows: Watched) -> list[Notice]:
    words: Book = replace(book(PLAN), indicators={each.id: each for each in rows})
    return list(conclude((), LAW, words, CALENDAR, day, ()).notices)


@pytest.mark.parametrize("weeks", [12, 8, 4, 2, 1])
def test_weeks_left_are_told_on_their_day_not_the_day_before(weeks: int) -> None:
    day = END - timedelta(days=7 * weeks)
    measured = [watched("70", day - timedelta(days=3))]

    def occasions(on: date) -> set[str]:
        return {notice.occasion for notice in told(on, *measured)}

    assert f"weeks_left:{weeks}" not in occasions(day - timedelta(days=1))
    assert f"weeks_left:{weeks}" in occasions(day)
    assert f"weeks_left:{weeks}" in occasions(day + timedelta(days=1))


def test_a_month_of_silence_counts_working_days_and_begins_anew_with_a_number() -> None:
    start = PLAN.starts
    days = [start + timedelta(days=n) for n in range(60)]
    first = next(d for d in days if CALENDAR.working_days_between(start, d) == 22)
    assert told(first - timedelta(days=1), watched()) == []
    [notice] = told(first, watched())
    assert (notice.rule, notice.recipient, notice.deadline) == ("chi-tieu-chua-bao", ONE, "-")
    assert notice.occasion == f"days_silent:22@{start}"
    assert [n.key for n in told(first + timedelta(days=1), watched())] == [notice.key]
    assert told(first, watched("10", first)) == []


def test_nobody_hears_of_a_met_target_of_no_target_or_outside_the_year() -> None:
    late = date(2023, 12, 20)
    assert told(late, watched("80", date(2023, 6, 1))) == []
    assert told(late, watched(target=None)) == []
    assert told(PLAN.starts - timedelta(days=1), watched()) == []
    assert told(date(2024, 1, 2), watched()) == []


def test_far_behind_the_monitor_hears_it() -> None:
    day = END - timedelta(days=28)
    assert {n.recipient for n in told(day, watched("63,9".replace(",", "."), day))} == {ONE, OFFICE}
    assert {n.recipient for n in told(day, watched("64", day))} == {ONE}


@pytest.mark.parametrize(
    ("made", "behind", "progress"),
    [
        (watched("76.7"), 4, 95),
        (watched("79.99"), 1, 99),
        (watched("80"), 0, 100),
        (watched(), 0, 0),
        (watched(target=None), 0, 100),
        (watched("12", target=Decimal(10), at_most=True), 2, 83),
        (watched("9", target=Decimal(10), at_most=True), 0, 111),
    ],
)
def test_facts(made: Watched, behind: int, progress: int) -> None:
    found = situation_of_indicator(made, "commune", date(2023, 12, 1), CALENDAR)
    assert (found.behind, found.progress) == (behind, progress)


def test_missed_windows_are_those_that_closed_since_the_last_number() -> None:
    def missed(made: Watched, day: date) -> int:
        return situation_of_indicator(made, "commune", day, CALENDAR).missed

    assert [missed(watched(), date(2023, 4, d)) for d in (14, 15)] == [1, 2]  # March 14 and April 14
    assert missed(watched("5", date(2023, 4, 14)), date(2023, 4, 15)) == 0


def test_the_line() -> None:
    day = END - timedelta(days=56)
    assert figures_words(watched("76.7"), day) == (
        "76,7 % / chỉ tiêu 80 % (thiếu 3,3 điểm), còn 8 tuần; số liệu gần nhất: tháng 4/2023"
    )
    assert figures_words(watched("79.999"), day).startswith("79,99 % / chỉ tiêu 80 % (thiếu 0,01 điểm)")
    assert figures_words(watched(), day) == "chưa có số liệu / chỉ tiêu 80 %, còn 8 tuần"


# --- a pass ------------------------------------------------------------------------------------------------

ASKED = next(
    d
    for d in (PLAN.starts + timedelta(days=n) for n in range(60))
    if CALENDAR.working_days_between(PLAN.starts, d) == 22
)


@pytest.fixture
def office(store: Engine) -> Desk:
    desk = desk_with(store, [PLAN])
    desk.files = replace(desk.files, ruleset=LAW, plans=(PLAN,))
    return desk


def measure(desk: Desk, indicator: str, value: str, day: date) -> None:
    said = Said("an-2023", indicator, ONE, date(2023, 2, 15), date(2023, 3, 14), Decimal(value))
    with writing(desk.store) as connection:
        say(connection, [said], "cli", "thử", at(day, 8), at(day, 8))


def test_two_indicators_of_one_unit_come_in_one_message(office: Desk) -> None:
    office.tick(at(ASKED))
    [message] = office.far_end.to(ONE)
    assert "Tỷ lệ hồ sơ trực tuyến (" in message.text
    assert "Thanh toán (" in message.text
    assert "chưa có số liệu / chỉ tiêu 80 %" in message.text
    assert office.far_end.to(TWO) == []


def test_a_new_number_takes_back_what_waits(office: Desk) -> None:
    office.tick(at(ASKED, 6))  # before the office opens: raised, not said
    measure(office, "pl2.1", "70", ASKED)
    office.tick(at(ASKED, 9))
    [message] = office.far_end.to(ONE)
    assert "Tỷ lệ hồ sơ trực tuyến" not in message.text
    assert "Thanh toán" in message.text


def test_simulation_says_what_passes_say(office: Desk) -> None:
    days = [ASKED + timedelta(days=n) for n in range(-1, 3)]
    for day in days:
        office.tick(at(day))
    with reading(office.store) as connection:
        people = contacts.active(connection)
        assert watched_now(connection, [PLAN], ASKED) == watched_of([PLAN])
    words = replace(book(PLAN), indicators=watched_of([PLAN]))
    reach = reach_on_paper(people, ["email"])
    played = list(simulate((), LAW, words, CALENDAR, days[0], days[-1], reach, worded=True))
    assert [m.subject for m in played] == [m.subject for m in office.far_end.arrived]
    assert [m.day for m in played] == [ASKED]
