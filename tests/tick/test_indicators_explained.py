"""What a unit hears of its indicators says why, a silence as well; beside its tasks it is one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from engine.errors import DondocError
from engine.explain import explain_silence, explain_stored
from engine.indicator_watch import watched_of
from engine.notices.notice import Book
from engine.store import views
from engine.store.database import reading
from engine.store.messages import notices
from tests.cast import CALENDAR, RULES, due_on, ruleset, task
from tests.tick.desk import Desk, desk_with
from tests.tick.test_indicator_rules import ASKED, LAW, ONE, PLAN, measure, office
from tests.tick.test_indicator_rules import RULES as INDICATOR_RULES

__all__ = ["office"]

SUBJECT = "an-2023/pl2.1"


def book_of(desk: Desk) -> Book:
    with reading(desk.store) as connection:
        return Book(desk.files.registry, views.plans(connection), views.tasks(connection), watched_of([PLAN]))


def silence(desk: Desk, day: date, subject: str = SUBJECT) -> str:
    with reading(desk.store) as connection:
        return explain_silence(connection, subject, day, LAW, book_of(desk), CALENDAR)


def test_a_notice_names_its_rule_the_figures_and_the_count(office: Desk) -> None:
    office.tick(ASKED)
    with reading(office.store) as connection:
        [number] = [stored.id for stored in notices.of_subject(connection, SUBJECT)]
        [(_, text)] = explain_stored(connection, [number], LAW, book_of(office), CALENDAR)
    assert "Luật “chi-tieu-chua-bao”" in text
    assert "chưa có số liệu / chỉ tiêu 80 %" in text
    assert "nên mốc đã qua gần nhất là 22" in text
    assert "\n" not in text


def test_why_a_day_brought_none(office: Desk) -> None:
    office.tick(ASKED)
    measure(office, "pl2.1", "70", ASKED + timedelta(days=1))
    assert "theo luật “chi-tieu-chua-bao” trong ngày" in silence(office, ASKED)
    assert "Luật “chi-tieu-chua-bao” chưa khớp" in silence(office, ASKED - timedelta(days=1))
    after = silence(office, ASKED + timedelta(days=2))
    assert "70 % / chỉ tiêu 80 % (thiếu 10 điểm)" in after
    assert "Luật “chi-tieu-chua-bao” chưa khớp" in after
    assert "chỉ xét từ" in silence(office, date(2024, 3, 1))
    with pytest.raises(DondocError, match="Không có chỉ tiêu nào"):
        silence(office, ASKED, "an-2023/none")


def test_tasks_and_indicators_come_in_one_message(store: Engine) -> None:
    mine = replace(PLAN, tasks=(task("t-1", leads=(ONE,), deadline=due_on(ASKED - timedelta(days=1))),))
    desk = desk_with(store, [mine])
    desk.files = replace(
        desk.files, ruleset=ruleset(RULES + INDICATOR_RULES.partition("rules:\n")[2]), plans=(mine,)
    )
    desk.tick(ASKED)
    [message] = desk.far_end.to(ONE)
    assert "1 việc quá hạn" in message.subject
    assert "chỉ tiêu cần quan tâm" in message.subject
    assert "chưa có số liệu / chỉ tiêu 80 %" in message.text
