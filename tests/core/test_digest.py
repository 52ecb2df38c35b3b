"""The words of a digest: counts first, one line per task, the same content in text and HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.day import conclude
from engine.model.event import Event
from engine.model.plan import Plan, PlanSettings
from engine.notices.digest import MOST_LINES, MOST_UNITS, Digest, Item, compose, newest_only
from engine.notices.notice import Notice
from engine.notices.period import Period
from engine.notices.summary import MOST_PLANS, Figures, PlanFigures, Summary, name_some
from engine.notices.wording import day_name, due_words, number, period_name
from engine.ruleset.rule import Role, Tone
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import replay
from engine.units import Registry
from tests.cast import (
    ALL_COMMUNES,
    CALENDAR,
    COMMUNES,
    CULTURE,
    HOME_AFFAIRS,
    OFFICE,
    REGISTRY,
    UNITS,
    book,
    due_on,
    monthly,
    plan,
    promises,
    registry_with,
    ruleset,
    said,
    task,
    unit,
)

LATE = date(2023, 4, 7)  # five working days after 31 March


def items_for(
    recipient: str, day: date, plan: Plan, *events: Event, registry: Registry = REGISTRY
) -> list[Item]:
    """What a tick would put before this recipient."""
    all_of = {
        p.id: Tracked(
            p,
            replay(p, [e for e in events if e.assignment == p.id], PlanSettings(), CALENDAR),
            "reported",
            "district",
        )
        for p in promises(plan, registry).values()
    }
    words = book(plan, registry=registry)
    concluded = conclude(all_of.values(), ruleset(), words, CALENDAR, day, ())
    return [
        Item(n, all_of[n.subject], assess(all_of[n.subject], day, CALENDAR))
        for n in concluded.notices
        if n.recipient == recipient
    ]


def digest_for(
    recipient: str,
    day: date,
    plan: Plan,
    *events: Event,
    registry: Registry = REGISTRY,
    link: str | None = None,
) -> Digest:
    kept, _ = newest_only(items_for(recipient, day, plan, *events, registry=registry))
    return compose([recipient], kept, book(plan, registry=registry), day, link)


def words_of(page: str) -> list[str]:
    """What a reader of the HTML sees, word by word."""
    body = page.partition("<body")[2].partition(">")[2]
    return html.unescape(re.sub(r"<[^>]*>", " ", body)).split()


def plain_words(text: str) -> list[str]:
    """The same of the text: the numbers of the list are drawn by the mail program in HTML."""
    return re.sub(r"(?m)^\d+\) ", "", text).split()


def test_the_subject_counts_first_the_gravest_first() -> None:
    mine = plan(task(), task("pl1-2"), task("pl1-3", deadline=due_on(date(2023, 4, 12))))
    digest = digest_for(HOME_AFFAIRS, LATE, mine)
    assert digest.subject == "2 việc quá hạn, 1 việc cần làm – Phòng Nội vụ (huyện An) – 07/04/2023"


def test_a_whole_digest() -> None:
    mine = plan(task(deadline=due_on(date(2023, 5, 1)), helps=(CULTURE,)))
    digest = digest_for(HOME_AFFAIRS, date(2023, 4, 27), mine, link="https://dondoc.test/")
    assert (
        digest.text
        == """\
Kính gửi: Phòng Nội vụ (huyện An)
thứ Năm, 27/04/2023 – 1 việc cần làm.

CẦN LÀM
1) Ban hành kế hoạch
   Hạn: thứ Hai, 01/05/2023, là ngày nghỉ nên tính đến thứ Tư, 03/05/2023; còn 2 ngày làm việc (6 ngày)
   Sản phẩm: Kế hoạch
   Theo: Kế hoạch 15/KH-UBND, Phụ lục 1, mục 1
   Lý do báo: Nhiệm vụ sắp đến hạn
   Mã: an-2023:pl1-1:tinh.huyen-an.noi-vu

