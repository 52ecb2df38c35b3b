"""The target tables of the shipped plans: what adds up, and where the source itself does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.formulas import FormulaError, read_formula
from engine.loading.home import load_home
from engine.model.plan import Plan
from engine.reports.printed_totals import printed_totals

ROOT = Path(__file__).resolve().parents[2]
CITY = "hai-phong-128-2022"
DISTRICT = "an-duong-2023"

IN_THE_SOURCE = [
    ("1", "Tổng cộng", "H", "76.680", "76.682"),
    ("1", "19. Thanh tra Thành Phố", "F", "(để trống)", "276"),
    ("1", "20. Văn phòng Ủy ban nhân dân thành phố", "F", "(để trống)", "454"),
    # Off by the 1.050 of row 127, which prints 1,051 for 1.051.
    ("3", "Tổng cộng", "H", "169.369", "168.319"),
    ("3", "97. Xã Trường Sơn", "I", "68%", "69%"),
    ("3", "103. Xã Hoàng Châu", "I", "66%", "65%"),
    ("3", "104. Xã Việt Hải", "I", "66%", "67%"),
    ("3", "127. Xã Ngũ Phúc", "H", "1,051", "1.051,097"),
    ("3", "127. Xã Ngũ Phúc", "I", "68%", "5%"),
    # Nothing in the first four months, 817 expected in the other eight.
    ("3", "133. Xã Kỳ Sơn", "D", "817", "0"),
    ("3", "133. Xã Kỳ Sơn", "E", "7", "0"),
    ("3", "140. Thị trấn Núi Đèo", "I", "66%", "67%"),
    ("3", "164. Xã Thủy Đường", "I", "69%", "70%"),
    ("3", "199. Xã Tam Cường", "I", "71%", "72%"),
    ("3", "201. Xã Thanh Lương", "I", "70%", "71%"),
    ("3", "203. Xã Giang Biên", "I", "71%", "72%"),
]


@pytest.fixture(scope="module")
def plans() -> Mapping[str, Plan]:
    return {plan.id: plan for plan in load_home(ROOT).plans}


def test_every_place_where_the_source_does_not_add_up_is_named(plans: Mapping[str, Plan]) -> None:
    checked = printed_totals(plans[CITY])
    columns = plans[CITY].indicator_tables[0].columns
    found = [
        (d.table[0], d.row, "ABCDEFGHI"[columns.index(d.column)], d.printed, d.computed)
        for d in checked.differences
    ]
    assert found == IN_THE_SOURCE
    assert checked.tables == 3
    assert checked.cells > 1700


def test_the_district_s_shares_are_right(plans: Mapping[str, Plan]) -> None:
    checked = printed_totals(plans[DISTRICT])
    assert (checked.tables, checked.cells, checked.differences) == (2, 34, ())


def test_a_changed_cell_is_found_in_its_row_and_in_the_sum(plans: Mapping[str, Plan]) -> None:
    plan = plans[CITY]
    before = printed_totals(plan).differences
    first = plan.indicators[0]
    cells = ((first.cells[0][0], "24.182"), *first.cells[1:])
    changed = replace(plan, indicators=(replace(first, cells=cells), *plan.indicators[1:]))
    new = [d for d in printed_totals(changed).differences if d not in before]
    assert [(d.row.partition(".")[0], d.printed, d.computed) for d in new] == [
        ("Tổng cộng", "100.796", "100.896"),
        ("1", "99,1%", "98,7%"),
        ("1", "48.164", "48.364"),
    ]


def test_identities_are_unique_and_depend_on_no_wording(plans: Mapping[str, Plan]) -> None:
    for plan in plans.values():
        ids = [indicator.id for indicator in plan.indicators]
        assert len(ids) == len(set(ids))
        assert all(ids)
        assert max(map(len, ids), default=0) <= 160
        items = [item.id for item in plan.catalogue]
        assert len(items) == len(set(items))
        assert max(map(len, items), default=0) <= 160
    assert plans[DISTRICT].indicators[0].id == "pl2.i.hai-phong.an-duong"
    assert plans[CITY].indicators[0].in_percent
    assert plans[CITY].indicators[0].target_value == Decimal("99.7")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("C = B / A", "0.25"),
        ("C = A - B - 1", "29"),
        ("C = 2 * A + B", "90"),
        ("C = 2 * (A + B)", "100"),
        ("C = (A - B) / 0,5", "60"),
        ("C = sum(A) - total(B)", "90"),
    ],
)
def test_formulas(text: str, value: str) -> None:
    known = {"A": 40, "B": 10, "sum(A)": 100, "total(B)": 10}
    assert read_formula(text, 3).value(lambda name: Decimal(known[name])) == Decimal(value)


def test_a_share_of_nothing_is_not_a_number() -> None:
    assert read_formula("C = B / A", 3).value({"A": Decimal(0), "B": Decimal(0)}.get) is None
    assert read_formula("C = B / A", 3).value({"A": Decimal(2)}.get) is None


@pytest.mark.parametrize(
    "text",
    ["", "C", "= A", "C = ", "C = A +", "C = (A", "C = A)", "C = A B", "C = A % B", "C = Z", "D = A", "c = A",
     "C = __import__", "C = sum(A", "C = " + "(" * 40 + "A" + ")" * 40],
)  # fmt: skip
def test_what_is_no_formula(text: str) -> None:
    with pytest.raises(FormulaError):
        read_formula(text, 3)
