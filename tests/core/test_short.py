"""A message where a letter does not fit: short, plain, the gravest first, the link never cut."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.plan import Plan, PlanSettings
from engine.notices.digest import Item
from engine.notices.notice import CHASED, OFFICE_SUBJECTS, UNIT_SUBJECT, Notice
from engine.notices.period import Period
from engine.notices.short import CODE_LETTERS, MOST_LETTERS, Reader, Words, cut, form_of, words_for
from engine.notices.summary import Figures, PlanFigures, Summary
from engine.notices.wording import LINK_PATH, LINK_TO_COME, TOKEN_LETTERS, link_to_come
from engine.ruleset.rule import Role, Tone
from engine.store.access.tokens import new_token
from engine.tracking.assess import Tracked, assess
from engine.tracking.progress import replay
from notifiers import facts
from notifiers.registry import Form
from tests.cast import CALENDAR, COMMUNES, CULTURE, HOME_AFFAIRS, OFFICE, book, due_on, plan, promises, task

TODAY = date(2023, 4, 7)  # five working days after 31 March
SITE = "https://don-doc.test"


def told(
    mine: Plan, *, tone: Tone = Tone.WARN, recipient: str = HOME_AFFAIRS, day: date = TODAY
) -> list[Item]:
    """One notice to one reader about everything in a plan."""
    found = []
    for promise in promises(mine).values():
        each = Tracked(promise, replay(promise, [], PlanSettings(), CALENDAR), "reported", "district")
        notice = Notice("luat", promise.id, "-", HOME_AFFAIRS, "x", Role.LEAD, Tone.WARN, "Vì quá hạn")
        found.append(Item(notice, each, assess(each, TODAY, CALENDAR)))
    return found


def worded(form: Form, items: Sequence[Item], mine: Plan, **reader: object) -> Words:
    known: dict[str, object] = {"units": [HOME_AFFAIRS], "link": link_to_come(SITE), **reader}
    return words_for(form, Reader(**known), items, book(mine), TODAY)  # type: ignore[arg-type]


LATE = due_on(date(2023, 3, 31))
SOON = due_on(date(2023, 4, 12))


def test_each_channel_has_a_form() -> None:
    forms = {name: form_of(name) for name in ("email", "zalo", "zns", "none", "khac")}
    assert forms == {
        "email": Form.MAIL,
        "zalo": Form.CHAT,
        "zns": Form.TEMPLATE,
        "none": Form.MAIL,
        "khac": Form.MAIL,
    }


def test_a_whole_chat_message() -> None:
    mine = plan(task("pl1-2", title="Báo cáo", deadline=SOON), task(), task("pl1-3", leads=COMMUNES[:2]))
    words = worded(Form.CHAT, told(mine), mine, behalf=["thủ trưởng Phòng Nội vụ"])
    assert (words.html, dict(words.facts)) == ("", {})
    assert words.subject == "3 việc quá hạn, 1 việc cần làm – Phòng Nội vụ (huyện An) – 07/04/2023"
    assert (
        words.text
        == """\
3 việc quá hạn, 1 việc cần làm – Phòng Nội vụ (huyện An), 07/04/2023.
Nhận thay: thủ trưởng Phòng Nội vụ, đang vắng mặt.
ĐÃ QUÁ HẠN
1) Ban hành kế hoạch – hạn 31/03/2023, quá hạn 5 ngày làm việc (7 ngày)
2) Ban hành kế hoạch (2 đơn vị) – hạn 31/03/2023, quá hạn 5 ngày làm việc (7 ngày)
CẦN LÀM
3) Báo cáo – hạn 12/04/2023, còn 3 ngày làm việc (5 ngày)
Trả lời tại: https://don-doc.test/u/(đường dẫn riêng, tạo khi gửi)"""
    )


