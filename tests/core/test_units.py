"""Which office a name means, whom a group stands for, and what became of an abolished unit."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.unit import Selection
from engine.units import NameProblem, name_key, registry_of
from tests.cast import (
    ALL_COMMUNES,
    COMMUNES,
    CULTURE,
    DISTRICT,
    GROUPS,
    HOME_AFFAIRS,
    ISSUED,
    OFFICE,
    OTHER_DISTRICT,
    PROVINCE,
    REGISTRY,
    SCHOOLS,
    TOWN,
    UNITS,
    group,
    registry_with,
    unit,
)

SPELLINGS = [
    "UBND xã Hòa Thủy",
    "Ubnd  xã hoà thuỷ",
    "Ủy ban nhân dân xã Hòa Thủy",
    "Uỷ ban nhân dân xã Hoà Thuỷ.",
    "ỦY BAN NHÂN DÂN XÃ HÒA THỦY",
    "UBND xã\u00a0Hòa Thủy ",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_one_name_are_equal(spelling: str) -> None:
    assert name_key(spelling) == name_key(SPELLINGS[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Văn phòng HĐND & UBND", "Văn phòng Hội đồng nhân dân&Ủy ban nhân dân"),
        ("Ủy ban MTTQ huyện", "Ủy ban Mặt trận Tổ quốc Việt Nam huyện"),
        ("Văn phòng - Thống kê", "Văn phòng–Thống kê"),
    ],
)
def test_short_forms_and_joiners(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("UBND xã Hòa", "UBND xã Hoa"), ("Sở Y tế", "Sở Y tá"), ("Phòng Nội vụ", "Phòng Nội vụ 2")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


NAMES = st.sampled_from([u.name for u in UNITS] + SPELLINGS + ["Phòng LĐ-TB&XH", "Đội Quản lý thị trường"])
BLANKS = st.sampled_from([" ", "  ", "\u00a0", "\t", "\u200b "])


@given(
    NAMES,
    BLANKS,
    st.sampled_from([str.upper, str.lower, str.title, str]),
    st.sampled_from(["NFC", "NFD"]),
    st.booleans(),
)
def test_the_key_ignores_case_form_and_blanks(
    name: str, blank: str, case: type[str], form: str, long: bool
) -> None:
    changed = name.replace("UBND", "Ủy ban nhân dân") if long else name
    changed = case(changed)
    changed = unicodedata.normalize(form, blank + changed.replace(" ", blank) + blank)  # type: ignore[arg-type]
    assert name_key(changed) == name_key(name)


@given(st.text(max_size=40))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    once = name_key(text)
    assert name_key(once) == once
    assert unicodedata.is_normalized("NFC", once)


RESOLVED = [
    # name, issuer, meaning
    ("Phòng Nội vụ", DISTRICT, HOME_AFFAIRS),
    ("Phòng Nội vụ", OTHER_DISTRICT, "tinh.huyen-binh.noi-vu"),
    ("phòng VH&TT", DISTRICT, CULTURE),
    ("Phòng VH & TT", DISTRICT, CULTURE),
    ("UBND xã Một", DISTRICT, COMMUNES[0]),
    ("xã Một", DISTRICT, COMMUNES[0]),
    ("Xã Một", OTHER_DISTRICT, "tinh.huyen-binh.mot"),
    ("UBND xã Một", COMMUNES[0], COMMUNES[0]),
    ("UBND huyện An", DISTRICT, DISTRICT),
    # A commune means an office of its own district before one of another.
    ("Phòng Nội vụ", COMMUNES[1], HOME_AFFAIRS),
    ("Sở Nội vụ", COMMUNES[1], "tinh.so-noi-vu"),
    ("UBND tỉnh Thử", COMMUNES[1], PROVINCE),
    # Nothing below, at or above the issuer: found everywhere.
    ("UBND huyện Bình", DISTRICT, OTHER_DISTRICT),
    ("UBND các xã, thị trấn", DISTRICT, ALL_COMMUNES),
    (HOME_AFFAIRS, DISTRICT, HOME_AFFAIRS),
    ("Sở Nội vụ", None, "tinh.so-noi-vu"),
]


@pytest.mark.parametrize(("name", "scope", "meant"), RESOLVED)
def test_a_name_means_the_nearest_office(name: str, scope: str | None, meant: str) -> None:
    assert REGISTRY.resolve(name, scope) == meant


@pytest.mark.parametrize(("name", "scope"), [("Phòng Nội vụ", PROVINCE), ("Phòng Nội vụ", None)])
def test_two_at_one_step_are_a_problem_that_names_both(name: str, scope: str | None) -> None:
    found = REGISTRY.resolve(name, scope)
    assert isinstance(found, NameProblem)
    assert found.code == "unit-ambiguous"
    assert "Phòng Nội vụ (huyện An) [tinh.huyen-an.noi-vu]" in found.message
    assert "Phòng Nội vụ (huyện Bình) [tinh.huyen-binh.noi-vu]" in found.message


def test_a_nearer_depth_wins_over_a_farther_one() -> None:
    registry = registry_with(unit("tinh.noi-vu", "Phòng Nội vụ"))
    assert registry.resolve("Phòng Nội vụ", PROVINCE) == "tinh.noi-vu"


@pytest.mark.parametrize(
    ("typed", "near"),
    [("Phòng Nội vu", "Phòng Nội vụ"), ("UBND xã Mốt", "UBND xã Một"), ("Cac truong hoc", "Các trường học")],
)
def test_an_unknown_name_gets_the_nearest_known(typed: str, near: str) -> None:
    found = REGISTRY.resolve(typed, DISTRICT)
    assert isinstance(found, NameProblem)
    assert found.code == "unit-unknown"
    assert f"“{near}”" in found.hint


def test_a_name_like_no_other_gets_no_false_hint() -> None:
    found = REGISTRY.resolve("zzzzqqqq", DISTRICT)
    assert isinstance(found, NameProblem)
    assert "Có phải" not in found.hint


# --- groups --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuer", "members"),
    [
        (DISTRICT, (*COMMUNES, TOWN)),
        (OTHER_DISTRICT, ("tinh.huyen-binh.mot",)),
        (PROVINCE, (*COMMUNES, TOWN, "tinh.huyen-binh.mot")),
        (COMMUNES[0], ()),
    ],
)
def test_a_selection_is_relative_to_the_issuer(issuer: str, members: tuple[str, ...]) -> None:
    assert REGISTRY.expand(ALL_COMMUNES, issuer, ISSUED) == members


def test_a_selection_never_includes_the_issuer_itself() -> None:
    committees = group("ubnd", "UBND các cấp", select=Selection("committee", None, ()))
    registry = registry_of(UNITS, (*GROUPS, committees))
    assert DISTRICT not in registry.expand("ubnd", DISTRICT, ISSUED)
    assert set(registry.expand("ubnd", DISTRICT, ISSUED)) == {*COMMUNES, TOWN}


def test_a_selection_takes_the_form_that_it_asks_for() -> None:
    towns = group("cac-thi-tran", "Các thị trấn", select=Selection("committee", "commune", ("thị trấn",)))
    assert registry_of(UNITS, (towns,)).expand("cac-thi-tran", DISTRICT, ISSUED) == (TOWN,)


def test_a_selection_holds_the_units_that_exist_on_the_day() -> None:
    gone = replace(REGISTRY.units[TOWN], valid_to=date(2023, 2, 28))
    new = unit("tinh.huyen-an.bon", "UBND xã Bốn", "committee", "xã", valid_from=date(2023, 3, 1))
    registry = registry_with(gone, new)
    before = registry.expand(ALL_COMMUNES, DISTRICT, date(2023, 2, 28))
    after = registry.expand(ALL_COMMUNES, DISTRICT, date(2023, 3, 1))
    assert TOWN in before
    assert new.id not in before
    assert TOWN not in after
    assert new.id in after


def test_an_unlisted_group_stands_for_itself_never_for_nothing() -> None:
    assert REGISTRY.expand(SCHOOLS, DISTRICT, ISSUED) == (SCHOOLS,)


def test_nested_groups_name_each_unit_once() -> None:
    some = group("mot-so", "Một số phòng", members=(CULTURE, OFFICE), partial=True)
    more = group("tat-ca", "Các phòng và các xã", members=("mot-so", HOME_AFFAIRS, CULTURE, ALL_COMMUNES))
    registry = registry_of(UNITS, (*GROUPS, some, more))
    expected = (CULTURE, OFFICE, HOME_AFFAIRS, *COMMUNES, TOWN)
    assert registry.expand("tat-ca", DISTRICT, ISSUED) == expected


def test_a_group_declared_for_the_issuer_wins_over_a_general_one() -> None:
    here = group("an.cac-phong", "Các phòng", under=DISTRICT, members=(HOME_AFFAIRS,))
    higher = group("tinh.cac-phong", "Các phòng", under=PROVINCE, members=("tinh.so-noi-vu",))
    anywhere = group("cac-phong", "Các phòng", unlisted=True)
    registry = registry_of(UNITS, (anywhere, higher, here))
    assert registry.resolve("Các phòng", DISTRICT) == "an.cac-phong"
    assert registry.resolve("Các phòng", COMMUNES[0]) == "an.cac-phong"
    assert registry.resolve("Các phòng", OTHER_DISTRICT) == "tinh.cac-phong"


def test_a_group_of_another_subtree_is_not_meant() -> None:
    there = group("binh.cac-phong", "Các phòng", under=OTHER_DISTRICT, members=("tinh.huyen-binh.noi-vu",))
    found = registry_of(UNITS, (there,)).resolve("Các phòng", DISTRICT)
    assert isinstance(found, NameProblem)


# --- abolished units -----------------------------------------------------------------------------------

LAST_DAY = date(2023, 6, 30)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2022, 12, 31), "unit-not-yet"),
        (date(2023, 1, 1), None),
        (LAST_DAY, None),
        (date(2023, 7, 1), "unit-abolished"),
    ],
)
def test_a_unit_exists_on_both_ends(day: date, code: str | None) -> None:
    some = replace(REGISTRY.units[TOWN], valid_from=date(2023, 1, 1), valid_to=LAST_DAY)
    found = registry_with(some).abolished(TOWN, day)
    assert (found.code if found else None) == code


def test_an_abolished_unit_names_the_last_of_its_successors() -> None:
    chain = (
        replace(REGISTRY.units[COMMUNES[0]], valid_to=LAST_DAY, merged_into=COMMUNES[1]),
        replace(REGISTRY.units[COMMUNES[1]], valid_to=date(2023, 12, 31), merged_into=COMMUNES[2]),
    )
    registry = registry_with(*chain)
    assert registry.final_heir(COMMUNES[0]) == COMMUNES[2]
    problem = registry.abolished(COMMUNES[0], date(2024, 1, 1))
    assert problem is not None
    assert "UBND xã Ba" in problem.hint
    assert "30/06/2023" in problem.message


def test_without_a_successor_the_author_is_asked_for_one() -> None:
    registry = registry_with(replace(REGISTRY.units[TOWN], valid_to=LAST_DAY))
    problem = registry.abolished(TOWN, date(2023, 7, 1))
    assert problem is not None
    assert "merged_into" in problem.hint
    assert registry.final_heir(TOWN) is None


def test_successors_in_a_circle_end() -> None:
    circle = (
        replace(REGISTRY.units[COMMUNES[0]], merged_into=COMMUNES[1]),
        replace(REGISTRY.units[COMMUNES[1]], merged_into=COMMUNES[0]),
    )
    assert registry_with(*circle).final_heir(COMMUNES[0]) == COMMUNES[1]
    itself = replace(REGISTRY.units[TOWN], merged_into=TOWN)
    assert registry_with(itself).final_heir(TOWN) is None


def test_a_full_name_adds_the_committee_only_where_needed() -> None:
    assert REGISTRY.full_name(HOME_AFFAIRS) == "Phòng Nội vụ (huyện An)"
    assert REGISTRY.full_name(CULTURE) == "Phòng Văn hóa và Thông tin"
    assert REGISTRY.full_name("mất-rồi") == "mất-rồi"