Trả lời tại: https://dondoc.test/
Tin do phần mềm đôn đốc gửi tự động, mỗi ngày nhiều nhất một tin."""
    )


def test_the_line_says_working_days_and_calendar_days_beside_them() -> None:
    digest = digest_for(HOME_AFFAIRS, LATE, plan(task()))
    assert "Hạn: thứ Sáu, 31/03/2023; quá hạn 5 ngày làm việc (7 ngày)" in digest.text


def test_many_units_of_one_task_are_one_line_with_names_and_a_count() -> None:
    more = [
        unit(f"tinh.huyen-an.x{n:02}", f"UBND xã Số {n:02}", "committee", "xã") for n in range(MOST_UNITS)
    ]
    registry = registry_with(*more)
    mine = plan(task(leads=(ALL_COMMUNES,)))
    digest = digest_for(OFFICE, LATE, mine, registry=registry)
    assert digest.subject.startswith(f"{4 + MOST_UNITS} việc cần chỉ đạo – ")
    [line] = [row for row in digest.text.splitlines() if "Đơn vị:" in row]
    assert line.count(";") == MOST_UNITS - 1
    assert line.endswith("và 4 đơn vị khác")
    assert digest.text.count("Ban hành kế hoạch") == 1


def test_two_units_at_different_stages_are_two_lines() -> None:
    mine = plan(task(leads=COMMUNES[:2]))
    extended = said(f"an-2023:pl1-1:{COMMUNES[0]}", "extend", date(2023, 3, 30), new=date(2023, 4, 3))
    digest = digest_for(OFFICE, date(2023, 4, 10), mine, extended)
    assert digest.text.count("Ban hành kế hoạch") == 2
    assert "Đơn vị: UBND xã Một (huyện An)" in digest.text
    assert "Đơn vị: UBND xã Hai" in digest.text


def test_a_long_list_is_cut_with_a_count() -> None:
    many = plan(*(task(f"pl1-{n}") for n in range(1, MOST_LINES + 8)))
    digest = digest_for(HOME_AFFAIRS, LATE, many)
    assert digest.subject.startswith(f"{MOST_LINES + 7} việc quá hạn")
    assert digest.text.count("Ban hành kế hoạch") == MOST_LINES
    for page in (digest.text, digest.html):
        assert "… và 7 dòng khác." in page
    exact = digest_for(HOME_AFFAIRS, LATE, plan(*(task(f"pl1-{n}") for n in range(MOST_LINES))))
    assert "dòng khác" not in exact.text


def test_the_worst_stands_first_and_is_never_cut() -> None:
    worst = task("pl1-999", deadline=due_on(date(2023, 3, 10)), title="Lâu nhất")
    many = plan(*(task(f"pl1-{n}") for n in range(MOST_LINES)), worst)
    first = digest_for(HOME_AFFAIRS, LATE, many).text.partition("1) ")[2].splitlines()[0]
    assert first == "Lâu nhất"


def test_a_period_and_a_milestone_are_named() -> None:
    digest = digest_for(HOME_AFFAIRS, date(2023, 3, 20), plan(task(deadline=monthly(3))))
    assert "Ban hành kế hoạch (kỳ tháng 3/2023)" in digest.text


def test_the_last_word_stands_beside_a_single_line() -> None:
    word = said(f"an-2023:pl1-1:{HOME_AFFAIRS}", "progress", date(2023, 3, 20), note="chờ ý kiến", percent=60)
    digest = digest_for(HOME_AFFAIRS, LATE, plan(task()), word)
    assert "Cập nhật gần nhất: cập nhật tiến độ: chờ ý kiến" in digest.text


def test_two_units_at_one_address_are_both_named() -> None:
    mine = plan(task(leads=(HOME_AFFAIRS, CULTURE)))
    items = items_for(HOME_AFFAIRS, LATE, mine) + items_for(CULTURE, LATE, mine)
    digest = compose([HOME_AFFAIRS, CULTURE], items, book(mine), LATE)
    assert "Phòng Nội vụ (huyện An); Phòng Văn hóa và Thông tin" in digest.subject
    assert "Đơn vị: Phòng Nội vụ (huyện An); Phòng Văn hóa và Thông tin" in digest.text


NASTY = "<script>alert(1)</script> & “kế hoạch” 5 < 6"


@pytest.mark.parametrize("where", ["title", "unit", "last word", "deliverable", "number"])
def test_nothing_from_a_file_or_a_person_is_read_as_html(where: str) -> None:
    registry = (
        registry_with(replace(REGISTRY.units[HOME_AFFAIRS], name=NASTY)) if where == "unit" else REGISTRY
    )
    row = task(title=NASTY if where == "title" else "Việc")
    mine = plan(replace(row, deliverable=NASTY if where == "deliverable" else ""))
    mine = replace(mine, number="1 " + NASTY) if where == "number" else mine
    words = [said(f"an-2023:pl1-1:{HOME_AFFAIRS}", "progress", date(2023, 3, 20), note=NASTY)] * (
        where == "last word"
    )
    digest = digest_for(HOME_AFFAIRS, LATE, mine, *words, registry=registry, link="https://a.test/?x=1&y=2")
    assert "<script" not in digest.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “kế hoạch” 5 &lt; 6" in digest.html
    assert NASTY in digest.text


TITLES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\u00ad"),
    min_size=1,
    max_size=30,
)


@given(st.lists(TITLES, min_size=1, max_size=4), st.sampled_from([LATE, date(2023, 3, 1), date(2023, 3, 31)]))
def test_text_and_html_say_the_same(titles: Sequence[str], day: date) -> None:
    rows = [task(f"pl1-{n}", title=title, leads=(HOME_AFFAIRS,)) for n, title in enumerate(titles)]
    digest = digest_for(HOME_AFFAIRS, day, plan(*rows), link="https://dondoc.test/")
    assert words_of(digest.html) == plain_words(digest.text)


def test_nothing_is_told_twice() -> None:
    mine = plan(task(leads=(OFFICE,), helps=(CULTURE,)))
    first = items_for(OFFICE, LATE, mine)
    gentler = [
        Item(replace(i.notice, rule="sap-den-han", tone=Tone.REMIND), i.tracked, i.seen) for i in first
    ]
    for order in (first + gentler, gentler + first):
        kept, superseded = newest_only(order)
        assert [i.notice.rule for i in kept] == ["bao-theo-doi"]
        assert [i.notice.rule for i in superseded] == ["sap-den-han"]


def test_of_equals_the_latest_is_told() -> None:
    [old] = items_for(HOME_AFFAIRS, date(2023, 4, 3), plan(task()))
    [new] = items_for(HOME_AFFAIRS, date(2023, 4, 5), plan(task()))
    assert newest_only([old, new]) == ([new], [old])


def test_what_is_due_today_is_not_called_overdue() -> None:
    rules = (
        "rules:\n- {id: dung-han, why: Hôm nay là ngày cuối, when: {timeliness: [on_track, due_soon]}, "
        "occasions: days_left in 0, tell: lead, tone: warn}\n"
    )
    mine = plan(task())
    [each] = (
        Tracked(p, replay(p, (), PlanSettings(), CALENDAR), "reported", "district")
        for p in promises(mine).values()
    )
    day = date(2023, 3, 31)
    [notice] = conclude([each], ruleset(rules), book(mine), CALENDAR, day, ()).notices
    digest = compose([HOME_AFFAIRS], [Item(notice, each, assess(each, day, CALENDAR))], book(mine), day)
    assert "đến hạn hôm nay" in digest.text
    assert "quá hạn" not in digest.subject.lower()
    assert "QUÁ HẠN" not in digest.text


# --- single words ----------------------------------------------------------------------------------------

PERIODS = [
    ("2022-06", "tháng 6/2022"),
    ("2022-12", "tháng 12/2022"),
    ("2022-Q2", "quý II/2022"),
    ("2022-H1", "6 tháng đầu năm 2022"),
    ("2022-H2", "6 tháng cuối năm 2022"),
    ("2022", "năm 2022"),
    ("2022-W04", "tuần 4 năm 2022"),
    ("dot-xuat", "đột xuất"),
    (None, ""),
]


@pytest.mark.parametrize(("period", "words"), PERIODS)
def test_periods_in_words(period: str | None, words: str) -> None:
    assert period_name(period) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (999, "999"), (1234, "1.234"), (1234567, "1.234.567")]
)
def test_numbers_have_dots(value: int, words: str) -> None:
    assert number(value) == words


def test_days_in_words() -> None:
    assert day_name(date(2023, 4, 30)) == "Chủ nhật, 30/04/2023"
    mine = next(iter(promises(plan(task())).values()))
    standing = replay(mine, (), PlanSettings(), CALENDAR)
    seen = assess(Tracked(mine, standing, "reported", "district"), LATE, CALENDAR)
    assert due_words(replace(seen, due=None)) == ""
    assert len(UNITS) == len({u.id for u in UNITS})


# --- what an office hears of its own affairs ----------------------------------------------------------------

WEEK = Period(date(2023, 6, 12), date(2023, 6, 18), date(2023, 6, 25), "tuần 24", "trong tuần này")
SUMMARY = Summary(
    WEEK,
    counted=True,
    plans=(
        PlanFigures("Kế hoạch 15/KH-UBND", Figures(doing=1200, due=3, overdue=2, newly=1, on_time=4)),
        PlanFigures("Kế hoạch Một & <Hai>", Figures(late=1, waiting=2, asking=1)),
    ),
    worst=(("UBND xã <Một>", 2),),
    undelivered=1,
    stopped=("Zalo",),
    unreachable=("UBND xã Hai",),
    file="qua-han-2023-06-19.xlsx",
    listed=2,
)


def office_item(rule: str, tone: Tone, summary: Summary | None = None, details: tuple[str, ...] = ()) -> Item:
    notice = Notice(
        rule, f"office:{OFFICE}", "-", OFFICE, f"{rule}@2023-W25", Role.MONITOR, tone, f"Vì {rule}"
    )
    return Item(notice, None, None, summary, details)


def test_a_whole_summary() -> None:
    digest = compose([OFFICE], [office_item("tuan", Tone.INFORM, SUMMARY)], book(plan()), date(2023, 6, 19))
    assert digest.subject == "Tổng hợp tuần 24 – Văn phòng HĐND & UBND – 19/06/2023"
    assert (
        digest.text
        == """\