def test_without_a_site_there_is_no_link() -> None:
    mine = plan(task())
    for form in (Form.CHAT, Form.TEMPLATE):
        words = worded(form, told(mine), mine, link=None)
        assert "tại" not in words.text
        assert words.facts.get(facts.LINK, "") == ""


def test_what_does_not_fit_is_counted() -> None:
    mine = plan(*(task(f"pl1-{n}", title=f"Việc số {n} " + "rất dài " * 30) for n in range(1, 61)))
    text = worded(Form.CHAT, told(mine), mine).text
    lines = text.splitlines()
    shown = sum(line[:1].isdigit() and ") Việc" in line for line in lines)
    assert 8 <= shown < 60
    assert lines[-2] == f"… và {60 - shown} việc nữa."
    assert MOST_LETTERS - 300 < len(text) <= MOST_LETTERS


def test_the_office_is_heard_first() -> None:
    mine = plan(task())
    why = "Văn phòng (Trần Văn Phòng) đôn đốc ngày 07/04/2023: “" + "khẩn trương " * 60 + "”"
    [item] = told(mine)
    notice = replace(item.notice, rule=CHASED, occasion=f"{CHASED}@2023-04-07", why=why)
    text = worded(Form.CHAT, [replace(item, notice=notice)], mine).text
    first, second, *_ = text.splitlines()
    assert first.startswith("Đôn đốc: 1 việc quá hạn – ")
    assert second.startswith("Văn phòng (Trần Văn Phòng) đôn đốc ngày 07/04/2023: “khẩn trương khẩn")
    assert second.endswith((" khẩn…", " trương…"))
    assert 680 < len(second) <= 700


def test_what_is_about_a_unit_or_an_office_is_one_line() -> None:
    mine = plan(task())
    about, late = UNIT_SUBJECT + CULTURE, "overdue:10@2023-04"
    many = Notice("nhieu", about, "-", OFFICE, late, Role.MONITOR, Tone.ESCALATE, "Nhiều việc")
    own = OFFICE_SUBJECTS[Role.MONITOR] + OFFICE
    stopped = Notice("kenh", own, "-", OFFICE, "x", Role.MONITOR, Tone.WARN, "Kênh đang dừng")
    week = replace(stopped, rule="tuan", tone=Tone.INFORM, why="Tổng hợp tuần")
    monday = date(2023, 3, 27)
    period = Period(monday, monday + timedelta(days=6), date(2023, 4, 9), "tuần 13", "trong tuần này")
    summary = Summary(period, counted=True, plans=(PlanFigures("KH", Figures(doing=2, overdue=1)),))
    items = [
        Item(many, None, None),
        Item(stopped, None, None, details=("ZNS dừng từ ngày 03/04/2023: hết tiền",)),
        Item(week, None, None, summary=summary),
    ]
    lines = worded(Form.CHAT, items, mine, units=[OFFICE]).text.splitlines()
    assert lines[0].startswith("1 đơn vị có nhiều việc quá hạn, 1 cảnh báo của phần mềm, tổng hợp tuần 13 – ")
    assert lines[1] == summary.headline + "."
    assert "1) Phòng Văn hóa và Thông tin: từ 10 nhiệm vụ quá hạn trở lên" in lines
    assert "2) Kênh đang dừng: ZNS dừng từ ngày 03/04/2023: hết tiền" in lines
    # Whoever counts says as many as the unit has at least; a task beside it is one of those.
    both = worded(Form.TEMPLATE, [*told(mine), items[0]], mine, units=[CULTURE])
    assert (both.facts[facts.COUNT], both.facts[facts.OVERDUE]) == ("10", "10")
    assert both.subject.startswith("1 việc quá hạn – ")
    # A summary alone counts no task.
    alone = worded(Form.TEMPLATE, items[2:], mine, units=[OFFICE])
    assert (alone.facts[facts.COUNT], alone.facts[facts.NEAREST]) == ("0", "-")
    assert alone.text.startswith("Văn phòng HĐND & UBND: Tổng hợp tuần 13 (ngày 07/04/2023).")


