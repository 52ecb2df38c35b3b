"""What an office is told of its own affairs says why, and a silence as well."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from engine.errors import DondocError
from engine.explain import explain_silence, explain_stored
from engine.store.database import reading
from engine.store.messages import notices
from tests.cast import CALENDAR, DISTRICT, OFFICE, at
from tests.tick.desk import Desk
from tests.tick.test_summaries import LAW, MONDAY, book_of, busy, stop

__all__ = ["busy"]


def why(desk: Desk, subject: str = f"office:{OFFICE}") -> list[str]:
    with reading(desk.store) as connection:
        numbers = [stored.id for stored in notices.of_subject(connection, subject)]
        return [text for _, text in explain_stored(connection, numbers, LAW, book_of(desk), CALENDAR)]


def silence(desk: Desk, day: date, subject: str = f"office:{OFFICE}") -> str:
    with reading(desk.store) as connection:
        return explain_silence(connection, subject, day, LAW, book_of(desk), CALENDAR)


def test_a_summary_names_its_rule_its_days_and_the_count(busy: Desk) -> None:
    busy.tick(MONDAY)
    [week] = [text for text in why(busy) if "“tuan”" in text]
    assert "Tổng hợp từ thứ Hai, 12/06/2023 đến Chủ nhật, 18/06/2023" in week
    assert "nên mốc đã qua gần nhất là 1" in week
    assert "\n" not in week


def test_a_stopped_channel_is_named_with_its_day_and_the_count(busy: Desk) -> None:
    stop(busy, "zns", at(date(2023, 6, 15)))
    busy.tick(date(2023, 6, 16))
    [text] = [text for text in why(busy) if "“kenh-dung”" in text]
    assert (
        "Kênh ZNS dừng từ thứ Năm, 15/06/2023; từ hôm sau đến thứ Sáu, 16/06/2023 có 1 ngày làm việc." in text
    )
    assert "nên mốc đã qua gần nhất là 0" in text


def test_why_a_summary_did_not_come(busy: Desk) -> None:
    tuesday = date(2023, 6, 20)
    busy.tick(MONDAY)
    assert "Luật “tuan” đã báo kỳ này rồi (thông báo số" in silence(busy, tuesday)
    assert "theo luật “tuan” trong ngày" in silence(busy, MONDAY)
    assert "Luật “tuan” có điều để báo, nhưng chưa có lượt xét nào" in silence(busy, date(2023, 6, 26))
    assert "không gửi tin vì là ngày nghỉ (Chủ nhật)" in silence(busy, date(2023, 6, 25))
    assert "Luật “kenh-dung” chưa khớp:" in silence(busy, tuesday)
    assert "không phụ trách kế hoạch nào" in silence(busy, tuesday, f"leader:{OFFICE}")
    assert "Luật “tuan”" in silence(busy, tuesday, f"leader:{DISTRICT}")


def test_an_office_that_nobody_knows(busy: Desk, store: Engine) -> None:
    with pytest.raises(DondocError, match="Không có đơn vị nào"):
        silence(busy, MONDAY, "office:nowhere")