Kính gửi: Văn phòng HĐND & UBND
thứ Hai, 19/06/2023 – Tổng hợp tuần 24.

TỔNG HỢP TUẦN 24 (12/06–18/06/2023)
- 2 kế hoạch: 1.200 việc chưa quá hạn, 3 việc đến hạn trong tuần này (đến hết ngày 25/06/2023).
- Quá hạn: 2 việc, trong đó 1 việc mới quá hạn từ ngày 12/06/2023.
- Hoàn thành trong kỳ: 4 việc đúng hạn, 1 việc quá hạn.
- Chờ xác nhận kết quả: 2 việc.
- Đang xin gia hạn: 1 việc.
- Tin trong kỳ không gửi được hoặc không rõ đã đến hay chưa: 1.
- Kênh gửi đang dừng: Zalo.
- Đơn vị chưa có địa chỉ liên hệ: UBND xã Hai.
- Kèm theo: qua-han-2023-06-19.xlsx.
- Đơn vị có nhiều việc quá hạn nhất:
   1) UBND xã <Một>: 2 việc
- Theo từng kế hoạch:
   + Kế hoạch 15/KH-UBND: 1.200 chưa quá hạn, 3 đến hạn trong tuần này, 2 quá hạn (1 mới), \
4 xong đúng hạn, 0 xong quá hạn
   + Kế hoạch Một & <Hai>: 0 chưa quá hạn, 0 đến hạn trong tuần này, 0 quá hạn, \
