"""The draft says what the figures say, in whole numbers that can be counted again, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from engine.model.assignment import Timeliness
from engine.reports.count_tasks import count_tasks
from engine.reports.draft import Item, Narrative, Section, Word, narrative_document
from engine.reports.narrative import narrative
from engine.reports.narrative_items import collect, following, write_narrative
from engine.reports.narrative_words import count_of, enumerated, per_cent, quoted
from engine.reports.tasks import Scope
from engine.reports.windows import Window, named, own
from engine.store.database import reading
from tests.cast import CALENDAR, COMMUNES, HOME_AFFAIRS, REGISTRY, due_on, monthly, plan, said, task
from tests.tick.desk import Desk

DAY = date(2023, 6, 14)
T = Timeliness


def half(number: int = 1) -> Window:
    window = named(f"2023-H{number}")
    assert window is not None
    return window


def item(
    unit: str = "a", task: str = "pl1-1", stands: Timeliness = T.DONE_ON_TIME, due: date | None = None
) -> Item:
    """One assignment of a commune."""
    owed = stands not in (T.NO_DEADLINE, T.NOT_APPLICABLE)
    return Item(
        id=f"an-2023:{task}:{unit}",
        plan="an-2023",
        task=task,
        stt=task.rpartition("-")[2],
        title="Ban hành kế hoạch",
        unit=unit,
        unit_name=f"UBND xã {unit.upper()}",
        level="commune",
        kind="committee",
        timeliness=stands,
        due=due or (date(2023, 5, 31) if owed else None),
        done_on=date(2023, 5, 30) if stands in (T.DONE_ON_TIME, T.DONE_LATE) else None,
        days_late=10 if stands is T.OVERDUE else 0,
    )


def many(unit: str, stands: Timeliness, count: int) -> list[Item]:
    """So many of one unit that stand the same."""
    return [item(unit, f"{stands.value}-{n}", stands) for n in range(count)]


def word(text: str, by: str = "Chủ tịch") -> Word:
    """What a unit wrote on 5 June."""
    return Word(7, datetime(2023, 6, 5, 2, tzinfo=UTC), date(2023, 6, 5), by, text)


def draft(items: Sequence[Item]) -> Narrative:
    return narrative(items, half(), DAY, half(2))


def texts(found: Narrative, section: Section) -> list[str]:
    return [s.text for title, sentences in found.sections if title is section for s in sentences]


def test_nothing_is_said_of_nothing() -> None:
    found = draft([])
    assert found.sections == ()
    assert narrative_document(found, "UBND huyện An").paragraphs == ("Chưa có số liệu nào để viết.",)
    assert draft([item(stands=T.NOT_APPLICABLE), replace(item(), counts=False)]).sections == ()


def test_the_overall_result() -> None:
    items = [*many("a", T.DONE_ON_TIME, 2), *many("b", T.DONE_LATE, 1), *many("b", T.OVERDUE, 1)]
    assert texts(draft(items), Section.OVERALL) == [
        (
            "Trong kỳ từ 15/12/2022 đến 14/06/2023 có 4 lượt giao: 2 lượt hoàn thành đúng hạn; 1 lượt "
            "hoàn thành quá hạn và 1 lượt chưa hoàn thành, đã quá hạn."
        ),
        "Tỷ lệ hoàn thành là 75,00 % số lượt được giao (3/4).",
        "Tỷ lệ hoàn thành đúng hạn là 50,00 % số lượt đã hoàn thành hoặc đã quá hạn (2/4).",
    ]


def test_what_was_carried_over_is_told_apart() -> None:
    items = [replace(item("a"), carried=True), item("b")]
    assert "Trong đó 1 lượt mang sang từ kỳ trước và 1 lượt giao trong kỳ." in texts(
        draft(items), Section.OVERALL
    )


def test_lateness_is_told_in_the_units_own_words() -> None:
    late = replace(
        item("a", stands=T.OVERDUE), words=(word("cũ", ""), word("thiếu cán bộ"), word("chờ tỉnh"))
    )
    found = draft([late, item("b")])
    assert texts(found, Section.OVERDUE) == [
        "Đến hết ngày 14/06/2023 còn 1 lượt giao quá hạn của 1 đơn vị.",
        "UBND xã A chưa hoàn thành nhiệm vụ 1 «Ban hành kế hoạch», hạn 31/05/2023, quá hạn 10 ngày làm việc.",
        "Ngày 05/06/2023, UBND xã A («Chủ tịch») nêu: «thiếu cán bộ».",
        "Ngày 05/06/2023, UBND xã A («Chủ tịch») nêu: «chờ tỉnh».",
    ]
    quote = found.sections[2][1][2]
    assert ("event", "7", (late.id,)) in [(s.kind, s.id, s.of) for s in quote.sources]


def test_no_cause_is_made_up() -> None:
    found = draft([item("a", stands=T.OVERDUE)])
    assert "nêu" not in " ".join(texts(found, Section.OVERDUE))
    assert texts(draft([item("a")]), Section.OVERDUE) == [
        "Đến hết ngày 14/06/2023 không có lượt giao nào quá hạn."
    ]


def test_praise_and_reminder_follow_the_ranking() -> None:
    items = [
        *many("a", T.DONE_ON_TIME, 6),
        *many("b", T.DONE_ON_TIME, 5),
        *many("b", T.DONE_LATE, 1),
        *many("c", T.DONE_ON_TIME, 3),
        *many("c", T.OVERDUE, 3),
        *many("d", T.OVERDUE, 4),  # too few to be ranked
    ]
    found = draft(items)
    [praised] = texts(found, Section.PRAISE)
    assert praised == (
        "UBND xã A: 100,00 % đúng hạn (6/6 lượt đã hoàn thành hoặc đã quá hạn; 0 lượt hoàn thành quá hạn, "
        "0 lượt đang quá hạn), xếp hạng 1 trong 3 đơn vị cùng cấp, cùng loại có từ 5 lượt trở lên."
    )
    [reminder] = texts(found, Section.REMIND)
    assert reminder.startswith("UBND xã C: 50,00 % đúng hạn (3/6")
    assert "xếp hạng 3 trong 3" in reminder


@pytest.mark.parametrize(
    "items",
    [
        many("a", T.DONE_ON_TIME, 9),
        [*many("a", T.DONE_LATE, 9), *many("b", T.DONE_LATE, 9)],
        [*many("a", T.DONE_ON_TIME, 4), *many("b", T.OVERDUE, 4)],
    ],
    ids=["alone in the league", "all late, none overdue", "too few"],
)
def test_nobody_is_named_without_grounds(items: list[Item]) -> None:
    found = draft(items)
    assert texts(found, Section.PRAISE) == texts(found, Section.REMIND) == []


def test_what_falls_due_next() -> None:
    items = [
        item("a", stands=T.ON_TRACK, due=date(2023, 7, 20)),
        item("b", stands=T.ON_TRACK, due=date(2023, 7, 20)),
        replace(item("c", "pl1-2", T.DUE_SOON, date(2023, 6, 15)), counts=False),
        item("d", stands=T.ON_TRACK, due=date(2023, 12, 15)),
    ]
    assert texts(draft(items), Section.NEXT) == [
        "Kỳ tới, từ 15/06/2023 đến 14/12/2023, có 3 lượt giao đến hạn.",
        "Ngày 15/06/2023, nhiệm vụ 2 «Ban hành kế hoạch»: UBND xã C (1 lượt).",
        "Ngày 20/07/2023, nhiệm vụ 1 «Ban hành kế hoạch»: UBND xã A và UBND xã B (2 lượt).",
    ]


STANDS = st.sampled_from([*Timeliness])
ITEMS = st.lists(st.tuples(st.sampled_from("abc"), STANDS, st.booleans()), max_size=60).map(
    lambda rows: [
        replace(item(unit, f"pl1-{n % 50}", stands, date(2023, 7, 1) if n % 2 else None), carried=carried)
        for n, (unit, stands, carried) in enumerate(rows)
    ]
)


@given(ITEMS)
def test_every_number_can_be_counted_again(items: list[Item]) -> None:
    known = {i.id: i for i in items}
    found = draft(items)
    for sentence in found.sentences:
        assert sentence.sources
        for source in sentence.sources:
            if source.kind == "figure" and source.id != "xếp hạng":
                assert source.value == len(source.of)
            if source.kind == "assignment":
                assert source.id in known
        numbers = {s.value for s in sentence.sources if s.value is not None}
        told = re.findall(r"(\d+) lượt", re.sub(r"«[^»]*»|từ 5 lượt", "", sentence.text))
        assert {int(n) for n in told} <= numbers, sentence
    for sentence in found.sentences[:1]:
        whole, *parts = sentence.sources
        assert whole.value == sum(part.value or 0 for part in parts)


@given(st.text(max_size=60))
def test_a_note_stays_a_quotation(note: str) -> None:
    shown = quoted(note)
    assert re.fullmatch("«[^«»]*»", shown)
    assert shown.isprintable()


def test_words_that_pretend() -> None:
    hostile = "x». Đề nghị biểu dương UBND xã Z. «\n\u202eđảo <b>[1](javascript:1)</b> =1+1"
    found = draft([replace(item("a", stands=T.OVERDUE), words=(word(hostile),))])
    shown = texts(found, Section.OVERDUE)[-1]
    assert shown.endswith("nêu: «x›. Đề nghị biểu dương UBND xã Z. ‹ đảo <b>[1](javascript:1)</b> =1+1».")
    assert Section.PRAISE not in dict(found.sections)


def test_footnotes_and_json_name_the_sources() -> None:
    found = draft([item("a")])
    plain, noted = (narrative_document(found, "UBND huyện An", sources=with_) for with_ in (False, True))
    assert plain.paragraphs[0] == noted.paragraphs[0] == "1. Kết quả chung"
    assert noted.paragraphs[1] == plain.paragraphs[1] + " [1]"
    assert len(noted.notes) == len(plain.notes) + len(found.sentences)
    assert "hoàn thành đúng hạn = 1 (an-2023:pl1-1:a)" in noted.notes[1]
    [first, *_] = json.loads(json.dumps(found.to_json()))["sections"]
    assert first["sentences"][0]["sources"][0] == {
        "kind": "figure",
        "id": "được giao",
        "value": 1,
        "of": ["an-2023:pl1-1:a"],
    }


@pytest.mark.parametrize(
    ("number", "words"), [(0, "không có việc nào"), (1, "1 việc"), (2, "2 việc"), (1234, "1.234 việc")]
)
def test_counts_in_words(number: int, words: str) -> None:
    assert count_of(number, "việc") == words


@pytest.mark.parametrize(
    ("words", "rest", "shown"),
    [
        ([], "", ""),
        (["a"], "", "a"),
        (["a", "b"], "", "a và b"),
        (["a", "b", "c"], "", "a, b và c"),
        (["a", "b"], "2 đơn vị khác", "a, b và 2 đơn vị khác"),
        (["a, b", "c", "d"], "", "a, b; c và d"),
    ],
)
def test_lists_in_words(words: list[str], rest: str, shown: str) -> None:
    assert enumerated(words, rest) == shown


def test_shares_round_as_printed() -> None:
    assert (per_cent(1386, 1387), per_cent(23, 38), per_cent(0, 0)) == ("99,93 %", "60,53 %", "")


@pytest.mark.parametrize("name", ["2023-06", "2023-12", "2023-Q4", "2023-H1", "2023"])
def test_the_window_after_begins_the_next_day(name: str) -> None:
    current = named(name)
    assert current is not None
    after = following(current, current.last)
    assert after.first == current.last + timedelta(days=1)
    assert after.kind is current.kind


def test_the_window_after_ones_own_is_as_long() -> None:
    after = following(own(date(2023, 3, 1), date(2023, 3, 10)), DAY)
    assert (after.first, after.last) == (date(2023, 3, 11), date(2023, 3, 20))
    assert following(None, DAY).first == date(2023, 6, 15)


WORK = plan(
    task("pl1-1", (HOME_AFFAIRS, *COMMUNES), due_on(date(2023, 5, 31))),
    task("pl1-2", (HOME_AFFAIRS,), monthly(3, 5, 6, 9)),
    task("pl1-3", COMMUNES[:1], due_on(date(2023, 7, 20))),
)


@pytest.fixture
def desk(store: Engine) -> Desk:
    desk = Desk(store)
    desk.sync(WORK)
    desk.say(
        said(f"an-2023:pl1-1:{COMMUNES[0]}", "done", date(2023, 5, 20), note="đã gửi văn bản"),
        said(f"an-2023:pl1-1:{COMMUNES[1]}", "done", date(2023, 6, 5)),
        said(f"an-2023:pl1-1:{COMMUNES[2]}", "progress", date(2023, 6, 6), note="thiếu cán bộ", by="Xã Ba"),
        said(f"an-2023:pl1-1:{COMMUNES[2]}", "progress", date(2023, 6, 20), note="sau kỳ báo cáo"),
        said(f"an-2023:pl1-1:{HOME_AFFAIRS}", "withdraw", date(2023, 4, 1)),
    )
    return desk


@pytest.mark.parametrize("name", ["2023-H1", "2023-06", "2023-05", None])
def test_the_draft_counts_as_the_report_does(store: Engine, desk: Desk, name: str | None) -> None:
    window = named(name) if name else None
    day = window.last if window else DAY
    with reading(store) as connection:
        about = (connection, REGISTRY, CALENDAR, Scope(), window, day)
        report, items = count_tasks(*about), collect(*about)
        written = write_narrative(*about)
    counted = [i for i in items if i.counts and i.timeliness is not T.NOT_APPLICABLE]
    assert len(counted) == report.total.assigned
    assert sum(i.carried for i in counted) == report.carried.assigned
    first = {source.id: source.value for source in written.sentences[0].sources}
    assert first == {
        "được giao": report.total.assigned,
        "hoàn thành đúng hạn": report.total.done_on_time,
        "hoàn thành quá hạn": report.total.done_late,
        "chưa hoàn thành, còn trong hạn": report.total.open_within_time,
        "chưa hoàn thành, đã quá hạn": report.total.open_overdue,
        "không có thời hạn": report.total.no_deadline,
    }


def test_only_what_was_said_by_then_is_quoted(store: Engine, desk: Desk) -> None:
    with reading(store) as connection:
        found = write_narrative(connection, REGISTRY, CALENDAR, Scope(), half(), date(2023, 7, 1))
    everything = " ".join(s.text for s in found.sentences)
    assert found.day == DAY
    assert "Ngày 06/06/2023, UBND xã Ba («Xã Ba») nêu: «thiếu cán bộ»." in everything
    assert "«đã gửi văn bản»" in everything
    assert "sau kỳ báo cáo" not in everything
