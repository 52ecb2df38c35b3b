"""The letter that chases: the form of Nghị định 30/2020, and a file that opens whatever a title holds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from docx import Document
from docx.document import Document as Letter
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.chasing import draft
from engine.letters.chase_letter import MOST_NAMED, MOST_ROWS, chase_letter, long_day
from engine.letters.form import clean
from engine.letters.issuing import issuing_body
from engine.model.plan import Plan, PlanSettings
from engine.notices.notice import Book
from engine.tracking.assess import Tracked
from engine.tracking.progress import replay
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CULTURE,
    DISTRICT,
    HOME_AFFAIRS,
    OTHER_DISTRICT,
    PROVINCE,
    at,
    book,
    due_on,
    plan,
    promises,
    ref,
    registry_with,
    task,
    unit,
)

DAY = date(2023, 4, 6)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def written(*plans: Plan, words: str = "", known: Book | None = None) -> tuple[Letter, bytes]:
    facts = known or book(*plans)
    tracked = [
        Tracked(promise, replay(promise, (), PlanSettings(), CALENDAR), "reported", "district")
        for each in plans
        for promise in promises(each).values()
    ]
    units = draft(tracked, facts, CALENDAR, DAY, "", words).units
    data = chase_letter(units, facts, words, at(DAY))
    return Document(io.BytesIO(data)), data


def texts(letter: Letter) -> list[str]:
    return [p.text for p in letter.paragraphs if p.text]


def cells(letter: Letter, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in letter.tables[table].rows]


def test_the_sheet_has_the_decrees_measures() -> None:
    letter, data = written(plan(task()))
    section = letter.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)  # type: ignore[union-attr]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(m.mm, 1) for m in margins if m] == [20, 20, 30, 15]
    normal = letter.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 14)
    sizes = {run.font.size.pt for p in letter.paragraphs for run in p.runs if run.font.size}
    assert sizes <= {13, 14}
    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == ""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        headers = [file.read(name).decode() for name in file.namelist() if "word/header" in name]
    assert any(">PAGE<" in header and 'w:val="center"' in header for header in headers)


def test_the_head_names_who_writes_to_whom() -> None:
    letter, _ = written(plan(task(leads=(HOME_AFFAIRS, COMMUNES[0]))))
    [[left, right]] = cells(letter, 0)
    assert [x for x in left.split("\n") if x] == [
        "ỦY BAN NHÂN DÂN",
        "HUYỆN AN",
        "Số:          /UBND-…",
        "V/v đôn đốc thực hiện nhiệm vụ",
    ]
    assert [x for x in right.split("\n") if x] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "An, ngày       tháng 4 năm 2023",
    ]
    assert texts(letter)[:3] == ["Kính gửi:", "- Phòng Nội vụ (huyện An);", "- UBND xã Một (huyện An)."]


def test_the_text_and_the_table_say_what_is_owed() -> None:
    soon = task("pl1-2", leads=(CULTURE,), deadline=due_on(date(2023, 4, 11)), title="Tuyên truyền")
    letter, _ = written(plan(task(), soon), words="Gửi trước ngày 10/4/2023")
    ground = next(t for t in texts(letter) if t.startswith("Thực hiện"))
    assert ground.startswith(
        "Thực hiện Kế hoạch số 15/KH-UBND ngày 01 tháng 3 năm 2023 của UBND huyện An về thử;"
    )
    assert "02 đơn vị còn 01 nhiệm vụ đã quá hạn và 01 nhiệm vụ sắp đến hạn" in ground
    assert "Gửi trước ngày 10/4/2023." in texts(letter)
    assert texts(letter)[-1].endswith("./.")
    head, home, late, culture, near = cells(letter, 1)
    assert head == ["STT", "Nội dung nhiệm vụ", "Văn bản giao", "Thời hạn", "Chậm"]
    assert (set(home), set(culture)) == (
        {"Phòng Nội vụ (huyện An)"},
        {"Phòng Văn hóa và Thông tin"},
    )
    source = "Kế hoạch số 15/KH-UBND, Phụ lục 1, mục {}"
    assert late == ["1", "Ban hành kế hoạch", source.format(1), "31/03/2023", "4 ngày làm việc"]
    assert near == ["2", "Tuyên truyền", source.format(2), "11/04/2023", "còn 3 ngày làm việc"]
    [[receivers, signed]] = cells(letter, 2)
    assert receivers.split("\n") == [
        "Nơi nhận:",
        "- Như trên;",
        "- Văn phòng HĐND & UBND (để theo dõi);",
        "- Lưu: VT, ….",
    ]
    assert signed.split("\n")[0] == "TM. ỦY BAN NHÂN DÂN"
    assert signed.split("\n")[-1] == "[Họ và tên người ký]"


def test_what_is_late_by_days_off_alone_is_late_by_days() -> None:
    friday = plan(task(deadline=due_on(date(2023, 4, 7))))
    known = book(friday)
    tracked = [
        Tracked(promise, replay(promise, (), PlanSettings(), CALENDAR), "reported", "district")
        for promise in promises(friday).values()
    ]
    sunday = date(2023, 4, 9)
    units = draft(tracked, known, CALENDAR, sunday, "", "").units
    letter = Document(io.BytesIO(chase_letter(units, known, "", at(sunday))))
    assert cells(letter, 1)[1][4] == "2 ngày"


def test_a_long_list_becomes_an_appendix() -> None:
    many = [task(f"pl1-{n}") for n in range(1, MOST_ROWS + 2)]
    letter, _ = written(plan(*many))
    assert "PHỤ LỤC" in texts(letter)
    assert len(letter.tables[-1].rows) == 1 + len(many)
    short, _ = written(plan(*many[:-1]))
    assert "PHỤ LỤC" not in texts(short)


@pytest.mark.parametrize(("count", "named"), [(1, True), (MOST_NAMED, True), (MOST_NAMED + 1, False)])
def test_very_many_units_are_referred_to_the_list(count: int, named: bool) -> None:
    more = [unit(f"{DISTRICT}.p{n:02}", f"Phòng số {n:02}") for n in range(count)]
    registry = registry_with(*more)
    row = task()
    leads = tuple(ref(u.id, registry) for u in more)
    whole = plan(replace(row, leads=leads))
    known = book(whole, registry=registry)
    tracked = [
        Tracked(promise, replay(promise, (), PlanSettings(), CALENDAR), "reported", "district")
        for promise in promises(whole, registry).values()
    ]
    units = draft(tracked, known, CALENDAR, DAY, "", "").units
    letter = Document(io.BytesIO(chase_letter(units, known, "", at(DAY))))
    addressed = "\n".join(texts(letter)).partition("Thực hiện")[0]
    assert ("Phòng số 00" in addressed) is named
    assert ("có tên trong danh mục" in addressed) is not named


def test_plans_of_two_issuers_leave_the_head_open() -> None:
    other = replace(plan(task(), id="binh-2023"), issuer=ref(OTHER_DISTRICT), number="/KH-UBND", issued=None)
    letter, _ = written(plan(task()), other)
    [[left, right]] = cells(letter, 0)
    assert "[TÊN CƠ QUAN BAN HÀNH]" in left
    assert "……, ngày" in right
    assert "Kế hoạch số ……/KH-UBND của UBND huyện Bình về thử" in "\n".join(texts(letter))


ISSUERS = [
    (PROVINCE, "", ("ỦY BAN NHÂN DÂN", "TỈNH THỬ"), "Thử"),
    (HOME_AFFAIRS, "UBND HUYỆN AN", ("PHÒNG NỘI VỤ",), "An"),
    ("quan-1", "", ("ỦY BAN NHÂN DÂN", "QUẬN 1"), "Quận 1"),
    ("hcm", "", ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HỒ CHÍ MINH"), "Thành phố Hồ Chí Minh"),
]


@pytest.mark.parametrize(("id", "above", "own", "place"), ISSUERS)
def test_who_issues(id: str, above: str, own: Sequence[str], place: str) -> None:
    registry = registry_with(
        unit("quan-1", "UBND quận 1", "committee", "quận"),
        unit("hcm", "UBND thành phố Hồ Chí Minh", "committee", "thành phố"),
    )
    found = issuing_body(registry, id)
    assert (found.above, found.own, found.place) == (above, own, place)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2023, 2, 1), "01 tháng 02 năm 2023"),
        (date(2023, 3, 9), "09 tháng 3 năm 2023"),
        (date(2023, 12, 31), "31 tháng 12 năm 2023"),
    ],
)
def test_days_are_written_as_documents_write_them(day: date, words: str) -> None:
    assert long_day(day) == words


@given(st.text(st.characters(), max_size=60))
@settings(max_examples=300, deadline=None)
def test_what_is_cleaned_can_stand_in_xml(text: str) -> None:
    ET.fromstring(f"<a>{clean(text).replace('&', '&amp;').replace('<', '&lt;')}</a>")
    assert clean("Đôn đốc\n“việc” 𠀀 – …") == "Đôn đốc\n“việc” 𠀀 – …"


@given(title=st.text(min_size=1, max_size=40), words=st.text(max_size=40))
@settings(max_examples=25, deadline=None)
def test_no_title_breaks_the_file(title: str, words: str) -> None:
    letter, data = written(plan(task(title=f"Việc {title}\x00\x0b\ufffe\ud800")), words=words)
    assert cells(letter, 1)[1][1].startswith("Việc")
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for name in file.namelist():
            if name.endswith(".xml"):
                ET.fromstring(file.read(name))


def test_parts_of_a_paragraph_stand_in_the_order_that_word_asks_for() -> None:
    _, data = written(plan(task()))
    order = ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "pBdr", "spacing", "ind", "jc", "rPr"]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        root = ET.fromstring(file.read("word/document.xml"))
    for properties in root.iter(f"{W}pPr"):
        names = [child.tag.removeprefix(W) for child in properties]
        assert names == sorted(names, key=order.index)
