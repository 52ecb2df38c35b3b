"""Numbers as people type them, and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers import NotANumber, printed_number, printed_places, rounded, typed_number, written

READ = [
    ("1.234,5", "1234.5"),
    ("76,7 %", "76.7"),
    ("76,7%", "76.7"),
    ("76,7\u00a0%", "76.7"),
    (" 80 ", "80"),
    ("1 234", "1234"),
    ("1\u00a0234\u202f567", "1234567"),
    ("1.234", "1234"),
    ("1.234.567,89", "1234567.89"),
    ("1205", "1205"),
    ("-3,5", "-3.5"),
    ("−3,5", "-3.5"),
    ("+3", "3"),
    ("0", "0"),
    ("0,125", "0.125"),
    ("100,0%", "100.0"),
]


@pytest.mark.parametrize(("text", "number"), READ)
def test_what_people_type(text: str, number: str) -> None:
    assert typed_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "  ", "-", "–", "—", "không có", "Không", "KHÔNG CÓ SỐ LIỆU", "chưa có", "x", "/"]
)
def test_nothing_reported_is_not_zero(text: str) -> None:
    assert typed_number(text) is None


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("99.5", "99,5"),
        ("0.5%", "0,5"),
        ("1,234.5", "1.234,5"),
        ("1,234,567", "1.234.567"),
        ("1,051", "1.051"),
        ("12.34", "12,34"),
        ("tám mươi", "76,7%"),
        ("1.2.3", "1.234,5"),
        ("80 - 90", "1.234,5"),
        ("1e5", "1.234,5"),
        ("٣٤", "1.234,5"),
        ("9" * 40, "1.234,5"),
    ],
)
def test_what_could_be_two_numbers_or_none_is_refused_with_what_to_type(text: str, instead: str) -> None:
    with pytest.raises(NotANumber, match="“") as refused:
        typed_number(text)
    assert instead in str(refused.value)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_written_and_typed_again(number: Decimal) -> None:
    assert typed_number(written(number)) == number
    assert printed_number(written(number, 2) + "%") == number


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_a_kind_word(text: str) -> None:
    said = ""
    try:
        typed_number(text)
    except NotANumber as error:
        said = str(error)
    assert not said or "viết" in said


def test_rounding_is_half_up_as_printed() -> None:
    assert written(Decimal("60.526"), 1) == "60,5"
    assert written(Decimal("99.995"), 2) == "100,00"
    assert rounded(Decimal("2.5"), 0) == 3
    assert written(None) == "–"
    assert written(Decimal("1234.50")) == "1.234,5"
    assert (printed_places("99,93%"), printed_places("80%"), printed_places("1.234")) == (2, 0, 0)
