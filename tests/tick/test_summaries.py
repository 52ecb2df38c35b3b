"""Summaries of a week or month, as an office gets them: the figures of the pages, the list, once only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, insert

from engine.model.plan import PlanSettings
from engine.notices.notice import OFFICE_SUBJECTS, Book, Notice
from engine.notices.summary import Figures, Summary
from engine.overdue import overdue_rows
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.rule import Role, Tone
from engine.simulate import simulate
from engine.store import views
from engine.store.database import reading, writing
from engine.store.figures.counts import total
from engine.store.figures.tally import count_groups
from engine.store.lists.counts import By, counts_by
from engine.store.lists.filters import Kind, ListFilter, SearchIndex, lens
from engine.store.messages.reach import reach_on_paper
from engine.store.people import contacts
from engine.store.tables import ChannelStateRow
from engine.summaries import OfficeWords, Summaries, office_facts, on_paper
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CULTURE,
    DISTRICT,
    HOME_AFFAIRS,
    OFFICE,
    TOWN,
    at,
    days,
    due_on,
    plan,
    ruleset,
    said,
    task,
)
from tests.core.test_offices import OFFICE_RULES
from tests.tick.desk import TEMPORARY, Desk, desk_with

MONDAY = date(2023, 6, 19)
"""The first day of week 25: the summary is about week 24, 12 to 18 June."""

WORK = plan(
    task("pl1-1", leads=(HOME_AFFAIRS,), deadline=due_on(date(2023, 6, 5))),  # late since before week 24
    task("pl1-2", leads=(HOME_AFFAIRS,), deadline=due_on(date(2023, 6, 9))),  # a Friday: late from Saturday
    task("pl1-3", leads=(CULTURE,), deadline=due_on(date(2023, 6, 16))),  # late within week 24
    task("pl1-4", leads=(CULTURE,), deadline=due_on(date(2023, 6, 22))),  # due this week
    task("pl1-5", leads=(TOWN,), deadline=due_on(date(2023, 6, 30))),  # due this month
    task("pl1-6", leads=COMMUNES, deadline=due_on(date(2023, 6, 14))),
)
ONE, TWO, THREE = COMMUNES
SAID = (
    said(f"an-2023:pl1-6:{ONE}", "done", date(2023, 6, 12)),  # on time, within week 24
    said(f"an-2023:pl1-6:{TWO}", "done", date(2023, 6, 16)),  # late, within week 24
    said(f"an-2023:pl1-6:{THREE}", "done", date(2023, 6, 11)),  # the Sunday before
    said(f"an-2023:pl1-6:{THREE}", "confirm", date(2023, 6, 12)),
    said(f"an-2023:pl1-5:{TOWN}", "extension", date(2023, 6, 15), new=date(2023, 7, 15)),
)
LAW = ruleset(OFFICE_RULES)


@pytest.fixture
def busy(store: Engine) -> Desk:
    """A district in the middle of June, with rules about the office alone."""
    desk = desk_with(store, [WORK])
    desk.files = replace(desk.files, ruleset=LAW)
    desk.say(*SAID)
    return desk


def weekly(recipient: str = OFFICE, role: Role = Role.MONITOR, occasion: str = "weekly@2023-W25") -> Notice:
    subject = OFFICE_SUBJECTS[role] + recipient
    return Notice("tuan", subject, "-", recipient, occasion, role, Tone.INFORM, "Tổng hợp tuần")


def book_of(desk: Desk) -> Book:
    with reading(desk.store) as connection:
        return Book(desk.files.registry, views.plans(connection), views.tasks(connection))


def words(
    desk: Desk,
    *notices: Notice,
    day: date = MONDAY,
    rules: RuleSet = LAW,
    with_files: bool = True,
) -> OfficeWords:
    book = book_of(desk)
    with reading(desk.store) as connection:
        tracked = views.tracked(connection, desk.files.registry, only_open=True)
        summaries = Summaries(connection, book, CALENDAR, rules, tracked, day)
        return summaries.words(notices or (weekly(),), with_files=with_files)


def summary_of(found: OfficeWords) -> Summary:
    (summary,) = set(found.summaries.values())
    return summary


def cells_of(content: bytes) -> list[list[object]]:
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_figures_of_a_week(busy: Desk) -> None:
    summary = summary_of(words(busy))
    assert summary.total == Figures(
        doing=2,
        due=1,
        overdue=3,
        newly=1,  # what was due on Friday the 9th was late from the 10th on
        on_time=1,
        late=1,
        waiting=2,
        asking=1,
    )
    assert summary.worst == (("Phòng Nội vụ (huyện An)", 2), ("Phòng Văn hóa và Thông tin", 1))
    assert summary.title == "Tổng hợp tuần 24 (12/06–18/06/2023)"
    assert summary.headline == (
        "Tổng hợp tuần 24 (12/06–18/06/2023): 2 việc chưa quá hạn, 1 đến hạn trong tuần này, "
        "3 quá hạn (1 mới), 2 hoàn thành (1 quá hạn)"
    )
    assert summary.lines == (
        "Kế hoạch 15/KH-UBND: 2 việc chưa quá hạn, 1 việc đến hạn trong tuần này (đến hết ngày 25/06/2023)",
        "Quá hạn: 3 việc, trong đó 1 việc mới quá hạn từ ngày 12/06/2023",
        "Hoàn thành trong kỳ: 1 việc đúng hạn, 1 việc quá hạn",
        "Chờ xác nhận kết quả: 2 việc",
        "Đang xin gia hạn: 1 việc",
        "Kèm theo: qua-han-2023-06-19.xlsx",
    )
    assert summary.plan_lines == ()


def test_the_figures_of_a_month(busy: Desk) -> None:
    monthly = replace(weekly(occasion="monthly@2023-06"), rule="thang")
    summary = summary_of(words(busy, monthly))
    assert summary.period.title == "tháng 5/2023 (01/05–31/05/2023)"
    assert summary.total == Figures(doing=2, due=2, overdue=3, newly=3, waiting=2, asking=1)
    assert summary.file == ""  # this rule brings no list


def test_they_are_the_figures_of_the_pages(busy: Desk) -> None:
    """Lists, overview and overdue list say the same of the same day."""
    figures = summary_of(words(busy)).total
    book = book_of(busy)
    with reading(busy.store) as connection:
        counts = total(count_groups(connection, MONDAY).values())
        seen = lens(ListFilter(), book, SearchIndex((), ()), MONDAY, CALENDAR)
        lists = counts_by(connection, seen, By.PLAN)["an-2023"]
        tracked = views.tracked(connection, busy.files.registry)
    assert figures.overdue == counts.open_overdue == lists.kinds[Kind.OVERDUE]
    assert figures.overdue == len(overdue_rows(tracked, book, CALENDAR, MONDAY, {}))
    assert figures.doing == counts.open_within_time + counts.no_deadline
    assert figures.waiting == lists.kinds[Kind.AWAITING]


def test_where_the_office_confirms_the_day_of_its_word_counts(store: Engine) -> None:
    desk = desk_with(store, [replace(WORK, settings=PlanSettings(completion="confirmed"))])
    desk.say(*SAID)
    figures = summary_of(words(desk)).total
    # Only one is confirmed, within its time; the reported ones are overdue until somebody confirms them.
    assert (figures.on_time, figures.late, figures.overdue, figures.waiting) == (1, 0, 5, 2)


def test_the_list_has_the_rows_of_the_overdue_list(busy: Desk) -> None:
    found = words(busy)
    [attachment] = found.attachments
    assert attachment.name == "qua-han-2023-06-19.xlsx"
    note, headings, *rows = cells_of(attachment.content)
    assert note[0] == "Danh sách nhiệm vụ quá hạn – tính đến hết ngày 19/06/2023 – 3 nhiệm vụ"
    assert headings[-1] == "Mã"
    assert [row[-1] for row in rows] == [
        f"an-2023:pl1-1:{HOME_AFFAIRS}",
        f"an-2023:pl1-2:{HOME_AFFAIRS}",
        f"an-2023:pl1-3:{CULTURE}",
    ]
    assert words(busy).attachments == found.attachments  # byte for byte


def test_a_long_list_is_cut_and_says_so(busy: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.summaries.MOST_ROWS", 2)
    found = words(busy)
    note, _, *rows = cells_of(found.attachments[0].content)
    assert "3 nhiệm vụ, sau đây là 2 nhiệm vụ quá hạn lâu nhất" in str(note[0])
    assert [row[-1] for row in rows][-1] == f"an-2023:pl1-2:{HOME_AFFAIRS}"
    assert summary_of(found).lines[-1] == "Kèm theo: qua-han-2023-06-19.xlsx (2 việc quá hạn lâu nhất)"


def test_no_file_where_the_channel_carries_none_or_nothing_is_overdue(busy: Desk, store: Engine) -> None:
    chat = words(busy, with_files=False)
    assert chat.attachments == ()
    assert "Kèm theo" not in "".join(summary_of(chat).lines)
    early = words(busy, weekly(occasion="weekly@2023-W10"), day=date(2023, 3, 6))
    assert early.attachments == ()
    assert "Không có việc nào quá hạn" in summary_of(early).lines


OTHERS = replace(
    plan(task("pl1-1", leads=(CULTURE,), deadline=due_on(date(2023, 6, 16))), id="khac-2023"),
    number="16/KH-UBND",
    monitor=WORK.leader,
)


def test_each_office_hears_of_its_own_plans(store: Engine) -> None:
    desk = desk_with(store, [WORK, OTHERS])
    desk.say(*SAID)
    mine, both = words(desk), words(desk, weekly(DISTRICT, Role.LEADER))
    assert summary_of(mine).total.overdue == 3
    assert summary_of(both).total.overdue == 4
    assert len(cells_of(both.attachments[0].content)) == 2 + 4
    assert summary_of(both).plan_lines == (
        (
            "Kế hoạch 15/KH-UBND: 2 chưa quá hạn, 1 đến hạn trong tuần này, 3 quá hạn (1 mới), "
            "1 xong đúng hạn, 1 xong quá hạn, 2 chờ xác nhận, 1 xin gia hạn"
        ),
        (
            "Kế hoạch 16/KH-UBND: 0 chưa quá hạn, 0 đến hạn trong tuần này, 1 quá hạn (1 mới), "
            "0 xong đúng hạn, 0 xong quá hạn"
        ),
    )
    # The monitor of the second plan does not hear of the first.
    assert summary_of(words(desk, weekly(DISTRICT, Role.MONITOR))).total.overdue == 1


def test_who_speaks_for_several_offices_gets_one_summary(store: Engine) -> None:
    desk = desk_with(store, [WORK, OTHERS])
    notices = (weekly(), weekly(DISTRICT, Role.MONITOR))
    found = words(desk, *notices)
    assert set(found.summaries) == {each.key for each in notices}
    assert len(summary_of(found).plans) == 2
    assert len(found.attachments) == 1


def stop(desk: Desk, channel: str, when: datetime, state: str = "stopped") -> None:
    with writing(desk.store) as connection:
        connection.execute(
            insert(ChannelStateRow).values(
                channel=channel, state=state, failures=1, detail="Tài khoản hết tiền.", changed_at=when
            )
        )


def test_facts_of_the_office_come_from_the_database(busy: Desk) -> None:
    # Half past six in the evening in UTC is the next day in Viet Nam.
    stop(busy, "email", at(date(2023, 6, 15), 1, 30))
    stop(busy, "zalo", at(MONDAY), state="resting")
    with reading(busy.store) as connection:
        facts = office_facts(connection)
    assert facts.stopped == {"email": date(2023, 6, 15)}
    assert facts.reachable is not None
    assert OFFICE in facts.reachable
    summary = summary_of(words(busy))
    assert "Kênh gửi đang dừng: Thư điện tử" in summary.lines


def test_a_stopped_channel_is_named_with_its_reason(busy: Desk) -> None:
    stop(busy, "email", at(date(2023, 6, 15)))
    warning = replace(weekly(occasion="days_stopped:0@2023-06-15"), rule="kenh-dung", tone=Tone.WARN)
    found = words(busy, warning)
    assert found.details == {warning.key: ("Thư điện tử dừng từ ngày 15/06/2023: Tài khoản hết tiền",)}
    assert found.summaries == {}


def test_units_without_a_contact_are_named(store: Engine) -> None:
    desk = desk_with(store, [WORK], people=[OFFICE, DISTRICT, HOME_AFFAIRS, CULTURE, TOWN])
    missing = "UBND xã Ba; UBND xã Hai; UBND xã Một (huyện An)"
    assert f"Đơn vị chưa có địa chỉ liên hệ: {missing}" in summary_of(words(desk)).lines
    warning = replace(weekly(occasion="unreachable:2@2023-06"), rule="chua-lien-he", tone=Tone.REMIND)
    assert words(desk, warning).details == {warning.key: (f"Chưa có địa chỉ liên hệ: {missing}",)}


def test_on_paper_only_the_period_is_known() -> None:
    assert [s.lines for s in on_paper([weekly()], CALENDAR).summaries.values()] == [
        ("Số liệu được tính khi gửi.",)
    ]


# --- through the pass --------------------------------------------------------------------------------


def heard(desk: Desk, unit: str = OFFICE) -> list[str]:
    return [message.subject for message in desk.far_end.to(unit)]


def test_a_summary_arrives_once_with_its_list(busy: Desk) -> None:
    expected = words(busy)
    later = [date(2023, 6, number) for number in (20, 23, 26)]
    for hour, day in enumerate([MONDAY, MONDAY, *later], start=9):
        busy.tick(day, hour)
    assert heard(busy) == [
        "Tổng hợp tuần 24, tổng hợp tháng 5/2023 – Văn phòng HĐND & UBND – 19/06/2023",
        "Tổng hợp tuần 25 – Văn phòng HĐND & UBND – 26/06/2023",
    ]
    first = busy.far_end.to(OFFICE)[0]
    assert first.attachments == expected.attachments
    assert first.html is not None
    for text in (first.text, first.html):
        assert "Quá hạn: 3 việc, trong đó 1 việc mới quá hạn từ ngày 12/06/2023." in text
    assert heard(busy, DISTRICT) == [
        "Tổng hợp tuần 24 – UBND huyện An – 19/06/2023",
        "Tổng hợp tuần 25 – UBND huyện An – 26/06/2023",
    ]
    assert busy.far_end.to(HOME_AFFAIRS) == []
    assert busy.notices()["tuan", OFFICE, "weekly@2023-W25"] == "composed"


def test_after_days_without_a_pass_the_week_is_still_told(busy: Desk) -> None:
    busy.tick(date(2023, 6, 24))  # a Saturday: raised, but nobody is disturbed
    assert heard(busy) == []
    busy.tick(date(2023, 6, 26))
    assert heard(busy) == ["Tổng hợp tuần 25, tổng hợp tháng 5/2023 – Văn phòng HĐND & UBND – 26/06/2023"]
    assert busy.notices()["tuan", OFFICE, "weekly@2023-W25"] == "superseded"


def test_one_that_could_not_go_out_is_replaced_by_the_next(busy: Desk) -> None:
    busy.files = replace(busy.files, ruleset=ruleset(OFFICE_RULES.split("- id: thang", maxsplit=1)[0]))
    busy.far_end.will(OFFICE, *[TEMPORARY] * 3)
    busy.tick(MONDAY)
    assert heard(busy) == []
    busy.tick(date(2023, 6, 26))
    busy.tick(date(2023, 6, 27))
    busy.tick(date(2023, 6, 28))
    [subject] = heard(busy)
    assert subject.startswith("Tổng hợp tuần 25 – ")
    assert busy.notices()["tuan", OFFICE, "weekly@2023-W25"] == "superseded"
    assert busy.notices()["tuan", OFFICE, "weekly@2023-W26"] == "composed"


def test_a_stopped_channel_is_told_by_another_way(store: Engine) -> None:
    desk = desk_with(store, [WORK])
    desk.files = replace(desk.files, ruleset=LAW)
    stop(desk, "zns", at(date(2023, 6, 20)))
    desk.tick(date(2023, 6, 20))
    text = desk.far_end.to(OFFICE)[0].text
    assert "CẦN LÀM\n1) Kênh gửi đang dừng\n" in text
    assert "dừng từ ngày 20/06/2023: Tài khoản hết tiền\n" in text
    assert "Kênh gửi đang dừng" not in desk.far_end.to(DISTRICT)[0].text.partition("CẦN LÀM")[2]


def test_a_simulation_announces_the_summaries_that_the_passes_send(busy: Desk) -> None:
    first, last = MONDAY, date(2023, 7, 7)
    with reading(busy.store) as connection:
        tracked = views.tracked(connection, busy.files.registry, only_open=True)
        people = contacts.active(connection)
    played = simulate(tracked, LAW, book_of(busy), CALENDAR, first, last, reach_on_paper(people))
    foretold = sorted((m.day, m.address.value, m.subject) for m in played)
    assert any("tổng hợp tháng 6/2023" in subject.lower() for _, _, subject in foretold)
    told = []
    for day in days(first, last):
        before = len(busy.far_end.arrived)
        busy.tick(day)
        told += [(day, m.recipient.value, m.subject) for m in busy.far_end.arrived[before:]]
    assert sorted(told) == foretold