0 xong đúng hạn, 1 xong quá hạn, 2 chờ xác nhận, 1 xin gia hạn

Tin do phần mềm đôn đốc gửi tự động, mỗi ngày nhiều nhất một tin."""
    )
    assert "<Một>" not in digest.html
    marks = re.compile(r"(?m)^ *(?:[-+]|\d+\)) ")
    assert words_of(digest.html) == marks.sub("", digest.text).split()


def test_a_summary_stands_beside_the_work_of_the_day() -> None:
    mine = plan(task())
    items = [*items_for(OFFICE, LATE, mine), office_item("tuan", Tone.INFORM, SUMMARY)]
    kept, dropped = newest_only([*items, office_item("thang", Tone.INFORM, SUMMARY)])
    assert dropped == []
    digest = compose([OFFICE], kept, book(mine), LATE)
    assert digest.subject.startswith("1 việc cần chỉ đạo, tổng hợp tuần 24 – ")
    # Two rules that announce the same say it once.
    assert digest.text.count("TỔNG HỢP TUẦN 24") == 1
    assert digest.text.index("TỔNG HỢP TUẦN 24") < digest.text.index("CẦN CHỈ ĐẠO, XỬ LÝ")


def test_a_warning_of_the_office_is_something_to_do() -> None:
    warning = office_item("kenh-dung", Tone.WARN, details=("Zalo dừng từ ngày 15/06/2023: <hết tiền>",))
    digest = compose([OFFICE], [warning], book(plan()), date(2023, 6, 19))
    assert digest.subject.startswith("1 cảnh báo của phần mềm – ")
    assert (
        """\
CẦN LÀM
1) Vì kenh-dung
   Zalo dừng từ ngày 15/06/2023: <hết tiền>

"""
        in digest.text
    )
    assert words_of(digest.html) == plain_words(digest.text)
    assert "<hết tiền>" not in digest.html


def test_on_paper_a_summary_is_announced_without_figures() -> None:
    digest = compose([OFFICE], [office_item("tuan", Tone.INFORM, Summary(WEEK))], book(plan()), LATE)
    assert "Số liệu được tính khi gửi." in digest.text
    assert digest.subject.startswith("Tổng hợp tuần 24 – ")
    bare = compose(
        [OFFICE], [office_item("tuan", Tone.INFORM, Summary(WEEK))], book(plan()), LATE, worded=False
    )
    assert (bare.subject, bare.text) == (digest.subject, "")


def test_many_plans_and_units_are_counted_not_listed() -> None:
    many = tuple(PlanFigures(f"Kế hoạch {n}/KH", Figures(doing=1)) for n in range(MOST_PLANS + 3))
    lines = replace(SUMMARY, plans=many).plan_lines
    assert len(lines) == MOST_PLANS + 1
    assert lines[-1] == "… và 3 kế hoạch khác"
    assert name_some([f"Xã {n}" for n in range(7)]) == "Xã 0; Xã 1; Xã 2; Xã 3; Xã 4 và 2 đơn vị khác"