NEAREST = [
    ((LATE, SOON), "12/04/2023"),
    ((LATE, due_on(date(2023, 3, 20))), "31/03/2023"),
    ((due_on(TODAY), SOON), "07/04/2023"),
    ((due_on(date(2023, 4, 30)),), "03/05/2023"),  # a Sunday before two days off: the day that counts
]


@pytest.mark.parametrize(("dues", "nearest"), NEAREST)
def test_a_template_names_the_next_day_or_the_last_one_missed(dues: Sequence[object], nearest: str) -> None:
    mine = plan(*(task(f"pl1-{n}", deadline=due) for n, due in enumerate(dues)))  # type: ignore[arg-type]
    words = worded(Form.TEMPLATE, told(mine), mine, code="20230407-1a2b3c")
    assert words.facts[facts.NEAREST] == nearest
    assert set(words.facts) == set(facts.NAMES)
    assert f"hạn gần nhất {nearest}" in words.text


def test_a_template_says_the_same_in_a_paragraph() -> None:
    mine = plan(task(), task("pl1-2"), task("pl1-3", deadline=SOON))
    words = worded(Form.TEMPLATE, told(mine), mine, code="20230407-1a2b3c")
    assert words.text == (
        "Phòng Nội vụ (huyện An): 3 việc, trong đó 2 việc quá hạn; "
        "hạn gần nhất 12/04/2023 (ngày 07/04/2023). "
        "Mã tin: 20230407-1a2b3c. Xem và trả lời tại: https://don-doc.test/u/(đường dẫn riêng, tạo khi gửi)"
    )
    assert (words.facts[facts.COUNT], words.facts[facts.OVERDUE]) == ("3", "2")
    assert words.facts[facts.LINK] == LINK_TO_COME
    assert len(words.facts[facts.CODE]) == CODE_LETTERS


def test_the_room_for_the_link_is_that_of_a_real_one() -> None:
    assert len(new_token()) == TOKEN_LETTERS


ANY_TEXT = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=300)
TITLES = st.lists(ANY_TEXT | st.just("Việc dài " * 40) | st.just("𝕏" * 300), min_size=1, max_size=40)


FORMS = st.sampled_from([Form.CHAT, Form.TEMPLATE])


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(TITLES, st.lists(ANY_TEXT, max_size=4), st.integers(0, 200), FORMS)
def test_it_always_fits_and_the_link_is_whole(
    titles: list[str], words: list[str], host: int, form: Form
) -> None:
    mine = plan(*(task(f"pl1-{n}", title=title, deadline=LATE) for n, title in enumerate(titles)))
    items = told(mine)
    for number, why in enumerate(words[: len(items)]):
        notice = replace(items[number].notice, rule=CHASED, occasion=f"{CHASED}@2023-04-07", why=why)
        items[number] = replace(items[number], notice=notice)
    site = f"https://{'h' * host}.test"
    found = worded(form, items, mine, link=link_to_come(site), behalf=words, code="20230407-1a2b3c")
    grown = found.text.replace(LINK_TO_COME, LINK_PATH + "t" * TOKEN_LETTERS)
    assert len(grown) <= MOST_LETTERS
    assert grown.endswith(f"{site}{LINK_PATH}{'t' * TOKEN_LETTERS}")
    for text in (found.text, *found.facts.values()):
        kinds = {unicodedata.category(letter) for letter in text if letter != "\n"}
        assert not kinds & {"Cc", "Cs", "Zl", "Zp"}


@given(ANY_TEXT, st.integers(2, 120))
def test_cutting_ends_with_a_whole_word(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short) <= most
    line = cut(text, 10_000)
    if short != line:
        assert short.endswith("…")
        kept = short[:-1]
        assert line.startswith(kept)
        follows = line[len(kept) :]
        assert follows[0] in " ,;:–-(" or " " not in line[:most]
