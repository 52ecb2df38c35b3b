"""Figures of indicators: what counts on which day, progress, ranks, totals, forecasts; files and commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from engine.errors import InputError
from engine.exchange.catalogue_file import read_catalogue_file, record_marks, write_catalogue_sheet
from engine.exchange.measurement_file import read_measurement_file, write_measurement_sheet
from engine.loading.home import Home, load_home
from engine.model.plan import Indicator, NameRef, Plan
from engine.reports.catalogue_list import catalogue_document, count_catalogue, items_of, unplaced
from engine.reports.indicator_forecast import forecast
from engine.reports.indicators import IndicatorLine, IndicatorsReport, TableLines, count_indicators
from engine.reports.indicators_tables import indicators_document, indicators_json
from engine.reports.measuring import (
    Typed,
    Unfit,
    indicator_called,
    read_said,
    usual_window,
    window_called,
)
from engine.reports.tasks import Scope
from engine.reports.windows import Kind, Window, named, window
from engine.store.access.audit import Actor
from engine.store.database import reading, writing
from engine.store.reports import catalogue
from engine.store.reports.measurements import Said, history, latest, say

ROOT = Path(__file__).resolve().parents[2]
PLAN = "an-duong-2023"
AN_HUNG, AN_DONG, LE_LOI = (f"pl2.ii.hai-phong.an-duong.{name}" for name in ("an-hung", "an-dong", "le-loi"))
JUNE = date(2023, 6, 15)


@cache
def home() -> Home:
    return load_home(ROOT)


def plan() -> Plan:
    return next(each for each in home().plans if each.id == PLAN)


def row(id: str) -> Indicator:
    return next(each for each in plan().indicators if each.id == id)


def month(number: int) -> Window:
    return window(Kind.MONTH, 2023, number)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


def tell(
    store: Engine, id: str, number: int, day: date, value: str = "", part: str = "", whole: str = ""
) -> None:
    said = read_said(plan(), row(id), month(number), Typed(value, part, whole))
    with writing(store) as connection:
        say(connection, [said], "cli", "", noon(day), noon(day))


def report(
    store: Engine, day: date = JUNE, chosen: Window | None = None, unit: str | None = None
) -> IndicatorsReport:
    with reading(store) as connection:
        return count_indicators(connection, home().plans, home().registry, Scope((PLAN,), unit), chosen, day)


def communes(found: IndicatorsReport) -> TableLines:
    return found.tables[-1]


def line(found: IndicatorsReport, id: str) -> IndicatorLine:
    return next(each for table in found.tables for each in table.lines if each.indicator.id == id)


# --- what counts ------------------------------------------------------------------------------------------


def test_the_last_word_by_the_end_of_the_day_counts(store: Engine) -> None:
    tell(store, AN_HUNG, 4, date(2023, 4, 20), "97,5")
    tell(store, AN_HUNG, 5, date(2023, 5, 16), part="763", whole="771")
    tell(store, AN_HUNG, 5, date(2023, 5, 18), part="770", whole="771")
    tell(store, AN_HUNG, 5, date(2023, 5, 20), "-")
    expected = [
        (date(2023, 4, 19), None),
        (date(2023, 4, 20), Decimal("97.5")),
        (date(2023, 5, 15), Decimal("97.5")),
        (date(2023, 5, 16), Decimal(76300) / 771),
        (date(2023, 5, 18), Decimal(77000) / 771),
        # Taken back: the figure of the month before is the last one again.
        (date(2023, 5, 20), Decimal("97.5")),
    ]
    with reading(store) as connection:
        for day, value in expected:
            found = latest(connection, [PLAN], day).get((PLAN, AN_HUNG))
            assert (found.value if found else None) == value, day
        assert latest(connection, ["another"], JUNE) == {}
        assert len(history(connection, None, JUNE)[PLAN, AN_HUNG]) == 1


def test_of_two_words_at_the_same_instant_the_later_row_counts(store: Engine) -> None:
    for value in ("90", "91"):
        tell(store, AN_HUNG, 5, date(2023, 5, 16), value)
    with reading(store) as connection:
        assert latest(connection, [PLAN], JUNE)[PLAN, AN_HUNG].value == 91


# --- the report -------------------------------------------------------------------------------------------


def test_progress_gap_ranks_and_the_table_s_own_percentage(store: Engine) -> None:
    tell(store, AN_HUNG, 5, date(2023, 5, 16), part="90", whole="100")
    tell(store, AN_DONG, 5, date(2023, 5, 16), part="1.000", whole="1.000")
    tell(store, LE_LOI, 5, date(2023, 5, 16), "100")
    found = report(store)
    hung, dong, loi = (line(found, id) for id in (AN_HUNG, AN_DONG, LE_LOI))
    assert (hung.gap, dong.is_met, loi.is_met) == (Decimal("9.0"), True, True)
    assert hung.progress is not None
    assert round(hung.progress, 2) == Decimal("90.91")
    # An Đồng's target is 98,8 %: it is further ahead of its own than Lê Lợi, which reached 100 of 100.
    assert (dong.rank, loi.rank, hung.rank) == (1, 2, 3)
    total = communes(found).total
    assert (total.rows, total.measured, total.met, total.counted) == (16, 3, 2, 2)
    assert (total.part, total.whole) == (Decimal(1090), Decimal(1100))
    assert total.percent is not None
    # Not (90 + 100) / 2.
    assert round(total.percent, 2) == Decimal("99.09")


def test_equal_ones_share_a_rank_and_who_said_nothing_has_none(store: Engine) -> None:
    same = [each.id for each in plan().indicators if each.target_value == 100]
    assert len(same) > 2
    for id in same[:2]:
        tell(store, id, 5, date(2023, 5, 16), "80")
    tell(store, same[2], 5, date(2023, 5, 16), "70")
    found = report(store)
    assert [line(found, id).rank for id in same[:3]] == [1, 1, 3]
    assert line(found, AN_HUNG).rank is None
    words = indicators_document(indicators_json(found))
    last = words.tables[-1].rows[-1].cells
    assert (last["rank"], last["value"]) == (None, None)
    assert "Xã An Hưng" in "".join(words.tables[-1].notes) or "xã An Hưng" in "".join(words.tables[-1].notes)


def test_a_window_takes_its_own_figures_and_ranks_stay_the_table_s(store: Engine) -> None:
    tell(store, AN_HUNG, 4, date(2023, 4, 20), "90")
    tell(store, AN_DONG, 5, date(2023, 5, 16), "95")
    in_may = report(store, JUNE, month(5))
    assert line(in_may, AN_HUNG).measured is None
    previous = line(in_may, AN_HUNG).previous
    assert previous is not None
    assert previous.value == 90
    quarter = named("2023-Q2")
    alone = report(store, JUNE, quarter, "hai-phong.an-duong.an-hung")
    (only,) = alone.tables[-1].lines
    assert (only.indicator.id, only.rank) == (AN_HUNG, 2)
    assert report(store, date(2023, 3, 1)).tables == ()


def test_the_same_document_comes_from_frozen_figures(store: Engine) -> None:
    tell(store, AN_HUNG, 5, date(2023, 5, 16), part="763", whole="771")
    figures = indicators_json(report(store, JUNE, month(5)))
    document = indicators_document(figures, "UBND huyện An Dương")
    assert document.subtitle.startswith("Kỳ tháng 5 năm 2023")
    total = document.tables[-1].total
    assert total is not None
    assert total.cells["value"] == Decimal("98.96")
    assert document.tables[0].total is None


# --- forecasts --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class At:
    first: date
    last: date
    value: Decimal


def at(month_: int, value: str) -> At:
    there = month(month_)
    return At(there.first, there.last, Decimal(value))


UNIT = NameRef("", "", "", is_group=False)
SHARE = Indicator(None, "", None, UNIT, "", "80%", Decimal(80), (), in_percent=True)
COUNT = replace(SHARE, target="100", target_value=Decimal(100), in_percent=False)


@pytest.mark.parametrize(
    ("indicator", "points", "value", "method"),
    [
        (SHARE, [], None, "chưa có số liệu"),
        (SHARE, [at(5, "50")], None, "một kỳ"),
        (SHARE, [at(4, "50"), at(5, "52")], "67.4", "từ 14/04 đến 14/05/2023 tăng 2,0 điểm mỗi tháng"),
        (SHARE, [at(3, "99"), at(4, "50"), at(5, "52")], "67.4", "tăng 2,0 điểm"),
        (SHARE, [at(4, "70"), at(5, "90")], "100.0", "tăng 20,3 điểm"),
        (SHARE, [at(4, "20"), at(5, "10")], "0.0", "giảm 10,1 điểm"),
        (SHARE, [at(4, "50"), at(5, "50")], "50.0", "không đổi"),
        (COUNT, [at(4, "50"), at(5, "80")], "311.0", "tăng 30,4 mỗi tháng"),
        (replace(COUNT, cumulative=True), [at(5, "134")], "365.0", "37 % thời gian"),
    ],
)
def test_forecasts_say_how(indicator: Indicator, points: list[At], value: str | None, method: str) -> None:
    found = forecast(indicator, points, 2023)
    assert (None if found.value is None else f"{found.value:.1f}") == value
    assert method in found.method
    assert found.day == date(2023, 12, 31)


# --- what is typed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Typed("101"), "value"),
        (Typed("-5"), "value"),
        (Typed("99.5"), "value"),
        (Typed("50", "1", "2"), "value"),
        (Typed(part="5"), "whole"),
        (Typed(whole="5"), "part"),
        (Typed(part="6", whole="5"), "part"),
        (Typed(part="0", whole="0"), "whole"),
        (Typed("50", note="x" * 2001), "note"),
        (Typed("9" * 16), "value"),
    ],
)
def test_what_is_not_taken(typed: Typed, field: str) -> None:
    with pytest.raises(Unfit) as refused:
        read_said(plan(), row(AN_HUNG), month(5), typed)
    assert refused.value.field == field


def test_indicators_are_called_by_id_or_by_unit() -> None:
    registry = home().registry
    assert indicator_called(plan(), AN_HUNG, registry).id == AN_HUNG
    assert indicator_called(plan(), "Xã An Hưng", registry).id == AN_HUNG
    assert indicator_called(plan(), "hai-phong.an-duong.an-hung", registry).id == AN_HUNG
    small = next(each for each in home().plans if each.id == "tan-dan-37-2022")
    with pytest.raises(Unfit, match="2 chỉ tiêu, ghi mã"):
        indicator_called(small, "Công chức Tư pháp - Hộ tịch", registry)
    with pytest.raises(Unfit, match="Có phải là"):
        indicator_called(plan(), "Xã An Hung", registry)


def test_windows_are_the_month_that_is_over() -> None:
    assert usual_window(plan(), date(2023, 7, 13)).name == "2023-06"
    assert usual_window(plan(), date(2023, 7, 14)).name == "2023-07"
    assert usual_window(plan(), date(2023, 7, 15)).name == "2023-07"
    # The month before ended when there was no plan yet.
    assert usual_window(plan(), plan().starts).name == "2023-06"
    with pytest.raises(Unfit, match="chưa bắt đầu"):
        window_called(plan(), "2023-12", JUNE)


# --- files ------------------------------------------------------------------------------------------------


def _plans() -> Mapping[str, Plan]:
    return {each.id: each for each in home().plans}


def _read(path: Path) -> list[Said]:
    return read_measurement_file(path, _plans(), None, "", home().registry, JUNE)


def test_the_sheet_is_filled_in_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "so-lieu.xlsx"
    assert write_measurement_sheet(path, plan(), month(5), home().registry) == 17
    book = load_workbook(path)
    sheet = book.active
    assert sheet is not None
    headings = {cell.value: number for number, cell in enumerate(sheet[1], start=1)}
    sheet.cell(2, headings["Số đạt"]).value = 1933
    sheet.cell(2, headings["Tổng số"]).value = 2521
    sheet.cell(3, headings["Số liệu"]).value = "98,5 %"
    sheet.cell(4, headings["Số liệu"]).value = 0.767
    sheet.cell(4, headings["Số liệu"]).number_format = "0.0%"
    sheet.cell(5, headings["Số liệu"]).value = "-"
    book.save(path)
    first, second, third, fourth = _read(path)
    assert (first.indicator, first.typed) == ("pl2.i.hai-phong.an-duong", "1933 / 2521")
    assert (first.part, first.whole) == (Decimal(1933), Decimal(2521))
    assert (first.first, first.last) == (date(2023, 4, 15), date(2023, 5, 14))
    assert (second.indicator, second.value) == (AN_HUNG, Decimal("98.5"))
    assert third.value == Decimal("76.7")
    assert (fourth.value, fourth.part) == (None, None)


def test_a_file_with_a_wrong_row_is_not_taken_and_every_wrong_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "so-lieu.csv"
    path.write_text(
        "Kế hoạch;Đơn vị;Số liệu;Kỳ\n"
        f"{PLAN};Xã An Hưng;98,5;2023-05\n"
        f"{PLAN};Xã An Đồng;99.5;2023-05\n"
        f"{PLAN};Xã Lê Lợi;99;2023-13\n"
        "an-duong-2032;Xã Lê Lợi;99;2023-05\n"
        f"{PLAN};Xã An Hưng;97;2023-05\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        _read(path)
    found = {(problem.line, problem.code) for problem in refused.value.problems}
    assert found == {(3, "row-value"), (4, "row-window"), (5, "row-plan"), (6, "row-twice")}


# --- the catalogue ----------------------------------------------------------------------------------------


def test_the_last_mark_of_a_unit_counts(store: Engine) -> None:
    unit, items = "hai-phong.an-duong.an-hung", [item.id for item in plan().catalogue][-3:]
    with writing(store) as connection:
        first = catalogue.mark(
            connection, PLAN, unit, dict.fromkeys(items, True), "Bà An", noon(JUNE), noon(JUNE)
        )
        again = noon(JUNE) + timedelta(days=2)
        second = catalogue.mark(
            connection, PLAN, unit, {items[0]: False, items[1]: True}, "Bà An", again, again
        )
        assert (first, second) == (3, 1)
        assert catalogue.marks(connection, PLAN, JUNE)[unit, items[0]].offered
        later = catalogue.marks(connection, PLAN, JUNE + timedelta(days=2))
    assert [later[unit, item].offered for item in items] == [False, True, True]


def test_a_list_for_a_kind_of_unit_is_each_unit_s_and_is_filled_in_as_a_file(
    store: Engine, tmp_path: Path
) -> None:
    registry = home().registry
    items = items_of(plan(), registry)
    commune, office = "hai-phong.an-duong.an-hung", "hai-phong.an-duong.phong-noi-vu"
    assert (len(items), len(items[commune]), len(items[office])) == (22, 3, 7)
    assert unplaced(plan(), registry) == ()
    path = tmp_path / "danh-muc.xlsx"
    assert write_catalogue_sheet(path, items, registry) == 66
    book = load_workbook(path)
    sheet = book.active
    assert sheet is not None
    for row_, said in ((2, "có"), (3, "Không"), (4, "x")):
        sheet.cell(row_, 5).value = said
    book.save(path)
    marks = read_catalogue_file(path, items, plan().issuer.id, registry)
    assert sorted(marks[min(items)].values()) == [False, True, True]
    with writing(store) as connection:
        actor = Actor("system", "dòng lệnh")
        assert record_marks(connection, PLAN, marks, "", actor, noon(JUNE)) == 3
        assert record_marks(connection, PLAN, marks, "", actor, noon(JUNE)) == 0
        lists = count_catalogue(connection, plan(), registry, None, JUNE)
    answered = {each.unit: (each.offered, each.answered, len(each.items)) for each in lists if each.answered}
    assert answered == {min(items): (2, 3, 3)}
    document = catalogue_document(plan(), lists, (), "", JUNE)
    assert {row.cells["offered"] for row in document.tables[0].rows} == {2, None}
    total = document.tables[0].total
    assert total is not None
    assert (total.cells["offered"], total.cells["procedures"]) == (2, 66)


def test_a_wrong_row_of_the_check_list_is_named(tmp_path: Path) -> None:
    path = tmp_path / "danh-muc.csv"
    item = plan().catalogue[-1].id
    path.write_text(
        "Mã đơn vị;Mã thủ tục;Đã cung cấp\n"
        f"Xã An Hưng;{item};có\n"
        f"Xã An Đồng;{item};có lẽ\n"
        f"Phòng Nội vụ;{item};có\n"
        f"Sở Y tế;{item};có\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        read_catalogue_file(path, items_of(plan(), home().registry), plan().issuer.id, home().registry)
    found = [(problem.line, problem.code) for problem in refused.value.problems]
    assert found == [(3, "row-offered"), (4, "row-item"), (5, "row-unit")]
